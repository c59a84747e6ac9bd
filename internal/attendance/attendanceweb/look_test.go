package attendanceweb

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"kapok/internal/attendance"
	"kapok/internal/kit/i18n"
	"kapok/internal/person/persontest"
	"kapok/internal/ui"
	"kapok/internal/ui/uitest"
)

func run[T any](t *testing.T, ctx context.Context, js string) T {
	t.Helper()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](js))
	if err != nil {
		t.Fatalf("%s: %v", js, err)
	}
	return v
}

// as makes the browser somebody's, in a language and mode.
func as(t *testing.T, ctx context.Context, b *bed, token string, l i18n.Lang, elder string) {
	t.Helper()
	for name, value := range map[string]string{"session": token, "lang": string(l), "elder": elder} {
		if _, err := chromedp.Call(ctx, network.SetCookie, network.SetCookieParams{Name: name, Value: value, URL: b.Address()}); err != nil {
			t.Fatal(err)
		}
	}
}

func visitPage(t *testing.T, ctx context.Context, address string) {
	t.Helper()
	if err := chromedp.Do(ctx, chromedp.Navigate(address)); err != nil {
		t.Fatal(err)
	}
}

// TestPagesFitEveryScreen looks for pages that scroll sideways, and for targets
// of main tasks that are too small in 长者模式.
func TestPagesFitEveryScreen(t *testing.T) {
	b := setup(t)
	b.Site.Mount("GET /assets/", ui.Assets())
	persontest.Ward(t, b.Bed.People, b.anna.ID, "2015-03-01")
	anna, leader := b.Token(t, b.anna), b.Token(t, b.leader)
	b.Come(b.shift, b.World.Volunteer("阿依古丽·买买提江"), b.Clk.Now())
	ctx := uitest.Browser(t)
	for _, l := range []i18n.Lang{i18n.ZhHans, i18n.En} {
		for _, elder := range []string{"0", "1"} {
			for path, token := range map[string]string{"/checkin": anna, codeStep: anna, attendance.ScanPath + b.now().Token: anna, "/me/code": anna,
				b.desk("code"): leader, b.desk("scan"): leader} {
				as(t, ctx, b, token, l, elder)
				visitPage(t, ctx, b.Address()+path)
				for _, width := range []int64{320, 1280} {
					if err := chromedp.Do(ctx, chromedp.EmulateViewport(width, 780)); err != nil {
						t.Fatal(err)
					}
					if over := run[int](t, ctx, `document.documentElement.scrollWidth - innerWidth`); over > 0 {
						t.Errorf("%s %s elder=%s scrolls sideways by %d px at %d", path, l, elder, over, width)
					}
				}
				if least := run[float64](t, ctx, `Math.min(999, ...[...document.querySelectorAll("main .btn")].filter((e) => e.checkVisibility()).map((e) => e.getBoundingClientRect().height))`); elder == "1" && least < 60 {
					t.Errorf("%s %s: a button of %v px in 长者模式", path, l, least)
				}
			}
		}
	}
}

// TestTheCodeRenewsItself keeps a page open while the clock goes on.
func TestTheCodeRenewsItself(t *testing.T) {
	b := setup(t)
	b.Site.Mount("GET /assets/", ui.Assets())
	ctx := uitest.Browser(t)
	as(t, ctx, b, b.Token(t, b.leader), i18n.ZhHans, "0")
	b.Clk.Advance(28 * time.Second) // so that the part renews itself in two seconds
	visitPage(t, ctx, b.Address()+b.desk("code"))
	run[bool](t, ctx, `window.stayed = true`)
	b.Clk.Advance(attendance.Span)
	want := spaced(b.now().Digits)
	for run[string](t, ctx, `document.querySelector(".digits").textContent`) != want {
		if ctx.Err() != nil {
			t.Fatal("the code stays")
		}
		time.Sleep(50 * time.Millisecond)
	}
	if !run[bool](t, ctx, `window.stayed === true`) {
		t.Error("the whole page was loaded anew")
	}
	// what the QR code carries leads to the page of the shift
	as(t, ctx, b, b.Token(t, b.anna), i18n.ZhHans, "0")
	visitPage(t, ctx, fmt.Sprintf("%s%s%s", b.Address(), attendance.ScanPath, b.now().Token))
	if got := run[string](t, ctx, `document.querySelector("h1").textContent`); got != b.shift.Activity.Title {
		t.Errorf("the code leads to %q", got)
	}
}
