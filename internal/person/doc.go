// Package person holds people: who a volunteer is, by which documents, how to
// reach them, what they agreed to, and who acts for a minor.
//
// Owns: registration of the statutory basic facts (67号令 art. 5: name, sex,
// birth date, document, place of residence, contact, skills, fields of service),
// checks of documents, phones and names, volunteer numbers, consents with the
// version of their text, guardianship, qualifications, the code lists of these;
// how well an identity was checked; joining two registrations of one human being
// (merge*.go) and taking them apart again.
// Words: 志愿者 volunteer, 证件 document, 证件类别 identity class, 监护人 guardian,
// 被监护人 ward, 同意 consent, 志愿者编号 volunteer number, 居住区域 division,
// 核验等级 assurance, 登记合并 merge, 保留 kept, 并入 absorbed, 待核实 case.
// Invariants: one document belongs to one person (unique on class and keyed
// hash); a 回乡证 is known by its first nine characters; document numbers, phones
// and e-mail addresses are encrypted at rest and masked on screen; a person
// under 14 exists only through a guardian; the volunteer number is random; a
// merge moves rows, notes exactly which, and its undoing moves back those and no
// others; what is written for somebody merged goes to the person kept; without
// the person's own proof of both, two administrators decide; what is decided for
// a minor and a change of the guardian's consents wait for each other (Change);
// after a correction every document tells the birth date and sex of its person.
// States: person active | suspended; consent given → withdrawn; guardianship
// running → ended; merge: see MergeState.
// Tables: person.person, person.identity_document, person.consent,
// person.guardianship, person.guardian_code, person.qualification, person.key_check,
// person.verification, person.merge, person.merge_row.
// Not here: signing in (account), what a person did (record), who may see
// whom (account).
package person
