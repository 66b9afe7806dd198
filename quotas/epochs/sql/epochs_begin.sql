-- The next epoch of each organisation, closed as yet, at server $2 (null: here). Compared and set: only from the epoch that
-- the caller knows, so of many that find the same loss one begins. An open one is replaced only when it was found bad
-- ($7). An epoch that is not open yet belongs to the worker that began it as long as it lives. $5: a way back, which
-- waits longer the more often the other store was left lately.
-- $6: the store knows all epochs below it already. Ordered, so that two callers cannot block each other.
with asked as (
  select organisation_id, epoch, is_bad
  from unnest($3::bigint[], $4::bigint[], $7::boolean[]) as asked (organisation_id, epoch, is_bad)
  order by organisation_id
),
first as (
  insert into gsb.window_epoch (organisation_id, epoch, server, begun_by)
  select organisation_id, greatest(1, $6::bigint), $2::text, $1::uuid from asked where epoch = 0
  on conflict do nothing
  returning organisation_id, epoch
),
next as (
  update gsb.window_epoch e
  set
    epoch = greatest(e.epoch + 1, $6::bigint),
    server = $2::text,
    is_open = false,
    begun_by = $1::uuid,
    begun_at = clock_timestamp(),
    trouble = case
      when $5::boolean then e.trouble
      when e.server is null or $2::text is not null then e.trouble
      when e.begun_at > now() - interval '1 minute' then least(e.trouble + 1, 6)
      else 1
    end
  from asked
  where e.organisation_id = asked.organisation_id
    and e.epoch = asked.epoch
    and (not $5::boolean or e.begun_at < now() - make_interval(secs => power(2, e.trouble)))
    and (
      (e.is_open and asked.is_bad)
      or (not e.is_open and e.begun_by = $1::uuid)
      or (not e.is_open and not exists (
        select from gsb.worker w
        where w.boot_id = e.begun_by and w.fenced_at is null and w.heartbeat_at > now() - interval '2.5 seconds'
      ))
    )
  returning e.organisation_id, e.epoch
)
select organisation_id, epoch from first
union all
select organisation_id, epoch from next
