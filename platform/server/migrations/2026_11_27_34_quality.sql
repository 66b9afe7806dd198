-- What is counted of each release for its data score, and whether the addresses in the catalogue answer.

alter table gsb.release
  add column quality jsonb;        -- null: released before it was counted; the jobs process counts what is current

-- As the jobs process last found it, asking the way a harvester would: without a key. One row per dataset.
create table gsb.quality_answer (
  dataset_id bigint primary key references gsb.dataset,
  release_id bigint not null references gsb.release,  -- whose files were asked for
  access_status integer,           -- null: there was no answer
  file_statuses jsonb not null,    -- by file name; null as above
  asked_at timestamptz not null default now()
);
