-- Files that somebody asked for: some fields and rows of a release, made by the jobs process and kept for a day. Whose they
-- are is the account; what they were made of is asked again at each download.
create table gsb.export_request (
  id text primary key,
  organisation_id bigint not null,
  application_id bigint not null,  -- negated for test keys, as in the ledger
  key_id text not null,
  idempotency_key text not null,
  dataset_id bigint not null references gsb.dataset,
  release_id bigint not null references gsb.release,
  format text not null check (format in ('parquet', 'csv', 'xlsx')),
  fields text[] not null check (cardinality(fields) > 0),
  conditions jsonb not null,
  state text not null default 'queued' check (state in ('queued', 'made', 'failed')),
  attempts integer not null default 0,
  try_at timestamptz not null default now(),
  parts jsonb not null default '[]',  -- format, part, rows, bytes, sha256, head bytes of each
  error text,
  created_at timestamptz not null default now(),
  finished_at timestamptz,
  unique (organisation_id, application_id, idempotency_key)
);
create index on gsb.export_request (try_at) where state = 'queued';
create index on gsb.export_request (finished_at) where state <> 'queued';
