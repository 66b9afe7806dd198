-- Who may ask: organisations, people, applications and keys. No secret is in any of these tables.

create table gsb.organisation (
  id bigint generated always as identity primary key,
  name text not null,
  email text not null,                  -- where the operator writes to; never shown to other organisations
  purpose text not null,
  kind text not null default 'organisation' check (kind in ('person', 'organisation')),
  plan text not null default 'open',
  state text not null default 'active' check (state in ('active', 'suspended', 'pending')),
  suspended_reason text,
  approved_at timestamptz,
  created_at timestamptz not null default now(),
  check ((state = 'suspended') = (suspended_reason is not null))
);

create table gsb.person (
  id bigint generated always as identity primary key,
  name text not null,
  email text not null,
  organisation_id bigint references gsb.organisation,
  agency_id bigint references gsb.agency,
  role text not null check (role in ('owner', 'member', 'publisher', 'reviewer', 'operator')),
  token_generation integer not null default 1,   -- one higher makes every earlier owner token of this person void
  created_at timestamptz not null default now(),
  check (organisation_id is null or agency_id is null)
);
create index person_organisation on gsb.person (organisation_id);
create unique index person_agency_email on gsb.person (agency_id, lower(email));  -- null agencies never clash

create table gsb.application (
  id bigint generated always as identity primary key,
  organisation_id bigint not null references gsb.organisation,
  name text not null,
  created_at timestamptz not null default now()
);
create index application_organisation on gsb.application (organisation_id);

create table gsb.api_key (
  id text primary key check (id ~ '^[0-9A-Za-z]{8}$'),
  kind text not null check (kind in ('gsbl', 'gsbt', 'gsba')),
  application_id bigint references gsb.application,
  agency_id bigint references gsb.agency,
  person_id bigint not null references gsb.person,     -- who asked for it, or whom an agency key names
  digest bytea not null check (octet_length(digest) = 32),
  pepper_version integer not null default 1,           -- which pepper the digest was made under
  hint text not null,
  label text not null,
  state text not null default 'active' check (state in ('active', 'retiring', 'revoked')),
  created_at timestamptz not null,
  expires_at timestamptz,
  retire_at timestamptz,
  revoked_at timestamptz,
  revoked_reason text,
  last_used_at timestamptz,                            -- to the hour: enough to retire a key safely, no diary
  check ((kind = 'gsba') = (agency_id is not null)),
  check ((kind = 'gsba') = (application_id is null)),
  check (state <> 'retiring' or retire_at is not null),
  check ((state = 'revoked') = (revoked_at is not null and revoked_reason is not null))
);
create index api_key_application on gsb.api_key (application_id);
create index api_key_agency on gsb.api_key (agency_id);
