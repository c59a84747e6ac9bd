package region

import "strings"

// Prefix is what the codes of a division and of everything below it begin
// with: 44 for the province, 4401 for 广州, the code itself from the county
// down. SQL finds a subtree with it: code LIKE prefix || '%'.
func Prefix(code string) string {
	if len(code) != 6 {
		return code
	}
	return strings.TrimSuffix(strings.TrimSuffix(code, "00"), "00")
}
