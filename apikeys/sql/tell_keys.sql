-- One message of kind $1 for each key of $2, to the organisation or agency that it belongs to; $3 is added to what it says.
insert into gsb.outbox (kind, payload, organisation_id, agency_id)
select
  $1::text,
  jsonb_build_object('key', k.id, 'label', k.label, 'application', k.application_id, 'expiresAt', k.expires_at) || $3::jsonb,
  a.organisation_id,
  k.agency_id
from gsb.api_key as k
left join gsb.application as a on a.id = k.application_id
where k.id = any ($2::text[])
order by k.id
