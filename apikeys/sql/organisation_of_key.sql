-- Whose key $1 is: its organisation, by primary keys; no row for an agency's key.
select a.organisation_id
from gsb.api_key as k
join gsb.application as a on a.id = k.application_id
where k.id = $1::text
