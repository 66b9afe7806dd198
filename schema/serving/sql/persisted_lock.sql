-- One writer per application at a time, so that its bounds hold whatever its workers do; ends with the transaction.
select pg_advisory_xact_lock(hashtextextended('gsb.persisted_document:' || $1::bigint, 0))
