-- Who of an agency is written to about submission $1: for what is to be decided its reviewers, for what has waited ($2) its
-- deputy too, for what was decided or has failed ($3) whoever handed it in. Each address once.
select person.email
from gsb.submission as submission
join gsb.agency as agency on agency.id = submission.agency_id
join gsb.person as person on person.agency_id = submission.agency_id
where submission.id = $1::text
  and person.removed_at is null
  and case
    when $3::boolean then person.id = submission.submitted_by
    else person.id is distinct from submission.submitted_by
      and (person.role = 'reviewer' or ($2::boolean and person.id = agency.deputy_id))
  end
group by person.email
order by person.email
