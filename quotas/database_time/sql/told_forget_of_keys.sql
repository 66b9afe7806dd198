-- As told_forget.sql, of keys.
delete from gsb.database_time_of_key
where ctid = any(array(
  select ctid from gsb.database_time_of_key where minute < $1::bigint for update skip locked
))
