package record_test

import (
	"strings"
	"testing"

	"kapok/internal/attendance"
	"kapok/internal/kit/i18n"
	"kapok/internal/person"
	"kapok/internal/record"
)

// inbox are the texts of a person's messages, oldest first.
func (w *world) inbox(p person.Person, l i18n.Lang) []string {
	w.T.Helper()
	w.drain()
	list, err := w.Notify.Inbox(w.T.Context(), p.ID, "", 50)
	w.Must(err)
	out := make([]string, len(list))
	for i, m := range list {
		text := m.Text(l)
		out[len(list)-1-i] = text.Title + "|" + text.Body + "|" + m.Link
	}
	return out
}

func TestTheVolunteerIsToldWhatHappensToTheHours(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v, p := w.Shift(), w.Volunteer("李文")
	r := w.served(v, p, at(9, 0), at(11, 30))
	w.confirm(v.ID, r.ID)
	_, err := w.Records.Amend(t.Context(), record.Amendment{Record: r.ID, By: w.Admin.ID, Minutes: 120, Reason: "休息半小时"})
	w.Must(err)
	_, err = w.Records.Void(t.Context(), record.Voiding{Record: r.ID, By: w.Admin.ID, Cause: record.NotGiven, Reason: "核对"})
	w.Must(err)
	link := "|/me/hours/" + r.ID.String()
	want := []string{
		"时数待确认|“陪长者过重阳”2026年10月18日，2.50 小时，组织方最迟 2026年10月30日 确认。" + link,
		"时数已确认|“陪长者过重阳”2026年10月18日，2.50 小时已确认。谢谢您！" + link,
		"时数有更正|“陪长者过重阳”2026年10月18日：原为 2.50 小时，现为 2.00 小时。理由和原值可以查看；如有不同意见，可以提出异议。" + link,
		"有一条时数被作废|“陪长者过重阳”2026年10月18日，2.00 小时被作废。请查看理由；如有不同意见，请和组织方联系。" + link,
	}
	got := w.inbox(p, i18n.ZhHans)
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	w.Must(w.Journal.Rebuild(t.Context(), w.Records.Notifications()))
	if again := w.inbox(p, i18n.En); len(again) != len(want) || !strings.Contains(again[1], "2.50 hours are confirmed") {
		t.Errorf("after a rebuild: %q", again)
	}
}

func TestAForgottenCheckOutIsTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v, p := w.Shift(), w.Volunteer("李文")
	a := w.Come(v, p, at(9, 0))
	w.Clk.Set(at(16, 0))
	_, err := w.Attendance.Sweep(t.Context())
	w.Must(err)
	w.Must(w.Attendance.Ask(t.Context(), a.ID, w.Leader.ID))
	w.Must(w.Attendance.Settle(t.Context(), attendance.Verdict{Attendance: a.ID, By: w.Leader.ID, How: attendance.Refused, Reason: "签到后即离开"}))
	got := w.inbox(p, i18n.ZhHant)
	if len(got) != 3 || !strings.HasPrefix(got[0], "您好像忘了簽退|") || !strings.HasPrefix(got[1], "負責人想問您幾點離開|") || !strings.HasPrefix(got[2], "這次沒有計時數|") {
		t.Errorf("%q", got)
	}
	for _, m := range got {
		if !strings.HasSuffix(m, "|/me/attendance/"+a.ID.String()) {
			t.Errorf("link: %s", m)
		}
	}
}

// No message holds a name, a number or a reason: it may be mailed in the clear.
func TestMessagesHoldNoPersonalData(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v, p := w.Shift(), w.Volunteer("李文")
	r := w.served(v, p, at(9, 0), at(11, 30))
	_, err := w.Records.Void(t.Context(), record.Voiding{Record: r.ID, By: w.Admin.ID, Cause: record.False, Reason: "邻居王五说他不在"})
	w.Must(err)
	w.drain()
	var kept string
	w.Must(w.Pool.QueryRow(t.Context(), `SELECT coalesce(string_agg(m::text, ' '), '') || coalesce((SELECT string_agg(payload::text, ' ') FROM record.journal), '') FROM notify.message m`).Scan(&kept))
	for _, secret := range []string{"李文", p.VolunteerNo, "王五"} {
		if strings.Contains(kept, secret) {
			t.Errorf("%s stands in %s", secret, kept)
		}
	}
}
