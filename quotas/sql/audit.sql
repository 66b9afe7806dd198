-- Who did what to what, in the transaction that did it.
insert into gsb.audit (actor, action, subject, details) values ($1::text, $2::text, $3::text, $4::jsonb)
