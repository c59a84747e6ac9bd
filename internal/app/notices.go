package app

import (
	"context"
	_ "embed"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kapok/internal/activity"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/i18n"
	"kapok/internal/notify"
)

//go:embed texts.json
var texts []byte
var _ = i18n.Register(texts)

// ErrNoDatabase says that the platform cannot answer now.
var ErrNoDatabase = fault.Define(fault.Unavailable, "app.no_database")

// told are the causes people are told of, beside what they did themselves, with
// whether it is worth an SMS: somebody may stand in the wrong place otherwise.
var told = map[activity.SignupCause]bool{
	activity.CausePromoted: true, activity.CauseApproved: false, activity.CauseRefused: false,
	activity.CauseCalledOff: true, activity.CauseMoved: true,
	activity.CauseConsentEnded: true, activity.CauseAdultsOnly: true,
}

// tellSignups tells people what became of their sign-ups, in its transaction.
func (a *App) tellSignups(ctx context.Context, tx pgx.Tx, events []activity.SignupEvent) error {
	var ids []uuid.UUID
	var news []activity.SignupEvent
	for _, e := range events {
		if _, ok := told[e.Cause]; ok {
			news, ids = append(news, e), append(ids, e.Signup.Shift)
		}
	}
	if len(news) == 0 {
		return nil
	}
	shifts, err := a.Activities.Shifts(ctx, tx, ids)
	if err != nil {
		return err
	}
	messages := make([]notify.Message, len(news))
	for i, e := range news {
		messages[i] = signupMessage(e, shifts[e.Signup.Shift])
	}
	return a.Notify.SendTx(ctx, tx, messages...)
}

func signupMessage(e activity.SignupEvent, v activity.ShiftView) notify.Message {
	return notify.Message{
		Person: e.Signup.Person, Kind: "signup." + string(e.Cause), Urgent: told[e.Cause],
		Args: map[string]any{"activity": v.Activity.Title, "start_at": v.StartsAt.Format(time.RFC3339), "place": v.Place, "reason": e.Signup.Reason},
		Link: fmt.Sprintf("/activities/%s", v.Activity.ID),
		Key:  fmt.Sprintf("signup/%s/%s/%d", e.Signup.ID, e.Cause, e.Signup.ChangedAt.UnixMicro()),
	}
}

// tellDecided tells the one who made an activity that it was published or returned.
func (a *App) tellDecided(ctx context.Context, tx pgx.Tx, act activity.Activity) error {
	return a.Notify.SendTx(ctx, tx, notify.Message{
		Person: act.CreatedBy, Kind: "activity." + string(act.State),
		Args: map[string]any{"activity": act.Title, "reason": act.Reason},
		Link: fmt.Sprintf("/activities/%s", act.ID), Key: fmt.Sprintf("activity/%s/%d", act.ID, act.Version),
	})
}
