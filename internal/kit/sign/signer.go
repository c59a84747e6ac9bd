package sign

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Signer signs messages with one key. Sign may go over a network (an HSM), so
// it is never called inside a transaction.
type Signer interface {
	Key() Key
	Sign(ctx context.Context, message []byte) ([]byte, error)
}

// File is a Signer whose private key lies in a file.
type File struct {
	key     Key
	private ed25519.PrivateKey
}

// Key is the public half.
func (f *File) Key() Key { return f.key }

// Sign signs a message; the same message always gives the same signature.
func (f *File) Sign(_ context.Context, message []byte) ([]byte, error) {
	return ed25519.Sign(f.private, message), nil
}

// OpenFile loads the key "<folder>/<purpose>.key", or makes it on first use.
// Beside it lies "<purpose>-<key id>.pub.json", to be given to whoever checks
// signatures. To change the key, move the .key file away: the next start makes
// a new one, and the old public key stays in the folder.
func OpenFile(folder, purpose string) (*File, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	path := filepath.Join(folder, purpose+".key")
	private, err := readPrivate(path)
	if errors.Is(err, fs.ErrNotExist) {
		private, err = createPrivate(path)
	}
	if err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	f := &File{key: NewKey(private.Public().(ed25519.PublicKey)), private: private}
	public := filepath.Join(folder, purpose+"-"+f.key.ID+".pub.json")
	if err := writeOnce(public, f.key.JSON(), 0o644); err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	return f, nil
}

func readPrivate(path string) (ed25519.PrivateKey, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("%s can be read by others; run: chmod 600 %s", path, path)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(raw)
	if block == nil {
		return nil, fmt.Errorf("%s is no PEM file", path)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("%s holds no PKCS #8 key", path) // never print what it holds
	}
	private, ok := parsed.(ed25519.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("%s holds no Ed25519 key", path)
	}
	return private, nil
}

// createPrivate makes a key. Of two processes that start together one wins,
// and both use its key.
func createPrivate(path string) (ed25519.PrivateKey, error) {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return nil, err
	}
	if err := writeOnce(path, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600); err != nil {
		return nil, err
	}
	return readPrivate(path)
}

// writeOnce puts a whole file in place unless one is there already: written
// under another name, made durable, then linked.
func writeOnce(path string, data []byte, mode fs.FileMode) error {
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.Write(data)
	err = errors.Join(err, tmp.Chmod(mode), tmp.Sync(), tmp.Close())
	if err != nil {
		return err
	}
	if err := os.Link(tmp.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
