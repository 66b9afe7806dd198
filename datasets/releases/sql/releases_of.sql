-- Every release of dataset $1, newest first, and whether it is the current one.
select
  release.id, release.seq, release.state, contract.version as contract_version, release.row_count, release.sha256,
  release.as_of, release.published_at, release.actor, release.change_kind, release.added_count, release.replaced_count,
  release.notes_fa, release.notes_en,
  release.id = (
    select release_id from gsb.registry_entry where dataset_id = $1::bigint order by version desc limit 1
  ) as is_current
from gsb.release as release
join gsb.contract as contract on contract.id = release.contract_id
where release.dataset_id = $1::bigint
order by release.seq desc
