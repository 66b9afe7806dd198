-- Which warnings before the end of a key were written: each once.
create table gsb.key_warning (
  key_id text not null references gsb.api_key,
  days integer not null check (days in (30, 7, 1)),
  expires_at timestamptz not null,
  at timestamptz not null,
  primary key (key_id, days, expires_at)
);
