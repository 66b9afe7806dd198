-- One checker at a time: true for the one that may go on, until its transaction ends.
select pg_try_advisory_xact_lock(hashtext('gsb.usage_check'))
