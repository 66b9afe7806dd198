-- One row per dataset: the newest finding replaces the one before.
insert into gsb.quality_answer (dataset_id, release_id, access_status, file_statuses)
values ($1::bigint, $2::bigint, $3::int, $4::jsonb)
on conflict (dataset_id) do update
set release_id = excluded.release_id, access_status = excluded.access_status, file_statuses = excluded.file_statuses,
  asked_at = excluded.asked_at
