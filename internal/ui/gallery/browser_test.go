package gallery_test

import (
	"context"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/qr"
	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"kapok/internal/kit/i18n"
	"kapok/internal/ui/gallery"
	"kapok/internal/ui/uitest"
)

// serve runs the gallery; posts counts the forms that arrived.
func serve(t *testing.T) (url string, posts *atomic.Int32) {
	posts = new(atomic.Int32)
	site := gallery.Site(slog.New(slog.DiscardHandler))
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			posts.Add(1)
		}
		site.ServeHTTP(w, r)
	}))
	t.Cleanup(srv.Close)
	return srv.URL, posts
}

func do(t *testing.T, ctx context.Context, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(ctx, steps...); err != nil {
		t.Fatal(err)
	}
}

func eval[T any](t *testing.T, ctx context.Context, js string) T {
	t.Helper()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](js, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatalf("%s: %v", js, err)
	}
	return v
}

// until waits for a condition in the page, also across its navigations, during
// which there is no page to ask.
func until(t *testing.T, ctx context.Context, js string) {
	t.Helper()
	for {
		ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool](js))
		if ok {
			return
		}
		if ctx.Err() != nil {
			t.Fatalf("never true: %s: %v", js, err)
		}
		do(t, ctx, chromedp.Sleep(30*time.Millisecond))
	}
}

// audit lists what breaks the rules of the look: sideways scrolling, small
// targets (MIIT 适老化: 44 px, 60 px in 长者模式), small text in 长者模式 (18 pt),
// anything the CSP stopped.
const audit = `(() => {
  const bad = [...(window.stopped ?? [])];
  const elder = document.documentElement.classList.contains("elder");
  const least = elder ? 60 : 44;
  if (document.documentElement.scrollWidth > innerWidth) bad.push("scrolls sideways to " + document.documentElement.scrollWidth);
  for (const el of document.querySelectorAll("a:not(.skip), button, select, textarea, summary, input:not([type=hidden])")) {
    if (!el.checkVisibility()) continue;
    const whole = el.matches("h3 a, .hours a") ? el.closest(".card.link, li") : el.closest("label.pick");
    const box = (whole ?? el).getBoundingClientRect();
    if (box.width < least - .5 || box.height < least - .5) bad.push("target " + Math.round(box.width) + "×" + Math.round(box.height) + " " + el.outerHTML.slice(0, 80));
  }
  if (elder) for (const el of document.querySelectorAll("body *")) {
    const says = [...el.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    if (says && el.checkVisibility() && !el.closest(".sr") && parseFloat(getComputedStyle(el).fontSize) < 24 && getComputedStyle(el).fontSize !== "0px")
      bad.push("text of " + getComputedStyle(el).fontSize + " " + el.outerHTML.slice(0, 80));
  }
  return bad;
})()`

func TestLookHolds(t *testing.T) {
	t.Parallel()
	url, _ := serve(t)
	ctx := uitest.Browser(t)
	watch := page.AddScriptToEvaluateOnNewDocumentParams{Source: `addEventListener("securitypolicyviolation", (e) => (window.stopped ??= []).push("CSP " + e.violatedDirective))`}
	if _, err := chromedp.Call(ctx, page.AddScriptToEvaluateOnNewDocument, watch); err != nil {
		t.Fatal(err)
	}
	for path := range gallery.Pages() {
		for _, l := range i18n.Langs {
			for _, elder := range []string{"0", "1"} {
				setCookies(t, ctx, url, map[string]string{"lang": string(l), "elder": elder})
				do(t, ctx, chromedp.Navigate(url+path))
				for _, width := range []int64{320, 640, 1280} { // 640 is 1280 at 200 % zoom
					do(t, ctx, chromedp.EmulateViewport(width, 780))
					for _, bad := range eval[[]string](t, ctx, audit) {
						t.Errorf("%s %s elder=%s at %d px: %s", path, l, elder, width, bad)
					}
				}
			}
		}
	}
}

func setCookies(t *testing.T, ctx context.Context, url string, values map[string]string) {
	t.Helper()
	for name, value := range values {
		if _, err := chromedp.Call(ctx, network.SetCookie, network.SetCookieParams{Name: name, Value: value, URL: url}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestKeyboardAndFocus(t *testing.T) {
	t.Parallel()
	url, _ := serve(t)
	ctx := uitest.Browser(t)
	do(t, ctx, chromedp.Navigate(url+"/"), chromedp.KeyEvent("\t"))
	if got := eval[string](t, ctx, `document.activeElement.className`); got != "skip" {
		t.Errorf("first stop is %q, not the skip link", got)
	}
	do(t, ctx, chromedp.KeyEvent("\r"))
	until(t, ctx, `document.activeElement.id === "main"`)
	do(t, ctx, chromedp.Navigate(url+"/form"))
	until(t, ctx, `document.activeElement.id === "errors"`)
}

func TestDivisionPicker(t *testing.T) {
	t.Parallel()
	url, _ := serve(t)
	ctx := uitest.Browser(t)
	do(t, ctx, chromedp.Navigate(url+"/form"))
	until(t, ctx, `document.querySelector("[data-cascade] button")?.hidden`)
	do(t, ctx, chromedp.SetValue("#f-name", "改过"))
	pick(t, ctx, 2, "441900") // 东莞 has towns right below
	until(t, ctx, `document.querySelectorAll("[data-cascade] select").length === 3 && document.querySelector("[data-cascade] select:nth-of-type(3)").options.length === 2`)
	pick(t, ctx, 3, "441900003")
	until(t, ctx, `document.querySelectorAll("[data-cascade] select").length === 3`)
	sent := eval[[]string](t, ctx, `new FormData(document.querySelector("form.form")).getAll("division")`)
	if len(sent) != 3 || sent[2] != "441900003" {
		t.Errorf("the form would send %v", sent)
	}
	if got := eval[string](t, ctx, `document.querySelector("#f-name").value`); got != "改过" {
		t.Errorf("the name became %q", got)
	}
}

// pick chooses in the nth select of the picker as a person does.
func pick(t *testing.T, ctx context.Context, nth int, code string) {
	t.Helper()
	script := `(([n, code]) => { const s = document.querySelectorAll("[data-cascade] select")[n - 1]; s.value = code; s.dispatchEvent(new Event("change", { bubbles: true })); return s.value })`
	got := eval[string](t, ctx, script+`([`+string(rune('0'+nth))+`, "`+code+`"])`)
	if got != code {
		t.Fatalf("select %d has no %s", nth, code)
	}
}

func TestFilterRenewsResults(t *testing.T) {
	t.Parallel()
	url, _ := serve(t)
	ctx := uitest.Browser(t)
	allowPlace(t, ctx, url)
	do(t, ctx, chromedp.Navigate(url+"/list"))
	eval[string](t, ctx, `(() => { window.here = "same page"; const s = document.querySelector("#f-field"); s.value = "river"; s.dispatchEvent(new Event("change", { bubbles: true })); return s.value })()`)
	until(t, ctx, `document.getElementById("results").textContent.trim() === "/river//"`)
	pick(t, ctx, 1, "440000")
	until(t, ctx, `document.getElementById("results").textContent.trim() === "/river/440000/"`)
	if got := eval[string](t, ctx, `window.here + location.search`); got != "same page?field=river&division=440000" {
		t.Errorf("page and address: %q", got)
	}
	do(t, ctx, chromedp.Click("[data-geo]"))
	until(t, ctx, `document.getElementById("results").textContent.trim() === "/river/440000/23.13"`)
}

func allowPlace(t *testing.T, ctx context.Context, url string) {
	t.Helper()
	grant := browser.SetPermissionParams{Permission: &browser.PermissionDescriptor{Name: "geolocation"}, Setting: browser.PermissionSettingGranted, Origin: url}
	if _, err := chromedp.CallBrowser(ctx, browser.SetPermission, grant); err != nil {
		t.Fatal(err)
	}
	lat, lng, accuracy := 23.129112, 113.264385, 12.4
	if _, err := chromedp.Call(ctx, emulation.SetGeolocationOverride, emulation.SetGeolocationOverrideParams{Latitude: &lat, Longitude: &lng, Accuracy: &accuracy}); err != nil {
		t.Fatal(err)
	}
}

func TestLocateFillsTheForm(t *testing.T) {
	t.Parallel()
	url, _ := serve(t)
	ctx := uitest.Browser(t)
	allowPlace(t, ctx, url)
	do(t, ctx, chromedp.Navigate(url+"/form"), chromedp.Click("[data-geo]"))
	until(t, ctx, `document.querySelector("[name=lat]").value === "23.129112" && document.querySelector("[name=accuracy]").value === "12"`)
}

func TestNoSecondSubmit(t *testing.T) {
	t.Parallel()
	url, posts := serve(t)
	ctx := uitest.Browser(t)
	do(t, ctx, chromedp.Navigate(url+"/code"))
	eval[bool](t, ctx, `(() => { const b = document.querySelector("form.form .actions button"); b.click(); b.click(); return true })()`)
	until(t, ctx, `location.pathname === "/hours" && !!document.querySelector("main .flash.jade")`)
	if n := posts.Load(); n != 1 {
		t.Errorf("%d forms arrived, want one", n)
	}
	do(t, ctx, chromedp.Reload())
	if eval[bool](t, ctx, `!!document.querySelector("main .flash")`) {
		t.Error("the message is shown twice")
	}
}

func TestLivePartRenews(t *testing.T) {
	t.Parallel()
	url, _ := serve(t)
	ctx := uitest.Browser(t)
	do(t, ctx, chromedp.Navigate(url+"/code"))
	eval[bool](t, ctx, `(() => { document.querySelector("[data-refresh]").id = "old"; window.real = fetch; window.fetch = () => Promise.reject(new Error("offline")); return dispatchEvent(new Event("online")) })()`)
	until(t, ctx, `document.getElementById("old").matches(".stale")`)
	eval[bool](t, ctx, `(() => { window.fetch = window.real; return dispatchEvent(new Event("online")) })()`)
	until(t, ctx, `!document.getElementById("old") && !!document.querySelector("[data-refresh]:not(.stale)")`)
}

func TestShare(t *testing.T) {
	t.Parallel()
	url, _ := serve(t)
	ctx := uitest.Browser(t)
	do(t, ctx, chromedp.Navigate(url+"/activity?elder=0"))
	eval[bool](t, ctx, `(() => { navigator.share = async (d) => { window.shared = d.url }; return true })()`)
	do(t, ctx, chromedp.Click("[data-share]"))
	until(t, ctx, `window.shared === location.origin + "/activity"`)
}

// The whole way of a scanned code: camera, jsqr, the field, the form.
func TestScan(t *testing.T) {
	t.Parallel()
	url, posts := serve(t)
	ctx := uitest.Browser(t, chromedp.Flag("use-file-for-fake-video-capture", film(t, "K1.abc-123")))
	do(t, ctx, chromedp.Navigate(url+"/code"))
	eval[bool](t, ctx, `(() => { document.querySelector("#f-code").form.addEventListener("submit", () => sessionStorage.setItem("read", document.querySelector("#f-code").value)); return true })()`)
	do(t, ctx, chromedp.Click("[data-scan]"))
	until(t, ctx, `location.pathname === "/hours"`)
	if got := eval[string](t, ctx, `sessionStorage.getItem("read")`); got != "K1.abc-123" || posts.Load() != 1 {
		t.Errorf("read %q, %d forms", got, posts.Load())
	}
}

// film makes a film for the camera that shows a QR code.
func film(t *testing.T, text string) string {
	t.Helper()
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		t.Fatal(err)
	}
	if code, err = barcode.Scale(code, 300, 300); err != nil {
		t.Fatal(err)
	}
	frame := image.NewRGBA(image.Rect(0, 0, 640, 480))
	draw.Draw(frame, frame.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.Draw(frame, image.Rect(170, 90, 470, 390), code, image.Point{}, draw.Src)
	path := filepath.Join(t.TempDir(), "code.mjpeg")
	out, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := jpeg.Encode(out, frame, nil); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}
