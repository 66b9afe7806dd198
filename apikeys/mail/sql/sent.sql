-- Mail $1 was taken by the mail server; its text is kept no longer.
update gsb.mail set sent_at = now(), body = '', last_error = null where id = $1::bigint
