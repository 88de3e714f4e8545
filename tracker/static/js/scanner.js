// The scanner of a page: camera, keyboard scanner, photo and typing all end in one queue in front of one form.
import { Camera, startsByItself } from "./camera.js";
import { words } from "./messages.js";
import { ScanQueue, scanForm } from "./queue.js";
import { FrameReader } from "./reader.js";

const stamp = () => new Date().toISOString();

class Scanner {
  constructor(box) {
    this.box = box;
    this.words = words(box);
    this.part = (name) => box.querySelector(`[data-scanner-${name}]`);
    this.queue = new ScanQueue({ codeField: box.dataset.codeField, photoField: box.dataset.photoField });
    this.camera = new Camera(this.part("video"));
    this.reader = new FrameReader(this.part("video"), box.dataset.frameUrl);
    this.expects = this.part("status").textContent;
    this.listenToForm();
    this.listenToCamera();
    this.listenToReader();
    this.queue.addEventListener("change", ({ detail }) => this.showQueue(detail));
    this.queue.addEventListener("answered", ({ detail }) => this.afterAnswer(detail));
  }

  /* What people type, scan and photograph */

  listenToForm() {
    document.addEventListener("submit", (event) => this.takeTyped(event), true);
    document.addEventListener("change", (event) => this.takePhoto(event));
    document.addEventListener("tracker:scan", (event) => this.takeWedge(event));
    window.addEventListener("beforeunload", (event) => { if (this.queue.items.length) event.preventDefault(); });
    this.part("retry").addEventListener("click", () => this.queue.retry());
    document.addEventListener("tracker:verdict", () => this.returnFocus({}));
    this.returnFocus({});
  }

  takeTyped(event) {
    if (!event.target.matches("[data-scan-form]") || this.queue.passing || event.submitter?.name || !window.htmx) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const code = event.target.elements[this.box.dataset.codeField];
    const text = code.value.trim();
    code.value = "";
    code.focus();
    if (text) this.queue.add({ code: text, readings: [{ text, source: "typed", at: stamp() }], typed: true });
  }

  takePhoto({ target }) {
    if (!target.matches("[data-scan-photo]") || !target.files.length || target.form !== scanForm()) return;
    this.queue.add({ photo: target.files[0], readings: [] });
    target.value = "";
  }

  takeWedge(event) {
    if (!scanForm()) return;
    event.preventDefault();
    const { text, physical } = event.detail;
    this.queue.add({ readings: [{ text, physical, source: "wedge", at: stamp() }] });
  }

  /** A button of the form, such as one of several names, used what was typed: the field is free again. */
  afterAnswer({ status, item }) {
    if (!item && status < 400) scanForm().elements[this.box.dataset.codeField].value = "";
    this.returnFocus(item ?? { typed: true });
  }

  /** Back to the code field, unless the person is writing elsewhere or a screen keyboard would cover the page; to a
      question that keys answer, unless a number is being typed: a scanner is heard wherever the focus is. */
  returnFocus({ typed }) {
    const field = scanForm()?.elements[this.box.dataset.codeField];
    const here = document.activeElement;
    const writing = here?.matches("input, textarea, select") && here !== field;
    if (!field || writing || document.querySelector("dialog[open]")) return;
    const question = document.querySelector("[data-keys] [data-key]")?.closest("[data-keys]");
    if (question && !field.value) return question.contains(here) || question.focus({ preventScroll: true });
    if (typed || !matchMedia("(pointer: coarse)").matches) field.focus({ preventScroll: true });
  }

  showQueue({ waiting, state }) {
    const trouble = { failed: "kept", "signed-out": "signed_out" }[state];
    this.part("queue").hidden = !trouble;
    this.part("queue-text").textContent = trouble ? `${this.words[trouble]} ${this.words.queued} ${waiting}` : "";
    const line = state === "sending" ? this.words.sending : this.expects;
    this.part("status").textContent = waiting > 1 && !trouble ? `${line} (${this.words.queued} ${waiting - 1})` : line;
  }

  /* The camera */

  listenToCamera() {
    this.camera.addEventListener("state", ({ detail }) => this.showCamera(detail));
    this.camera.addEventListener("devices", () => this.listCameras());
    this.part("start").addEventListener("click", () => this.camera.start());
    this.part("stop").addEventListener("click", () => this.camera.stop());
    this.part("choice").addEventListener("change", ({ target }) => this.camera.choose(target.value));
    this.toggle("torch", (on) => this.camera.adjust({ torch: on }));
    this.toggle("zoom", (on) => this.camera.adjust({ zoom: on ? Math.min(2, this.camera.abilities.zoom.max) : this.camera.abilities.zoom.min }));
    document.addEventListener("tracker:signed-in", () => { if (this.camera.state === "live") this.reader.run(); });
    startsByItself().then((yes) => { if (yes) this.camera.start(); });
  }

  toggle(name, act) {
    const button = this.part(name);
    button.addEventListener("click", async () => {
      const on = button.getAttribute("aria-pressed") !== "true";
      await act(on);
      button.setAttribute("aria-pressed", on);
    });
  }

  showCamera(state) {
    const live = state === "live";
    this.box.dataset.camera = state;
    this.part("message").textContent = this.words[state];
    this.part("start").hidden = state === "starting";
    this.part("stop").hidden = !live;
    this.offer("torch", live && "torch" in this.camera.abilities);
    this.offer("zoom", live && this.camera.abilities.zoom?.max > 1);
    if (!live) return this.reader.stop();
    this.listCameras();
    this.reader.run();
  }

  offer(name, possible) {
    this.part(name).hidden = !possible;
    this.part(name).setAttribute("aria-pressed", "false");
  }

  async listCameras() {
    const choices = await this.camera.choices();
    const current = this.camera.track?.getSettings().deviceId;
    const options = choices.map(({ deviceId, label }, index) => new Option(label || `${this.words.camera} ${index + 1}`, deviceId, false, deviceId === current));
    this.part("choice").replaceChildren(...options);
    this.part("choice").hidden = choices.length < 2;
  }

  /* What the camera sees */

  listenToReader() {
    this.reader.addEventListener("frame", ({ detail }) => this.draw(detail));
    this.reader.addEventListener("readings", ({ detail }) => this.takeReadings(detail));
    this.reader.addEventListener("rest", ({ detail }) => this.note(detail ? "resting" : "live"));
    this.reader.addEventListener("broken", () => this.note("broken"));
  }

  note(word) {
    this.expectsCamera = this.words[word];
    this.part("status").textContent = `${this.expects} ${this.expectsCamera}`;
  }

  takeReadings(readings) {
    if (!scanForm()) return;
    this.queue.add({ readings: readings.map(({ text, symbology, source, at, fresh }) => ({ text, symbology, source, at, fresh })) });
  }

  /** A line around each symbol; it stays a moment so that the eye can follow. */
  draw({ symbols, width, height }) {
    const canvas = this.part("marks");
    if (!symbols.length && performance.now() - (this.drawn ?? 0) < 400) return;
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    const pen = canvas.getContext("2d");
    pen.clearRect(0, 0, width, height);
    if (!symbols.length) return;
    this.drawn = performance.now();
    Object.assign(pen, { lineWidth: Math.max(4, width / 200), strokeStyle: "#35d07f", lineJoin: "round" });
    for (const { corners } of symbols) outline(pen, corners);
  }
}

function outline(pen, [first, ...rest]) {
  pen.beginPath();
  pen.moveTo(...first);
  for (const corner of rest) pen.lineTo(...corner);
  pen.closePath();
  pen.stroke();
}

const box = document.querySelector("[data-scanner]");
if (box) new Scanner(box);
