-- Webhook $1 answered.
update gsb.webhook
set last_success_at = now(), failing_since = null, failures = 0, held_until = null
where id = $1::bigint
