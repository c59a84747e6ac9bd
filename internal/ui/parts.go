package ui

import (
	"context"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"kapok/internal/kit/fault"
	"kapok/internal/kit/i18n"
	"kapok/internal/kit/web"
)

// Kind is the colour of a tag, message or figure; its text says the same.
type Kind string

// The kinds.
const (
	Plain  Kind = "plain"
	Jade   Kind = "jade"   // confirmed, done
	Amber  Kind = "amber"  // waiting, look here
	Indigo Kind = "indigo" // information
	Red    Kind = "red"    // urgent, refused
)

// Btn describes a button or a link that looks like one. The first of a screen
// is filled, every other is Ghost or Text.
type Btn struct {
	Text     string
	Href     string // of LinkButton
	Icon     string
	Ghost    bool // outlined
	AsText   bool // only underlined
	Small    bool
	Name     string // sent with the form when this button is pressed
	Value    string
	Disabled bool
	Attrs    templ.Attributes
}

func (b Btn) class() string {
	c := "btn"
	if b.Ghost {
		c += " ghost"
	}
	if b.AsText {
		c += " plain"
	}
	if b.Small {
		c += " sm"
	}
	return c
}

func (b Btn) attrs() templ.Attributes {
	a := templ.Attributes{}
	if b.Name != "" {
		a["name"], a["value"] = b.Name, b.Value
	}
	for k, v := range b.Attrs {
		a[k] = v
	}
	return a
}

// CardInfo is a card that leads to a page: an activity, an organisation.
type CardInfo struct {
	Title string
	Href  string
	Meta  []string // short facts: when, how far, how long
	Tags  []TagInfo
}

// TagInfo is a tag as data.
type TagInfo struct {
	Kind Kind
	Text string
}

// Col is a column of a Table.
type Col struct {
	Label   string
	Numeric bool // to the right, tabular digits
	Lead    bool // names the row: the head of its card on phones
}

func (c Col) class() string {
	switch {
	case c.Lead:
		return "lead"
	case c.Numeric:
		return "n"
	}
	return ""
}

// RefusalInfo says why something cannot be done, by which rule, and what would help.
type RefusalInfo struct {
	Title  string // "" says: this is not possible now
	Why    string
	Rule   string // the rule's name: 第 3 条, 67号令 art. 11
	Remedy string
}

func refusalOf(ctx context.Context, err error) RefusalInfo {
	e := fault.As(err)
	l := i18n.From(ctx)
	return RefusalInfo{Why: web.Title(l, e), Remedy: web.Remedy(l, e)}
}

// HourInfo is one record of service in a list.
type HourInfo struct {
	Grade   string // A to E
	Title   string
	Href    string // "" shows the title without a link
	Meta    string // day and evidence
	Minutes int
	State   TagInfo
}

// gradeKind colours the evidence grades: A strong, E weakest.
func gradeKind(grade string) Kind {
	switch grade {
	case "A":
		return Jade
	case "B", "C":
		return Indigo
	}
	return Amber
}

func meterText(value, max int) string { return strconv.Itoa(value) + " / " + strconv.Itoa(max) }

// clamp keeps a meter's value in its range, so that over-full shows as full.
func clamp(value, max int) string { return strconv.Itoa(min(value, max)) }

func itoa(n int) string { return strconv.Itoa(n) }

func machineTime(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// t is a text of the catalogue in the reader's language.
func t(ctx context.Context, key string, args ...any) string { return i18n.T(ctx, key, args...) }
