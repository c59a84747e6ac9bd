package crypt

import (
	"crypto/cipher"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// The two files of a key folder. The master key can be kept elsewhere and laid
// there only while the program starts: without it the other file is worthless.
const (
	masterFile = "master.key" // 32 hex digits
	keysFile   = "keys.json"  // root and data keys, wrapped by the master key
)

// keyFile is keysFile. Until wrap has run the keys in it are plain.
type keyFile struct {
	Format  int       `json:"format"`
	Made    time.Time `json:"made"`
	Root    hexBytes  `json:"root"`
	Current uint32    `json:"current"` // data key for new values
	Data    []dataKey `json:"data"`    // the current one and those before it
}

type dataKey struct {
	ID  uint32   `json:"id"`
	Key hexBytes `json:"key"`
}

type hexBytes []byte

// MarshalText writes hex.
func (b hexBytes) MarshalText() ([]byte, error) { return []byte(hex.EncodeToString(b)), nil }

// UnmarshalText reads hex.
func (b *hexBytes) UnmarshalText(t []byte) (err error) {
	*b, err = hex.DecodeString(string(t))
	return err
}

// Open reads the keys of a folder; on first use it makes folder and keys.
// Losing the folder means losing every document number and phone in the
// database, so it belongs into the backup, apart from the database's.
func Open(dir string) (*Keys, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("crypt: %w", err)
	}
	if err := create(dir); err != nil {
		return nil, err
	}
	master, err := readMaster(filepath.Join(dir, masterFile))
	if err != nil {
		return nil, err
	}
	text, err := readSecret(filepath.Join(dir, keysFile))
	if err != nil {
		return nil, err
	}
	var f keyFile
	if err := json.Unmarshal(text, &f); err != nil || f.Format != 1 {
		return nil, fmt.Errorf("crypt: %s cannot be read", keysFile)
	}
	return f.unwrapped(master)
}

// create makes the files that are missing, but never a new master key beside
// wrapped keys: that would make them unreadable for ever.
func create(dir string) error {
	master, keys := filepath.Join(dir, masterFile), filepath.Join(dir, keysFile)
	if !exists(keys) {
		if err := writeOnce(master, []byte(hex.EncodeToString(randomBytes(keySize))+"\n")); err != nil {
			return err
		}
		key, err := readMaster(master)
		if err != nil {
			return err
		}
		text, err := newKeyFile().wrapped(key)
		if err != nil {
			return err
		}
		return writeOnce(keys, text)
	}
	if !exists(master) {
		return fmt.Errorf("crypt: %s is missing beside %s; put it back from your backup", masterFile, keysFile)
	}
	return nil
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// writeOnce makes a file with its whole content or leaves the one that is
// there: several processes may start at the same time.
func writeOnce(path string, content []byte) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), ".new-*") // mode 0600
	if err != nil {
		return fmt.Errorf("crypt: %w", err)
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.Write(content)
	err = errors.Join(err, tmp.Sync(), tmp.Close())
	if err != nil {
		return fmt.Errorf("crypt: %w", err)
	}
	if err := os.Link(tmp.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("crypt: %w", err)
	}
	return nil
}

// readSecret reads a file that only its owner may read.
func readSecret(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("crypt: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("crypt: %s has mode %04o; make it 0600 (chmod 600 %s)", filepath.Base(path), info.Mode().Perm(), path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("crypt: %w", err)
	}
	return text, nil
}

func readMaster(path string) ([]byte, error) {
	text, err := readSecret(path)
	if err != nil {
		return nil, err
	}
	key, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(key) != keySize {
		return nil, fmt.Errorf("crypt: %s must hold %d hex digits", masterFile, 2*keySize)
	}
	return key, nil
}

func newKeyFile() keyFile {
	return keyFile{Format: 1, Made: time.Now().UTC().Truncate(time.Second), Root: randomBytes(32),
		Current: 1, Data: []dataKey{{ID: 1, Key: randomBytes(keySize)}}}
}

// wrapped is the text of keysFile: each key sealed under the master key.
func (f keyFile) wrapped(master []byte) ([]byte, error) {
	aead, err := newGCM(master)
	if err != nil {
		return nil, err
	}
	f.Root = wrap(aead, "root", f.Root)
	data := make([]dataKey, len(f.Data))
	for i, d := range f.Data {
		data[i] = dataKey{ID: d.ID, Key: wrap(aead, d.name(), d.Key)}
	}
	f.Data = data
	return json.MarshalIndent(f, "", "  ")
}

func (d dataKey) name() string { return fmt.Sprintf("data/%d", d.ID) }

func wrap(aead cipher.AEAD, name string, key []byte) []byte {
	nonce := randomBytes(nonceSize)
	return aead.Seal(nonce, nonce, key, []byte(name))
}

func unwrap(aead cipher.AEAD, name string, wrapped []byte) ([]byte, error) {
	if len(wrapped) > nonceSize {
		if key, err := aead.Open(nil, wrapped[:nonceSize], wrapped[nonceSize:], []byte(name)); err == nil {
			return key, nil
		}
	}
	return nil, fmt.Errorf("crypt: %s does not open %s; they are not a pair", masterFile, keysFile)
}

// unwrapped opens the keys of a file with the master key.
func (f keyFile) unwrapped(master []byte) (*Keys, error) {
	aead, err := newGCM(master)
	if err != nil {
		return nil, err
	}
	if f.Root, err = unwrap(aead, "root", f.Root); err != nil {
		return nil, err
	}
	for i, d := range f.Data {
		if f.Data[i].Key, err = unwrap(aead, d.name(), d.Key); err != nil {
			return nil, err
		}
	}
	return f.ready()
}

// ready turns plain keys into ciphers.
func (f keyFile) ready() (*Keys, error) {
	k := &Keys{root: f.Root, current: f.Current, data: map[uint32]cipher.AEAD{}}
	for _, d := range f.Data {
		aead, err := newGCM(d.Key)
		if err != nil {
			return nil, err
		}
		k.data[d.ID] = aead
	}
	if k.data[k.current] == nil || len(k.root) < 32 {
		return nil, fmt.Errorf("crypt: %s has no current key", keysFile)
	}
	return k, nil
}
