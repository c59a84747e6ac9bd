package federationweb

import (
	"context"

	"kapok/internal/federation"
	"kapok/internal/ui"
)

// levelKind colours a level of assurance.
func levelKind(level int) ui.Kind {
	if level >= 2 {
		return ui.Jade
	}
	return ui.Plain
}

// told says what a provider tells us.
func told(ctx context.Context, p *federation.Provider) string {
	switch {
	case p.SubjectOnly:
		return t(ctx, "federation.told.subject")
	case p.Level == 0:
		return t(ctx, "federation.told.sign_in")
	case p.ClaimDocument != "":
		return t(ctx, "federation.told.document")
	}
	return t(ctx, "federation.told.birth")
}
