-- Every recall in the order in which they were made.
select
  agency.slug as agency, dataset.slug as dataset, release.seq, release.sha256, recall.reason_fa, recall.reason_en,
  recall.actor
from gsb.recall as recall
join gsb.release as release on release.id = recall.release_id
join gsb.dataset as dataset on dataset.id = release.dataset_id
join gsb.agency as agency on agency.id = dataset.agency_id
order by recall.version
