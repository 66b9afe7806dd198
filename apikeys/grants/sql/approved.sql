-- Whether an operator has approved organisation $1.
select approved_at is not null from gsb.organisation where id = $1::bigint
