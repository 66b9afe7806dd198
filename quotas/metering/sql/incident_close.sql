-- Closed once; no row for one that is unknown or closed already.
update gsb.incident set closed_at = now() where id = $1::bigint and closed_at is null returning kind, subject
