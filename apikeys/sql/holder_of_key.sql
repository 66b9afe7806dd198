-- Whose key $1 is, by primary keys: an organisation's or an agency's; no row for one that does not exist.
select a.organisation_id, k.agency_id
from gsb.api_key as k
left join gsb.application as a on a.id = k.application_id
where k.id = $1::text
