-- Its check, or its publishing, ended badly; nothing comes back when it had come to its end before.
update gsb.submission
set state = 'failed', report = coalesce($2::jsonb, report), error = $3::jsonb, ended_at = now()
where id = $1::text and state in ('validating', 'approved')
returning id
