-- The release of dataset $1 that is current now, with its contract; no row, or one without an id, when there is none.
select release.id, release.seq, release.table_name, contract.document as contract_document
from gsb.registry_entry as entry
left join gsb.release as release on release.id = entry.release_id and release.state = 'published'
left join gsb.contract as contract on contract.id = release.contract_id
where entry.dataset_id = $1::bigint
order by entry.version desc
limit 1
