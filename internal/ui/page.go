package ui

import (
	"context"
	"encoding/json"
	"io"

	"github.com/a-h/templ"

	"kapok/internal/kit/i18n"
)

// PageInfo is what the frame of a page needs to know of it. The page's own
// content, with its h1, is the children.
type PageInfo struct {
	Title       string // of the browser window; the brand follows
	Description string // one sentence for search engines and previews
	Canonical   string // path in its standard form, for pages to be found and shared
	Tab         Tab    // the tab this page belongs to
	Narrow      bool   // a form or text: a column easy to read
	Back        string // path that ‹ leads to
	Share       bool   // offers Canonical to be shared
	LD          any    // schema.org data, written as JSON-LD
	NoIndex     bool   // search engines keep out
	Reload      int    // seconds; a page with Live reloads so without JavaScript
}

// Tab is one of the five places at the bottom of a phone's screen.
type Tab string

// The tabs.
const (
	TabHome  Tab = "home"
	TabFind  Tab = "find"
	TabCheck Tab = "check"
	TabHours Tab = "hours"
	TabMe    Tab = "me"
)

type tab struct {
	id        Tab
	href      string
	icon, key string
}

// tabs are the five places every page leads to.
var tabs = []tab{
	{TabHome, "/", "home", "ui.tab.home"},
	{TabFind, "/activities", "find", "ui.tab.find"},
	{TabCheck, "/checkin", "code", "ui.tab.check"},
	{TabHours, "/me/hours", "clock", "ui.tab.hours"},
	{TabMe, "/me", "me", "ui.tab.me"},
}

// footer are the links under every page.
var footer = []struct{ href, key string }{
	{"/verify", "ui.foot.verify"},
	{"/privacy", "ui.foot.privacy"},
	{"/terms", "ui.foot.terms"},
	{"/accessibility", "ui.foot.accessibility"},
	{"/api/docs", "ui.foot.api"},
}

// DeskInfo is the frame of a desk: whose it is and what can be done there.
type DeskInfo struct {
	PageInfo
	Unit string // the organisation or division
	Menu []MenuItem
}

// MenuItem is a line of a desk's menu.
type MenuItem struct {
	Link
	Count int // of things waiting; 0 shows none
}

// langSwitch are the languages as their readers call them, shortly.
var langSwitch = []struct {
	lang        i18n.Lang
	short, long string
}{
	{i18n.ZhHans, "简", "简体中文"},
	{i18n.ZhHant, "繁", "繁體中文"},
	{i18n.En, "EN", "English"},
}

// HeroInfo is the head of the home page.
type HeroInfo struct {
	Title       string
	Text        string // what is going on near the reader
	Placeholder string
	Query       string
}

// jsonLD writes schema.org data as a data block. json.Marshal escapes <, > and
// &, so no text can end the block; the CSP lets no block of data run.
func jsonLD(data any) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		b, err := json.Marshal(data)
		if err != nil {
			return err
		}
		_, err = io.WriteString(w, `<script type="application/ld+json">`+string(b)+`</script>`)
		return err
	})
}
