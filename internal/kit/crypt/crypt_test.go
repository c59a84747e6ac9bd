package crypt

import (
	"bytes"
	"crypto/hmac"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"github.com/emmansun/gmsm/sm3"
	"github.com/emmansun/gmsm/sm4"
	"github.com/google/uuid"
)

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// GB/T 32905-2016, annex A.
func TestSM3StandardVectors(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"abc":                      "66c7f0f4 62eeedd9 d1f2d46b dc10e4e2 4167c487 5cf2f7a2 297da02b 8f4ba8e0",
		strings.Repeat("abcd", 16): "debe9ff9 2275b8a1 38604889 c18e5a4d 6fdb70e5 387e5765 293dcba3 9c0c5732",
	} {
		if got := sm3.Sum([]byte(in)); !bytes.Equal(got[:], unhex(t, want)) {
			t.Errorf("%s: got %x", in, got)
		}
	}
}

// GM/T 0042-2015, annex D.3.
func TestHMACSM3StandardVectors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ key, data, want string }{
		{"0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20",
			strings.Repeat("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 2),
			"ca05e144ed05d1857840d1f318a4a8669e559fc8391f414485bfdf7bb408963a"},
		{"0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425",
			strings.Repeat("\xcd", 50),
			"220bf579ded555393f0159f66c99877822a3ecf610d1552154b41d44b94db3ae"},
	} {
		mac := hmac.New(newSM3, unhex(t, c.key))
		mac.Write([]byte(c.data))
		if got := mac.Sum(nil); !bytes.Equal(got, unhex(t, c.want)) {
			t.Errorf("got %x", got)
		}
	}
}

// GB/T 32907-2016, annex A: once, and a million times over.
func TestSM4StandardVectors(t *testing.T) {
	t.Parallel()
	key := unhex(t, "0123456789abcdeffedcba9876543210")
	block, err := sm4.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	b := bytes.Clone(key)
	block.Encrypt(b, b)
	if !bytes.Equal(b, unhex(t, "681edf34d206965e86b3e94f536e4246")) {
		t.Errorf("once: got %x", b)
	}
	for range 999_999 {
		block.Encrypt(b, b)
	}
	if !bytes.Equal(b, unhex(t, "595298c7c6fd271f0402f804c33d3f66")) {
		t.Errorf("a million times: got %x", b)
	}
}

// RFC 8998, A.2.1.
func TestSM4GCMStandardVector(t *testing.T) {
	t.Parallel()
	aead, err := newGCM(unhex(t, "0123456789ABCDEFFEDCBA9876543210"))
	if err != nil {
		t.Fatal(err)
	}
	plain := unhex(t, "AAAAAAAAAAAAAAAABBBBBBBBBBBBBBBBCCCCCCCCCCCCCCCCDDDDDDDDDDDDDDDDEEEEEEEEEEEEEEEEFFFFFFFFFFFFFFFFEEEEEEEEEEEEEEEEAAAAAAAAAAAAAAAA")
	got := aead.Seal(nil, unhex(t, "00001234567800000000ABCD"), plain, unhex(t, "FEEDFACEDEADBEEFFEEDFACEDEADBEEFABADDAD2"))
	want := unhex(t, "17F399F08C67D5EE19D0DC9969C4BB7D5FD46FD3756489069157B282BB200735D82710CA5C22F0CCFA7CBF93D496AC15A56834CBCF98C397B4024A2691233B8D"+
		"83DE3541E4C2B58177E065A9BF7B62EC")
	if !bytes.Equal(got, want) {
		t.Errorf("got %x", got)
	}
}

var place = Place{Table: "person.identity_document", Column: "number", Row: uuid.MustParse("01981d3a-0000-7000-8000-000000000001")}

func TestAValueOpensOnlyWhereItBelongs(t *testing.T) {
	t.Parallel()
	k := Ephemeral()
	sealed := k.Seal(place, "11010519491231002X")
	if got, err := k.Open(place, sealed); err != nil || got != "11010519491231002X" {
		t.Fatalf("got %q, %v", got, err)
	}
	other := place
	other.Row[15]++
	for name, at := range map[string]Place{
		"row": other, "column": {place.Table, "phone", place.Row}, "table": {"person.person", place.Column, place.Row},
		"border": {place.Table + "\x00number", "", place.Row},
	} {
		if _, err := k.Open(at, sealed); err != ErrOpen {
			t.Errorf("opened in another %s: %v", name, err)
		}
	}
	if _, err := Ephemeral().Open(place, sealed); err != ErrOpen {
		t.Errorf("opened with other keys: %v", err)
	}
	if bytes.Equal(sealed, k.Seal(place, "11010519491231002X")) {
		t.Error("the same value twice looks the same")
	}
}

func TestEveryChangedBitIsSeen(t *testing.T) {
	t.Parallel()
	k := Ephemeral()
	sealed := k.Seal(place, "A123456")
	for i := range 8 * len(sealed) {
		changed := bytes.Clone(sealed)
		changed[i/8] ^= 1 << (i % 8)
		if _, err := k.Open(place, changed); err != ErrOpen {
			t.Fatalf("bit %d changed: %v", i, err)
		}
	}
	for n := range len(sealed) {
		if _, err := k.Open(place, sealed[:n]); err != ErrOpen && n > 0 {
			t.Fatalf("cut to %d bytes: %v", n, err)
		}
	}
}

func TestNothingSealsToNothing(t *testing.T) {
	t.Parallel()
	k := Ephemeral()
	if k.Seal(place, "") != nil {
		t.Error("an empty value has an envelope")
	}
	if got, err := k.Open(place, nil); got != "" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestLookupsOfDifferentPurposesDoNotMeet(t *testing.T) {
	t.Parallel()
	k := Ephemeral()
	a := k.Lookup("person/document", "A123456")
	if !bytes.Equal(a, k.Lookup("person/document", "A123456")) || len(a) != 32 {
		t.Error("a look-up hash is not stable")
	}
	if bytes.Equal(a, k.Lookup("person/phone", "A123456")) || bytes.Equal(a, Ephemeral().Lookup("person/document", "A123456")) {
		t.Error("another purpose or key gives the same hash")
	}
	if bytes.Equal(k.Derive("lookup/x"), k.Derive("x")) {
		t.Error("derived secrets meet")
	}
}

func TestKeysDoNotPrint(t *testing.T) {
	t.Parallel()
	k := Ephemeral()
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if got := fmt.Sprintf(verb, k); got != "crypt.Keys" {
			t.Errorf("%s prints %.40q", verb, got)
		}
	}
}

func FuzzOpen(f *testing.F) {
	k := Ephemeral()
	f.Add(k.Seal(place, "x"))
	f.Add([]byte{1, 0, 0, 0, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		if v, err := k.Open(place, b); err != nil && v != "" {
			t.Errorf("an error with a value %q", v)
		}
	})
}
