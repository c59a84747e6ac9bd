package i18n

import (
	"context"
	"testing"
)

var _ = Register([]byte(`{"i18n_test.left": {"zh-Hans": "还剩 {n} 个名额", "zh-Hant": "尚餘 {n} 個名額", "en": "{n} {n|place|places} left of {all}"}}`))

func TestTextFillsArgumentsAndPlurals(t *testing.T) {
	for _, c := range []struct {
		lang Lang
		n    int
		want string
	}{
		{ZhHans, 1, "还剩 1 个名额"}, {ZhHant, 2, "尚餘 2 個名額"},
		{En, 1, "1 place left of {all}"}, {En, 12, "12 places left of {all}"},
	} {
		if got := Text(c.lang, "i18n_test.left", "n", c.n); got != c.want {
			t.Errorf("got %q want %q", got, c.want)
		}
	}
	if got := T(context.Background(), "i18n_test.none"); got != "i18n_test.none" {
		t.Errorf("unknown key: %q", got)
	}
}

func TestMatch(t *testing.T) {
	for in, want := range map[string]Lang{
		"": ZhHans, "zh-CN,zh;q=0.9": ZhHans, "zh-HK": ZhHant, "zh-MO,en;q=0.5": ZhHant,
		"zh-TW": ZhHant, "en-GB": En, "fr": ZhHans, ";;;": ZhHans,
	} {
		if got := Match(in); got != want {
			t.Errorf("%q: got %v want %v", in, got, want)
		}
	}
}

func TestRegisterRefusesAMissingLanguage(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a text without 繁體 was accepted")
		}
	}()
	Register([]byte(`{"i18n_test.gap": {"zh-Hans": "甲", "en": "a"}}`))
}

func FuzzExpand(f *testing.F) {
	f.Add("{n|a|b} }{ {x")
	f.Fuzz(func(t *testing.T, s string) { expand(En, s, []any{"n", 1}) })
}

type greeting struct{}

func (greeting) In(l Lang) string {
	return map[Lang]string{ZhHans: "你好", ZhHant: "您好", En: "hello"}[l]
}

func TestLocalisedArgument(t *testing.T) {
	if got := value(En, "w", []any{"w", greeting{}}) + value(ZhHant, "w", []any{"w", greeting{}}); got != "hello您好" {
		t.Errorf("got %q", got)
	}
}
