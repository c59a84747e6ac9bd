package notify

import "kapok/internal/kit/pg"

// Owned are the columns whose rows move when two people are merged. A message
// that both had is there once.
func Owned() []pg.Owned {
	return []pg.Owned{{Table: "notify.message", Column: "person",
		Unless: `EXISTS (SELECT FROM notify.message o WHERE o.person = $2 AND o.key = t.key)`}}
}
