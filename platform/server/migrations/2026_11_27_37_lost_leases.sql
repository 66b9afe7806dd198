-- How often the process that held a job ended without a word: a file that kills its reader must not come back for ever.

alter table gsb.job add column lost_leases integer not null default 0;

-- The figure at /metrics counts those that were given up; there are few, if any.
create index job_given_up on gsb.job (id) where lost_leases >= 3;
