-- The files of releases $1 are no more; their parts go with them.
delete from gsb.export where release_id = any($1::bigint[])
