-- Organisation $1 claims legal id $2, or none. Unique among organisations that confirmed their address.
update gsb.organisation set legal_id = $2::text where id = $1::bigint
