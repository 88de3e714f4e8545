// Copies what the browser and the PDFs need out of node_modules into tracker/static/vendor (`npm run vendor`).
import { mkdirSync, readFileSync, existsSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(fileURLToPath(import.meta.url));
const packages = join(root, "node_modules");
const vendor = join(root, "tracker", "static", "vendor");
const { tracker } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

const files = [
  ["htmx.org/dist/htmx.min.js", "htmx.min.js"],
  ["@tabler/core/dist/css/tabler.min.css", "tabler.min.css"],
  ["@tabler/core/dist/js/tabler.min.js", "tabler.min.js"],
  ["zxing-wasm/dist/es/reader/index.js", "zxing/reader/index.js"],
  ["zxing-wasm/dist/es/share.js", "zxing/share.js"],
  ["zxing-wasm/dist/reader/zxing_reader.wasm", "zxing/zxing_reader.wasm"],
  ...["latin", "latin-ext"].map((part) => [
    `@fontsource-variable/inter/files/inter-${part}-wght-normal.woff2`,
    `fonts/inter-${part}.woff2`,
  ]),
  ...["400Regular", "500Medium", "600SemiBold", "700Bold"].map((face) => [
    `@expo-google-fonts/inter/${face}/Inter_${face}.ttf`,
    `fonts/Inter-${face.slice(3)}.ttf`,
  ]),
  ...tracker.icons.map((name) => [`@tabler/icons/icons/outline/${name}.svg`, `icons/${name}.svg`]),
];

/** Source maps are not served: a dangling reference would only make the browser's console complain. */
function content(source) {
  const bytes = readFileSync(join(packages, source));
  if (!/\.(js|css)$/.test(source)) return bytes;
  return Buffer.from(bytes.toString("utf8").replace(/\n?(\/\/|\/\*)# sourceMappingURL=.*$/m, "\n"));
}

/** Unchanged files are left alone, so that a server that is running never sees half a file. */
function copy([source, target]) {
  const path = join(vendor, target);
  const bytes = content(source);
  if (existsSync(path) && readFileSync(path).equals(bytes)) return 0;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
  return 1;
}

try {
  const written = files.map(copy).reduce((sum, one) => sum + one, 0);
  console.log(`vendor: ${files.length} files, ${written} written`);
} catch (problem) {
  console.error(`vendor: ${problem.message}. Run "npm ci" first; an icon may be misspelt in package.json.`);
  process.exit(1);
}
