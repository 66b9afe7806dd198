-- Newest first, by the primary key.
select id, schema_version, sdl_sha256, changes, recorded_at
from gsb.schema_history
order by id desc
limit $1::int
