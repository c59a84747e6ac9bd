package e2e

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"

	"kapok/internal/kit/i18n"
)

// TestPasskeyInBrowser adds a passkey with the browser's virtual authenticator,
// signs out, and signs in with it without typing a phone.
func TestPasskeyInBrowser(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.url = strings.Replace(s.url, "127.0.0.1", "localhost", 1) // passkeys are for names
	v := enter(t, browser(t), s, "volunteer", manner{lang: i18n.ZhHans, width: 360})
	v.plugIn()
	v.join("陈嘉敏", "2001-03-04")

	v.open("/me/devices")
	v.press(v.say("account.passkey.add"))
	v.fill("name", "我的手机")
	v.answersPasskey("/me/devices")
	v.sees("我的手机", v.say("account.factor.unused"))

	v.signOut()
	v.open("/login?next=/me/devices")
	v.answersPasskey("/me/devices")
	v.sees("我的手机", v.say("account.devices.here"))
	if strings.Contains(v.body(), v.say("account.factor.unused")) {
		t.Error("the page does not tell the last use")
	}

	v.pressIn("main", v.say("account.factor.remove"), http.StatusOK)
	v.sees(v.say("account.passkey.removed"))
	v.signOut()
	v.open("/login")
	v.answersPasskey("/login/passkey")
	v.sees(v.say("fault.account.passkey_unknown"))
}

// plugIn gives the window a device that keeps passkeys and verifies its owner.
func (v *visitor) plugIn() {
	v.t.Helper()
	for _, err := range []error{
		second(chromedp.Call(v.tab, webauthn.Enable, webauthn.EnableParams{})),
		second(chromedp.Call(v.tab, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
			Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal, HasResidentKey: true,
			HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true}})),
	} {
		if err != nil {
			v.t.Fatal(err)
		}
	}
}

// answersPasskey presses the page's passkey button and waits for the page that
// the form then leads to.
func (v *visitor) answersPasskey(path string) {
	v.t.Helper()
	v.do(chromedp.Click(chromedp.CSS("[data-passkey]")))
	for range 200 {
		if strings.HasPrefix(v.where(), path) && js[string](v, `document.readyState`) == "complete" {
			v.inspect()
			return
		}
		v.do(chromedp.Sleep(100 * time.Millisecond))
	}
	v.t.Fatalf("at %s, not %s, after the passkey:\n%s", v.where(), path, v.body())
}

// signOut forgets the session, as the browser's owner may.
func (v *visitor) signOut() {
	v.t.Helper()
	js[bool](v, `(() => {
		const f = document.createElement("form");
		f.method = "post"; f.action = "/logout"; f.id = "leave";
		f.append(Object.assign(document.createElement("button"), { textContent: "leave" }));
		document.body.append(f);
		return true;
	})()`)
	v.arrive(http.StatusOK, chromedp.Click(chromedp.CSS("#leave button")))
}
