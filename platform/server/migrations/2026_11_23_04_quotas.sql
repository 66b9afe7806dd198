-- Plans, the ledger of points and bytes, the leases that workers hold on it, and what was used.

create table gsb.plan (
  name text primary key check (name ~ '^[a-z][a-z0-9_]*$'),
  position integer not null,
  policies jsonb not null check (jsonb_typeof(policies) = 'array'),
  updated_at timestamptz not null default now()
);

insert into gsb.plan (name, position, policies)
select
  name,
  position,
  jsonb_build_array(
    jsonb_build_object('name', 'burst', 'kind', 'window', 'limit', burst, 'unit', 'points', 'window_seconds', 10),
    jsonb_build_object('name', 'minute', 'kind', 'window', 'limit', minute, 'unit', 'points', 'window_seconds', 60),
    jsonb_build_object('name', 'month', 'kind', 'period', 'limit', month, 'unit', 'points', 'period', 'month'),
    jsonb_build_object('name', 'concurrency', 'kind', 'concurrency', 'limit', concurrency, 'unit', 'requests'),
    jsonb_build_object('name', 'files_day', 'kind', 'period', 'limit', files_day, 'unit', 'bytes', 'period', 'day')
  )
from (values
  ('open', 1, 200, 1000, 100000, 4, 5000000000),
  ('registered_use', 2, 500, 3000, 1000000, 8, 20000000000),
  ('approved', 3, 2000, 12000, 20000000, 32, 100000000000)
) as seed (name, position, burst, minute, month, concurrency, files_day);

-- One row per account, policy and period. `allotted` = `used` + what open leases hold; the CHECK is the last line of
-- defence against over-granting. An account outlives its organisation, because it is the ledger: no foreign key.
create table gsb.quota_account (
  organisation_id bigint not null,
  application_id bigint not null,
  policy text not null,
  period_start timestamptz not null,
  period_end timestamptz not null,
  lim bigint not null,
  allotted bigint not null default 0,
  used bigint not null default 0,          -- of closed leases; open ones report theirs in gsb.quota_lease
  last_grant bigint not null default 0,
  primary key (organisation_id, application_id, policy, period_start),
  check (allotted between 0 and lim),
  check (used between 0 and allotted)
);

-- A lease grows with every grant and is closed once. `used` is what its worker last reported while it is open and final
-- when settled; a forfeited lease counts as used in full, so that no crash can give units away twice.
create table gsb.quota_lease (
  id uuid primary key,
  organisation_id bigint not null,
  application_id bigint not null,
  policy text not null,
  period_start timestamptz not null,
  worker_boot uuid not null,
  amount bigint not null,
  used bigint not null default 0,
  state text not null default 'open' check (state in ('open', 'settled', 'forfeit')),
  granted_at timestamptz not null default now(),
  expires_at timestamptz not null,         -- nothing is spent from it after its period: past this it is forfeit
  closed_at timestamptz,
  check (used between 0 and amount),
  foreign key (organisation_id, application_id, policy, period_start) references gsb.quota_account
);
create index quota_lease_open_by_account on gsb.quota_lease (organisation_id, application_id, policy, period_start)
  where state = 'open';
create index quota_lease_open_by_worker on gsb.quota_lease (worker_boot) where state = 'open';

-- What was used, per worker and second. dataset_id 0 is the whole answer; the other rows say which datasets it touched.
-- No literals, variables or addresses are kept.
create table gsb.usage_fact (
  worker_boot uuid not null,
  seq bigint not null,
  second timestamptz not null,
  application_id bigint not null,
  key_id text not null,
  dataset_id bigint not null,
  release_id bigint not null,
  operation_hash text not null,
  requests bigint not null,
  points bigint not null,
  bytes bigint not null,
  errors bigint not null,
  ms bigint not null,
  primary key (worker_boot, seq)
);
create index usage_fact_by_second on gsb.usage_fact (second);
create index usage_fact_by_application on gsb.usage_fact (application_id, second);

-- Which fields an operation reads, written once when it is first planned: the notice of a breaking change needs it.
create table gsb.operation (
  hash text primary key,
  first_seen timestamptz not null default now()
);
create table gsb.operation_field (
  operation_hash text not null references gsb.operation,
  dataset_id bigint not null,
  major integer not null,
  field text not null,
  primary key (operation_hash, dataset_id, major, field)
);
create index operation_field_by_dataset on gsb.operation_field (dataset_id, major, field);
