-- Its words and whoever asked are gone; that there was one stays.
update gsb.data_request
set state = 'removed', title = '', body = '', contact = null, changed_at = $2::timestamptz
where id = $1::bigint
