package privacy

import "kapok/internal/kit/reseal"

// SealedColumns are the columns of this area that are sealed for the row's id.
var SealedColumns = []reseal.Column{
	{Table: "privacy.access", Column: "reason"},
	{Table: "privacy.request", Column: "words"},
	{Table: "privacy.request", Column: "wish"},
	{Table: "privacy.request", Column: "answer"},
}
