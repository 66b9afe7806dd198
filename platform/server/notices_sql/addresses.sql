-- Where organisation $1 is written to, or the people of agency $2 who are still there, each address once.
select email from gsb.organisation where id = $1::bigint
union
select email from gsb.person where agency_id = $2::bigint and removed_at is null
order by email
