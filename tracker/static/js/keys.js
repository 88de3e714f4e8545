// One key for one button or box, inside [data-keys] only: never in a field, never out of a scanner, never on what just came.

const QUIET = 120; // Milliseconds around a key: a scanner types faster than any person.
const JUST_CAME = 700; // A page that has just been swapped in is looked at first; data-keys="250" says how long.

let lastKey = -1000;
let cameAt = -1000;

function pressed(event) {
  const alone = event.timeStamp - lastKey > QUIET;
  lastKey = event.timeStamp;
  const region = event.target.closest?.("[data-keys]");
  if (!region || !alone || event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.target.closest("input:not([type=radio]):not([type=checkbox]), textarea, select")) return;
  if (event.key === "Enter" && event.target.closest("button, a, summary")) return; // theirs already
  const button = region.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (!button || event.timeStamp - cameAt < (Number(region.dataset.keys) || JUST_CAME)) return;
  const waiting = setTimeout(() => use(button), QUIET);
  document.addEventListener("keydown", () => clearTimeout(waiting), { once: true, capture: true });
}

function use(button) {
  if (!button.isConnected || button.disabled) return;
  button.click();
  if (button.matches("summary")) button.parentElement.querySelector("input[type=radio], select")?.focus();
}

/** The keys work at once where nothing else has the focus, and again on what was swapped in. */
function settle(region) {
  const taken = document.activeElement && document.activeElement !== document.body;
  if (!taken || region.contains(document.activeElement)) region.focus({ preventScroll: true });
}

function swapped(event) {
  const region = event.target.closest?.("[data-keys]");
  if (!region) return;
  cameAt = performance.now();
  settle(region);
  region.scrollIntoView({ block: "nearest" });
}

document.addEventListener("keydown", pressed);
document.addEventListener("htmx:afterSwap", swapped);
document.querySelectorAll("[data-keys]").forEach(settle);
