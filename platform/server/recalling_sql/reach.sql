-- Who has read release $1, by the facts that are in by now; application 0 is everybody who read files without a key.
select
  count(distinct application.organisation_id)::bigint as organisations,
  count(distinct application.id)::bigint as applications,
  coalesce(sum(fact.requests), 0)::bigint as requests,
  coalesce(sum(fact.bytes) filter (where fact.application_id <> 0), 0)::bigint as bytes,
  coalesce(sum(fact.bytes) filter (where fact.application_id = 0), 0)::bigint as anonymous_bytes
from gsb.usage_fact as fact
left join gsb.application as application on application.id = abs(fact.application_id)
where fact.release_id = $1::bigint
