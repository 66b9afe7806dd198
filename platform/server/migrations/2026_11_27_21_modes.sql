-- How a release came about: of a whole file, or of the release before it and a file of changes.
alter table gsb.release
  add column change_kind text not null default 'full'
    check (change_kind in ('full', 'append', 'upsert', 'correction')),
  add column added_count bigint,       -- null: the whole file was new
  add column replaced_count bigint;

alter table gsb.job
  add column mode text not null default 'full' check (mode in ('full', 'append', 'upsert', 'correction'));
