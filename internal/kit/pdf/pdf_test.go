package pdf

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"pgregory.net/rapid"

	"kapok/internal/kit/pdf/pdftest"
)

func load(t testing.TB) *Fonts {
	t.Helper()
	f, err := LoadFonts("")
	if err != nil {
		t.Fatal(err)
	}
	return f
}

var plain = Style{Size: 12, Color: 0x1F2421}

func newDoc(t testing.TB, lang string) *Doc {
	return New(load(t), Meta{Title: "证明 𠮷", Author: "木棉", Lang: lang, Created: time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC)})
}

// Characters that stand in real names and that many systems print as a box.
const rare = "𠀋𠮷䶮㛃镕堃龴鿫鿿𫓧𫖮𬭊𬩽𪟝𤷪喆淼犇赟㑇㴾"

func TestRareCharactersOfNamesAreCovered(t *testing.T) {
	t.Parallel()
	fonts := load(t)
	if missing := fonts.Missing(rare + "João Conceição Nguyễn Đặng Ğülşen Łukasz Čapek Иван Ольга Ελένη 阿依古丽·买买提"); missing != nil {
		t.Errorf("missing: %s", CodePoints(missing))
	}
	if got := CodePoints(fonts.Missing("王\U00030000二\u202E\u0000")); got != "U+0000 U+202E U+30000" {
		t.Errorf("missing are %s", got)
	}
}

func TestAMissingGlyphIsAnErrorNotABox(t *testing.T) {
	t.Parallel()
	d := newDoc(t, "zh-Hans")
	d.AddPage(A4Long, A4Short).Text(50, 50, Span{"王\U00030000二\U00030000", plain})
	_, err := d.Bytes()
	var missing *MissingGlyphs
	if !errors.As(err, &missing) || !slices.Equal(missing.Runes, []rune{0x30000}) {
		t.Errorf("got %v, want the one missing character", err)
	}
}

func TestDocumentIsValidAndItsTextIsFound(t *testing.T) {
	t.Parallel()
	for _, lang := range []string{"zh-Hans", "zh-Hant", "en"} {
		d := newDoc(t, lang)
		text := "姓名 " + rare + " Ångström Éloïse 骨角 168.50"
		p := d.AddPage(A4Long, A4Short)
		p.Text(50, 50, Span{text, plain}, Span{"粗体", Style{Size: 20, Bold: true, Spacing: 3}})
		p.Link(10, 10, 100, 20, "https://kapok.example/verify/(x)")
		d.AddPage(A4Short, A4Long).Centered(200, 50, Span{"第二页", plain})
		file, err := d.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		validate(t, file)
		if got, want := pdftest.Text(t, file), text+"粗体第二页"; got != want {
			t.Errorf("%s: text read back is\n%q, want\n%q", lang, got, want)
		}
	}
}

func validate(t *testing.T, file []byte) {
	t.Helper()
	conf := model.NewDefaultConfiguration()
	conf.ValidationMode = model.ValidationStrict
	if err := api.Validate(bytes.NewReader(file), conf); err != nil {
		t.Errorf("not a valid PDF: %v", err)
	}
}

func TestSameContentSameBytes(t *testing.T) {
	t.Parallel()
	draw := func() []byte {
		d := newDoc(t, "zh-Hant")
		d.AddPage(A4Long, A4Short).Text(50, 50, Span{"志願服務記錄證明" + rare, plain})
		file, err := d.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		return file
	}
	if !bytes.Equal(draw(), draw()) {
		t.Error("two documents of the same content differ")
	}
}

// Hong Kong writes 骨 and 角 in its own shapes: 繁體 must use the Hong Kong face.
func TestLanguageChoosesShapes(t *testing.T) {
	t.Parallel()
	fonts := load(t)
	for lang, want := range map[string]string{"zh-Hans": "song-sc", "en": "song-sc", "zh-Hant": "song-hk"} {
		if f, _ := find(fonts.chain(lang), '骨'); f == nil || f.name != want {
			t.Errorf("%s uses %v, want %s", lang, f, want)
		}
	}
}

func TestAnOperatorAddsFonts(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	ours, err := embedded.ReadFile("fonts/kai-rare.ttf")
	if err != nil {
		t.Fatal(ErrNoFonts)
	}
	if err := os.WriteFile(filepath.Join(folder, "county.ttf"), ours, 0o600); err != nil {
		t.Fatal(err)
	}
	fonts, err := LoadFonts(folder)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(fonts.rest); n != 2 || fonts.rest[1].name != "county" {
		t.Errorf("the chain ends with %d fonts", n)
	}
	if err := os.WriteFile(filepath.Join(folder, "broken.ttf"), []byte("OTTO, not TrueType"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadFonts(folder); !errors.Is(err, errNotTrueType) {
		t.Errorf("a broken font gave %v", err)
	}
}

func TestWithoutFontsTheErrorSaysWhatToDo(t *testing.T) {
	t.Parallel()
	_, err := loadFonts(os.DirFS(t.TempDir()), "")
	if !errors.Is(err, ErrNoFonts) || !strings.Contains(err.Error(), "make build") {
		t.Errorf("got %v", err)
	}
}

func TestWrap(t *testing.T) {
	t.Parallel()
	d := newDoc(t, "zh-Hans")
	for _, c := range []struct {
		width float64
		text  string
		want  []string
	}{
		{60, "一二三四五六七", []string{"一二三四五", "六七"}},
		{60, "一二三四五，六七", []string{"一二三四", "五，六七"}},
		{60, "一二三四（六七）", []string{"一二三四", "（六七）"}},
		{90, "Guangdong Volunteers", []string{"Guangdong", "Volunteers"}},
		{60, "共168.50小时", []string{"共168.50", "小时"}},
		{20, "Wxyz", []string{"Wx", "yz"}},
		{80, " 000000hww）", []string{"", "000000hww", "）"}}, // what is carried over is too long as well
		{60, "一\n二", []string{"一", "二"}},
		{60, "", []string{""}},
	} {
		if got := d.WrapText(c.width, plain, c.text); !slices.Equal(got, c.want) {
			t.Errorf("%q at %v: %q, want %q", c.text, c.width, got, c.want)
		}
	}
}

func TestWrapKeepsTextAndWidth(t *testing.T) {
	t.Parallel()
	d := newDoc(t, "zh-Hans")
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[a-z志愿服务，。（） 0-9]{0,60}`).Draw(t, "text")
		lines := d.WrapText(80, plain, text)
		squeeze := func(s string) string { return strings.ReplaceAll(s, " ", "") }
		if got := squeeze(strings.Join(lines, "")); got != squeeze(text) {
			t.Fatalf("wrapping made %q of %q", got, text)
		}
		for _, l := range lines {
			if w := d.Width(Span{l, plain}); w > 80.001 {
				t.Fatalf("%q is %.1f points wide", l, w)
			}
		}
	})
}

func TestFit(t *testing.T) {
	t.Parallel()
	d := newDoc(t, "zh-Hans")
	if got := d.Fit(60, plain, "广州市越秀区志愿者联合会"); got != "广州市越…" {
		t.Errorf("got %q", got)
	}
	if got := d.Fit(60, plain, "广州"); got != "广州" {
		t.Errorf("got %q", got)
	}
}

func sealed(t testing.TB) ([]byte, ed25519.PublicKey) {
	t.Helper()
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))
	d := newDoc(t, "zh-Hans")
	d.AddPage(100, 100).Text(10, 50, Span{"证", plain})
	file, err := d.Sealed("certificate.json", []byte(`{"a":1}`), strings.Repeat("k", 43),
		func(m []byte) ([]byte, error) { return ed25519.Sign(key, m), nil })
	if err != nil {
		t.Fatal(err)
	}
	return file, key.Public().(ed25519.PublicKey)
}

func good(file []byte, key ed25519.PublicKey) bool {
	s, err := ReadSeal(file)
	return err == nil && ed25519.Verify(key, s.Message, s.Signature)
}

func TestSealedDocumentIsValidAndCarriesItsPayload(t *testing.T) {
	t.Parallel()
	file, key := sealed(t)
	validate(t, file)
	s, err := ReadSeal(file)
	if err != nil || string(s.Payload) != `{"a":1}` || !good(file, key) {
		t.Errorf("seal %+v, error %v", s, err)
	}
	found, err := api.Attachments(bytes.NewReader(file), nil)
	if err != nil || len(found) != 1 || found[0].FileName != "certificate.json" {
		t.Errorf("attachments %v, error %v", found, err)
	}
}

// Every byte of the file; of the seal itself, every bit.
func TestAnyChangedByteBreaksTheSeal(t *testing.T) {
	t.Parallel()
	file, key := sealed(t)
	for i := range file {
		for bit := range 8 {
			if i < len(file)-sealRoom && bit != i%8 {
				continue
			}
			file[i] ^= 1 << bit
			if good(file, key) {
				t.Fatalf("byte %d, bit %d changed, and the seal still holds", i, bit)
			}
			file[i] ^= 1 << bit
		}
	}
	if !good(file, key) {
		t.Fatal("the unchanged file is not good")
	}
	for _, changed := range [][]byte{append(bytes.Clone(file), '\n'), file[1:], file[:len(file)-1], append([]byte(" "), file...), nil} {
		if good(changed, key) {
			t.Errorf("a file of %d instead of %d bytes is good", len(changed), len(file))
		}
	}
}

func FuzzReadSeal(f *testing.F) {
	file, _ := sealed(f)
	f.Add(file)
	f.Add([]byte("%PDF-1.7\n%KapokSeal/1 x"))
	f.Add([]byte("%PDF-1.7\n\n%KapokSeal/1 " + strings.Repeat("k", 43) + " 9999999999 9999999999 " +
		strings.Repeat("0", 128) + "\nstartxref\n1\n%%EOF\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		if s, err := ReadSeal(file); err == nil && len(s.Signature) != signatureSize {
			t.Error("a seal without a signature")
		}
	})
}

func FuzzOpenFont(f *testing.F) {
	s := newSubset(load(f).sc)
	s.use('证', s.font.glyph('证'))
	small, err := s.file()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(small)
	f.Add([]byte{0, 1, 0, 0, 0, 1})
	f.Fuzz(func(t *testing.T, data []byte) {
		font, err := openFont("fuzz", bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return
		}
		s := newSubset(font)
		for _, r := range "A证𠮷" {
			s.use(r, font.glyph(r))
		}
		_, errFile := s.file()
		_, errWidths := s.widths()
		if errors.Is(errFile, io.EOF) || errors.Is(errWidths, io.EOF) {
			t.Error("a bare EOF says nothing")
		}
	})
}
