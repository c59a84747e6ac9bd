package person_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"kapok/internal/audit"
	"kapok/internal/kit/clock"
	"kapok/internal/kit/crypt"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/pg"
	"kapok/internal/kit/pgtest"
	"kapok/internal/person"
	"kapok/internal/person/persontest"
)

var now = time.Date(2026, 10, 18, 4, 0, 0, 0, time.UTC)

type bed struct {
	*person.Service
	pool *pgxpool.Pool
	clk  *clock.Fixed
}

func setup(t *testing.T) bed {
	t.Helper()
	t.Parallel()
	pool, clk := pgtest.New(t), clock.At(now)
	return bed{persontest.New(pool, clk), pool, clk}
}

func fieldCodes(err error) map[string]string {
	out := map[string]string{}
	for _, f := range fault.As(err).Fields {
		out[f.Name] = f.Err.Code
	}
	return out
}

func TestRegisteringKeepsTheStatutoryFacts(t *testing.T) {
	b, ctx := setup(t), context.Background()
	r := persontest.Registration("1990-05-01")
	r.NameHans, r.NameLatin, r.Email, r.Skills = "阿依古丽•买买提", "Aygul", "aygul@example.org", []string{"08", "01", "08"}
	made, err := b.Register(ctx, r)
	if err != nil {
		t.Fatal(err)
	}
	got, err := b.Get(ctx, made.ID)
	if err != nil {
		t.Fatal(err)
	}
	want := person.Person{ID: made.ID, VolunteerNo: made.VolunteerNo, NameHans: "阿依古丽·买买提", NameLatin: "Aygul", Gender: made.Gender,
		BirthDate: time.Date(1990, 5, 1, 0, 0, 0, 0, time.UTC), Division: persontest.Beijing, Phone: r.Phone, PhoneProven: true,
		Email: "aygul@example.org", Skills: []string{"01", "08"}, Languages: []string{"cantonese"}, ServiceFields: []string{"0001"},
		Lang: "zh-Hans", RegisteredAt: now, Version: 1}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(got, made); d != "" {
		t.Errorf("what Register returns differs from what is stored: %s", d)
	}
	docs, err := b.Documents(ctx, made.ID)
	if err != nil || len(docs) != 1 || docs[0].Kind != person.MainlandID || !strings.HasPrefix(docs[0].Masked, "44****") {
		t.Errorf("documents %v, %v", docs, err)
	}
	consents, err := b.Consents(ctx, made.ID)
	if err != nil || len(consents) != 2 || consents[0].GivenBy != made.ID {
		t.Errorf("consents %v, %v", consents, err)
	}
	acts, err := audit.Of(ctx, b.pool, audit.Object("person", made.ID))
	if err != nil || len(acts) != 1 || acts[0].Action != "person.register" || *acts[0].Actor != made.ID {
		t.Errorf("audit %v, %v", acts, err)
	}
}

func TestAllFaultsAtOnce(t *testing.T) {
	t.Parallel()
	s := person.New(nil, crypt.Ephemeral(), persontest.Regions(), clock.At(now))
	err := s.Check(person.Registration{
		Document: person.DocumentInput{Kind: person.MainlandID, Number: "110105194912310021"}, NameHans: "李1", Division: "440000", Phone: "123",
		Email: "x", Skills: []string{"77"}, Languages: []string{"elvish"}, ServiceFields: []string{"0001", "0002", "0003", "0004", "0005"},
		Consents: map[person.Purpose]string{person.ConsentPrivacy: "privacy-0"},
	})
	want := map[string]string{"document_number": "person.document_check", "name_hans": "person.name_characters", "division": "region.too_coarse",
		"phone": "person.phone", "email": "person.email", "skills": "kit.bad_value", "languages": "kit.bad_value",
		"service_fields": "person.too_many_fields", "consent_privacy": "person.consent_missing", "consent_document": "person.consent_missing"}
	if d := cmp.Diff(want, fieldCodes(err)); d != "" {
		t.Error(d)
	}
	err = s.Check(person.Registration{Document: person.DocumentInput{Kind: person.HKID}})
	want = map[string]string{"document_number": "kit.required", "name_hant": "person.name_missing", "birth_date": "kit.required", "gender": "kit.required",
		"division": "kit.required", "phone": "kit.required", "service_fields": "kit.required", "consent_privacy": "person.consent_missing",
		"consent_document": "person.consent_missing"}
	if d := cmp.Diff(want, fieldCodes(err)); d != "" {
		t.Error(d)
	}
}

func TestBirthAndSexMustFitTheDocument(t *testing.T) {
	t.Parallel()
	s := person.New(nil, crypt.Ephemeral(), persontest.Regions(), clock.At(now))
	r := persontest.Registration("1990-05-01")
	r.Document.Number = "11010519491231002X"
	r.BirthDate, r.Gender = time.Date(1949, 12, 31, 0, 0, 0, 0, time.UTC), person.Female
	if err := s.Check(r); err != nil {
		t.Errorf("fitting facts: %v", err)
	}
	r.BirthDate, r.Gender = r.BirthDate.AddDate(0, 0, 1), person.Male
	want := map[string]string{"birth_date": "person.birth_differs", "gender": "person.gender_differs"}
	if d := cmp.Diff(want, fieldCodes(s.Check(r))); d != "" {
		t.Error(d)
	}
	r.Document = person.DocumentInput{Kind: person.HKID, Number: "A123456(3)"}
	r.BirthDate = now.AddDate(1, 0, 0)
	if d := cmp.Diff(map[string]string{"birth_date": "person.birth_date"}, fieldCodes(s.Check(r)), cmpopts.IgnoreMapEntries(func(k, v string) bool { return v == "person.under_14" })); d != "" {
		t.Error(d)
	}
}

func TestOneDocumentOnePerson(t *testing.T) {
	b, ctx := setup(t), context.Background()
	first := persontest.Registration("1990-05-01")
	first.NameHans, first.NameHant = "", "陳大文"
	first.Document = person.DocumentInput{Kind: person.TravelPermit, Number: "H1234567800"}
	first.BirthDate, first.Gender = time.Date(1990, 5, 1, 0, 0, 0, 0, time.UTC), person.Male
	persontest.Register(t, b.Service, first)
	again := first
	again.Document.Number, again.Phone = "h12345678 03", persontest.Phone() // renewed three times since
	_, err := b.Register(ctx, again)
	if !errors.Is(err, person.ErrAlreadyRegistered) || fieldCodes(err)["document_number"] != "person.already_registered" {
		t.Fatalf("got %v", err)
	}
	var people int
	if err := b.pool.QueryRow(ctx, `SELECT count(*) FROM person.person`).Scan(&people); err != nil || people != 1 {
		t.Errorf("%d people, %v", people, err)
	}
	again.Document = person.DocumentInput{Kind: person.HKID, Number: "A123456(3)"} // never merged by itself
	persontest.Register(t, b.Service, again)
}

func TestFiftyAtOnceMakeOne(t *testing.T) {
	b, ctx := setup(t), context.Background()
	r := persontest.Registration("1990-05-01")
	errs := make([]error, 50)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() {
			one := r
			one.Phone = persontest.Phone()
			_, errs[i] = b.Register(ctx, one)
		})
	}
	wg.Wait()
	good := 0
	for _, err := range errs {
		switch {
		case err == nil:
			good++
		case !errors.Is(err, person.ErrAlreadyRegistered):
			t.Errorf("got %v", err)
		}
	}
	var people, documents int
	err := b.pool.QueryRow(ctx, `SELECT (SELECT count(*) FROM person.person), (SELECT count(*) FROM person.identity_document)`).Scan(&people, &documents)
	if good != 1 || people != 1 || documents != 1 || err != nil {
		t.Errorf("%d answers of success, %d people, %d documents, %v", good, people, documents, err)
	}
}

func TestNothingReadableIsStored(t *testing.T) {
	b, ctx := setup(t), context.Background()
	r := persontest.Registration("1990-05-01")
	r.Email = "somebody@example.org"
	p := persontest.Register(t, b.Service, r)
	for _, table := range []string{"person.person", "person.identity_document", "person.consent", "audit.entry"} {
		var dump bytes.Buffer
		if err := b.pool.AcquireFunc(ctx, func(c *pgxpool.Conn) error {
			_, err := c.Conn().PgConn().CopyTo(ctx, &dump, "COPY "+table+" TO STDOUT")
			return err
		}); err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{r.Document.Number, strings.TrimPrefix(r.Phone, "+86"), r.Email} {
			if bytes.Contains(dump.Bytes(), []byte(secret)) {
				t.Errorf("%s holds a secret in the clear", table)
			}
		}
	}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "p", p, "r", r)
	if strings.Contains(log.String(), "李") || strings.Contains(log.String(), r.Phone) {
		t.Errorf("logged %s", log.String())
	}
}

func TestFindingPeople(t *testing.T) {
	b, ctx := setup(t), context.Background()
	r := persontest.Registration("1990-05-01")
	p := persontest.Register(t, b.Service, r)
	family := persontest.Registration("1992-05-01")
	family.Phone = r.Phone
	b.clk.Advance(time.Minute)
	q := persontest.Register(t, b.Service, family)
	if got, err := b.ByVolunteerNo(ctx, strings.ToLower(strings.ReplaceAll(p.VolunteerNo, "-", " "))); err != nil || got.ID != p.ID {
		t.Errorf("by number: %v, %v", got, err)
	}
	if _, err := b.ByVolunteerNo(ctx, "nonsense"); !errors.Is(err, person.ErrVolunteerNo) {
		t.Errorf("by nonsense: %v", err)
	}
	if ids, err := b.WithPhone(ctx, b.pool, r.Phone); err != nil || !cmp.Equal(ids, []uuid.UUID{p.ID, q.ID}) {
		t.Errorf("by phone: %v, %v", ids, err)
	}
	doc, _ := person.ParseDocument(r.Document, now)
	if id, err := b.ByDocument(ctx, b.pool, doc); err != nil || id != p.ID {
		t.Errorf("by document: %v, %v", id, err)
	}
	many, err := b.GetMany(ctx, []uuid.UUID{p.ID, q.ID, uuid.New()})
	if err != nil || len(many) != 2 || many[q.ID].VolunteerNo != q.VolunteerNo {
		t.Errorf("many: %v, %v", many, err)
	}
	if _, err := b.Get(ctx, uuid.New()); !errors.Is(err, person.ErrNotFound) {
		t.Errorf("nobody: %v", err)
	}
}

func TestMinors(t *testing.T) {
	b, ctx := setup(t), context.Background()
	child := persontest.Registration("2014-01-01") // 12
	_, err := b.Register(ctx, child)
	if fieldCodes(err)["document_number"] != "person.under_14" {
		t.Errorf("a child alone: %v", err)
	}
	mother := persontest.Adult(t, b.Service)
	kid := persontest.Ward(t, b.Service, mother.ID, "2014-01-01")
	teen := persontest.Register(t, b.Service, persontest.Registration("2010-01-01"))

	adult := persontest.Registration("1980-01-01")
	adult.Guardian, adult.Relation = mother.ID, "mother"
	if _, err := b.Register(ctx, adult); fieldCodes(err)["document_number"] != "person.ward_adult" {
		t.Errorf("an adult as a ward: %v", err)
	}
	byTeen := persontest.Registration("2015-01-01")
	byTeen.Guardian, byTeen.Relation = teen.ID, "other"
	if _, err := b.Register(ctx, byTeen); !errors.Is(err, person.ErrGuardianMinor) {
		t.Errorf("a minor as guardian: %v", err)
	}
	noConsent := persontest.Registration("2015-01-01")
	noConsent.Guardian, noConsent.Relation = mother.ID, "mother"
	delete(noConsent.Consents, person.ConsentChild)
	if _, err := b.Register(ctx, noConsent); fieldCodes(err)["consent_child"] == "" {
		t.Errorf("a child without the children's rules: %v", err)
	}

	wards, err := b.Wards(ctx, b.pool, []uuid.UUID{mother.ID, teen.ID})
	if err != nil || !cmp.Equal(wards, map[uuid.UUID][]uuid.UUID{mother.ID: {kid.ID}}) {
		t.Errorf("wards %v, %v", wards, err)
	}
	list, err := b.WardsOf(ctx, mother.ID)
	if err != nil || len(list) != 1 || list[0].ID != kid.ID || list[0].Relation != "mother" || !list[0].Consented {
		t.Errorf("wards of the mother %v, %v", list, err)
	}
	contacts, err := b.Contacts(ctx, []uuid.UUID{kid.ID, teen.ID})
	if err != nil || contacts[kid.ID].Phone != mother.Phone || contacts[teen.ID].Phone != teen.Phone {
		t.Errorf("contacts %v", err)
	}
	b.clk.Set(time.Date(2031, 12, 31, 17, 0, 0, 0, time.UTC)) // 1 January 2032 in Guangdong: 18
	if wards, err := b.Wards(ctx, b.pool, []uuid.UUID{mother.ID}); err != nil || len(wards) != 0 {
		t.Errorf("a ward of age: %v, %v", wards, err)
	}
}

func TestFamilyCodes(t *testing.T) {
	b, ctx := setup(t), context.Background()
	father, stranger := persontest.Adult(t, b.Service), persontest.Adult(t, b.Service)
	teen := persontest.Register(t, b.Service, persontest.Registration("2010-01-01"))
	code, err := b.FamilyCode(ctx, teen.ID, teen.ID)
	if err != nil {
		t.Fatal(err)
	}
	link := func(who uuid.UUID, code string) error {
		_, err := b.LinkWard(ctx, who, code, "father", persontest.Consents())
		return err
	}
	if _, err := b.FamilyCode(ctx, stranger.ID, teen.ID); !errors.Is(err, person.ErrNotGuardian) {
		t.Errorf("a stranger makes a code: %v", err)
	}
	if _, err := b.FamilyCode(ctx, father.ID, father.ID); !errors.Is(err, person.ErrNotMinor) {
		t.Errorf("an adult makes a code: %v", err)
	}
	if err := link(teen.ID, code); !errors.Is(err, person.ErrGuardianSelf) {
		t.Errorf("own guardian: %v", err)
	}
	if err := link(father.ID, "AAAA-AAAA"); fieldCodes(err)["family_code"] != "person.guardian_code" {
		t.Errorf("wrong code: %v", err)
	}
	if _, err := b.LinkWard(ctx, father.ID, "", "uncle", nil); !cmp.Equal(fieldCodes(err), map[string]string{"family_code": "kit.required",
		"relation": "kit.bad_value", "consent_guardian": "person.consent_missing"}) {
		t.Errorf("empty form: %v", err)
	}
	if err := link(father.ID, strings.ToLower(code)); err != nil {
		t.Errorf("right code: %v", err)
	}
	if err := link(stranger.ID, code); fieldCodes(err)["family_code"] == "" {
		t.Errorf("a code works twice: %v", err)
	}
	late, err := b.FamilyCode(ctx, father.ID, teen.ID)
	if err != nil {
		t.Fatal(err)
	}
	if err := link(father.ID, late); !errors.Is(err, person.ErrAlreadyGuardian) {
		t.Errorf("linked twice: %v", err)
	}
	b.clk.Advance(49 * time.Hour)
	if err := link(stranger.ID, late); fieldCodes(err)["family_code"] == "" {
		t.Errorf("an old code works: %v", err)
	}
}

func TestGuardiansConsentDecidesFacts(t *testing.T) {
	b, ctx := setup(t), context.Background()
	mother := persontest.Adult(t, b.Service)
	kid := persontest.Ward(t, b.Service, mother.ID, "2014-01-01")
	teen := persontest.Register(t, b.Service, persontest.Registration("2010-01-01"))
	consented := func(id uuid.UUID) bool {
		t.Helper()
		f, err := b.Facts(ctx, b.pool, []uuid.UUID{id})
		if err != nil {
			t.Fatal(err)
		}
		return f[id].GuardianConsent
	}
	if !consented(kid.ID) || consented(teen.ID) {
		t.Error("at first only the child has a consent")
	}
	if err := b.Agree(ctx, teen.ID, teen.ID, "guardian-2"); !errors.Is(err, person.ErrNotGuardian) {
		t.Errorf("a teen agrees as guardian: %v", err)
	}
	code, _ := b.FamilyCode(ctx, teen.ID, teen.ID)
	if _, err := b.LinkWard(ctx, mother.ID, code, "mother", persontest.Consents()); err != nil || !consented(teen.ID) {
		t.Errorf("after linking: %v", err)
	}
	if err := b.Withdraw(ctx, mother.ID, teen.ID, person.ConsentGuardian); err != nil || consented(teen.ID) {
		t.Errorf("after withdrawing: %v", err)
	}
	if err := b.Agree(ctx, mother.ID, teen.ID, "guardian-2"); err != nil || !consented(teen.ID) {
		t.Errorf("after agreeing again: %v", err)
	}
	if err := b.EndGuardianship(ctx, mother.ID, teen.ID); err != nil || consented(teen.ID) {
		t.Errorf("after the guardianship: %v", err)
	}
	if err := b.EndGuardianship(ctx, mother.ID, kid.ID); !errors.Is(err, person.ErrLastGuardian) {
		t.Errorf("the last guardian of a child leaves: %v", err)
	}
	if err := b.Agree(ctx, mother.ID, teen.ID, "guardian-2"); !errors.Is(err, person.ErrNotGuardian) {
		t.Errorf("a former guardian agrees: %v", err)
	}
}

func TestFacts(t *testing.T) {
	b, ctx := setup(t), context.Background()
	p := persontest.Adult(t, b.Service)
	gone, later := now.AddDate(0, 0, -1), now
	err := pg.InTx(ctx, b.pool, func(tx pgx.Tx) error {
		return errors.Join(
			b.AddQualificationTx(ctx, tx, uuid.New(), p.ID, person.Qualification{Code: "nurse"}),
			b.AddQualificationTx(ctx, tx, uuid.New(), p.ID, person.Qualification{Code: "driver", ValidTo: &gone}),
			b.AddQualificationTx(ctx, tx, uuid.New(), p.ID, person.Qualification{Code: "doctor", ValidTo: &later}))
	})
	if err != nil {
		t.Fatal(err)
	}
	facts, err := b.Facts(ctx, b.pool, []uuid.UUID{p.ID, uuid.New()})
	want := map[uuid.UUID]person.Facts{p.ID: {ID: p.ID, BirthDate: p.BirthDate, Skills: []string{"01"}, Languages: []string{"cantonese"},
		Qualifications: []string{"doctor", "nurse"}, ConsentOrgs: []uuid.UUID{}}}
	if d := cmp.Diff(want, facts); d != "" || err != nil {
		t.Error(d, err)
	}
	if held, err := b.QualificationsOf(ctx, p.ID); err != nil || len(held) != 3 {
		t.Errorf("held %v, %v", held, err)
	}
}

func TestConsentsDue(t *testing.T) {
	b, ctx := setup(t), context.Background()
	p := persontest.Adult(t, b.Service)
	kid := persontest.Ward(t, b.Service, p.ID, "2014-01-01")
	if due, err := b.ConsentsDue(ctx, b.pool, []uuid.UUID{p.ID, kid.ID}); err != nil || len(due) != 0 {
		t.Errorf("due %v, %v", due, err)
	}
	// As if the texts had been replaced since.
	if _, err := b.pool.Exec(ctx, `UPDATE person.consent SET withdrawn_at = given_at, withdrawn_by = person WHERE person = $1 AND purpose = 'privacy'`, p.ID); err != nil {
		t.Fatal(err)
	}
	due, err := b.ConsentsDue(ctx, b.pool, []uuid.UUID{p.ID})
	if err != nil || !cmp.Equal(due[p.ID], []person.Purpose{person.ConsentPrivacy}) {
		t.Errorf("due %v, %v", due, err)
	}
	if err := b.Agree(ctx, p.ID, p.ID, "privacy-1"); err != nil {
		t.Fatal(err)
	}
	if due, _ := b.ConsentsDue(ctx, b.pool, []uuid.UUID{p.ID}); len(due) != 0 {
		t.Errorf("still due %v", due)
	}
	if err := b.Agree(ctx, p.ID, p.ID, "privacy-0"); !errors.Is(err, person.ErrConsentUnknown) {
		t.Errorf("an unknown text: %v", err)
	}
	if err := b.Withdraw(ctx, p.ID, p.ID, person.ConsentPrivacy); !errors.Is(err, person.ErrConsentNeeded) {
		t.Errorf("withdrawing what is needed: %v", err)
	}
}

func TestUpdateProfile(t *testing.T) {
	b, ctx := setup(t), context.Background()
	p := persontest.Adult(t, b.Service)
	in := person.ProfileOf(p)
	in.Division, in.Email, in.Lang = persontest.Dongcheng, "new@example.org", "en"
	if err := b.UpdateProfile(ctx, p.ID, p.ID, in); err != nil {
		t.Fatal(err)
	}
	got, err := b.Get(ctx, p.ID)
	if err != nil || got.Division != persontest.Dongcheng || got.Email != "new@example.org" || got.Version != 2 || got.Phone != p.Phone {
		t.Errorf("got %+v, %v", got.Division, err)
	}
	acts, err := audit.Of(ctx, b.pool, audit.Object("person", p.ID))
	if err != nil || len(acts) != 2 || !cmp.Equal(acts[1].Detail["fields"], []any{"division", "email", "lang"}) {
		t.Errorf("audit %v, %v", acts, err)
	}
	if err := b.UpdateProfile(ctx, p.ID, p.ID, in); !errors.Is(err, fault.ErrVersionConflict) {
		t.Errorf("an old form: %v", err)
	}
	in.Division, in.Email, in.ServiceFields, in.Lang = "1", "@", nil, "pt"
	want := []string{"division", "email", "lang", "service_fields"}
	if names := slices.Sorted(maps.Keys(fieldCodes(b.UpdateProfile(ctx, p.ID, p.ID, in)))); !cmp.Equal(names, want) {
		t.Errorf("faults at %v", names)
	}
}

func TestSetPhone(t *testing.T) {
	b, ctx := setup(t), context.Background()
	p := persontest.Adult(t, b.Service)
	phone := persontest.Phone()
	if err := pg.InTx(ctx, b.pool, func(tx pgx.Tx) error { return b.SetPhoneTx(ctx, tx, p.ID, p.ID, phone) }); err != nil {
		t.Fatal(err)
	}
	if ids, err := b.WithPhone(ctx, b.pool, phone); err != nil || len(ids) != 1 {
		t.Errorf("new phone finds %v, %v", ids, err)
	}
	if ids, err := b.WithPhone(ctx, b.pool, p.Phone); err != nil || len(ids) != 0 {
		t.Errorf("old phone finds %v, %v", ids, err)
	}
}

func TestKeysOfAnotherDatabaseAreRefused(t *testing.T) {
	b, ctx := setup(t), context.Background()
	for range 2 {
		if err := b.CheckKeys(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if err := persontest.New(b.pool, b.clk).CheckKeys(ctx); !errors.Is(err, person.ErrWrongKeys) {
		t.Errorf("got %v", err)
	}
}

func TestTheDatabaseKeepsWhatMustNotChange(t *testing.T) {
	b, ctx := setup(t), context.Background()
	p := persontest.Adult(t, b.Service)
	for _, sql := range []string{
		`UPDATE person.person SET volunteer_no = '222-2222' WHERE id = $1`,
		`UPDATE person.identity_document SET key_hash = sha256('x') WHERE person = $1`,
		`UPDATE person.consent SET text_version = 'privacy-9' WHERE person = $1`,
		`DELETE FROM person.consent WHERE person = $1`,
		`INSERT INTO person.guardianship (id, guardian, ward, relation, since) VALUES (gen_random_uuid(), $1, $1, 'other', now())`,
	} {
		if _, err := b.pool.Exec(ctx, sql, p.ID); pg.Constraint(err) == "" && !strings.Contains(errText(err), "never") {
			t.Errorf("%s: %v", sql, err)
		}
	}
}

func errText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
