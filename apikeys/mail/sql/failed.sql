-- Mail $1 was not taken, for reason $2.
update gsb.mail set last_error = $2::text where id = $1::bigint
