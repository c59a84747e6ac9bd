// A button with data-scan="INPUT-ID": reads a QR code with the camera into
// that input and sends its form; the server judges what was read. The reader
// part is loaded only when the button is pressed.
import { on, reveal, say } from "./dom";

export function scanButton(): void {
  if (!navigator.mediaDevices?.getUserMedia) return;
  reveal("[data-scan]");
  on<HTMLButtonElement>("click", "[data-scan]", async (button) => {
    try {
      const text = await (await import("./scan")).scan(button.dataset);
      const input = document.getElementById(button.dataset.scan!) as HTMLInputElement | null;
      if (text === null || !input) return;
      input.value = text;
      input.form?.requestSubmit ? input.form.requestSubmit() : input.form?.submit();
    } catch {
      say(button, button.dataset.failed); // no permission or no camera: type the digits
    }
  });
}
