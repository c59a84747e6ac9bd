//go:build ignore

// Gen derives the two data files of this package from published word and
// character lists. Run it with "go generate"; it prints what it wrote.
package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	wordList = "github.com/go-ego/gse@v0.80.3"           // Apache-2.0; the list comes from jieba (MIT)
	charList = "github.com/longbridgeapp/opencc@v0.3.13" // Apache-2.0; the lists come from OpenCC (Apache-2.0)
	rare     = 15                                        // words seen less often are left out
)

func main() {
	variants := writeVariants(moduleDir(charList))
	writeNameVariants(moduleDir(charList), variants)
	writeWords(moduleDir(wordList), variants)
}

func moduleDir(module string) string {
	out, err := exec.Command("go", "mod", "download", "-json", module).Output()
	var m struct{ Dir string }
	if err != nil || json.Unmarshal(out, &m) != nil {
		log.Fatalf("%s: %v", module, err)
	}
	return m.Dir
}

func lines(path string, each func(fields []string)) {
	f, err := os.Open(path)
	if err != nil {
		log.Fatal(err)
	}
	defer f.Close()
	for in := bufio.NewScanner(f); in.Scan(); {
		if fields := strings.Fields(in.Text()); len(fields) >= 2 {
			each(fields)
		}
	}
}

// writeVariants joins the ways a character is written in Hong Kong, Macao and
// Taiwan with its simplified form: 衞 → 衛 → 卫.
func writeVariants(dir string) map[rune]rune {
	to := map[rune]rune{}
	add := func(from, simple string) {
		f, s := []rune(from), []rune(simple)
		if len(f) == 1 && len(s) == 1 && f[0] != s[0] && f[0] < 0x20000 {
			to[f[0]] = s[0]
		}
	}
	lines(filepath.Join(dir, "dictionary/TSCharacters.txt"), func(f []string) { add(f[0], f[1]) })
	for _, name := range []string{"HKVariants.txt", "TWVariants.txt"} {
		lines(filepath.Join(dir, "dictionary", name), func(f []string) {
			for _, variant := range f[1:] {
				simple := f[0]
				if s, ok := to[[]rune(f[0])[0]]; ok {
					simple = string(s)
				}
				if r := []rune(variant); len(r) == 1 && to[r[0]] == 0 {
					add(variant, simple)
				}
			}
		})
	}
	var out bytes.Buffer
	for _, f := range slices.Sorted(keys(to)) {
		if end, ok := to[to[f]]; ok { // a simple form that is itself folded
			to[f] = end
		}
		out.WriteRune(f)
		out.WriteRune(to[f])
	}
	write("variants.txt", out.Bytes())
	return to
}

// writeNameVariants adds what names are also written with: the second simplified
// form of a character (餘 → 余 or 馀) where it stands for nothing else, and
// Japanese forms (戸) that are no Chinese characters of their own, as 芸 is.
func writeNameVariants(dir string, simple map[rune]rune) {
	traditional := map[rune][]string{}
	lines(filepath.Join(dir, "dictionary/STCharacters.txt"), func(f []string) { traditional[[]rune(f[0])[0]] = f[1:] })
	to := map[rune]rune{}
	add := func(form, of string) {
		f, end := []rune(form), []rune(of)
		if len(f) != 1 || len(end) != 1 {
			return
		}
		if s, ok := simple[end[0]]; ok {
			end[0] = s
		}
		if _, known := simple[f[0]]; !known && f[0] != end[0] && f[0] < 0x20000 {
			to[f[0]] = end[0]
		}
	}
	lines(filepath.Join(dir, "dictionary/TSCharacters.txt"), func(f []string) {
		for _, second := range f[2:] {
			if t := traditional[[]rune(second)[0]]; len(t) == 1 && t[0] == f[0] {
				add(second, f[0])
			}
		}
	})
	chinese := map[rune]bool{}
	for from, end := range simple {
		chinese[from], chinese[end] = true, true
	}
	lines(filepath.Join(dir, "dictionary/JPVariants.txt"), func(f []string) {
		for _, form := range f[1:] {
			if r := []rune(form)[0]; !chinese[r] && traditional[r] == nil {
				add(form, f[0])
			}
		}
	})
	var out bytes.Buffer
	for _, f := range slices.Sorted(keys(to)) {
		out.WriteRune(f)
		out.WriteRune(to[f])
	}
	write("name_variants.txt", out.Bytes())
}

func keys(m map[rune]rune) func(func(rune) bool) {
	return func(yield func(rune) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// writeWords keeps Chinese words of two to four characters with their frequency.
func writeWords(dir string, variants map[rune]rune) {
	freq := map[string]int{}
	lines(filepath.Join(dir, "data/dict/zh/s_1.txt"), func(f []string) {
		n, err := strconv.Atoi(f[1])
		size := utf8.RuneCountInString(f[0])
		if err != nil || n < rare || size < 2 || size > 4 {
			return
		}
		w := strings.Map(func(r rune) rune {
			if !unicode.Is(unicode.Han, r) {
				return -1
			}
			if s, ok := variants[r]; ok {
				return s
			}
			return r
		}, f[0])
		if utf8.RuneCountInString(w) == size {
			freq[w] += n
		}
	})
	var list []string
	for w := range freq {
		list = append(list, w)
	}
	slices.Sort(list)
	var out bytes.Buffer
	for _, w := range list {
		fmt.Fprintf(&out, "%s %d\n", w, freq[w])
	}
	var packed bytes.Buffer
	zip, _ := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	zip.Write(out.Bytes())
	zip.Close()
	write("words.txt.gz", packed.Bytes())
	fmt.Println(len(list), "words")
}

func write(name string, b []byte) {
	if err := os.WriteFile(name, b, 0o644); err != nil {
		log.Fatal(err)
	}
	fmt.Println(name, len(b), "bytes")
}
