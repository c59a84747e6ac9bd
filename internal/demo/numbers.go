package demo

import (
	"fmt"
	"strings"
	"time"
)

// Numbers have the right form and the right check characters, yet are nobody's:
// each is drawn from a room of numbers that was never given out.
//
//   - mainland ID: county code 99, which GB/T 2260 never used;
//   - residence permit: sequences from 990, more than are born in a day among
//     the holders;
//   - HKID: letter U, which is not in use;
//   - 回乡证 and Macao BIR: far above the numbers printed so far;
//   - passports: numbers of nines;
//   - phones: exchange 0000 of each prefix in the mainland; Hong Kong and Macao
//     keep no numbers for such use, so theirs are the first of a block. A fill
//     sends nothing to any phone.
type numbers struct {
	serial map[string]int // last number given out, by room
}

func newNumbers() *numbers { return &numbers{serial: map[string]int{}} }

func (n *numbers) next(room string) int {
	n.serial[room]++
	return n.serial[room] - 1
}

// mainlandID makes a number of the 18-digit family: region (4 digits of a
// prefecture), birth date, odd sequence for men.
func (n *numbers) mainlandID(prefecture string, born time.Time, female bool) string {
	head := prefecture + "99" + born.Format("20060102")
	seq := 2*n.next("id"+head+fmt.Sprint(female)) + 1
	if female {
		seq++
	}
	return withCheck18(fmt.Sprintf("%s%03d", head, seq%1000))
}

// residencePermit makes a number of 港澳台居民居住证; region is 810000 or 820000.
func (n *numbers) residencePermit(region string, born time.Time, female bool) string {
	head := region + born.Format("20060102")
	seq := 991 + 2*(n.next("permit"+head+fmt.Sprint(female))%4)
	if female {
		seq--
	}
	return withCheck18(fmt.Sprintf("%s%03d", head, seq))
}

// withCheck18 adds the check character (ISO 7064 MOD 11-2).
func withCheck18(s string) string {
	rest := 0
	for _, d := range s {
		rest = (rest + int(d-'0')) * 2 % 11
	}
	return s + string("0123456789X"[(12-rest)%11])
}

// hkid makes a Hong Kong identity card number, without brackets.
func (n *numbers) hkid() string {
	s := fmt.Sprintf("U%06d", 100000+n.next("hkid"))
	sum := 9*36 + 8*30 // no first letter counts 36, U counts 30
	for i, d := range s[1:] {
		sum += (7 - i) * int(d-'0')
	}
	return s + string("0123456789A"[(11-sum%11)%11])
}

// macaoBIR makes a Macao resident's card number; the rule of its last digit is
// not published.
func (n *numbers) macaoBIR() string { return fmt.Sprintf("19%05d0", n.next("bir")) }

// travelPermit makes a 回乡证: of nine characters, of eleven (the card of 1999)
// or, for residents who are not Chinese, with HA or MA.
func (n *numbers) travelPermit(macao, old, foreign bool) string {
	letter := "H"
	if macao {
		letter = "M"
	}
	switch {
	case foreign:
		return fmt.Sprintf("%sA%07d", letter, 9900000+n.next("permit-foreign"+letter))
	case old:
		return fmt.Sprintf("%s%08d%02d", letter, 99000000+n.next("permit"+letter), 1)
	}
	return fmt.Sprintf("%s%08d", letter, 99000000+n.next("permit"+letter))
}

// passport makes the number of a passport of some country.
func (n *numbers) passport() string { return fmt.Sprintf("P9999%04d", n.next("passport")) }

// phone makes a mobile number in E.164.
func (n *numbers) phone(region string) string {
	switch region {
	case "HK":
		return fmt.Sprintf("+8525100%04d", n.next("hk"))
	case "MO":
		return fmt.Sprintf("+8536600%04d", n.next("mo"))
	}
	prefixes := strings.Fields("138 139 150 158 159 177 180 181 188 189 136 137")
	i := n.next("cn")
	return fmt.Sprintf("+86%s0000%04d", prefixes[i%len(prefixes)], i/len(prefixes))
}

// creditCode makes a unified social credit code (GB 32100-2015) for a county;
// kind is its first two characters (51 association, 52 private non-enterprise,
// 12 public institution). The organisation part begins with MYY, far above
// what is given out.
func (n *numbers) creditCode(kind, county string) string {
	const alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
	s := fmt.Sprintf("%s%sMYY%06d", kind, county, n.next("code"))
	sum, weight := 0, 1
	for i := range len(s) {
		sum += strings.IndexByte(alphabet, s[i]) * weight
		weight = weight * 3 % 31
	}
	return s + string(alphabet[(31-sum%31)%31])
}
