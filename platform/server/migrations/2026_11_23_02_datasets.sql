-- Agencies, their datasets and contracts, releases, and the registry: which release was current at which version.

create table gsb.agency (
  id bigint generated always as identity primary key,
  slug text collate "C" not null unique check (slug ~ '^[a-z][a-z0-9_]{0,47}$'),
  name_fa text not null,
  name_en text not null,
  is_sample boolean not null default false,
  contact text not null default '',
  created_at timestamptz not null default now()
);

create table gsb.dataset (
  id bigint generated always as identity primary key,
  agency_id bigint not null references gsb.agency,
  slug text collate "C" not null check (slug ~ '^[a-z][a-z0-9_]{0,47}$'),
  state text not null default 'active' check (state in ('active', 'withdrawn')),
  withdrawn_fa text,
  withdrawn_en text,
  withdrawn_at timestamptz,
  contract_id bigint,              -- the newest that took effect: the schema is made of these
  next_contract_id bigint,         -- declared, takes effect with the next release
  created_at timestamptz not null default now(),
  unique (agency_id, slug)
);

-- Contracts are never changed; the same document twice is the same contract.
create table gsb.contract (
  id bigint generated always as identity primary key,
  dataset_id bigint not null references gsb.dataset,
  version text not null,
  sha256 text not null,
  document jsonb not null,
  created_at timestamptz not null default now(),
  unique (dataset_id, sha256)
);
alter table gsb.dataset
  add foreign key (contract_id) references gsb.contract,
  add foreign key (next_contract_id) references gsb.contract;

-- A release's row, its table and its place in the registry appear in one transaction, so there is no half-loaded state
-- to clean up after: a killed load has never happened.
create table gsb.release (
  id bigint generated always as identity primary key,
  dataset_id bigint not null references gsb.dataset,
  contract_id bigint not null references gsb.contract,
  seq integer not null check (seq > 0),
  state text not null default 'published' check (state in ('published', 'gone', 'recalled')),
  table_name text not null unique,
  columns text[] not null,
  row_count bigint not null,
  sha256 text not null,
  as_of date,
  actor text not null,
  report jsonb not null,
  published_at timestamptz not null default now(),
  gone_at timestamptz,
  gone_version bigint,             -- the registry version from which on nobody binds it
  dropped_at timestamptz,
  unique (dataset_id, seq)
);
create index on gsb.release (dataset_id, seq) where state = 'published';

-- One row. Whoever changes the registry locks it, so versions follow commit order.
create table gsb.registry_state (
  one boolean primary key default true check (one),
  version bigint not null default 0,
  schema_version bigint not null default 0
);
insert into gsb.registry_state default values;

-- From `version` on, this release was the dataset's current one; null: nothing was (withdrawn).
create table gsb.registry_entry (
  dataset_id bigint not null references gsb.dataset,
  version bigint not null,
  release_id bigint references gsb.release,
  at timestamptz not null default now(),
  primary key (dataset_id, version)
);
create index on gsb.registry_entry (release_id);

-- How often a link found its target, counted over all rows when either side was released.
create table gsb.link_match (
  release_id bigint not null references gsb.release,
  link text not null,
  target_release_id bigint not null references gsb.release,
  row_count bigint not null,       -- rows whose link columns are all present
  matched bigint not null check (matched between 0 and row_count),
  primary key (release_id, link, target_release_id)
);
create index on gsb.link_match (target_release_id);

-- An upload waiting to be released, or what became of it.
create table gsb.job (
  id text primary key,
  agency_id bigint not null references gsb.agency,
  dataset_id bigint not null references gsb.dataset,
  idempotency_key text not null,
  file_sha256 text not null,
  file_name text not null,         -- a name inside the upload folder of the state folder
  file_bytes bigint not null,
  as_of date,
  actor text not null,
  state text not null default 'queued' check (state in ('queued', 'running', 'released', 'refused', 'failed')),
  stage text not null default 'queued',
  rows_done bigint not null default 0,
  bytes_done bigint not null default 0,
  bytes_total bigint not null default 0,
  attempts integer not null default 0,
  lease_until timestamptz,         -- until then nobody else claims it: it is being run, or waits for its dataset
  release_id bigint references gsb.release,
  report jsonb,
  error jsonb,                     -- a problem document, when it was not the rows that were wrong
  created_at timestamptz not null default now(),
  finished_at timestamptz,
  unique (agency_id, idempotency_key)
);
create index on gsb.job (created_at) where state in ('queued', 'running');
