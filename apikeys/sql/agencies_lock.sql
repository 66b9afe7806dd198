-- The agencies of keys $1, locked until the end of the transaction, in the order of their numbers.
select id
from gsb.agency
where id in (select agency_id from gsb.api_key where id = any ($1::text[]))
order by id
for no key update
