-- Keys that person $1 asked for, or that name them, and that are not revoked; locked until the end of the transaction.
select id, state
from gsb.api_key
where person_id = $1::bigint and state <> 'revoked'
order by id
for no key update
