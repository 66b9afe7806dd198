-- A release of an aggregate-only dataset holds cells instead of rows; how many were too small to be published is told.
-- Null: the release holds rows.
alter table gsb.release add column suppressed_cells bigint check (suppressed_cells >= 0);
