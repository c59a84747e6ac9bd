package app

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// nameCorrected is when a holder's name was last put right, for certificates.
func (a *App) nameCorrected(ctx context.Context, who uuid.UUID) (*time.Time, error) {
	p, err := a.People.Get(ctx, who)
	return p.NameCorrected, err
}
