// A session that ends in the middle of work loses nothing: sign in on the spot, then send again what was being sent.
import { flash, words } from "./messages.js";

let pending = null;

function place() {
  return document.getElementById("dialog");
}

/** Show the server's sign-in fragment as a modal dialog; one that is open already keeps what is typed in it. */
export function askToSignIn(fragment) {
  if (place().querySelector("dialog[open]")) return;
  place().innerHTML = fragment;
  openDialog();
}

function openDialog() {
  let box = place().querySelector("dialog");
  if (!box) {
    box = document.createElement("dialog");
    box.append(...place().childNodes);
    place().append(box);
  }
  box.classList.add("box");
  box.removeAttribute("open");
  window.htmx?.process(box);
  box.showModal();
  box.querySelector("[autofocus], input:not([type=hidden])")?.focus();
}

function keepForLater(event) {
  const { xhr, requestConfig } = event.detail;
  if (xhr.status !== 401 || !(xhr.getResponseHeader("HX-Trigger") || "").includes("sign-in-needed")) return;
  event.detail.shouldSwap = false;
  if (place().contains(requestConfig.elt)) return;
  pending = { element: requestConfig.elt, submitter: requestConfig.triggeringEvent?.submitter };
  askToSignIn(xhr.responseText);
}

/** A new session has a new token: every form and header of the open page takes it. */
export function useToken(token) {
  document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": token }));
  document.querySelector("meta[name=csrf-token]")?.setAttribute("content", token);
  for (const field of document.querySelectorAll("input[name=csrf_token]")) field.value = token;
}

function signedIn(event) {
  if (event.detail?.csrf) useToken(event.detail.csrf);
  place().querySelector("dialog")?.close();
  place().replaceChildren();
  document.dispatchEvent(new CustomEvent("tracker:signed-in"));
  const again = pending && !pending.element.matches("[data-scan-form]") ? pending : null;
  pending = null;
  if (again) flash(words().session_back, "ok", { label: words().send_again, act: () => sendAgain(again) });
}

function sendAgain({ element, submitter }) {
  if (element.matches("form")) element.requestSubmit(submitter?.isConnected ? submitter : undefined);
  else element.click();
}

document.addEventListener("htmx:beforeSwap", keepForLater);
document.addEventListener("signed-in", signedIn);
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target === place() && place().childElementCount) openDialog();
});
