-- Datasets whose addresses are to be asked now: those of a new release first; at most $1. One that was found in order is
-- asked again after a day, one that was not after ten minutes, and one without any answer after half a minute.
select agency.slug as agency, dataset.slug
from gsb.dataset as dataset
join gsb.agency as agency on agency.id = dataset.agency_id
join lateral (
  select release_id from gsb.registry_entry where dataset_id = dataset.id order by version desc limit 1
) as entry on entry.release_id is not null
left join gsb.quality_answer as answer on answer.dataset_id = dataset.id
where dataset.state = 'active'
  and (
    answer.dataset_id is null
    or answer.release_id <> entry.release_id
    or answer.asked_at < now() - case
      when answer.access_status is null then interval '30 seconds'
      when answer.access_status < 400 and not exists (
        select from jsonb_each_text(answer.file_statuses) as file where file.value is null or file.value::int >= 500
      ) then interval '1 day'
      else interval '10 minutes'
    end
  )
order by (answer.release_id is distinct from entry.release_id) desc, answer.asked_at nulls first, dataset.id
limit $1::int
