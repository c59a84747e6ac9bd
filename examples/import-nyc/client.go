package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// client speaks the public JSON API as one person.
type client struct {
	base, token string
	http        *http.Client
}

func newClient(base string) *client {
	return &client{base: strings.TrimRight(base, "/") + "/api/v1", http: &http.Client{Timeout: 30 * time.Second}}
}

// problem is a refusal of the API (RFC 9457) with its stable code.
type problem struct {
	Status int
	Code   string
	Title  string
	Remedy string
	Errors []struct{ Field, Code, Title string }
}

func (p *problem) Error() string {
	parts := []string{p.Title}
	for _, e := range p.Errors {
		parts = append(parts, e.Field+": "+e.Title)
	}
	if p.Title == "" {
		parts[0] = fmt.Sprintf("HTTP %d", p.Status)
	}
	return strings.Join(parts, "; ")
}

// call sends a request with a JSON body, unless it is nil, and reads the answer
// into out, unless it is nil. A refusal comes back as *problem.
func (c *client) call(ctx context.Context, method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(b)
	}
	r, err := http.NewRequestWithContext(ctx, method, c.base+path, body)
	if err != nil {
		return err
	}
	r.Header.Set("Accept-Language", "en")
	if in != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	answer, err := c.http.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode >= 300 {
		p := &problem{}
		_ = json.NewDecoder(answer.Body).Decode(p) // a bare status says enough
		p.Status = answer.StatusCode
		return p
	}
	if out == nil {
		return nil
	}
	return json.NewDecoder(answer.Body).Decode(out)
}

// signIn opens a session by password, and gives the second factor where the
// person's roles count only with one.
func (c *client) signIn(ctx context.Context, phone, password, code string) error {
	var out struct {
		Token  string
		Wanted bool `json:"second_factor_wanted"`
	}
	if err := c.call(ctx, http.MethodPost, "/sessions", map[string]string{"phone": phone, "password": password}, &out); err != nil {
		return fmt.Errorf("sign-in of %s: %w", phone, err)
	}
	c.token = out.Token
	if !out.Wanted {
		return nil
	}
	if err := c.call(ctx, http.MethodPost, "/sessions/current/factors", map[string]string{"totp": code}, &out); err != nil {
		return fmt.Errorf("second factor of %s: %w", phone, err)
	}
	c.token = out.Token
	return nil
}

// organisation finds the organisation that the person administers: the one
// whose name contains want, or the only one.
func (c *client) organisation(ctx context.Context, want string) (id, name string, err error) {
	var out struct {
		Items []struct{ Org, Name, Role, State string }
	}
	if err := c.call(ctx, http.MethodGet, "/me/organisations", nil, &out); err != nil {
		return "", "", err
	}
	for _, o := range out.Items {
		if o.Role != "org_admin" || o.State != "approved" || !strings.Contains(o.Name, want) {
			continue
		}
		if id != "" {
			return "", "", fmt.Errorf("%s and %s both fit: say more of the name with -org", name, o.Name)
		}
		id, name = o.Org, o.Name
	}
	if id == "" {
		return "", "", fmt.Errorf("no approved organisation with %q in its name is administered by this person", want)
	}
	return id, name, nil
}

func (c *client) project(ctx context.Context, org, name string) (string, error) {
	var out struct{ ID string }
	err := c.call(ctx, http.MethodPost, "/organisations/"+org+"/projects", map[string]string{"name": name,
		"intro": "Real opportunities of New York City (NYC Open Data, dataset bquu-z2ht), imported for demonstration."}, &out)
	return out.ID, err
}

// activity is what the API answers of an activity.
type activity struct {
	ID      string
	Version int
	State   string
}

func (c *client) create(ctx context.Context, project string, p plan) (activity, error) {
	var a activity
	err := c.call(ctx, http.MethodPost, "/projects/"+project+"/activities", p, &a)
	return a, err
}

func (c *client) submit(ctx context.Context, a activity) (activity, error) {
	var after activity
	err := c.call(ctx, http.MethodPost, "/activities/"+a.ID+"/submit", map[string]int{"version": a.Version}, &after)
	return after, err
}

// review publishes as the administrator of the division, who says to have
// looked at all six classes of what is no volunteering.
func (c *client) review(ctx context.Context, a activity) (activity, error) {
	var after activity
	err := c.call(ctx, http.MethodPost, "/activities/"+a.ID+"/review", map[string]any{"version": a.Version, "verdict": "publish",
		"looked": []string{"job", "internal", "own_benefit", "no_aim", "pay", "time"}}, &after)
	return after, err
}
