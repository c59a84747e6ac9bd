// Package federation lets identity providers outside Kapok vouch for people:
// signing in with them, and the authoritative check of an identity.
//
// Owns: the OpenID Connect adapter (authorization code + PKCE), what a
// provider states, comparing it with a person, links of a provider's subject
// to a person.
// Words: 身份提供方 identity provider, 依赖方 relying party (Kapok here), 主体标识
// subject, 核验 verify, 绑定 link, 权威核验 authoritative check.
// Invariants: an answer is taken once, from the provider that was asked, for
// the browser that asked; a subject links one person, and a person one subject
// of a provider; nothing links by phone, e-mail or name alone; only the keyed
// hash of a subject is stored, never a claim; of a provider that keeps the
// identity to itself (网号, 公安部令第173号) no fact is asked for.
// States: asked → answered | expired; link alive → ended.
// Tables: federation.link, federation.used_state.
// Not here: levels of documents (person), sessions (account), Kapok as a
// provider (idp).
package federation
