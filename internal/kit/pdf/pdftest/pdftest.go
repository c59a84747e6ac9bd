// Package pdftest reads what kit/pdf writes.
//
// Owns: Text.
// Not here: documents of others.
package pdftest

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"encoding/hex"
	"io"
	"regexp"
	"strings"
	"testing"
	"unicode/utf16"
)

// Text reads a document's text as a viewer does when somebody copies it:
// through each font's ToUnicode map.
func Text(t testing.TB, file []byte) string {
	t.Helper()
	maps := map[string]map[string]string{} // font entry → glyph → text
	for _, m := range regexp.MustCompile(`/(F\d+) (\d+) 0 R`).FindAllSubmatch(file, -1) {
		font := object(t, file, string(m[2]))
		ref := regexp.MustCompile(`/ToUnicode (\d+) 0 R`).FindSubmatch(font)
		maps[string(m[1])] = unicodes(t, unpack(t, object(t, file, string(ref[1]))))
	}
	var out strings.Builder
	show := regexp.MustCompile(`/(F\d+) \S+ Tf|<([0-9A-F]+)> Tj`)
	for _, page := range regexp.MustCompile(`/Contents (\d+) 0 R`).FindAllSubmatch(file, -1) {
		font := ""
		for _, m := range show.FindAllSubmatch(unpack(t, object(t, file, string(page[1]))), -1) {
			if len(m[1]) > 0 {
				font = string(m[1])
			}
			for glyphs := string(m[2]); glyphs != ""; glyphs = glyphs[4:] {
				out.WriteString(maps[font][glyphs[:4]])
			}
		}
	}
	return out.String()
}

func object(t testing.TB, file []byte, number string) []byte {
	t.Helper()
	_, rest, ok := bytes.Cut(file, []byte("\n"+number+" 0 obj\n"))
	if !ok {
		t.Fatalf("no object %s", number)
	}
	body, _, _ := bytes.Cut(rest, []byte("\nendobj\n"))
	return body
}

func unpack(t testing.TB, object []byte) []byte {
	t.Helper()
	_, data, _ := bytes.Cut(object, []byte(">>stream\n"))
	z, err := zlib.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	out, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func unicodes(t testing.TB, cmap []byte) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, m := range regexp.MustCompile(`(?m)^<([0-9A-F]{4})> <([0-9A-F]+)>$`).FindAllSubmatch(cmap, -1) {
		raw, err := hex.DecodeString(string(m[2]))
		if err != nil {
			t.Fatal(err)
		}
		var units []uint16
		for ; len(raw) >= 2; raw = raw[2:] {
			units = append(units, binary.BigEndian.Uint16(raw))
		}
		out[string(m[1])] = string(utf16.Decode(units))
	}
	return out
}
