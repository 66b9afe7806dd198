-- Data requests, newest first: number $1; of agency $2 (slug), of dataset $3 (slug, with $2), in states $4 at the moment $5,
-- below number $6; at most $7. Each filter is left out when null. The state is the one at $5: at its end the clock has
-- run out whether or not anybody wrote it down. Served by the primary key, or by data_request_of_agency.
select
  r.id, r.agency_id, a.slug as agency, a.slug || '/' || d.slug as dataset, r.title, r.body, r.contact, r.state,
  r.asked_at, r.due_at, r.calendar, r.answered_at, r.answered_working_days, r.changed_at,
  (
    select coalesce(jsonb_agg(jsonb_build_object(
      'state', s.state, 'at', s.at, 'by', s.by, 'legal_ground', s.legal_ground, 'message', s.message,
      'dataset', (
        select sa.slug || '/' || sd.slug
        from gsb.dataset as sd
        join gsb.agency as sa on sa.id = sd.agency_id
        where sd.id = s.dataset_id
      )
    ) order by s.number), '[]')
    from gsb.data_request_step as s
    where s.request_id = r.id
  ) as steps
from gsb.data_request as r
join gsb.agency as a on a.id = r.agency_id
left join gsb.dataset as d on d.id = r.dataset_id
where ($1::bigint is null or r.id = $1)
  and ($2::text is null or a.slug = $2)
  and ($3::text is null or d.slug = $3)
  and (
    $4::text[] is null
    or case when r.state in ('open', 'acknowledged') and r.due_at <= $5::timestamptz then 'no_answer' else r.state end
       = any ($4)
  )
  and ($6::bigint is null or r.id < $6)
order by r.id desc
limit $7
