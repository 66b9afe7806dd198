-- By the primary key: at most one row.
select body from gsb.schema_introspection where sdl_sha256 = $1::text and query_sha256 = $2::text
