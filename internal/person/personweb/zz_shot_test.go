package personweb

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/account/accounttest"
	"kapok/internal/account/accountweb"
	"kapok/internal/kit/i18n"
	"kapok/internal/person"
	"kapok/internal/person/persontest"
	"kapok/internal/ui"
	"kapok/internal/ui/uitest"
)

func TestZZShots(t *testing.T) {
	b := accounttest.New(t, func(b *accounttest.Bed) {
		d := Deps{People: b.People, Accounts: b.Accounts, Regions: persontest.Regions(), Hub: func(context.Context) []ui.Link {
			return []ui.Link{{Href: "/me/signups", Text: "我的报名"}, {Href: "/me/hours", Text: "我的时数"}, {Href: "/me/certificates", Text: "我的证明"}}
		}}
		b.Site.Mount("GET /assets/", ui.Assets())
		b.Site.Use(ConsentFirst(d))
		Register(b.Site, b.API, d)
		accountweb.Register(b.Site, b.API, accountweb.Deps{Accounts: b.Accounts, People: b.People, Access: b.Access, Regions: persontest.Regions(), Clock: b.Clock})
	})
	adult := b.Account(t, "1985-05-01")
	child := persontest.Ward(t, b.People, adult.ID, "2015-03-01")
	teen := b.Account(t, "2010-01-01")
	_ = b.Accounts.GrantRole(context.Background(), adult.ID, account.RegionAdmin, "440000", uuid.Nil)
	_ = b.Accounts.AskNewPhone(context.Background(), teen.ID, persontest.Yuexiu, persontest.Phone())
	w := b.SignedIn(t, i18n.ZhHans, adult)
	tw := b.SignedIn(t, i18n.ZhHans, teen)
	guest := b.Browser(t, i18n.ZhHans)
	phone := prove(t, b, guest, "")
	proof := guest.Cookies("/")[proofCookie]
	ctx := uitest.Browser(t)
	out := os.Getenv("SHOTS")
	type shot struct{ name, path, who, lang string }
	shots := []shot{{"register", "/register", "", "zh-Hans"}, {"kinds", "/register/details", "proof", "zh-Hans"}, {"facts", "/register/details?document=mainland_id", "proof", "zh-Hans"},
		{"facts-hkid", "/register/details?document=hkid", "proof", "zh-Hant"}, {"facts-passport", "/register/details?document=passport", "proof", "en"},
		{"me", "/me", "adult", "zh-Hans"}, {"me-teen", "/me", "teen", "zh-Hans"}, {"profile", "/me/profile", "adult", "zh-Hans"}, {"wards", "/me/wards", "adult", "zh-Hans"},
		{"ward", "/me/wards/" + child.ID.String(), "adult", "zh-Hans"}, {"wards-none", "/me/wards", "teen", "en"}, {"link", "/me/wards/link", "adult", "zh-Hans"}, {"consents", "/me/consents", "adult", "zh-Hans"},
		{"consent", "/consent/privacy-1", "", "zh-Hans"}, {"login", "/login", "", "zh-Hans"}, {"login-pw", "/login?by=password", "", "en"}, {"recover", "/recover", "", "zh-Hans"},
		{"recover-phone", "/recover/phone", "", "zh-Hans"}, {"devices", "/me/devices", "adult", "zh-Hans"}, {"desk", "/admin/phones", "adult", "zh-Hans"}}
	if only := os.Getenv("ONLY"); only != "" {
		var kept []shot
		for _, s := range shots {
			if s.name == only {
				kept = append(kept, s)
			}
		}
		shots = kept
	}
	for _, width := range []int64{360, 1280} {
		for _, s := range shots {
			token := map[string]string{"adult": w.Token, "teen": tw.Token}[s.who]
			tab, leave := chromedp.NewContext(ctx, chromedp.WithNewBrowserContext())
			set := func(name, value string) {
				if value != "" {
					if _, err := chromedp.Call(tab, network.SetCookie, network.SetCookieParams{Name: name, Value: value, URL: b.Address()}); err != nil {
						t.Fatal(err)
					}
				}
			}
			if err := chromedp.Do(tab, chromedp.EmulateViewport(width, 800)); err != nil {
				t.Fatal(err)
			}
			set("session", token)
			set("lang", s.lang)
			if s.who == "proof" {
				set(proofCookie, proof)
			}
			if err := chromedp.Do(tab, chromedp.Navigate(b.Address()+s.path), chromedp.Sleep(150*time.Millisecond)); err != nil {
				t.Fatal(err)
			}
			png, err := chromedp.Run(tab, chromedp.FullScreenshot(100))
			if err != nil {
				t.Fatal(err)
			}
			leave()
			if err := os.WriteFile(fmt.Sprintf("%s/%s-%d.png", out, s.name, width), png, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	_ = phone
	_ = url.Values{}
	_ = person.Male
}
