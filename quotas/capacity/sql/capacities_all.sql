-- Every capacity, the platform's (dataset 0) first.
select dataset_id, name, lim, unit, window_seconds, floor, reserve from gsb.capacity order by dataset_id
