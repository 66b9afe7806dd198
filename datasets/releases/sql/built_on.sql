-- Readable releases of dataset $1 that were made on top of release $2, or of one that was: they hold its rows too. What a
-- file of changes was put on is what was current when its release first became so.
with recursive first as (
  select release_id, min(version) as version
  from gsb.registry_entry
  where dataset_id = $1::bigint and release_id is not null
  group by release_id
),
made as (
  select
    first.release_id,
    (
      select entry.release_id from gsb.registry_entry as entry
      where entry.dataset_id = $1::bigint and entry.version < first.version
      order by entry.version desc
      limit 1
    ) as base_id
  from first
  join gsb.release as release on release.id = first.release_id
  where release.change_kind <> 'full'
),
above as (
  select release_id from made where base_id = $2::bigint
  union
  select made.release_id from made join above on made.base_id = above.release_id
)
select seq from gsb.release where id in (select release_id from above) and state = 'published' order by seq
