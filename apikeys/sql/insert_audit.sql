-- One line of the audit, in the transaction of the change it tells of.
insert into gsb.audit (actor, action, subject, details)
values ($1::text, $2::text, $3::text, $4::jsonb)
