-- The next registry version, and the next schema version when contracts changed; under the lock of registry_lock.
update gsb.registry_state
set version = version + 1, schema_version = schema_version + $1::int
returning version
