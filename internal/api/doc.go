// Package api shows the JSON API to those who use it: the OpenAPI 3.1 document
// and a page to read it.
//
// Owns: /api/v1/openapi.json, /api/docs, the golden file of the contract.
// Words: 接口 API, 操作 operation.
// Invariants: the document is made from the operations themselves; when it
// changes, its version changes (a test compares it with api/openapi.json).
// Not here: the operations; they stand in the leaf package of their area.
package api

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	_ "embed"

	"kapok/internal/kit/i18n"
	"kapok/internal/kit/web"
)

// Version is the version of the contract: major for a break, minor for an
// addition. The golden file must be renewed with it.
const Version = "1.6.0"

//go:embed texts.json
var texts []byte
var _ = i18n.Register(texts)

// Register adds the document and the page that shows it.
func Register(site *web.Site, a *web.API, public web.Gate) {
	site.Handle("GET", "/api/v1/openapi.json", public, func(w http.ResponseWriter, r *http.Request) error {
		body, err := Document(a)
		if err != nil {
			return err
		}
		w.Header().Set("Content-Type", "application/json")
		_, err = w.Write(body)
		return err
	})
	site.Handle("GET", "/api/docs", public, func(w http.ResponseWriter, r *http.Request) error {
		return web.Page(w, r, http.StatusOK, docs(groups(a.OpenAPI())))
	})
}

// Document is the OpenAPI document, indented, the same bytes for the same API.
func Document(a *web.API) ([]byte, error) {
	doc := a.OpenAPI()
	doc.Info.Description = "Kapok 木棉: activities, sign-ups, attendance, hours and certificates. " +
		"Errors are application/problem+json with a stable code; texts follow Accept-Language (zh-Hans, zh-Hant, en)."
	raw, err := json.Marshal(doc)
	if err != nil {
		return nil, err
	}
	var tree any
	if err := json.Unmarshal(raw, &tree); err != nil {
		return nil, err
	}
	return json.MarshalIndent(tree, "", "  ")
}

// group is the operations of one tag.
type group struct {
	Name string
	Ops  []operation
}

// operation is one operation as the page shows it.
type operation struct {
	Method, Path, ID, Summary, Description string
	Gate                                   string
	Params                                 []field
	Body, Answer                           []field
	Status                                 string
}

// field is a parameter or a property.
type field struct {
	Name, Type, Doc string
	Required        bool
}

func groups(doc *huma.OpenAPI) []group {
	byTag := map[string][]operation{}
	for path, item := range doc.Paths {
		for method, op := range methods(item) {
			tag := "other"
			if len(op.Tags) > 0 {
				tag = op.Tags[0]
			}
			byTag[tag] = append(byTag[tag], describe(doc, method, path, op))
		}
	}
	var out []group
	for tag, ops := range byTag {
		slices.SortFunc(ops, func(a, b operation) int {
			return strings.Compare(a.Path+" "+a.Method, b.Path+" "+b.Method)
		})
		out = append(out, group{Name: tag, Ops: ops})
	}
	slices.SortFunc(out, func(a, b group) int { return strings.Compare(a.Name, b.Name) })
	return out
}

func methods(i *huma.PathItem) map[string]*huma.Operation {
	out := map[string]*huma.Operation{}
	for m, op := range map[string]*huma.Operation{"GET": i.Get, "POST": i.Post, "PUT": i.Put, "PATCH": i.Patch, "DELETE": i.Delete} {
		if op != nil {
			out[m] = op
		}
	}
	return out
}

func describe(doc *huma.OpenAPI, method, path string, op *huma.Operation) operation {
	o := operation{Method: method, Path: path, ID: op.OperationID, Summary: op.Summary, Description: op.Description}
	o.Gate, _ = op.Extensions["x-gate"].(string)
	for _, p := range op.Parameters {
		o.Params = append(o.Params, field{Name: p.Name, Type: typeOf(p.Schema), Doc: p.Description, Required: p.Required})
	}
	if op.RequestBody != nil {
		o.Body = properties(doc, op.RequestBody.Content)
	}
	for status, r := range op.Responses {
		if strings.HasPrefix(status, "2") {
			o.Status, o.Answer = status, properties(doc, r.Content)
		}
	}
	return o
}

func properties(doc *huma.OpenAPI, content map[string]*huma.MediaType) []field {
	m := content["application/json"]
	if m == nil || m.Schema == nil {
		return nil
	}
	s := resolve(doc, m.Schema)
	if s.Type == "array" {
		s = resolve(doc, s.Items)
	}
	var out []field
	for name, p := range s.Properties {
		out = append(out, field{Name: name, Type: typeOf(p), Doc: p.Description, Required: slices.Contains(s.Required, name)})
	}
	slices.SortFunc(out, func(a, b field) int { return strings.Compare(a.Name, b.Name) })
	return out
}

func resolve(doc *huma.OpenAPI, s *huma.Schema) *huma.Schema {
	if s.Ref != "" {
		if r := doc.Components.Schemas.SchemaFromRef(s.Ref); r != nil {
			return r
		}
	}
	return s
}

func typeOf(s *huma.Schema) string {
	switch {
	case s == nil:
		return ""
	case s.Ref != "":
		return s.Ref[strings.LastIndexByte(s.Ref, '/')+1:]
	case s.Type == "array":
		return "[" + typeOf(s.Items) + "]"
	case s.Format != "":
		return s.Type + " " + s.Format
	}
	return s.Type
}
