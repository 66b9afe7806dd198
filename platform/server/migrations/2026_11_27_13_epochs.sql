-- Which store holds an organisation's windows, epoch by epoch, and the windows themselves while it is this one.

-- The one authority: `server` names the Redis server (its run id) that holds the data of this epoch, null is PostgreSQL.
-- Both are fixed for an epoch, and an epoch is granted from only while it is open.
create table gsb.window_epoch (
  organisation_id bigint primary key,
  epoch bigint not null,
  server text,
  is_open boolean not null default false,
  begun_by uuid not null,
  begun_at timestamptz not null default clock_timestamp(),
  trouble integer not null default 0       -- how often Redis was left lately: the way back waits longer each time
);

-- What workers admitted, told for the beginning of an epoch; epoch 0: told once by a worker that ended, for any epoch.
create table gsb.window_seed (
  organisation_id bigint not null,
  epoch bigint not null,
  worker text not null,
  key text not null,
  width_ms integer,                        -- null: slots of concurrency that the worker holds
  at timestamptz not null,                 -- never before the moment of the grant
  units bigint not null check (units >= 0)
);
create index window_seed_by_epoch on gsb.window_seed (organisation_id, epoch);

-- The windows and slots of organisations whose epoch is here; the layout is that of the script for Redis.
create table gsb.window_units (
  organisation_id bigint not null,
  key text not null,
  idx bigint not null,                     -- floor(clock in ms / width_ms)
  width_ms integer not null,
  units bigint not null check (units >= 0),
  primary key (organisation_id, key, idx)
);
create table gsb.window_slots (
  organisation_id bigint not null,
  key text not null,
  worker text not null,
  held bigint not null check (held > 0),
  until_ms bigint not null,
  primary key (organisation_id, key, worker)
);

-- The same call as quotas/lua/grant.lua, with the same reply; see there for what the arguments and numbers mean.
-- Guarantee: calls of one organisation stand in line at the row of its epoch, so each sees all that were granted before;
-- an epoch that ended, that is elsewhere or not open yet grants nothing. All or nothing, by this server's clock alone.
create function gsb.window_grant(
  p_organisation bigint, p_epoch bigint, p_want bigint, p_minimum bigint,
  p_keys text[], p_limits bigint[], p_widths integer[], p_parts integer[],
  p_slots_key text, p_slot_limit bigint, p_worker text,
  p_running bigint, p_slots_want bigint, p_slots_minimum bigint, p_slot_ttl_ms bigint,
  p_back_ms bigint[], p_back_units bigint[]
) returns bigint[] language plpgsql as $$
declare
  clock_ms bigint;
  verdict bigint := 1;
  wait bigint := 0;
  index bigint := 0;
  room bigint := p_want;
  granted bigint := 0;
  slots bigint := 0;
  slots_used bigint := 0;
  others bigint;
  total bigint;
  oldest bigint;
  until_then bigint;
  remaining bigint[] := '{}';
  resets bigint[] := '{}';
  states bigint[] := '{}';
begin
  perform from gsb.window_epoch
  where organisation_id = p_organisation and epoch = p_epoch and server is null and is_open
  for update;
  if not found then
    return array[-3];
  end if;
  clock_ms := floor(extract(epoch from clock_timestamp()) * 1000);

  for w in 1 .. coalesce(array_length(p_keys, 1), 0) loop
    for b in 1 .. coalesce(array_length(p_back_ms, 1), 0) loop
      update gsb.window_units set units = greatest(0, units - p_back_units[b])
      where organisation_id = p_organisation and key = p_keys[w] and idx = p_back_ms[b] / p_widths[w];
    end loop;
    delete from gsb.window_units
    where organisation_id = p_organisation and key = p_keys[w]
      and (idx < clock_ms / p_widths[w] - p_parts[w] or units = 0);
    select coalesce(sum(units), 0), min(idx) into total, oldest
    from gsb.window_units
    where organisation_id = p_organisation and key = p_keys[w];
    remaining := remaining || greatest(0, p_limits[w] - total);
    resets := resets || coalesce((oldest + p_parts[w] + 1) * p_widths[w] - clock_ms, 0);
    room := least(room, p_limits[w] - total);
    if p_minimum > p_limits[w] then
      verdict := -1;
      index := w;
    elsif p_limits[w] - total < p_minimum and verdict <> -1 then
      select (idx + p_parts[w] + 1) * p_widths[w] - clock_ms into until_then
      from (
        select idx, sum(units) over (order by idx) as freed
        from gsb.window_units
        where organisation_id = p_organisation and key = p_keys[w]
      ) as freeing
      where p_limits[w] - total + freed >= p_minimum
      order by idx
      limit 1;
      if until_then > wait then
        wait := until_then;
        index := w;
      end if;
      verdict := 0;
    end if;
  end loop;

  if p_slot_limit > 0 then
    delete from gsb.window_slots
    where organisation_id = p_organisation and key = p_slots_key and (until_ms <= clock_ms or worker = p_worker);
    select coalesce(sum(held), 0) into others
    from gsb.window_slots
    where organisation_id = p_organisation and key = p_slots_key;
    if verdict = 1 then
      if p_slot_limit - others - p_running < p_slots_minimum then
        verdict := -2;
      else
        slots := greatest(0, least(p_slots_want, p_slot_limit - others - p_running));
      end if;
    end if;
    slots_used := others + p_running + slots;
    if p_running + slots > 0 then
      insert into gsb.window_slots
      values (p_organisation, p_slots_key, p_worker, p_running + slots, clock_ms + p_slot_ttl_ms);
    end if;
  end if;

  if verdict = 1 then
    granted := greatest(0, room);
  end if;
  for w in 1 .. coalesce(array_length(p_keys, 1), 0) loop
    if granted > 0 then
      insert into gsb.window_units as u (organisation_id, key, idx, width_ms, units)
      values (p_organisation, p_keys[w], clock_ms / p_widths[w], p_widths[w], granted)
      on conflict (organisation_id, key, idx) do update set units = u.units + excluded.units;
      remaining[w] := remaining[w] - granted;
      if resets[w] = 0 then
        resets[w] := (clock_ms / p_widths[w] + p_parts[w] + 1) * p_widths[w] - clock_ms;
      end if;
    end if;
    states := states || remaining[w] || resets[w];
  end loop;
  return array[verdict, granted, slots, clock_ms, wait, index, slots_used] || states;
end
$$;
