-- Gives back what this session holds, at once and not when the server notices its end.
select pg_advisory_unlock_all()
