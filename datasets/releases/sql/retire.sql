-- Marks releases as gone from registry version $2 on. Their tables stay for those who are still reading.
update gsb.release
set state = 'gone', gone_at = now(), gone_version = $2::bigint
where id = any($1::bigint[])
