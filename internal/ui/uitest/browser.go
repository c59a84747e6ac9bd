// Package uitest helps tests look at pages: a headless Chromium, and a parsed
// page of a component.
//
// Owns: how a browser is started in a test.
// Invariants: a browser ends with its test; one that cannot be found fails the
// test, it never skips it.
// Not here: journeys through the whole program (cmd/kapok).
package uitest

import (
	"context"
	"io"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/a-h/templ"
	"github.com/chromedp/chromedp"
)

// Browser starts a Chromium that ends with the test; its actions share five
// minutes. more adds to how it is started.
func Browser(t testing.TB, more ...chromedp.ExecAllocatorOption) context.Context {
	t.Helper()
	path := Chromium()
	if path == "" {
		t.Fatal("no Chromium found: apt-get install chromium")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("use-fake-device-for-media-stream", true), chromedp.Flag("use-fake-ui-for-media-stream", true))
	ctx, stop := context.WithTimeout(context.Background(), 5*time.Minute)
	t.Cleanup(stop)
	ctx, end := chromedp.NewExecAllocator(ctx, append(options, more...)...)
	t.Cleanup(end)
	ctx, leave := chromedp.NewContext(ctx)
	t.Cleanup(leave)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start Chromium: %v", err)
	}
	return ctx
}

// Chromium is the path of the browser, or "".
func Chromium() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// Page renders a component and parses it.
func Page(t testing.TB, ctx context.Context, c templ.Component) *goquery.Document {
	t.Helper()
	var b strings.Builder
	if err := c.Render(ctx, &b); err != nil {
		t.Fatalf("render: %v", err)
	}
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(b.String()))
	if err != nil {
		t.Fatalf("parse: %v", err)
	}
	return doc
}

// Inside gives a component its children, as templ does in @outer() { inner }.
func Inside(outer templ.Component, inner ...templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		return outer.Render(templ.WithChildren(ctx, templ.Join(inner...)), w)
	})
}
