package privacy

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/audit"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/pg"
	"kapok/internal/person"
	"kapok/internal/person/persontest"
)

func (b bench) ask(t *testing.T, who uuid.UUID, item string, wish person.Correction) Request {
	t.Helper()
	r, err := b.AskCorrection(t.Context(), Asking{By: who, Person: who, Item: item, Wish: wish, Words: "照证件"})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// withCard registers somebody by a card that the test knows.
func (b bench) withCard(t *testing.T, born string) (person.Person, person.NewDocument) {
	t.Helper()
	r := persontest.Registration(born)
	return persontest.Register(t, b.People, r), person.NewDocument{DocumentInput: r.Document, Name: r.NameHans}
}

func same(err error, want *fault.Error) bool {
	e := fault.As(err)
	return e.Code == want.Code || len(e.Fields) > 0 && e.Fields[0].Err.Code == want.Code
}

func TestAGrantedNameIsChangedWithItsDocument(t *testing.T) {
	b := setup(t)
	ann, card := b.withCard(t, "1990-05-01")
	admin := uuid.New()
	r := b.ask(t, ann.ID, "name", person.Correction{NameHans: " 李 晓 雯 ", BirthDate: time.Date(1991, 1, 1, 0, 0, 0, 0, time.UTC)})
	grant := Decision{Request: r.ID, Grant: true, Seen: card, Answer: "已核对", By: admin}
	if err := b.Decide(t.Context(), grant); !same(err, person.ErrNameDiffers) {
		t.Errorf("a card with the old name: %v", err)
	}
	grant.Seen.Name = "李晓雯"
	if err := b.Decide(t.Context(), grant); err != nil {
		t.Fatal(err)
	}
	p, err := b.People.Get(t.Context(), ann.ID)
	if err != nil || p.NameHans != "李晓雯" || !p.BirthDate.Equal(ann.BirthDate) || p.NameCorrected == nil || !p.NameCorrected.Equal(b.clk.Now()) {
		t.Errorf("%+v, %v", p, err)
	}
	docs, err := b.People.Documents(t.Context(), ann.ID)
	if err != nil || len(docs) != 1 || docs[0].Name != "李晓雯" || docs[0].Assurance != person.DocumentChecked {
		t.Errorf("documents %+v, %v", docs, err)
	}
	if got := b.told(t, ann.ID); got[0] != "privacy.correction_granted" {
		t.Errorf("told %v", got)
	}
	b.auditTellsNothing(t, ann.ID, "李晓雯", ann.NameHans, card.Number)
}

// auditTellsNothing checks that the correction is in the audit and values are not.
func (b bench) auditTellsNothing(t *testing.T, who uuid.UUID, values ...string) {
	t.Helper()
	entries, err := audit.Of(t.Context(), b.Pool, audit.Object("person", who))
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, e := range entries {
		found = found || e.Action == "person.correct" && e.Detail["changed"] != nil
	}
	for _, v := range values {
		var n int
		err := b.Pool.QueryRow(t.Context(), `SELECT count(*) FROM audit.entry WHERE position($1 IN detail::text) > 0`, v).Scan(&n)
		if err != nil || n != 0 {
			t.Errorf("%q stands in %d entries, %v", v, n, err)
		}
	}
	if !found {
		t.Error("no audit entry")
	}
}

func TestABirthDateGoesThroughTheRecheckAndReplacesTheCard(t *testing.T) {
	b := setup(t)
	ann, card := b.withCard(t, "1990-05-01")
	rechecked := 0
	b.People.ConnectPlaces(person.PlaceDeps{Tell: b.Tell, Recheck: func(ctx context.Context, who uuid.UUID, change func(pgx.Tx) error) error {
		rechecked++
		return pg.InTx(ctx, b.Pool, change)
	}})
	born := time.Date(1990, 6, 2, 0, 0, 0, 0, time.UTC)
	r := b.ask(t, ann.ID, "birth", person.Correction{BirthDate: born})
	grant := Decision{Request: r.ID, Grant: true, Seen: card, Answer: "已核对", By: uuid.New()}
	if err := b.Decide(t.Context(), grant); !same(err, person.ErrBirthDiffers) {
		t.Errorf("the card as it was typed: %v", err)
	}
	grant.Seen.Number = sameGender(t, "1990-06-02", ann.Gender)
	if err := b.Decide(t.Context(), grant); err != nil || rechecked != 2 {
		t.Fatalf("%v, %d rechecks", err, rechecked)
	}
	p, _ := b.People.Get(t.Context(), ann.ID)
	docs, _ := b.People.Documents(t.Context(), ann.ID)
	if !p.BirthDate.Equal(born) || len(docs) != 1 || docs[0].Masked != person.MaskDocument(grant.Seen.Number) || p.NameCorrected != nil {
		t.Errorf("%v %+v", p.BirthDate, docs)
	}
	b.auditTellsNothing(t, ann.ID, "1990-06-02", "1990-05-01", grant.Seen.Number)
}

// sameGender makes a number of somebody born on a day, of a sex.
func sameGender(t *testing.T, born, gender string) string {
	t.Helper()
	for {
		n := persontest.MainlandID(born)
		if d, bad := person.ParseDocument(person.DocumentInput{Kind: person.MainlandID, Number: n}, time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)); bad != nil {
			t.Fatal(bad)
		} else if d.Gender == gender {
			return n
		}
	}
}

// Somebody else's card changes nothing and opens the case of two registrations.
func TestAnotherOnesCardOpensACase(t *testing.T) {
	b := setup(t)
	ann, _ := b.withCard(t, "1990-05-01")
	_, theirs := b.withCard(t, "1990-05-01")
	doc, _ := person.ParseDocument(theirs.DocumentInput, b.People.Today())
	if doc.Gender != ann.Gender {
		_, theirs = b.withCard(t, "1990-05-01")
	}
	theirs.Name = "李晓雯"
	r := b.ask(t, ann.ID, "name", person.Correction{NameHans: "李晓雯"})
	if err := b.Decide(t.Context(), Decision{Request: r.ID, Grant: true, Seen: theirs, Answer: "x", By: uuid.New()}); !same(err, person.ErrDocumentHeld) {
		t.Fatalf("got %v", err)
	}
	var cases int
	if err := b.Pool.QueryRow(t.Context(), `SELECT count(*) FROM person.merge WHERE kept = $1 AND state = 'case'`, ann.ID).Scan(&cases); err != nil || cases != 1 {
		t.Errorf("%d cases, %v", cases, err)
	}
	p, _ := b.People.Get(t.Context(), ann.ID)
	again, _ := b.RequestOf(t.Context(), r.ID)
	if p.NameHans != ann.NameHans || again.State != Open {
		t.Errorf("%s, %s", p.NameHans, again.State)
	}
}

func TestAnAppealGoesUpOnceAndToSomebodyElse(t *testing.T) {
	b := setup(t)
	ann, card := b.withCard(t, "1990-05-01")
	first, second := uuid.New(), uuid.New()
	r := b.ask(t, ann.ID, "name", person.Correction{NameHans: "李晓雯"})
	if _, err := b.AppealCorrection(t.Context(), ann.ID, ann.ID, r.ID, "x"); !errors.Is(err, ErrNoAppeal) {
		t.Errorf("of an open one: %v", err)
	}
	if err := b.Decide(t.Context(), Decision{Request: r.ID, Answer: "看不清", By: first}); err != nil {
		t.Fatal(err)
	}
	a, err := b.AppealCorrection(t.Context(), ann.ID, ann.ID, r.ID, "看得清")
	if err != nil || a.Division != persontest.Yuexiu || a.Wish.NameHans != "李晓雯" {
		t.Fatalf("%+v, %v", a, err)
	}
	if _, err := b.AppealCorrection(t.Context(), ann.ID, uuid.New(), r.ID, "x"); !errors.Is(err, ErrNoRequest) {
		t.Errorf("a stranger: %v", err)
	}
	card.Name = "李晓雯"
	grant := Decision{Request: a.ID, Grant: true, Seen: card, Answer: "已核对", By: first}
	if err := b.Decide(t.Context(), grant); !errors.Is(err, ErrAppealSame) {
		t.Errorf("who refused: %v", err)
	}
	grant.By = second
	if err := b.Decide(t.Context(), grant); err != nil {
		t.Fatal(err)
	}
	for _, id := range []uuid.UUID{r.ID, a.ID} {
		if _, err := b.AppealCorrection(t.Context(), ann.ID, ann.ID, id, "x"); !errors.Is(err, ErrNoAppeal) && !errors.Is(err, ErrAskedAlready) {
			t.Errorf("a second time: %v", err)
		}
	}
	if !strings.HasPrefix(persontest.Yuexiu, b.above(persontest.Yuexiu)[:4]) || b.above("440000") != "440000" {
		t.Error("the level above is wrong")
	}
}
