-- How many jobs ended because their process was lost again and again; the index job_given_up serves the condition.
select count(*) from gsb.job where lost_leases >= 3 and state = 'failed'
