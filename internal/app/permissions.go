package app

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"kapok/internal/account"
	"kapok/internal/kit/web"
)

// Permissions is the table of every route and every role, for an auditor: made
// from the gates the routes stand behind and the one table of rules.
func (a *App) Permissions() []byte {
	routes := slices.SortedFunc(slices.Values(a.Site.Routes()), func(x, y web.Route) int {
		if c := strings.Compare(x.Path, y.Path); c != 0 {
			return c
		}
		return strings.Compare(x.Method, y.Method)
	})
	var b bytes.Buffer
	b.WriteString("| method | path | gate | nobody | volunteer |")
	for _, r := range account.Roles {
		mark := ""
		if r.NeedsTwo() {
			mark = "²"
		}
		fmt.Fprintf(&b, " %s%s |", r, mark)
	}
	b.WriteString("\n|---|---|---|" + strings.Repeat(":-:|", 2+len(account.Roles)) + "\n")
	for _, r := range routes {
		gate := r.Gate.String()
		nobody := account.Closed
		if gate == account.Public.String() {
			nobody = account.Open
		}
		fmt.Fprintf(&b, "| %s | `%s` | %s | %s | %s |", r.Method, strings.TrimSuffix(r.Path, "{$}"), gate, nobody, account.Passes(gate, ""))
		for _, role := range account.Roles {
			fmt.Fprintf(&b, " %s |", account.Passes(gate, role))
		}
		b.WriteByte('\n')
	}
	return b.Bytes()
}
