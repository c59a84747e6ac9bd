package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"kapok/internal/app"
)

// Options of a fill.
type Options struct {
	Seed     uint64    // the same seed makes the same life
	Scale    float64   // 1, or 0: a dozen counties and a few thousand people; 0.05: what a test needs
	Progress io.Writer // lines that say how far it is; nil: none
}

// ErrInUse says that a fill was interrupted and people have used the database
// since, so that it cannot begin anew by itself.
var ErrInUse = errors.New("demo: the last fill was interrupted, and somebody has signed in since; drop the database (or the data folder) and start again")

// Fill fills the database of a with a year of life up to now, through services
// of its own whose clocks move through that year. It does nothing when the
// database holds people that it did not make, or when it is done already; what
// an interrupted fill left behind is removed first.
func Fill(ctx context.Context, a *app.App, o Options) error {
	if o.Scale <= 0 {
		o.Scale = 1
	}
	if o.Progress == nil {
		o.Progress = io.Discard
	}
	unlock, err := lock(ctx, a.Pool)
	if err != nil {
		return err
	}
	defer unlock()
	needed, err := prepare(ctx, a, o)
	if err != nil || !needed {
		return err
	}
	began := time.Now()
	l, err := plan(a.Regions, planOptions{seed: o.Seed, scale: o.Scale, now: a.Clock.Now()})
	if err != nil {
		return err
	}
	fmt.Fprintf(o.Progress, "演示数据 demo: %d people, %d organisations and %d activities live through a year …\n", len(l.people), len(l.bodies), len(l.runs))
	if err := replayed(ctx, a, o, l); err != nil {
		return err
	}
	// This commit waits for the disk, and with it everything before it is safe.
	if _, err := a.Pool.Exec(ctx, `UPDATE demo.fill SET finished_at = $1`, a.Clock.Now()); err != nil {
		return err
	}
	fmt.Fprintf(o.Progress, "演示数据 demo: done in %s\n", time.Since(began).Round(time.Second))
	return nil
}
