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
	common *batch.Group[uint8, SignUpRequest, Signup]
	alone  *batch.Group[uuid.UUID, SignUpRequest, Signup]
	slots  chan struct{} // for alone, so that waiting for locks cannot use up the pool
	full   fullHints
	hook   SignupHook
}

func (s *Service) gatherSignups() {
	s.signups.common = batch.New[uint8](batchMax, func(load []SignUpRequest) ([]batch.Answer[Signup], error) {
		return s.signUpAll(load, false)
	}, oneMayBeAtFault)
	s.signups.slots = make(chan struct{}, lanes)
	s.signups.alone = batch.New[uuid.UUID](batchMax, func(load []SignUpRequest) ([]batch.Answer[Signup], error) {
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
	g, err := s.signups.common.Do(ctx, r.Shift[15]%lanes, r)
	for try := 0; errors.Is(err, errElsewhere) && try < 5; try++ {
		g, err = s.signups.alone.Do(ctx, r.Shift, r)
	}
	if errors.Is(err, errElsewhere) || errors.Is(err, context.DeadlineExceeded) {
		err = ErrSignupBusy.Because(err)
	}
	return g, err
}

// oneMayBeAtFault: the database refused a statement, so maybe because of one
// of the requests. When it cannot be reached, trying each alone is no use.
func oneMayBeAtFault(err error) bool {
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
func (s *Service) signUpAll(load []SignUpRequest, wait bool) ([]batch.Answer[Signup], error) {
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
	load []SignUpRequest
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
	shifts, persons := distinct(d.load, func(r SignUpRequest) uuid.UUID { return r.Shift }), distinct(d.load, func(r SignUpRequest) uuid.UUID { return r.Person })
	err := d.sheet.readTx(ctx, d.tx, shifts, d.load, d.wait)
	if err == nil {
		d.sheet.facts, err = d.people.FactsToDecide(ctx, d.tx, persons)
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

func (d *desk) decide(r SignUpRequest) verdict {
	if d.sheet.posts[r.Shift] == nil && !d.wait {
		return verdict{err: errElsewhere}
	}
	return d.sheet.decide(r)
}

// insert writes what was granted. A sign-up that lost against another
// transaction (the same person, elsewhere, this moment) goes on alone; so do
// those who found its shift full, as a place may be left after all.
func (d *desk) insert(ctx context.Context) error {
	var fresh []Signup
	for _, v := range d.verdicts {
		if v.fresh {
			fresh = append(fresh, v.signup)
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
		d.settle(&d.verdicts[i], d.load[i].Shift, queue, lost)
	}
	return nil
}

func (d *desk) settle(v *verdict, shift uuid.UUID, queue map[uuid.UUID]int64, lost map[uuid.UUID]bool) {
	n, taken := queue[v.signup.ID]
	switch {
	case taken:
		v.signup.Queue = n
		if v.fresh {
			d.events = append(d.events, SignupEvent{Signup: v.signup, Cause: CauseSignedUp})
		}
	case v.signup.ID != uuid.Nil && v.signup.Queue == 0, v.full && lost[shift]:
		*v = verdict{err: errElsewhere}
	}
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

func (d *desk) answers() []batch.Answer[Signup] {
	out := make([]batch.Answer[Signup], len(d.verdicts))
	for i, v := range d.verdicts {
		out[i] = batch.Answer[Signup]{Value: v.signup, Err: v.err}
	}
	return out
}
