-- Upload files that an unfinished job still needs.
select file_name from gsb.job where state in ('queued', 'running')
