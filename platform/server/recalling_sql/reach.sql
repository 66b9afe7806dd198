-- Who has read release $1, by the facts that are in by now; application 0 is everybody who read files without a key. The
-- index usage_fact_by_second serves the lower bound: a release is read by nobody before it is published.
select
  count(distinct application.organisation_id)::bigint as organisations,
  count(distinct application.id)::bigint as applications,
  coalesce(sum(fact.requests), 0)::bigint as requests,
  coalesce(sum(fact.bytes) filter (where fact.application_id <> 0), 0)::bigint as bytes,
  coalesce(sum(fact.bytes) filter (where fact.application_id = 0), 0)::bigint as anonymous_bytes
from gsb.usage_fact as fact
left join gsb.application as application on application.id = abs(fact.application_id)
where fact.release_id = $1::bigint
  and fact.second >= (select date_trunc('second', published_at) - interval '1 minute' from gsb.release where id = $1::bigint)
