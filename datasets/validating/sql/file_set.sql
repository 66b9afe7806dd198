-- The file of a validation that waits for it; nothing comes back when another was sent before.
update gsb.validation
set state = 'queued', mode = $2::text, file_name = $3::text, file_sha256 = $4::text, file_bytes = $5::bigint, try_at = now()
where id = $1::text and state = 'waiting'
returning id
