-- The tables of changed keys from or to release $1: what they hold tells what was in it.
select changes_table from gsb.release
where changes_table is not null and (id = $1::bigint or changes_since = $1::bigint)
order by changes_table
