-- The table of release $1 is no more; its row and its hash stay.
update gsb.release set dropped_at = now() where id = $1::bigint returning state
