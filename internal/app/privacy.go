package app

import (
	"context"

	"golang.org/x/sync/errgroup"

	"kapok/internal/audit"
	"kapok/internal/kit/crypt"
)

// privacy is what the platform has for the rights of people over their data.
type privacy struct {
	Chain *audit.Chain
}

// AuditKey is what the chain over the audit is keyed with.
func AuditKey(k *crypt.Keys) []byte { return k.Derive("audit/chain") }

func (a *App) makePrivacy(context.Context) error {
	a.Chain = &audit.Chain{Pool: a.Pool, Key: AuditKey(a.Keys), Log: a.Log}
	return nil
}

// runPrivacy does what no request asks for: sealing the audit.
func (a *App) runPrivacy(ctx context.Context, g *errgroup.Group) {
	g.Go(func() error { a.Chain.Run(ctx); return nil })
}
