package person

import (
	"time"

	"kapok/internal/kit/fault"
)

// parseTravelPermit reads a 回乡证. The card of 1999 has eleven characters, the
// last two counting renewals; that of 2013 nine; that for non-Chinese residents
// (since 2024-07-10) begins with HA or MA. The first nine characters are for
// life and are the identity; there is no check digit.
func parseTravelPermit(_ DocumentInput, n string, _ time.Time) (Document, *fault.Error) {
	chinese := (len(n) == 9 || len(n) == 11) && allDigits(n[1:])
	foreign := len(n) == 9 && n[1] == 'A' && allDigits(n[2:])
	if !(chinese || foreign) || !(n[0] == 'H' || n[0] == 'M') {
		return Document{}, ErrDocumentTravelPermit
	}
	return Document{Kind: TravelPermit, Issuer: "CN", Number: n, Class: classTravel, Key: n[:9]}, nil
}

// parseHKID reads a Hong Kong identity card: one or two letters, six digits
// and a check character, usually in brackets.
func parseHKID(_ DocumentInput, n string, _ time.Time) (Document, *fault.Error) {
	letters := len(n) - 7
	if letters != 1 && letters != 2 || !isCapital(n[0]) || !isCapital(n[letters-1]) || !allDigits(n[letters:len(n)-1]) {
		return Document{}, ErrDocumentHKID
	}
	if last := n[len(n)-1]; !allDigits(string(last)) && last != 'A' {
		return Document{}, ErrDocumentHKID
	}
	if CheckHKID(n[:len(n)-1]) != n[len(n)-1] {
		return Document{}, ErrDocumentCheck
	}
	return Document{Kind: HKID, Issuer: "HK", Number: n, Class: classHKID, Key: n}, nil
}

// CheckHKID is the check character of letters and digits: it weighs eight places by 9 down to 2: a missing first letter counts
// 36, letters 10 to 35; the check digit brings the sum to a multiple of 11.
func CheckHKID(n string) byte {
	sum := 0
	if len(n) == 7 {
		sum = 9 * 36
	}
	for i := range len(n) {
		value := int(n[i] - '0')
		if isCapital(n[i]) {
			value = int(n[i]-'A') + 10
		}
		sum += (len(n) + 1 - i) * value
	}
	if c := (11 - sum%11) % 11; c < 10 {
		return byte('0' + c)
	}
	return 'A'
}

// parseMacaoBIR reads a Macao resident identity card: eight digits, the last
// in brackets. The rule of its check digit is not published, so it is not
// checked; first digits other than 1, 5 and 7 are unusual, not wrong.
func parseMacaoBIR(_ DocumentInput, n string, _ time.Time) (Document, *fault.Error) {
	if len(n) != 8 || !allDigits(n) || n[0] == '0' {
		return Document{}, ErrDocumentMacaoBIR
	}
	usual := n[0] == '1' || n[0] == '5' || n[0] == '7'
	return Document{Kind: MacaoBIR, Issuer: "MO", Number: n, Class: classMacaoBIR, Key: n, Unusual: !usual}, nil
}
