-- Requests of one account are counted and handed in one after the other; until this transaction ends.
select pg_advisory_xact_lock(hashtextextended(format('gsb.export_request %s %s', $1::bigint, $2::bigint), 0))
