-- Tables that nobody can be reading: of releases gone or recalled for $1 seconds that every live process with a
-- registry has passed, keys that changed from or to such a release, and tables in schema `released` that no release
-- names (left by a restore). A table that is being loaded is not visible here before its release is.
with past as (
  select id, table_name, changes_table, changes_since
  from gsb.release as release
  where state in ('gone', 'recalled')
    and gone_at < now() - make_interval(secs => $1::float8)
    and not exists (
      select from gsb.worker
      where fenced_at is null
        and heartbeat_at > now() - interval '1 minute'
        and seen_registry between 1 and release.gone_version - 1
    )
),
named as (
  select table_name as name, id as release_id, id in (select id from past) as is_past from gsb.release
  union all
  select changes_table, null, id in (select id from past) or changes_since in (select id from past)
  from gsb.release
  where changes_table is not null
)
select class.relname as table_name, named.release_id
from pg_class as class
left join named on named.name = class.relname
where class.relnamespace = 'released'::regnamespace
  and class.relkind = 'r'
  and coalesce(named.is_past, true)
order by class.relname
