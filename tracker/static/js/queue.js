// Scans wait for each other: one request at a time, in order, kept until the server has answered, never sent as two.

const RETRY = [2000, 4000, 8000, 15000];  // ms before the first, second … new attempt

/** The form is replaced by each answer: it is looked up every time. */
export function scanForm() {
  return document.querySelector("[data-scan-form]");
}

/** A UUID, also on pages without https, where crypto.randomUUID does not exist. */
function newActionId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** Events: "change" {waiting, state} with state idle, sending, failed or signed-out; "answered" {status, item}, item null for a button. */
export class ScanQueue extends EventTarget {
  constructor({ codeField, photoField }) {
    super();
    Object.assign(this, { codeField, photoField, items: [], state: "idle", attempts: 0, busy: false });
    document.addEventListener("htmx:configRequest", (event) => this.load(event.detail));
    document.addEventListener("htmx:afterRequest", (event) => this.answered(event.detail));
    document.addEventListener("tracker:signed-in", () => this.say(this.items.length ? "failed" : "idle"));
    window.addEventListener("online", () => this.retry());
  }

  say(state) {
    this.state = state;
    this.dispatchEvent(new CustomEvent("change", { detail: { waiting: this.items.length, state } }));
  }

  /** item: {readings, code, photo}; its action id is made once, so sending it again writes nothing twice. */
  add(item) {
    this.items.push({ code: "", photo: null, ...item, actionId: newActionId() });
    this.say(this.state);
    if (this.state === "idle") this.sendNext();
  }

  retry() {
    if (this.state === "failed" || this.state === "signed-out") this.sendNext();
  }

  /** After the events under way: htmx holds the form until then, and a form cannot be submitted within its own submit. */
  sendNext() {
    clearTimeout(this.timer);
    this.say(this.items.length ? "sending" : "idle");
    if (this.items.length) this.timer = setTimeout(() => this.submit());
  }

  submit() {
    const form = scanForm();
    if (this.busy || !form) return;  // a button of the form is being answered: its answer sends the next scan
    window.htmx.process(form);
    this.passing = this.items[0];
    form.requestSubmit();
    this.passing = null;
  }

  /** The scan goes into the request, not into the fields: what is being typed meanwhile stays there. */
  load(request) {
    if (!request.elt.matches("[data-scan-form]")) return;
    this.busy = true;
    if (!this.passing) return;
    const { readings, code, photo, actionId } = (request.scan = this.passing);
    request.formData.set("readings", JSON.stringify(readings));
    request.formData.set("action_id", actionId);
    request.formData.set(this.codeField, code);
    request.formData.delete(this.photoField);
    if (photo) request.formData.set(this.photoField, photo);
  }

  answered({ requestConfig, xhr: { status } }) {
    if (!requestConfig?.elt.matches("[data-scan-form]")) return;
    this.busy = false;
    if (requestConfig.scan && status === 401) return this.say("signed-out");
    if (requestConfig.scan && isNoAnswer(status)) return this.keepAndRetry();
    if (requestConfig.scan) this.items.shift();
    this.attempts = 0;
    if (status < 500) this.dispatchEvent(new CustomEvent("answered", { detail: { status, item: requestConfig.scan ?? null } }));
    if (this.state === "sending" || this.state === "idle") this.sendNext();
  }

  keepAndRetry() {
    this.say("failed");
    this.timer = setTimeout(() => this.retry(), RETRY[Math.min(this.attempts++, RETRY.length - 1)]);
  }
}

function isNoAnswer(status) {
  return status === 0 || status === 429 || status >= 500;
}
