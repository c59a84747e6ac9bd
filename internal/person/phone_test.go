package person

import (
	"testing"

	"kapok/internal/kit/fault"
)

func TestParsePhone(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in, region, want string
		err              *fault.Error
	}{
		{"13800138000", "", "+8613800138000", nil},
		{"138 0013 8000", "CN", "+8613800138000", nil},
		{"+86 138-0013-8000", "HK", "+8613800138000", nil},
		{"008613800138000", "CN", "+8613800138000", nil},
		{"１３８００１３８０００", "CN", "+8613800138000", nil},
		{"19912345678", "CN", "+8619912345678", nil},
		{"91234567", "HK", "+85291234567", nil},
		{"+852 5123 4567", "CN", "+85251234567", nil},
		{"66123456", "MO", "+85366123456", nil},
		{"+853 6612 3456", "", "+85366123456", nil},
		{"12800138000", "CN", "", ErrPhone},
		{"1380013800", "CN", "", ErrPhone},
		{"138001380000", "CN", "", ErrPhone},
		{"91234567", "CN", "", ErrPhone},
		{"02083331234", "CN", "", ErrPhoneNotMobile},
		{"28123456", "HK", "", ErrPhoneNotMobile},
		{"28712345", "MO", "", ErrPhoneNotMobile},
		{"+14155550123", "CN", "", ErrPhone},
		{"+886912345678", "CN", "", ErrPhone},
		{"1380013CALL", "CN", "", ErrPhone},
		{"13800138000;ext=5", "CN", "", ErrPhone},
		{"13800138000", "TW", "", ErrPhone},
		{"", "CN", "", fault.ErrRequired},
		{"电话", "CN", "", ErrPhone},
	} {
		got, err := ParsePhone(c.in, c.region)
		if got != c.want || !(err == nil && c.err == nil || same(err, c.err)) {
			t.Errorf("%q %s: got %q, %v", c.in, c.region, got, err)
		}
	}
}

func TestMaskPhone(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"+8613800138000": "138****8000", "+85291234567": "+852 9****567", "+85366123456": "+853 6****456", "": "", "+1": "**"} {
		if got := MaskPhone(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func FuzzParsePhone(f *testing.F) {
	f.Add("+8613800138000", "CN")
	f.Add("9123 4567", "HK")
	f.Fuzz(func(t *testing.T, s, region string) {
		p, err := ParsePhone(s, region)
		if err != nil {
			return
		}
		if again, err := ParsePhone(p, ""); err != nil || again != p {
			t.Errorf("%q became %q, then %q", s, p, again)
		}
		if m := MaskPhone(p); len(m) < 8 || m == p {
			t.Errorf("%q masked as %q", p, m)
		}
	})
}
