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

// The surnames of Guangdong, Hong Kong and Macao as cards on either side write them.
func TestNamesInBothScriptsAreTheSame(t *testing.T) {
	t.Parallel()
	for _, x := range [][2]string{
		{"張偉", "张伟"}, {"陳大文", "陈大文"}, {"黃家駒", "黄家驹"}, {"劉德華", "刘德华"}, {"葉問", "叶问"}, {"鄭裕彤", "郑裕彤"}, {"鍾南山", "钟南山"},
		{"錢鍾書", "钱锺书"}, {"吳楚帆", "吴楚帆"}, {"呉楚帆", "吴楚帆"}, {"馮如", "冯如"}, {"盧廉若", "卢廉若"}, {"羅文", "罗文"}, {"蕭友梅", "萧友梅"},
		{"歐陽山", "欧阳山"}, {"譚嗣同", "谭嗣同"}, {"關天培", "关天培"}, {"餘光", "余光"}, {"馀光", "余光"}, {"馀光", "餘光"}, {"後羿", "后羿"},
		{"裏仁", "里仁"}, {"裡仁", "裏仁"}, {"於謙", "于谦"}, {"戶部", "户部"}, {"戸部", "户部"}, {"魏徵", "魏征"}, {"衞青", "卫青"}, {"葉蔥", "叶葱"},
		{"阿依古麗·買買提", "阿依古丽·买买提"}, {"盧  廣", "卢广"}, {"嚴德榮", "严德荣"}, {"鄧蔭南", "邓荫南"}, {"温峯", "溫峰"},
	} {
		if !SameName(x[0], x[1]) || !SameName(x[1], x[0]) {
			t.Errorf("%s and %s compare as %s and %s", x[0], x[1], foldName(x[0]), foldName(x[1]))
		}
	}
	for _, x := range [][2]string{{"張偉", "章伟"}, {"李芸", "李艺"}, {"陳大文", "陈大聞"}, {"周弁", "周辨"}, {"José Lei", "Jose Lei"}} {
		if SameName(x[0], x[1]) {
			t.Errorf("%s and %s are two names", x[0], x[1])
		}
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
	for _, s := range []string{"李小文", "阿依古丽•买买提", "Ho Wing-yi", "\xff", "\xe9\xbf\xe4\x9d\xe5\xe2\x91 \xbd0提", "·", " ", "𠮷", "張偉", "戸馀", "İ", "A˛0", "A \u0307㕑0"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c := CleanName(s)
		if CleanName(c) != c {
			t.Errorf("%q: cleaning twice differs", s)
		}
		f := foldName(s)
		if foldName(f) != f || foldName(c) != f || !SameName(s, f) || !SameName(f, s) {
			t.Errorf("%q folds to %q, then to %q", s, f, foldName(f))
		}
		if checkHanName(c) == nil || checkLatinName(c) == nil {
			if m := MaskName(c); m == c || m == "" {
				t.Errorf("%q is masked as %q", c, m)
			}
		}
	})
}
