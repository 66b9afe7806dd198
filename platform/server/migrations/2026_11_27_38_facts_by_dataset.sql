-- Who asked a dataset in the last 90 days is asked by its agency and its reviewers, and waited for. Without whole answers
-- (dataset 0, half of all facts) it is half as large, and half of the facts do not pay for it. While it is built, facts wait
-- or go to the disk of their worker, as they do when the database is away.

create index usage_fact_by_dataset on gsb.usage_fact (dataset_id, second) where dataset_id > 0;
