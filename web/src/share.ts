// A button with data-share="URL" hands the address to the phone's share sheet,
// or copies it.
import { on, reveal, say } from "./dom";

async function give(button: HTMLElement): Promise<void> {
  const url = new URL(button.dataset.share || location.pathname, location.href).href;
  try {
    if (navigator.share) {
      await navigator.share({ title: button.dataset.title ?? document.title, url });
    } else {
      await navigator.clipboard.writeText(url);
      say(button, button.dataset.done);
    }
  } catch (e) {
    if ((e as Error).name !== "AbortError") say(button, url); // then the reader copies by hand
  }
}

export function share(): void {
  reveal("[data-share]");
  on<HTMLElement>("click", "[data-share]", (button) => void give(button));
}
