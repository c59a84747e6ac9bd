package federationweb_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"
	"github.com/zitadel/oidc/v3/pkg/oidc"
)

// The test binary is also the identity provider: zitadel's example server, a
// process of its own that tests start.

const asProvider = "FEDERATION_TEST_PROVIDER" // users file and redirect URI, as JSON

func TestMain(m *testing.M) {
	if s := os.Getenv(asProvider); s != "" {
		serveProvider(s)
		return
	}
	os.Exit(m.Run())
}

// user is somebody whom the provider knows.
type user struct {
	storage.User
	Born, Document string
}

type providerSettings struct {
	Folder, Redirect string
	Users            map[string]user
}

// wide is the example's storage, with the claims that an authority has.
type wide struct {
	*storage.Storage
	users map[string]user
}

func (w wide) SetUserinfoFromToken(ctx context.Context, info *oidc.UserInfo, token, subject, origin string) error {
	if err := w.Storage.SetUserinfoFromToken(ctx, info, token, subject, origin); err != nil {
		return err
	}
	u := w.users[info.Subject]
	info.AppendClaims("birthdate", u.Born)
	info.AppendClaims("id_number", u.Document)
	return nil
}

func serveProvider(settings string) {
	var s providerSettings
	must(json.Unmarshal([]byte(settings), &s))
	plain := map[string]storage.User{}
	for id, u := range s.Users {
		plain[id] = u.User
	}
	file := filepath.Join(s.Folder, "users.json")
	raw, err := json.Marshal(plain)
	must(err)
	must(os.WriteFile(file, raw, 0o600))
	store, err := storage.StoreFromFile(file)
	must(err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	issuer := "http://" + l.Addr().String() + "/"
	clients := map[string]*storage.Client{"kapok": storage.WebClient("kapok", "secret", s.Redirect)}
	handler := exampleop.SetupServer(issuer, wide{storage.NewStorageWithClients(store, clients), s.Users}, slog.New(slog.DiscardHandler), false)
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // ends with the test, however it ends
		os.Exit(0)
	}()
	fmt.Println(issuer)
	must(http.Serve(l, handler))
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// startProvider starts the process and gives its issuer.
func startProvider(t *testing.T, redirect string, users map[string]user) (issuer string) {
	t.Helper()
	settings, err := json.Marshal(providerSettings{Folder: t.TempDir(), Redirect: redirect, Users: users})
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(self)
	c.Env = append(os.Environ(), asProvider+"="+string(settings))
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		_ = c.Wait()
	})
	issuer, err = bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(issuer)
}

// logIn goes through the provider's own pages and gives the address at our
// site that it leads back to.
func logIn(t *testing.T, to, name string) *url.URL {
	t.Helper()
	var back *url.URL
	client := http.Client{CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if strings.HasSuffix(r.URL.Path, "/callback") && strings.HasPrefix(r.URL.Path, "/login/with/") {
			back = r.URL
			return http.ErrUseLastResponse
		}
		return nil
	}}
	page, err := client.Get(to)
	if err != nil {
		t.Fatal(err)
	}
	defer page.Body.Close()
	doc, err := goquery.NewDocumentFromReader(page.Body)
	if err != nil {
		t.Fatal(err)
	}
	res, err := client.PostForm(page.Request.URL.String(), url.Values{"id": {doc.Find("input[name=id]").AttrOr("value", "")}, "username": {name}, "password": {"verysecure"}})
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if back == nil {
		t.Fatalf("the provider did not lead back: %d at %s", res.StatusCode, res.Request.URL)
	}
	return back
}
