package certificate

import (
	"context"
	"runtime"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"kapok/internal/kit/clock"
	"kapok/internal/kit/i18n"
	"kapok/internal/kit/pdf"
	"kapok/internal/kit/pg"
	"kapok/internal/kit/sign"
)

// Deps is what the service works with.
type Deps struct {
	Pool    *pgxpool.Pool
	Clock   clock.Clock
	Signer  sign.Signer
	Fonts   *pdf.Fonts
	Issuer  func(i18n.Lang) string // the platform's name
	BaseURL string                 // such as https://kapok.example, without a slash at the end
	Subject func(ctx context.Context, person uuid.UUID) (Subject, error)
	Hours   func(ctx context.Context, db pg.DB, person uuid.UUID) ([]Hour, error) // confirmed ones
	// NameCorrected is when a holder's name was last put right; nil: never.
	NameCorrected func(ctx context.Context, person uuid.UUID) (*time.Time, error)
}

// Service issues and keeps certificates.
type Service struct {
	Deps
	drawing chan struct{} // bounds the documents drawn at once, and so the memory
}

// New makes the service.
func New(d Deps) *Service {
	return &Service{Deps: d, drawing: make(chan struct{}, runtime.GOMAXPROCS(0))}
}

// Lookup is what anybody may know of a number (67号令 art. 17): ErrUnknown when
// it was never issued.
func (s *Service) Lookup(ctx context.Context, n Number) (Public, error) {
	c, err := s.Get(ctx, n)
	if err != nil {
		return Public{}, err
	}
	return c.public(), nil
}

// Get is a certificate with all that its holder sees. The caller checks that
// whoever asks is the holder or acts for the holder.
func (s *Service) Get(ctx context.Context, n Number) (Certificate, error) {
	c, err := byNumber(ctx, s.Pool, n)
	if err != nil || c.Status != Valid || c.Statement.Holder.Name == "" {
		return c, err
	}
	at, err := s.NameCorrected(ctx, c.Person)
	c.NameCorrected = at != nil && at.After(c.Statement.IssuedAt)
	return c, err
}

// Mine lists a holder's certificates, newest first, n at most; after is the
// cursor of the last one seen (Certificate.Cursor), "" begins.
func (s *Service) Mine(ctx context.Context, person uuid.UUID, after string, n int) ([]Certificate, error) {
	return ofPerson(ctx, s.Pool, person, after, n)
}

// JSON is a certificate as a file that VerifyFile checks.
func (s *Service) JSON(c Certificate) ([]byte, error) {
	if c.Status != Valid {
		return nil, ErrNotValid
	}
	return c.export().Bytes()
}

// PDF draws and seals a valid certificate. The same certificate gives the same
// bytes as long as fonts and key are the same.
func (s *Service) PDF(ctx context.Context, c Certificate) ([]byte, error) {
	if c.Status != Valid {
		return nil, ErrNotValid
	}
	select {
	case s.drawing <- struct{}{}:
		defer func() { <-s.drawing }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	doc, err := draw(s.Fonts, c.Statement)
	if err != nil {
		return nil, err
	}
	export, err := c.export().Bytes()
	if err != nil {
		return nil, err
	}
	return doc.Sealed(string(c.Number)+".json", export, s.Signer.Key().ID, func(message []byte) ([]byte, error) {
		return s.Signer.Sign(ctx, message)
	})
}

// Keys is every key that ever signed a certificate here, for publication at a
// fixed address and for VerifyFile.
func (s *Service) Keys(ctx context.Context) (sign.KeySet, error) {
	keys, err := signingKeys(ctx, s.Pool)
	if err != nil {
		return nil, err
	}
	keys.Add(sign.NewKeySet(s.Signer.Key()))
	return keys, nil
}
