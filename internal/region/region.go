// Package region holds the administrative divisions of Guangdong, Hong Kong
// and Macao as a tree.
//
// Owns: divisions with validity, their names, the order of the tree.
// Words: 行政区划 division; 省 province, 特别行政区 sar, 市 city, 县区 county,
// 镇街 town, 村居 village.
// Invariants: codes follow GB/T 2260 to the county (6 digits), 9 digits a town,
// 12 a village; 东莞 and 中山 have towns directly under the city; a division is
// never renamed, only superseded (valid_to).
// Tables: region.division.
// Not here: borders (internal/ui's map), who administers a division (account).
package region

import (
	"context"
	_ "embed"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"kapok/internal/kit/fault"
	"kapok/internal/kit/i18n"
	"kapok/internal/kit/pg"
)

//go:embed texts.json
var texts []byte
var _ = i18n.Register(texts)

// Errors of this area.
var (
	ErrUnknown   = fault.Define(fault.Invalid, "region.unknown")    // no such division
	ErrTooCoarse = fault.Define(fault.Invalid, "region.too_coarse") // a county at least is needed
	ErrBadList   = fault.Define(fault.Invalid, "region.bad_list")   // argument line
)

// Level is a step of the tree.
type Level string

// The levels, from the top.
const (
	Province Level = "province"
	SAR      Level = "sar"
	City     Level = "city"
	County   Level = "county"
	Town     Level = "town"
	Village  Level = "village"
)

// Division is one node of the tree.
type Division struct {
	Code     string
	Parent   string // "" for 广东, 香港, 澳門
	Level    Level
	NameHans string
	NameHant string
	NameEn   string
}

// Name is the name in a language; English falls back to 简体 below counties.
func (d Division) Name(l i18n.Lang) string { return i18n.Pick(l, d.NameHans, d.NameHant, d.NameEn) }

// Tree is all divisions now valid, in memory; immutable and safe to share.
type Tree struct {
	byCode   map[string]Division
	children map[string][]string
}

// NewTree builds a tree from a list.
func NewTree(list []Division) *Tree {
	t := &Tree{byCode: make(map[string]Division, len(list)), children: map[string][]string{}}
	for _, d := range list {
		t.byCode[d.Code] = d
		t.children[d.Parent] = append(t.children[d.Parent], d.Code)
	}
	for _, c := range t.children {
		slices.Sort(c)
	}
	return t
}

// Load reads the tree from the database.
func Load(ctx context.Context, db pg.DB) (*Tree, error) {
	rows, err := db.Query(ctx, `SELECT code, coalesce(parent, '') AS parent, level, name_hans, name_hant, name_en
		FROM region.division WHERE valid_to IS NULL`)
	list, err := pg.All[Division](rows, err)
	if err != nil {
		return nil, fmt.Errorf("region: %w", err)
	}
	return NewTree(list), nil
}

// Filled reports whether any division is stored.
func Filled(ctx context.Context, db pg.DB) (full bool, err error) {
	err = db.QueryRow(ctx, `SELECT EXISTS (SELECT FROM region.division)`).Scan(&full)
	return full, err
}

// Len is the number of divisions.
func (t *Tree) Len() int { return len(t.byCode) }

// Get finds a division.
func (t *Tree) Get(code string) (Division, bool) {
	d, ok := t.byCode[code]
	return d, ok
}

// Children lists the divisions directly under code, by code; "" gives the roots.
func (t *Tree) Children(code string) []Division {
	codes := t.children[code]
	out := make([]Division, len(codes))
	for i, c := range codes {
		out[i] = t.byCode[c]
	}
	return out
}

// Path is the chain from the root down to code, code included; nil if unknown.
func (t *Tree) Path(code string) []Division {
	var out []Division
	for d, ok := t.byCode[code]; ok; d, ok = t.byCode[d.Parent] {
		out = append(out, d)
	}
	slices.Reverse(out)
	return out
}

// Within reports whether code is the division top or stands below it.
func (t *Tree) Within(top, code string) bool {
	for d, ok := t.byCode[code]; ok; d, ok = t.byCode[d.Parent] {
		if d.Code == top {
			return true
		}
	}
	return false
}

// FullName joins the names from the city down: 广州市越秀区北京街道; for Hong Kong
// and Macao from the region down.
func (t *Tree) FullName(l i18n.Lang, code string) string {
	path := t.Path(code)
	if len(path) > 1 && path[0].Level == Province {
		path = path[1:]
	}
	names := make([]string, len(path))
	for i, d := range path {
		names[i] = d.Name(l)
	}
	if l == i18n.En {
		slices.Reverse(names)
		return strings.Join(names, ", ")
	}
	return strings.Join(names, "")
}

// County is the county above code, or the city for 东莞 and 中山, or code itself
// when it stands higher; the level at which people search and register.
func (t *Tree) County(code string) string {
	for d, ok := t.byCode[code]; ok; d, ok = t.byCode[d.Parent] {
		if d.Level != Town && d.Level != Village {
			return d.Code
		}
	}
	return code
}

// Require checks that code exists and reaches at least the county (or a city
// without counties), the statutory 居住区域 (67号令 art. 5).
func (t *Tree) Require(code string) *fault.Error {
	d, ok := t.byCode[code]
	switch {
	case !ok:
		return ErrUnknown
	case d.Level == Province, d.Level == SAR:
		return ErrTooCoarse
	case d.Level == City && t.hasCounties(code):
		return ErrTooCoarse
	}
	return nil
}

func (t *Tree) hasCounties(city string) bool {
	c := t.children[city]
	return len(c) > 0 && t.byCode[c[0]].Level == County
}

// ImportTx loads a list of divisions (CSV with the columns of data/regions.csv,
// parents before children). New codes are added, missing ones end today;
// nothing is renamed. It returns how many were added.
func ImportTx(ctx context.Context, tx pgx.Tx, r io.Reader) (int, error) {
	list, err := readCSV(r)
	if err != nil {
		return 0, err
	}
	if _, err := tx.Exec(ctx, `CREATE TEMP TABLE incoming (LIKE region.division INCLUDING DEFAULTS) ON COMMIT DROP`); err != nil {
		return 0, err
	}
	_, err = tx.CopyFrom(ctx, pgx.Identifier{"incoming"}, []string{"code", "parent", "level", "name_hans", "name_hant", "name_en"},
		pgx.CopyFromSlice(len(list), func(i int) ([]any, error) {
			d := list[i]
			var parent any
			if d.Parent != "" {
				parent = d.Parent
			}
			return []any{d.Code, parent, string(d.Level), d.NameHans, d.NameHant, d.NameEn}, nil
		}))
	if err != nil {
		return 0, err
	}
	tag, err := tx.Exec(ctx, `INSERT INTO region.division (code, parent, level, name_hans, name_hant, name_en)
		SELECT code, parent, level, name_hans, name_hant, name_en FROM incoming ORDER BY length(code), code
		ON CONFLICT (code) DO NOTHING`)
	if err != nil {
		return 0, err
	}
	_, err = tx.Exec(ctx, `UPDATE region.division d SET valid_to = current_date
		WHERE valid_to IS NULL AND valid_from < current_date AND NOT EXISTS (SELECT FROM incoming i WHERE i.code = d.code)`)
	return int(tag.RowsAffected()), err
}

var header = []string{"code", "parent", "level", "name_zh_hans", "name_zh_hant", "name_en"}

func readCSV(r io.Reader) ([]Division, error) {
	in := csv.NewReader(r)
	in.FieldsPerRecord = len(header)
	first, err := in.Read()
	if err != nil || !slices.Equal(first, header) {
		return nil, ErrBadList.With("line", 1)
	}
	var list []Division
	for line := 2; ; line++ {
		rec, err := in.Read()
		if err == io.EOF {
			return list, nil
		}
		if err != nil || rec[0] == "" || rec[3] == "" {
			return nil, ErrBadList.With("line", line)
		}
		list = append(list, Division{rec[0], rec[1], Level(rec[2]), rec[3], rec[4], rec[5]})
	}
}
