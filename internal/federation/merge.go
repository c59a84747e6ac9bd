package federation

import "kapok/internal/kit/pg"

// Owned are the columns whose rows move when two people are merged. Of two
// living links to one provider the kept person's stays.
func Owned() []pg.Owned {
	return []pg.Owned{{Table: "federation.link", Column: "person",
		Unless: `t.ended_at IS NULL AND EXISTS (SELECT FROM federation.link o WHERE o.person = $2 AND o.provider = t.provider AND o.ended_at IS NULL)`}}
}
