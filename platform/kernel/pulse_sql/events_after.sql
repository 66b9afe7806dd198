-- Events after $1 in commit order; the primary key serves both the filter and the order.
select seq, kind, payload from gsb.event where seq > $1::bigint order by seq limit 10000
