-- Releases past their retention: neither current, nor among the last $1 of their dataset, nor younger than $2 days.
select id from (
  select
    release.id,
    release.published_at,
    row_number() over (partition by release.dataset_id order by release.seq desc) as age,
    release.id is not distinct from (
      select release_id from gsb.registry_entry
      where dataset_id = release.dataset_id order by version desc limit 1
    ) as is_current
  from gsb.release as release
  where release.state = 'published'
) as ranked
where age > $1::int and published_at < now() - make_interval(days => $2::int) and not is_current
