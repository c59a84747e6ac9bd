// Package gallery shows all components of package ui on a few pages, for the
// tests and for whoever designs. The program does not serve it.
//
// Owns: the sample pages and their texts.
// Not here: real pages.
package gallery

import (
	_ "embed"

	"kapok/internal/kit/i18n"
)

//go:embed texts.json
var texts []byte
var _ = i18n.Register(texts)
