-- How many organisations address $1 registered within a day and within thirty, the caller's own included; lock the
-- address first.
select
  count(*) filter (where created_at > now() - interval '1 day') as day,
  count(*) as month
from gsb.organisation
where lower(email) = lower($1::text)
and created_at > now() - interval '30 days'
