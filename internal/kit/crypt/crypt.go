package crypt

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"sync/atomic"
	"time"

	"github.com/emmansun/gmsm/sm3"
	"github.com/emmansun/gmsm/sm4"
	"github.com/google/uuid"
)

// ErrOpen says that a stored value cannot be opened: it was changed, moved to
// another row or sealed under a key that this node does not have.
var ErrOpen = errors.New("crypt: a stored value cannot be opened")

// Keys are the keys of a node, ready for use; safe to share. They print as
// nothing, so they cannot slip into a log.
type Keys struct {
	root   []byte // everything derived comes from it
	ring   atomic.Pointer[ring]
	folder *folder // where the ring is read anew; nil: it lives in memory only
	looked atomic.Int64
}

// ring is the data keys: one for new values, and those before it.
type ring struct {
	current uint32
	data    map[uint32]cipher.AEAD
}

// String hides the keys.
func (*Keys) String() string { return "crypt.Keys" }

// GoString hides the keys.
func (*Keys) GoString() string { return "crypt.Keys" }

// Place is where a value is stored. It is bound into the envelope, so a value
// copied into another row or column does not open there.
type Place struct {
	Table, Column string
	Row           uuid.UUID
}

func (p Place) bytes() []byte {
	out := make([]byte, 0, len(p.Table)+len(p.Column)+2+len(p.Row))
	out = append(append(out, p.Table...), 0)
	out = append(append(out, p.Column...), 0)
	return append(out, p.Row[:]...)
}

// The envelope: one byte of version, four of the data key's id, the nonce,
// then ciphertext and tag.
const (
	version   = 1
	headSize  = 5
	nonceSize = 12
)

// Seal encrypts a value for a place under the current data key. An empty value
// gives nil, to be stored as NULL.
func (k *Keys) Seal(at Place, value string) []byte {
	if value == "" {
		return nil
	}
	r := k.ring.Load()
	aead := r.data[r.current]
	out := make([]byte, headSize+nonceSize, headSize+nonceSize+len(value)+aead.Overhead())
	copy(out, head(r.current))
	nonce := out[headSize:]
	random(nonce)
	return aead.Seal(out, nonce, []byte(value), associated(at, out[:headSize]))
}

// Open decrypts what Seal made for the same place; nil gives "". The error is
// ErrOpen and says nothing about the value.
func (k *Keys) Open(at Place, sealed []byte) (string, error) {
	if sealed == nil {
		return "", nil
	}
	if len(sealed) < headSize+nonceSize || sealed[0] != version {
		return "", ErrOpen
	}
	aead := k.dataKey(binary.BigEndian.Uint32(sealed[1:]))
	if aead == nil {
		return "", ErrOpen
	}
	nonce, body := sealed[headSize:headSize+nonceSize], sealed[headSize+nonceSize:]
	value, err := aead.Open(nil, nonce, body, associated(at, sealed[:headSize]))
	if err != nil {
		return "", ErrOpen
	}
	return string(value), nil
}

// head is how every envelope under a data key begins.
func head(id uint32) []byte { return binary.BigEndian.AppendUint32([]byte{version}, id) }

// Head is how every value begins that Seal makes now: by it those are found
// that were sealed under an older key.
func (k *Keys) Head() []byte { return head(k.ring.Load().current) }

// KeyOf is the id of the data key that a value was sealed under; 0 for what is
// no envelope.
func KeyOf(sealed []byte) uint32 {
	if len(sealed) < headSize || sealed[0] != version {
		return 0
	}
	return binary.BigEndian.Uint32(sealed[1:])
}

// dataKey finds a data key. One that is not known yet was made by another node:
// the file is read anew, but not for everybody who sends us a made-up envelope.
func (k *Keys) dataKey(id uint32) cipher.AEAD {
	if aead := k.ring.Load().data[id]; aead != nil || k.folder == nil {
		return aead
	}
	now, last := time.Now().UnixNano(), k.looked.Load()
	if now-last < int64(lookEvery) || !k.looked.CompareAndSwap(last, now) || k.Reload() != nil {
		return nil
	}
	return k.ring.Load().data[id]
}

// lookEvery is the least time between two looks for an unknown data key.
const lookEvery = time.Second

// associated binds place and head, so that neither can be exchanged.
func associated(at Place, head []byte) []byte { return append(at.bytes(), head...) }

// Lookup is the keyed hash (HMAC-SM3, 32 bytes) by which a value is found
// again. Each purpose has its own key: hashes of one column tell nothing about
// another. Give it a normalised value.
func (k *Keys) Lookup(purpose, value string) []byte {
	mac := hmac.New(newSM3, k.Derive("lookup/"+purpose))
	mac.Write([]byte(value))
	return mac.Sum(nil)
}

// Derive gives the secret of a purpose (32 bytes, HKDF with SM3), the same on
// every node with these key files. Name purposes "area/what".
func (k *Keys) Derive(purpose string) []byte {
	out, err := hkdf.Key(newSM3, k.root, []byte("kapok"), purpose, sm3.Size)
	if err != nil {
		panic(fmt.Sprintf("crypt: %v", err)) // only a wrong length can fail
	}
	return out
}

// Fingerprint tells key files apart without giving anything away. A database
// keeps it, so that a node with the wrong keys stops before it writes.
func (k *Keys) Fingerprint() string { return hex.EncodeToString(k.Derive("fingerprint")[:8]) }

// Ephemeral makes keys that live in memory only, for tests and demos that
// leave nothing behind.
func Ephemeral() *Keys {
	k, err := newKeyFile().ready()
	if err != nil {
		panic(fmt.Sprintf("crypt: %v", err)) // keys just made always fit
	}
	return k
}

func newSM3() hash.Hash { return sm3.New() }

const keySize = sm4.BlockSize

func newGCM(key []byte) (cipher.AEAD, error) {
	block, err := sm4.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("crypt: %w", err)
	}
	return cipher.NewGCM(block)
}

func random(b []byte) {
	if _, err := rand.Read(b); err != nil {
		panic(err) // crypto/rand never fails on a supported system
	}
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	random(b)
	return b
}
