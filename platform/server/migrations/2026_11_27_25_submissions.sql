-- A file that somebody else has to look at before it is published: who handed it in, who approved it, and what exactly was
-- approved. Agencies that are here already publish at once, as before.

alter table gsb.agency
  add column review text not null default 'none' check (review in ('none', 'required')),
  add column deputy_id bigint references gsb.person;   -- approves when the reviewers have not after two days

create table gsb.submission (
  id text primary key check (id ~ '^sub_[0-9A-Za-z]{22}$'),
  agency_id bigint not null references gsb.agency,
  dataset_id bigint not null references gsb.dataset,
  state text not null
    check (state in ('draft', 'validating', 'failed', 'in_review', 'sent_back', 'approved', 'published', 'withdrawn')),
  idempotency_key text not null,
  file_sha256 text not null,
  file_name text not null,         -- in the upload folder, until the submission has come to its end
  file_bytes bigint not null,
  as_of date,
  mode text not null check (mode in ('full', 'append', 'upsert', 'correction')),
  embargo_until timestamptz,       -- once approved, published then and not before
  submitted_by bigint references gsb.person,   -- null for a file that was fetched from its source
  actor text not null,             -- of the submitter, as the audit names them
  created_at timestamptz not null default now(),
  submitted_at timestamptz,
  checks integer not null default 0,
  -- What the last check found, and what it was of.
  contract_id bigint references gsb.contract,
  gate_version text,
  base_id bigint references gsb.release,   -- what was current then; a file of changes is approved on top of it alone
  report jsonb,
  review jsonb,
  error jsonb,
  in_review_at timestamptz,
  reminded_at timestamptz,
  -- The decision on it.
  decided_by bigint references gsb.person,
  decided_at timestamptz,
  reason text,
  -- What the approval is bound to; it lapses when any of them is no longer so.
  approved_sha256 text,
  approved_contract_id bigint references gsb.contract,
  approved_gate_version text,
  release_id bigint unique references gsb.release,
  ended_at timestamptz,
  unique (agency_id, idempotency_key),
  constraint nobody_reviews_their_own check (decided_by <> submitted_by),
  constraint handed_in_by_somebody check (submitted_by is not null or actor like 'system:%'),
  constraint approved_by_somebody check (
    state not in ('approved', 'published')
    or (decided_by is not null and approved_sha256 is not null and approved_contract_id is not null
        and approved_gate_version is not null)
  ),
  constraint published_as_a_release check ((state = 'published') = (release_id is not null))
);
create index submission_of_agency on gsb.submission (agency_id, created_at);
create index submission_open on gsb.submission (in_review_at) where state in ('draft', 'validating', 'in_review', 'approved');

alter table gsb.job
  add column purpose text not null default 'release' check (purpose in ('release', 'check', 'publish')),
  add column submission_id text references gsb.submission,
  add constraint job_of_a_submission check ((purpose = 'release') = (submission_id is null)),
  drop constraint job_state_check,
  add constraint job_state_check check (state in ('queued', 'running', 'released', 'in_review', 'refused', 'failed'));
