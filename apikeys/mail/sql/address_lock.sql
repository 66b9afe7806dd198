-- Address $2 is locked for purpose $1 until the commit. A statement of its own: what counts afterwards must see what was
-- committed while this waited, and a statement sees what there was when it began.
select pg_advisory_xact_lock(hashtextextended($1::text || ':' || lower($2::text), 0))
