package notify

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"math/big"
	"net"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
	"github.com/google/uuid"
)

// mailServer is a real SMTP server on this machine that keeps what it gets.
type mailServer struct {
	t     *testing.T
	addr  *net.TCPAddr
	roots *x509.CertPool

	mu       sync.Mutex
	got      []letter
	answers  []*smtp.SMTPError // given to the next receivers, one each
	password string            // of user kapok; "": no sign-in
	tried    int
}

type letter struct {
	from, to string
	msg      *mail.Message
	body     string
}

func newMailServer(t *testing.T, change func(*smtp.Server)) *mailServer {
	t.Helper()
	m := &mailServer{t: t}
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &session{server: m}, nil }))
	server.Domain, server.AllowInsecureAuth = "mail.test", true
	server.ErrorLog = quiet{}
	if change != nil {
		change(server)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	m.addr = l.Addr().(*net.TCPAddr)
	done := make(chan struct{})
	go func() { defer close(done); _ = server.Serve(l) }() // ends when the server is closed
	t.Cleanup(func() { server.Close(); <-done })
	return m
}

type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Println(...any)        {}

// withTLS lets the server offer STARTTLS under a certificate of its own.
func withTLS(t *testing.T, roots **x509.CertPool) func(*smtp.Server) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "mail.test"}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	*roots = x509.NewCertPool()
	(*roots).AddCert(cert)
	return func(s *smtp.Server) {
		s.AllowInsecureAuth = false
		s.TLSConfig = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
	}
}

type session struct {
	server   *mailServer
	from, to string
	signedIn bool
}

func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }
func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != "kapok" || password != s.server.password {
			return smtp.ErrAuthFailed
		}
		s.signedIn = true
		return nil
	}), nil
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if s.server.password != "" && !s.signedIn {
		return smtp.ErrAuthRequired
	}
	s.from = from
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	s.server.tried++
	if len(s.server.answers) > 0 {
		e := s.server.answers[0]
		s.server.answers = s.server.answers[1:]
		if e != nil {
			return e
		}
	}
	s.to = to
	return nil
}

func (s *session) Data(r io.Reader) error {
	msg, err := mail.ReadMessage(r)
	if err != nil {
		return err
	}
	body, err := io.ReadAll(msg.Body)
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	s.server.got = append(s.server.got, letter{s.from, s.to, msg, string(body)})
	return err
}

func (s *session) Reset()        {}
func (s *session) Logout() error { return nil }

func (m *mailServer) letters() []letter {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]letter(nil), m.got...)
}

func (m *mailServer) tries() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.tried
}

func (m *mailServer) settings() SMTP {
	return SMTP{Host: "127.0.0.1", Port: m.addr.Port, From: "木棉 <noreply@kapok.example>", TLS: "none", roots: m.roots}
}

func open(t *testing.T, c SMTP) Mailer {
	t.Helper()
	out, err := c.Open()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

var sampleMail = Mail{ID: uuid.MustParse("01981d3a-0000-7000-8000-0000000000aa"), To: "li.wen@example.com", Subject: "时数已确认", Body: "陪长者过重阳 2.50 小时\n"}

func TestAMailArrivesWhole(t *testing.T) {
	t.Parallel()
	server := newMailServer(t, nil)
	if err := open(t, server.settings()).SendMail(t.Context(), sampleMail); err != nil {
		t.Fatal(err)
	}
	got := server.letters()
	if len(got) != 1 || got[0].from != "noreply@kapok.example" || got[0].to != "li.wen@example.com" {
		t.Fatalf("got %+v", got)
	}
	h := got[0].msg.Header
	if subject, err := new(wordDecoder).DecodeHeader(h.Get("Subject")); err != nil || subject != "时数已确认" {
		t.Errorf("subject %q %v", subject, err)
	}
	if h.Get("Message-ID") != "<"+sampleMail.ID.String()+"@kapok.example>" || h.Get("Auto-Submitted") != "auto-generated" {
		t.Errorf("header %v", h)
	}
}

func TestAMailGoesByStartTLSWithSignIn(t *testing.T) {
	t.Parallel()
	var roots *x509.CertPool
	server := newMailServer(t, withTLS(t, &roots))
	server.roots, server.password = roots, "a secret"
	file := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(file, []byte("a secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := server.settings()
	c.TLS, c.User, c.PasswordFile = "starttls", "kapok", file
	if err := open(t, c).SendMail(t.Context(), sampleMail); err != nil {
		t.Fatal(err)
	}
	if n := len(server.letters()); n != 1 {
		t.Errorf("%d letters", n)
	}
	server.password = "changed"
	if err := open(t, c).SendMail(t.Context(), sampleMail); err == nil || permanent(err) {
		t.Errorf("wrong password: %v; want a failure that is tried again", err)
	}
}

func TestNothingIsSentInTheClearWhenTLSIsAskedFor(t *testing.T) {
	t.Parallel()
	plain := newMailServer(t, nil)
	c := plain.settings()
	c.TLS = "starttls"
	if err := open(t, c).SendMail(t.Context(), sampleMail); err == nil {
		t.Error("sent without TLS")
	}
	var roots *x509.CertPool
	foreign := newMailServer(t, withTLS(t, &roots))
	c = foreign.settings() // without its root: a stranger's certificate
	c.TLS = "starttls"
	if err := open(t, c).SendMail(t.Context(), sampleMail); err == nil {
		t.Error("sent to a server that cannot prove who it is")
	}
	if len(plain.letters())+len(foreign.letters()) != 0 {
		t.Error("a letter got through")
	}
}

func TestRefusalsSayWhetherToTryAgainAndNameNobody(t *testing.T) {
	t.Parallel()
	server := newMailServer(t, nil)
	server.answers = []*smtp.SMTPError{
		{Code: 451, Message: "li.wen@example.com: later"}, {Code: 550, Message: "li.wen@example.com does not exist"},
	}
	out := open(t, server.settings())
	later := out.SendMail(t.Context(), sampleMail)
	never := out.SendMail(t.Context(), sampleMail)
	bad := out.SendMail(t.Context(), Mail{ID: sampleMail.ID, To: "no address\r\nBcc: x@example.com", Subject: "x", Body: "x"})
	gone := open(t, SMTP{Host: "127.0.0.1", Port: closedPort(t), From: "a@b.example", TLS: "none"}).SendMail(t.Context(), sampleMail)
	for name, x := range map[string]struct {
		err  error
		ever bool
	}{"451": {later, false}, "550": {never, true}, "address": {bad, true}, "closed port": {gone, false}} {
		if x.err == nil || permanent(x.err) != x.ever || strings.Contains(x.err.Error(), "li.wen") {
			t.Errorf("%s: %v (permanent %v)", name, x.err, permanent(x.err))
		}
	}
}

func closedPort(t *testing.T) int {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

func TestASilentServerIsGivenUp(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0") // accepts in the kernel, never greets
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	err = open(t, SMTP{Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port, From: "a@b.example", TLS: "none"}).SendMail(ctx, sampleMail)
	if err == nil || permanent(err) {
		t.Errorf("got %v", err)
	}
}

func TestBadSettingsAreToldAtStart(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]SMTP{
		"no host": {Port: 25, From: "a@b.example"}, "port": {Host: "h", Port: 70000, From: "a@b.example"},
		"sender": {Host: "h", Port: 25, From: "nobody"}, "password file": {Host: "h", Port: 25, From: "a@b.example", User: "u", PasswordFile: "/nowhere/none"},
	} {
		if _, err := c.Open(); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestTheOutboxIsPrivateAndWhole(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "outbox")
	o := Outbox{Dir: dir}
	if err := errors.Join(o.SendMail(t.Context(), sampleMail), o.SendSMS(t.Context(), Short{ID: sampleMail.ID, To: "+8613800000000", Text: "验证码 123456"})); err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 2 {
		t.Fatalf("%v %v", files, err)
	}
	for _, f := range files {
		info, err := f.Info()
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", f.Name(), info.Mode(), err)
		}
	}
	got, err := os.ReadFile(filepath.Join(dir, sampleMail.ID.String()+".sms.txt"))
	if err != nil || !strings.Contains(string(got), "To: +8613800000000") || !strings.Contains(string(got), "123456") {
		t.Errorf("%s %v", got, err)
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("folder %v %v", info.Mode(), err)
	}
}
