// A desk gives each new verdict its sound, its movement and its words for screen readers.
import { announce } from "./messages.js";
import "./scanner.js";
import { isMuted, mute, play } from "./sounds.js";

let last = current()?.dataset.sequence;

function current() {
  return document.querySelector("[data-verdict]");
}

function spoken(verdict) {
  return [...verdict.querySelectorAll("[data-verdict-words]")].map((line) => line.textContent.trim()).join(". ");
}

function showNewVerdict() {
  const verdict = current();
  if (!verdict || verdict.dataset.sequence === last) return;
  last = verdict.dataset.sequence;
  verdict.classList.add("is-new");
  play(verdict.dataset.verdict);
  announce(spoken(verdict), verdict.dataset.verdict === "refused");
  document.dispatchEvent(new CustomEvent("tracker:verdict", { detail: { kind: verdict.dataset.verdict, sequence: last } }));
}

function showMute(button) {
  const muted = isMuted();
  button.classList.toggle("is-muted", muted);
  button.setAttribute("aria-pressed", muted);
  button.setAttribute("aria-label", muted ? button.dataset.labelUnmute : button.dataset.labelMute);
}

for (const button of document.querySelectorAll("[data-mute]")) {
  button.hidden = false;
  showMute(button);
  button.addEventListener("click", () => { mute(!isMuted()); showMute(button); });
}
document.addEventListener("htmx:afterSwap", showNewVerdict);
document.addEventListener("htmx:oobAfterSwap", showNewVerdict);
