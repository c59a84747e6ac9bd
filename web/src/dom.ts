// Small helpers shared by the modules.

/** Runs f when an element that fits the selector (or something in it) gets the event. */
export function on<E extends Element>(event: string, selector: string, f: (el: E, e: Event) => void): void {
  document.addEventListener(event, (e) => {
    const el = (e.target as Element | null)?.closest<E>(selector);
    if (el) f(el, e);
  });
}

/** Shows elements that make sense only with JavaScript (they arrive hidden). */
export function reveal(selector: string, root: ParentNode = document): void {
  for (const el of root.querySelectorAll<HTMLElement>(selector)) el.hidden = false;
}

/** Puts one of the element's data-… texts into the status beside it, read aloud politely. */
export function say(el: HTMLElement, text: string | undefined): void {
  const status = el.parentElement?.querySelector("[role=status]");
  if (status) status.textContent = text ?? "";
}

/** Fetches a page or fragment as the reader would get it; throws unless it is fine. */
export async function getHTML(url: string): Promise<Document> {
  const r = await fetch(url, { headers: { Accept: "text/html" }, cache: "no-store" });
  if (!r.ok || r.redirected) throw new Error(String(r.status));
  return new DOMParser().parseFromString(await r.text(), "text/html");
}
