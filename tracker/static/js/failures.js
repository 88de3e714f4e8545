// A request without an answer says so where the person looks, and offers to send the same again.
import { flash, words } from "./messages.js";

/** Our own error answers carry HX-Reswap and a message; the pages of a proxy do not and are not shown. */
function letMessagesIn(event) {
  const { xhr } = event.detail;
  if (xhr.status >= 400 && xhr.getResponseHeader("HX-Reswap")) event.detail.shouldSwap = true;
}

function offerAgain(sentence) {
  return (event) => {
    const { elt, requestConfig, xhr } = event.detail;
    if (xhr?.getResponseHeader("HX-Reswap") || elt.matches("[data-scan-form]") || requestConfig?.verb === "get" && !elt.matches("form, a, button")) return;
    const submitter = requestConfig?.triggeringEvent?.submitter;
    const act = () => (elt.matches("form") ? elt.requestSubmit(submitter?.isConnected ? submitter : undefined) : elt.click());
    flash(words()[sentence], "bad", { label: words().try_again, act });
  };
}

document.addEventListener("htmx:beforeSwap", letMessagesIn);
document.addEventListener("htmx:sendError", offerAgain("no_answer"));
document.addEventListener("htmx:timeout", offerAgain("no_answer"));
document.addEventListener("htmx:responseError", offerAgain("server_error"));
