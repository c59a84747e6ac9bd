// The division picker: one select a level, province to village. Without
// JavaScript a button asks the server for the next level; here it is fetched
// as JSON from /api/v1/regions/{code}/children and the button is not needed.
import { on } from "./dom";

interface Division {
  code: string;
  name: string;
  level?: string;
}

async function children(code: string): Promise<Division[]> {
  const r = await fetch(`/api/v1/regions/${encodeURIComponent(code)}/children`, { headers: { Accept: "application/json" } });
  if (!r.ok) throw new Error(String(r.status));
  return ((await r.json()) as { items: Division[] }).items;
}

function nextSelect(select: HTMLSelectElement, box: HTMLElement, items: Division[]): HTMLSelectElement {
  const next = select.cloneNode(false) as HTMLSelectElement;
  next.id = box.dataset.cascade + "-" + (box.querySelectorAll("select").length + 1);
  next.removeAttribute("aria-invalid");
  next.setAttribute("aria-label", box.dataset[items[0]?.level ?? ""] ?? box.dataset.next ?? "");
  next.append(new Option(next.getAttribute("aria-label")!, ""));
  for (const d of items) next.append(new Option(d.name, d.code));
  return next;
}

let newest = 0;

async function choose(select: HTMLSelectElement): Promise<void> {
  const box = select.closest<HTMLElement>("[data-cascade]")!;
  const mine = ++newest;
  while (select.nextElementSibling instanceof HTMLSelectElement) select.nextElementSibling.remove();
  const level = select.selectedOptions[0]?.dataset.level ?? select.dataset.level;
  const last = level !== undefined && level === box.dataset.stop;
  try {
    const items = select.value && !last ? await children(select.value) : [];
    if (mine !== newest || !select.isConnected) return;
    if (items.length) {
      const next = nextSelect(select, box, items);
      if (items[0]?.level) next.dataset.level = items[0].level;
      select.after(next);
    }
  } catch {
    showButtons(box, true); // the server's own way still works
  }
  select.form?.dispatchEvent(new Event("kapok:chosen", { bubbles: true }));
}

function showButtons(box: HTMLElement, show: boolean): void {
  for (const b of box.querySelectorAll<HTMLElement>("button")) b.hidden = !show;
}

export function cascade(): void {
  document.querySelectorAll<HTMLElement>("[data-cascade]").forEach((box) => showButtons(box, false));
  on<HTMLSelectElement>("change", "[data-cascade] select", (select) => void choose(select));
}
