-- One more event, numbered inside the caller's transaction, so that number order is commit order; $3 hears of it then,
-- with the event itself where it fits (PostgreSQL takes less than 8,000 bytes), so that nobody has to ask for it.
-- One statement: whoever announces next waits for the clock's row from here to the commit.
with clock as (
  update gsb.event_clock set seq = seq + 1 returning seq
), said as (
  insert into gsb.event (seq, kind, payload)
  select seq, $1::text, $2::jsonb from clock
  returning seq, octet_length(payload::text) < 7000 as fits
)
select
  seq,
  pg_notify($3::text, json_build_object(
    'seq', seq,
    'kind', case when fits then $1::text end,
    'payload', case when fits then $2::jsonb end
  )::text)
from said
