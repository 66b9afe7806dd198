-- Nothing is fetched for dataset $1 any more; true when something was.
delete from gsb.source where dataset_id = $1::bigint returning true
