// Package idp is Kapok as an identity provider: "sign in with 志愿广东" for
// partner platforms, by OpenID Connect.
//
// Owns: partner platforms as clients, the separate consent of each person to
// each of them, authorization requests, codes and tokens, pairwise subjects,
// what a partner is told.
// Words: 合作平台 partner, client, 授权 consent, 授权码 code, 令牌 token, 令牌轮换
// rotation, 成对标识 pairwise subject, 年龄段 age band, 时数段 hours band.
// Invariants: authorization code with PKCE (S256) only, to an exact redirect
// URI; partners of two sectors know a person by subjects that cannot be joined;
// a partner learns only claims agreed to one by one (个人信息保护法 art. 23),
// never of a child under 14, of minors the age band alone; a code or refresh
// token used twice ends everything that came of it; withdrawing ends all tokens
// at once; only hashes of secrets are stored; all state is in the database.
// States: request asked → answered → exchanged; consent given → withdrawn;
// grant alive → revoked or expired; client alive → ended.
// Tables: idp.client, idp.consent, idp.request, idp.grant, idp.token.
// Not here: who is signed in (account), outside providers (federation), systems
// that exchange data (exchange).
package idp
