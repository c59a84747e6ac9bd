package person

import (
	"slices"
	"strings"

	"github.com/nyaruka/phonenumbers"
	"golang.org/x/text/unicode/norm"

	"kapok/internal/kit/fault"
)

// PhoneRegions are the regions whose mobile phones Kapok can send codes to.
var PhoneRegions = []string{"CN", "HK", "MO"}

// ParsePhone reads a mobile phone number of the mainland, Hong Kong or Macao
// and returns it in E.164 (+8613800138000). region (CN, HK, MO; "" is CN) is
// where a number without a country code belongs.
func ParsePhone(s, region string) (string, *fault.Error) {
	if region == "" {
		region = "CN"
	}
	s = strings.TrimSpace(norm.NFKC.String(s))
	if s == "" {
		return "", fault.ErrRequired
	}
	if len(s) > 40 || !slices.Contains(PhoneRegions, region) {
		return "", ErrPhone
	}
	n, err := phonenumbers.Parse(s, region)
	if err != nil || n.GetExtension() != "" || strings.ContainsFunc(s, func(r rune) bool { return r >= 'A' && r <= 'z' }) {
		return "", ErrPhone
	}
	if !phonenumbers.IsValidNumber(n) || !slices.Contains(PhoneRegions, phonenumbers.GetRegionCodeForNumber(n)) {
		return "", ErrPhone
	}
	if t := phonenumbers.GetNumberType(n); t != phonenumbers.MOBILE && t != phonenumbers.FIXED_LINE_OR_MOBILE {
		return "", ErrPhoneNotMobile
	}
	return phonenumbers.Format(n, phonenumbers.E164), nil
}

// SplitPhone takes an E.164 number apart into the region it belongs to and the
// number within it, as a form shows them.
func SplitPhone(e164 string) (region, national string) {
	for code, r := range map[string]string{"+86": "CN", "+852": "HK", "+853": "MO"} {
		if n, ok := strings.CutPrefix(e164, code); ok {
			return r, n
		}
	}
	return "", e164
}

// MaskPhone shows a phone so that its owner knows it again: 138****8000,
// +852 9****678.
func MaskPhone(e164 string) string {
	region, n := SplitPhone(e164)
	head, end := 3, 4
	if len(n) < 10 {
		head, end = 1, 3
	}
	if len(n) < head+end {
		return strings.Repeat("*", len(n))
	}
	masked := n[:head] + "****" + n[len(n)-end:]
	if region == "HK" || region == "MO" {
		return strings.TrimSuffix(e164, n) + " " + masked
	}
	return masked
}
