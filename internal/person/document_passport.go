package person

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"kapok/internal/kit/fault"
	"kapok/internal/kit/i18n"
)

var (
	passportForm        = regexp.MustCompile(`^[A-Z0-9]{5,15}$`)
	chinesePassportForm = regexp.MustCompile(`^[A-Z]([A-Z][0-9]{7}|[0-9]{8})$`)
)

// parsePassport reads a passport number: each country numbers its own, so the
// identity is country and number. There is no common check digit.
func parsePassport(in DocumentInput, n string, _ time.Time) (Document, *fault.Error) {
	issuer := strings.ToUpper(strings.TrimSpace(in.Issuer))
	if issuer == "" {
		return Document{}, ErrDocumentIssuer
	}
	if !slices.Contains(Countries(), issuer) {
		return Document{}, ErrDocumentIssuer
	}
	if !passportForm.MatchString(n) || digits(n) < 3 || issuer == "CN" && !chinesePassportForm.MatchString(n) {
		return Document{}, ErrDocumentPassport
	}
	return Document{Kind: Passport, Issuer: issuer, Number: n, Class: classPassport, Key: issuer + ":" + n}, nil
}

func digits(s string) int {
	n := 0
	for _, r := range s {
		if r >= '0' && r <= '9' {
			n++
		}
	}
	return n
}

var countries = listCountries()

// listCountries finds the ISO 3166-1 alpha-2 codes in use.
func listCountries() []string {
	var out []string
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			code := string([]rune{a, b})
			r, err := language.ParseRegion(code)
			if err == nil && r.IsCountry() && r.M49() != 0 && r.Canonicalize().String() == code && CountryName(i18n.En, code) != "" {
				out = append(out, code)
			}
		}
	}
	return out
}

// Countries lists the countries and regions that may issue a passport, as ISO
// 3166-1 alpha-2 codes in their order.
func Countries() []string { return countries }

// chinaRegions name the regions of China as the mainland and the regions do.
var chinaRegions = map[string][3]string{
	"HK": {"中国香港", "中國香港", "Hong Kong, China"},
	"MO": {"中国澳门", "中國澳門", "Macao, China"},
	"TW": {"中国台湾", "中國台灣", "Taiwan, China"},
}

var regionNamers = map[i18n.Lang]display.Namer{
	i18n.ZhHans: display.Regions(language.MustParse("zh-Hans-CN")),
	i18n.ZhHant: display.Regions(language.MustParse("zh-Hant-HK")),
	i18n.En:     display.Regions(language.English),
}

// CountryName is the name of a country or region in a language, "" when there
// is none.
func CountryName(l i18n.Lang, code string) string {
	if n, ok := chinaRegions[code]; ok {
		return i18n.Pick(l, n[0], n[1], n[2])
	}
	r, err := language.ParseRegion(code)
	if err != nil {
		return ""
	}
	return regionNamers[l].Name(r)
}
