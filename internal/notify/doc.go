// Package notify tells people things: messages inside Kapok, and by e-mail and
// SMS on the way out.
//
// Owns: messages and what was read, their delivery by jobs, the ways out (SMTP,
// a folder of files, an SMS gateway), codes for signing in.
//
// Words: 消息 message, 未读 unread, 投递 delivery, 短信 SMS, 验证码 code, 发件箱 outbox.
//
// Invariants:
//   - A message is written in the transaction of what it tells about; its
//     delivery job commits with it. A message of one key reaches a person once.
//   - The text is made when it is read or sent, from kind and args, in the
//     receiver's language: "notify.<kind>.title" and "notify.<kind>.body" of
//     the area that sends it.
//   - A job holds ids only; an address is looked up when the message leaves and
//     never stored or logged here, not even in the text of an error.
//   - Delivery is at least once: a mail keeps its Message-ID over all tries.
//
// States of a delivery: queued → sent | no_address | failed.
//
// Tables: notify.message, notify.delivery; jobs in River's schema.
//
// Not here: addresses (person), who is told what (the area that sends).
package notify
