package notify

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/google/uuid"
)

// Outbox writes messages as files into a folder instead of sending them: the
// way out when no mail server or SMS gateway is set. The files hold addresses
// and codes, so only the program's own user may read them. Each file appears
// whole; an operator's gateway may pick them up and delete them.
type Outbox struct{ Dir string }

// SendMail writes <id>.email.txt.
func (o Outbox) SendMail(_ context.Context, m Mail) error {
	return o.write(m.ID, "email", fmt.Sprintf("To: %s\nSubject: %s\n\n%s", m.To, m.Subject, m.Body))
}

// SendSMS writes <id>.sms.txt.
func (o Outbox) SendSMS(_ context.Context, m Short) error {
	return o.write(m.ID, "sms", fmt.Sprintf("To: %s\n\n%s\n", m.To, m.Text))
}

func (o Outbox) write(id uuid.UUID, kind, text string) error {
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return fmt.Errorf("notify: outbox: %w", err)
	}
	f, err := os.CreateTemp(o.Dir, ".new-*") // mode 0600
	if err != nil {
		return fmt.Errorf("notify: outbox: %w", err)
	}
	defer os.Remove(f.Name()) // no longer there once it is renamed
	if _, err := f.WriteString(text); err != nil {
		f.Close()
		return fmt.Errorf("notify: outbox: %w", err)
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("notify: outbox: %w", err)
	}
	if err := os.Rename(f.Name(), filepath.Join(o.Dir, id.String()+"."+kind+".txt")); err != nil {
		return fmt.Errorf("notify: outbox: %w", err)
	}
	return nil
}
