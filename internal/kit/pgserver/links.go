package pgserver

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// makeLinks makes the library links listed in pg-symlinks.json of an npm
// package. An npm archive cannot hold links; the package makes them in a
// post-install script, which careful npm settings do not run.
func makeLinks(root string) error {
	list, err := os.ReadFile(filepath.Join(root, "pg-symlinks.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil // not the npm package
	}
	if err != nil {
		return err
	}
	var links []struct{ Source, Target string }
	if err := json.Unmarshal(list, &links); err != nil {
		return fmt.Errorf("%s/pg-symlinks.json: %w", root, err)
	}
	for _, l := range links {
		if err := makeLink(filepath.Dir(root), l.Source, l.Target); err != nil {
			return err
		}
	}
	return nil
}

// makeLink links target to source, both relative to the package folder.
func makeLink(pkg, source, target string) error {
	if !filepath.IsLocal(source) || !filepath.IsLocal(target) || filepath.Dir(source) != filepath.Dir(target) {
		return fmt.Errorf("%s: refusing the link %s to %s, which leads out of its folder", pkg, target, source)
	}
	path := filepath.Join(pkg, target)
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	err := os.Symlink(filepath.Base(source), path)
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("the library links of PostgreSQL cannot be made; "+
			"run `kapok doctor` once as the owner of the folder: %w", err)
	}
	return nil
}
