-- What a key is held to, the line of rotations it stands in, and the plan of test keys.

alter table gsb.api_key
  add column origin_id text,                           -- the first key of its line of rotations; null: it is the first
  add column replaced_at timestamptz,                  -- when a rotation replaced it
  add column datasets text[] check (cardinality(datasets) between 1 and 100),    -- agency/dataset; null: all
  add column levels text[] check (cardinality(levels) > 0 and levels <@ array['open', 'registered', 'restricted']),
  add column networks cidr[] check (cardinality(networks) between 1 and 32);     -- from where it may be used
create index api_key_datasets on gsb.api_key using gin (datasets) where datasets is not null;
create index api_key_retiring on gsb.api_key (retire_at) where state = 'retiring';
create index api_key_expiring on gsb.api_key (expires_at) where state <> 'revoked';

-- Test keys have an account of their own on this plan, whatever their organisation has bought.
insert into gsb.plan (name, position, policies)
select
  'test',
  (select max(position) + 1 from gsb.plan),
  jsonb_build_array(
    jsonb_build_object('name', 'burst', 'kind', 'window', 'limit', 50, 'unit', 'points', 'window_seconds', 10),
    jsonb_build_object('name', 'minute', 'kind', 'window', 'limit', 200, 'unit', 'points', 'window_seconds', 60),
    jsonb_build_object('name', 'month', 'kind', 'period', 'limit', 10000, 'unit', 'points', 'period', 'month'),
    jsonb_build_object('name', 'concurrency', 'kind', 'concurrency', 'limit', 2, 'unit', 'requests'),
    jsonb_build_object('name', 'files_day', 'kind', 'period', 'limit', 500000000, 'unit', 'bytes', 'period', 'day')
  )
on conflict (name) do nothing;
