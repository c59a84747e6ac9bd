// Package activity is the work offered: projects, their activities, the shifts
// at which people serve, who signed up for them, and how all this is found.
//
// Owns: writing, reviewing and publishing activities with the statutory fields
// (67号令 art. 7), the declarations of what is no volunteering (art. 19), risks
// and insurance (条例 art. 12, 17); shifts and their requirements; sign-ups,
// waiting lists, eligibility (signup*.go); search, calendar and map counts.
// Words: 项目 project, 活动 activity, 班次 shift, 报名 sign-up, 候补 waiting,
// 组织单位 organiser (Org), 记录单位 recording unit, 服务类别 field, 岗位 post.
// Invariants: never more than capacity; what was reviewed does not change after
// publishing; a version counts every change, so that two tabs never overwrite
// each other; a published activity is complete, its danger insured and for
// adults only; its search rows change in the transaction that changes it; a
// shift that has begun stays as it is; a person's places never overlap; no minor is in
// danger or emergency relief, nor has a place that no guardian's consent covers:
// a withdrawal gives coming places back in its own transaction (Recheck).
// States: draft → submitted → published → closed; submitted → draft (withdrawn,
// or returned with a reason); all but closed → cancelled. Shifts: open →
// cancelled. Sign-ups: see SignupState.
// Tables: activity.project, activity.activity, activity.shift, activity.signup,
// activity.listing (the search; can be rebuilt from the others).
// Not here: who came (attendance), hours (record), messages (notify, by the
// hooks OnDecided, OnCancelled, OnMoved, OnSignupChanged), pages (activityweb).
package activity
