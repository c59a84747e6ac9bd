// Lists what is wrong with the page as it stands: for people who cannot scroll
// sideways, hear labels, or see faint text.
(() => {
  const bad = [];
  const root = document.documentElement;
  const seen = (el) => el.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  const name = (el) => el.outerHTML.replace(/\s+/g, " ").slice(0, 100);

  if (!document.title.trim()) bad.push("no title");
  if (!root.lang) bad.push("no language");
  if (root.scrollWidth > innerWidth) bad.push(`scrolls sideways: ${root.scrollWidth} of ${innerWidth}`);
  if (document.querySelectorAll("main").length !== 1) bad.push("not exactly one main part");
  if (document.querySelectorAll("h1").length !== 1) bad.push("not exactly one h1");

  const ids = new Set();
  for (const el of document.querySelectorAll("[id]")) {
    if (ids.has(el.id)) bad.push(`id ${el.id} twice`);
    ids.add(el.id);
  }
  for (const el of document.querySelectorAll("input:not([type=hidden]), select, textarea")) {
    const label = [...(el.labels ?? [])].map((l) => l.textContent).join("") + (el.getAttribute("aria-label") ?? "")
      + (el.getAttribute("aria-labelledby") ?? "").split(" ").map((id) => document.getElementById(id)?.textContent ?? "").join("");
    if (!label.trim()) bad.push(`no label: ${name(el)}`);
  }
  for (const el of document.querySelectorAll("a[href], button")) {
    if (seen(el) && !(el.textContent + (el.getAttribute("aria-label") ?? "") + (el.querySelector("img")?.alt ?? "")).trim()) bad.push(`no name: ${name(el)}`);
  }
  for (const el of document.querySelectorAll("img:not([alt])")) bad.push(`no alt: ${name(el)}`);
  for (const el of document.querySelectorAll("[style], [onclick]")) bad.push(`inline style or script: ${name(el)}`);

  // Contrast, where both colours are known: text over a plain background.
  const parse = (c) => {
    const m = c.match(/^rgba?\(([^)]+)\)/);
    const v = m ? m[1].split(/[ ,/]+/).map(Number) : null;
    return v && { r: v[0], g: v[1], b: v[2], a: v[3] ?? 1 };
  };
  const over = (top, under) => ({ r: top.r * top.a + under.r * (1 - top.a), g: top.g * top.a + under.g * (1 - top.a), b: top.b * top.a + under.b * (1 - top.a), a: 1 });
  const light = ({ r, g, b }) => {
    const f = (v) => ((v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * f(r) + 0.7152 * f(g) + 0.0722 * f(b);
  };
  const backdrop = (el) => {
    const layers = [];
    for (let e = el; e; e = e.parentElement) {
      const s = getComputedStyle(e);
      if (s.backgroundImage !== "none") return null;
      const c = parse(s.backgroundColor);
      if (!c) return null;
      if (c.a > 0) layers.push(c);
      if (c.a === 1) break;
    }
    return layers.reverse().reduce((under, top) => over(top, under), { r: 255, g: 255, b: 255, a: 1 });
  };
  for (const el of document.querySelectorAll("body *")) {
    if (![...el.childNodes].some((n) => n.nodeType === 3 && n.data.trim()) || !seen(el) || el.closest("svg, .sr, [aria-hidden=true], :disabled")) continue;
    const s = getComputedStyle(el), size = parseFloat(s.fontSize), color = parse(s.color), back = backdrop(el);
    if (!color || !back || size === 0) continue;
    const a = light(over(color, back)), b = light(back);
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const large = size >= 24 || (size >= 18.66 && parseInt(s.fontWeight) >= 700);
    if (ratio < (large ? 3 : 4.5)) bad.push(`contrast ${ratio.toFixed(2)}: ${name(el)}`);
  }
  return bad;
})()
