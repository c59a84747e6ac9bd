package activity

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/audit"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/pg"
	"kapok/internal/kit/text"
)

// ProjectPlan is what an organisation writes of a project.
type ProjectPlan struct {
	Name  string
	Intro string
}

func (p *ProjectPlan) check() error {
	p.Name, p.Intro = text.Clean(p.Name), text.Clean(p.Intro)
	var c fault.Check
	text.Line(&c, "name", p.Name, true, MaxTitle)
	text.Check(&c, "intro", p.Intro, false, MaxText)
	return c.Err()
}

const projectColumns = `id, org, name, intro, state, version, created_at, created_by`

// CreateProject begins a project of an organisation that works.
func (s *Service) CreateProject(ctx context.Context, org uuid.UUID, p ProjectPlan, by uuid.UUID) (Project, error) {
	if err := p.check(); err != nil {
		return Project{}, err
	}
	if _, err := s.workingOrg(ctx, s.pool, org); err != nil {
		return Project{}, err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return Project{}, err
	}
	pr := Project{ID: id, Org: org, Name: p.Name, Intro: p.Intro, State: ProjectOpen, Version: 1, CreatedAt: s.clk.Now(), CreatedBy: by}
	return pr, pg.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO activity.project (id, org, name, intro, created_at, created_by) VALUES ($1, $2, $3, $4, $5, $6)`,
			pr.ID, pr.Org, pr.Name, pr.Intro, pr.CreatedAt, by)
		if err != nil {
			return err
		}
		return s.recordProject(ctx, tx, "project.create", pr, by)
	})
}

// UpdateProject changes name and introduction; version is the one looked at.
func (s *Service) UpdateProject(ctx context.Context, id uuid.UUID, version int, p ProjectPlan, by uuid.UUID) (Project, error) {
	if err := p.check(); err != nil {
		return Project{}, err
	}
	return s.changeProject(ctx, id, version, "project.update", by, func(tx pgx.Tx, pr *Project) error {
		pr.Name, pr.Intro = p.Name, p.Intro
		return nil
	})
}

// CloseProject ends a project: no new activities. Those that are open must be
// closed or cancelled before.
func (s *Service) CloseProject(ctx context.Context, id uuid.UUID, version int, by uuid.UUID) (Project, error) {
	return s.changeProject(ctx, id, version, "project.close", by, func(tx pgx.Tx, pr *Project) error {
		var busy int
		err := tx.QueryRow(ctx, `SELECT count(*) FROM activity.activity WHERE project = $1 AND state NOT IN ('closed', 'cancelled')`, id).Scan(&busy)
		if err == nil && busy > 0 {
			return ErrProjectBusy.With("count", busy)
		}
		pr.State = ProjectClosed
		return err
	})
}

func (s *Service) changeProject(ctx context.Context, id uuid.UUID, version int, action string, by uuid.UUID, edit func(pgx.Tx, *Project) error) (Project, error) {
	var pr Project
	err := pg.InTx(ctx, s.pool, func(tx pgx.Tx) (err error) {
		rows, err := tx.Query(ctx, `SELECT `+projectColumns+` FROM activity.project WHERE id = $1 FOR UPDATE`, id)
		if pr, err = pg.One[Project](rows, err, ErrProjectNotFound); err != nil {
			return err
		}
		switch {
		case version != pr.Version:
			return fault.ErrVersionConflict
		case pr.State == ProjectClosed:
			return ErrProjectClosed
		}
		if err := edit(tx, &pr); err != nil {
			return err
		}
		pr.Version++
		if _, err := tx.Exec(ctx, `UPDATE activity.project SET name = $2, intro = $3, state = $4, version = $5 WHERE id = $1`,
			pr.ID, pr.Name, pr.Intro, pr.State, pr.Version); err != nil {
			return err
		}
		return s.recordProject(ctx, tx, action, pr, by)
	})
	return pr, err
}

func (s *Service) recordProject(ctx context.Context, tx pgx.Tx, action string, p Project, by uuid.UUID) error {
	return audit.RecordTx(ctx, tx, audit.Entry{At: s.clk.Now(), Actor: &by, Action: action, Object: audit.Object("project", p.ID), Org: &p.Org})
}

// Project finds a project or returns ErrProjectNotFound.
func (s *Service) Project(ctx context.Context, id uuid.UUID) (Project, error) {
	rows, err := s.pool.Query(ctx, `SELECT `+projectColumns+` FROM activity.project WHERE id = $1`, id)
	return pg.One[Project](rows, err, ErrProjectNotFound)
}

// Projects lists the projects of an organisation, newest first: at most limit,
// those before the id given (uuid.Max for the first page).
func (s *Service) Projects(ctx context.Context, org, before uuid.UUID, limit int) ([]Project, error) {
	rows, err := s.pool.Query(ctx, `SELECT `+projectColumns+` FROM activity.project WHERE org = $1 AND id < $2 ORDER BY id DESC LIMIT $3`,
		org, before, limit)
	return pg.All[Project](rows, err)
}
