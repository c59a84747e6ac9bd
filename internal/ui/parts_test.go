package ui_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/a-h/templ"

	"kapok/internal/kit/fault"
	"kapok/internal/kit/i18n"
	"kapok/internal/ui"
	"kapok/internal/ui/uitest"
)

var markup = regexp.MustCompile(`<[^>]*>`)

// text is what a part says, its pieces one space apart.
func text(t *testing.T, l i18n.Lang, c templ.Component) string {
	t.Helper()
	var b strings.Builder
	if err := c.Render(reader(l, false), &b); err != nil {
		t.Fatal(err)
	}
	return strings.Join(strings.Fields(markup.ReplaceAllString(b.String(), " ")), " ")
}

func TestPartsSay(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		part templ.Component
		want string
	}{
		{"places left", ui.Places(14, 20), "14 / 20 剩 6 / 20"},
		{"full, and more than full", ui.Places(21, 20), "21 / 20 已满"},
		{"grade", ui.Grade("B"), "证据等级 B"},
		{"record", ui.HourRow(ui.HourInfo{Grade: "A", Title: "T", Minutes: 150, State: ui.TagInfo{Kind: ui.Jade, Text: "已确认"}}), "证据等级 A T 2.50 小时 已确认"},
		{"refusal", ui.Refusal(ui.RefusalInfo{Why: "W", Rule: "R", Remedy: "M"}), "现在还不能这样做 W M 依据：R"},
		{"refused", ui.Refused(fault.ErrVersionConflict), "现在还不能这样做 这一页打开以后，内容已被别人改过 请刷新后再改一次"},
		{"no pages", ui.Pager("", ""), ""},
		{"last page", ui.Pager("/?b=1", ""), "上一页"},
		{"steps", ui.Steps(2, "a", "b", "c"), "a b c"},
		{"meta", ui.Meta(), ""},
		{"empty", ui.Empty("nothing", "try again"), "nothing try again"},
	} {
		if got := text(t, i18n.ZhHans, c.part); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestLinksAreChecked(t *testing.T) {
	t.Parallel()
	bad := "javascript:alert(1)"
	for name, c := range map[string]templ.Component{
		"button": ui.LinkButton(ui.Btn{Text: "x", Href: bad}), "card": ui.LinkCard(ui.CardInfo{Title: "x", Href: bad}),
		"chip": ui.Chips("x", []ui.Link{{Href: bad, Text: "x"}}), "pager": ui.Pager(bad, bad), "record": ui.HourRow(ui.HourInfo{Title: "x", Href: bad}),
	} {
		for _, s := range uitest.Page(t, reader(i18n.En, false), c).Find("a").EachIter() {
			if strings.HasPrefix(s.AttrOr("href", ""), "javascript") {
				t.Errorf("%s: href %q", name, s.AttrOr("href", ""))
			}
		}
	}
}

func TestMeterStaysInRange(t *testing.T) {
	t.Parallel()
	p := uitest.Page(t, reader(i18n.En, false), ui.Meter("m", 30, 20)).Find("progress")
	if p.AttrOr("value", "") != "20" || p.AttrOr("max", "") != "20" || p.AttrOr("aria-label", "") != "m" {
		t.Errorf("meter %v", p.Nodes[0].Attr)
	}
}

func TestDisabledLinkLeadsNowhere(t *testing.T) {
	t.Parallel()
	doc := uitest.Page(t, reader(i18n.En, false), ui.LinkButton(ui.Btn{Text: "x", Href: "/y", Disabled: true}))
	if doc.Find("a").Length() != 0 || doc.Find("[aria-disabled]").Length() != 1 {
		t.Error("a disabled link is still one")
	}
}

func TestTableKeepsItsRoles(t *testing.T) {
	t.Parallel()
	cols := []ui.Col{{Label: "Who", Lead: true}, {Label: "Hours", Numeric: true}}
	row := uitest.Inside(ui.TableRow(ui.Amber), uitest.Inside(ui.Cell(cols[0]), templ.Raw("a")), uitest.Inside(ui.Cell(cols[1]), templ.Raw("1")))
	doc := uitest.Page(t, reader(i18n.En, false), uitest.Inside(ui.Table("caption", cols...), row))
	if doc.Find("[role=table] [role=row] [role=cell][data-label=Hours].n").Length() != 1 || doc.Find("caption").Text() != "caption" || doc.Find("tr.amber").Length() != 1 {
		t.Error("the table lost a role, label or mark")
	}
}
