-- What an agency says around a release: notes that are handed in with the file and approved with it; and, where releases
-- are reviewed, a breaking contract announced by another person than who declared it.

alter table gsb.release
  add column notes_fa text,   -- null: it says nothing
  add column notes_en text,
  add constraint release_notes_in_both check ((notes_fa is null) = (notes_en is null));

alter table gsb.job
  add column notes_fa text,
  add column notes_en text,
  add constraint job_notes_in_both check ((notes_fa is null) = (notes_en is null));

alter table gsb.submission
  add column notes_fa text,
  add column notes_en text,
  add constraint submission_notes_in_both check ((notes_fa is null) = (notes_en is null));

alter table gsb.contract_notice
  add column announced_by bigint references gsb.person,   -- null: an operator
  add column contract_by bigint references gsb.person,    -- null: an operator, or the agency has nothing reviewed
  add constraint nobody_announces_their_own check (announced_by <> contract_by);
