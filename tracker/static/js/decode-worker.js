// Off the page's thread: reads one frame at a time, says how sharp it is and whether anything moved, keeps the sharpest.
import { prepareZXingModule, readBarcodes } from "../vendor/zxing/reader/index.js";

const wasm = new URL("../vendor/zxing/zxing_reader.wasm", import.meta.url).href;
prepareZXingModule({ overrides: { locateFile: () => wasm } });

const NAMES = {
  Code128: "code_128", Code39Std: "code_39", Code39: "code_39", QRCode: "qr", QRCodeModel2: "qr", DataMatrix: "data_matrix",
  EAN13: "ean_13", EAN8: "ean_8", UPCA: "upc_a",
};
// Plain text and Code39Std: the other settings rewrite some serial numbers. UPC-E is left out: it sees ghosts inside Code 128.
const COMMON = { formats: ["Code128", "Code39Std", "QRCode", "DataMatrix", "EAN13", "EAN8", "UPCA"], textMode: "Plain", maxNumberOfSymbols: 16 };
const QUICK = { ...COMMON, tryHarder: true, tryRotate: false, tryInvert: false, tryDownscale: false };
const THOROUGH = { ...COMMON, tryHarder: true, tryRotate: true, tryInvert: true, tryDownscale: true };
const QUALITY = 0.8;
const SHORTEST_CODE_39 = 4;  // shorter ones are mostly edges that look like bars

let count = 0;
let sharpest = null;
let thumbnail = null;
let canvas = null;

function pixels(bitmap) {
  canvas ??= new OffscreenCanvas(1, 1);
  Object.assign(canvas, { width: bitmap.width, height: bitmap.height });
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  pen.drawImage(bitmap, 0, 0);
  bitmap.close();
  return pen.getImageData(0, 0, canvas.width, canvas.height);
}

/** Mean squared step between neighbours (green channel, every second pixel): higher is sharper. */
function sharpness({ data, width, height }) {
  let sum = 0;
  for (let y = 0; y < height - 2; y += 2) {
    for (let x = 0; x < width - 2; x += 2) {
      const at = (y * width + x) * 4 + 1;
      const across = data[at] - data[at + 4];
      const down = data[at] - data[at + width * 4];
      sum += across * across + down * down;
    }
  }
  return (sum * 4) / (width * height);
}

/** How much changed since the frame before, on a coarse grid, from 0 to 255. */
function movement({ data, width, height }) {
  const grid = new Uint8Array(32 * 18);
  for (let row = 0; row < 18; row++) {
    for (let column = 0; column < 32; column++) {
      const x = Math.floor(((column + 0.5) * width) / 32);
      const y = Math.floor(((row + 0.5) * height) / 18);
      grid[row * 32 + column] = data[(y * width + x) * 4 + 1];
    }
  }
  const before = thumbnail;
  thumbnail = grid;
  if (!before) return 255;
  return grid.reduce((sum, value, index) => sum + Math.abs(value - before[index]), 0) / grid.length;
}

function symbol({ text, format, position }) {
  const corners = ["topLeft", "topRight", "bottomRight", "bottomLeft"].map((name) => [position[name].x, position[name].y]);
  return { text, symbology: NAMES[format] ?? format, corners };
}

function believable({ text, symbology }) {
  return text && (symbology !== "code_39" || text.length >= SHORTEST_CODE_39);
}

async function read(bitmap) {
  const image = pixels(bitmap);
  const sharp = sharpness(image);
  if (!sharpest || sharp > sharpest.sharp) sharpest = { sharp, image };
  const seen = { moved: movement(image), width: image.width, height: image.height };
  try {
    const found = await readBarcodes(image, count++ % 2 ? THOROUGH : QUICK);
    return { ...seen, symbols: found.map(symbol).filter(believable) };
  } catch (problem) {
    return { ...seen, problem: String(problem) };  // the server reads the sharpest frames instead
  }
}

/** The sharpest frame since the last one asked for, as JPEG. */
async function snapshot() {
  if (!sharpest) return { jpeg: null };
  const { image } = sharpest;
  sharpest = null;
  const paper = new OffscreenCanvas(image.width, image.height);
  paper.getContext("2d").putImageData(image, 0, 0);
  return { jpeg: await paper.convertToBlob({ type: "image/jpeg", quality: QUALITY }) };
}

self.addEventListener("message", async ({ data }) => {
  try {
    const answer = data.bitmap ? await read(data.bitmap) : await snapshot();
    self.postMessage({ id: data.id, ...answer });
  } catch (problem) {
    self.postMessage({ id: data.id, problem: String(problem) });
  }
});
