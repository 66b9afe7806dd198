-- The newest release of dataset $1 that can be read and answers by major $2; at most one row.
select release.id, release.table_name, release.columns
from gsb.release as release
join gsb.contract as contract on contract.id = release.contract_id
where release.dataset_id = $1::bigint
  and release.state = 'published'
  and split_part(contract.version, '.', 1) = $2::text
order by release.seq desc
limit 1
