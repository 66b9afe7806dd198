-- Whoever counts an organisation's or agency's webhooks in order to add one waits here for the other.
select pg_advisory_xact_lock(hashtextextended(format('gsb.webhook %s %s', $1::bigint, $2::bigint), 0))
