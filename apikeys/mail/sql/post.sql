-- One more mail to send, when the caller's transaction commits.
insert into gsb.mail (to_address, subject, body) values ($1::text, $2::text, $3::text)
