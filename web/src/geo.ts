// A button with data-geo fills the form's lat, lng and accuracy, when the
// reader asks for it. data-digits rounds (2 digits: about a kilometre);
// data-geo="submit" sends the form then.
import { on, reveal, say } from "./dom";

function fill(form: HTMLFormElement, name: string, value: number, digits: number): void {
  const input = form.elements.namedItem(name);
  if (input instanceof HTMLInputElement) input.value = value.toFixed(digits);
}

function take(button: HTMLButtonElement, pos: GeolocationPosition): void {
  const form = button.form!;
  const digits = Number(button.dataset.digits ?? 6);
  fill(form, "lat", pos.coords.latitude, digits);
  fill(form, "lng", pos.coords.longitude, digits);
  fill(form, "accuracy", pos.coords.accuracy, 0);
  say(button, button.dataset.done);
  if (button.dataset.geo === "submit") form.requestSubmit ? form.requestSubmit() : form.submit();
}

export function locate(): void {
  if (!("geolocation" in navigator) || !isSecureContext) return;
  reveal("[data-geo]");
  on<HTMLButtonElement>("click", "[data-geo]", (button) => {
    say(button, button.dataset.busy);
    navigator.geolocation.getCurrentPosition(
      (pos) => take(button, pos),
      (err) => say(button, err.code === err.PERMISSION_DENIED ? button.dataset.denied : button.dataset.failed),
      { enableHighAccuracy: true, timeout: 15_000, maximumAge: 0 },
    );
  });
}
