-- When a release became current is the moment it was swapped in, under the registry's lock, not the moment its load
-- began: a load that runs past midnight belongs to the day on which it ends, and moments follow versions.

alter table gsb.registry_entry alter column at set default clock_timestamp();
alter table gsb.release alter column published_at set default clock_timestamp();

-- The keys by which a release differs from the one before it, in a table of their own beside the release's: a page of
-- changes is read off it instead of off both releases. Releases from before this migration have none.
alter table gsb.release
  add column changes_table text unique,
  add column changes_since bigint references gsb.release;
