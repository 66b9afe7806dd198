-- The files of release $1 could not be made, $2 says why; tried again after twice the time, at most an hour.
insert into gsb.export (release_id, attempts, try_at, error)
values ($1::bigint, 1, now() + interval '10 seconds', $2::text)
on conflict (release_id) do update
set
  attempts = export.attempts + 1,
  try_at = now() + least(interval '1 hour', interval '10 seconds' * power(2, least(export.attempts, 12))),
  error = excluded.error
where export.made_at is null
