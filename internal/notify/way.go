package notify

import (
	"context"
	"errors"
	"log/slog"

	"github.com/google/uuid"
)

// Mail is a mail on its way out.
type Mail struct {
	ID      uuid.UUID // becomes its Message-ID, the same at every try
	To      string
	Subject string
	Body    string // plain text
}

// LogValue keeps address and text out of logs.
func (m Mail) LogValue() slog.Value { return slog.StringValue(m.ID.String()) }

// Mailer is a way out for mail: SMTP or Outbox.
type Mailer interface {
	SendMail(ctx context.Context, m Mail) error
}

// Short is an SMS on its way out.
type Short struct {
	ID   uuid.UUID
	To   string // E.164
	Text string
}

// LogValue keeps number and text out of logs.
func (m Short) LogValue() slog.Value { return slog.StringValue(m.ID.String()) }

// Gateway is a way out for SMS. Outbox is the one that comes with Kapok; an
// operator's own stands in its place, or takes the files from the folder.
type Gateway interface {
	SendSMS(ctx context.Context, m Short) error
}

// Refusal is what a way out says of a message, without its address or text.
type Refusal struct {
	Why       string // a code or class, such as "smtp 550"
	Permanent bool   // trying again is no use
}

// Error is the text for logs.
func (r *Refusal) Error() string { return "notify: refused: " + r.Why }

func permanent(err error) bool {
	r, ok := errors.AsType[*Refusal](err)
	return ok && r.Permanent
}
