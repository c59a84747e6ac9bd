package certificate

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"kapok/internal/kit/clock"
	"kapok/internal/kit/i18n"
	"kapok/internal/kit/pdf"
	"kapok/internal/kit/pg"
	"kapok/internal/kit/pgtest"
	"kapok/internal/kit/sign"
)

// noon is 2 November 2026, midday in Guangzhou.
var noon = time.Date(2026, 11, 2, 4, 0, 0, 0, time.UTC)

// seedKey is a signer that is the same in every run.
type seedKey struct{ ed25519.PrivateKey }

func newSeedKey(b byte) seedKey {
	return seedKey{ed25519.NewKeyFromSeed(bytes.Repeat([]byte{b}, ed25519.SeedSize))}
}

func (k seedKey) Key() sign.Key { return sign.NewKey(k.Public().(ed25519.PublicKey)) }

func (k seedKey) Sign(_ context.Context, message []byte) ([]byte, error) {
	return ed25519.Sign(k.PrivateKey, message), nil
}

func fonts(t testing.TB) *pdf.Fonts {
	t.Helper()
	f, err := pdf.LoadFonts("")
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// someHours is n records, one a day from 1 March 2026, in two fields, with two
// recording units and two grades.
func someHours(n int) []Hour {
	out := make([]Hour, n)
	for i := range out {
		out[i] = Hour{
			Record: uuid.NewSHA1(uuid.Nil, fmt.Append(nil, i)), Version: 2, Minutes: 90 + i%60,
			Date:     time.Date(2026, 3, 1+i, 0, 0, 0, 0, time.UTC).Format(time.DateOnly),
			Activity: []string{"陪长者过重阳", "东濠涌清洁与水质观察", "图书馆秩序引导"}[i%3],
			Content:  []string{"陪伴长者读报、测量血压", "清理河岸垃圾"}[i%2],
			Unit:     []string{"广州市越秀区志愿者联合会", "霞山区志愿者联合会"}[i/3%2],
			Field:    []string{"0001", "0004"}[i%2], Grade: []string{"A", "A", "B"}[i%3],
		}
	}
	return out
}

func someone(name string) Subject {
	return Subject{
		ID: uuid.NewSHA1(uuid.Nil, []byte(name)), Name: func(i18n.Lang) string { return name },
		VolunteerNo: "K7Q-4821", DocumentKind: "mainland_id", DocumentTail: "1234",
	}
}

// everything is the choice of somebody who shows all there is.
func everything(l i18n.Lang) Choice {
	return Choice{
		Language: l, Name: FullName, Number: true, Document: true, Units: true, Fields: true, Grades: true, Items: true,
	}
}

func minimal(l i18n.Lang) Choice { return Choice{Language: l, Name: FullName} }

func stated(c Choice, who Subject, hours []Hour) Statement {
	return build("K26-7QX4-M2D9-H", who, c.within(hours), c, Origin{
		Issuer: "志愿广东", Verify: "https://kapok.example/verify/K26-7QX4-M2D9-H", Key: newSeedKey(1).Key().ID, At: noon,
	})
}

// bench is a service on a database of its own, with hours that a test changes.
type bench struct {
	*Service
	pool  *pgxpool.Pool
	clock *clock.Fixed
	mu    sync.Mutex
	hours map[uuid.UUID][]Hour
	name  string
	named *time.Time // when the holder's name was put right
}

func newBench(t testing.TB) *bench {
	t.Helper()
	b := &bench{pool: pgtest.New(t), clock: clock.At(noon), hours: map[uuid.UUID][]Hour{}, name: "张三"}
	b.Service = New(Deps{
		Pool: b.pool, Clock: b.clock, Signer: newSeedKey(1), Fonts: fonts(t), BaseURL: "https://kapok.example",
		Issuer: func(i18n.Lang) string { return "志愿广东" },
		Subject: func(_ context.Context, id uuid.UUID) (Subject, error) {
			who := someone(b.name)
			who.ID = id
			return who, nil
		},
		Hours: func(_ context.Context, _ pg.DB, person uuid.UUID) ([]Hour, error) {
			b.mu.Lock()
			defer b.mu.Unlock()
			return slices.Clone(b.hours[person]), nil
		},
		NameCorrected: func(context.Context, uuid.UUID) (*time.Time, error) { return b.named, nil },
	})
	return b
}

// volunteer has n confirmed records of their own.
func (b *bench) volunteer(n int) uuid.UUID {
	id := uuid.New()
	hours := someHours(n)
	for i := range hours {
		hours[i].Record = uuid.New()
	}
	b.setHours(id, hours)
	return id
}

func (b *bench) setHours(person uuid.UUID, hours []Hour) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.hours[person] = hours
}

func (b *bench) issued(t testing.TB, person uuid.UUID, c Choice) Certificate {
	t.Helper()
	cert, err := b.Issue(t.Context(), Order{Person: person, Actor: person, Choice: c})
	if err != nil {
		t.Fatal(err)
	}
	return cert
}
