-- Whether an operator ever ended a use of organisation $1.
select exists (select from gsb.declared_use where organisation_id = $1::bigint and ended_by = 'operator')
