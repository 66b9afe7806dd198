-- The steps of request $1 in order; with $2 false only those that its agency may know of.
select at, party, step, version, message, legal_ground
from gsb.grant_step
where request_id = $1::bigint
and ($2::boolean or step not in ('open', 'edit', 'reopen'))
order by id
