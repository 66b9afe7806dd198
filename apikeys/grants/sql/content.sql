-- What version $2 of request $1 says, by primary key.
select fields, purpose, legal_basis, contact, responsible, days
from gsb.grant_content
where request_id = $1::bigint
and version = $2::integer
