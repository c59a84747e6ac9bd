package person_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"pgregory.net/rapid"

	"kapok/internal/kit/clock"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/pg"
	"kapok/internal/kit/pgtest"
	"kapok/internal/person"
	"kapok/internal/person/persontest"
)

func refusedAs(err error, want *fault.Error) bool {
	if err == nil || want == nil {
		return err == nil && want == nil
	}
	e := fault.As(err)
	return e.Code == want.Code || len(e.Fields) > 0 && e.Fields[0].Err.Code == want.Code
}

func correct(t testing.TB, s *person.Service, tx func(func(pgx.Tx) error) error, who uuid.UUID, c person.Correction, number, name string) error {
	t.Helper()
	seen := person.NewDocument{DocumentInput: person.DocumentInput{Kind: person.MainlandID, Number: number}, Name: name}
	return tx(func(tx pgx.Tx) error { return s.CorrectTx(context.Background(), tx, uuid.New(), who, c, seen) })
}

func dayOf(s string) time.Time {
	d, _ := time.Parse(time.DateOnly, s)
	return d
}

// number is one of somebody born on a day, of a sex.
func number(born, gender string) string {
	for {
		n := persontest.MainlandID(born)
		if d, _ := person.ParseDocument(person.DocumentInput{Kind: person.MainlandID, Number: n}, dayOf("2026-11-24")); d.Gender == gender {
			return n
		}
	}
}

// Who becomes younger needs a guardian below 14 and can be none below 18; who
// becomes of age is nobody's ward any more.
func TestAgesAfterACorrection(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	s := persontest.New(pool, clock.At(time.Date(2026, 11, 24, 4, 0, 0, 0, time.UTC)))
	tx := func(f func(pgx.Tx) error) error { return pg.InTx(t.Context(), pool, f) }
	alone, mother := persontest.Register(t, s, persontest.Registration("2010-05-01")), persontest.Adult(t, s)
	child := persontest.Ward(t, s, mother.ID, "2013-05-01")
	for _, x := range []struct {
		who  person.Person
		born string
		want *fault.Error
	}{
		{alone, "2013-06-01", person.ErrNeedsGuardian}, {alone, "2012-06-01", nil}, {mother, "2009-01-01", person.ErrGuardianMinor},
		{child, "2014-05-01", nil}, {child, "2008-11-24", nil}, {mother, "2008-11-25", nil},
	} {
		got := correct(t, s, tx, x.who.ID, person.Correction{BirthDate: dayOf(x.born)}, number(x.born, x.who.Gender), "李小文")
		if !refusedAs(got, x.want) {
			t.Errorf("born %s: %v, want %v", x.born, got, x.want)
		}
	}
	if wards, err := s.Wards(t.Context(), pool, []uuid.UUID{mother.ID}); err != nil || len(wards[mother.ID]) != 0 {
		t.Errorf("an adult is still a ward: %v, %v", wards, err)
	}
}

// Whatever is asked and shown, the documents of a person tell their birth date
// and sex, and a refusal changes nothing.
func TestDocumentsNeverDisagreeWithThePerson(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	s := persontest.New(pool, clock.At(time.Date(2026, 11, 24, 4, 0, 0, 0, time.UTC)))
	tx := func(f func(pgx.Tx) error) error { return pg.InTx(context.Background(), pool, f) }
	days, genders := []string{"1990-05-01", "1990-05-02", "1971-12-31", "2010-03-03"}, []string{"male", "female"}
	rapid.Check(t, func(r *rapid.T) {
		form := persontest.Registration("1990-05-01")
		p, shown := persontest.Register(t, s, form), []person.DocumentInput{form.Document}
		if rapid.Bool().Draw(r, "permit") {
			d := person.DocumentInput{Kind: person.ResidencePermit, Number: permitOf(number("1990-05-01", p.Gender))}
			if err := s.AddDocument(context.Background(), p.ID, person.NewDocument{DocumentInput: d}); err != nil {
				r.Fatal(err)
			}
			shown = append(shown, d)
		}
		for range rapid.IntRange(1, 3).Draw(r, "corrections") {
			c := person.Correction{BirthDate: dayOf(rapid.SampledFrom(days).Draw(r, "born")), Gender: rapid.SampledFrom(append(genders, "")).Draw(r, "sex")}
			card := number(rapid.SampledFrom(days).Draw(r, "card"), rapid.SampledFrom(genders).Draw(r, "card sex"))
			shown = append(shown, person.DocumentInput{Kind: person.MainlandID, Number: card})
			before, _ := s.Get(context.Background(), p.ID)
			refused := correct(t, s, tx, p.ID, c, card, "李小文")
			now, err := s.Get(context.Background(), p.ID)
			if err != nil || refused != nil && now.Version != before.Version {
				r.Fatalf("%v; version %d after a refusal of %d", err, now.Version, before.Version)
			}
			agree(r, pool, s, now, shown)
		}
	})
}

// permitOf turns a number into that of a residence permit of Hong Kong people.
func permitOf(n string) string {
	seventeen := "810000" + n[6:17]
	return seventeen + string(person.Check18(seventeen))
}

// agree looks whose each number ever shown is, and what it tells.
func agree(r *rapid.T, pool *pgxpool.Pool, s *person.Service, p person.Person, shown []person.DocumentInput) {
	held := 0
	for _, in := range shown {
		d, bad := person.ParseDocument(in, s.Today())
		if bad != nil {
			r.Fatal(bad)
		}
		_, owner, err := s.FindDocument(context.Background(), pool, d)
		if err != nil && !errors.Is(err, person.ErrNotFound) {
			r.Fatal(err)
		}
		if err != nil || owner != p.ID {
			continue
		}
		if held++; !d.Born.Equal(p.BirthDate) || d.Gender != p.Gender {
			r.Fatalf("born %s, %s, with a %s of %s, %s", p.BirthDate.Format(time.DateOnly), p.Gender, d.Kind, d.Born.Format(time.DateOnly), d.Gender)
		}
	}
	if docs, err := s.Documents(context.Background(), p.ID); err != nil || len(docs) == 0 || len(docs) != held {
		r.Fatalf("%d documents, %d of them known, %v", len(docs), held, err)
	}
}
