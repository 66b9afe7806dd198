-- Places (from 1) among the noted recalls of agencies $1, datasets $2, numbers $3 and hashes $4 whose release is there and is
-- not recalled, in order.
select noted.place
from unnest($1::text[], $2::text[], $3::int[], $4::text[]) with ordinality as noted (agency, dataset, seq, sha256, place)
join gsb.agency as agency on agency.slug = noted.agency
join gsb.dataset as dataset on dataset.agency_id = agency.id and dataset.slug = noted.dataset
join gsb.release as release
  on release.dataset_id = dataset.id and release.seq = noted.seq and release.sha256 = noted.sha256
where not exists (select from gsb.recall as recall where recall.release_id = release.id)
order by noted.place
