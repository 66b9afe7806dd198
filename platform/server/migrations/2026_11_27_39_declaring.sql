-- Who of the agency declared a contract, so that nobody approves the first release under their own; and files that somebody
-- of an agency wants a contract proposed for.

alter table gsb.contract
  add column declared_by bigint references gsb.person;   -- null: an operator, or before this was noted

alter table gsb.submission
  add column contract_by bigint references gsb.person,   -- who declared what it would be the first release under
  add constraint nobody_approves_their_own_contract check (state not in ('approved', 'published') or contract_by <> decided_by);

create table gsb.draft_request (
  id text primary key check (id ~ '^drf_[0-9A-Za-z]{22}$'),
  agency_id bigint not null references gsb.agency,
  dataset text collate "C" not null,   -- what it will be called; it need not be there
  actor text not null,
  file_name text not null,             -- in the upload folder, until a proposal is made of it or cannot be
  file_sha256 text not null,
  file_bytes bigint not null,
  state text not null default 'queued' check (state in ('queued', 'made', 'failed')),
  attempts integer not null default 0,
  try_at timestamptz not null default now(),
  proposal json,                       -- not jsonb: a code list may hold what that does not
  yaml text,
  error jsonb,
  created_at timestamptz not null default now(),
  finished_at timestamptz,
  constraint made_of_a_proposal check ((state = 'made') = (proposal is not null and yaml is not null)),
  constraint failed_by_an_error check ((state = 'failed') = (error is not null))
);
create index on gsb.draft_request (try_at) where state = 'queued';
create index on gsb.draft_request (agency_id, created_at);
