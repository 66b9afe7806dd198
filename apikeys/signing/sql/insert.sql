-- A new key; the index on keys without a successor refuses a second one of those.
insert into gsb.signing_key (kid, public_key, sealed_key, published_at, active_from)
values ($1, $2, $3, $4, $5)
