-- From here to the end of the session objects are put that no row names yet: none is swept meanwhile. Waits
-- for a sweep, and for one that waits.
select pg_advisory_lock_shared(hashtextextended('gsb.exports', 0))
