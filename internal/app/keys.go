package app

import (
	"context"
	"errors"
	"slices"
	"time"

	"kapok/internal/account"
	"kapok/internal/kit/crypt"
	"kapok/internal/kit/reseal"
	"kapok/internal/person"
	"kapok/internal/privacy"
)

// SealedColumns are all columns of values that only the keys open.
func SealedColumns() []reseal.Column {
	return slices.Concat(person.SealedColumns, account.SealedColumns, privacy.SealedColumns)
}

// FollowKeys is how often a node looks for a new data key. A value under one
// that it has not heard of yet makes it look at once.
const FollowKeys = 30 * time.Second

func (a *App) followKeys(ctx context.Context) {
	tick := time.NewTicker(FollowKeys)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := a.Keys.Reload(); err != nil && !errors.Is(err, crypt.ErrInMemory) {
				a.Log.ErrorContext(ctx, "keys cannot be read", "error", err.Error())
			}
		}
	}
}
