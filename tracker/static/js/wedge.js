// Keyboard scanners: told from typing by their speed, taken out of the fields they typed into, repaired by physical key.

const FAST = 35;      // ms between two keys of a scanner; people stay above it
const SILENCE = 80;   // ms without a key that end a scan without terminator
const JOIN = 400;     // ms in which a second piece belongs to a first one that had no terminator
const LEAST = 4;      // characters of the shortest code

const US_KEYS = {
  Minus: "-_", Equal: "=+", BracketLeft: "[{", BracketRight: "]}", Backslash: "\\|", Semicolon: ";:", Quote: "'\"",
  Backquote: "`~", Comma: ",<", Period: ".>", Slash: "/?", Space: "  ", IntlBackslash: "\\|",
  NumpadAdd: "++", NumpadSubtract: "--", NumpadMultiply: "**", NumpadDivide: "//", NumpadDecimal: "..",
};
const US_DIGITS = ")!@#$%^&*(";

/** The character that this physical key gives on the US layout that scanners are made for; null when unknown. */
export function physicalCharacter(code, shift) {
  if (/^Key[A-Z]$/.test(code)) return shift ? code[3] : code[3].toLowerCase();
  if (/^Digit\d$/.test(code)) return shift ? US_DIGITS[+code[5]] : code[5];
  if (/^Numpad\d$/.test(code)) return code[6];
  return code in US_KEYS ? US_KEYS[code][shift ? 1 : 0] : null;
}

const PLAIN = /^[0-9A-Za-z ./+:_-]*$/;

/** The likelier of the two texts: a layout that does not fit turns the digits of a code into &é"' or !@#. */
export function likelyText({ text, physical }) {
  return physical && !PLAIN.test(text) && PLAIN.test(physical) ? physical : text;
}

/** What the field held before the scanner typed into it. */
function snapshot(field) {
  if (!field?.matches?.("input, textarea, select")) return () => {};
  const { value } = field;
  const caret = "selectionStart" in field && field.type !== "email" && field.type !== "number" ? field.selectionStart : null;
  return () => {
    if (field.value === value) return;
    field.value = value;
    if (caret !== null) field.setSelectionRange?.(caret, caret);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };
}

/** Strokes with their times go in, whole scans come out. Times come from the strokes, so a busy page changes nothing. */
export class ScanRecogniser {
  constructor(deliver, { later = (act, delay) => setTimeout(act, delay), cancel = (id) => clearTimeout(id) } = {}) {
    Object.assign(this, { deliver, later, cancel, run: [], fields: new Map(), pieces: [], last: -Infinity });
  }

  /** One printable key: {char, physical, at, field}. */
  press(stroke) {
    if (!this.continues(stroke.at)) this.close(stroke.at);
    this.last = stroke.at;
    if (!this.fields.has(stroke.field)) this.fields.set(stroke.field, snapshot(stroke.field));
    this.run.push(stroke);
    this.wait(SILENCE, () => this.silence());
  }

  /** Enter or Tab. True when it ended a scan: the page must not see it. */
  terminate(at) {
    const quick = at - this.last <= SILENCE;
    const whole = this.run.length >= LEAST || (this.pieces.length > 0 && this.run.length > 0);
    const late = this.run.length === 0 && this.pieces.length > 0 && at - this.last <= JOIN;
    if (!late && !(quick && whole)) return this.forget(), false;
    if (this.run.length) this.take();
    this.emit();
    return true;
  }

  /** A key that no scanner sends: what came before was typing. */
  forget() {
    this.cancel(this.timer);
    this.run = [];
    this.fields = new Map();
    if (this.pieces.length) this.emit();
  }

  continues(at) {
    const gap = at - this.last;
    return this.run.length > 0 && (gap <= FAST || (this.run.length >= LEAST && gap <= SILENCE));
  }

  /** The run is over without a terminator: a piece of a scan, or typing that stays where it is. */
  close(at) {
    this.cancel(this.timer);
    if (this.looksScanned()) this.take();
    else this.run = [];
    this.fields = new Map();
    if (this.pieces.length && at - this.last > JOIN) this.emit();
  }

  /** Without a terminator more is asked: at least one digit, as every code has. */
  looksScanned() {
    const text = this.run.map((stroke) => stroke.char + (stroke.physical ?? "")).join("");
    return this.run.length >= LEAST && /\d/.test(text);
  }

  take() {
    for (const restore of this.fields.values()) restore();
    this.pieces.push(this.run);
    this.run = [];
    this.fields = new Map();
  }

  emit() {
    this.cancel(this.timer);
    const strokes = this.pieces.flat();
    const physical = strokes.map((stroke) => stroke.physical);
    const scan = {
      text: strokes.map((stroke) => stroke.char).join(""),
      physical: physical.includes(null) ? null : physical.join(""),
      pieces: this.pieces.length,
    };
    this.pieces = [];
    this.deliver(scan);
  }

  wait(delay, act) {
    this.cancel(this.timer);
    this.timer = this.later(act, delay);
  }

  /** Timers run late on a busy page: what is not a scan yet may still become one, so it is left as it is. */
  silence() {
    if (this.looksScanned()) this.take();
    if (this.pieces.length) this.wait(JOIN - SILENCE, () => this.pieces.length && this.emit());
  }
}

/** Keys that come from no scanner, or go where no code is ever written: a password manager types as fast as one. */
function isForeign(event) {
  return event.isComposing || event.repeat || event.metaKey || (event.ctrlKey !== event.altKey) ||
    event.target.closest?.("input[type=password], input[type=email], [contenteditable], [data-wedge-off]");
}

/** Listen on the whole page; each scan becomes an event "tracker:scan" with {text, physical, pieces}. */
export function listenForScans(page) {
  const recogniser = new ScanRecogniser((scan) => {
    page.dispatchEvent(new CustomEvent("tracker:scan", { detail: scan, cancelable: true }));
  });
  page.addEventListener("keydown", (event) => {
    if (["Shift", "CapsLock", "AltGraph", "Control", "Alt"].includes(event.key)) return;
    if (isForeign(event)) return recogniser.forget();
    if (event.key === "Enter" || event.key === "Tab") {
      if (!recogniser.terminate(event.timeStamp)) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    const char = event.key.length === 1 ? event.key : "";
    const physical = physicalCharacter(event.code, event.shiftKey);
    if (!char && (event.key !== "Dead" || physical === null)) return recogniser.forget();
    recogniser.press({ char, physical, at: event.timeStamp, field: event.target });
  }, true);
}
