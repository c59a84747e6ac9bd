package notify

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/wneessen/go-mail"
)

// SMTP says how to reach a mail server.
type SMTP struct {
	Host         string
	Port         int
	User         string // "": no sign-in
	PasswordFile string
	From         string
	TLS          string // starttls, tls or none

	roots *x509.CertPool // nil: the system's
}

const smtpTimeout = 30 * time.Second

// Open checks the settings and reads the password; the server itself is only
// reached when there is a mail to send.
func (c SMTP) Open() (Mailer, error) {
	opts := []mail.Option{mail.WithPort(c.Port),
		mail.WithTLSConfig(&tls.Config{ServerName: c.Host, RootCAs: c.roots, MinVersion: tls.VersionTLS12})}
	switch c.TLS {
	case "tls":
		opts = append(opts, mail.WithSSL())
	case "none":
		opts = append(opts, mail.WithTLSPolicy(mail.NoTLS))
	default:
		opts = append(opts, mail.WithTLSPolicy(mail.TLSMandatory))
	}
	if c.User != "" {
		password, err := os.ReadFile(c.PasswordFile)
		if err != nil {
			return nil, fmt.Errorf("notify: password of the mail server: %w", err)
		}
		auth := mail.SMTPAuthPlain
		if c.TLS == "none" {
			auth = mail.SMTPAuthPlainNoEnc
		}
		opts = append(opts, mail.WithSMTPAuth(auth), mail.WithUsername(c.User), mail.WithPassword(strings.TrimRight(string(password), "\r\n")))
	}
	if _, err := mail.NewClient(c.Host, opts...); err != nil {
		return nil, fmt.Errorf("notify: mail server: %w", err)
	}
	if err := mail.NewMsg().From(c.From); err != nil {
		return nil, fmt.Errorf("notify: sender of mails: %w", err)
	}
	return &smtpMailer{host: c.Host, from: c.From, opts: opts}, nil
}

type smtpMailer struct {
	host, from string
	opts       []mail.Option
}

// SendMail sends one mail over a connection of its own.
func (s *smtpMailer) SendMail(ctx context.Context, m Mail) error {
	msg := mail.NewMsg()
	if err := errors.Join(msg.From(s.from), msg.To(m.To)); err != nil {
		return &Refusal{Why: "address", Permanent: true}
	}
	msg.SetMessageIDWithValue(m.ID.String() + "@" + domainOf(s.from))
	msg.Subject(m.Subject)
	msg.SetDate()
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // no holiday answers, RFC 3834
	msg.SetBodyString(mail.TypeTextPlain, m.Body)
	client, err := mail.NewClient(s.host, append(slices.Clip(s.opts), mail.WithTimeout(timeoutOf(ctx)))...)
	if err != nil {
		return fmt.Errorf("notify: mail server: %w", err)
	}
	return refusalOf(client.DialAndSendWithContext(ctx, msg))
}

// timeoutOf limits each answer of the server; the library itself heeds a
// context only while it connects.
func timeoutOf(ctx context.Context) time.Duration {
	if deadline, ok := ctx.Deadline(); ok {
		return max(time.Millisecond, min(smtpTimeout, time.Until(deadline)))
	}
	return smtpTimeout
}

// refusalOf keeps of an error what may be logged; the library's text names the
// receiver.
func refusalOf(err error) error {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*mail.SendError](err); ok {
		return &Refusal{Why: fmt.Sprintf("smtp %d %s", e.ErrorCode(), e.Reason), Permanent: e.ErrorCode() >= 500 && !e.IsTemp()}
	}
	if e, ok := errors.AsType[net.Error](err); ok {
		return &Refusal{Why: fmt.Sprintf("network (timeout: %v)", e.Timeout())}
	}
	return &Refusal{Why: "no session with the mail server"} // greeting, TLS or sign-in failed
}

func domainOf(address string) string {
	_, domain, ok := strings.Cut(strings.TrimSuffix(address, ">"), "@")
	if !ok {
		return "localhost"
	}
	return domain
}
