package person

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"kapok/internal/kit/fault"
)

var testDay = time.Date(2026, 10, 18, 0, 0, 0, 0, time.UTC)

func day(s string) time.Time {
	t, err := time.Parse("2006-01-02", s)
	if err != nil {
		panic(err)
	}
	return t
}

func parse(kind DocumentKind, number string) (Document, *fault.Error) {
	return ParseDocument(DocumentInput{Kind: kind, Issuer: "GB", Number: number}, testDay)
}

// The test vectors of GB 11643 and its relatives, and how people type them.
func TestEighteenDigits(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in   string
		kind DocumentKind
		want Document
	}{
		{"11010519491231002X", MainlandID, Document{Kind: MainlandID, Number: "11010519491231002X", Born: day("1949-12-31"), Gender: Female}},
		{"11010519491231002x", MainlandID, Document{Kind: MainlandID, Number: "11010519491231002X", Born: day("1949-12-31"), Gender: Female}},
		{" 110105 19491231 002Ｘ ", MainlandID, Document{Kind: MainlandID, Number: "11010519491231002X", Born: day("1949-12-31"), Gender: Female}},
		{"１１０１０５１９４９１２３１００２ｘ", MainlandID, Document{Kind: MainlandID, Number: "11010519491231002X", Born: day("1949-12-31"), Gender: Female}},
		{"810000199408230021", ResidencePermit, Document{Kind: ResidencePermit, Number: "810000199408230021", Born: day("1994-08-23"), Gender: Female}},
		{"830000199201300022", ResidencePermit, Document{Kind: ResidencePermit, Number: "830000199201300022", Born: day("1992-01-30"), Gender: Female}},
		{"810000-19940823-0021", MainlandID, Document{Kind: ResidencePermit, Number: "810000199408230021", Born: day("1994-08-23"), Gender: Female}},
		{"\u200b440106198808086110\ufeff", MainlandID, Document{Kind: MainlandID, Number: "440106198808086110", Born: day("1988-08-08"), Gender: Male}},
	} {
		got, err := parse(c.kind, c.in)
		if err != nil {
			t.Errorf("%q: %v", c.in, err)
			continue
		}
		c.want.Issuer, c.want.Class, c.want.Key = "CN", classGB11643, c.want.Number
		if got != c.want {
			t.Errorf("%q: got %#v", c.in, got)
		}
	}
	// 440524188001010014 is right by form, but its owner would be 146: still
	// within 150 years, and 440524 is no county any more.
	if _, err := parse(MainlandID, "440524188001010014"); err != nil {
		t.Errorf("an old county's code: %v", err)
	}
}

func withCheck(seventeen string) string { return seventeen + string(Check18(seventeen+"0")) }

func TestEighteenDigitsNearMisses(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]*fault.Error{
		"110105491231002":     ErrDocument15,
		"110105194912310021":  ErrDocumentCheck,
		"11010519491231003X":  ErrDocumentCheck,
		"110105194912130 02X": ErrDocumentCheck, // two neighbours exchanged
		"1101051949123100X2":  ErrDocumentForm18,
		"X1010519491231002X":  ErrDocumentForm18,
		"11010519491231002":   ErrDocumentForm18,
		"1101051949123100211": ErrDocumentForm18,
		"１１０１０５１９４９１２３１００２年":           ErrDocumentForm18,
		withCheck("99010519491231002"): ErrDocumentRegion,
		withCheck("84000019941231002"): ErrDocumentRegion,
		withCheck("81000119941231002"): ErrDocumentRegion,
		withCheck("44990019941231002"): ErrDocumentRegion,
		withCheck("11010519490230002"): ErrDocumentBirth,
		withCheck("11010519000229002"): ErrDocumentBirth, // 1900 was no leap year
		withCheck("11010520261019002"): ErrDocumentBirth, // tomorrow
		withCheck("11010518751017002"): ErrDocumentBirth, // 151 years old
		withCheck("91100019941231002"): ErrDocumentRegion,
		"":                             fault.ErrRequired,
		" - ":                          fault.ErrRequired,
		strings.Repeat("1", 4000):      ErrDocumentForm,
	} {
		if _, err := parse(MainlandID, in); !same(err, want) {
			t.Errorf("%.40q: got %v, want %v", in, err, want)
		}
	}
	for _, good := range []string{withCheck("11010520000229002"), withCheck("11010520261018002"), withCheck("71000019941231002")} {
		if _, err := parse(MainlandID, good); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
}

func same(got, want *fault.Error) bool { return got != nil && want != nil && got.Code == want.Code }

// 五星卡 since 2023: 9, province, nationality, birth date, sequence, check.
func TestForeignersCard(t *testing.T) {
	t.Parallel()
	good := withCheck("94484019800415003")
	d, err := parse(ForeignerID, good)
	if err != nil || d.Kind != ForeignerID || !d.Born.Equal(day("1980-04-15")) || d.Gender != Male {
		t.Errorf("%s: %v %v", good, d.Kind, err)
	}
	for _, bad := range []string{withCheck("94799919800415003"), withCheck("98984019800415003"), "CAN110080010101"} {
		if _, err := parse(ForeignerID, bad); err == nil {
			t.Errorf("%s was accepted", bad)
		}
	}
}

// Every single slip and every exchange of unlike neighbours is found.
func TestCheck18FindsSlips(t *testing.T) {
	t.Parallel()
	const good = "11010519491231002X"
	for i := range 17 {
		for c := byte('0'); c <= '9'; c++ {
			b := []byte(good)
			b[i] = c
			if c != good[i] && Check18(string(b)) == b[17] {
				t.Errorf("digit %d replaced by %c", i, c)
			}
		}
		if i < 16 && good[i] != good[i+1] {
			b := []byte(good)
			b[i], b[i+1] = b[i+1], b[i]
			if Check18(string(b)) == b[17] {
				t.Errorf("digits %d and %d exchanged", i, i+1)
			}
		}
	}
}

func TestTravelPermit(t *testing.T) {
	t.Parallel()
	for in, key := range map[string]string{
		"H12345678": "H12345678", "M12345678": "M12345678", "H1234567800": "H12345678", "h12345678 01": "H12345678",
		"HA1234567": "HA1234567", "MA1234567": "MA1234567", "Ｈ１２３４５６７８０２": "H12345678", "H-1234-5678": "H12345678",
	} {
		d, err := parse(TravelPermit, in)
		if err != nil || d.Key != key || d.Class != classTravel {
			t.Errorf("%q: key %q, %v", in, d.Key, err)
		}
	}
	for _, in := range []string{"H1234567", "H123456780", "H123456780012", "A12345678", "HB1234567", "HA12345678", "HA123456700", "HA123456",
		"AH1234567", "H1234567A", "12345678H", "H", "HA", "H１２３４５６７八"} {
		if _, err := parse(TravelPermit, in); !same(err, ErrDocumentTravelPermit) {
			t.Errorf("%q: %v", in, err)
		}
	}
}

func TestRenewedTravelPermitIsTheSamePerson(t *testing.T) {
	t.Parallel()
	a, _ := parse(TravelPermit, "H1234567800")
	b, _ := parse(TravelPermit, "H1234567805")
	c, _ := parse(TravelPermit, "H12345678")
	if a.Key != b.Key || b.Key != c.Key || a.Number == b.Number {
		t.Errorf("keys %q %q %q", a.Key, b.Key, c.Key)
	}
}

func TestHKID(t *testing.T) {
	t.Parallel()
	for _, in := range []string{"A123456(3)", "AB987654(3)", "CA182361(1)", "ZA182361(3)", "E364912(5)", "D288754(2)", "B111111(1)",
		"a123456 3", "A1234563", "Ａ１２３４５６（３）", "AB987654-3", "【A123456】(3)"} {
		d, err := parse(HKID, strings.Trim(strings.ReplaceAll(in, "】", ""), "【"))
		if err != nil || strings.ContainsAny(d.Number, "()（） -") || d.Class != classHKID || d.Issuer != "HK" {
			t.Errorf("%q: %q %v", in, d.Number, err)
		}
	}
	for _, in := range []string{"A123456(4)", "A123465(3)", "B123456(3)", "AA123456(3)"} {
		if _, err := parse(HKID, in); !same(err, ErrDocumentCheck) {
			t.Errorf("%q: %v", in, err)
		}
	}
	for _, in := range []string{"A123456", "123456(3)", "ABC123456(3)", "A12345(3)", "A1234567(3)", "A123456(B)", "A12345A(3)", "1A123456(3)", "A", "AB"} {
		if _, err := parse(HKID, in); err == nil {
			t.Errorf("%q was accepted", in)
		}
	}
	for n := range 1000 { // the check character A exists and is accepted
		if s := fmt.Sprintf("K%06d", n); CheckHKID(s) == 'A' {
			if _, err := parse(HKID, s+"(a)"); err != nil {
				t.Errorf("%s(A): %v", s, err)
			}
			return
		}
	}
	t.Error("no number with the check character A")
}

func TestMacaoBIR(t *testing.T) {
	t.Parallel()
	for in, unusual := range map[string]bool{"1234567(8)": false, "5234567（8）": false, "71234568": false, "1/234567/8": false, "2234567(8)": true} {
		d, err := parse(MacaoBIR, in)
		if err != nil || d.Unusual != unusual || len(d.Number) != 8 || d.Issuer != "MO" {
			t.Errorf("%q: %v %v", in, d.Unusual, err)
		}
	}
	for _, in := range []string{"0234567(8)", "1234567", "123456789", "1234567(A)", "A234567(8)"} {
		if _, err := parse(MacaoBIR, in); !same(err, ErrDocumentMacaoBIR) {
			t.Errorf("%q: %v", in, err)
		}
	}
}

func TestPassport(t *testing.T) {
	t.Parallel()
	for in, want := range map[[2]string]*fault.Error{
		{"GB", "123456789"}: nil, {"gb", "ab 1234567"}: nil, {"US", "A12345678"}: nil, {"CN", "E12345678"}: nil, {"CN", "ea1234567"}: nil,
		{"CN", "123456789"}: ErrDocumentPassport, {"GB", "PASSPORT"}: ErrDocumentPassport, {"GB", "1234"}: ErrDocumentPassport,
		{"GB", "12345678901234567"}: ErrDocumentPassport, {"GB", "1234567é"}: ErrDocumentPassport, {"", "123456789"}: ErrDocumentIssuer,
		{"XX", "123456789"}: ErrDocumentIssuer, {"UK", "123456789"}: ErrDocumentIssuer, {"EU", "123456789"}: ErrDocumentIssuer,
	} {
		_, err := ParseDocument(DocumentInput{Kind: Passport, Issuer: in[0], Number: in[1]}, testDay)
		if want == nil && err != nil || want != nil && !same(err, want) {
			t.Errorf("%v: got %v, want %v", in, err, want)
		}
	}
	a, _ := ParseDocument(DocumentInput{Kind: Passport, Issuer: "GB", Number: "123456789"}, testDay)
	b, _ := ParseDocument(DocumentInput{Kind: Passport, Issuer: "US", Number: "123456789"}, testDay)
	if a.Key == b.Key {
		t.Error("two countries' passports with one number are one identity")
	}
}

func TestUnknownKind(t *testing.T) {
	t.Parallel()
	if _, err := parse("library_card", "1"); !same(err, ErrDocumentKind) {
		t.Errorf("got %v", err)
	}
}

func TestCountriesHaveNames(t *testing.T) {
	t.Parallel()
	if n := len(Countries()); n < 190 || n > 260 {
		t.Errorf("%d countries", n)
	}
	for _, want := range []string{"CN", "HK", "MO", "TW", "GB", "US", "PT", "PH", "ID", "NP"} {
		if !strings.Contains(strings.Join(Countries(), " "), want) {
			t.Errorf("%s is missing", want)
		}
	}
	if CountryName("zh-Hans", "HK") != "中国香港" || CountryName("en", "PT") != "Portugal" || CountryName("zh-Hant", "ZZZZ") != "" {
		t.Error("wrong names")
	}
}

func TestDocumentsPrintMasked(t *testing.T) {
	t.Parallel()
	d, err := parse(MainlandID, "11010519491231002X")
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	l := slog.New(slog.NewTextHandler(&log, nil))
	l.Info("x", "doc", d, "in", DocumentInput{Kind: MainlandID, Number: d.Number})
	if fmt.Sprint(d) != "11**************2X" || strings.Contains(log.String(), "19491231") {
		t.Errorf("printed %v, logged %s", d, log.String())
	}
}

func FuzzParseDocument(f *testing.F) {
	for _, s := range []string{"11010519491231002X", "810000199408230021", "H1234567800", "HA1234567", "A123456(3)", "1234567(8)", "E12345678", "110105491231002"} {
		for i := range DocumentKinds.Codes {
			f.Add(i, "CN", s)
		}
	}
	f.Fuzz(func(t *testing.T, kind int, issuer, number string) {
		in := DocumentInput{Kind: DocumentKind(DocumentKinds.Codes[uint(kind)%uint(len(DocumentKinds.Codes))]), Issuer: issuer, Number: number}
		d, err := ParseDocument(in, testDay)
		if err != nil {
			return
		}
		again, err := ParseDocument(DocumentInput{Kind: d.Kind, Issuer: d.Issuer, Number: d.Number}, testDay)
		if err != nil || again != d {
			t.Errorf("%q: what was accepted reads back as %#v, %v", number, again, err)
		}
		if d.Key == "" || d.Class == "" || d.Issuer == "" || strings.ContainsAny(d.Number, " ()") {
			t.Errorf("%q: incomplete %#v", number, d)
		}
	})
}
