package account

import "kapok/internal/kit/reseal"

// SealedColumns are the columns of this area that are sealed for the row's id.
var SealedColumns = []reseal.Column{
	{Table: "account.account", Column: "phone"},
	{Table: "account.new_phone", Column: "phone"},
	{Table: "account.authenticator", Column: "secret"},
}
