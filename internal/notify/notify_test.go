package notify

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"mime"
	"mime/quotedprintable"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertype"

	"kapok/internal/kit/clock"
	"kapok/internal/kit/i18n"
	"kapok/internal/kit/pg"
	"kapok/internal/kit/pgtest"
)

type wordDecoder = mime.WordDecoder

var _ = i18n.Register([]byte(`{
	"notify.notify_test.hours.title": {"zh-Hans": "时数已确认", "zh-Hant": "時數已確認", "en": "Hours confirmed"},
	"notify.notify_test.hours.body": {"zh-Hans": "{title} {minutes} 小时，{due_on} 前，{out_at}，第 {n} 次", "zh-Hant": "{title} {minutes} 小時，{due_on} 前，{out_at}，第 {n} 次", "en": "{title}: {minutes} hours, by {due_on}, {out_at}, {n} {n|time|times}"}
}`))

// world is a service whose mails go to a real SMTP server and whose SMS are kept.
type world struct {
	*Service
	t      *testing.T
	pool   *pgxpool.Pool
	server *mailServer

	mu    sync.Mutex
	book  map[uuid.UUID]Address
	short []Short
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, pool: pgtest.New(t), server: newMailServer(t, nil), book: map[uuid.UUID]Address{}}
	s, err := New(Options{Pool: w.pool, Clock: clock.At(time.Date(2026, 10, 18, 4, 0, 0, 0, time.UTC)), Log: discard(), Address: w.addressOf,
		Mail: open(t, w.server.settings()), SMS: w, Origin: "https://kapok.example"})
	if err != nil {
		t.Fatal(err)
	}
	w.Service = s
	return w
}

func discard() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

func (w *world) addressOf(_ context.Context, person uuid.UUID) (Address, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.book[person], nil
}

// SendSMS keeps an SMS: the test is the gateway.
func (w *world) SendSMS(_ context.Context, m Short) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.short = append(w.short, m)
	return nil
}

func (w *world) person(a Address) uuid.UUID {
	id := uuid.New()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.book[id] = a
	return id
}

func (w *world) send(messages ...Message) {
	w.t.Helper()
	if err := pg.InTx(w.t.Context(), w.pool, func(tx pgx.Tx) error { return w.SendTx(w.t.Context(), tx, messages...) }); err != nil {
		w.t.Fatal(err)
	}
}

// work runs the delivery jobs until the test ends.
func (w *world) work() {
	w.t.Helper()
	workers := river.NewWorkers()
	w.Register(workers)
	client, err := river.NewClient(riverpgxv5.New(w.pool), &river.Config{Schema: pg.JobSchema, Logger: discard(), Workers: workers,
		Queues: map[string]river.QueueConfig{Queue: {MaxWorkers: QueueWorkers}}, RetryPolicy: atOnce{}, FetchPollInterval: 100 * time.Millisecond})
	if err != nil {
		w.t.Fatal(err)
	}
	if err := client.Start(context.Background()); err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() {
		if err := client.Stop(context.Background()); err != nil {
			w.t.Error(err)
		}
	})
}

type atOnce struct{}

func (atOnce) NextRetry(*rivertype.JobRow) time.Time { return time.Now().Add(50 * time.Millisecond) }

// delivery waits until the delivery is in one of the states that last.
func (w *world) delivery(person uuid.UUID, c Channel) (state string, tries int) {
	w.t.Helper()
	for range 600 {
		err := w.pool.QueryRow(w.t.Context(), `SELECT d.state, d.tries FROM notify.delivery d JOIN notify.message m ON m.id = d.message
			WHERE m.person = $1 AND d.channel = $2`, person, c).Scan(&state, &tries)
		if err != nil {
			w.t.Fatal(err)
		}
		if state != "queued" {
			return state, tries
		}
		time.Sleep(50 * time.Millisecond)
	}
	w.t.Fatal("the delivery stays queued")
	return "", 0
}

func hoursMessage(person uuid.UUID) Message {
	return Message{Person: person, Kind: "notify_test.hours", Link: "/me/hours", Key: "hours/1",
		Args: map[string]any{"title": "陪长者过重阳", "minutes": 150, "due_on": "2026-10-30", "out_at": "2026-10-18T03:30:00Z", "n": 1}}
}

func TestAMessageIsReadInTheReadersLanguage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	me := w.person(Address{})
	w.send(hoursMessage(me))
	got, err := w.Inbox(t.Context(), me, "", 10)
	if err != nil || len(got) != 1 {
		t.Fatalf("%v %v", got, err)
	}
	for l, want := range map[i18n.Lang]Text{
		i18n.ZhHans: {"时数已确认", "陪长者过重阳 2.50 小时，2026年10月30日 前，2026年10月18日 11:30，第 1 次"},
		i18n.ZhHant: {"時數已確認", "陪长者过重阳 2.50 小時，2026年10月30日 前，2026年10月18日 11:30，第 1 次"},
		i18n.En:     {"Hours confirmed", "陪长者过重阳: 2.50 hours, by 30 Oct 2026, 18 Oct 2026, 11:30, 1 time"},
	} {
		if diff := cmp.Diff(want, got[0].Text(l)); diff != "" {
			t.Errorf("%s: %s", l, diff)
		}
	}
}

func TestAMessageReachesAPersonOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	me := w.person(Address{Email: "li.wen@example.com"})
	w.send(hoursMessage(me), hoursMessage(me))
	w.send(hoursMessage(me))
	w.work()
	if state, _ := w.delivery(me, Email); state != "sent" {
		t.Fatal(state)
	}
	if got, err := w.Inbox(t.Context(), me, "", 10); err != nil || len(got) != 1 {
		t.Errorf("inbox %v %v", got, err)
	}
	if n := len(w.server.letters()); n != 1 {
		t.Errorf("%d letters", n)
	}
	var jobs int
	if err := w.pool.QueryRow(t.Context(), `SELECT count(*) FROM river.river_job`).Scan(&jobs); err != nil || jobs != 1 {
		t.Errorf("%d jobs, %v", jobs, err)
	}
}

func TestAMessageCommitsWithWhatItTellsAbout(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	me := w.person(Address{Email: "li.wen@example.com"})
	undone := errors.New("undone")
	err := pg.InTx(t.Context(), w.pool, func(tx pgx.Tx) error {
		return errors.Join(w.SendTx(t.Context(), tx, hoursMessage(me)), undone)
	})
	if !errors.Is(err, undone) {
		t.Fatal(err)
	}
	var rows int
	err = w.pool.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM notify.message) + (SELECT count(*) FROM notify.delivery)
		+ (SELECT count(*) FROM river.river_job)`).Scan(&rows)
	if err != nil || rows != 0 {
		t.Errorf("%d rows stay, %v", rows, err)
	}
}

func TestAFailedDeliveryIsTriedAgainAndNothingPersonalIsKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	me := w.person(Address{Email: "li.wen@example.com", Lang: i18n.En})
	w.server.answers = []*smtp.SMTPError{{Code: 451, Message: "li.wen@example.com busy"}, {Code: 452, Message: "li.wen@example.com full"}}
	w.send(hoursMessage(me))
	w.work()
	if state, tries := w.delivery(me, Email); state != "sent" || tries != 3 {
		t.Errorf("%s after %d tries", state, tries)
	}
	got := w.server.letters()
	if len(got) != 1 || !strings.Contains(decoded(t, got[0]), "https://kapok.example/me/hours") {
		t.Errorf("got %+v", got)
	}
	var kept string
	if err := w.pool.QueryRow(t.Context(), `SELECT string_agg(j::text, ' ') FROM river.river_job j`).Scan(&kept); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(kept, "example.com") || strings.Contains(kept, "陪长者") {
		t.Errorf("the job keeps personal data: %s", kept)
	}
}

func decoded(t *testing.T, l letter) string {
	t.Helper()
	r := strings.NewReader(l.body)
	if l.msg.Header.Get("Content-Transfer-Encoding") == "quoted-printable" {
		return quotedPrintable(t, r)
	}
	return l.body
}

func TestARefusedAddressIsNotTriedAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	me := w.person(Address{Email: "gone@example.com"})
	w.server.answers = []*smtp.SMTPError{{Code: 550, Message: "no such user"}}
	w.send(hoursMessage(me))
	w.work()
	if state, tries := w.delivery(me, Email); state != "failed" || tries != 1 || w.server.tries() != 1 {
		t.Errorf("%s after %d tries, the server saw %d", state, tries, w.server.tries())
	}
}

func TestChannels(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	urgent := w.person(Address{Email: "a@example.com", Phone: "+8613800000000"})
	nobody := w.person(Address{})
	calm := w.person(Address{Email: "b@example.com", Phone: "+8613800000001"})
	for person, change := range map[uuid.UUID]func(*Message){
		urgent: func(m *Message) { m.Urgent = true }, nobody: func(m *Message) { m.Urgent = true }, calm: func(m *Message) { m.Quiet = true },
	} {
		m := hoursMessage(person)
		change(&m)
		w.send(m)
	}
	w.work()
	for _, c := range []Channel{Email, SMS} {
		if state, _ := w.delivery(urgent, c); state != "sent" {
			t.Errorf("urgent %s: %s", c, state)
		}
		if state, _ := w.delivery(nobody, c); state != "no_address" {
			t.Errorf("no address %s: %s", c, state)
		}
	}
	if len(w.short) != 1 || w.short[0].To != "+8613800000000" || !strings.HasPrefix(w.short[0].Text, "【木棉志愿】陪长者过重阳 2.50") {
		t.Errorf("sms %+v", w.short)
	}
	var quietOnes int
	if err := w.pool.QueryRow(t.Context(), `SELECT count(*) FROM notify.delivery d JOIN notify.message m ON m.id = d.message WHERE m.person = $1`, calm).Scan(&quietOnes); err != nil || quietOnes != 0 {
		t.Errorf("quiet message went out %d times, %v", quietOnes, err)
	}
}

func TestReadingMarksOnlyOnesOwn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	me, other := uuid.New(), uuid.New()
	for i := range 5 {
		m := hoursMessage(me)
		m.Key = string(rune('a' + i))
		w.send(m)
	}
	w.send(hoursMessage(other))
	first, err := w.Inbox(t.Context(), me, "", 2)
	if err != nil {
		t.Fatal(err)
	}
	rest, err := w.Inbox(t.Context(), me, first[1].Cursor(), 10)
	if err != nil || len(first) != 2 || len(rest) != 3 || rest[0].ID == first[1].ID {
		t.Fatalf("pages %d %d %v", len(first), len(rest), err)
	}
	if n, err := w.MarkRead(t.Context(), other, first[0].ID); n != 0 || err != nil {
		t.Errorf("another's message was marked: %d %v", n, err)
	}
	if n, err := w.MarkRead(t.Context(), me, first[0].ID); n != 1 || err != nil {
		t.Errorf("one: %d %v", n, err)
	}
	if n, err := w.Unread(t.Context(), me); n != 4 || err != nil {
		t.Errorf("unread %d %v", n, err)
	}
	if n, err := w.MarkRead(t.Context(), me); n != 4 || err != nil {
		t.Errorf("all: %d %v", n, err)
	}
	if n, err := w.Unread(t.Context(), other); n != 1 || err != nil {
		t.Errorf("the other's unread: %d %v", n, err)
	}
	if _, err := w.Inbox(t.Context(), me, "nonsense", 1); err == nil {
		t.Error("a made-up cursor was accepted")
	}
}

func TestMessagesAreNeverRewritten(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.send(hoursMessage(uuid.New()))
	for _, column := range []string{"kind = 'x'", "args = '{}'", "person = gen_random_uuid()", "key = 'x'"} {
		if _, err := w.pool.Exec(t.Context(), `UPDATE notify.message SET `+column); err == nil {
			t.Errorf("%s was accepted", column)
		}
	}
}

func TestCodesGoOutAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if err := w.SendCode(t.Context(), Code{Phone: "+85291234567", Digits: "271828", Minutes: 5, Lang: i18n.ZhHant}); err != nil {
		t.Fatal(err)
	}
	if err := w.SendCode(t.Context(), Code{Email: "li.wen@example.com", Digits: "314159", Minutes: 1, Lang: i18n.En}); err != nil {
		t.Fatal(err)
	}
	if err := w.SendCode(t.Context(), Code{Digits: "1"}); err == nil {
		t.Error("a code to nowhere was sent")
	}
	if len(w.short) != 1 || !strings.Contains(w.short[0].Text, "271828") || !strings.Contains(w.short[0].Text, "5 分鐘") {
		t.Errorf("sms %+v", w.short)
	}
	if got := w.server.letters(); len(got) != 1 || !strings.Contains(decoded(t, got[0]), "314159; it works for 1 minute.") {
		t.Errorf("mail %+v", got)
	}
}

func quotedPrintable(t *testing.T, r io.Reader) string {
	t.Helper()
	b, err := io.ReadAll(quotedprintable.NewReader(r))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
