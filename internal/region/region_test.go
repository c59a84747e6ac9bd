package region

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"kapok/internal/kit/fault"
	"kapok/internal/kit/i18n"
	"kapok/internal/kit/pg"
	"kapok/internal/kit/pgtest"
)

func builtInTree(t *testing.T) *Tree {
	t.Helper()
	r, err := BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	list, err := readCSV(r)
	if err != nil {
		t.Fatal(err)
	}
	return NewTree(list)
}

func TestBuiltInTreeIsWhole(t *testing.T) {
	tree := builtInTree(t)
	if tree.Len() != 28771 {
		t.Errorf("%d divisions, want 28,771", tree.Len())
	}
	for code := range tree.byCode {
		if p := tree.Path(code); len(p) == 0 || p[0].Parent != "" {
			t.Fatalf("%s does not hang on a root", code)
		}
	}
	if got := len(tree.Children("")); got != 3 {
		t.Errorf("%d roots, want Guangdong, Hong Kong, Macao", got)
	}
}

func TestWithinAndCounty(t *testing.T) {
	tree := builtInTree(t)
	town := tree.Children("440104")[0].Code
	village := tree.Children(town)[0].Code
	dongguan := tree.Children("441900")[0].Code
	for _, c := range []struct {
		top, code string
		want      bool
	}{
		{"440000", village, true}, {"440104", village, true}, {town, village, true}, {village, town, false},
		{"440103", village, false}, {"441900", dongguan, true}, {"440104", "", false}, {"", "440104", false},
	} {
		if got := tree.Within(c.top, c.code); got != c.want {
			t.Errorf("Within(%s, %s) = %v", c.top, c.code, got)
		}
	}
	if got := tree.County(village); got != "440104" {
		t.Errorf("county of a village: %s", got)
	}
	if got := tree.County(dongguan); got != "441900" {
		t.Errorf("county of a town of 东莞: %s", got)
	}
}

func TestRequireReachesTheCounty(t *testing.T) {
	tree := builtInTree(t)
	for code, want := range map[string]*fault.Error{
		"440104": nil, "441900": nil, "810001": nil, "440100": ErrTooCoarse, "440000": ErrTooCoarse, "810000": ErrTooCoarse, "999999": ErrUnknown, "": ErrUnknown,
	} {
		if got := tree.Require(code); got != want {
			t.Errorf("%s: got %v want %v", code, got, want)
		}
	}
}

func TestFullName(t *testing.T) {
	tree := builtInTree(t)
	for l, want := range map[i18n.Lang]string{i18n.ZhHans: "广州市越秀区", i18n.En: "Yuexiu District, Guangzhou"} {
		if got := tree.FullName(l, "440104"); got != want {
			t.Errorf("%s: got %q want %q", l, got, want)
		}
	}
	if got := tree.FullName(i18n.ZhHant, "810001"); got != "香港特別行政區中西區" {
		t.Errorf("got %q", got)
	}
}

func TestImportAddsEndsAndNeverRenames(t *testing.T) {
	t.Parallel()
	ctx, pool := context.Background(), pgtest.New(t)
	load := func(csv string) (n int, err error) {
		err = pg.InTx(ctx, pool, func(tx pgx.Tx) error {
			n, err = ImportTx(ctx, tx, strings.NewReader("code,parent,level,name_zh_hans,name_zh_hant,name_en\n"+csv))
			return err
		})
		return n, err
	}
	if n, err := load("440000,,province,广东省,,\n440100,440000,city,广州市,,Guangzhou\n440104,440100,county,越秀区,,\n"); err != nil || n != 3 {
		t.Fatalf("first load: %d %v", n, err)
	}
	if n, err := load("440000,,province,粤省,,\n440100,440000,city,广州市,,\n440105,440100,county,海珠区,,\n"); err != nil || n != 1 {
		t.Fatalf("second load: %d %v", n, err)
	}
	tree, err := Load(ctx, pool)
	if err != nil {
		t.Fatal(err)
	}
	if d, _ := tree.Get("440000"); d.NameHans != "广东省" {
		t.Errorf("renamed to %s", d.NameHans)
	}
	if _, ok := tree.Get("440104"); ok {
		t.Error("a division missing in the newer list is still valid")
	}
	if _, err := load("440000,,province,,,\n"); !errors.Is(err, ErrBadList) {
		t.Errorf("a list with an empty name: %v", err)
	}
}

func FuzzReadCSV(f *testing.F) {
	f.Add("code,parent,level,name_zh_hans,name_zh_hant,name_en\n440000,,province,广东省,,\n")
	f.Fuzz(func(t *testing.T, s string) {
		list, err := readCSV(strings.NewReader(s))
		if err != nil && !errors.Is(err, ErrBadList) {
			t.Errorf("foreign error %v", err)
		}
		NewTree(list).Path("440000")
	})
}
