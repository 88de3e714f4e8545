// Draws ZPL from standard input as a PNG on standard output: 100 × 150 mm at 8 dots a millimetre.
import { text } from "node:stream/consumers";
import { ready } from "zpl-renderer-js";

const { api } = await ready;
const drawn = await api.zplToBase64Async(await text(process.stdin), 100, 150, 8);
process.stdout.write(Buffer.from(drawn, "base64"));
