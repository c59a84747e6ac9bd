// Reads one QR code with the camera: the browser's BarcodeDetector where there
// is one, else jsqr, loaded on its own.

type Reader = (video: HTMLVideoElement) => Promise<string | null>;

interface Detector {
  detect(source: CanvasImageSource): Promise<{ rawValue: string }[]>;
}
interface DetectorClass {
  new (options: { formats: string[] }): Detector;
  getSupportedFormats(): Promise<string[]>;
}

async function nativeReader(): Promise<Reader | null> {
  const Class = (globalThis as { BarcodeDetector?: DetectorClass }).BarcodeDetector;
  if (!Class || !(await Class.getSupportedFormats()).includes("qr_code")) return null;
  const detector = new Class({ formats: ["qr_code"] });
  return async (video) => (await detector.detect(video))[0]?.rawValue ?? null;
}

async function ownReader(): Promise<Reader> {
  const { default: jsqr } = await import("jsqr");
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d", { willReadFrequently: true })!;
  return async (video) => {
    const scale = Math.min(1, 640 / video.videoWidth); // enough for a code, light for an old phone
    canvas.width = video.videoWidth * scale;
    canvas.height = video.videoHeight * scale;
    context.drawImage(video, 0, 0, canvas.width, canvas.height);
    const { data, width, height } = context.getImageData(0, 0, canvas.width, canvas.height);
    return jsqr(data, width, height, { inversionAttempts: "dontInvert" })?.data ?? null;
  };
}

function dialogOf(text: DOMStringMap): [HTMLDialogElement, HTMLVideoElement] {
  const dialog = document.createElement("dialog");
  dialog.className = "scan stack";
  const video = document.createElement("video");
  video.setAttribute("playsinline", "");
  video.muted = true;
  const hint = document.createElement("p");
  hint.textContent = text.hint ?? "";
  const close = document.createElement("button");
  close.type = "button";
  close.className = "btn ghost";
  close.textContent = text.close ?? "×";
  close.addEventListener("click", () => dialog.close());
  dialog.append(video, hint, close);
  document.body.append(dialog);
  return [dialog, video];
}

async function readUntilClosed(dialog: HTMLDialogElement, video: HTMLVideoElement, read: Reader): Promise<string | null> {
  while (dialog.open) {
    const text = video.readyState >= 2 ? await read(video) : null;
    if (text) return text;
    await new Promise((r) => setTimeout(r, 120));
  }
  return null;
}

/** The text of a QR code, or null when the reader closed the window; throws without a camera. */
export async function scan(text: DOMStringMap): Promise<string | null> {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  const [dialog, video] = dialogOf(text);
  try {
    const read = (await nativeReader()) ?? (await ownReader());
    video.srcObject = stream;
    dialog.showModal();
    await video.play();
    return await readUntilClosed(dialog, video, read);
  } finally {
    stream.getTracks().forEach((t) => t.stop());
    dialog.remove();
  }
}
