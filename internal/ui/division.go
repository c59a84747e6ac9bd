package ui

import (
	"context"

	"github.com/a-h/templ"

	"kapok/internal/kit/i18n"
	"kapok/internal/kit/web"
	"kapok/internal/region"
)

// DivisionField is a field for a division, chosen level by level. All selects
// carry the field's name; read the choice with ChosenDivision.
type DivisionField struct {
	Field // Value is the code chosen at first
	Tree  *region.Tree
	Stop  region.Level // the deepest level offered; "" goes down to villages
}

// choose is the name of the button that asks the server for the next level.
const choose = "_choose"

// Choosing reports whether the form was sent only to see the next level of a
// division: show it again with what was typed, without errors.
func Choosing(f *web.Form) bool { return f.Has(choose) }

// ChosenDivision is the deepest division of the values of a picker in which
// each stands under the one before; what hangs below a changed choice is
// ignored. "" when none is chosen.
func ChosenDivision(tree *region.Tree, f *web.Form, name string) string {
	return chosen(tree, f.All(name))
}

func chosen(tree *region.Tree, values []string) string {
	at := ""
	for i, code := range values {
		d, ok := tree.Get(code)
		switch {
		case !ok:
			return at
		case i == 0 && len(values) == 1: // a single code, from a link or the database
			return code
		case d.Parent != at:
			return at
		}
		at = code
	}
	return at
}

// divisionLevel is one select of the picker.
type divisionLevel struct {
	level   region.Level
	chosen  string
	options []region.Division
}

// levels are the selects to show for a choice, the next open one included.
func (f DivisionField) levels(code string) []divisionLevel {
	path := f.Tree.Path(code)
	var out []divisionLevel
	parent := ""
	for i := 0; ; i++ {
		options := f.Tree.Children(parent)
		if len(options) == 0 {
			return out
		}
		l := divisionLevel{level: options[0].Level, options: options}
		if i < len(path) {
			l.chosen = path[i].Code
		}
		out = append(out, l)
		if l.chosen == "" || path[i].Level == f.Stop {
			return out
		}
		parent = l.chosen
	}
}

// more reports whether a deeper level could be asked for.
func (f DivisionField) more(levels []divisionLevel) bool {
	last := levels[len(levels)-1]
	return last.level != f.Stop && last.level != region.Village
}

func (f DivisionField) boxAttrs(ctx context.Context, id string) templ.Attributes {
	a := templ.Attributes{"data-cascade": id, "data-next": levelText(ctx, ""), "data-stop": string(f.Stop)}
	for _, l := range []region.Level{region.City, region.County, region.Town, region.Village} {
		a["data-"+string(l)] = levelText(ctx, l)
	}
	return a
}

// levelText is what an open select of a level says: 选择县（市、区）.
func levelText(ctx context.Context, l region.Level) string {
	switch l {
	case region.Province, region.SAR:
		return t(ctx, "ui.level.province")
	case region.City:
		return t(ctx, "ui.level.city")
	case region.County:
		return t(ctx, "ui.level.county")
	case region.Town:
		return t(ctx, "ui.level.town")
	case region.Village:
		return t(ctx, "ui.level.village")
	}
	return t(ctx, "ui.level.next")
}

func lang(ctx context.Context) i18n.Lang { return i18n.From(ctx) }
