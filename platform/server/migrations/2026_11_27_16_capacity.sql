-- Limits that hold for everybody together: of one dataset, by which its agency protects what stands behind it, and of
-- the whole platform (dataset_id 0). Of `lim` units per window, `reserve` are for organisations that have had fewer than
-- `floor` in it, so that one that asks for all cannot have all.

create table gsb.capacity (
  dataset_id bigint primary key,
  name text not null,                      -- agency/dataset, or platform: what a refusal calls it
  lim bigint not null check (lim > 0),
  unit text not null check (unit in ('points', 'requests')),
  window_seconds integer not null check (window_seconds >= 10),
  floor bigint not null default 0,
  reserve bigint not null default 0,
  updated_at timestamptz not null default now(),
  check (floor between 0 and reserve and reserve < lim)
);
