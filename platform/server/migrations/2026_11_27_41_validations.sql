-- Files that somebody of an agency wants looked at as a release would look at them; nothing comes of one but its report.

create table gsb.validation (
  id text primary key check (id ~ '^val_[0-9A-Za-z]{22}$'),
  agency_id bigint not null references gsb.agency,
  dataset text collate "C" not null,   -- with a contract of its own it need not be there
  contract json,                       -- null: the one that the next release would be under; not jsonb: a code list
  mode text not null default 'full',   -- may hold what that does not
  actor text not null,
  file_name text,                      -- in the upload folder, until its report is there
  file_sha256 text,
  file_bytes bigint,
  state text not null check (state in ('waiting', 'queued', 'good', 'refused', 'failed')),
  attempts integer not null default 0,
  try_at timestamptz not null default now(),
  report jsonb,
  review jsonb,
  error jsonb,
  created_at timestamptz not null default now(),
  finished_at timestamptz,
  constraint waits_with_a_contract check (state <> 'waiting' or contract is not null),
  constraint waits_for_its_file check ((state = 'waiting') = (file_name is null)),
  constraint judged_by_a_report check ((state in ('good', 'refused')) = (report is not null)),
  constraint failed_by_an_error check ((state = 'failed') = (error is not null)),
  constraint ended check ((state in ('good', 'refused', 'failed')) = (finished_at is not null))
);
create index on gsb.validation (try_at) where state = 'queued';
create index on gsb.validation (agency_id, created_at);
