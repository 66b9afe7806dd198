-- How each agency has its releases reviewed, and who stands in for its reviewers.
select slug, review, deputy_id from gsb.agency
