-- The contract's id, whether it is new or was declared before: equal hashes are the same contract, which then is whose
-- who declared it last.
insert into gsb.contract (dataset_id, version, sha256, document, declared_by)
values ($1::bigint, $2::text, $3::text, $4::jsonb, $5::bigint)
on conflict (dataset_id, sha256) do update set version = excluded.version, declared_by = excluded.declared_by
returning id
