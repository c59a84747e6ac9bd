package person_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/kit/pg"
	"kapok/internal/person"
	"kapok/internal/person/persontest"
)

func permit(number string) person.NewDocument {
	return person.NewDocument{DocumentInput: person.DocumentInput{Kind: person.TravelPermit, Number: number}}
}

func TestARenewedPermitIsTheSameDocument(t *testing.T) {
	b, ctx := setup(t), context.Background()
	p := persontest.Adult(t, b.Service)
	if err := b.AddDocument(ctx, p.ID, permit("H1234567800")); err != nil {
		t.Fatal(err)
	}
	if err := b.AddDocument(ctx, p.ID, permit("H1234567801")); err != nil {
		t.Errorf("a renewal: %v", err)
	}
	if err := b.AddDocument(ctx, p.ID, permit("H1234567801")); fieldCodes(err)["document_number"] != "person.own_document" {
		t.Errorf("the same card again: %v", err)
	}
	docs, err := b.Documents(ctx, p.ID)
	if err != nil || len(docs) != 2 || docs[1].Masked != "H1*******01" {
		t.Errorf("documents %v, %v", docs, err)
	}
	other := persontest.Adult(t, b.Service)
	if err := b.AddDocument(ctx, other.ID, permit("H1234567802")); fieldCodes(err)["document_number"] != "person.document_held" {
		t.Errorf("another's permit: %v", err)
	}
}

func TestWhatDoesNotFitIsToldAtItsField(t *testing.T) {
	b, ctx := setup(t), context.Background()
	p := persontest.Adult(t, b.Service)
	hkid := func(name string) person.NewDocument {
		return person.NewDocument{DocumentInput: person.DocumentInput{Kind: person.HKID, Number: persontest.HKID()}, Name: name}
	}
	add := func(d person.NewDocument) map[string]string { return fieldCodes(b.AddDocument(ctx, p.ID, d)) }
	yesterday := hkid("")
	yesterday.ValidTo = now.AddDate(0, 0, -1)
	born := person.NewDocument{DocumentInput: person.DocumentInput{Kind: person.ResidencePermit, Number: persontest.MainlandID("1991-05-01")}}
	second := person.NewDocument{DocumentInput: person.DocumentInput{Kind: person.MainlandID, Number: persontest.MainlandID("1990-05-01")}}
	for _, c := range []struct {
		what string
		doc  person.NewDocument
		want map[string]string
	}{
		{"an expired card", yesterday, map[string]string{"valid_to": "person.document_expired"}},
		{"another name", hkid("王大锤"), map[string]string{"name": "person.name_differs"}},
		{"another birth date", born, map[string]string{"document_number": "person.birth_differs"}},
		{"full-width and dots fold", hkid("李小文"), map[string]string{}},
		{"a second number for life", hkid(""), map[string]string{"document_number": "person.document_second"}},
	} {
		if got := add(c.doc); !cmp.Equal(got, c.want) {
			t.Errorf("%s: %v", c.what, got)
		}
	}
	if got := add(second)["document_number"]; got != "person.document_second" && got != "person.gender_differs" {
		t.Errorf("a second mainland number: %s", got)
	}
	if err := b.AddDocument(ctx, p.ID, person.NewDocument{DocumentInput: person.DocumentInput{Kind: person.Passport, Issuer: "PT", Number: "N123456"}, Name: "Lei Siu Man"}); err != nil {
		t.Fatal(err)
	}
	if got, err := b.Get(ctx, p.ID); err != nil || got.NameLatin != "Lei Siu Man" {
		t.Errorf("the name in Latin letters was not kept: %q %v", got.NameLatin, err)
	}
}

func TestAssuranceRisesAndFallsBack(t *testing.T) {
	b, ctx := setup(t), context.Background()
	p, desk := persontest.Adult(t, b.Service), uuid.New()
	docs, err := b.Documents(ctx, p.ID)
	if err != nil {
		t.Fatal(err)
	}
	assure := func(a person.Assurance) error {
		return pg.InTx(ctx, b.pool, func(tx pgx.Tx) error { return b.AssureTx(ctx, tx, a) })
	}
	level := func() int {
		t.Helper()
		all, err := b.AssuranceOf(ctx, b.pool, []uuid.UUID{p.ID, uuid.New()})
		if err != nil {
			t.Fatal(err)
		}
		return all[p.ID]
	}
	until := now.AddDate(0, 1, 0)
	on := func(l int, by *uuid.UUID) person.Assurance {
		return person.Assurance{Person: p.ID, Document: &docs[0].ID, Level: l, By: by, Source: person.SourceDesk, ValidTo: &until}
	}
	if err := assure(on(3, &p.ID)); !errors.Is(err, person.ErrOwnAssurance) {
		t.Errorf("vouches for himself: %v", err)
	}
	named := on(3, &desk)
	named.Name = "王大锤"
	if err := assure(named); !errors.Is(err, person.ErrNameDiffers) {
		t.Errorf("another name: %v", err)
	}
	foreign := on(3, &desk)
	foreign.Document = &desk
	if err := assure(foreign); !errors.Is(err, person.ErrNotFound) {
		t.Errorf("another's document: %v", err)
	}
	if err := assure(on(3, nil)); err == nil {
		t.Error("in person, but by nobody")
	}
	for _, c := range []struct{ give, want int }{{1, 1}, {3, 3}, {1, 3}} {
		if err := assure(on(c.give, &desk)); err != nil || level() != c.want {
			t.Errorf("after %d: level %d, %v", c.give, level(), err)
		}
	}
	b.clk.Set(until.AddDate(0, 0, 2))
	if got := level(); got != 0 {
		t.Errorf("expired, but level %d", got)
	}
	if docs, err = b.Documents(ctx, p.ID); err != nil || docs[0].Assurance != 0 || !docs[0].Expired {
		t.Errorf("expired, but shown with level %d, %v", docs[0].Assurance, err)
	}
	if err := assure(person.Assurance{Person: p.ID, Level: 2, Source: "iam_smart"}); err != nil || level() != 2 {
		t.Errorf("an authority's word: level %d, %v", level(), err)
	}
	if _, err := b.pool.Exec(ctx, `UPDATE person.verification SET level = 3 WHERE person = $1`, p.ID); err == nil {
		t.Error("a check was changed afterwards")
	}
	if list, err := b.Verifications(ctx, p.ID); err != nil || len(list) != 4 {
		t.Errorf("%d checks, %v", len(list), err)
	}
}

func TestRenewingDropsTheLevelOfTheOldCard(t *testing.T) {
	b, ctx := setup(t), context.Background()
	p, desk := persontest.Adult(t, b.Service), persontest.Adult(t, b.Service)
	in := permit("H7654321000")
	in.Name = "李小文"
	check := func() error {
		_, err := b.CheckAtDesk(ctx, person.DeskCheck{VolunteerNo: p.VolunteerNo, NewDocument: in, Level: 3, By: desk.ID}, func(person.Person) error { return nil })
		return err
	}
	for range 2 { // a card nobody has is added; checking it again is no error
		if err := check(); err != nil {
			t.Fatal(err)
		}
	}
	in.Number = "H7654321001"
	if err := b.AddDocument(ctx, p.ID, in); err != nil {
		t.Fatal(err)
	}
	if all, err := b.AssuranceOf(ctx, b.pool, []uuid.UUID{p.ID}); err != nil || all[p.ID] != 0 {
		t.Errorf("the new card has level %d unseen, %v", all[p.ID], err)
	}
	if err := check(); err != nil {
		t.Fatal(err)
	}
	if all, err := b.AssuranceOf(ctx, b.pool, []uuid.UUID{p.ID}); err != nil || all[p.ID] != 3 {
		t.Errorf("the new card was checked: level %d, %v", all[p.ID], err)
	}
}

func TestMergesNeedTwoAndAReason(t *testing.T) {
	b, ctx := setup(t), context.Background()
	p, q, r := persontest.Adult(t, b.Service), persontest.Adult(t, b.Service), persontest.Adult(t, b.Service)
	first, second := uuid.New(), uuid.New()
	for _, c := range []struct {
		give person.Proposal
		want error
	}{
		{person.Proposal{Kept: p.ID, Absorbed: p.ID, By: first, Evidence: "证件"}, person.ErrMergeSame},
		{person.Proposal{Kept: p.ID, Absorbed: uuid.New(), By: first, Evidence: "证件"}, person.ErrNotFound},
		{person.Proposal{Kept: p.ID, Absorbed: q.ID, By: q.ID, Evidence: "证件"}, person.ErrOwnMerge},
	} {
		if _, err := b.ProposeMerge(ctx, c.give); !errors.Is(err, c.want) {
			t.Errorf("got %v, want %v", err, c.want)
		}
	}
	propose := func(kept, absorbed person.Person) person.Merge {
		t.Helper()
		m, err := b.ProposeMerge(ctx, person.Proposal{Kept: kept.ID, Absorbed: absorbed.ID, By: first, Evidence: "出示证件"})
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	m := propose(p, q)
	if _, err := b.ProposeMerge(ctx, person.Proposal{Kept: q.ID, Absorbed: p.ID, By: first, Evidence: "又一次"}); !errors.Is(err, person.ErrMergeOpen) {
		t.Errorf("proposed twice: %v", err)
	}
	if _, err := b.DecideMerge(ctx, person.Ruling{Merge: m.ID, By: first, Approve: true}); !errors.Is(err, person.ErrMergeTwo) {
		t.Errorf("one administrator alone: %v", err)
	}
	if _, err := b.DecideMerge(ctx, person.Ruling{Merge: m.ID, By: second}); fieldCodes(err)["reason"] == "" {
		t.Errorf("refused without a reason: %v", err)
	}
	approve := func(m person.Merge) {
		t.Helper()
		if _, err := b.DecideMerge(ctx, person.Ruling{Merge: m.ID, By: second, Approve: true}); err != nil {
			t.Fatal(err)
		}
	}
	approve(m)
	if _, err := b.DecideMerge(ctx, person.Ruling{Merge: m.ID, By: second, Approve: true}); !errors.Is(err, person.ErrMergeDecided) {
		t.Errorf("decided twice: %v", err)
	}
	if _, err := b.PreviewMerge(ctx, r.ID, q.ID, first); !errors.Is(err, person.ErrMergeGone) {
		t.Errorf("merged already: %v", err)
	}
	b.clk.Advance(time.Hour)
	chain := propose(r, p)
	approve(chain)
	if got, err := b.ByVolunteerNo(ctx, q.VolunteerNo); err != nil || got.ID != r.ID {
		t.Errorf("the first number finds %v, %v", got, err)
	}
	if _, err := b.UndoSelf(ctx, m.ID, p.ID); !errors.Is(err, person.ErrUndoLater) {
		t.Errorf("the earlier merge first: %v", err)
	}
	b.clk.Advance(person.UndoDays*24*time.Hour + time.Hour)
	if _, err := b.UndoSelf(ctx, chain.ID, r.ID); !errors.Is(err, person.ErrUndoLate) {
		t.Errorf("too late alone: %v", err)
	}
	if err := b.AskUndo(ctx, person.Ruling{Merge: chain.ID, By: first, Reason: "弄错"}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.DecideUndo(ctx, person.Ruling{Merge: chain.ID, By: second, Approve: true}); err != nil {
		t.Fatal(err)
	}
	if got, err := b.ByVolunteerNo(ctx, q.VolunteerNo); err != nil || got.ID != p.ID {
		t.Errorf("after the undoing: %v, %v", got, err)
	}
}
