-- Releases that have files and are not to be read any more: recalled ones, and those gone for $1 seconds.
select export.release_id
from gsb.export as export
join gsb.release as release on release.id = export.release_id
where release.state = 'recalled'
  or (release.state = 'gone' and release.gone_at < now() - make_interval(secs => $1::float8))
