package notify

import (
	"context"
	"errors"
	"log/slog"

	"github.com/google/uuid"

	"kapok/internal/kit/i18n"
)

// Code is a code that proves a phone or an e-mail address. It goes out at once
// and is kept nowhere.
type Code struct {
	Email   string // one of the two
	Phone   string // E.164
	Digits  string
	Minutes int // how long it works
	Lang    i18n.Lang
}

// LogValue keeps code and address out of logs.
func (Code) LogValue() slog.Value { return slog.StringValue("code") }

// SendCode sends a code to where it is to be proved. It reaches over the
// network: call it outside a transaction.
func (s *Service) SendCode(ctx context.Context, c Code) error {
	id := uuid.Must(uuid.NewV7())
	title := i18n.Text(c.Lang, "notify.code.title")
	body := i18n.Text(c.Lang, "notify.code.body", "code", c.Digits, "n", c.Minutes)
	switch {
	case c.Phone != "":
		return s.sms.SendSMS(ctx, Short{ID: id, To: c.Phone, Text: i18n.Text(c.Lang, "notify.sms", "text", body)})
	case c.Email != "":
		return s.mail.SendMail(ctx, Mail{ID: id, To: c.Email, Subject: title, Body: body + "\n"})
	}
	return errors.New("notify: a code without an address")
}
