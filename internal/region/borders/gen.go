//go:build ignore

// Gen makes borders.txt.gz from GeoJSON files of cities and counties (features
// with the property "code"): go run gen.go cities.geojson counties.geojson
package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"log"
	"math"
	"os"
	"slices"
	"strings"
)

type collection struct {
	Features []struct {
		Properties struct{ Code string }
		Geometry   struct {
			Type        string
			Coordinates json.RawMessage
		}
	}
}

type ring [][2]float64

func main() {
	lines := map[string]string{}
	for _, path := range os.Args[1:] {
		data, err := os.ReadFile(path)
		check(err)
		var c collection
		check(json.Unmarshal(data, &c))
		for _, f := range c.Features {
			if _, dup := lines[f.Properties.Code]; dup { // a city without counties is in both files
				continue
			}
			lines[f.Properties.Code] = f.Properties.Code + encode(rings(f.Geometry.Type, f.Geometry.Coordinates))
		}
	}
	var out []string
	for _, l := range lines {
		out = append(out, l)
	}
	slices.Sort(out)
	var packed bytes.Buffer
	zip, _ := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	_, err := zip.Write([]byte(strings.Join(out, "\n") + "\n"))
	check(err)
	check(zip.Close())
	check(os.WriteFile("borders.txt.gz", packed.Bytes(), 0o644))
	fmt.Println(len(out), "areas,", packed.Len(), "bytes")
}

// rings are all rings of a geometry; holes are drawn as rings too.
func rings(kind string, raw json.RawMessage) []ring {
	if kind == "Polygon" {
		var p []ring
		check(json.Unmarshal(raw, &p))
		return p
	}
	var many [][]ring
	check(json.Unmarshal(raw, &many))
	return slices.Concat(many...)
}

// encode writes each ring as " x,y" followed by differences, in thousandths of
// a degree (some hundred metres).
func encode(list []ring) string {
	var b strings.Builder
	for _, r := range list {
		b.WriteString(" ")
		var at [2]int
		for i, p := range r {
			x, y := int(math.Round(p[0]*1000)), int(math.Round(p[1]*1000))
			if i > 0 && x == at[0] && y == at[1] {
				continue
			}
			if i > 0 {
				b.WriteString(";")
			}
			fmt.Fprintf(&b, "%d,%d", x-at[0], y-at[1])
			at = [2]int{x, y}
		}
	}
	return b.String()
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
