-- A release is counted once.
update gsb.release set quality = $2::jsonb where id = $1::bigint and quality is null
