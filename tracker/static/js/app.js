// On every page: theme, menus, the search box and its key, filters, and where a scan goes when no desk takes it.
import { recall, remember } from "./memory.js";
import "./session.js";
import "./failures.js";
import "./keys.js";
import { likelyText, listenForScans } from "./wedge.js";

const root = document.documentElement;
const search = () => document.querySelector("[data-search-form]");

function setUpTheme() {
  for (const button of document.querySelectorAll("[data-theme-toggle]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      root.dataset.bsTheme = root.dataset.bsTheme === "dark" ? "light" : "dark";
      remember("theme", root.dataset.bsTheme);
    });
  }
}

function closeMenus(except) {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (menu !== except && !menu.contains(except)) menu.open = false;
  }
}

function closeMenuByKey(event) {
  const menu = event.key === "Escape" && document.activeElement?.closest("details[data-menu][open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
}

/** "/" goes to the search box, unless it is typed into a field or comes out of a scanner in the middle of a code. */
let lastKey = -1000;
function goToSearch(event) {
  const alone = event.timeStamp - lastKey > 120;
  lastKey = event.timeStamp;
  if (event.key !== "/" || !alone || event.target.closest?.("input, textarea, select, [contenteditable]")) return;
  const waiting = setTimeout(() => search()?.q.select(), 90);
  document.addEventListener("keydown", () => clearTimeout(waiting), { once: true, capture: true });
  event.preventDefault();
}

/** A scan goes where the person is writing; otherwise it is searched. Nothing half written is ever left for it. */
function useScan(event) {
  if (event.defaultPrevented) return;
  const text = likelyText(event.detail);
  const field = document.activeElement;
  if (field?.matches("input, textarea") && field.form !== search()) {
    field.setRangeText(field.matches("textarea") ? `${text}\n` : text, field.selectionStart, field.selectionEnd, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  } else if (search()) {
    search().q.value = text;
    search().requestSubmit();
  }
}

function submitFilters(event) {
  const form = event.target.closest("form[data-autosubmit]");
  if (form && event.target.matches("select, input[type=checkbox], input[type=radio]")) form.requestSubmit();
}

setUpTheme();
listenForScans(document);
document.addEventListener("click", (event) => closeMenus(event.target));
document.addEventListener("keydown", closeMenuByKey);
document.addEventListener("keydown", goToSearch);
document.addEventListener("change", submitFilters);
document.addEventListener("tracker:scan", (event) => queueMicrotask(() => useScan(event)));
