// A form that is on its way is not sent a second time by a double click. The
// server refuses duplicates itself; this only spares the reader the message.
const patience = 10_000; // ms; a download leaves the page open, so the form must wake again

function wake(form: HTMLFormElement): void {
  delete form.dataset.sent;
  for (const b of form.querySelectorAll("[aria-busy]")) b.removeAttribute("aria-busy");
}

export function once(): void {
  document.addEventListener("submit", (e) => {
    const form = e.target as HTMLFormElement;
    if (form.method !== "post" || e.defaultPrevented) return;
    if (form.dataset.sent) {
      e.preventDefault();
      return;
    }
    form.dataset.sent = "1";
    (e as SubmitEvent).submitter?.setAttribute("aria-busy", "true");
    setTimeout(wake, patience, form);
  });
  // The back button may bring the page back as it was left.
  addEventListener("pageshow", (e) => {
    if (e.persisted) document.querySelectorAll<HTMLFormElement>("form[data-sent]").forEach(wake);
  });
}
