-- How the requests for each dataset that were handed in ended, and by how many organisations: only figures leave here.
select r.dataset_id,
  case
    when exists (select from gsb.data_grant as g where g.request_id = r.id) then 'validated'
    when r.state in ('submitted', 'changes_requested') then 'pending'
    when r.state = 'refused' then 'refused'
    else 'withdrawn'
  end as ended,
  count(*) as requests,
  array_agg(distinct r.organisation_id) as organisations
from gsb.grant_request as r
where r.submitted_version is not null
group by 1, 2
