-- Whether release $1 may still be served, and so until this transaction ends; nothing comes back when not.
select id from gsb.release where id = $1::bigint and state = 'published' for share
