package ui_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/a-h/templ"

	"kapok/internal/kit/fault"
	"kapok/internal/kit/i18n"
	"kapok/internal/kit/web"
	"kapok/internal/ui"
	"kapok/internal/ui/uitest"
)

// hostile is what a form must give back as text only.
const hostile = `"><script>alert(1)</script><b x='`

func render(t *testing.T, info ui.FormInfo, fields ...templ.Component) *goquery.Document {
	t.Helper()
	return uitest.Page(t, reader(i18n.ZhHans, false), uitest.Inside(ui.Form(info), fields...))
}

func TestTypedValuesComeBackEscaped(t *testing.T) {
	t.Parallel()
	form := web.NewForm(url.Values{"a": {hostile}, "b": {hostile}, "c": {hostile}, "p": {hostile}})
	doc := render(t, ui.FormInfo{Action: "javascript:alert(1)", Values: form},
		ui.Input(ui.Field{Name: "a", Label: hostile, Hint: hostile, Value: "not this"}), ui.TextArea(ui.Field{Name: "b", Label: "b"}),
		ui.Select(ui.Field{Name: "c", Label: "c", Options: []ui.Option{{Value: hostile, Text: hostile}}}),
		ui.Input(ui.Field{Name: "p", Label: "p", Type: "password"}))
	if doc.Find("script, b").Length() != 0 {
		t.Error("markup came through")
	}
	if got := doc.Find("[name=a]").AttrOr("value", ""); got != hostile {
		t.Errorf("input keeps %q", got)
	}
	if got := doc.Find("[name=b]").Text(); got != hostile {
		t.Errorf("textarea keeps %q", got)
	}
	if got := doc.Find("[name=c] [selected]").AttrOr("value", ""); got != hostile {
		t.Errorf("select keeps %q", got)
	}
	if got := doc.Find("[name=p]").AttrOr("value", ""); got != "" {
		t.Errorf("a password was sent back: %q", got)
	}
	if action := doc.Find("form").AttrOr("action", ""); strings.HasPrefix(action, "javascript") {
		t.Errorf("action %q", action)
	}
}

func TestErrorsInOrderOfThePage(t *testing.T) {
	t.Parallel()
	form := web.NewForm(url.Values{"z": {"x"}})
	var check fault.Check
	check.Add("a", fault.ErrTooLong.With("max", 3))
	check.Add("z", fault.ErrRequired)
	check.Add("gone", fault.ErrBadValue)
	if err := form.Show(check.Err()); err != nil {
		t.Fatal(err)
	}
	doc := render(t, ui.FormInfo{Action: "/", Values: form},
		ui.Input(ui.Field{Name: "z", Label: "Z", Hint: "hint"}), ui.Radios(ui.Field{Name: "a", Label: "A", Options: []ui.Option{{Value: "1", Text: "1"}}}))
	var lines []string
	for _, s := range doc.Find("#errors li").EachIter() {
		lines = append(lines, s.Find("a").AttrOr("href", "")+" "+s.Text())
	}
	want := "#f-z Z：请填写这一项|#f-a A：最多 3 个字| 请从选项中选择"
	if got := strings.Join(lines, "|"); got != want {
		t.Errorf("errors %q, want %q", got, want)
	}
	if got := doc.Find("#f-z").AttrOr("aria-describedby", ""); got != "f-z-hint f-z-wrong" {
		t.Errorf("described by %q", got)
	}
	if doc.Find("#f-z[aria-invalid=true]").Length() != 1 || doc.Find("fieldset#f-a[tabindex='-1']").Length() != 1 {
		t.Error("an error is not tied to its field")
	}
}

func TestBoxes(t *testing.T) {
	t.Parallel()
	boxes := ui.Checks(ui.Field{Name: "f", Label: "F", Checked: []string{"1", "2"}, Options: []ui.Option{{Value: "1", Text: "1"}, {Value: "2", Text: "2"}, {Value: "3", Text: "3"}}})
	consent := ui.Check(ui.Field{Name: "ok", Label: "OK", Checked: []string{"1"}})
	for name, c := range map[string]struct {
		form *web.Form
		want string
	}{
		"first shown":       {nil, "f1 f2 ok1"},
		"sent with another": {web.NewForm(url.Values{"f": {"3"}}), "f3"},
		"all unticked":      {web.NewForm(url.Values{"x": {""}}), ""},
	} {
		var got []string
		for _, s := range render(t, ui.FormInfo{Action: "/", Values: c.form}, boxes, consent).Find("[checked]").EachIter() {
			got = append(got, s.AttrOr("name", "")+s.AttrOr("value", ""))
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %v, want %s", name, got, c.want)
		}
	}
}

func TestOptionalIsMarked(t *testing.T) {
	t.Parallel()
	fields := []templ.Component{ui.Input(ui.Field{Name: "a", Label: "A", Required: true}), ui.Input(ui.Field{Name: "b", Label: "B"})}
	doc := render(t, ui.FormInfo{Action: "/"}, fields...)
	if doc.Find("small").Length() != 1 || doc.Find("[name=a][aria-required=true]").Length() != 1 || doc.Find("[required]").Length() != 0 {
		t.Error("required and optional fields are not told apart by the server's own means")
	}
	if n := render(t, ui.FormInfo{Action: "/", Get: true}, fields...).Find("small").Length(); n != 0 {
		t.Error("a filter says of each field that it is optional")
	}
}

func TestFieldOutsideAForm(t *testing.T) {
	t.Parallel()
	doc := uitest.Page(t, reader(i18n.En, false), ui.Input(ui.Field{Name: "a", Label: "A", Value: "v"}))
	if got := doc.Find("[name=a]").AttrOr("value", ""); got != "v" {
		t.Errorf("value %q", got)
	}
}
