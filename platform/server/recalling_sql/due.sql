-- Recalls for whose readers facts are looked through now: each minute for ten minutes, then each hour for three days. Facts
-- have no index by release, as each of them would pay for what is asked so rarely.
update gsb.recall
set asked_at = now()
where at > now() - interval '3 days'
  and (asked_at is null or at > now() - interval '10 minutes' or asked_at < now() - interval '1 hour')
returning release_id
