-- Grant $1 was told of its end $2 days before.
update gsb.data_grant
set warned_days = $2::integer
where id = $1::bigint
