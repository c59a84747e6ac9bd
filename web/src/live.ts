// <div data-refresh="URL" data-every="SECONDS">: a fragment of the server that
// is renewed by itself, such as a code that changes every 30 seconds. The
// fragment that comes back is such an element again and says when next.
import { getHTML } from "./dom";

const retry = 3; // seconds between tries while the network is away

interface Watched {
  el: HTMLElement;
  due: number; // ms since 1970
  busy: boolean;
}

let watched: Watched[] = [];

function plan(w: Watched, seconds: number): void {
  w.due = Date.now() + seconds * 1000;
}

async function renew(w: Watched): Promise<void> {
  w.busy = true;
  try {
    const fresh = (await getHTML(w.el.dataset.refresh!)).querySelector<HTMLElement>("[data-refresh]");
    if (!fresh) {
      location.reload(); // it ended: the page knows what comes now
      return;
    }
    w.el.replaceWith(document.adoptNode(fresh));
    w.el = fresh;
    plan(w, Number(fresh.dataset.every) || 30);
  } catch {
    w.el.classList.add("stale"); // an old code must not look like a good one
    plan(w, retry);
  } finally {
    w.busy = false;
  }
}

// A ticking check instead of long timers: after a sleep of the tab the first
// tick sees that the time has come.
function tick(): void {
  for (const w of watched) if (!w.busy && document.visibilityState === "visible" && Date.now() >= w.due) void renew(w);
}

export function live(): void {
  watched = [...document.querySelectorAll<HTMLElement>("[data-refresh]")].map((el) => {
    const w = { el, due: 0, busy: false };
    plan(w, Number(el.dataset.every) || 30);
    return w;
  });
  if (!watched.length) return;
  setInterval(tick, 500);
  document.addEventListener("visibilitychange", tick);
  addEventListener("online", () => {
    for (const w of watched) w.due = 0;
    tick();
  });
}
