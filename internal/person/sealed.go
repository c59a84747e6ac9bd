package person

import "kapok/internal/kit/reseal"

// SealedColumns are the columns of this area that are sealed for the row's id.
var SealedColumns = []reseal.Column{
	{Table: "person.person", Column: "phone_enc"},
	{Table: "person.person", Column: "email_enc"},
	{Table: "person.identity_document", Column: "number_enc"},
}
