package crypt

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"
)

// ErrInMemory says that keys without a folder cannot change.
var ErrInMemory = errors.New("crypt: these keys live in memory only")

// DataKey tells of a data key without giving it away.
type DataKey struct {
	ID      uint32
	Made    time.Time // zero: with the folder, before keys had dates
	Current bool
}

// DataKeys lists the data keys, oldest first.
func (k *Keys) DataKeys() ([]DataKey, error) {
	if k.folder == nil {
		return nil, ErrInMemory
	}
	f, err := k.folder.read()
	out := make([]DataKey, len(f.Data))
	for i, d := range f.Data {
		out[i] = DataKey{ID: d.ID, Made: d.Made, Current: d.ID == f.Current}
	}
	return out, err
}

// Rotate makes a new data key and uses it from now on. Values under older keys
// stay readable; kit/reseal brings them under the new one. Nodes that share the
// folder follow by Reload, or when they meet the first value under the new key.
func (k *Keys) Rotate(now time.Time) (id uint32, err error) {
	err = k.change(func(f *keyFile) error {
		for _, d := range f.Data {
			id = max(id, d.ID)
		}
		id++
		f.Data = append(f.Data, dataKey{ID: id, Made: now.UTC().Truncate(time.Second), Key: randomBytes(keySize)})
		f.Current = id
		return nil
	})
	return id, err
}

// Retire forgets data keys for ever. The caller knows that nothing is sealed
// under them any more; the current one is never forgotten.
func (k *Keys) Retire(ids ...uint32) error {
	return k.change(func(f *keyFile) error {
		if slices.Contains(ids, f.Current) {
			return fmt.Errorf("crypt: data key %d is the current one", f.Current)
		}
		f.Data = slices.DeleteFunc(f.Data, func(d dataKey) bool { return slices.Contains(ids, d.ID) })
		return nil
	})
}

// Reload reads the folder anew.
func (k *Keys) Reload() error {
	if k.folder == nil {
		return ErrInMemory
	}
	f, err := k.folder.read()
	if err != nil {
		return err
	}
	r, err := f.ring()
	if err == nil {
		k.ring.Store(r)
	}
	return err
}

// change edits the file under a lock and puts the new one in the place of the
// old in one step: whoever reads meanwhile sees one or the other, whole.
func (k *Keys) change(edit func(*keyFile) error) error {
	if k.folder == nil {
		return ErrInMemory
	}
	unlock, err := k.folder.lock()
	if err != nil {
		return err
	}
	defer unlock()
	f, err := k.folder.read()
	if err != nil {
		return err
	}
	if err := edit(&f); err != nil {
		return err
	}
	text, err := f.wrapped(k.folder.holder)
	if err != nil {
		return err
	}
	if err := replace(k.folder.path(), text); err != nil {
		return err
	}
	return k.Reload()
}

// lock keeps two rotations apart, also those of other processes.
func (f *folder) lock() (unlock func(), err error) {
	d, err := os.Open(f.dir)
	if err != nil {
		return nil, fmt.Errorf("crypt: %w", err)
	}
	if err := syscall.Flock(int(d.Fd()), syscall.LOCK_EX); err != nil {
		return nil, errors.Join(fmt.Errorf("crypt: %w", err), d.Close())
	}
	return func() { _ = d.Close() }, nil // closing lets the lock go
}

// replace writes a file anew; after a crash either the old or the new one is there.
func replace(path string, content []byte) error {
	tmp, err := writeNew(filepath.Dir(path), content)
	if err != nil {
		return err
	}
	if err := os.Rename(tmp, path); err != nil {
		return errors.Join(fmt.Errorf("crypt: %w", err), os.Remove(tmp))
	}
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("crypt: %w", err)
	}
	return errors.Join(d.Sync(), d.Close())
}
