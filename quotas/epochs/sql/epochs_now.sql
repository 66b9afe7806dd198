-- The present epoch of each organisation, by the primary key.
select organisation_id, epoch, server, is_open from gsb.window_epoch where organisation_id = any($1::bigint[])
