-- Agency $1, locked until the end of the transaction: one change of its people's keys at a time.
select id
from gsb.agency
where id = $1::bigint
for no key update
