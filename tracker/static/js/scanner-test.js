// The scanner test page: every key as it arrives, so that a badly set scanner shows itself.
import "./scanner.js";

const MOST = 200;
let last = null;

function cell(text) {
  const made = document.createElement("td");
  made.textContent = text;
  return made;
}

function log(event) {
  const rows = document.querySelector("[data-key-log]");
  if (!rows) return;
  const row = document.createElement("tr");
  const gap = last === null ? "" : Math.round(event.timeStamp - last);
  last = event.timeStamp;
  row.append(cell(event.key === " " ? "␣" : event.key), cell(event.code || "—"), cell(gap));
  rows.append(row);
  while (rows.childElementCount > MOST) rows.firstElementChild.remove();
  rows.closest("[data-key-log-frame]")?.scrollTo(0, 1e6);
}

// On the window: before the scanner's own listener, which hides the end of a scan from the page.
window.addEventListener("keydown", log, true);
document.querySelector("[data-key-log-clear]")?.addEventListener("click", () => {
  document.querySelector("[data-key-log]").replaceChildren();
  last = null;
});
