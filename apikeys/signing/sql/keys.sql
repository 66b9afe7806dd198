-- All signing keys, newest first; a handful of rows a year.
select kid, public_key, sealed_key, published_at, active_from, active_until, retired_from
from gsb.signing_key
order by published_at desc, active_from desc, kid
