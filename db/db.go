// Package db embeds the migrations: one ordered, forward-only sequence, one
// PostgreSQL schema per area, numbers in steps of ten by area.
package db

import "embed"

// Migrations holds migrations/*.sql in goose's format.
//
//go:embed migrations/*.sql
var Migrations embed.FS
