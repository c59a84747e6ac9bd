package ui

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"kapok/internal/kit/i18n"
)

var (
	usedKey  = regexp.MustCompile(`"(ui\.[a-z_.]+)"`)
	usedIcon = regexp.MustCompile(`(?:Icon\(|Icon: +)"([a-z]+)"`)
)

// sources are the hand-written files of this package and its gallery.
func sources(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	for _, pattern := range []string{"*.go", "*.templ", "gallery/*.templ"} {
		names, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			if strings.HasSuffix(name, "_templ.go") || strings.HasSuffix(name, "_test.go") {
				continue
			}
			src, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			b.Write(src)
		}
	}
	return b.String()
}

func TestTextsAndTheirUseMatch(t *testing.T) {
	t.Parallel()
	used := map[string]bool{}
	for _, m := range usedKey.FindAllStringSubmatch(sources(t), -1) {
		used[m[1]] = true
		if !i18n.Has(m[1]) {
			t.Errorf("%s is used but has no text", m[1])
		}
	}
	for _, key := range i18n.Keys() {
		if strings.HasPrefix(key, "ui.") && !used[key] {
			t.Errorf("%s is never used", key)
		}
	}
}

func TestIconsExist(t *testing.T) {
	t.Parallel()
	for _, m := range usedIcon.FindAllStringSubmatch(sources(t), -1) {
		if icons[m[1]] == "" {
			t.Errorf("no icon %s", m[1])
		}
	}
	for _, x := range tabs {
		if icons[x.icon] == "" {
			t.Errorf("no icon %s of a tab", x.icon)
		}
	}
}

// A text asks for the same arguments in all languages.
func TestTextsAgreeOnArguments(t *testing.T) {
	t.Parallel()
	hole := regexp.MustCompile(`\{([a-z]+)`)
	for _, key := range i18n.Keys() {
		if !strings.HasPrefix(key, "ui.") {
			continue
		}
		var want []string
		for i, l := range i18n.Langs {
			var got []string
			for _, m := range hole.FindAllStringSubmatch(i18n.Text(l, key), -1) {
				got = append(got, m[1])
			}
			slices.Sort(got)
			got = slices.Compact(got)
			if i == 0 {
				want = got
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s in %s asks for %v, not %v", key, l, got, want)
			}
		}
	}
}
