package attendanceweb

import (
	"os"
	"fmt"
	"testing"
	"net/url"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"kapok/internal/attendance"
	"kapok/internal/attendance/attendancetest"
	"kapok/internal/kit/i18n"
	"kapok/internal/person/persontest"
	"kapok/internal/ui"
	"kapok/internal/ui/uitest"
)

func TestShots(t *testing.T) {
	b := setup(t)
	b.Site.Mount("GET /assets/", ui.Assets())
	persontest.Ward(t, b.Bed.People, b.anna.ID, "2015-03-01")
	second := b.volunteer(t, "何小欣")
	third := b.volunteer(t, "周明")
	for i, n := range []string{"陈大文", "吴美琪", "阿依古丽·买买提"} {
		p := b.World.Volunteer(n)
		b.Come(b.shift, p, attendancetest.At(8, 50+i))
	}
	b.Clk.Set(attendancetest.At(8, 55).Add(12e9))
	_ = second
	ctx := uitest.Browser(t)
	shot := func(name, path string, who string, token string, lang i18n.Lang, elder string, width int64) {
		for k, v := range map[string]string{"lang": string(lang), "elder": elder, "session": token} {
			if _, err := chromedp.Call(ctx, network.SetCookie, network.SetCookieParams{Name: k, Value: v, URL: b.Address()}); err != nil { t.Fatal(err) }
		}
		h := int64(780)
		yes := true
		if err := chromedp.Do(ctx, chromedp.EmulateViewport(width, h), chromedp.Navigate(b.Address()+path)); err != nil { t.Fatal(err) }
		res, err := chromedp.Call(ctx, page.CaptureScreenshot, page.CaptureScreenshotParams{CaptureBeyondViewport: &yes})
		if err != nil { t.Fatal(err) }
		os.WriteFile(fmt.Sprintf("/tmp/kapok/att/%s.png", name), res.Data, 0o644)
		over, _ := chromedp.Run(ctx, chromedp.Evaluate[int](`document.documentElement.scrollWidth - innerWidth`))
		if over > 0 { t.Errorf("%s scrolls %d", name, over) }
	}
	_ = emulation.SetDeviceMetricsOverride
	os.MkdirAll("/tmp/kapok/att", 0o755)
	anna, leader, x := b.Token(t, b.anna), b.Token(t, b.leader), b.Token(t, second)
	shot("checkin-360", "/checkin", "", anna, i18n.ZhHans, "0", 360)
	shot("checkin-1280-en", "/checkin", "", anna, i18n.En, "0", 1280)
	shot("checkin-elder", "/checkin", "", anna, i18n.ZhHans, "1", 360)
	shot("checkin-elder2", "/checkin?code=1", "", anna, i18n.ZhHans, "1", 360)
	shot("arrive-360", "/c/"+b.now().Token, "", anna, i18n.ZhHans, "0", 360)
	shot("arrive-elder-x", "/c/"+b.now().Token, "", x, i18n.ZhHans, "1", 360)
	shot("arrive-x", "/c/"+b.now().Token, "", x, i18n.ZhHant, "0", 360)
	w := b.SignedIn(t, i18n.ZhHans, second)
	p := press(t, w, b.scan(w))
	shot("result-open", p.Path, "", x, i18n.ZhHans, "0", 360)
	shot("result-open-elder", p.Path, "", x, i18n.ZhHans, "1", 360)
	shot("card-360", "/me/code", "", anna, i18n.ZhHans, "0", 360)
	shot("code-360", b.desk("code"), "", leader, i18n.ZhHans, "0", 360)
	shot("code-1280", b.desk("code"), "", leader, i18n.ZhHans, "0", 1280)
	o := b.SignedIn(t, i18n.ZhHans, b.leader)
	q := o.Post(b.desk("scan"), url.Values{"dir": {"in"}, "code": {b.Attendance.ShowCard(third.ID).Token}})
	shot("scan-360", q.Path, "", leader, i18n.ZhHans, "0", 360)
	shot("scan-1280", q.Path, "", leader, i18n.ZhHans, "0", 1280)
	shot("over", "/c/abc", "", anna, i18n.En, "0", 360)
	b.Clk.Set(attendancetest.At(11, 20))
	p = press(t, w, b.scan(w))
	shot("result-done", p.Path, "", x, i18n.ZhHans, "0", 360)
	b.Clk.Set(attendancetest.At(16, 0))
	b.Attendance.Sweep(t.Context())
	list, _ := attendance.OfShift(t.Context(), b.Bed.Pool, b.shift.ID)
	_ = list
	for _, a := range list { if a.Person == third.ID { th := b.Token(t, third); shot("missing", attendancePath(a.ID), "", th, i18n.ZhHans, "0", 360); shot("checkin-missing", "/checkin", "", th, i18n.ZhHans, "0", 360) } }
}
