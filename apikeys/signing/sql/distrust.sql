-- Nothing that was signed before $1 is believed any more, whatever was planned for those keys.
update gsb.signing_key
set
  published_at = least(published_at, $1),
  active_from = least(active_from, $1),
  active_until = least(coalesce(active_until, $1), $1),
  retired_from = $1,
  sealed_key = null
where retired_from is null or retired_from > $1
returning kid
