-- A file of agency $2 that waits for its proposal.
insert into gsb.draft_request (id, agency_id, dataset, actor, file_name, file_sha256, file_bytes)
values ($1::text, $2::bigint, $3::text, $4::text, $5::text, $6::text, $7::bigint)
