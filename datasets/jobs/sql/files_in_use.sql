-- Upload files that an unfinished job still needs, a submission that has not come to its end, a draft or a validation.
select file_name from gsb.job where state in ('queued', 'running')
union
select file_name from gsb.submission where state in ('draft', 'validating', 'in_review', 'approved')
union
select file_name from gsb.draft_request where state = 'queued'
union
select file_name from gsb.validation where state = 'queued'
