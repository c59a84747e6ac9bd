package notify

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/riverqueue/river"

	"kapok/internal/kit/i18n"
)

// Channel is a way out.
type Channel string

// The channels.
const (
	Email Channel = "email"
	SMS   Channel = "sms"
)

const (
	deliverTries   = 8 // River waits longer each time: seconds, minutes, an hour
	deliverTimeout = time.Minute
)

// deliverArgs is the job: deliver this message by this channel. Ids only.
type deliverArgs struct {
	Message uuid.UUID `json:"message"`
	Channel Channel   `json:"channel"`
}

// Kind names the job.
func (deliverArgs) Kind() string { return "notify_deliver" }

// InsertOpts: the same delivery is never queued twice.
func (deliverArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: Queue, MaxAttempts: deliverTries, UniqueOpts: river.UniqueOpts{ByArgs: true}}
}

type deliverer struct {
	river.WorkerDefaults[deliverArgs]
	service *Service
}

// Timeout limits one try.
func (*deliverer) Timeout(*river.Job[deliverArgs]) time.Duration { return deliverTimeout }

// Work makes one try.
func (d *deliverer) Work(ctx context.Context, job *river.Job[deliverArgs]) error {
	s, a := d.service, job.Args
	state, err := s.deliver(ctx, a)
	if err == nil {
		return s.mark(ctx, a, state)
	}
	if permanent(err) || job.Attempt >= job.MaxAttempts {
		if err := s.mark(ctx, a, "failed"); err != nil {
			return err
		}
		s.log.WarnContext(ctx, "a message could not be delivered", "message", a.Message, "channel", string(a.Channel), "error", err.Error())
		return river.JobCancel(err)
	}
	return errors.Join(err, s.mark(ctx, a, "queued"))
}

func (s *Service) deliver(ctx context.Context, a deliverArgs) (state string, err error) {
	if sent, err := s.isSent(ctx, a); sent || err != nil {
		return "sent", err
	}
	m, err := s.get(ctx, a.Message)
	if err != nil {
		return "", err
	}
	to, err := s.address(ctx, m.Person)
	if err != nil {
		return "", err
	}
	text := m.Text(langOf(to))
	switch {
	case a.Channel == Email && to.Email != "":
		err = s.mail.SendMail(ctx, Mail{ID: m.ID, To: to.Email, Subject: text.Title, Body: s.mailBody(langOf(to), m, text)})
	case a.Channel == SMS && to.Phone != "":
		err = s.sms.SendSMS(ctx, Short{ID: m.ID, To: to.Phone, Text: i18n.Text(langOf(to), "notify.sms", "text", text.Body)})
	default:
		return "no_address", nil
	}
	return "sent", err
}

func langOf(a Address) i18n.Lang {
	if a.Lang == "" {
		return i18n.ZhHans
	}
	return a.Lang
}

func (s *Service) mailBody(l i18n.Lang, m Received, t Text) string {
	body := t.Body + "\n"
	if m.Link != "" {
		body += "\n" + s.origin + m.Link + "\n"
	}
	return body + "\n-- \n" + i18n.Text(l, "notify.mail.footer") + "\n"
}

func (s *Service) isSent(ctx context.Context, a deliverArgs) (sent bool, err error) {
	err = s.pool.QueryRow(ctx, `SELECT EXISTS (SELECT FROM notify.delivery WHERE message = $1 AND channel = $2 AND state = 'sent')`,
		a.Message, a.Channel).Scan(&sent)
	return sent, err
}

func (s *Service) mark(ctx context.Context, a deliverArgs, state string) error {
	_, err := s.pool.Exec(ctx, `UPDATE notify.delivery SET state = $3, tries = tries + 1, at = $4
		WHERE message = $1 AND channel = $2 AND state <> 'sent'`, a.Message, a.Channel, state, s.clk.Now())
	return err
}
