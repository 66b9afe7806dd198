-- The notice ends as early as $2, by an operator's word.
update gsb.contract_notice
set earliest_on = $2::date, beside_days = 0, override_actor = $3::text, override_reason = $4::text
where id = $1::bigint
