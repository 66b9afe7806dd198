-- The newest version that request $1 has content of, also when the request went back to an older one.
select max(version)
from gsb.grant_content
where request_id = $1::bigint
