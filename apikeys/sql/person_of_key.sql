-- The person that key $1 names, or that asked for it.
select person_id
from gsb.api_key
where id = $1::text
