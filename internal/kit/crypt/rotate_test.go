package crypt

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// commandEnv makes this test program a key program: it "wraps" by turning the
// bytes round and putting the name's length before them.
const commandEnv = "KAPOK_CRYPT_TEST_KEY_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(commandEnv) != "" {
		os.Exit(keyProgram(os.Args[1], os.Args[2]))
	}
	os.Exit(m.Run())
}

func keyProgram(what, name string) int {
	in, err := io.ReadAll(os.Stdin)
	text := strings.TrimSpace(string(in))
	tag := fmt.Sprintf("%02x", len(name))
	switch {
	case err != nil:
		return 1
	case what == "wrap":
		fmt.Println(tag + reverse(text))
	case strings.HasPrefix(text, tag):
		fmt.Println(reverse(text[2:]))
	default:
		return 1
	}
	return 0
}

// reverse turns the bytes of a hexadecimal text round.
func reverse(hex string) string {
	var out strings.Builder
	for i := len(hex) - 2; i >= 0; i -= 2 {
		out.WriteString(hex[i : i+2])
	}
	return out.String()
}

var day = time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)

func TestRotateKeepsOldValuesReadable(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	k, other := open(t, dir), open(t, dir)
	before := k.Seal(place, "A123456")
	id, err := k.Rotate(day)
	if err != nil || id != 2 {
		t.Fatalf("key %d, %v", id, err)
	}
	after := k.Seal(place, "A123456")
	if KeyOf(before) != 1 || KeyOf(after) != 2 || string(after[:headSize]) != string(k.Head()) {
		t.Errorf("sealed under %d and %d", KeyOf(before), KeyOf(after))
	}
	for name, node := range map[string]*Keys{"same node": k, "node that has not heard of it": other, "after a restart": open(t, dir)} {
		for _, v := range [][]byte{before, after} {
			if got, err := node.Open(place, v); got != "A123456" || err != nil {
				t.Errorf("%s, key %d: %q, %v", name, KeyOf(v), got, err)
			}
		}
	}
	if string(k.Lookup("x", "y")) != string(open(t, dir).Lookup("x", "y")) {
		t.Error("look-up hashes changed")
	}
}

func TestRetiredKeysOpenNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	k := open(t, dir)
	before := k.Seal(place, "A123456")
	if err := k.Retire(1); err == nil {
		t.Fatal("the current key was retired")
	}
	if _, err := k.Rotate(day); err != nil {
		t.Fatal(err)
	}
	if err := k.Retire(1); err != nil {
		t.Fatal(err)
	}
	if _, err := k.Open(place, before); !errors.Is(err, ErrOpen) {
		t.Errorf("opened under a retired key: %v", err)
	}
	list, err := k.DataKeys()
	if err != nil || len(list) != 1 || list[0] != (DataKey{2, day, true}) {
		t.Errorf("%+v, %v", list, err)
	}
	if id, err := k.Rotate(day); err != nil || id != 3 {
		t.Errorf("an id was used again: %d, %v", id, err)
	}
}

func TestRotationsAtOnceMakeAsManyKeys(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var wg sync.WaitGroup
	for range 8 {
		k := open(t, dir)
		wg.Go(func() {
			if _, err := k.Rotate(day); err != nil {
				t.Error(err)
			}
			if got, err := k.Open(place, k.Seal(place, "x")); got != "x" || err != nil {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
	wg.Wait()
	if list, err := open(t, dir).DataKeys(); err != nil || len(list) != 9 || !list[8].Current {
		t.Errorf("%+v, %v", list, err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 2 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

func TestKeysInMemoryDoNotChange(t *testing.T) {
	t.Parallel()
	k := Ephemeral()
	_, rotated := k.Rotate(day)
	_, listed := k.DataKeys()
	for _, err := range []error{rotated, listed, k.Retire(1), k.Reload()} {
		if !errors.Is(err, ErrInMemory) {
			t.Errorf("%v", err)
		}
	}
}

// A made-up envelope must not make us read the folder again and again.
func TestUnknownKeysAreLookedForNowAndThen(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	k := open(t, dir)
	made := k.Seal(place, "x")
	made[4] = 99
	_, first := k.Open(place, made)
	if err := os.Remove(filepath.Join(dir, keysFile)); err != nil {
		t.Fatal(err)
	}
	_, second := k.Open(place, made)
	if !errors.Is(first, ErrOpen) || !errors.Is(second, ErrOpen) {
		t.Errorf("%v, %v", first, second)
	}
}

// The master key may be in a program's hands; its failures say nothing of keys.
func TestMasterKeyInAProgram(t *testing.T) {
	t.Setenv(commandEnv, "1")
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	k, err := OpenWith(dir, Command(program))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, masterFile)); !os.IsNotExist(err) {
		t.Error("a master key lies in a file as well")
	}
	sealed := k.Seal(place, "A123456")
	if _, err := k.Rotate(day); err != nil {
		t.Fatal(err)
	}
	again, err := OpenWith(dir, Command(program))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := again.Open(place, sealed); got != "A123456" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := Open(dir); err == nil {
		t.Error("keys wrapped by a program opened with a file")
	}
	for _, bad := range []Command{"/bin/false", "/no/such/program", "/bin/true"} {
		if _, err := OpenWith(dir, bad); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", bad, err)
		}
	}
}
