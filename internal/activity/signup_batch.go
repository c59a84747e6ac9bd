package activity

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"kapok/internal/kit/batch"
	"kapok/internal/kit/pg"
)

// SignupHook learns of changes within the transaction that makes them; its
// error undoes them. It must be quick: the lock of the shift is held.
type SignupHook func(ctx context.Context, tx pgx.Tx, events []SignupEvent) error

const (
	lanes        = 4                // common lanes, and busy shifts worked at a time: each uses one connection
	batchMax     = 256              // requests decided in one transaction; below the step of activity.signup_queue
	batchTimeout = 15 * time.Second // a batch that takes longer is given up; nothing of it is kept
)

// signups gathers the requests that arrive at the same time and decides them
// together: one lock, one insert, one commit for many. A request first takes
// one of a few common lanes, whose batches hold requests of many shifts and
// never wait for a lock. If its shift is locked by somebody else (another
// node, an organiser), it goes on in a lane of that shift alone, which waits.
type signups struct {
	common *batch.Group[uint8, FamilyRequest, []Signup]
	alone  *batch.Group[uuid.UUID, FamilyRequest, []Signup]
	slots  chan struct{} // for alone, so that waiting for locks cannot use up the pool
	full   fullHints
	hook   SignupHook
}

func (s *Service) gatherSignups() {
	s.signups.common = batch.New[uint8](batchMax, func(load []FamilyRequest) ([]batch.Answer[[]Signup], error) {
		return s.signUpAll(load, false)
	}, oneMayBeAtFault)
	s.signups.slots = make(chan struct{}, lanes)
	s.signups.alone = batch.New[uuid.UUID](batchMax, func(load []FamilyRequest) ([]batch.Answer[[]Signup], error) {
		s.signups.slots <- struct{}{}
		defer func() { <-s.signups.slots }()
		return s.signUpAll(load, true)
	}, oneMayBeAtFault)
}

// OnSignupChanged sets the hook; call it before the first request.
func (s *Service) OnSignupChanged(h SignupHook) { s.signups.hook = h }

// errElsewhere: the shift is locked by somebody else, or a row of another
// transaction came first. Nothing was done; the request tries again alone.
var errElsewhere = errors.New("activity: another transaction is at it")

// SignUp gives a place, a place in the waiting list, or the reasons why not.
// Asking again gives the same sign-up again, so that a double click, a lost
// answer and a crash are harmless.
func (s *Service) SignUp(ctx context.Context, r SignUpRequest) (Signup, error) {
	if err := s.signups.full.refuses(r, s.clk.Now()); err != nil {
		return Signup{}, err
	}
	g, err := s.SignUpFamily(ctx, r.family())
	if err != nil {
		return Signup{}, err
	}
	return g[0], nil
}

// oneMayBeAtFault: the database refused a statement, so maybe because of one
// of the requests. When it cannot be reached, trying each alone is no use.
func oneMayBeAtFault(err error) bool {
	if errors.Is(err, errElsewhere) { // a family that another transaction would have parted
		return true
	}
	if pe, ok := errors.AsType[*pgconn.PgError](err); ok {
		return !slices.Contains([]string{"08", "53", "57"}, pe.Code[:2]) // lost, no room, shutting down
	}
	_, network := errors.AsType[net.Error](err)
	_, refused := errors.AsType[*pgconn.ConnectError](err)
	return !network && !refused && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) &&
		!errors.Is(err, context.DeadlineExceeded) && !pgconn.SafeToRetry(err)
}

// signUpAll decides a load in one transaction. It has its own context: callers
// who give up must not stop the others.
func (s *Service) signUpAll(load []FamilyRequest, wait bool) ([]batch.Answer[[]Signup], error) {
	ctx, cancel := context.WithTimeout(context.Background(), batchTimeout)
	defer cancel()
	epoch := s.signups.full.epoch()
	var d *desk
	err := pg.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		d = &desk{Service: s, tx: tx, load: load, wait: wait}
		return d.work(ctx)
	})
	if err != nil {
		return nil, err
	}
	s.signups.full.note(epoch, d.full)
	return d.answers(), nil
}

// desk is where one load is decided, within its transaction.
type desk struct {
	*Service
	tx   pgx.Tx
	load []FamilyRequest
	wait bool // for locks; else requests whose shift is locked are sent on

	sheet    sheet
	verdicts []verdict
	events   []SignupEvent
	full     []hint
}

func (d *desk) work(ctx context.Context) error {
	if err := d.read(ctx); err != nil {
		return err
	}
	if err := d.promote(ctx); err != nil {
		return err
	}
	for _, r := range d.load {
		d.verdicts = append(d.verdicts, d.decide(r))
	}
	if err := d.insert(ctx); err != nil {
		return err
	}
	if err := d.noteFull(ctx); err != nil {
		return err
	}
	return d.tell(ctx, d.tx, d.events)
}

func (d *desk) read(ctx context.Context) error {
	d.sheet.now = d.clk.Now()
	var singles []SignUpRequest
	for _, r := range d.load {
		singles = append(singles, r.each()...)
	}
	shifts, persons := distinct(singles, func(r SignUpRequest) uuid.UUID { return r.Shift }), distinct(singles, func(r SignUpRequest) uuid.UUID { return r.Person })
	err := d.sheet.readTx(ctx, d.tx, shifts, singles, d.wait)
	if err == nil {
		d.sheet.facts, err = d.people.FactsToDecide(ctx, d.tx, persons)
	}
	if err == nil {
		d.sheet.company, err = d.companyTx(ctx, d.tx, d.sheet.posts, d.sheet.facts, singles)
	}
	return err
}

func distinct(load []SignUpRequest, of func(SignUpRequest) uuid.UUID) []uuid.UUID {
	ids := make([]uuid.UUID, len(load))
	for i, r := range load {
		ids[i] = of(r)
	}
	slices.SortFunc(ids, func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) })
	return slices.Compact(ids)
}

// promote gives places that stand free to those who wait, before anybody new
// is looked at.
func (d *desk) promote(ctx context.Context) error {
	for _, v := range d.sheet.posts {
		events, err := d.promoteTx(ctx, d.tx, v, d.sheet.now)
		if err != nil {
			return err
		}
		for _, e := range events {
			if p := (pair{v.ID, e.Signup.Person}); d.sheet.here[p].ID == e.Signup.ID {
				d.sheet.here[p] = e.Signup
			}
		}
		d.events = append(d.events, events...)
	}
	return nil
}

func (d *desk) decide(r FamilyRequest) verdict {
	switch {
	case d.sheet.posts[r.Shift] == nil && !d.wait:
		return verdict{err: errElsewhere}
	case len(r.People) == 1:
		return d.sheet.decide(r.each()[0])
	}
	return d.sheet.decideFamily(r)
}

// insert writes what was granted. A sign-up that lost against another
// transaction (the same person, elsewhere, this moment) goes on alone; so do
// those who found its shift full, as a place may be left after all.
func (d *desk) insert(ctx context.Context) error {
	var fresh []Signup
	for _, v := range d.verdicts {
		if v.fresh {
			fresh = append(fresh, v.signups...)
		}
	}
	if len(fresh) == 0 {
		return nil
	}
	queue, err := d.sheet.insertTx(ctx, d.tx, fresh)
	if err != nil {
		return err
	}
	lost := map[uuid.UUID]bool{}
	for _, g := range fresh {
		if _, taken := queue[g.ID]; !taken {
			lost[g.Shift] = true
		}
	}
	for i := range d.verdicts {
		if err := d.settle(&d.verdicts[i], d.load[i].Shift, queue, lost); err != nil {
			return err
		}
	}
	return nil
}

// settle gives a verdict its turns in the queue. Of a family nobody or everybody
// is kept: when one was lost the whole load is undone and tried one by one.
func (d *desk) settle(v *verdict, shift uuid.UUID, queue map[uuid.UUID]int64, lost map[uuid.UUID]bool) error {
	if v.full && lost[shift] {
		*v = verdict{err: errElsewhere}
		return nil
	}
	for i := range v.signups {
		n, taken := queue[v.signups[i].ID]
		switch {
		case taken:
			v.signups[i].Queue = n
			if v.fresh {
				d.events = append(d.events, SignupEvent{Signup: v.signups[i], Cause: CauseSignedUp})
			}
		case v.signups[i].Queue == 0 && len(v.signups) > 1:
			return errElsewhere
		case v.signups[i].Queue == 0:
			*v = verdict{err: errElsewhere}
			return nil
		}
	}
	return nil
}

// noteFull remembers which shifts were found full, so that the next requests
// can be turned away at the door.
func (d *desk) noteFull(ctx context.Context) error {
	for i, v := range d.verdicts {
		shift := d.load[i].Shift
		if !v.full || slices.ContainsFunc(d.full, func(h hint) bool { return h.shift == shift }) {
			continue
		}
		h, err := hintTx(ctx, d.tx, d.sheet.posts[shift].Shift, d.sheet.now)
		if err != nil {
			return err
		}
		d.full = append(d.full, h)
	}
	return nil
}

func (s *Service) tell(ctx context.Context, tx pgx.Tx, events []SignupEvent) error {
	if s.signups.hook == nil || len(events) == 0 {
		return nil
	}
	return s.signups.hook(ctx, tx, events)
}

func (d *desk) answers() []batch.Answer[[]Signup] {
	out := make([]batch.Answer[[]Signup], len(d.verdicts))
	for i, v := range d.verdicts {
		out[i] = batch.Answer[[]Signup]{Value: v.signups, Err: v.err}
	}
	return out
}
