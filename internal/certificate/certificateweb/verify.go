package certificateweb

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"kapok/internal/certificate"
	"kapok/internal/kit/fault"
	"kapok/internal/kit/web"
)

func (d Deps) verifyForm(w http.ResponseWriter, r *http.Request) error {
	f := web.ReadQuery(r)
	if typed := f.Get("number"); typed != "" {
		n, err := certificate.ParseNumber(typed)
		if err == nil {
			return web.Back(w, r, "/verify/"+url.PathEscape(string(n)))
		}
		f.Check.Add("number", fault.As(err))
		if err := f.Show(f.Err()); err != nil {
			return err
		}
		return web.Page(w, r, http.StatusUnprocessableEntity, verifyPage(f, nil))
	}
	return web.Page(w, r, http.StatusOK, verifyPage(f, nil))
}

// verifyNumber answers valid, void, replaced or unknown. Unknown is an answer
// like the others, with status 404.
func (d Deps) verifyNumber(w http.ResponseWriter, r *http.Request) error {
	n, err := certificate.ParseNumber(r.PathValue("number"))
	if err != nil {
		return web.Back(w, r, "/verify?number="+url.QueryEscape(shorten(r.PathValue("number"))))
	}
	c, err := d.Certificates.Lookup(r.Context(), n)
	if errors.Is(err, certificate.ErrUnknown) {
		return web.Page(w, r, http.StatusNotFound, resultPage(certificate.Public{Number: n}))
	}
	if err != nil {
		return err
	}
	return web.Page(w, r, http.StatusOK, resultPage(c))
}

func shorten(s string) string {
	if r := []rune(strings.ToValidUTF8(s, "")); len(r) > 40 {
		return string(r[:40])
	}
	return s
}

// verifyFile checks a file somebody was given, and then asks the status of
// its number, as the file itself cannot know that it was made void.
func (d Deps) verifyFile(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseMultipartForm(web.MaxBody); err != nil {
		if _, large := errors.AsType[*http.MaxBytesError](err); large {
			return err
		}
		return web.ErrContentType
	}
	file, _, err := r.FormFile("file")
	if err != nil {
		f := web.NewForm(nil)
		f.Check.Add("file", fault.ErrRequired)
		if err := f.Show(f.Err()); err != nil {
			return err
		}
		return web.Page(w, r, http.StatusUnprocessableEntity, verifyPage(f, nil))
	}
	defer file.Close()
	keys, err := d.Certificates.Keys(r.Context())
	if err != nil {
		return err
	}
	report, err := certificate.VerifyFile(file, keys)
	if err != nil {
		return err
	}
	if report.Finding == certificate.Good {
		return web.Back(w, r, "/verify/"+url.PathEscape(string(report.Statement.Number))+"?file=good")
	}
	return web.Page(w, r, http.StatusOK, verifyPage(web.NewForm(nil), &report))
}

func (d Deps) keys(w http.ResponseWriter, r *http.Request) error {
	keys, err := d.Certificates.Keys(r.Context())
	if err != nil {
		return err
	}
	body, err := keys.MarshalJSON()
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "public, max-age=3600")
	_, err = w.Write(body)
	return err
}
