package ui_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/a-h/templ"

	"kapok/internal/kit/fault"
	"kapok/internal/kit/i18n"
	"kapok/internal/ui"
	"kapok/internal/ui/gallery"
	"kapok/internal/ui/uitest"
)

func reader(l i18n.Lang, elder bool) context.Context {
	return ui.WithView(i18n.With(context.Background(), l), ui.View{Origin: "https://example.org", Path: "/x?a=1", Now: gallery.Now, Elder: elder})
}

// everyPage runs check on all sample pages in all languages, also in 长者模式.
func everyPage(t *testing.T, check func(t *testing.T, doc *goquery.Document)) {
	for path, page := range gallery.Pages() {
		for _, l := range i18n.Langs {
			for _, elder := range []bool{false, true} {
				name := path + " " + string(l)
				if elder {
					name += " elder"
				}
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					check(t, uitest.Page(t, reader(l, elder), page))
				})
			}
		}
	}
}

func TestPagesAreSound(t *testing.T) {
	t.Parallel()
	everyPage(t, func(t *testing.T, doc *goquery.Document) {
		if n := doc.Find("h1").Length(); n != 1 {
			t.Errorf("%d h1, want one", n)
		}
		if doc.Find("main#main").Length() != 1 || doc.Find("a.skip[href='#main']").Length() != 1 {
			t.Error("no main or no way to skip to it")
		}
		for _, key := range []string{"ui.", "gallery.", "fault."} {
			if strings.Contains(doc.Find("body").Text(), key) {
				t.Errorf("a raw key %q is shown", key)
			}
		}
		if strings.Contains(doc.Find("body").Text(), "{") {
			t.Error("a text misses an argument")
		}
	})
}

// The CSP allows no inline style, script or handler.
func TestPagesObeyCSP(t *testing.T) {
	t.Parallel()
	everyPage(t, func(t *testing.T, doc *goquery.Document) {
		for _, s := range doc.Find("[style], style, script:not([src]):not([type='application/ld+json'])").EachIter() {
			t.Errorf("inline %s", goquery.NodeName(s))
		}
		for _, s := range doc.Find("*").EachIter() {
			for _, a := range s.Nodes[0].Attr {
				if strings.HasPrefix(a.Key, "on") {
					t.Errorf("handler %s on %s", a.Key, s.Nodes[0].Data)
				}
			}
		}
	})
}

func TestNamesAndReferencesHold(t *testing.T) {
	t.Parallel()
	everyPage(t, func(t *testing.T, doc *goquery.Document) {
		seen := map[string]bool{}
		for _, s := range doc.Find("[id]").EachIter() {
			id := s.AttrOr("id", "")
			if seen[id] {
				t.Errorf("id %s twice", id)
			}
			seen[id] = true
		}
		for _, s := range doc.Find("[aria-describedby]").EachIter() {
			for _, id := range strings.Fields(s.AttrOr("aria-describedby", "")) {
				if !seen[id] {
					t.Errorf("aria-describedby names %s, which is not there", id)
				}
			}
		}
		for _, s := range doc.Find("a[href^='#']").EachIter() {
			if !seen[strings.TrimPrefix(s.AttrOr("href", ""), "#")] {
				t.Errorf("a link leads to %s, which is not there", s.AttrOr("href", ""))
			}
		}
		for _, s := range doc.Find("input:not([type=hidden]), select, textarea").EachIter() {
			if !labelled(doc, s) {
				t.Errorf("no label: %s", s.AttrOr("name", ""))
			}
		}
	})
}

func labelled(doc *goquery.Document, s *goquery.Selection) bool {
	return s.AttrOr("aria-label", "") != "" || s.Closest("label").Length() > 0 || doc.Find("label[for='"+s.AttrOr("id", "?")+"']").Length() > 0
}

func TestLayoutHead(t *testing.T) {
	t.Parallel()
	doc := uitest.Page(t, reader(i18n.ZhHant, false), uitest.Inside(ui.Layout(ui.PageInfo{
		Title: "<b>", Description: "a \"quote\"", Canonical: "/activities/1", Tab: ui.TabFind, LD: map[string]string{"name": "</script><script>alert(1)"}, Reload: 20,
	}), templ.Raw("<h1>x</h1>")))
	if got := doc.Find("html").AttrOr("lang", ""); got != "zh-Hant" {
		t.Errorf("lang %q", got)
	}
	if got := doc.Find("title").Text(); got != "<b> · 木棉 志願廣東" {
		t.Errorf("title %q", got)
	}
	if got := doc.Find("link[rel=canonical]").AttrOr("href", ""); got != "https://example.org/activities/1" {
		t.Errorf("canonical %q", got)
	}
	if got := doc.Find("link[rel=alternate][hreflang=en]").AttrOr("href", ""); got != "https://example.org/activities/1?lang=en" {
		t.Errorf("alternate %q", got)
	}
	if got := doc.Find(".tabs [aria-current=page]").AttrOr("href", ""); got != "/activities" {
		t.Errorf("current tab %q", got)
	}
	if got := doc.Find(".prefs a[lang=en]").AttrOr("href", ""); got != "/x?a=1&lang=en" {
		t.Errorf("language switch %q", got)
	}
	if doc.Find("noscript").Length() != 1 {
		t.Error("no reload for readers without JavaScript")
	}
	var ld map[string]string
	if err := json.Unmarshal([]byte(doc.Find("script[type='application/ld+json']").Text()), &ld); err != nil || ld["name"] != "</script><script>alert(1)" {
		t.Errorf("JSON-LD %v, %v", ld, err)
	}
	if doc.Find("script").Length() != 2 {
		t.Error("the JSON-LD block was broken out of")
	}
}

func TestElderLayout(t *testing.T) {
	t.Parallel()
	doc := uitest.Page(t, reader(i18n.ZhHans, true), gallery.Pages()["/elder"])
	if !doc.Find("html").HasClass("elder") || doc.Find(".tabs").Length() != 0 || doc.Find(".pill").AttrOr("href", "") != "/x?a=1&elder=0" {
		t.Error("长者模式 has no frame of its own")
	}
}

func TestErrorPage(t *testing.T) {
	t.Parallel()
	inside := uitest.Page(t, reader(i18n.En, false), ui.ErrorPage(fault.ErrInternal.Because(context.Canceled), "ref-1"))
	if s := inside.Find("main").Text(); !strings.Contains(s, "ref-1") || strings.Contains(s, context.Canceled.Error()) {
		t.Errorf("page of an internal error: %q", s)
	}
	missing := uitest.Page(t, reader(i18n.En, false), ui.ErrorPage(fault.ErrNotFound, "ref-1"))
	if strings.Contains(missing.Find("main").Text(), "ref-1") {
		t.Error("a missing page needs no reference")
	}
}
