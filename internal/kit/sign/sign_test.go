package sign

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func TestKeyFileIsMadeOnceAndPrivate(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "keys")
	var wg sync.WaitGroup
	ids := make([]string, 8)
	for i := range ids {
		wg.Go(func() {
			f, err := OpenFile(folder, "certificate")
			if err != nil {
				t.Error(err)
				return
			}
			ids[i] = f.Key().ID
		})
	}
	wg.Wait()
	for _, id := range ids {
		if id != ids[0] {
			t.Errorf("two processes starting together use keys %s and %s", ids[0], id)
		}
	}
	info, err := os.Stat(filepath.Join(folder, "certificate.key"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("key file: %v %v", info, err)
	}
	left, err := filepath.Glob(filepath.Join(folder, ".new-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

func TestAKeyThatOthersCanReadIsRefused(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	if _, err := OpenFile(folder, "certificate"); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(folder, "certificate.key"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenFile(folder, "certificate"); err == nil || !strings.Contains(err.Error(), "chmod 600") {
		t.Errorf("got %v", err)
	}
}

func TestBrokenKeyFiles(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{
		"empty": "", "text": "hello", "pem": "-----BEGIN PRIVATE KEY-----\naGVsbG8=\n-----END PRIVATE KEY-----\n",
	} {
		folder := t.TempDir()
		if err := os.WriteFile(filepath.Join(folder, "x.key"), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := OpenFile(folder, "x"); err == nil {
			t.Errorf("%s: a broken key file was accepted or replaced", name)
		}
	}
}

func TestOldKeysStayCheckableAfterAChange(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	first, err := OpenFile(folder, "certificate")
	if err != nil {
		t.Fatal(err)
	}
	signature, err := first.Sign(t.Context(), []byte("m"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(folder, "certificate.key")); err != nil {
		t.Fatal(err)
	}
	second, err := OpenFile(folder, "certificate")
	if err != nil || second.Key().ID == first.Key().ID {
		t.Fatalf("no new key: %v", err)
	}
	keys, err := LoadKeys(folder)
	if err != nil || len(keys) != 2 {
		t.Fatalf("keys %v, error %v", keys, err)
	}
	if err := keys.Verify(first.Key().ID, []byte("m"), signature); err != nil {
		t.Error(err)
	}
	if err := keys.Verify(second.Key().ID, []byte("m"), signature); !errors.Is(err, ErrBadSignature) {
		t.Errorf("another key's signature gave %v", err)
	}
	if err := keys.Verify("nobody", []byte("m"), signature); !errors.Is(err, ErrUnknownKey) {
		t.Errorf("an unknown key gave %v", err)
	}
}

// The example of RFC 8037, appendix A.
func TestThumbprintOfRFC8037(t *testing.T) {
	t.Parallel()
	set, err := ParseKeys([]byte(`{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`))
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := set["kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"]; !ok {
		t.Errorf("got %v", set)
	}
}

func TestKeySetIsReadBack(t *testing.T) {
	t.Parallel()
	a := NewKey(ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, 32)).Public().(ed25519.PublicKey))
	b := NewKey(ed25519.NewKeyFromSeed(bytes.Repeat([]byte{2}, 32)).Public().(ed25519.PublicKey))
	out, err := json.Marshal(NewKeySet(a, b))
	if err != nil {
		t.Fatal(err)
	}
	back, err := ParseKeys(out)
	if err != nil || len(back) != 2 || !back[a.ID].Equal(a.Public) || !back[b.ID].Equal(b.Public) {
		t.Errorf("%s read back as %v, error %v", out, back, err)
	}
	stolen := strings.Replace(string(a.JSON()), a.ID, b.ID, 1)
	if _, err := ParseKeys([]byte(stolen)); err == nil {
		t.Error("a key with another's id was accepted")
	}
}

// The example of RFC 8785, section 3.2.2, as far as it holds no floats.
func TestCanonical(t *testing.T) {
	t.Parallel()
	got, err := Canonical(map[string]any{
		"string":   "€$\u000F\u000aA'\u0042\u0022\u005c\\\"/",
		"literals": []any{nil, true, false},
		"numbers":  []any{333333333, 0, -7},
	})
	want := `{"literals":[null,true,false],"numbers":[333333333,0,-7],"string":"€$\u000f\nA'B\"\\\\\"/"}`
	if err != nil || string(got) != want {
		t.Errorf("got  %s\nwant %s, error %v", got, want, err)
	}
	if got, err = Canonical("<&>\u2028"); err != nil || string(got) != "\"<&>\u2028\"" {
		t.Errorf("HTML characters must stand as they are: %s %v", got, err)
	}
}

func FuzzParseKeys(f *testing.F) {
	f.Add([]byte(`{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}`))
	f.Add([]byte(`{"kty":"RSA"}`))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		set, err := ParseKeys(data)
		if err == nil && len(set) == 0 {
			t.Error("no error and no key")
		}
		for id, public := range set {
			if NewKey(public).ID != id {
				t.Errorf("key under a wrong id %s", id)
			}
		}
	})
}
