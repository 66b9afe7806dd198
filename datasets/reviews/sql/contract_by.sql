-- Who declared the contract of submission $1, while nothing was released under it. At most one row.
select contract.declared_by
from gsb.submission as submission
join gsb.contract as contract on contract.id = submission.contract_id
where submission.id = $1::text and not exists (select from gsb.release where contract_id = contract.id)
