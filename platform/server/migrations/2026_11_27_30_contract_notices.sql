-- Breaking contracts and the notice that callers have of them.

-- The next major of a dataset is a dataset of its own; the old one is answered until its last day (gsb.dataset.sunset_on).
create table gsb.contract_notice (
  id bigint generated always as identity primary key,
  dataset_id bigint not null references gsb.dataset,
  successor_id bigint not null unique references gsb.dataset,
  major integer not null,            -- the one that ends
  breaks text[] not null,
  touched text[] not null,           -- columns of the old contract
  actor text not null,
  at timestamptz not null default now(),
  earliest_on date not null,         -- no last day before this one, unless an operator overrides
  beside_days integer not null check (beside_days >= 0),   -- for so long both are answered, whatever the last day
  override_actor text,
  override_reason text,
  ended_at timestamptz,              -- the old one was ended, or stays after all
  check (successor_id <> dataset_id),
  check ((override_actor is null) = (override_reason is null))
);
create unique index contract_notice_open on gsb.contract_notice (dataset_id) where ended_at is null;

-- Who was told: whoever begins to use the old one later is told later.
create table gsb.contract_notice_told (
  notice_id bigint not null references gsb.contract_notice,
  organisation_id bigint not null,   -- no foreign key: that somebody was told outlives them
  at timestamptz not null default now(),
  primary key (notice_id, organisation_id)
);

-- A breaking contract that an operator lets take the old one's place under the same name, without notice.
create table gsb.contract_override (
  contract_id bigint primary key references gsb.contract,
  actor text not null,
  reason text not null,
  at timestamptz not null default now()
);
