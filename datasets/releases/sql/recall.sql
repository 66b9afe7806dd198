-- Release $1 is recalled from registry version $2 on; its row and its hash stay.
update gsb.release
set state = 'recalled', gone_at = coalesce(gone_at, now()), gone_version = $2::bigint
where id = $1::bigint
