// Package signupbox is the box by which a reader signs up for a shift: the
// button, what it would give, what they have already, or everything that
// stands against it before anything is pressed.
//
// Owns: the component and what it must know (Load, one read for all shifts of
// a page).
//
// Words: 报名框 box · 候补 waiting · 被监护人 ward.
//
// Invariants: it shows the server's own judgement, never a guess of its own;
// where another sign-up stands in the way only the person and a guardian read
// which; it works without JavaScript.
//
// Tables: none.
//
// Not here: the handlers behind its buttons (signupweb), the page around it
// (activityweb).
package signupbox
