-- Upload files that an unfinished job still needs, or a submission that has not come to its end.
select file_name from gsb.job where state in ('queued', 'running')
union
select file_name from gsb.submission where state in ('draft', 'validating', 'in_review', 'approved')
