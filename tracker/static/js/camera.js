// The webcam: choice remembered per station, light and zoom where the lens has them, plain words for each failure.
import { recall, remember } from "./memory.js";

const WHY = {
  NotAllowedError: "denied", SecurityError: "denied", NotFoundError: "none", OverconstrainedError: "none",
  NotReadableError: "busy", AbortError: "busy",
};

export class Camera extends EventTarget {
  constructor(video) {
    super();
    this.video = video;
    this.track = null;
    this.wanted = false;
    navigator.mediaDevices?.addEventListener("devicechange", () => this.comeBack());
  }

  /** States: off, starting, live, none, denied, insecure, busy, unplugged. */
  say(state) {
    this.state = state;
    this.dispatchEvent(new CustomEvent("state", { detail: state }));
  }

  async start() {
    if (!window.isSecureContext || !navigator.mediaDevices) return this.say(window.isSecureContext ? "none" : "insecure");
    this.wanted = true;
    this.release();
    this.say("starting");
    try {
      await this.open(recall("camera"));
    } catch (problem) {
      this.wanted = problem.name !== "NotAllowedError";
      this.say(WHY[problem.name] ?? "busy");
    }
  }

  async open(deviceId) {
    const size = { width: { ideal: 1280 }, height: { ideal: 720 } };
    const choice = deviceId ? { deviceId: { exact: deviceId } } : { facingMode: { ideal: "environment" } };
    const stream = await navigator.mediaDevices.getUserMedia({ video: { ...size, ...choice }, audio: false }).catch((problem) => {
      if (!deviceId || problem.name !== "OverconstrainedError") throw problem;
      return navigator.mediaDevices.getUserMedia({ video: size, audio: false });  // the remembered camera is not here today
    });
    [this.track] = stream.getVideoTracks();
    this.track.addEventListener("ended", () => this.lose());
    this.video.srcObject = stream;
    await this.video.play();
    await this.adjust({ focusMode: "continuous" });
    remember("camera.on", "yes");
    this.say("live");
  }

  get abilities() {
    return this.track?.getCapabilities?.() ?? {};
  }

  /** Ask the lens; one that cannot is left as it is. */
  async adjust(setting) {
    const [[name, value]] = Object.entries(setting);
    const range = this.abilities[name];
    if (range === undefined || (Array.isArray(range) && typeof value === "string" && !range.includes(value))) return;
    await this.track.applyConstraints({ advanced: [setting] }).catch(() => {});
  }

  async choices() {
    const devices = await navigator.mediaDevices.enumerateDevices();
    return devices.filter((device) => device.kind === "videoinput" && device.deviceId);
  }

  choose(deviceId) {
    remember("camera", deviceId);
    return this.start();
  }

  lose() {
    this.release();
    this.say("unplugged");
  }

  async comeBack() {
    if (this.wanted && ["unplugged", "none"].includes(this.state) && (await this.choices()).length) await this.start();
    else this.dispatchEvent(new Event("devices"));
  }

  stop() {
    this.wanted = false;
    remember("camera.on", "no");
    this.release();
    this.say("off");
  }

  release() {
    this.track?.stop();
    this.track = null;
    this.video.srcObject = null;
  }
}

/** Whether this station left its camera on and the browser still allows it: then it starts by itself. */
export async function startsByItself() {
  if (recall("camera.on") !== "yes" || !navigator.permissions) return false;
  try {
    return (await navigator.permissions.query({ name: "camera" })).state === "granted";
  } catch {
    return false;
  }
}
