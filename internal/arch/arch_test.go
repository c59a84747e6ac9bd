package arch

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// order is the line of areas, low to high: an area imports only those before
// it. It keeps the import graph a line, never a knot.
var order = []string{
	"region", "audit", "notify", "person", "organisation", "account", "federation", "idp", "activity", "attendance", "record", "certificate", "privacy",
}

// above the areas: ui knows kit and region, leaf packages know areas and ui,
// and only cmd, bench, demo and e2e know leaf packages.
var top = []string{"api", "app", "bench", "demo", "e2e", "siteweb"}

type file struct {
	path, pkg string // path from the root, package directory below internal/
	test      bool
	ast       *ast.File
	src       string
}

func files(t *testing.T) []file {
	t.Helper()
	var out []file
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(root, p)
		if d.IsDir() && (d.Name() == "node_modules" || strings.HasPrefix(d.Name(), ".") && rel != "." || d.Name() == "data") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(p, ".go") {
			return nil
		}
		src, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), p, src, parser.ParseComments)
		if err != nil {
			return err
		}
		dir := filepath.ToSlash(filepath.Dir(rel))
		out = append(out, file{path: filepath.ToSlash(rel), pkg: strings.TrimPrefix(dir, "internal/"), test: strings.HasSuffix(p, "_test.go"), ast: f, src: string(src)})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(out) < 20 {
		t.Fatalf("only %d Go files found: the walk is broken", len(out))
	}
	return out
}

// own lists what a file imports from this module, below internal/.
func (f file) own() []string {
	var out []string
	for _, i := range f.ast.Imports {
		if p, ok := strings.CutPrefix(strings.Trim(i.Path.Value, `"`), "kapok/internal/"); ok {
			out = append(out, p)
		}
	}
	return out
}

func area(pkg string) string { a, _, _ := strings.Cut(pkg, "/"); return a }
func isLeaf(pkg string) bool {
	return strings.HasSuffix(pkg, "web") && strings.Contains(pkg, "/") && area(pkg) != "kit"
}
func isArea(pkg string) bool { return slices.Contains(order, area(pkg)) && !isLeaf(pkg) }

// mayImport says why from must not import to, or "".
func mayImport(from, to string) string {
	a, b := area(from), area(to)
	switch {
	case !strings.Contains(from, "/") && slices.Contains(top, from), strings.HasPrefix(from, "cmd"):
		return ""
	case isLeaf(to):
		return "a leaf package (pages and JSON handlers) is imported by nobody but the program"
	case a == "kit":
		if b != "kit" {
			return "kit knows no area"
		}
	case a == "ui":
		if b != "kit" && b != "region" && b != "ui" {
			return "shared components know no area but region"
		}
	case isLeaf(from):
		return ""
	case isArea(from):
		if b == "kit" || a == b {
			return ""
		}
		if b == "ui" && from != a {
			return "" // a component package of an area, beside its leaf
		}
		if !slices.Contains(order, b) || slices.Index(order, b) > slices.Index(order, a) {
			return "an area imports only areas below it"
		}
	}
	return ""
}

func TestImportsFollowTheFloors(t *testing.T) {
	for _, f := range files(t) {
		if f.test {
			continue
		}
		for _, to := range f.own() {
			if why := mayImport(f.pkg, to); why != "" {
				t.Errorf("%s imports %s: %s", f.path, to, why)
			}
		}
	}
}

func TestRuleItselfRefuses(t *testing.T) {
	for _, c := range []struct {
		from, to string
		ok       bool
	}{
		{"kit/web", "person", false}, {"person", "activity", false}, {"activity", "person", true}, {"activity/activityweb", "ui", true},
		{"ui", "person", false}, {"record", "activity/activityweb", false}, {"cmd/kapok", "record/recordweb", true}, {"person", "kit/pg", true},
	} {
		if got := mayImport(c.from, c.to) == ""; got != c.ok {
			t.Errorf("%s → %s: allowed %v, want %v", c.from, c.to, got, c.ok)
		}
	}
}

var schemaUse = regexp.MustCompile(`(?i)\b(?:from|join|into|update|table|only)\s+([a-z]+)\.[a-z_]+`)

func TestSQLStaysInItsSchema(t *testing.T) {
	for _, f := range files(t) {
		if f.test || !isArea(f.pkg) {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			lit, ok := n.(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				return true
			}
			for _, m := range schemaUse.FindAllStringSubmatch(lit.Value, -1) {
				if slices.Contains(order, m[1]) && m[1] != area(f.pkg) {
					t.Errorf("%s: SQL names schema %s; call its Go functions instead", f.path, m[1])
				}
			}
			return true
		})
	}
}

func TestAreasTakeTheTimeFromTheirClock(t *testing.T) {
	for _, f := range files(t) {
		if f.test || !isArea(f.pkg) && !isLeaf(f.pkg) {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if x, ok := sel.X.(*ast.Ident); ok && x.Name == "time" && sel.Sel.Name == "Now" {
				t.Errorf("%s: time.Now in an area; the clock is given, so that tests can set it", f.path)
			}
			return true
		})
	}
}

func TestEveryPackageSaysWhatItOwns(t *testing.T) {
	doc := map[string]bool{}
	for _, f := range files(t) {
		if !f.test {
			doc[f.pkg] = doc[f.pkg] || f.ast.Doc != nil
		}
	}
	for pkg, ok := range doc {
		if !ok {
			t.Errorf("package %s has no package comment", pkg)
		}
	}
}

func TestFilesStayReadable(t *testing.T) {
	for _, f := range files(t) {
		generated := strings.HasSuffix(f.path, "_templ.go")
		if n := strings.Count(f.src, "\n"); n > 600 && !generated && !f.test {
			t.Errorf("%s has %d lines: would a newcomer find their room?", f.path, n)
		}
	}
}

// huma leaves out what an embedded type that is not exported holds: the answer
// would have fields that the published contract lacks.
func TestEmbeddedJSONTypesAreExported(t *testing.T) {
	for _, f := range files(t) {
		if f.test || !isLeaf(f.pkg) {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			s, ok := n.(*ast.StructType)
			if !ok {
				return true
			}
			for _, field := range s.Fields.List {
				if name, ok := field.Type.(*ast.Ident); ok && len(field.Names) == 0 && strings.HasSuffix(name.Name, "JSON") && !name.IsExported() {
					t.Errorf("%s: %s is embedded and not exported", f.path, name.Name)
				}
			}
			return true
		})
	}
}
