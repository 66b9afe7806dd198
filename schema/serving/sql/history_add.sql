-- A text is recorded once per schema version, whichever worker comes first.
insert into gsb.schema_history (schema_version, sdl_sha256, sdl_gzip, changes)
values ($1::bigint, $2::text, $3::bytea, $4::jsonb)
on conflict do nothing
