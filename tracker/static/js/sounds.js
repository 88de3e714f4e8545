// A sound for each verdict, told apart with the eyes closed; made by the browser, no file.
import { recall, remember } from "./memory.js";

// [frequency in Hz, start in s, length in s]
const TUNES = {
  done: [[784, 0, 0.09], [1175, 0.09, 0.16]],
  already: [[587, 0, 0.1], [587, 0.16, 0.1]],
  refused: [[196, 0, 0.22], [147, 0.22, 0.34]],
  ask: [[523, 0, 0.09], [659, 0.1, 0.09], [523, 0.2, 0.09], [659, 0.3, 0.12]],
  waiting: [[988, 0, 0.06]],
  info: [[659, 0, 0.08]],
};
const HARSH = new Set(["refused"]);
const LOUDNESS = 0.25;

let context = null;

export function isMuted() {
  return recall("muted") === "yes";
}

export function mute(yes) {
  remember("muted", yes ? "yes" : "no");
}

export async function play(kind) {
  if (isMuted() || !TUNES[kind] || !window.AudioContext) return;
  context ??= new AudioContext();
  if (context.state === "suspended") await Promise.race([context.resume(), new Promise((done) => setTimeout(done, 200))]);
  if (context.state !== "running") return;  // the browser wants a click or a key first
  for (const note of TUNES[kind]) sound(note, HARSH.has(kind) ? "sawtooth" : "sine");
}

function sound([frequency, start, length], type) {
  const from = context.currentTime + start;
  const tone = new OscillatorNode(context, { type, frequency });
  const loudness = new GainNode(context, { gain: 0 });
  loudness.gain.linearRampToValueAtTime(LOUDNESS, from + 0.01);
  loudness.gain.setValueAtTime(LOUDNESS, from + length - 0.03);
  loudness.gain.linearRampToValueAtTime(0, from + length);
  tone.connect(loudness).connect(context.destination);
  tone.start(from);
  tone.stop(from + length);
}
