package person

import (
	"strings"
	"testing"

	"kapok/internal/kit/fault"
)

func TestCleanName(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		" 李 小 文 ": "李小文", "阿依古丽•买买提": "阿依古丽·买买提", "阿依古丽‧买买提": "阿依古丽·买买提", "阿依古丽.买买提": "阿依古丽·买买提",
		"阿依古丽・买买提": "阿依古丽·买买提", "ＣＨＡＮ　Tai  Man": "CHAN Tai Man", "⼈木": "人木", "𠮷田": "𠮷田", "José  Nuño": "José Nuño",
		"Jose\u0301": "José",
	} {
		if got := CleanName(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestNamesThatAreTheSame(t *testing.T) {
	t.Parallel()
	if !SameName("阿依古丽•买买提", "阿依古丽 · 买买提") || !SameName("CHAN Tai Man", "Chan  TAI man") || SameName("李文", "李闻") {
		t.Error("names compare wrongly")
	}
}

func TestWhatNamesMayHold(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]*fault.Error{
		"李小文": nil, "𠮷𪚥": nil, "阿依古丽·买买提": nil, "㐂㐱": nil, "李": ErrNameShort, "李4": ErrNameCharacters, "李<b>": ErrNameCharacters,
		"李\ue000": ErrNameCharacters, "李a": ErrNameCharacters, "··": ErrNameShort, "李\U0001F600": ErrNameCharacters,
		strings.Repeat("李", 65): fault.ErrTooLong, strings.Repeat("李", 64): nil,
	} {
		if err := checkHanName(in); !(err == nil && want == nil || same(err, want)) {
			t.Errorf("%q: got %v, want %v", in, err, want)
		}
	}
	for in, want := range map[string]*fault.Error{
		"CHAN Tai Man": nil, "O'Brien": nil, "José Nuño-Pérez Jr.": nil, "Nguyễn Văn A": nil, "Wong, Ka-yi": nil, "X": ErrNameShort, "--": ErrNameShort,
		"R2D2": ErrNameCharacters, "陈Tai": ErrNameCharacters, "a;b": ErrNameCharacters, "Ivan\x00": ErrNameCharacters,
	} {
		if err := checkLatinName(in); !(err == nil && want == nil || same(err, want)) {
			t.Errorf("%q: got %v, want %v", in, err, want)
		}
	}
}

func TestMaskName(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"李小文": "李*文", "李文": "李*", "李": "李*", "欧阳修文": "欧*文", "阿依古丽·买买提": "阿*提", "Ho Wing-yi": "Ho *yi", "Ho Ka Yi": "Ho *Yi",
		"Li An": "Li *n", "Li A": "Li *", "Suharto": "S*o", "": "", "𠮷田野": "𠮷*野",
	} {
		if got := MaskName(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestWhichNameIsShown(t *testing.T) {
	t.Parallel()
	p := Person{NameHant: "陳大文", NameLatin: "Chan Tai Man"}
	if Name(p) != "陳大文" || NameIn("en", p) != "Chan Tai Man" || NameIn("zh-Hans", p) != "陳大文" {
		t.Error("wrong name")
	}
}

func FuzzNames(f *testing.F) {
	for _, s := range []string{"李小文", "阿依古丽•买买提", "Ho Wing-yi", "\xff", "\xe9\xbf\xe4\x9d\xe5\xe2\x91 \xbd0提", "·", " ", "𠮷"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c := CleanName(s)
		if CleanName(c) != c {
			t.Errorf("%q: cleaning twice differs", s)
		}
		if checkHanName(c) == nil || checkLatinName(c) == nil {
			if m := MaskName(c); m == c || m == "" {
				t.Errorf("%q is masked as %q", c, m)
			}
		}
	})
}
