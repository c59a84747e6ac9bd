// Package notifyweb is the pages and operations of messages.
//
// Owns: /me/messages; under /api/v1: me/messages.
// Words: 消息 message, 已读 read.
// Not here: what is told to whom (the areas that send).
package notifyweb

import (
	"context"
	_ "embed"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"kapok/internal/account"
	"kapok/internal/kit/i18n"
	"kapok/internal/kit/web"
	"kapok/internal/notify"
)

//go:embed texts.json
var texts []byte
var _ = i18n.Register(texts)

// Deps is what the pages need.
type Deps struct{ Messages *notify.Service }

// Register adds the pages and operations.
func Register(site *web.Site, api *web.API, d Deps) {
	site.Handle("GET", "/me/messages", account.SignedIn, d.inbox)
	site.Handle("POST", "/me/messages/read", account.SignedIn, d.readAll)
	web.Op(api, huma.Operation{Method: http.MethodGet, Path: "/api/v1/me/messages", OperationID: "my-messages", Tags: []string{"me"},
		Summary: "My messages, newest first"}, account.SignedIn, d.apiInbox)
}

const pageSize = 30

func (d Deps) inbox(w http.ResponseWriter, r *http.Request) error {
	list, err := d.Messages.Inbox(r.Context(), account.From(r.Context()).Person, web.ReadQuery(r).Get("after"), pageSize+1)
	if err != nil {
		return err
	}
	next := ""
	if len(list) > pageSize {
		list = list[:pageSize]
		next = "/me/messages?after=" + list[pageSize-1].Cursor()
	}
	return web.Page(w, r, http.StatusOK, inboxPage(list, next))
}

func (d Deps) readAll(w http.ResponseWriter, r *http.Request) error {
	if _, err := d.Messages.MarkRead(r.Context(), account.From(r.Context()).Person); err != nil {
		return err
	}
	return web.Back(w, r, "/me/messages")
}

// messageJSON is a message in the reader's language.
type messageJSON struct {
	ID    uuid.UUID  `json:"id"`
	Kind  string     `json:"kind"`
	Title string     `json:"title"`
	Body  string     `json:"body"`
	Link  string     `json:"link,omitempty"`
	At    time.Time  `json:"at"`
	Read  *time.Time `json:"read_at,omitempty"`
}

type inboxIn struct {
	After string `query:"after"`
}

type inboxOut struct {
	Body struct {
		Items []messageJSON `json:"items"`
		Next  string        `json:"next,omitempty" doc:"Value for after"`
	}
}

func (d Deps) apiInbox(ctx context.Context, in *inboxIn) (*inboxOut, error) {
	list, err := d.Messages.Inbox(ctx, account.From(ctx).Person, in.After, pageSize+1)
	out := &inboxOut{}
	out.Body.Items = []messageJSON{}
	for i, m := range list {
		if i == pageSize {
			out.Body.Next = list[i-1].Cursor()
			break
		}
		text := m.Text(i18n.From(ctx))
		out.Body.Items = append(out.Body.Items, messageJSON{m.ID, m.Kind, text.Title, text.Body, m.Link, m.CreatedAt, m.ReadAt})
	}
	return out, err
}
