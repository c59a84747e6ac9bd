package region

// BuiltInTree is the tree of the built-in list, for tests and measurements
// that need no database.
func BuiltInTree() (*Tree, error) {
	r, err := BuiltIn()
	if err != nil {
		return nil, err
	}
	list, err := readCSV(r)
	if err != nil {
		return nil, err
	}
	return NewTree(list), nil
}
