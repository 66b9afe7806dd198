-- The whole chain in its order, each link beside its entry, and at the end the entries that no link names; null where a
-- side is missing. Texts of jsonb are what the digest was made of.
select
  l.seq, l.audit_id, l.digest, l.hash,
  a.id, a.at, a.actor, a.action, a.subject, a.before::text as before, a.after::text as after, a.reason,
  a.details::text as details
from gsb.audit_link as l
full join gsb.audit as a on a.id = l.audit_id
order by l.seq nulls last, a.id
