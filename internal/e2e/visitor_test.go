package e2e

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"kapok/internal/kit/i18n"
	"kapok/internal/ui/uitest"
)

//go:embed inspect.js
var inspectJS string

// patience limits one step of a visitor; it is long because machines that test
// are busy.
const patience = 45 * time.Second

// visitor is somebody with a browser window of their own.
type visitor struct {
	t     testing.TB
	name  string
	stage *stage
	tab   context.Context
	manner
	phone  string // E.164, once registered
	secret string // of the authenticator app

	mu       sync.Mutex
	troubles []string // errors of the console and of what the page fetched
	pages    int      // inspected
}

// manner is how somebody browses.
type manner struct {
	lang     i18n.Lang
	width    int64
	noScript bool
}

// browser starts one browser for all visitors of a test.
func browser(t testing.TB) context.Context {
	t.Helper()
	path := chromium(t, uitest.Chromium())
	return uitest.Browser(t, chromedp.ExecPath(path))
}

// enter opens a window in a profile of its own.
func enter(t testing.TB, b context.Context, s *stage, name string, m manner) *visitor {
	t.Helper()
	v := &visitor{t: t, name: name, stage: s, manner: m}
	tab, leave := chromedp.NewContext(b, chromedp.WithNewBrowserContext())
	t.Cleanup(leave)
	v.tab = tab
	// The window lives as long as the context of its first step.
	if err := chromedp.Do(tab, chromedp.EmulateViewport(m.width, 760)); err != nil {
		t.Fatal(err)
	}
	if err := chromedp.Listen(tab, v.hear); err != nil {
		t.Fatal(err)
	}
	for _, enable := range []error{
		second(chromedp.Call(tab, log.Enable, cdp.Empty{})),
		second(chromedp.Call(tab, network.SetCookie, network.SetCookieParams{Name: "lang", Value: string(m.lang), URL: s.url})),
		second(chromedp.Call(tab, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: m.noScript})),
	} {
		if enable != nil {
			t.Fatal(enable)
		}
	}
	return v
}

func second[T any](_ T, err error) error { return err }

// hear collects what goes wrong behind a page. Answers that refuse a form are
// no trouble: they are looked at as pages.
func (v *visitor) hear(ev any) {
	v.mu.Lock()
	defer v.mu.Unlock()
	switch e := ev.(type) {
	case *network.EventRequestWillBeSent:
		v.stage.visit(e.Request.URL + e.Request.URLFragment)
	case *runtime.EventConsoleAPICalled:
		if e.Type == "error" {
			v.troubles = append(v.troubles, "console: "+text(e.Args))
		}
	case *runtime.EventExceptionThrown:
		v.troubles = append(v.troubles, "exception: "+e.ExceptionDetails.Text)
	case *log.EventEntryAdded:
		if e.Entry.Level == "error" && !strings.Contains(e.Entry.Text, "status of 4") {
			v.troubles = append(v.troubles, "log: "+e.Entry.Text)
		}
	case *network.EventResponseReceived:
		if e.Response.Status >= 500 || e.Response.Status >= 400 && e.Type != network.ResourceTypeDocument {
			v.troubles = append(v.troubles, fmt.Sprintf("%d for %s", e.Response.Status, e.Response.URL))
		}
	}
}

func text(args []*runtime.RemoteObject) string {
	var out []string
	for _, a := range args {
		out = append(out, string(a.Value)+a.Description)
	}
	return strings.Join(out, " ")
}

func (v *visitor) within() (context.Context, context.CancelFunc) {
	return context.WithTimeout(v.tab, patience)
}

func (v *visitor) do(steps ...chromedp.Action[chromedp.Void]) {
	v.t.Helper()
	ctx, cancel := v.within()
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		v.t.Fatalf("%s: %v", v.name, err)
	}
}

// js asks the page; it works with scripts off, too, as a debugger does.
func js[T any](v *visitor, expression string, args ...any) T {
	v.t.Helper()
	for i, a := range args {
		b, err := json.Marshal(a)
		if err != nil {
			v.t.Fatal(err)
		}
		expression = strings.ReplaceAll(expression, fmt.Sprintf("$%d", i+1), string(b))
	}
	ctx, cancel := v.within()
	defer cancel()
	out, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		v.t.Fatalf("%s at %s: %s: %v", v.name, v.where(), expression, err)
	}
	return out
}

func (v *visitor) where() string {
	ctx, cancel := v.within()
	defer cancel()
	at, _ := chromedp.Run(ctx, chromedp.Location())
	return strings.TrimPrefix(at, v.stage.url)
}

// open goes to a page, which must be there.
func (v *visitor) open(path string) {
	v.t.Helper()
	v.arrive(200, chromedp.Navigate(v.stage.url+path))
}

// arrive runs steps that lead to a page, checks its status and inspects it.
func (v *visitor) arrive(status int64, steps ...chromedp.Action[chromedp.Void]) {
	v.t.Helper()
	ctx, cancel := v.within()
	defer cancel()
	r, err := chromedp.RunResponse(ctx, steps...)
	if err != nil {
		v.t.Fatalf("%s at %s: %v\n%s", v.name, v.where(), err, v.body())
	}
	if r != nil && r.Status != status {
		v.t.Fatalf("%s: %s answers %d, not %d:\n%s", v.name, v.where(), r.Status, status, v.body())
	}
	v.inspect()
}

// inspect looks the page over at the visitor's width and at 320 px.
func (v *visitor) inspect() {
	v.t.Helper()
	v.pages++
	for _, width := range slices.Compact([]int64{320, v.width}) {
		v.do(chromedp.EmulateViewport(width, 760))
		for _, bad := range js[[]string](v, inspectJS) {
			v.t.Errorf("%s at %s, %d px: %s", v.name, v.where(), width, bad)
		}
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, bad := range v.troubles {
		v.t.Errorf("%s at %s: %s", v.name, v.where(), bad)
	}
	v.troubles = nil
}

// body is the text of the page.
func (v *visitor) body() string {
	ctx, cancel := v.within()
	defer cancel()
	out, _ := chromedp.Run(ctx, chromedp.Evaluate[string](`document.body.innerText.replace(/\n\s*\n+/g, "\n")`))
	return out
}

// sees fails the test when the page lacks a text.
func (v *visitor) sees(texts ...string) {
	v.t.Helper()
	body := v.body()
	for _, want := range texts {
		if !strings.Contains(body, want) {
			v.t.Errorf("%s at %s does not see %q in:\n%s", v.name, v.where(), want, body)
		}
	}
}

// fill types into a field, chosen by its name.
func (v *visitor) fill(name, value string) {
	v.t.Helper()
	done := js[string](v, `(() => {
		const all = [...document.getElementsByName($1)].filter((e) => e.type !== "hidden");
		const pick = all.find((e) => (e.type === "radio" || e.type === "checkbox") && e.value === $2);
		if (pick) { if (!pick.checked) pick.click(); return "ok"; }
		const el = all[0];
		if (!el) return "no field";
		if (el.tagName === "SELECT" && ![...el.options].some((o) => o.value === $2)) return "no such choice";
		el.value = $2;
		el.dispatchEvent(new Event("input", { bubbles: true }));
		el.dispatchEvent(new Event("change", { bubbles: true }));
		return "ok";
	})()`, name, value)
	if done != "ok" {
		v.t.Fatalf("%s at %s: %s %q = %q in:\n%s", v.name, v.where(), done, name, value, v.body())
	}
}

// tap presses what a text of the catalogue names, in the visitor's language.
func (v *visitor) tap(key string, args ...any) { v.t.Helper(); v.press(v.say(key, args...)) }

func (v *visitor) say(key string, args ...any) string {
	v.t.Helper()
	text := i18n.Text(v.lang, key, args...)
	if text == key {
		v.t.Fatalf("there is no text %s", key)
	}
	return text
}

// place chooses a division level by level: with scripts the next level appears
// by itself, without them a button asks for it.
func (v *visitor) place(codes ...string) {
	v.t.Helper()
	for _, code := range codes {
		has := func() bool {
			return js[bool](v, `[...document.querySelectorAll("select[name=division] option")].some((o) => o.value === $1)`, code)
		}
		if !has() && v.noScript {
			v.tap("ui.level.more")
		}
		for range 100 {
			if has() {
				break
			}
			v.do(chromedp.Sleep(100 * time.Millisecond))
		}
		if !js[bool](v, `(() => {
			const el = [...document.querySelectorAll("select[name=division]")].find((s) => [...s.options].some((o) => o.value === $1));
			if (!el) return false;
			el.value = $1;
			el.dispatchEvent(new Event("change", { bubbles: true }));
			return true;
		})()`, code) {
			v.t.Fatalf("%s at %s cannot choose %s in:\n%s", v.name, v.where(), code, v.body())
		}
	}
}

// press pushes the visible button or follows the visible link whose text is or
// begins with what is given; within narrows it to a part of the page.
func (v *visitor) press(label string) { v.t.Helper(); v.pressIn("body", label, 200) }

// pressRefused pushes a button and expects the page to refuse.
func (v *visitor) pressRefused(label string, status int64) {
	v.t.Helper()
	v.pressIn("body", label, status)
}

func (v *visitor) pressIn(part, label string, status int64) {
	v.t.Helper()
	found := js[bool](v, `(() => {
		document.querySelector("[data-e2e]")?.removeAttribute("data-e2e");
		const text = (e) => (e.innerText || e.value || e.getAttribute("aria-label") || "").replace(/\s+/g, " ").trim();
		const all = [...document.querySelectorAll($1)].flatMap((p) => [...p.querySelectorAll("button, a[href], input[type=submit], summary")]).filter((e) => e.checkVisibility());
		const el = all.find((e) => text(e) === $2) ?? all.find((e) => text(e).startsWith($2)) ?? all.find((e) => text(e).includes($2));
		el?.setAttribute("data-e2e", "");
		return !!el;
	})()`, part, label)
	if !found {
		v.t.Fatalf("%s at %s finds no %q in:\n%s", v.name, v.where(), label, v.body())
	}
	v.arrive(status, chromedp.Click(chromedp.CSS("[data-e2e]")))
}

// tabsTo presses the tab key until the element has the focus.
func (v *visitor) tabsTo(selector string) {
	v.t.Helper()
	js[bool](v, `(document.activeElement.blur(), true)`)
	for range 80 {
		v.do(chromedp.KeyEvent("\t"))
		if js[bool](v, `document.activeElement.matches($1)`, selector) {
			return
		}
	}
	v.t.Errorf("%s at %s: the tab key does not reach %s", v.name, v.where(), selector)
}

// fetch downloads a file with the visitor's session.
func (v *visitor) fetch(path string) []byte {
	v.t.Helper()
	ctx, cancel := v.within()
	defer cancel()
	jar, err := chromedp.Call(ctx, network.GetCookies, network.GetCookiesParams{URLs: []string{v.stage.url}})
	if err != nil {
		v.t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, v.stage.url+path, nil)
	if err != nil {
		v.t.Fatal(err)
	}
	for _, c := range jar.Cookies {
		r.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value})
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		v.t.Fatal(err)
	}
	defer answer.Body.Close()
	file, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		v.t.Fatalf("%s: %d %v", path, answer.StatusCode, err)
	}
	return file
}
