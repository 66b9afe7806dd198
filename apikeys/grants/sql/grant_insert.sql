-- The right that version $2 of request $1 gives from $3 to $4; the request's other grants have ended before.
insert into gsb.data_grant (request_id, version, organisation_id, dataset_id, fields, begins_at, ends_at)
select r.id, c.version, r.organisation_id, r.dataset_id, c.fields, $3::timestamptz, $4::timestamptz
from gsb.grant_request as r
join gsb.grant_content as c on c.request_id = r.id and c.version = $2::integer
where r.id = $1::bigint
