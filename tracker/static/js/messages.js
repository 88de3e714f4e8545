// Sentences for people: the flash area, and the live regions that screen readers listen to.

export function words(element = document.getElementById("words")) {
  return JSON.parse(element?.dataset.words || "{}");
}

/** Show a message at the top of the page, with one thing to do about it. */
export function flash(sentence, tone = "neutral", action = null) {
  const box = document.createElement("div");
  box.className = `notice notice-${tone}`;
  const text = document.createElement("div");
  text.textContent = sentence;
  box.append(text);
  if (action) box.append(button(action, box));
  document.getElementById("flash").replaceChildren(box);
  box.querySelector("button")?.focus();
}

function button({ label, act }, box) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "btn btn-secondary btn-sm";
  made.textContent = label;
  made.addEventListener("click", () => { box.remove(); act(); });
  return made;
}

/** Tell screen readers; urgent interrupts what they are saying. */
export function announce(sentence, urgent = false) {
  const region = document.getElementById(urgent ? "live-assertive" : "live-polite");
  region.textContent = "";
  requestAnimationFrame(() => { region.textContent = sentence; });
}
