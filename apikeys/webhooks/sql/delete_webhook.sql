-- Webhook $1 and its deliveries are gone.
delete from gsb.webhook
where id = $1::bigint
