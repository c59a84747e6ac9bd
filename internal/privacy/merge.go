package privacy

import "kapok/internal/kit/pg"

// Owned are the columns whose rows move when two people are merged. The kept
// person's open requests go before those of the other.
func Owned() []pg.Owned {
	return []pg.Owned{
		{Table: "privacy.request", Column: "person",
			Unless: `t.state = 'open' AND EXISTS (SELECT FROM privacy.request o WHERE o.person = $2 AND o.state = 'open' AND o.kind = t.kind AND o.item = t.item)`},
		{Table: "privacy.access", Column: "person", Unless: `$2 IN (t.asked_by, t.decided_by)`},
	}
}
