package pdf

import (
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
)

//go:embed all:fonts
var embedded embed.FS

// ErrNoFonts says that the program was compiled before its fonts were made.
var ErrNoFonts = errors.New("pdf: this program was built without its fonts; run: make build")

// Fonts is the chain of fonts in which a character is looked for. It is safe
// for concurrent use.
type Fonts struct {
	sc, hk *font   // Song, in mainland and in Hong Kong shapes
	rest   []*font // rare characters, then the operator's own fonts by name
}

// LoadFonts opens the embedded fonts and, after them, every *.ttf in the
// folder extra (an operator's fonts for characters that ours lack); extra may
// be empty or not exist.
func LoadFonts(extra string) (*Fonts, error) {
	files, err := fs.Sub(embedded, "fonts")
	if err != nil {
		return nil, err
	}
	return loadFonts(files, extra)
}

func loadFonts(files fs.FS, extra string) (*Fonts, error) {
	var ours [3]*font
	for i, name := range []string{"song-sc", "song-hk", "kai-rare"} {
		file, err := files.Open(name + ".ttf")
		if err != nil {
			return nil, ErrNoFonts
		}
		if ours[i], err = openFile(name, file); err != nil {
			return nil, err
		}
	}
	own, err := operatorFonts(extra)
	if err != nil {
		return nil, err
	}
	return &Fonts{sc: ours[0], hk: ours[1], rest: append([]*font{ours[2]}, own...)}, nil
}

func openFile(name string, file fs.File) (*font, error) {
	at, ok := file.(io.ReaderAt)
	if !ok {
		return nil, fmt.Errorf("pdf: font %s cannot be read in place", name)
	}
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("pdf: font %s: %w", name, err)
	}
	return openFont(name, at, info.Size())
}

// operatorFonts opens a folder's fonts in the order of their names. The files
// stay open, since glyphs are read as they are needed.
func operatorFonts(folder string) ([]*font, error) {
	if folder == "" {
		return nil, nil
	}
	paths, err := filepath.Glob(filepath.Join(folder, "*.ttf"))
	if err != nil {
		return nil, err
	}
	var fonts []*font
	for _, path := range paths { // Glob sorts
		file, err := os.Open(path)
		if err != nil {
			return nil, fmt.Errorf("pdf: %w", err)
		}
		f, err := openFile(strings.TrimSuffix(filepath.Base(path), ".ttf"), file)
		if err != nil {
			file.Close()
			return nil, err
		}
		fonts = append(fonts, f)
	}
	return fonts, nil
}

// chain is the order in which a language looks for glyphs: 繁體 prefers the
// shapes used in Hong Kong and Macao.
func (f *Fonts) chain(lang string) []*font {
	first := []*font{f.sc, f.hk}
	if strings.HasPrefix(lang, "zh-Hant") {
		first = []*font{f.hk, f.sc}
	}
	return append(first, f.rest...)
}

// find is the first font of the chain that has a character, and its glyph;
// nil when none has it. Control and invisible formatting characters are
// refused whatever a font says: on a certificate they could only deceive.
func find(chain []*font, r rune) (*font, int) {
	if unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs) {
		return nil, 0
	}
	for _, f := range chain {
		if g := f.glyph(r); g != 0 {
			return f, g
		}
	}
	return nil, 0
}

// Missing lists the characters of a text that no font has, each once, in order
// of code point.
func (f *Fonts) Missing(text string) []rune {
	var out []rune
	chain := f.chain("")
	for _, r := range text {
		if in, _ := find(chain, r); in == nil {
			out = append(out, r)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// MissingGlyphs is the error of a document that asks for characters that no
// font has.
type MissingGlyphs struct{ Runes []rune }

func (e *MissingGlyphs) Error() string {
	return "pdf: no font has " + CodePoints(e.Runes)
}

// CodePoints names characters as U+XXXX, for people who have to find a font.
func CodePoints(runes []rune) string {
	names := make([]string, len(runes))
	for i, r := range runes {
		names[i] = fmt.Sprintf("U+%04X", r)
	}
	return strings.Join(names, " ")
}
