-- Open notices, of dataset $1 or of all, oldest first; the index contract_notice_open serves both. A successor counts as
-- answered from its first release on that can still be read, while it has a current one.
select
  notice.id, notice.dataset_id, notice.major, notice.breaks, notice.touched, notice.at, notice.actor, notice.earliest_on,
  notice.beside_days, notice.override_reason, dataset.sunset_on,
  agency.slug || '/' || dataset.slug as dataset,
  agency.slug || '/' || successor.slug as successor,
  contract.version,
  case when successor.state = 'active' and (
    select entry.release_id
    from gsb.registry_entry as entry
    where entry.dataset_id = successor.id
    order by entry.version desc
    limit 1
  ) is not null then (
    select min(entry.at) from gsb.registry_entry as entry
    where entry.dataset_id = successor.id and entry.release_id is not null
  ) end as successor_since
from gsb.contract_notice as notice
join gsb.dataset as dataset on dataset.id = notice.dataset_id
join gsb.dataset as successor on successor.id = notice.successor_id
join gsb.contract as contract on contract.id = successor.contract_id
join gsb.agency as agency on agency.id = dataset.agency_id
where notice.ended_at is null and ($1::bigint is null or notice.dataset_id = $1::bigint)
order by notice.id
