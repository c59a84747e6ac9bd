package app_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kapok/internal/api"
	"kapok/internal/app"
	"kapok/internal/kit/clock"
	"kapok/internal/kit/conf"
	"kapok/internal/kit/pgtest"
)

var update = flag.Bool("update", false, "write the golden file of the API; refused when its version did not change")

// golden is the published contract.
var golden = filepath.Join("..", "..", "api", "openapi.json")

// The API is what the golden file says. Whoever changes it changes api.Version
// too and renews the file with -update.
func TestOpenAPIIsTheGoldenFile(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	if err := app.LoadDivisions(t.Context(), pool); err != nil {
		t.Fatal(err)
	}
	c := conf.Default()
	c.Data = t.TempDir()
	a, err := app.New(t.Context(), app.Options{Config: c, Pool: pool, Clock: clock.System{}, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	now, err := api.Document(a.API)
	if err != nil {
		t.Fatal(err)
	}
	was, err := os.ReadFile(golden)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	switch {
	case bytes.Equal(now, was):
		return
	case version(was) == api.Version:
		t.Errorf("the API changed but its version is still %s: raise api.Version, then go test ./internal/app -run OpenAPI -update\nfirst difference: %s", api.Version, difference(was, now))
	case *update:
		if err := os.WriteFile(golden, now, 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("api/openapi.json is of version %q, the program of %s: go test ./internal/app -run OpenAPI -update", version(was), api.Version)
	}
}

func version(doc []byte) string {
	var d struct {
		Info struct {
			Version string `json:"version"`
		} `json:"info"`
	}
	_ = json.Unmarshal(doc, &d) // no document has no version
	return d.Info.Version
}

// difference is the first line that is not the same.
func difference(a, b []byte) string {
	was, now := strings.Split(string(a), "\n"), strings.Split(string(b), "\n")
	for i := range min(len(was), len(now)) {
		if was[i] != now[i] {
			return strings.TrimSpace(was[i]) + " → " + strings.TrimSpace(now[i])
		}
	}
	return "its end"
}
