// Package e2e walks through the whole program as people do: in a browser, with
// and without JavaScript, and over the JSON API.
//
// Owns: nothing but tests. A stage is the real wiring of internal/app on a
// database of its own, with a clock that the test moves; a visitor is a browser
// window of somebody; every page a visitor sees is inspected (inspect.js).
// Words: 舞台 stage, 访客 visitor, 旅程 journey.
// Invariants: a journey acts only through pages or the API; a page that
// scrolls sideways, logs an error, breaks the content security policy, has an
// unlabelled field or unreadable text fails the test, as does any answer of 500.
// Not here: what single areas promise (their own tests); looks (ui/gallery).
package e2e
