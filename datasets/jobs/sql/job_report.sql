-- What the checks found; also for a released job, whose report is known only after its swap.
update gsb.job set report = $2::jsonb where id = $1::text
