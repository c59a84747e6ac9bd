package certificate

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"kapok/internal/kit/i18n"
	"kapok/internal/kit/pdf"
	"kapok/internal/kit/sign"
)

// made is a certificate in both forms, without a database, and the keys to check it.
func made(t testing.TB, c Choice, n int) (pdfFile, jsonFile []byte, keys sign.KeySet) {
	t.Helper()
	key := newSeedKey(1)
	s := &Service{Deps: Deps{Signer: key, Fonts: fonts(t)}, drawing: make(chan struct{}, 1)}
	st := stated(c, someone("张𠮷三"), someHours(n))
	message, err := st.Canonical()
	if err != nil {
		t.Fatal(err)
	}
	signature, err := key.Sign(t.Context(), message)
	if err != nil {
		t.Fatal(err)
	}
	cert := Certificate{Number: st.Number, Statement: st, Signature: signature, Status: Valid}
	if pdfFile, err = s.PDF(t.Context(), cert); err != nil {
		t.Fatal(err)
	}
	if jsonFile, err = s.JSON(cert); err != nil {
		t.Fatal(err)
	}
	return pdfFile, jsonFile, sign.NewKeySet(key.Key())
}

func check(t testing.TB, file []byte, keys sign.KeySet) Report {
	t.Helper()
	r, err := VerifyFile(bytes.NewReader(file), keys)
	if err != nil {
		t.Fatal(err)
	}
	if (r.Finding == Good) != (r.Statement != nil) {
		t.Fatalf("finding %s with statement %v", r.Finding, r.Statement)
	}
	return r
}

func TestBothFormsAreGood(t *testing.T) {
	t.Parallel()
	for _, l := range i18n.Langs {
		pdfFile, jsonFile, keys := made(t, everything(l), 40)
		for form, file := range map[string][]byte{"pdf": pdfFile, "json": jsonFile} {
			r := check(t, file, keys)
			if r.Finding != Good || r.Form != form || r.Statement.Holder.Name != "张𠮷三" || r.Statement.Times != 40 {
				t.Errorf("%s %s: %+v", l, form, r)
			}
		}
	}
}

// Any single byte of the JSON; of the PDF every byte around the statement and
// the seal, and a sample of its pictures and fonts (kit/pdf tries every byte of
// a smaller one).
func TestOneChangedByteIsNotGood(t *testing.T) {
	t.Parallel()
	pdfFile, jsonFile, keys := made(t, minimal(i18n.ZhHans), 1)
	for form, file := range map[string][]byte{"pdf": pdfFile, "json": jsonFile} {
		for i := 0; i < len(file); i += stride(i, len(file)) {
			flip := byte(1) << (i % 8)
			file[i] ^= flip
			if r := check(t, file, keys); r.Finding == Good {
				t.Fatalf("%s: byte %d changed by %#x is still good", form, i, flip)
			}
			file[i] ^= flip
		}
		if r := check(t, file, keys); r.Finding != Good {
			t.Fatalf("%s: the unchanged file is %s", form, r.Finding)
		}
	}
}

func stride(i, size int) int {
	if i < 64 || i > size-3000 {
		return 1
	}
	return 11
}

// Bytes put in, taken out or overwritten.
func TestEditedFilesAreNotGood(t *testing.T) {
	t.Parallel()
	pdfFile, jsonFile, keys := made(t, minimal(i18n.En), 1)
	rapid.Check(t, func(t *rapid.T) {
		file := rapid.SampledFrom([][]byte{pdfFile, jsonFile}).Draw(t, "file")
		at := rapid.IntRange(0, len(file)).Draw(t, "at")
		cut := rapid.IntRange(0, min(8, len(file)-at)).Draw(t, "cut")
		put := rapid.SliceOfN(rapid.Byte(), 0, 8).Draw(t, "put")
		edited := append(append(bytes.Clone(file[:at]), put...), file[at+cut:]...)
		if bytes.Equal(edited, file) {
			return
		}
		r, err := VerifyFile(bytes.NewReader(edited), keys)
		if err != nil || r.Finding == Good {
			t.Fatalf("edited at %d (-%d +%d) is %s, %v", at, cut, len(put), r.Finding, err)
		}
	})
}

func TestFindings(t *testing.T) {
	t.Parallel()
	pdfFile, jsonFile, keys := made(t, minimal(i18n.ZhHans), 1)
	stranger := sign.NewKeySet(newSeedKey(2).Key())
	replace := func(file []byte, old, new string) []byte {
		return bytes.Replace(bytes.Clone(file), []byte(old), []byte(new), 1)
	}
	for name, c := range map[string]struct {
		file []byte
		keys sign.KeySet
		want Finding
	}{
		"more hours":          {replace(jsonFile, `"minutes":90`, `"minutes":9000`), keys, Changed},
		"another name":        {replace(jsonFile, "三", "四"), keys, Changed},
		"a line break behind": {append(bytes.Clone(jsonFile), '\n'), keys, Changed},
		"an unknown member":   {replace(jsonFile, `{"format"`, `{"extra":1,"format"`), keys, Changed},
		"a repeated member":   {replace(jsonFile, `"times":1`, `"times":1,"times":2`), keys, Changed},
		"an unknown proof":    {replace(jsonFile, `,"signature"`, `,"proofs":[{"data":"x","kind":"x"}],"signature"`), keys, NewerFormat},
		"a later form":        {replace(jsonFile, Format, "kapok.certificate.export/2"), keys, NewerFormat},
		"a strange key":       {jsonFile, stranger, UnknownKey},
		"a strange key, PDF":  {pdfFile, stranger, UnknownKey},
		"no keys":             {pdfFile, nil, UnknownKey},
		"another PDF":         {[]byte("%PDF-1.4\n%%EOF\n"), keys, NotCertificate},
		"saved again":         {append(bytes.Clone(pdfFile), "\n1 0 obj\n<<>>\nendobj\n%%EOF\n"...), keys, Changed},
		"other JSON":          {[]byte(`{"a":1}`), keys, NotCertificate},
		"text":                {[]byte("hello"), keys, NotCertificate},
		"nothing":             {nil, keys, NotCertificate},
	} {
		r := check(t, c.file, c.keys)
		if r.Finding != c.want {
			t.Errorf("%s: %s, want %s", name, r.Finding, c.want)
		}
		for _, l := range i18n.Langs {
			for _, line := range r.Lines(l) {
				if strings.Contains(line, "certificate.") || strings.Contains(line, "{") || line == "" {
					t.Errorf("%s in %s says %q", name, l, line)
				}
			}
		}
	}
}

// A seal of a trusted key around a statement that the key did not sign.
func TestSealDoesNotStandForTheStatement(t *testing.T) {
	t.Parallel()
	key := newSeedKey(1)
	st := stated(minimal(i18n.ZhHans), someone("张三"), someHours(1))
	doc, err := draw(fonts(t), st)
	if err != nil {
		t.Fatal(err)
	}
	export, err := Export{Format: Format, Statement: st, Signature: strings.Repeat("A", 86)}.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	file, err := doc.Sealed("x.json", export, key.Key().ID, func(m []byte) ([]byte, error) { return key.Sign(t.Context(), m) })
	if err != nil {
		t.Fatal(err)
	}
	if r := check(t, file, sign.NewKeySet(key.Key())); r.Finding != Changed {
		t.Errorf("finding %s", r.Finding)
	}
}

func TestTooLargeIsAnError(t *testing.T) {
	t.Parallel()
	_, err := VerifyFile(bytes.NewReader(make([]byte, MaxFile+1)), nil)
	if !errors.Is(err, ErrTooLarge) {
		t.Errorf("got %v", err)
	}
}

func TestReportShowsWhatWasStated(t *testing.T) {
	t.Parallel()
	_, jsonFile, keys := made(t, everything(i18n.ZhHans), 6)
	text := strings.Join(check(t, jsonFile, keys).Lines(i18n.ZhHans), "\n")
	for _, want := range []string{"张𠮷三", "尾号 1234", "K7Q-4821", "9.25", "广州市越秀区志愿者联合会", "K26-7QX4-M2D9-H", "https://kapok.example/verify/"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
}

// blankSealed is the smallest PDF with a good seal.
func blankSealed(t testing.TB, payload []byte) []byte {
	t.Helper()
	key := newSeedKey(1)
	doc := pdf.New(fonts(t), pdf.Meta{Title: "x", Created: noon})
	doc.AddPage(10, 10)
	file, err := doc.Sealed("x.json", payload, key.Key().ID, func(m []byte) ([]byte, error) { return key.Sign(t.Context(), m) })
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func FuzzVerifyFile(f *testing.F) {
	_, jsonFile, keys := made(f, minimal(i18n.ZhHans), 1)
	pdfFile := blankSealed(f, jsonFile)
	f.Add(pdfFile)
	f.Add(jsonFile)
	f.Add([]byte(`{"format":"kapok.certificate.export/1","statement":{"issued_at":"2026-11-02T04:00:00Z"},"signature":""}`))
	f.Fuzz(func(t *testing.T, file []byte) {
		r, err := VerifyFile(bytes.NewReader(file), keys)
		if err != nil {
			t.Fatal(err)
		}
		if r.Finding == Good && !bytes.Equal(file, pdfFile) && !bytes.Equal(file, jsonFile) {
			t.Error("a file that was never issued is good")
		}
		r.Lines(i18n.En)
	})
}
