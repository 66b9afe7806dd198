-- What is announced, in the transaction that did it; who wants to hear of it; and how far the telling has got.

create table gsb.outbox (
  id bigint generated always as identity primary key,
  message_id uuid not null unique default gen_random_uuid(),  -- what receivers tell repeats by; never drawn twice
  kind text not null check (kind ~ '^[a-z]+(\.[a-z_]+)+$' and length(kind) <= 80),
  payload jsonb not null check (octet_length(payload::text) <= 65536),
  organisation_id bigint,             -- no foreign keys: what is told may outlive whom it is of
  agency_id bigint,                   -- both null: whoever asks to hear of it
  at timestamptz not null default clock_timestamp(),
  spread_at timestamptz               -- when each webhook that wants it got its delivery; null while none has
);
create index outbox_to_spread on gsb.outbox (id) where spread_at is null;
create index outbox_by_time on gsb.outbox (at);

create table gsb.webhook (
  id bigint generated always as identity primary key,
  organisation_id bigint references gsb.organisation on delete cascade,
  agency_id bigint references gsb.agency on delete cascade,
  label text not null,
  url text not null,
  lane text not null,                 -- scheme, host and port: receivers behind one of them share a few places
  kinds text[] not null check (cardinality(kinds) between 1 and 50),
  state text not null default 'unverified' check (state in ('unverified', 'active', 'disabled')),
  disabled_reason text,
  -- The secret is HMAC(a key of the installation, id and salt): what is here can sign nothing.
  salt bytea not null check (octet_length(salt) = 16),
  secret_check bytea not null,        -- tells a changed key of the installation from the right one
  previous_salt bytea check (octet_length(previous_salt) = 16),
  previous_until timestamptz,
  verified_at timestamptz,
  last_success_at timestamptz,
  failing_since timestamptz,          -- the first failure after the last success
  failures integer not null default 0,
  held_until timestamptz,             -- the receiver asked for a pause
  tested_at timestamptz,
  created_at timestamptz not null default now(),
  check ((organisation_id is null) <> (agency_id is null)),
  check ((state = 'disabled') = (disabled_reason is not null)),
  check ((previous_salt is null) = (previous_until is null))
);
create index webhook_of_organisation on gsb.webhook (organisation_id);
create index webhook_of_agency on gsb.webhook (agency_id);
create index webhook_active on gsb.webhook (lane) where state = 'active';

create table gsb.webhook_delivery (
  id bigint generated always as identity primary key,
  webhook_id bigint not null references gsb.webhook on delete cascade,
  outbox_id bigint not null references gsb.outbox on delete cascade,
  state text not null default 'pending' check (state in ('pending', 'delivered', 'failed')),
  attempts integer not null default 0,
  due_at timestamptz not null default now(),   -- while an attempt runs: when it counts as lost
  claim uuid,                         -- the attempt under way; only it may say how it went
  last_status integer,
  last_error text,
  last_attempt_at timestamptz,
  delivered_at timestamptz,
  created_at timestamptz not null default now(),
  unique (webhook_id, outbox_id)
);
create index webhook_delivery_due on gsb.webhook_delivery (webhook_id, due_at) where state = 'pending';
create index webhook_delivery_of_message on gsb.webhook_delivery (outbox_id);

-- What was said of thresholds, once per account, policy, period and share; `lim` is the limit that it was said of.
create table gsb.quota_threshold (
  organisation_id bigint not null,
  application_id bigint not null,
  policy text not null,
  period_start timestamptz not null,
  percent integer not null check (percent between 1 and 100),
  lim bigint not null,
  said_at timestamptz not null default now(),
  primary key (organisation_id, application_id, policy, period_start, percent),
  foreign key (organisation_id, application_id, policy, period_start) references gsb.quota_account on delete cascade
);
create index quota_account_by_end on gsb.quota_account (period_end);
