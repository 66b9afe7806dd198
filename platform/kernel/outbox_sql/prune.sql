-- Messages older than $1 days go, with their deliveries, at most $2 at a time: a delivery lasts two days at most.
delete from gsb.outbox
where id in (
  select id from gsb.outbox where at < now() - make_interval(days => $1::int) order by at limit $2::int
)
