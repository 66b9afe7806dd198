-- Where a dataset's files are fetched from, how often, and what came of it.
create table gsb.source (
  dataset_id bigint primary key references gsb.dataset,
  url text not null,
  mode text not null default 'full' check (mode in ('full', 'append', 'upsert', 'correction')),
  every_seconds bigint not null check (every_seconds >= 300),
  etag text,                       -- of the file that was handed in last
  last_modified text,
  file_sha256 text,
  changes bigint not null default 0,  -- files handed in so far
  checked_at timestamptz,
  due_at timestamptz not null default now(),
  job_id text references gsb.job,  -- of the file that was handed in last
  error text,                      -- of the last check, null when it went well
  failures integer not null default 0,
  created_at timestamptz not null default now()
);
create index on gsb.source (due_at);
