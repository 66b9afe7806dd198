-- The newest row; none before the first schema was recorded. Read under the advisory lock of history.py.
select schema_version, sdl_sha256, sdl_gzip from gsb.schema_history order by id desc limit 1
