// What the camera has in view: a code counts when two frames agree, and once until it has been out of view.

const AGREE = 1000;    // ms within which two frames must show the same text
const BY_SERVER = 4000;  // the same for frames that travel to the server; also how long such a code stays in view
const GATHER = 250;    // ms to let the other codes of the same label join
const GONE = 2000;     // ms out of view after which the same code counts again
const BRIEFLY = 300;   // ms out of view that are enough once another code was handed on
const IN_VIEW = 400;   // ms since it was last seen

function within(symbol, limit) {
  return symbol.source === "server" ? BY_SERVER : limit;
}

export class Sightings {
  constructor() {
    this.codes = new Map();
    this.ready = null;
  }

  /** The symbols of one frame; answers the readings to hand on, or null. */
  frame(symbols, now) {
    for (const symbol of symbols) this.see(symbol, now);
    this.release(now);
    if (!this.confirmed(now).some((code) => !code.handed)) return (this.ready = null);
    this.ready ??= now;
    return now - this.ready >= GATHER ? this.handOn(now) : null;
  }

  see(symbol, now) {
    const key = `${symbol.symbology} ${symbol.text}`;
    const known = this.codes.get(key);
    const times = known && now - known.last <= within(symbol, AGREE) ? known.times + 1 : known?.handed ? 2 : 1;
    this.codes.set(key, { ...known, symbol, times, last: now });
  }

  /** Forget what has been away long enough; a code that is held still stays handed on. */
  release(now) {
    for (const [key, code] of this.codes) {
      const away = now - code.last;
      if (away > within(code.symbol, GONE) || (away > within(code.symbol, BRIEFLY) && code.overtaken)) this.codes.delete(key);
    }
  }

  /** Codes that two frames agree on: new ones, and those handed on before that are still in view. */
  confirmed(now) {
    return [...this.codes.values()].filter((code) =>
      code.times >= 2 && now - code.last <= (code.handed ? IN_VIEW : within(code.symbol, AGREE)));
  }

  /** Everything confirmed in view goes together; `fresh` marks what was not handed on before. */
  handOn(now) {
    const together = this.confirmed(now);
    const readings = together.map((code) => ({ ...code.symbol, fresh: !code.handed }));
    for (const code of this.codes.values()) code.overtaken = Boolean(code.handed) && !together.includes(code);
    for (const code of together) code.handed = true;
    this.ready = null;
    return readings;
  }
}
