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
	ID   uint32    `json:"id"`
	Made time.Time `json:"made,omitzero"`
	Key  hexBytes  `json:"key"`
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
func Open(dir string) (*Keys, error) { return OpenWith(dir, nil) }

// OpenWith is Open with the master key in somebody else's hands, such as a
// hardware module; nil takes the file master.key.
func OpenWith(dir string, h Holder) (*Keys, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("crypt: %w", err)
	}
	if h == nil {
		var err error
		if h, err = fileHolder(dir); err != nil {
			return nil, err
		}
	}
	f := &folder{dir: dir, holder: h}
	if err := f.create(); err != nil {
		return nil, err
	}
	plain, err := f.read()
	if err != nil {
		return nil, err
	}
	k, err := plain.ready()
	if err == nil {
		k.folder = f
	}
	return k, err
}

// fileHolder is the master key in a file. It is made when neither file is
// there, but never beside wrapped keys: that would make them unreadable for ever.
func fileHolder(dir string) (Holder, error) {
	master := filepath.Join(dir, masterFile)
	if !exists(master) {
		if exists(filepath.Join(dir, keysFile)) {
			return nil, fmt.Errorf("crypt: %s is missing beside %s; put it back from your backup", masterFile, keysFile)
		}
		if err := writeOnce(master, []byte(hex.EncodeToString(randomBytes(keySize))+"\n")); err != nil {
			return nil, err
		}
	}
	key, err := readMaster(master)
	if err != nil {
		return nil, err
	}
	aead, err := newGCM(key)
	return masterKey{aead}, err
}

// folder is where the wrapped keys lie, and who holds the key they are wrapped under.
type folder struct {
	dir    string
	holder Holder
}

func (f *folder) path() string { return filepath.Join(f.dir, keysFile) }

func (f *folder) create() error {
	if exists(f.path()) {
		return nil
	}
	text, err := newKeyFile().wrapped(f.holder)
	if err != nil {
		return err
	}
	return writeOnce(f.path(), text)
}

// read gives the keys in plain.
func (f *folder) read() (keyFile, error) {
	text, err := readSecret(f.path())
	if err != nil {
		return keyFile{}, err
	}
	var k keyFile
	if err := json.Unmarshal(text, &k); err != nil || k.Format != 1 {
		return keyFile{}, fmt.Errorf("crypt: %s cannot be read", keysFile)
	}
	return k.unwrapped(f.holder)
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// writeOnce makes a file with its whole content or leaves the one that is
// there: several processes may start at the same time.
func writeOnce(path string, content []byte) error {
	tmp, err := writeNew(filepath.Dir(path), content)
	if err != nil {
		return err
	}
	defer os.Remove(tmp)
	if err := os.Link(tmp, path); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("crypt: %w", err)
	}
	return nil
}

// writeNew writes a file of its own name that only its owner may read.
func writeNew(dir string, content []byte) (path string, err error) {
	tmp, err := os.CreateTemp(dir, ".new-*") // mode 0600
	if err != nil {
		return "", fmt.Errorf("crypt: %w", err)
	}
	_, err = tmp.Write(content)
	if err = errors.Join(err, tmp.Sync(), tmp.Close()); err != nil {
		return "", errors.Join(fmt.Errorf("crypt: %w", err), os.Remove(tmp.Name()))
	}
	return tmp.Name(), nil
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
func (f keyFile) wrapped(h Holder) (text []byte, err error) {
	if f.Root, err = h.Wrap("root", f.Root); err != nil {
		return nil, err
	}
	data := make([]dataKey, len(f.Data))
	for i, d := range f.Data {
		data[i] = d
		if data[i].Key, err = h.Wrap(d.name(), d.Key); err != nil {
			return nil, err
		}
	}
	f.Data = data
	return json.MarshalIndent(f, "", "  ")
}

func (d dataKey) name() string { return fmt.Sprintf("data/%d", d.ID) }

// unwrapped opens the keys of a file with the master key.
func (f keyFile) unwrapped(h Holder) (_ keyFile, err error) {
	if f.Root, err = h.Unwrap("root", f.Root); err != nil {
		return keyFile{}, err
	}
	for i, d := range f.Data {
		if f.Data[i].Key, err = h.Unwrap(d.name(), d.Key); err != nil {
			return keyFile{}, err
		}
	}
	return f, nil
}

// ready turns plain keys into ciphers.
func (f keyFile) ready() (*Keys, error) {
	r, err := f.ring()
	if err != nil {
		return nil, err
	}
	k := &Keys{root: f.Root}
	k.ring.Store(r)
	return k, nil
}

func (f keyFile) ring() (*ring, error) {
	r := &ring{current: f.Current, data: map[uint32]cipher.AEAD{}}
	for _, d := range f.Data {
		aead, err := newGCM(d.Key)
		if err != nil {
			return nil, err
		}
		r.data[d.ID] = aead
	}
	if r.data[r.current] == nil || len(f.Root) < 32 {
		return nil, fmt.Errorf("crypt: %s has no current key", keysFile)
	}
	return r, nil
}
