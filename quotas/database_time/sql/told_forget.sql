-- Minutes before $1 limit nothing any more. What somebody else is forgetting is left to them.
delete from gsb.database_time
where ctid = any(array(
  select ctid from gsb.database_time where minute < $1::bigint for update skip locked
))
