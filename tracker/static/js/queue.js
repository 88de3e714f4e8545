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

function hidden(form, name) {
  let field = form.elements[name];
  if (!field) {
    field = Object.assign(document.createElement("input"), { type: "hidden", name });
    form.append(field);
  }
  return field;
}

/** Events: "change" {waiting, state} with state idle, sending, failed or signed-out; "answered" {status, item}. */
export class ScanQueue extends EventTarget {
  constructor({ codeField, photoField }) {
    super();
    Object.assign(this, { codeField, photoField, items: [], state: "idle", attempts: 0 });
    document.addEventListener("htmx:afterRequest", (event) => this.answered(event));
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

  sendNext() {
    clearTimeout(this.timer);
    const form = scanForm();
    if (!this.items.length || !form) return this.say("idle");
    this.say("sending");
    this.fill(form, this.items[0]);
    window.htmx?.process(form);
    this.sent = form;
    this.passing = true;
    form.requestSubmit();
    this.passing = false;
  }

  fill(form, { readings, code, photo, actionId }) {
    hidden(form, "readings").value = JSON.stringify(readings);
    hidden(form, "action_id").value = actionId;
    form.elements[this.codeField].value = code;
    if (!photo) return;
    const files = new DataTransfer();
    files.items.add(photo);
    form.elements[this.photoField].files = files.files;
  }

  answered({ detail }) {
    if (!this.sent || detail.requestConfig?.elt !== this.sent) return;
    const { status } = detail.xhr;
    this.sent = null;
    if (status === 401) return this.keep("signed-out");
    if (status === 0 || status === 429 || status >= 500) return this.keepAndRetry();
    this.attempts = 0;
    const item = this.items.shift();
    this.clear();
    this.dispatchEvent(new CustomEvent("answered", { detail: { status, item } }));
    this.sendNext();
  }

  keep(state) {
    this.clear();
    this.say(state);
  }

  keepAndRetry() {
    this.keep("failed");
    this.timer = setTimeout(() => this.retry(), RETRY[Math.min(this.attempts++, RETRY.length - 1)]);
  }

  /** The field is free for the next code even when the form was not replaced. */
  clear() {
    const form = scanForm();
    if (!form) return;
    hidden(form, "readings").value = "";
    form.elements[this.codeField].value = "";
    if (form.elements[this.photoField]) form.elements[this.photoField].value = "";
  }
}
