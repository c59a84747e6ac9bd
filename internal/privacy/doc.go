// Package privacy is the rights of people over their data.
//
// Owns: the register of personal data (what is held, why, on what legal basis,
// how long, who sees it), choices, requests to correct and to delete, carrying
// deletions out, applying keeping times.
// Words: 个人信息清单 register of personal data, 处理目的 purpose, 合法性基础 legal basis,
// 保存期限 keeping time, 划掉 strike (words), 更正 correction, 申诉 appeal, 删除 deletion, 冷静期 cooling-off time.
// Invariants: every column of the database is in the register or in the list
// of columns without personal data (a test refuses a new one until somebody
// decided); keeping times of the register are applied by jobs, not promised; a
// person who was erased keeps an id without anything that leads back to them;
// words about them are struck, but those in Kept, which has the legal ground.
// Nobody of the staff opens a person's page alone: a reason, another one's
// approval, a short time; after an incident the person is told.
// A granted correction changes the value in the same transaction, after the
// administrator typed the document seen; a refusal can be appealed once, and who
// refused does not decide the appeal.
// States: request open → granted | refused | withdrawn | done; access open →
// approved | refused.
// Tables: privacy.choice, privacy.request, privacy.access.
// Not here: what each area holds and how it erases it (their privacy.go), the
// log of who looked (audit), consents (person).
package privacy
