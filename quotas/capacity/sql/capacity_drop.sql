-- The name of the one that is gone now; no row when there was none.
delete from gsb.capacity where dataset_id = $1::bigint returning name
