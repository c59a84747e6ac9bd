package demo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"kapok/internal/certificate"
	"kapok/internal/kit/i18n"
)

// finish does what is done at the end of the year told: certificates, the
// logins' passwords and second factors, and one more look at the journal.
func (r *replay) finish(ctx context.Context) error {
	var tasks []task
	for i, h := range r.holders() {
		at := r.now.Add(-time.Duration(i*7+5) * time.Hour)
		tasks = append(tasks, task{at, func(ctx context.Context, o *office) error { return issue(ctx, o, h, i) }})
	}
	for phone, h := range r.cast.all {
		tasks = append(tasks, task{r.now, func(ctx context.Context, o *office) error {
			if _, err := o.Notify.MarkRead(ctx, h.id); err != nil {
				return err
			}
			if err := o.Accounts.SetPassword(ctx, h.account, h.account, Password); err != nil {
				return fmt.Errorf("password of %s: %w", phone, err)
			}
			return nil
		}})
	}
	tasks = append(tasks, task{r.now, r.equip})
	if err := r.offices.run(ctx, tasks); err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	return r.offices.run(ctx, []task{{r.now, evening}})
}

// holders are those who ask for a certificate: the logins, then the busiest.
func (r *replay) holders() []*human {
	out := []*human{r.cast.all[volunteer.phone], r.cast.all[hongKonger.phone]}
	people := slices.Clone(r.people)
	slices.SortStableFunc(people, func(a, b *human) int {
		return -int((a.zeal - b.zeal) * 1000)
	})
	for _, h := range people {
		if h.age(r.now) >= 18 && h.registered.Before(r.now.AddDate(0, -3, 0)) && !slices.Contains(out, h) {
			out = append(out, h)
		}
		if len(out) == max(4, len(people)/60) {
			break
		}
	}
	return out
}

// issue makes a certificate; the third holder replaces it, the fourth takes it back.
func issue(ctx context.Context, o *office, h *human, i int) error {
	order := certificate.Order{Person: h.id, Actor: h.id, Choice: certificate.Choice{
		Language: i18n.Lang(h.lang), Name: certificate.NameForms[i%len(certificate.NameForms)], Units: true, Fields: true, Items: i%2 == 0}}
	c, err := o.Certificates.Issue(ctx, order)
	switch {
	case errors.Is(err, certificate.ErrNoHours), errors.Is(err, certificate.ErrGlyphMissing):
		return nil // nothing confirmed yet, or a character that no font here has
	case err != nil:
		return fmt.Errorf("certificate: %w", err)
	}
	switch i {
	case 2:
		order.Choice.Name = certificate.FullName
		_, err = o.Certificates.Replace(ctx, c.Number, order)
	case 3:
		err = o.Certificates.Void(ctx, certificate.Voiding{Number: c.Number, Actor: h.id, Cause: certificate.ByHolder})
	}
	return err
}
