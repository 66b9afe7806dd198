-- The pulse: one ordered stream of events, and one row per running process that says how far it has read.

create schema gsb;
create schema released;    -- one table per release, and nothing else

-- Event numbers come from this row, in the transaction of the event itself: sequence order is not commit order
-- (with a sequence, 41 of 16,000 revocations were reported complete and never applied; with this row, none).
create table gsb.event_clock (
  one boolean primary key default true check (one),
  seq bigint not null default 0
);
insert into gsb.event_clock default values;

create table gsb.event (
  seq bigint primary key,
  kind text not null,
  payload jsonb not null,
  at timestamptz not null default now()
);

create table gsb.worker (
  boot_id uuid primary key,
  kind text not null,
  pid integer not null,
  host text not null,
  started_at timestamptz not null default now(),
  heartbeat_at timestamptz not null default now(),
  seen_seq bigint not null,
  seen_registry bigint not null default 0,
  fenced_at timestamptz            -- declared dead: this boot id may settle nothing any more
);

-- Everything done by a person or an operator, in order, never changed.
create table gsb.audit (
  id bigint generated always as identity primary key,
  at timestamptz not null default now(),
  actor text not null,
  action text not null,
  subject text not null,
  details jsonb not null default '{}'
);

-- Reads run as this role: it may SELECT released tables and nothing else.
do $$ begin
  if not exists (select from pg_roles where rolname = 'gsb_reader') then
    create role gsb_reader nologin;
  end if;
end $$;
grant gsb_reader to current_user;
grant usage on schema released to gsb_reader;
alter default privileges in schema released grant select on tables to gsb_reader;
