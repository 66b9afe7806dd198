-- Why it was recalled and by whom; kept for good.
insert into gsb.recall (release_id, actor, reason_fa, reason_en, version, event_seq)
values ($1::bigint, $2::text, $3::text, $4::text, $5::bigint, $6::bigint)
