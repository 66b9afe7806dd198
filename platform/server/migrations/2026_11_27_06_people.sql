-- Confirmed addresses, legal ids, named persons that come and go, single-use codes, outgoing mail, declared uses.

alter table gsb.organisation
  add column legal_id text check (legal_id ~ '^[0-9]{11}$'),   -- شناسه ملی; shown to the organisation and to operators
  add column email_confirmed_at timestamptz;
-- A legal id is claimed by whoever confirms an address first; a claim that nobody confirmed keeps nobody out.
create unique index organisation_legal_id on gsb.organisation (legal_id) where email_confirmed_at is not null;
create index organisation_email on gsb.organisation (lower(email), created_at);

alter table gsb.person
  add column removed_at timestamptz,   -- kept, because the audit names the person
  add column account text;             -- an operator's account at the terminal
create unique index person_organisation_email on gsb.person (organisation_id, lower(email)) where removed_at is null;
create index person_email on gsb.person (lower(email)) where organisation_id is not null and removed_at is null;
create unique index person_operator_email on gsb.person (lower(email)) where role = 'operator' and removed_at is null;
create unique index person_operator_account on gsb.person (account) where role = 'operator' and removed_at is null;

-- A code that was mailed; what is stored is its digest under the pepper, so the table proves nothing to who reads it.
create table gsb.mail_code (
  digest bytea primary key check (octet_length(digest) = 32),
  purpose text not null check (purpose in ('confirm', 'invite', 'renew')),
  organisation_id bigint not null references gsb.organisation,
  person_id bigint references gsb.person,        -- null for an invitation
  email text not null,
  role text check (role in ('owner', 'member')), -- of an invitation
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  used_at timestamptz
);
create index mail_code_of on gsb.mail_code (organisation_id, purpose) where used_at is null;

-- Mail leaves the transaction that asks for it as a row, so it is sent if and only if that is committed.
create table gsb.mail (
  id bigint generated always as identity primary key,
  to_address text not null,
  subject text not null,
  body text not null,                  -- emptied once it is sent: it may hold a code
  created_at timestamptz not null default now(),
  next_try_at timestamptz not null default now(),
  tries integer not null default 0,
  sent_at timestamptz,
  last_error text
);
create index mail_due on gsb.mail (next_try_at) where sent_at is null;
create index mail_to on gsb.mail (lower(to_address), created_at);

create table gsb.declared_use (
  id bigint generated always as identity primary key,
  organisation_id bigint not null references gsb.organisation,
  person_id bigint not null references gsb.person,
  url text not null,
  description text not null,
  declared_at timestamptz not null default now(),
  ended_at timestamptz,
  ended_by text check (ended_by in ('owner', 'operator')),
  ended_reason text,
  check ((ended_at is null) = (ended_by is null))
);
create unique index declared_use_open on gsb.declared_use (organisation_id) where ended_at is null;
