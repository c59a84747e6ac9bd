package identityweb

import (
	"context"
	"net/http"
	"strings"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/web"
	"kapok/internal/person"
	"kapok/internal/ui"
)

// The proofs that a browser carries from step to step; each is sealed and holds
// the phone of the other registration and who is signed in.
const (
	phoneProved account.CodePurpose = "merge_phone"
	bothProved  account.CodePurpose = "merge_both"
)

// joining is the page on which somebody joins another registration of theirs.
type joining struct {
	Values   *web.Form
	Password bool           // proves by password instead of a code
	Sent     string         // E.164 of the phone that a code went to
	Proof    string         // of the phone, then of both
	Report   *person.Report // what would happen; nil before
}

func (h handlers) mergePage(w http.ResponseWriter, r *http.Request) error {
	return show(w, r, joinView(joining{Password: r.URL.Query().Get("by") == "password"}))
}

// mergeStep goes one step on: phone, code or password, document, look, merge.
func (h handlers) mergeStep(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	j := joining{Values: f, Password: f.Get("do") == "password"}
	switch f.Get("do") {
	case "document":
		err = h.provedDocument(r, f, &j)
	case "merge":
		return h.joinNow(w, r, f)
	default:
		err = h.provedPhone(r, f, &j)
	}
	if err != nil {
		return web.Again(w, r, f, err, func() templ.Component { return joinView(j) })
	}
	return show(w, r, joinView(j))
}

// provedPhone sends a code to the phone of the other registration, or checks
// the code or password typed.
func (h handlers) provedPhone(r *http.Request, f *web.Form, j *joining) error {
	ctx, device := r.Context(), h.Accounts.DeviceOf(r, account.Web, h.TrustProxy)
	phone, bad := person.ParsePhone(f.Get("phone"), f.Get("phone_region"))
	f.Check.Add("phone", bad)
	if err := f.Err(); err != nil {
		return err
	}
	if f.Get("do") == "send" {
		err := h.Accounts.SendCode(ctx, phone, account.ForLogin, device, langOf(ctx))
		if err == nil {
			j.Sent = phone
		}
		return fault.At("phone", err)
	}
	field, code, password := "code", f.Get("code"), ""
	if j.Password {
		field, password = "password", f.Get("password")
		if password == "" {
			password = " "
		}
	} else {
		j.Sent = phone
	}
	other, err := h.Accounts.ProveOther(ctx, phone, code, password, device)
	if err == nil && other == me(ctx) {
		j.Sent, field, err = "", "phone", person.ErrMergeSame
	}
	if err != nil {
		return fault.At(field, err)
	}
	j.Proof = h.Accounts.Proof(phone+" "+me(ctx).String(), phoneProved)
	return nil
}

// other is whose registration a proof is about, of the one signed in.
func (h handlers) other(ctx context.Context, proof string, purpose account.CodePurpose) (phone string, who uuid.UUID, err error) {
	note, ok := h.Accounts.Proved(proof, purpose)
	phone, by, _ := strings.Cut(note, " ")
	if !ok || by != me(ctx).String() {
		return "", uuid.Nil, account.ErrCode
	}
	_, who, err = h.Accounts.WithPhone(ctx, phone)
	return phone, who, err
}

// provedDocument compares the document typed with the other registration and
// says what a merge would do.
func (h handlers) provedDocument(r *http.Request, f *web.Form, j *joining) error {
	ctx := r.Context()
	phone, who, err := h.other(ctx, f.Get("proof"), phoneProved)
	if err != nil {
		return fault.At("phone", err)
	}
	j.Proof = f.Get("proof")
	if err := h.holds(ctx, who, readDocument(f)); err != nil {
		return err
	}
	report, err := h.People.PreviewMerge(ctx, me(ctx), who, me(ctx))
	if err != nil {
		return fault.At("document_number", err)
	}
	j.Report, j.Proof = &report, h.Accounts.Proof(phone+" "+me(ctx).String(), bothProved)
	return nil
}

// holds refuses a document that is not the person's.
func (h handlers) holds(ctx context.Context, who uuid.UUID, in person.NewDocument) error {
	doc, bad := person.ParseDocument(in.DocumentInput, h.People.Today())
	if bad != nil {
		return fault.At(person.DocumentField(bad), bad)
	}
	if holder, err := h.People.ByDocument(ctx, h.Accounts.Pool, doc); err != nil || holder != who {
		return fault.At("document_number", person.ErrMergeProof)
	}
	return nil
}

// joinNow merges, or opens a case where something does not fit.
func (h handlers) joinNow(w http.ResponseWriter, r *http.Request, f *web.Form) error {
	ctx := r.Context()
	_, who, err := h.other(ctx, f.Get("proof"), bothProved)
	if err != nil {
		return web.Again(w, r, f, fault.At("phone", err), func() templ.Component { return joinView(joining{Values: f}) })
	}
	m, _, err := h.People.MergeSelf(ctx, me(ctx), who)
	if err != nil {
		return err
	}
	ui.SetFlash(w, r, ui.Jade, flashOf(m))
	return web.Back(w, r, "/me/merges")
}

func flashOf(m person.Merge) string {
	if m.State == person.Merged {
		return "identity.merge.done"
	}
	return "identity.merge.asked"
}

func (h handlers) mergesPage(w http.ResponseWriter, r *http.Request) error {
	list, err := h.People.MergesOf(r.Context(), me(r.Context()))
	if err != nil {
		return err
	}
	return show(w, r, h.mergesView(list, nil))
}

// undoMine takes a merge apart and says what could not be put back.
func (h handlers) undoMine(w http.ResponseWriter, r *http.Request) error {
	m, err := h.mergeIn(r)
	if err != nil {
		return err
	}
	report, err := h.People.UndoSelf(r.Context(), m.ID, me(r.Context()))
	if err != nil {
		return err
	}
	list, err := h.People.MergesOf(r.Context(), me(r.Context()))
	if err != nil {
		return err
	}
	return show(w, r, h.mergesView(list, &report))
}
