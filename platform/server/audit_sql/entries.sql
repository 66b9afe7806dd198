-- Entries that all filters let through, newest first; the primary key gives the order, and $7 is the page.
select
  a.id, a.at, a.actor, a.action, a.subject, a.before, a.after, a.reason, a.details, l.seq, l.hash, p.name as person_name
from gsb.audit as a
left join gsb.audit_link as l on l.audit_id = a.id
left join gsb.person as p on a.actor ~ '^person:[0-9]{1,18}\M' and p.id = substring(a.actor from '^person:([0-9]{1,18})\M')::bigint
where ($1::text is null or a.actor = $1::text or starts_with(a.actor, $1::text || ' '))
and ($2::text is null or a.action = $2::text or starts_with(a.action, $2::text || '.'))
and ($3::text is null or a.subject = $3::text)
and ($4::timestamptz is null or a.at >= $4::timestamptz)
and ($5::timestamptz is null or a.at < $5::timestamptz)
and ($6::bigint is null or a.id < $6::bigint)
order by a.id desc
limit $7::int
