-- One entry of the audit, in the transaction of the change it tells of; the database links it to the chain at commit.
insert into gsb.audit (actor, action, subject, before, after, reason, details)
values ($1::text, $2::text, $3::text, $4::jsonb, $5::jsonb, $6::text, $7::jsonb)
