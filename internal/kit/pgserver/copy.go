package pgserver

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
)

// copyPrograms copies the npm package's programs under fallbackRoot, once for each
// source and build of them, and returns the folder with postgres and initdb.
func copyPrograms(inst Installation, log *slog.Logger) (string, error) {
	root := filepath.Dir(inst.Bin)
	if _, err := os.Stat(filepath.Join(root, "pg-symlinks.json")); err != nil {
		return "", errors.New("let others read and run that folder, or install your system's PostgreSQL package")
	}
	st, err := os.Stat(filepath.Join(inst.Bin, "postgres"))
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(fmt.Append(nil, root, st.Size(), st.ModTime().UnixNano()))
	dest := filepath.Join(fallbackRoot, fmt.Sprintf("postgres-%s-%x", inst.Version, sum[:6]))
	if _, err := os.Stat(dest); err == nil {
		return filepath.Join(dest, "bin"), nil
	}
	log.Info("copying PostgreSQL's programs to where its user can run them", "from", root, "to", dest)
	tmp, err := tempIn(fallbackRoot, "copying-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(tmp)
	if err := copyTree(root, tmp); err != nil {
		return "", err
	}
	if err := os.Chmod(tmp, 0o755); err != nil {
		return "", err
	}
	if err := os.Rename(tmp, dest); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", err // another process that was quicker is no error
	}
	return filepath.Join(dest, "bin"), nil
}

// copyTree copies folders, files and links so that everyone may read and run
// them. Static libraries (.a) are left behind; nobody links against them here.
func copyTree(from, to string) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, rel)
		switch {
		case d.IsDir():
			return mkdirOpen(target)
		case d.Type()&fs.ModeSymlink != 0:
			link, err := os.Readlink(path)
			if err != nil {
				return err
			}
			return os.Symlink(link, target)
		case filepath.Ext(path) == ".a":
			return nil
		}
		return copyFile(path, target)
	})
}

func mkdirOpen(path string) error {
	if err := os.MkdirAll(path, 0o755); err != nil {
		return err
	}
	return os.Chmod(path, 0o755) // whatever the umask says
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	st, err := in.Stat()
	if err != nil {
		return err
	}
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	mode := fs.FileMode(0o644) | st.Mode().Perm()&0o111
	if st.Mode().Perm()&0o100 != 0 {
		mode = 0o755
	}
	return errors.Join(err, out.Chmod(mode), out.Close())
}
