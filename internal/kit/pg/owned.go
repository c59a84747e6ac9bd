package pg

// Owned names a column that says whose a row is. When two registrations of one
// human being are merged, the rows of the one go to the other.
type Owned struct {
	Table  string // with its schema
	Column string
	Key    string // column of the row's id (uuid); "" is id
	Unless string // SQL about t, $1 (whose it was) and $2 (whose it becomes): such rows stay, they would be there twice
}

// RowID is the column that identifies a row.
func (o Owned) RowID() string {
	if o.Key == "" {
		return "id"
	}
	return o.Key
}
