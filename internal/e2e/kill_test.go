package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/account"
	"kapok/internal/activity"
	"kapok/internal/app"
	"kapok/internal/attendance"
	"kapok/internal/demo"
	"kapok/internal/kit/clock"
	"kapok/internal/kit/conf"
	"kapok/internal/kit/pg"
	"kapok/internal/kit/pgtest"
	"kapok/internal/person/persontest"
)

const (
	killRounds = 6
	killPeople = 60
)

// TestAnsweredActsSurviveKill9 kills `kapok serve` under load, again and
// again. People press until they get an answer. Afterwards every answered
// sign-up, check-in and confirmation is there, exactly once.
func TestAnsweredActsSurviveKill9(t *testing.T) {
	t.Parallel()
	k := newKillStage(t)
	rng := rand.New(rand.NewPCG(2, uint64(time.Now().UnixNano())))
	acts := k.acts()
	rng.Shuffle(len(acts), func(i, j int) { acts[i], acts[j] = acts[j], acts[i] })
	k.start()
	pressed := k.pressUntilAnswered(acts)
	for round := range killRounds {
		k.await(round*len(acts)/killRounds + rng.IntN(len(acts)/killRounds))
		k.kill()
		k.start()
	}
	pressed.Wait()
	k.kill()
	k.verify(acts)
	if k.cut == 0 {
		t.Error("no request was under way when the process was killed: the test shows nothing")
	}
}

// act is a request that somebody presses until it is answered.
type act struct {
	kind, token, path string
	body              func() (any, error)
	key               [2]uuid.UUID // shift and person; of a confirmation the record
	id                string       // what the answer named
}

// killStage is a database, people with sessions, and a process that dies.
type killStage struct {
	*app.App
	t       testing.TB
	bin     string
	args    []string
	url     string
	process *exec.Cmd

	mu       sync.Mutex
	answered int
	cut      int // requests without an answer
}

func newKillStage(t testing.TB) *killStage {
	t.Helper()
	server := pgtest.Durable(t)
	pool, err := pg.Open(t.Context(), server.URL(), 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	if err := app.LoadDivisions(t.Context(), pool); err != nil {
		t.Fatal(err)
	}
	k := &killStage{t: t, bin: filepath.Join(t.TempDir(), "kapok")}
	if out, err := exec.Command("go", "build", "-o", k.bin, "kapok/cmd/kapok").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	c := conf.Default()
	c.Data, c.Listen = t.TempDir(), address
	k.url, k.args = "http://"+address, []string{"serve", "--listen", address, "--data", c.Data, "--database", server.URL()}
	k.App, err = app.New(t.Context(), app.Options{Config: c, Pool: pool, Clock: clock.System{}, Log: slog.New(slog.DiscardHandler), Silent: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := demo.Fill(t.Context(), k.App, demo.Options{Seed: 5, Scale: 0.02}); err != nil {
		t.Fatal(err)
	}
	return k
}

// start runs the program and waits until it is ready.
func (k *killStage) start() {
	k.t.Helper()
	k.process = exec.Command(k.bin, k.args...)
	k.process.Env = append(os.Environ(), "KAPOK_OPERATOR=off", "KAPOK_LOG_LEVEL=error")
	k.process.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := k.process.Start(); err != nil {
		k.t.Fatal(err)
	}
	for limit := time.Now().Add(time.Minute); time.Now().Before(limit); time.Sleep(20 * time.Millisecond) {
		if r, err := http.Get(k.url + "/readyz"); err == nil {
			r.Body.Close()
			if r.StatusCode == http.StatusOK {
				return
			}
		}
	}
	k.t.Fatal("kapok serve is not ready after a minute")
}

func (k *killStage) kill() {
	_ = k.process.Process.Kill()
	_ = k.process.Wait()
}

// await returns when n acts were answered.
func (k *killStage) await(n int) {
	for {
		k.mu.Lock()
		have := k.answered
		k.mu.Unlock()
		if have >= n {
			return
		}
		time.Sleep(time.Millisecond)
	}
}

// acts are sign-ups to shifts to come, check-ins to one under way and
// confirmations of hours that wait.
func (k *killStage) acts() (out []*act) {
	shifts := k.shifts()
	past, now, shifts := shifts[0], shifts[1], shifts[1:]
	leader := k.session(k.one(`SELECT m.person FROM organisation.member m JOIN activity.activity a ON a.org = m.org
		JOIN activity.shift s ON s.activity = a.id WHERE s.id = $1 AND m.role = 'org_admin' LIMIT 1`, now))
	var people []uuid.UUID
	for range killPeople {
		people = append(people, persontest.Adult(k.t, k.People).ID)
	}
	k.serve(past, people)
	for _, p := range people {
		token := k.session(p)
		for _, s := range shifts {
			out = append(out, &act{kind: "sign-up", token: token, path: "/api/v1/shifts/" + s.String() + "/signups", key: [2]uuid.UUID{s, p}})
		}
		out = append(out, &act{kind: "check-in", token: token, path: "/api/v1/attendance", key: [2]uuid.UUID{now, p}, body: func() (any, error) {
			return k.codeOf(now, leader)
		}})
	}
	return append(out, k.confirmations()...)
}

// shifts are five that do not overlap, with room for all. The first is moved to
// the past and the second to the present, as nothing that people can do makes a
// shift that runs already.
func (k *killStage) shifts() []uuid.UUID {
	list := k.ids(`SELECT id FROM (SELECT DISTINCT ON (s.starts_at::date) s.id, s.starts_at FROM activity.shift s JOIN activity.activity a ON a.id = s.activity
		WHERE a.state = 'published' AND NOT a.dangerous AND s.state = 'open' AND s.starts_at > now() + interval '36 hours' ORDER BY s.starts_at::date, s.id) x ORDER BY starts_at LIMIT $1`, 5)
	k.exec(`UPDATE activity.shift SET capacity = 1000, approval = false, min_age = 0, max_age = 0, skills = '{}', languages = '{}', qualifications = '{}',
		signup_from = now() - interval '1 day', signup_until = ends_at WHERE id = ANY($1)`, list)
	k.exec(`UPDATE activity.shift SET starts_at = now() - interval '5 minutes', ends_at = now() + interval '3 hours', signup_until = now() + interval '2 hours' WHERE id = $1`, list[1])
	k.exec(`UPDATE activity.shift SET starts_at = now() - interval '4 hours', ends_at = now() - interval '1 hour', signup_until = now() - interval '1 hour' WHERE id = $1`, list[0])
	return list
}

// serve lets people serve in a shift that is over, on a platform whose clock
// goes back, so that their hours wait to be confirmed.
func (k *killStage) serve(shift uuid.UUID, people []uuid.UUID) {
	k.t.Helper()
	o := k.Options
	then := clock.At(time.Now().Add(-200 * time.Minute))
	o.Clock = then
	past, err := app.New(k.t.Context(), o)
	if err != nil {
		k.t.Fatal(err)
	}
	for _, d := range []attendance.Direction{attendance.In, attendance.Out} {
		for _, p := range people {
			if err := come(k.t.Context(), past, shift, p, d); err != nil {
				k.t.Fatal(err)
			}
		}
		then.Advance(time.Hour)
	}
}

func come(ctx context.Context, a *app.App, shift, person uuid.UUID, d attendance.Direction) error {
	if _, err := a.Activities.SignUp(ctx, activity.SignUpRequest{Shift: shift, Person: person, By: person}); err != nil && d == attendance.In {
		return err
	}
	v, err := a.Attendance.Shift(ctx, shift)
	if err != nil {
		return err
	}
	code, err := a.Attendance.ShowCode(v)
	if err != nil {
		return err
	}
	proof, err := a.Attendance.Read(ctx, person, code.Token, nil)
	if err != nil {
		return err
	}
	_, err = a.Attendance.Go(ctx, proof, d, nil)
	return err
}

func (k *killStage) codeOf(shift uuid.UUID, leader string) (any, error) {
	status, a, err := k.send(leader, http.MethodGet, "/api/v1/shifts/"+shift.String()+"/code", nil)
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("no code: %d %v", status, a)
	}
	return map[string]any{"code": a["token"], "direction": "in"}, err
}

// confirmations are of records that an approver of their organisation may confirm.
func (k *killStage) confirmations() (out []*act) {
	rows, err := k.Pool.Query(k.t.Context(), `SELECT r.id, r.shift, r.version, m.person FROM record.service_record r
		JOIN LATERAL (SELECT person FROM organisation.member m WHERE m.org = r.org AND m.role IN ('org_approver', 'org_admin') AND m.person <> r.person
			AND m.person IS DISTINCT FROM r.recorder ORDER BY m.role DESC, m.person LIMIT 1) m ON true
		WHERE r.state = 'pending' ORDER BY r.id LIMIT 200`)
	if err != nil {
		k.t.Fatal(err)
	}
	type waiting struct {
		ID, Shift uuid.UUID
		Version   int
		Approver  uuid.UUID
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[waiting])
	if err != nil || len(list) < 20 {
		k.t.Fatalf("%d hours to confirm: %v", len(list), err)
	}
	tokens := map[uuid.UUID]string{}
	for _, w := range list {
		if tokens[w.Approver] == "" {
			tokens[w.Approver] = k.session(w.Approver)
		}
		body := map[string]any{"records": []map[string]any{{"id": w.ID, "version": w.Version}}}
		out = append(out, &act{kind: "confirmation", token: tokens[w.Approver], path: "/api/v1/shifts/" + w.Shift.String() + "/hours/confirmations",
			key: [2]uuid.UUID{w.ID}, body: func() (any, error) { return body, nil }})
	}
	return out
}

// pressUntilAnswered lets a few people at a time press until each act is answered.
func (k *killStage) pressUntilAnswered(acts []*act) *sync.WaitGroup {
	work := make(chan *act)
	go func() {
		defer close(work)
		for _, a := range acts {
			work <- a
		}
	}()
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			for a := range work {
				for !k.press(a) {
					time.Sleep(10 * time.Millisecond)
				}
			}
		})
	}
	return &all
}

// press sends the request once. Whatever a living server answers must be a yes.
func (k *killStage) press(a *act) (answered bool) {
	var body any
	if a.body != nil {
		var err error
		if body, err = a.body(); err != nil {
			return k.noAnswer()
		}
	}
	status, got, err := k.send(a.token, http.MethodPost, a.path, body)
	if err != nil {
		return k.noAnswer()
	}
	if status != http.StatusOK && status != http.StatusCreated {
		k.t.Errorf("%s: %d %v", a.kind, status, got)
	}
	a.id, _ = got["id"].(string)
	k.mu.Lock()
	defer k.mu.Unlock()
	k.answered++
	return true
}

func (k *killStage) noAnswer() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.cut++
	return false
}

func (k *killStage) send(token, method, path string, body any) (status int, out map[string]any, err error) {
	var in io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return 0, nil, err
		}
		in = bytes.NewReader(b)
	}
	r, err := http.NewRequestWithContext(k.t.Context(), method, k.url+path, in)
	if err != nil {
		return 0, nil, err
	}
	r.Header.Set("Authorization", "Bearer "+token)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	err = json.NewDecoder(resp.Body).Decode(&out)
	return resp.StatusCode, out, err
}

// verify wants each act in the database once, under the id that was answered.
func (k *killStage) verify(acts []*act) {
	k.t.Helper()
	count := map[string]int{}
	for _, a := range acts {
		count[a.kind]++
		switch a.kind {
		case "sign-up":
			k.once(a, `SELECT id::text FROM activity.signup WHERE shift = $1 AND person = $2`, a.key[0], a.key[1])
		case "check-in":
			k.once(a, `SELECT id::text FROM attendance.attendance WHERE shift = $1 AND person = $2`, a.key[0], a.key[1])
		case "confirmation":
			k.once(a, `SELECT '' FROM record.service_record r JOIN record.journal j ON j.record = r.id AND j.kind = 'confirmed' WHERE r.id = $1 AND r.state = 'confirmed'`, a.key[0])
		}
	}
	k.t.Logf("%v, %d requests without an answer", count, k.cut)
	if wrong, err := activity.CheckCounters(context.Background(), k.Pool); err != nil || len(wrong) > 0 {
		k.t.Errorf("counters that do not fit the sign-ups: %v %v", wrong, err)
	}
	k.totalsAgree()
}

func (k *killStage) once(a *act, sql string, args ...any) {
	k.t.Helper()
	rows, err := k.Pool.Query(context.Background(), sql, args...)
	if err != nil {
		k.t.Fatal(err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(found) != 1 || found[0] != a.id && a.kind != "confirmation" {
		k.t.Errorf("%s answered as %q: in the database are %q, %v", a.kind, a.id, found, err)
	}
}

// totalsAgree lets the reader of the journal catch up: nothing read twice,
// nothing missed.
func (k *killStage) totalsAgree() {
	k.t.Helper()
	if err := k.Drain(context.Background()); err != nil {
		k.t.Fatal(err)
	}
	var read, stored int
	err := k.Pool.QueryRow(context.Background(), `SELECT (SELECT sum(confirmed_minutes) FROM record.hours_total),
		(SELECT sum(minutes) FROM record.service_record WHERE state = 'confirmed')`).Scan(&read, &stored)
	if err != nil || read != stored {
		k.t.Errorf("totals say %d minutes, records %d: %v", read, stored, err)
	}
}

func (k *killStage) session(person uuid.UUID) string {
	k.t.Helper()
	var token string
	err := pg.InTx(k.t.Context(), k.Pool, func(tx pgx.Tx) error {
		var id uuid.UUID
		err := tx.QueryRow(k.t.Context(), `SELECT id FROM account.account WHERE person = $1`, person).Scan(&id)
		if err == pgx.ErrNoRows {
			id, err = k.Accounts.OpenTx(k.t.Context(), tx, person, fmt.Sprintf("+86137%08d", rand.IntN(1e8)))
		}
		if err != nil {
			return err
		}
		in, err := k.Accounts.Begin(k.t.Context(), tx, id, person, account.Device{Kind: account.API, Name: "test"}, account.ByPasskey)
		token = in.Token
		return err
	})
	if err != nil {
		k.t.Fatal(err)
	}
	return token
}

func (k *killStage) ids(sql string, limit int) []uuid.UUID {
	k.t.Helper()
	rows, err := k.Pool.Query(k.t.Context(), sql, limit)
	if err != nil {
		k.t.Fatal(err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil || len(list) != limit {
		k.t.Fatalf("%d of %d: %v", len(list), limit, err)
	}
	return list
}

func (k *killStage) one(sql string, arg any) (id uuid.UUID) {
	k.t.Helper()
	if err := k.Pool.QueryRow(k.t.Context(), sql, arg).Scan(&id); err != nil {
		k.t.Fatal(err)
	}
	return id
}

func (k *killStage) exec(sql string, args ...any) {
	k.t.Helper()
	if _, err := k.Pool.Exec(k.t.Context(), sql, args...); err != nil {
		k.t.Fatal(err)
	}
}
