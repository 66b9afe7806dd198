-- A new request of organisation $1 for dataset $2, a draft of version 1.
insert into gsb.grant_request (organisation_id, dataset_id, opened_at, changed_at)
values ($1::bigint, $2::bigint, $3::timestamptz, $3::timestamptz)
returning id
