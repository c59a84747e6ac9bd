// Package text cleans and checks what people type, for services that both the
// pages and the JSON API call.
//
// Owns: one idea of "clean" (NFC, no surrounding space, line ends \n) and of
// a text that is too long or cannot be read.
// Invariants: pure functions; no area's rules.
// Not here: names of people (person), forms (kit/web).
package text

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"kapok/internal/kit/fault"
)

// Clean normalises a text: NFC, trimmed, lines ended by \n.
func Clean(s string) string {
	return strings.TrimSpace(norm.NFC.String(strings.ReplaceAll(s, "\r\n", "\n")))
}

// Check notes at the field when s is missing, too long (in characters) or has
// control characters or broken UTF-8. Give it a cleaned text.
func Check(c *fault.Check, field, s string, required bool, limit int) {
	switch {
	case s == "" && required:
		c.Add(field, fault.ErrRequired)
	case !utf8.ValidString(s) || strings.ContainsFunc(s, unreadable):
		c.Add(field, fault.ErrBadText)
	case utf8.RuneCountInString(s) > limit:
		c.Add(field, fault.ErrTooLong.With("max", limit))
	}
}

// Line is Check for a text that has one line only.
func Line(c *fault.Check, field, s string, required bool, limit int) {
	if strings.ContainsAny(s, "\n\t") {
		c.Add(field, fault.ErrBadText)
		return
	}
	Check(c, field, s, required, limit)
}

// OneOf notes at the field when s is none of the allowed values.
func OneOf(c *fault.Check, field, s string, required bool, allowed []string) {
	switch {
	case s == "" && required:
		c.Add(field, fault.ErrRequired)
	case s != "" && !slices.Contains(allowed, s):
		c.Add(field, fault.ErrBadValue)
	}
}

// Subset notes at the field when a list has a value that is not allowed or
// more than limit of them. It returns the list sorted, without repeats, never nil.
func Subset(c *fault.Check, field string, list, allowed []string, limit int) []string {
	out := slices.Compact(slices.Sorted(slices.Values(list)))
	for _, v := range out {
		if !slices.Contains(allowed, v) {
			c.Add(field, fault.ErrBadValue)
			break
		}
	}
	if len(out) > limit {
		c.Add(field, fault.ErrTooLong.With("max", limit))
	}
	if out == nil {
		return []string{}
	}
	return out
}

func unreadable(r rune) bool {
	return r == utf8.RuneError || (unicode.IsControl(r) && r != '\n' && r != '\t')
}
