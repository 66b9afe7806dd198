-- What the schema was and what each version of it changed; and what takes long to make of a schema text, made once.

create table gsb.schema_history (
  id bigint generated always as identity primary key,
  schema_version bigint not null,
  sdl_sha256 text not null,
  sdl_gzip bytea not null,
  changes jsonb not null default '[]',      -- against the row before; empty for the first
  recorded_at timestamptz not null default now(),
  unique (schema_version, sdl_sha256)        -- two program versions side by side record each text once
);

create table gsb.schema_introspection (
  sdl_sha256 text not null,
  query_sha256 text not null,
  body bytea not null,                       -- gzip
  made_at timestamptz not null default now(),
  primary key (sdl_sha256, query_sha256)
);
