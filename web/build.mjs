// Builds the pages' styles and scripts into internal/ui/dist: one file per
// entry with a hash of its content in its name, each also as .gz and .br, and
// manifest.json, which tells the server the hashed name of each entry.
import { build } from "esbuild";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, "..", "internal", "ui", "dist");

// Old phones are in daily use: the oldest WebViews named here run what we build.
const target = ["es2019", "chrome79", "safari13.1", "firefox78"];

function bundle() {
  return build({
    absWorkingDir: here,
    entryPoints: ["src/app.ts", "css/app.css", "img/icon.svg"],
    outdir: out,
    bundle: true,
    format: "esm",
    splitting: true,
    minify: true,
    charset: "utf8",
    legalComments: "none",
    target,
    supported: { destructuring: true }, // Safari 13's bug with it is of a form we do not write
    loader: { ".svg": "copy" },
    entryNames: "[name]-[hash]",
    chunkNames: "[name]-[hash]",
    assetNames: "[name]-[hash]",
    metafile: true,
    write: false,
    logLevel: "warning",
  });
}

/** Writes one file with its compressed twins; gives the names written. */
async function put(name, raw) {
  const br = brotliCompressSync(raw, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: raw.length } });
  await writeFile(join(out, name), raw);
  await writeFile(join(out, name + ".gz"), gzipSync(raw, { level: 9 }));
  await writeFile(join(out, name + ".br"), br);
  console.log(`${name.padEnd(28)} ${String(raw.length).padStart(7)} B, brotli ${String(br.length).padStart(6)} B`);
  return [name, name + ".gz", name + ".br"];
}

// First the new files, then the manifest that names them, last the old files
// go: a program compiled meanwhile finds one state or the other.
const { outputFiles, metafile } = await bundle();
await mkdir(out, { recursive: true });
const written = new Set([".gitkeep", "manifest.json"]);
for (const file of outputFiles) {
  for (const name of await put(basename(file.path), file.contents)) written.add(name);
}
const manifest = {};
for (const [path, info] of Object.entries(metafile.outputs)) {
  if (info.entryPoint) manifest[basename(info.entryPoint).replace(/\.ts$/, ".js")] = basename(path);
}
const draft = join(out, "manifest.json.new");
await writeFile(draft, JSON.stringify(manifest, null, 2) + "\n");
await rename(draft, join(out, "manifest.json"));
for (const name of await readdir(out)) {
  if (!written.has(name)) await rm(join(out, name));
}
