-- What was on its way to webhook $1 is given up with reason $2; a replay sends it again.
update gsb.webhook_delivery
set state = 'failed', last_error = $2::text, claim = null
where webhook_id = $1::bigint
and state = 'pending'
