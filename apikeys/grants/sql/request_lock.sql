-- Request $1, locked until the end of the transaction: its steps are taken one after another.
select id
from gsb.grant_request
where id = $1::bigint
for no key update
