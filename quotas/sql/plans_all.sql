-- Every plan, in the order in which they are offered.
select name, policies::text as policies from gsb.plan order by position, name
