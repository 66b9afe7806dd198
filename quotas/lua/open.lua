-- Opens an epoch of one organisation here: from now on its windows and slots are what is given, and nothing else.
-- Guarantee: an epoch is never opened twice nor behind a newer one, whenever this call arrives; until it has, no grant
--   names the epoch.
-- KEYS  1 the epoch; then every window and every hash of slots that is told of.
-- ARGV  epoch, epoch_ttl_ms, slot_ttl_ms; then groups of four: index into KEYS, width_ms, age_ms and units of a window; or
--       index into KEYS, 0, worker and slots.
-- Returns 0 when the epoch is open; else the epoch that this store knows already, this one or a newer one.
local known = tonumber(redis.call('GET', KEYS[1]) or 0)
if known >= tonumber(ARGV[1]) then return known end
for k = 2, #KEYS do redis.call('DEL', KEYS[k]) end
local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000)
local lives = {}
for a = 4, #ARGV, 4 do
  local key, width = KEYS[tonumber(ARGV[a])], tonumber(ARGV[a + 1])
  if width == 0 then
    local ttl = tonumber(ARGV[3])
    redis.call('HSET', key, ARGV[a + 2], string.format('%d %d', tonumber(ARGV[a + 3]), now + ttl))
    lives[key] = ttl
  else
    redis.call('HINCRBY', key, math.floor((now - tonumber(ARGV[a + 2])) / width), ARGV[a + 3])
    lives[key] = width * 128
  end
end
for key, ttl in pairs(lives) do redis.call('PEXPIRE', key, ttl) end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 0
