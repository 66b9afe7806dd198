-- True when this session now holds the right to draft request $1; held until the session ends, whatever ends it.
select pg_try_advisory_lock(hashtextextended('gsb.draft_request:' || $1::text, 0))
