-- The private halves of keys that were retired by $1 go.
update gsb.signing_key
set sealed_key = null
where retired_from <= $1 and sealed_key is not null
returning kid
