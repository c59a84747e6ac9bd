package crypt

import (
	"bytes"
	"context"
	"crypto/cipher"
	"encoding/hex"
	"fmt"
	"os/exec"
	"strings"
	"time"
)

// Holder holds the master key: it wraps the other keys and opens them again,
// by name, so that one cannot stand in for another. The default is a file; a
// hardware module or a key service (密评, GB/T 39786) is reached by a Command.
type Holder interface {
	Wrap(name string, key []byte) ([]byte, error)
	Unwrap(name string, wrapped []byte) ([]byte, error)
}

// masterKey is a master key in memory.
type masterKey struct{ aead cipher.AEAD }

// Wrap seals a key: nonce, ciphertext, tag.
func (m masterKey) Wrap(name string, key []byte) ([]byte, error) {
	nonce := randomBytes(nonceSize)
	return m.aead.Seal(nonce, nonce, key, []byte(name)), nil
}

// Unwrap opens what Wrap made.
func (m masterKey) Unwrap(name string, wrapped []byte) ([]byte, error) {
	if len(wrapped) > nonceSize {
		if key, err := m.aead.Open(nil, wrapped[:nonceSize], wrapped[nonceSize:], []byte(name)); err == nil {
			return key, nil
		}
	}
	return nil, fmt.Errorf("crypt: %s does not open %s; they are not a pair", masterFile, keysFile)
}

// Command is a program of the operator's that reaches whatever holds the master
// key. It is called as "PROGRAM wrap NAME" or "PROGRAM unwrap NAME", reads the
// key in hexadecimal from its standard input and answers the same way.
type Command string

// commandPatience is how long the program may take.
const commandPatience = 20 * time.Second

// Wrap asks the program to wrap a key.
func (c Command) Wrap(name string, key []byte) ([]byte, error) { return c.ask("wrap", name, key) }

// Unwrap asks the program to open a wrapped key.
func (c Command) Unwrap(name string, wrapped []byte) ([]byte, error) {
	return c.ask("unwrap", name, wrapped)
}

func (c Command) ask(what, name string, in []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), commandPatience)
	defer cancel()
	cmd := exec.CommandContext(ctx, string(c), what, name)
	cmd.Stdin = strings.NewReader(hex.EncodeToString(in) + "\n")
	answer, err := cmd.Output() // what it says of its failure is not repeated: it could hold a key
	if err != nil {
		return nil, fmt.Errorf("crypt: the key program could not %s %s: %w", what, name, err)
	}
	out, err := hex.DecodeString(string(bytes.TrimSpace(answer)))
	if err != nil || len(out) == 0 {
		return nil, fmt.Errorf("crypt: the key program did not answer %s %s in hexadecimal", what, name)
	}
	return out, nil
}
