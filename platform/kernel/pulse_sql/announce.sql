-- One more event, numbered inside the caller's transaction, so that number order is commit order.
with clock as (
  update gsb.event_clock set seq = seq + 1 returning seq
)
insert into gsb.event (seq, kind, payload)
select seq, $1::text, $2::jsonb from clock
returning seq
