-- Every key that each given condition holds for works no more; null: no condition. $8 is the
-- organisation of whoever asks. Lock the table first.
update gsb.api_key as k
set state = 'revoked', revoked_at = $1::timestamptz, revoked_reason = $2::text
where k.state <> 'revoked'
and ($3::bigint is null or k.application_id = $3::bigint)
and ($4::bigint is null or k.application_id in (select id from gsb.application where organisation_id = $4::bigint))
and ($8::bigint is null or k.application_id in (select id from gsb.application where organisation_id = $8::bigint))
and ($5::bigint is null or k.agency_id = $5::bigint)
and ($6::text is null or k.datasets @> array[$6::text])
and ($7::timestamptz is null or k.created_at < $7::timestamptz)
returning k.id
