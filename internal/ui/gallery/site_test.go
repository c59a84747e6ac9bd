package gallery_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
)

// Without JavaScript the division picker asks the server for the next level,
// and nothing typed is lost or judged on the way.
func TestDivisionPickerWithoutJavaScript(t *testing.T) {
	t.Parallel()
	site, _ := serve(t)
	answer, err := http.PostForm(site+"/form", url.Values{"name": {"陈志华"}, "phone": {""}, "division": {"440000", "440100", ""}, "_choose": {"division"}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	doc, err := goquery.NewDocumentFromReader(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	if answer.StatusCode != http.StatusOK || doc.Find("#errors").Length() != 0 {
		t.Errorf("status %d, %d lists of errors", answer.StatusCode, doc.Find("#errors").Length())
	}
	if got := doc.Find("#f-name").AttrOr("value", ""); got != "陈志华" {
		t.Errorf("the name became %q", got)
	}
	selects := doc.Find("select[name=division]")
	if got := selects.Last().Find("option").Length(); selects.Length() != 3 || got != 3 {
		t.Errorf("%d selects, the last with %d options", selects.Length(), got)
	}
}

func TestMistakesAreShownAtTheForm(t *testing.T) {
	t.Parallel()
	site, _ := serve(t)
	answer, err := http.PostForm(site+"/form", url.Values{"phone": {""}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	if answer.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(string(body), `href="#f-phone"`) {
		t.Errorf("status %d", answer.StatusCode)
	}
}
