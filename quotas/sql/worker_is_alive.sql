-- False for a worker that was declared dead or never entered: it can be granted nothing.
select exists (select from gsb.worker where boot_id = $1::uuid and fenced_at is null)
