package account

import (
	"slices"
	"strings"
)

// Roles lists every role that is given, organisations first.
var Roles = []Role{OrgAdmin, OrgApprover, OrgRecorder, TeamLeader, RegionAdmin, Inspector, CreditAuthority,
	SystemAdmin, SecurityAdmin, Auditor, Partner, Merchant}

// Reach says how far a role opens a gate.
type Reach string

// The reaches.
const (
	Closed Reach = "–"
	Within Reach = "in scope" // where the role holds
	Open   Reach = "yes"      // everywhere
)

// Passes tells how far a role opens the gate of a name, as Gate.String gives
// it. The empty role is somebody with an account and no role. It is for tables
// that people read; Can decides.
func Passes(gate string, r Role) Reach {
	gate = strings.TrimSuffix(gate, fresh)
	if gate == Public.String() || gate == SignedIn.String() {
		return Open
	}
	action, anywhere := strings.CutSuffix(gate, anyScope)
	switch {
	case !slices.Contains(rules[Action(action)], r):
		return Closed
	case anywhere || scopes[r] == Everywhere:
		return Open
	}
	return Within
}
