package demo

import (
	"errors"
	"testing"

	"kapok/internal/account"
)

// codesOpen gives the officials their second factor with the codes that the
// program prints, and looks whether their roles count then and not before.
func codesOpen(t *testing.T, s *account.Service) {
	t.Helper()
	ctx := t.Context()
	for _, p := range officials {
		d := account.Device{Kind: account.API, Address: p.phone}
		in, err := s.SignInByPassword(ctx, p.phone, Password, d)
		if err != nil {
			t.Fatal(err)
		}
		who, err := s.Who(ctx, in.Token)
		if err != nil || len(who.Withheld) == 0 {
			t.Fatalf("%s: nothing is withheld from one factor: %v", p.what, err)
		}
		code, _, err := Code(ctx, s.Pool, p.phone, s.Clock.Now())
		if err != nil {
			t.Fatal(err)
		}
		if in, err = s.Prove(ctx, who, account.Secret{TOTP: code}, d); err != nil {
			t.Fatalf("%s: %v", p.what, err)
		}
		if who, err = s.Who(ctx, in.Token); err != nil || len(who.Withheld) > 0 || len(who.Grants) == 0 {
			t.Errorf("%s: with two factors %v are withheld: %v", p.what, who.Withheld, err)
		}
	}
	if _, _, err := Code(ctx, s.Pool, volunteer.phone, s.Clock.Now()); !errors.Is(err, ErrNoDemo) {
		t.Errorf("a code for a volunteer: %v", err)
	}
}

func TestCodesAreForDemosOnly(t *testing.T) {
	t.Parallel()
	a := platform(t)
	if _, _, err := Code(t.Context(), a.Pool, systemAdmin.phone, a.Clock.Now()); !errors.Is(err, ErrNoDemo) {
		t.Errorf("a code of a platform that is no demo: %v", err)
	}
	if secret(1, systemAdmin.phone) == secret(2, systemAdmin.phone) || secret(1, systemAdmin.phone) == secret(1, auditor.phone) {
		t.Error("two people or two seeds share a secret")
	}
}
