-- Keys that may still be used, counted by the pepper of their digest, in order.
select pepper_version, count(*)::int as keys
from gsb.api_key
where state <> 'revoked'
and (expires_at is null or expires_at > now())
and (retire_at is null or retire_at > now())
group by pepper_version
order by pepper_version
