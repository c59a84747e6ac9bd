// Package ui is what all pages share: the frame of a page, forms, the parts of
// which pages are made, dates and numbers in the reader's words, the styles and
// scripts (sources in web/, built into dist by `make build`).
//
// Owns: templ components, the embedded assets under /assets/, the View of a
// request (长者模式, message after a redirect, who is signed in).
// Words: 长者模式 elder mode, 标签栏 tabs, 工作台 desk, 提示 hint, 满洲窗 window.
// Invariants: every page works without JavaScript, with a keyboard, at 320 px
// and 200 % zoom; nothing needs an inline style or script (CSP); text on its
// ground has a contrast of at least 4.5:1 (contrast_test.go); no colour says
// what no text says; every text comes from texts.json.
// Tables: none.
// Not here: pages of an area (its *web package), names of divisions (region).
//
// # Frame
//
//	Frame(origin, clock, who)        middleware: makes the View; after the session's middleware
//	Assets() · CheckAssets()         handler of /assets/ · error at start when not built
//	Asset("app.css")                 path of a built file
//	SetFlash(w, r, Jade, "key", …)   message on the page after a redirect; counts as arguments
//	IsElder(ctx) · ViewFrom(ctx)     长者模式: one task a page · all a page knows of its reader
//	Layout(PageInfo) {page}          title, description, canonical, tab, narrow, back, share, JSON-LD
//	Desk(DeskInfo) {page}            the same with a side menu, for organisations and administrators
//	ErrorPage(err, ref)              for web.NewSite
//	Hero(HeroInfo)                   head of the home page with the search
//
// # Forms: fields find their value and error in the form around them
//
//	Form(FormInfo) {fields}          <form> with the list of errors on top; Values is the *web.Form
//	Input(Field)                     text, tel, email, date, datetime-local, number, password, search (Type)
//	TextArea · Select · Radios · Checks · Check · File (Field) · Hidden(name, value)
//	Division(DivisionField)          province to village; read with ChosenDivision(tree, form, name),
//	                                 and first: if Choosing(form) { show the form again, no errors }
//	Button(Btn) · PostButton(action, Btn) {hidden fields} · LinkButton(Btn) · Actions {buttons}
//	Locate() · NearMe()              fill in lat, lng, accuracy on a press · lat, lng to a kilometre, then search
//	Scan(field)                      read a QR code into that field and send its form
//
// # Parts
//
//	PageHead(title, facts…) {beside} · Section(title) {…} · Meta(facts…) · Row {…} · Grid {cards}
//	Card {…} · LinkCard(CardInfo) {extras}  a box · a card that leads to its page
//	Tag(kind, text) · Grade("A")     a state · an evidence grade
//	Meter(label, n, max) · Places(taken, capacity) {button} · Stars(n)
//	KPIs { KPI(label, value, kind) } figures side by side
//	Terms { Term(name) {value} }     a list of terms
//	HourList { HourRow(HourInfo) }   records of service
//	Table(caption, cols…) { TableRow(kind) { Cell(col) {…} } }   cards on phones
//	Pager(prev, next) · Chips(label, links) · Steps(current, names…) · Fold(summary, open) {…}
//	Refusal(RefusalInfo) {buttons} · Refused(err) {buttons}      why not, which rule, what would help
//	Note(kind) {…} · Empty(title, text) {buttons}
//	QR(svg, digits, caption) · Live(url, seconds) {…}            a code · a part that renews itself
//	Share(path, title) · Icon(name) · SmallIcon(name) · Window()
//
// # Words and figures
//
//	When(ctx, start, end, zone) · Time(start, end, zone)  10月18日 周六 9:00–11:30 · the same as <time>
//	Day · Date · Moment (ctx, t, zone) · Clock(t, zone) · DateRange(ctx, from, to, zone)
//	Hours(minutes) · HoursText(ctx, minutes) · Number(n)  2.50 · 2.50 小时 · 28,771
//	Due(ctx, t, zone) · DueWorkdays(ctx, n)               还有 3 天 · 还有 7 个工作日
//
// Classes free to use in a page: stack, row, grow, split + aside, grid, prose,
// quiet, small, num, big, sr. The gallery (ui/gallery) shows everything.
package ui

import (
	_ "embed"

	"kapok/internal/kit/i18n"
)

//go:embed texts.json
var texts []byte
var _ = i18n.Register(texts)
