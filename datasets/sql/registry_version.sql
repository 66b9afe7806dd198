-- The registry version that this server shows: on a replica it may be older than the primary's.
select version from gsb.registry_state
