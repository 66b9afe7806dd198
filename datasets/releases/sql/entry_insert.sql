-- From version $2 on, release $3 is the dataset's current one; null withdraws it.
insert into gsb.registry_entry (dataset_id, version, release_id)
values ($1::bigint, $2::bigint, $3::bigint)
