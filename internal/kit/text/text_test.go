package text

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"kapok/internal/kit/fault"
)

func codeOf(check func(c *fault.Check)) string {
	var c fault.Check
	check(&c)
	if err := c.Err(); err != nil {
		return fault.As(err).Fields[0].Err.Code
	}
	return ""
}

func TestCheck(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		name, s, want string
	}{
		{"fine", "木棉 Kapok\n第二行", ""},
		{"empty", "", "kit.required"},
		{"long", "一二三四五六七八九十一二三", "kit.too_long"},
		{"control", "a\x00b", "kit.bad_text"},
		{"broken", "a\xff", "kit.bad_text"},
		{"replacement", "a\uFFFD", "kit.bad_text"},
	} {
		if got := codeOf(func(c *fault.Check) { Check(c, "f", x.s, true, 12) }); got != x.want {
			t.Errorf("%s: got %q, want %q", x.name, got, x.want)
		}
	}
	if got := codeOf(func(c *fault.Check) { Line(c, "f", "a\nb", true, 12) }); got != "kit.bad_text" {
		t.Errorf("Line with two lines: %q", got)
	}
}

func TestClean(t *testing.T) {
	t.Parallel()
	if got := Clean("  e\u0301\r\nb \t"); got != "\u00e9\nb" {
		t.Errorf("got %q", got)
	}
}

func TestSubset(t *testing.T) {
	t.Parallel()
	var c fault.Check
	got := Subset(&c, "f", []string{"b", "a", "b"}, []string{"a", "b", "c"}, 2)
	if diff := cmp.Diff([]string{"a", "b"}, got); diff != "" || c.Err() != nil {
		t.Errorf("%s %v", diff, c.Err())
	}
	if got := codeOf(func(c *fault.Check) { Subset(c, "f", []string{"x"}, []string{"a"}, 2) }); got != "kit.bad_value" {
		t.Errorf("unknown value: %q", got)
	}
	if got := codeOf(func(c *fault.Check) { Subset(c, "f", []string{"a", "b"}, []string{"a", "b"}, 1) }); got != "kit.too_long" {
		t.Errorf("too many: %q", got)
	}
	if got := codeOf(func(c *fault.Check) { OneOf(c, "f", "x", true, []string{"a"}) }); got != "kit.bad_value" {
		t.Errorf("OneOf: %q", got)
	}
}
