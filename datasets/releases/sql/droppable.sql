-- Tables that nobody can be reading: of releases gone or recalled for $1 seconds that every live process with a
-- registry has passed, and tables in schema `released` that no release names (left by a restore). A table that is
-- being loaded is not visible here before its release is.
select class.relname as table_name, release.id as release_id
from pg_class as class
left join gsb.release as release on release.table_name = class.relname
where class.relnamespace = 'released'::regnamespace
  and class.relkind = 'r'
  and (
    release.id is null
    or (
      release.state in ('gone', 'recalled')
      and release.gone_at < now() - make_interval(secs => $1::float8)
      and not exists (
        select from gsb.worker
        where fenced_at is null
          and heartbeat_at > now() - interval '1 minute'
          and seen_registry between 1 and release.gone_version - 1
      )
    )
  )
order by class.relname
