-- The certificate of one release; at most one row, by unique keys.
select certificate.document, certificate.sha256
from gsb.release_certificate as certificate
join gsb.release as release on release.id = certificate.release_id
join gsb.dataset as dataset on dataset.id = release.dataset_id
join gsb.agency as agency on agency.id = dataset.agency_id
where agency.slug = $1::text and dataset.slug = $2::text and release.seq = $3::int
