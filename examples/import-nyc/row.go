package main

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// row is one opportunity as the file has it, cleaned but not judged.
type row struct {
	ID, Title, Summary, Org, Category, URL string
	Address                                string // "" when the file names none
	Lat, Lon                               *float64
	Wanted                                 int
	Ongoing                                bool
	Hours                                  int // length of a visit; 0: not said
	From, To                               time.Time
	Fault                                  string // why it cannot be read at all
}

var errColumns = errors.New("the file lacks a column")

// readRows reads the whole file; a row that cannot be read keeps its place and
// says why.
func readRows(r io.Reader) ([]row, error) {
	in := csv.NewReader(r)
	in.FieldsPerRecord = -1 // short rows are reported, not fatal
	in.LazyQuotes = true
	header, err := in.Read()
	if err != nil {
		return nil, err
	}
	at := map[string]int{}
	for i, name := range header {
		at[strings.TrimSpace(strings.TrimPrefix(name, "\ufeff"))] = i
	}
	for _, need := range []string{"opportunity_id", "title", "summary", "vol_requests", "start_date_date", "end_date_date"} {
		if _, ok := at[need]; !ok {
			return nil, fmt.Errorf("%w: %s", errColumns, need)
		}
	}
	var out []row
	for {
		rec, err := in.Read()
		if err == io.EOF {
			return out, nil
		}
		if err != nil {
			out = append(out, row{Fault: "the line is not readable as CSV"})
			continue
		}
		out = append(out, readRow(func(name string) string {
			if i, ok := at[name]; ok && i < len(rec) {
				return rec[i]
			}
			return ""
		}))
	}
}

func readRow(get func(string) string) row {
	r := row{
		ID: clean(get("opportunity_id")), Title: clean(get("title")), Summary: clean(get("summary")), Org: clean(get("org_title")),
		Category: clean(get("category_id")), URL: clean(get("display_url")), Ongoing: clean(get("recurrence_type")) == "ongoing",
	}
	r.Wanted, _ = strconv.Atoi(clean(get("vol_requests"))) // 0: judged later
	r.Hours, _ = strconv.Atoi(clean(get("hours")))
	r.place(get("locality"), get("Latitude"), get("Longitude"))
	var err1, err2 error
	r.From, err1 = readDate(get("start_date_date"))
	r.To, err2 = readDate(get("end_date_date"))
	switch {
	case r.ID == "":
		r.Fault = "no opportunity_id"
	case err1 != nil || err2 != nil:
		r.Fault = "a date is missing or not readable"
	}
	return r
}

// place reads the address and the point. The column is a Python dictionary
// printed as text, with JSON inside.
func (r *row) place(locality, lat, lon string) {
	inner := regexp.MustCompile(`'human_address': '(\{.*\})'`).FindStringSubmatch(locality)
	if inner != nil {
		var a struct{ Address, City, State, Zip string }
		if json.Unmarshal([]byte(inner[1]), &a) == nil {
			r.Address = clean(joinNonEmpty(", ", a.Address, a.City, strings.TrimSpace(a.State+" "+a.Zip)))
		}
	}
	for _, p := range [][2]string{{lat, lon}, {dictValue(locality, "latitude"), dictValue(locality, "longitude")}} {
		la, err1 := strconv.ParseFloat(strings.TrimSpace(p[0]), 64)
		lo, err2 := strconv.ParseFloat(strings.TrimSpace(p[1]), 64)
		if err1 == nil && err2 == nil && la >= -90 && la <= 90 && lo >= -180 && lo <= 180 && (la != 0 || lo != 0) {
			r.Lat, r.Lon = &la, &lo
			return
		}
	}
}

func dictValue(dict, key string) string {
	m := regexp.MustCompile(`'` + key + `': '([^']*)'`).FindStringSubmatch(dict)
	if m == nil {
		return ""
	}
	return m[1]
}

func joinNonEmpty(sep string, parts ...string) string {
	var out []string
	for _, p := range parts {
		if p != "" {
			out = append(out, p)
		}
	}
	return strings.Join(out, sep)
}

func readDate(s string) (time.Time, error) {
	s = clean(s)
	for _, layout := range []string{"January 02 2006", "January 2 2006", "2006-01-02", "01/02/2006"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("not a date: %q", s)
}

var (
	breaks = regexp.MustCompile(`(?i)<\s*(br|/p|/li|/div)\s*/?\s*>`)
	tags   = regexp.MustCompile(`<[a-zA-Z/!][^>]*>`)
	blanks = regexp.MustCompile(`[^\S\n]+`)
)

// clean takes markup, entities and odd blanks out of a text. Entities are
// resolved after the tags, so that a "&lt;b&gt;" somebody wrote stays text.
func clean(s string) string {
	s = strings.ToValidUTF8(s, "")
	s = tags.ReplaceAllString(breaks.ReplaceAllString(s, "\n"), "")
	s = html.UnescapeString(s)
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\u00a0', r == '\t', r == '\r':
			return ' '
		case r < ' ' && r != '\n', r == 0x7f, r == '\u200b', r == '\ufeff':
			return -1
		}
		return r
	}, s)
	return strings.TrimSpace(blanks.ReplaceAllString(s, " "))
}
