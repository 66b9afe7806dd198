-- Names the history of data that this server writes: its replication id. A server that starts, or is made a primary, begins
-- another one; so does one that was made a replica, took over older data, and is a primary again.
-- KEYS  1 a key of the organisation that is asked about: in a cluster it decides who answers.
-- Returns the id; an error on a replica, and on a server that has none.
local told = redis.call('INFO', 'replication')
if not string.find(told, 'role:master', 1, true) then return redis.error_reply('READONLY this server is a replica') end
return string.match(told, 'master_replid:(%w+)') or redis.error_reply('ERR this server tells no master_replid')
