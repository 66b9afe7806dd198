-- One request of agency $1 after the other is counted, until the transaction ends.
select pg_advisory_xact_lock(hashtextextended('gsb.draft_request.agency:' || $1::bigint::text, 0))
