-- Releases that were taken back from everybody, whom that concerns, and datasets that are on their way out.

create table gsb.recall (
  release_id bigint primary key references gsb.release,
  at timestamptz not null default clock_timestamp(),
  actor text not null,
  reason_fa text not null,
  reason_en text not null,
  version bigint not null,          -- the registry version from which on nobody reads it
  event_seq bigint not null,        -- what every process has to have heard
  asked_at timestamptz              -- when facts were last looked through for whom to tell
);

-- Facts of the last seconds come in after a recall, spooled ones much later: whom to tell is asked again for a while.
create table gsb.recall_told (
  release_id bigint not null references gsb.recall,
  organisation_id bigint not null,  -- no foreign key: that somebody was told outlives them
  at timestamptz not null default now(),
  primary key (release_id, organisation_id)
);

alter table gsb.dataset
  add column withdrawn_by text,      -- as the audit names them
  add column withdrawn_ground text,  -- the law that it was withdrawn on
  add column deprecated_at timestamptz,
  add column sunset_on date,
  add column successor_id bigint references gsb.dataset,
  add column deprecated_fa text,
  add column deprecated_en text,
  add constraint sunset_of_the_deprecated check ((deprecated_at is null) = (sunset_on is null)),
  add constraint successor_is_another check (successor_id <> id);
