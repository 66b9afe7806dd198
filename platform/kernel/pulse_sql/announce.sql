-- One more event, numbered inside the caller's transaction, so that number order is commit order; $3 hears of it then.
-- One statement: whoever announces next waits for the clock's row from here to the commit.
with clock as (
  update gsb.event_clock set seq = seq + 1 returning seq
), said as (
  insert into gsb.event (seq, kind, payload)
  select seq, $1::text, $2::jsonb from clock
  returning seq
)
select seq, pg_notify($3::text, seq::text) from said
