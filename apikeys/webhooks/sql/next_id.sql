-- The number of the next webhook: its secret is derived from it, so it is known before the row is there.
select nextval(pg_get_serial_sequence('gsb.webhook', 'id'))
