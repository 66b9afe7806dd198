-- The registry's numbers, held until commit: registry versions follow commit order because of this lock.
select version, schema_version
from gsb.registry_state
for update
