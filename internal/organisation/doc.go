// Package organisation keeps the bodies that run volunteer service and who
// does what in them.
//
// Owns: applications and their decision, the profile of an organisation, its
// members and their roles, the check of the unified social credit code, the
// list of service fields that organisations and activities share.
// Words: 志愿服务组织 organisation, 志愿服务团体 group, 统一社会信用代码 credit
// code, 指导单位 guiding unit, 备案 filing, 成员 member, 服务类别 field.
// Invariants: one name once in a county; a group has a guiding unit (67号令
// art. 26); an offshore body has a filing with dates and recruits no mainland
// residents (境外非政府组织境内活动管理法 art. 9, 16, 17, 28); an approved
// organisation always has an administrator; every change has its audit entry.
// States: applied → approved | returned | refused; returned → applied;
// approved ⇄ suspended. Refused is final; the name is free again.
// Tables: organisation.organisation, organisation.member.
// Not here: sign-in and what a role may do (account), activities (activity).
package organisation
