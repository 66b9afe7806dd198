-- The text of a document that the application has persisted, or nothing; marks it as used today, once a day.
with found as (
  select application_id, sha256, source, used_on
  from gsb.persisted_document
  where application_id = $1 and sha256 = $2
),
marked as (
  update gsb.persisted_document as document
  set used_on = current_date
  from found
  where document.application_id = found.application_id
    and document.sha256 = found.sha256
    and found.used_on < current_date
)
select source from found
