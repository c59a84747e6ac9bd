package borders

import (
	"strings"
	"testing"

	"kapok/internal/region"
)

func tree(t *testing.T) *region.Tree {
	t.Helper()
	tree, err := region.BuiltInTree()
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

// Every city and county of the tree has borders, but for the one named in the
// package's text; and there are no borders of divisions that do not exist.
func TestEveryDivisionHasBorders(t *testing.T) {
	t.Parallel()
	tree := tree(t)
	for _, root := range tree.Children("") {
		for _, d := range append(tree.Children(root.Code), root) {
			if d.Level == region.Province {
				continue
			}
			if !Has(d.Code) {
				t.Errorf("no borders of %s %s", d.Code, d.NameHans)
			}
			for _, c := range tree.Children(d.Code) {
				if c.Level == region.County && !Has(c.Code) && c.Code != "440311" {
					t.Errorf("no borders of %s %s", c.Code, c.NameHans)
				}
			}
		}
	}
	for code := range all() {
		if _, ok := tree.Get(code); !ok {
			t.Errorf("borders of %s, which does not exist", code)
		}
	}
}

func TestDraw(t *testing.T) {
	t.Parallel()
	m := Draw([]string{"440100", "440300", "999999", "810000"}, 600)
	if len(m.Shapes) != 3 || m.Width != 600 || m.Height < 200 || m.Height > 1200 {
		t.Fatalf("%d shapes, %d × %d", len(m.Shapes), m.Width, m.Height)
	}
	for _, s := range m.Shapes {
		if !strings.HasPrefix(s.Path, "M") || !strings.HasSuffix(s.Path, "z") || s.X < 0 || s.X > m.Width || s.Y < 0 || s.Y > m.Height {
			t.Errorf("%s: %.40s at %d %d", s.Code, s.Path, s.X, s.Y)
		}
	}
	guangzhou, hongKong := m.Shapes[0], m.Shapes[2]
	if guangzhou.Y > hongKong.Y || guangzhou.X > hongKong.X {
		t.Errorf("Guangzhou (%d %d) is not north-west of Hong Kong (%d %d)", guangzhou.X, guangzhou.Y, hongKong.X, hongKong.Y)
	}
	if m := Draw([]string{"1"}, 600); len(m.Shapes) != 0 {
		t.Error("drew nothing known")
	}
}

// A whole map stays small enough for a phone.
func TestMapIsSmall(t *testing.T) {
	t.Parallel()
	var codes []string
	for code := range all() {
		if strings.HasSuffix(code, "00") || strings.HasPrefix(code, "8") && strings.HasSuffix(code, "0000") {
			codes = append(codes, code)
		}
	}
	size := 0
	for _, s := range Draw(codes, 800).Shapes {
		size += len(s.Path)
	}
	if size > 45_000 {
		t.Errorf("%d cities in %d bytes", len(codes), size)
	}
}
