-- How often link $2 of release $1 finds a record of release $3; counting again replaces.
insert into gsb.link_match (release_id, link, target_release_id, row_count, matched, most)
values ($1::bigint, $2::text, $3::bigint, $4::bigint, $5::bigint, $6::bigint)
on conflict (release_id, link, target_release_id)
do update set row_count = excluded.row_count, matched = excluded.matched, most = excluded.most
