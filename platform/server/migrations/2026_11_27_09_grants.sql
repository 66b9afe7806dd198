-- Grants: an organisation's requests for restricted data, what became of each, and the rights that came of them.

create table gsb.grant_request (
  id bigint generated always as identity primary key,
  organisation_id bigint not null references gsb.organisation,
  dataset_id bigint not null references gsb.dataset,
  state text not null default 'draft'
    check (state in ('draft', 'submitted', 'changes_requested', 'validated', 'refused', 'archived')),
  version integer not null default 1,     -- the content that the applicant works on
  submitted_version integer,              -- the content that the agency sees; null: it has never seen any
  opened_at timestamptz not null,
  submitted_at timestamptz,               -- first handed in
  changed_at timestamptz not null,
  check (submitted_version <= version),
  check ((submitted_version is null) = (submitted_at is null)),
  check (state not in ('submitted', 'changes_requested', 'validated', 'refused') or submitted_version is not null)
);
create index grant_request_organisation on gsb.grant_request (organisation_id, id);
create index grant_request_dataset on gsb.grant_request (dataset_id, id) where submitted_version is not null;

-- What a version of a request says. One that was handed in is never changed: a grant stands for its very words.
create table gsb.grant_content (
  request_id bigint not null references gsb.grant_request,
  version integer not null check (version > 0),
  fields text[] check (cardinality(fields) > 0),  -- columns; null: the dataset with all that is restricted in it
  purpose text not null,
  legal_basis text not null,
  contact text not null,
  responsible text not null,
  days integer not null check (days > 0),
  primary key (request_id, version)
);

-- A right that was given. It ends by the clock without any event: `ends_at` is compared when it is used.
create table gsb.data_grant (
  id bigint generated always as identity primary key,
  request_id bigint not null references gsb.grant_request,
  version integer not null,
  organisation_id bigint not null references gsb.organisation,
  dataset_id bigint not null references gsb.dataset,
  fields text[] check (cardinality(fields) > 0),
  state text not null default 'active' check (state in ('active', 'obsolete', 'revoked')),
  begins_at timestamptz not null,
  ends_at timestamptz not null,
  ended_at timestamptz,                   -- when it became obsolete or was revoked
  revoked_reason text,
  warned_days integer,                    -- the last warning before its end said so many days
  foreign key (request_id, version) references gsb.grant_content,
  check (begins_at < ends_at),
  check ((state = 'active') = (ended_at is null)),
  check ((state = 'revoked') = (revoked_reason is not null))
);
create unique index data_grant_active on gsb.data_grant (request_id) where state = 'active';
create index data_grant_organisation on gsb.data_grant (organisation_id) where state = 'active';
create index data_grant_request on gsb.data_grant (request_id, id);
create index data_grant_end on gsb.data_grant (ends_at) where state = 'active';

-- Each step of each request, in order, with what was said at it: the conversation of both sides.
create table gsb.grant_step (
  id bigint generated always as identity primary key,
  request_id bigint not null references gsb.grant_request,
  organisation_id bigint not null,
  at timestamptz not null,
  party text not null check (party in ('applicant', 'agency', 'operator')),
  actor text not null,
  step text not null,
  version integer not null,
  message text not null default '',
  legal_ground text
);
create index grant_step_request on gsb.grant_step (request_id, id);
create index grant_step_day on gsb.grant_step (organisation_id, at) where party = 'applicant';
