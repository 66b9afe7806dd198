-- What version $2 of request $1 says. The caller sees to it that a version that was handed in is never written again.
insert into gsb.grant_content (request_id, version, fields, purpose, legal_basis, contact, responsible, days)
values ($1::bigint, $2::integer, $3::text[], $4::text, $5::text, $6::text, $7::text, $8::integer)
on conflict (request_id, version) do update set
  fields = excluded.fields, purpose = excluded.purpose, legal_basis = excluded.legal_basis,
  contact = excluded.contact, responsible = excluded.responsible, days = excluded.days
