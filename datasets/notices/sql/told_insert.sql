-- Organisation $2 was told of notice $1; true when it had not been told before.
insert into gsb.contract_notice_told (notice_id, organisation_id)
values ($1::bigint, $2::bigint)
on conflict do nothing
returning true
