// A button with data-passkey="use" or "make" asks the server (data-url) for a
// challenge, lets the device answer it, puts the answer into its form and sends
// that. It arrives hidden: without JavaScript there are no passkeys.
import { on, reveal, say } from "./dom";

interface Asked {
  challenge: string;
  options: { publicKey: Options };
}

// Options have their bytes in base64url (WebAuthn §5.1.8, §5.1.9).
interface Options {
  challenge: string;
  user?: { id: string; name: string; displayName: string };
  allowCredentials?: Listed[];
  excludeCredentials?: Listed[];
}
interface Listed {
  id: string;
  type: "public-key";
}

function bytes(text: string): ArrayBuffer {
  const raw = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(raw, (c) => c.charCodeAt(0)).buffer;
}

function text(buffer: ArrayBuffer): string {
  return btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

const listed = (list: Listed[] = []) => list.map((c) => ({ ...c, id: bytes(c.id) }));

async function ask(url: string): Promise<Asked> {
  const r = await fetch(url, { method: "POST", headers: { Accept: "application/json" } });
  if (!r.ok) throw new Error(String(r.status));
  return (await r.json()) as Asked;
}

function request(make: boolean, o: Options): Promise<Credential | null> {
  const challenge = bytes(o.challenge);
  if (!make) return navigator.credentials.get({ publicKey: { ...o, challenge, allowCredentials: listed(o.allowCredentials) } as PublicKeyCredentialRequestOptions });
  const user = { ...o.user!, id: bytes(o.user!.id) };
  return navigator.credentials.create({ publicKey: { ...o, challenge, user, excludeCredentials: listed(o.excludeCredentials) } as unknown as PublicKeyCredentialCreationOptions });
}

/** What the device answered, in the JSON form of WebAuthn. */
function written(c: PublicKeyCredential): string {
  const response: Record<string, unknown> = {};
  for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    const value = (c.response as unknown as Record<string, ArrayBuffer | null>)[part];
    if (value) response[part] = text(value);
  }
  return JSON.stringify({ id: c.id, rawId: text(c.rawId), type: c.type, response, clientExtensionResults: {} });
}

async function answer(button: HTMLButtonElement): Promise<void> {
  const form = button.form!;
  if (!form.reportValidity()) return;
  say(button, button.dataset.busy);
  try {
    const asked = await ask(button.dataset.url!);
    const c = await request(button.dataset.passkey === "make", asked.options.publicKey);
    const put = (name: string, value: string) => ((form.elements.namedItem(name) as HTMLInputElement).value = value);
    put("challenge", asked.challenge);
    put("credential", written(c as PublicKeyCredential));
    form.requestSubmit ? form.requestSubmit() : form.submit();
  } catch (e) {
    say(button, (e as Error).name === "NotAllowedError" ? button.dataset.cancelled : button.dataset.failed);
  }
}

export function passkeys(): void {
  reveal("[data-passkey]");
  on<HTMLButtonElement>("click", "[data-passkey]", (button) => {
    if (window.PublicKeyCredential) void answer(button);
    else say(button, button.dataset.missing);
  });
}
