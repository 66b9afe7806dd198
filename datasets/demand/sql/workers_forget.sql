-- Workers that have written nothing since $1 send no batch again: they are gone, or go on with higher numbers.
delete from gsb.demand_worker where at < $1::timestamptz
