package words

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// found reports whether a query finds a text that is indexed as a title.
func found(query, text string) bool {
	have := Index(text)
	for _, term := range Query(query) {
		if !slices.Contains(have, term) {
			return false
		}
	}
	return true
}

func TestFinds(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		query, text string
		want        bool
	}{
		{"养老院探访", "探访养老院的老人", true},
		{"探访 养老院", "探访养老院的老人", true},
		{"養老院探訪", "探访养老院的老人", true}, // 繁 finds 简
		{"养老院", "探訪養老院的長者", true},   // 简 finds 繁
		{"衞生", "爱国卫生运动", true},      // Hong Kong's form
		{"着装", "著裝整齊", true},        // one of two forms
		{"养老院探访", "养老院大扫除", false},
		{"珠江", "长江清漂", false},
		{"树", "周末种树", true}, // a single character, from the title
		{"垃圾分类宣传", "社区垃圾分类入户宣传", true},
		{"木棉花开", "木棉花开读书会", true},   // a name that is in no dictionary
		{"大樹菠蘿節", "大树菠萝节导赏", true},  // partly known
		{"志愿服务 养老院", "探访养老院", true}, // stop words ask for nothing
		{"English teachers", "Teacher of English wanted", true},
		{"Café", "CAFE corner", true},
		{"ＡＥＤ培训", "aed 急救培训", true}, // full width
		{"2026", "2026年春运", true},
		{"2026", "2025年春运", false},
		{"12345热线", "12345 热线值守", true},
		{"pré-natal", "Pre natal care", true},
		{"!!! ，。", "任何活动", true},
		{"", "任何活动", true},
	} {
		if got := found(x.query, x.text); got != x.want {
			t.Errorf("%q in %q: %v; asks for %v of %v", x.query, x.text, got, Query(x.query), Index(x.text))
		}
	}
}

func TestCut(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"养老院探访": "养老院|探访", "残疾人就业帮扶": "残疾人|就业|帮扶", "越秀区公园清洁": "越秀区|公园|清洁", "": "",
	} {
		var parts []string
		for _, w := range cut([]rune(in)) {
			parts = append(parts, string(w))
		}
		if diff := cmp.Diff(want, strings.Join(parts, "|")); diff != "" {
			t.Error(diff)
		}
	}
}

func TestIndexLeavesOut(t *testing.T) {
	t.Parallel()
	got := Index("志愿服务活动", "的、了。 a the ——")
	for _, w := range got {
		if stopWords[w] || w == "" {
			t.Errorf("%q was indexed", w)
		}
	}
	if !slices.IsSorted(got) || len(slices.Compact(slices.Clone(got))) != len(got) {
		t.Error("not sorted or with repeats")
	}
}

// Whatever is typed: no panic, bounded terms, and a text always finds itself
// by its own words.
func FuzzQuery(f *testing.F) {
	for _, s := range []string{"养老院探访", "a\xffb", "ﷺ 𠀋 の e\u0301", "12３", strings.Repeat("长", 300), "的的的"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		terms := Query(s)
		if len(terms) > MaxTerms {
			t.Errorf("%d terms", len(terms))
		}
		have := Index(s)
		for _, term := range terms {
			if !slices.Contains(have, term) {
				t.Errorf("%q does not find itself by %q", s, term)
			}
			if !utf8.ValidString(term) {
				t.Errorf("term %q is broken", term)
			}
		}
		if f := Fold(s); Fold(f) != f {
			t.Errorf("Fold is not stable on %q", s)
		}
	})
}

func BenchmarkIndex(b *testing.B) {
	text := strings.Repeat("组织志愿者探访养老院的老人，陪伴聊天、打扫房间。", 8)
	for b.Loop() {
		Index("探访养老院的老人", text)
	}
}

func BenchmarkQuery(b *testing.B) {
	for b.Loop() {
		Query("越秀区养老院探访老人")
	}
}
