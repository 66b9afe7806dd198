-- Every plan, in the order in which they are offered.
select name, (policies || brakes || key_brakes)::text as policies from gsb.plan order by position, name
