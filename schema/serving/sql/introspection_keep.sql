-- The first worker's bytes stay; other schemas' that are older than a month go, so that the table stays small.
with gone as (
  delete from gsb.schema_introspection where made_at < now() - interval '30 days' and sdl_sha256 <> $1::text
)
insert into gsb.schema_introspection (sdl_sha256, query_sha256, body)
values ($1::text, $2::text, $3::bytea)
on conflict do nothing
