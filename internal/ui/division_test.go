package ui_test

import (
	"context"
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"kapok/internal/kit/web"
	"kapok/internal/region"
	"kapok/internal/ui"
	"kapok/internal/ui/gallery"
	"kapok/internal/ui/uitest"
)

func picked(codes ...string) *web.Form { return web.NewForm(url.Values{"division": codes}) }

func TestChosenDivision(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		values []string
		want   string
	}{
		{"none", nil, ""},
		{"nothing chosen", []string{""}, ""},
		{"to the county", []string{"440000", "440100", "440104", ""}, "440104"},
		{"a single code", []string{"440104"}, "440104"},
		{"the city was changed afterwards", []string{"440000", "441900", "440104", "440104010"}, "441900"},
		{"the first was cleared", []string{"", "440100", "440104"}, ""},
		{"unknown", []string{"999999"}, ""},
		{"a town right under its city", []string{"440000", "441900", "441900003"}, "441900003"},
	} {
		if got := ui.ChosenDivision(gallery.Tree, picked(c.values...), "division"); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// Whatever is sent, the choice is one of the values and a real division.
func TestChosenDivisionHolds(t *testing.T) {
	t.Parallel()
	codes := []string{"", "440000", "810000", "440100", "441900", "440104", "441900003", "440104010", "440104010003", "x"}
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.SampledFrom(codes), 0, 6).Draw(t, "values")
		got := ui.ChosenDivision(gallery.Tree, picked(values...), "division")
		if got == "" {
			return
		}
		path := gallery.Tree.Path(got)
		if len(values) > 1 {
			for i, d := range path {
				if values[i] != d.Code {
					t.Errorf("%v gives %s, which is not its own path", values, got)
				}
			}
		}
	})
}

// levels renders the picker and lists what is chosen in each select.
func levels(t *testing.T, f ui.DivisionField, form *web.Form) (chosen []string, more bool) {
	t.Helper()
	f.Tree, f.Name = gallery.Tree, "division"
	page := uitest.Page(t, context.Background(), uitest.Inside(ui.Form(ui.FormInfo{Action: "/", Values: form}), ui.Division(f)))
	for _, s := range page.Find("select").EachIter() {
		chosen = append(chosen, s.Find("option[selected]").AttrOr("value", ""))
	}
	return chosen, page.Find("button[name=_choose]").Length() == 1
}

func TestDivisionLevels(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		field ui.DivisionField
		form  *web.Form
		want  []string
		more  bool
	}{
		{"at first", ui.DivisionField{}, nil, []string{""}, true},
		{"one step", ui.DivisionField{}, picked("440000"), []string{"440000", ""}, true},
		{"from the database", ui.DivisionField{Field: ui.Field{Value: "440104"}}, nil, []string{"440000", "440100", "440104", ""}, true},
		{"to the village", ui.DivisionField{}, picked("440000", "440100", "440104", "440104010", "440104010003"), []string{"440000", "440100", "440104", "440104010", "440104010003"}, false},
		{"stops at counties", ui.DivisionField{Stop: region.County}, picked("440000", "440100", "440104"), []string{"440000", "440100", "440104"}, false},
		{"cleared again", ui.DivisionField{Field: ui.Field{Value: "440104"}}, picked(""), []string{""}, true},
	} {
		chosen, more := levels(t, c.field, c.form)
		if diff := cmp.Diff(c.want, chosen); diff != "" || more != c.more {
			t.Errorf("%s: more %v\n%s", c.name, more, diff)
		}
	}
}

func TestChoosing(t *testing.T) {
	t.Parallel()
	if ui.Choosing(picked("440000")) || !ui.Choosing(web.NewForm(url.Values{"_choose": {"division"}})) {
		t.Error("the picker's button is not told from sending the form")
	}
}
