// A filter form with data-live="ID" renews the element with that id as soon as
// a choice changes; the focus stays where it is, the address can be shared.
import { getHTML, on } from "./dom";

let newest = 0;

async function renew(form: HTMLFormElement): Promise<void> {
  const mine = ++newest;
  const query = new URLSearchParams();
  for (const [k, v] of new FormData(form)) if (typeof v === "string" && v) query.append(k, v);
  const url = form.action.split("?")[0] + "?" + query;
  const old = document.getElementById(form.dataset.live!);
  old?.setAttribute("aria-busy", "true");
  try {
    const fresh = (await getHTML(url)).getElementById(form.dataset.live!);
    if (mine !== newest) return; // a later choice is on its way
    if (!old || !fresh) throw new Error("no results");
    old.replaceWith(document.adoptNode(fresh));
    history.replaceState(null, "", url);
  } catch {
    if (mine === newest) form.submit();
  }
}

export function filters(): void {
  on<HTMLElement>("change", "form[data-live] select, form[data-live] input:not([type=search])", (el) => {
    // The division picker says itself when it has its next level.
    if (!el.closest("[data-cascade]")) void renew(el.closest("form")!);
  });
  on<HTMLFormElement>("kapok:chosen", "form[data-live]", (form) => void renew(form));
}
