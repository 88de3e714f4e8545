// Frame after frame: the worker reads first; after a second without a read the sharpest frame goes to the server.
import { askToSignIn } from "./session.js";
import { Sightings } from "./sightings.js";

const PATIENCE = 1000;       // ms without a read before the server is asked
const BETWEEN = 1500;        // ms between two frames sent to the server
const CONFIRM = 300;         // ms before the second frame that confirms what the server has read
const STILL = 20000;         // ms without movement after which the server is left in peace
const MOVED = 2.5;           // mean change of brightness (0 to 255) that counts as movement
const PAUSE = 30;            // ms between two frames

const wait = (time) => new Promise((done) => setTimeout(done, time));

/** The worker, as questions and answers. */
class Decoder {
  constructor() {
    this.worker = new Worker(new URL("./decode-worker.js", import.meta.url), { type: "module" });
    this.waiting = new Map();
    this.next = 0;
    this.worker.addEventListener("message", ({ data }) => this.answer(data.id, data));
    this.worker.addEventListener("error", () => [...this.waiting.keys()].forEach((id) => this.answer(id, { problem: "worker" })));
  }

  answer(id, data) {
    this.waiting.get(id)?.(data);
    this.waiting.delete(id);
  }

  ask(message, transfer = []) {
    return new Promise((done) => {
      const id = this.next++;
      this.waiting.set(id, done);
      this.worker.postMessage({ ...message, id }, transfer);
    });
  }
}

/** Events: "frame" {symbols, width, height, source}, "readings" [reading…], "rest" true or false, "broken". */
export class FrameReader extends EventTarget {
  constructor(video, frameUrl) {
    super();
    Object.assign(this, { video, frameUrl, sightings: new Sightings(), running: false, asking: false, unconfirmed: false });
  }

  tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  async run() {
    if (this.running) return;
    this.running = true;
    this.worker ??= new Decoder();
    this.lastRead = this.lastMove = performance.now();
    this.lastAsked = 0;
    while (this.running) {
      await this.oneFrame().catch(() => wait(250));
      await wait(document.hidden ? 500 : this.resting ? 200 : PAUSE);
    }
  }

  stop() {
    this.running = false;
  }

  async oneFrame() {
    if (document.hidden || this.video.readyState < 2) return;
    const bitmap = await createImageBitmap(this.video);
    const answer = await this.worker.ask({ bitmap }, [bitmap]);
    if (!this.running) return;
    if (answer.problem) this.tell("broken");
    const now = performance.now();
    if (answer.symbols?.length) this.lastRead = now;
    this.watchMovement(answer.moved ?? 255, now);
    this.take(answer.symbols ?? [], answer, "camera");
    if (this.mayAsk(now)) this.askServer();
  }

  watchMovement(moved, now) {
    if (moved > MOVED) this.lastMove = now;
    const resting = now - this.lastMove > STILL;
    if (resting !== this.resting) this.tell("rest", resting);
    this.resting = resting;
  }

  take(symbols, { width, height }, source) {
    this.tell("frame", { symbols, width, height, source });
    const at = new Date().toISOString();
    const readings = this.sightings.frame(symbols.map((symbol) => ({ ...symbol, source, at })), performance.now());
    if (readings) this.tell("readings", readings);
    return readings;
  }

  mayAsk(now) {
    if (!this.frameUrl || this.asking || this.resting) return false;
    if (this.unconfirmed) return now - this.lastAsked >= CONFIRM;
    return now - this.lastRead >= PATIENCE && now - this.lastAsked >= BETWEEN;
  }

  async askServer() {
    this.asking = true;
    this.lastAsked = performance.now();
    try {
      await this.sendSharpest();
    } catch { /* no network: the worker goes on reading by itself */ } finally {
      this.asking = false;
    }
  }

  async sendSharpest() {
    const { jpeg } = await this.worker.ask({});
    if (!jpeg) return;
    const body = new FormData();
    body.append("frame", jpeg, "frame.jpg");
    const headers = { "X-CSRFToken": document.querySelector("meta[name=csrf-token]").content, "HX-Request": "true" };
    const response = await fetch(this.frameUrl, { method: "POST", body, headers, credentials: "same-origin" });
    if (response.status === 401) return this.signedOut(await response.text());
    if (response.ok && this.running) this.takeServer(await response.json());
  }

  /** The server's read needs a second frame too; a first one is followed at once by the next. */
  takeServer({ symbols = [], width, height }) {
    const size = { width: width ?? this.video.videoWidth, height: height ?? this.video.videoHeight };
    const had = this.unconfirmed;
    this.unconfirmed = symbols.length > 0 && !had;
    if (symbols.length) this.take(symbols.map(({ text, symbology, corners }) => ({ text, symbology, corners })), size, "server");
  }

  signedOut(fragment) {
    this.stop();
    askToSignIn(fragment);
  }
}
