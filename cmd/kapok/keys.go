package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"kapok/internal/app"
	"kapok/internal/kit/clock"
	"kapok/internal/kit/conf"
	"kapok/internal/kit/crypt"
	"kapok/internal/kit/obs"
	"kapok/internal/kit/reseal"
)

// restBeforeRetiring is how old a key must be, since it was followed by another,
// before it is forgotten: by then no cookie and no node holds on to it.
const restBeforeRetiring = 24 * time.Hour

// runKeys lists, rotates and retires data keys; the platform may serve meanwhile.
func runKeys(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	action := "list"
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		action, args = args[0], args[1:]
	}
	var s settings
	fs := flag.NewFlagSet("kapok keys [list|rotate|retire]", flag.ContinueOnError)
	s.flags(fs)
	if code, ok := parse(fs, args, stderr); !ok {
		return code
	}
	c, err := s.load()
	if err != nil {
		return usageError(stderr, err)
	}
	do, known := map[string]func(*keyring, context.Context) error{
		"list": (*keyring).list, "rotate": (*keyring).rotate, "retire": (*keyring).retire}[action]
	if !known || fs.NArg() > 0 {
		return usageError(stderr, fmt.Errorf("list, rotate or retire, not %q", append([]string{action}, fs.Args()...)))
	}
	log := obs.Logger(stderr, c.LogLevel, c.LogFormat)
	db, err := s.join(ctx, c, log)
	if err != nil {
		return fail(log, "no database", err)
	}
	defer db.close()
	keys, err := openKeys(c)
	if err != nil {
		return fail(log, "no keys", err)
	}
	if err := do(&keyring{db, keys, clock.System{}, stdout}, ctx); err != nil {
		return fail(log, "keys", err)
	}
	return exitGood
}

// openKeys opens the keys as the platform does.
func openKeys(c conf.Config) (*crypt.Keys, error) {
	return crypt.OpenWith(filepath.Join(c.Data, "keys"), app.KeyHolder(c))
}

// keyring is the keys beside the values they seal.
type keyring struct {
	db   *database
	keys *crypt.Keys
	clk  clock.Clock
	out  io.Writer
}

// uses counts the values under each key.
func (k *keyring) uses(ctx context.Context) (map[uint32]int, error) {
	all := map[uint32]int{}
	for _, c := range app.SealedColumns() {
		some, err := reseal.Count(ctx, k.db, c)
		if err != nil {
			return nil, err
		}
		for id, n := range some {
			all[id] += n
		}
	}
	return all, nil
}

func (k *keyring) list(ctx context.Context) error {
	uses, err := k.uses(ctx)
	if err != nil {
		return err
	}
	data, err := k.keys.DataKeys()
	for _, d := range data {
		made, now := "at the beginning", ""
		if !d.Made.IsZero() {
			made = d.Made.Format(time.DateTime) + " UTC"
		}
		if d.Current {
			now = ", current"
		}
		fmt.Fprintf(k.out, "data key %d, made %s%s: %d values\n", d.ID, made, now, uses[d.ID])
		delete(uses, d.ID)
	}
	for _, id := range slices.Sorted(maps.Keys(uses)) {
		fmt.Fprintf(k.out, "data key %d is not in the folder: %d values cannot be read\n", id, uses[id])
	}
	return err
}

// rotate makes a key and brings all values under it. A node that has not heard
// of the new key seals under the old one for a moment more: hence the second walk.
func (k *keyring) rotate(ctx context.Context) error {
	id, err := k.keys.Rotate(k.clk.Now())
	if err != nil {
		return err
	}
	fmt.Fprintf(k.out, "data key %d seals from now on\n", id)
	if err := k.reseal(ctx); err != nil {
		return err
	}
	fmt.Fprintf(k.out, "waiting %s for all nodes to follow\n", app.FollowKeys)
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(app.FollowKeys):
	}
	if err := k.reseal(ctx); err != nil {
		return err
	}
	fmt.Fprintf(k.out, "all values are under data key %d; kapok keys retire forgets older ones after %s\n", id, restBeforeRetiring)
	return nil
}

func (k *keyring) reseal(ctx context.Context) error {
	for _, c := range app.SealedColumns() {
		shown := 0
		n, err := reseal.Run(ctx, k.db, k.keys, c, func(n int) {
			if shown += n; shown%100_000 < n {
				fmt.Fprintf(k.out, "  %s: %d\n", c, shown)
			}
		})
		if err != nil {
			return err
		}
		fmt.Fprintf(k.out, "  %s: %d values brought over\n", c, n)
	}
	return nil
}

// retire forgets the keys that nothing is sealed under any more.
func (k *keyring) retire(ctx context.Context) error {
	uses, err := k.uses(ctx)
	if err != nil {
		return err
	}
	data, err := k.keys.DataKeys()
	if err != nil {
		return err
	}
	if newest := data[len(data)-1].Made; k.clk.Now().Sub(newest) < restBeforeRetiring {
		return fmt.Errorf("the newest key is younger than %s: come back after %s", restBeforeRetiring, newest.Add(restBeforeRetiring).Format(time.DateTime))
	}
	var old []uint32
	for _, d := range data {
		if !d.Current && uses[d.ID] == 0 {
			old = append(old, d.ID)
		}
	}
	if len(old) == 0 {
		fmt.Fprintln(k.out, "no key can be retired")
		return nil
	}
	fmt.Fprintf(k.out, "retiring data keys %v\n", old)
	return k.keys.Retire(old...)
}
