-- Organisations that have read a release among $1 which was recalled, and have not been told, at most $2; each is noted as
-- told, with what it read. Facts of an application are its organisation's, as are those of its test keys.
with read as (
  select
    recall.release_id, application.organisation_id,
    array_agg(distinct application.name order by application.name) as applications,
    sum(fact.requests)::bigint as requests, sum(fact.bytes)::bigint as bytes
  from gsb.recall as recall
  join gsb.release as published on published.id = recall.release_id
  join gsb.usage_fact as fact on fact.release_id = recall.release_id
    and fact.application_id <> 0
    and fact.second >= date_trunc('second', published.published_at) - interval '1 minute'
  join gsb.application as application on application.id = abs(fact.application_id)
  where recall.release_id = any($1::bigint[])
    and not exists (
      select from gsb.recall_told as told
      where told.release_id = recall.release_id and told.organisation_id = application.organisation_id
    )
  group by recall.release_id, application.organisation_id
  order by recall.release_id, application.organisation_id
  limit $2::int
),
noted as (
  insert into gsb.recall_told (release_id, organisation_id)
  select release_id, organisation_id from read
  on conflict do nothing
  returning release_id, organisation_id
)
select
  read.organisation_id, read.applications, read.requests, read.bytes,
  agency.slug || '/' || dataset.slug as dataset, release.seq, release.sha256, recall.reason_fa, recall.reason_en
from noted
join read using (release_id, organisation_id)
join gsb.recall as recall using (release_id)
join gsb.release as release on release.id = noted.release_id
join gsb.dataset as dataset on dataset.id = release.dataset_id
join gsb.agency as agency on agency.id = dataset.agency_id
order by read.organisation_id
