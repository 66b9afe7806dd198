-- When organisation $1 took the step that is $3 from its last one, if it took so many since $2; by the index of its days.
select at
from gsb.grant_step
where organisation_id = $1::bigint
and party = 'applicant'
and at > $2::timestamptz
order by at desc
offset $3::integer - 1
limit 1
