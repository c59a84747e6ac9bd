package pgtest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// tidy drops what killed tests left behind, kept databases after their day, and
// the templates of old migrations. No test process uses the server yet.
func tidy(ctx context.Context, admin string, now time.Time) error {
	pool, err := openAdmin(ctx, admin)
	if err != nil {
		return fmt.Errorf("pgtest: %w", err)
	}
	defer pool.Close()
	s := &server{admin: pool, url: admin}
	rows, err := pool.Query(ctx, `SELECT datname::text AS name, datistemplate AS template,
			coalesce(shobj_description(oid, 'pg_database'), '') AS comment
		FROM pg_database ORDER BY oid DESC`) // newest first
	if err != nil {
		return fmt.Errorf("pgtest: %w", err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[database])
	if err != nil {
		return fmt.Errorf("pgtest: %w", err)
	}
	for _, name := range unwanted(all, now) {
		err := s.exec(ctx, "ALTER DATABASE "+quote(name)+" IS_TEMPLATE false")
		if err := errors.Join(err, s.drop(ctx, name)); err != nil {
			return err
		}
	}
	return nil
}

type database struct {
	Name     string
	Template bool
	Comment  string
}

// unwanted chooses from the databases, newest first, those to drop.
func unwanted(all []database, now time.Time) []string {
	var names []string
	templates := 0
	for _, d := range all {
		made, isClone := madeAt(d.Name)
		switch {
		case isClone && (d.Comment != keptComment || now.Sub(made) > keptLimit):
			names = append(names, d.Name)
		case len(d.Name) > len(templatePrefix) && d.Name[:len(templatePrefix)] == templatePrefix:
			if templates++; templates > keptTemplates || !d.Template {
				names = append(names, d.Name)
			}
		}
	}
	return names
}
