-- When a release became current is the moment it was swapped in, under the registry's lock, not the moment its load
-- began: a load that runs past midnight belongs to the day on which it ends, and moments follow versions.

alter table gsb.registry_entry alter column at set default clock_timestamp();
alter table gsb.release alter column published_at set default clock_timestamp();
