package idp

import "kapok/internal/kit/pg"

// Owned are the columns whose rows move when two people are merged. A platform
// that knew both goes on knowing each by the subject it was given.
func Owned() []pg.Owned {
	return []pg.Owned{
		{Table: "idp.consent", Column: "person",
			Unless: `t.withdrawn_at IS NULL AND EXISTS (SELECT FROM idp.consent o WHERE o.person = $2 AND o.client = t.client AND o.withdrawn_at IS NULL)`},
		{Table: "idp.grant", Column: "person"},
	}
}
