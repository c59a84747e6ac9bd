package qr_test

import (
	"encoding/xml"
	"fmt"
	"image"
	"image/color"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	reader "github.com/makiuchi-d/gozxing/qrcode"

	"kapok/internal/kit/qr"
)

// picture paints a code as a camera would see it, with its quiet zone.
func picture(c qr.Code, scale int) image.Image {
	side := (c.Size() + 2*qr.Quiet) * scale
	img := image.NewGray(image.Rect(0, 0, side, side))
	for y := range side {
		for x := range side {
			img.SetGray(x, y, color.Gray{Y: 255})
			if c.Dark(x/scale-qr.Quiet, y/scale-qr.Quiet) {
				img.SetGray(x, y, color.Gray{})
			}
		}
	}
	return img
}

func read(t *testing.T, img image.Image) string {
	t.Helper()
	bmp, err := gozxing.NewBinaryBitmapFromImage(img)
	if err != nil {
		t.Fatal(err)
	}
	got, err := reader.NewQRCodeReader().Decode(bmp, nil)
	if err != nil {
		t.Fatal(err)
	}
	return got.GetText()
}

func TestCodesAreReadBack(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"https://kapok.example/verify/K26-7QX4-M2D9-H",
		"https://kapok.example/c/0198c1a2?t=482910",
		"木棉 志愿广东",
		strings.Repeat("a", 400),
	} {
		c, err := qr.Encode(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := read(t, picture(c, 4)); got != text {
			t.Errorf("read %q, want %q", got, text)
		}
	}
}

func TestSVGIsReadBack(t *testing.T) {
	t.Parallel()
	const text = "https://kapok.example/verify/K26-7QX4-M2D9-H"
	c, err := qr.Encode(text)
	if err != nil {
		t.Fatal(err)
	}
	if got := read(t, paint(t, c.SVG("code"))); got != text {
		t.Errorf("read %q from the SVG, want %q", got, text)
	}
}

// paint draws the SVG's second path, which is all it may hold: M x y h w v1 h-w z.
func paint(t *testing.T, svg string) image.Image {
	t.Helper()
	var doc struct {
		ViewBox string `xml:"viewBox,attr"`
		Paths   []struct {
			D string `xml:"d,attr"`
		} `xml:"path"`
	}
	if err := xml.Unmarshal([]byte(svg), &doc); err != nil {
		t.Fatal(err)
	}
	var side int
	if _, err := fmt.Sscanf(doc.ViewBox, "0 0 %d", &side); err != nil {
		t.Fatal(err)
	}
	const scale = 4
	img := image.NewGray(image.Rect(0, 0, side*scale, side*scale))
	for i := range img.Pix {
		img.Pix[i] = 255
	}
	for _, run := range strings.SplitAfter(doc.Paths[1].D, "z") {
		var x, y, w int
		if _, err := fmt.Sscanf(run, "M%d %dh%dv1", &x, &y, &w); err != nil {
			continue // the empty rest after the last run
		}
		for py := y * scale; py < (y+1)*scale; py++ {
			for px := x * scale; px < (x+w)*scale; px++ {
				img.SetGray(px, py, color.Gray{})
			}
		}
	}
	return img
}

func TestSVGKeepsTheContentPolicy(t *testing.T) {
	t.Parallel()
	c, err := qr.Encode("x")
	if err != nil {
		t.Fatal(err)
	}
	svg := c.SVG(`签到码 "quoted" <b>`)
	for _, bad := range []string{"style=", "<script", "<b>", `"quoted"`, "onload"} {
		if strings.Contains(svg, bad) {
			t.Errorf("the SVG holds %q: %s", bad, svg)
		}
	}
}

func TestTooLongIsAnError(t *testing.T) {
	t.Parallel()
	if _, err := qr.Encode(strings.Repeat("x", 4000)); err == nil {
		t.Error("4,000 bytes fit no code, but there was no error")
	}
}
