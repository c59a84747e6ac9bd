// Makes the fonts that internal/kit/pdf embeds: the certificate's two Song
// faces whole (mainland shapes, Hong Kong shapes) and, of a third, only the
// rare characters that the two lack. Layout tables and hinting are dropped:
// the certificate is set character by character and printed, not hinted.
//
// usage: node build.mjs [OUTPUT FOLDER]
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import subsetFont from 'subset-font'

const here = dirname(fileURLToPath(import.meta.url))
const out = process.argv[2] ?? join(here, '../../internal/kit/pdf/fonts')
const require = createRequire(import.meta.url)
const root = (pkg) => dirname(require.resolve(`${pkg}/package.json`))
const fontverter = createRequire(require.resolve('subset-font'))('fontverter')

// In the order of the chain: a later font gives only what the earlier lack,
// unless it is whole because one language prefers its shapes.
const fonts = [
  {
    name: 'song-sc',
    whole: true,
    file: join(root('@expo-google-fonts/noto-serif-sc'), '400Regular/NotoSerifSC_400Regular.ttf'),
    licence: join(root('@expo-google-fonts/noto-serif-sc'), 'LICENSE_FONT')
  },
  {
    name: 'song-hk',
    whole: true,
    file: join(root('@expo-google-fonts/noto-serif-hk'), '400Regular/NotoSerifHK_400Regular.ttf'),
    licence: join(root('@expo-google-fonts/noto-serif-hk'), 'LICENSE_FONT')
  },
  {
    name: 'kai-rare',
    whole: false,
    file: join(root('@fontsource/lxgw-wenkai'), 'files/lxgw-wenkai-latin-500-normal.woff2'),
    licence: join(root('@fontsource/lxgw-wenkai'), 'LICENSE')
  }
]

// characters lists the code points of a TrueType font, from its format 12 or
// format 4 character map.
function characters(ttf) {
  const view = new DataView(ttf.buffer, ttf.byteOffset, ttf.byteLength)
  const cmap = table(view, 'cmap')
  let best
  for (let i = 0; i < view.getUint16(cmap + 2); i++) {
    const at = cmap + view.getUint32(cmap + 4 + 8 * i + 4)
    const format = view.getUint16(at)
    if (format === 12 || (format === 4 && !best)) best = { at, format }
  }
  return best.format === 12 ? format12(view, best.at) : format4(view, best.at)
}

function table(view, tag) {
  for (let i = 0; i < view.getUint16(4); i++) {
    const at = 12 + 16 * i
    const found = [0, 1, 2, 3].every((k) => view.getUint8(at + k) === tag.charCodeAt(k))
    if (found) return view.getUint32(at + 8)
  }
  throw new Error(`font without table ${tag}`)
}

function format12(view, at) {
  const all = new Set()
  for (let g = 0; g < view.getUint32(at + 12); g++) {
    const first = view.getUint32(at + 16 + 12 * g)
    const last = view.getUint32(at + 20 + 12 * g)
    for (let c = first; c <= last; c++) all.add(c)
  }
  return all
}

function format4(view, at) {
  const all = new Set()
  const segments = view.getUint16(at + 6) / 2
  for (let s = 0; s < segments; s++) {
    const last = view.getUint16(at + 14 + 2 * s)
    const first = view.getUint16(at + 16 + 2 * segments + 2 * s)
    for (let c = first; c <= last && c < 0xffff; c++) all.add(c)
  }
  return all
}

async function newer(file, than) {
  const [a, b] = await Promise.all([stat(file).catch(() => null), stat(than)])
  return a !== null && a.mtimeMs >= b.mtimeMs
}

// write replaces a file in one step, so that a build that is stopped leaves
// no half font behind.
async function write(file, data) {
  await writeFile(`${file}.new`, data)
  await rename(`${file}.new`, file)
}

async function build() {
  const lock = join(here, 'package-lock.json')
  if (await newer(join(out, 'kai-rare.ttf'), lock)) return // the last one written
  await mkdir(out, { recursive: true })
  const seen = new Set()
  for (const font of fonts) {
    const ttf = await fontverter.convert(await readFile(font.file), 'truetype')
    const wanted = [...characters(ttf)].filter((c) => !surrogate(c) && (font.whole || !seen.has(c)))
    for (const c of wanted) seen.add(c)
    const small = await subsetFont(ttf, String.fromCodePoint(...wanted), {
      targetFormat: 'truetype',
      noHinting: true,
      noLayoutClosure: true,
      dropTables: ['GSUB', 'GPOS', 'GDEF', 'BASE', 'VORG', 'vhea', 'vmtx', 'kern', 'DSIG', 'gasp']
    })
    await write(join(out, `${font.name}.LICENSE.txt`), await readFile(font.licence))
    await write(join(out, `${font.name}.ttf`), small)
    console.log(`${font.name}.ttf: ${wanted.length} characters, ${(small.length / 1e6).toFixed(1)} MB`)
  }
}

// Surrogate halves are no characters, whatever a font maps.
const surrogate = (c) => c >= 0xd800 && c <= 0xdfff

await build()
