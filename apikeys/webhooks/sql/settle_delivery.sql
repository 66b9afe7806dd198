-- How attempt $2 of delivery $1 went, unless it lost its claim: state $3, status $4, error $5, due again after $6.
update gsb.webhook_delivery
set
  state = $3::text,
  last_status = $4::int,
  last_error = $5::text,
  due_at = coalesce(clock_timestamp() + $6::interval, due_at),
  delivered_at = case when $3::text = 'delivered' then now() end,
  claim = null
where id = $1::bigint
and claim = $2::uuid
and state = 'pending'
returning id
