-- The contract's id, whether it is new or was declared before: equal hashes are the same contract.
insert into gsb.contract (dataset_id, version, sha256, document)
values ($1::bigint, $2::text, $3::text, $4::jsonb)
on conflict (dataset_id, sha256) do update set version = excluded.version
returning id
