-- One call for one address at one limit: tells the store what this worker has admitted, and takes units for it.
-- Guarantee: within a window that this hash lives through, all workers together get no more than the limit. The window
--   begins with the first call and ends by the server's clock.
--   Each worker has a field of its own, and says how many units it took: what the store has forgotten, or what was
--   admitted while it was away, is counted again with the worker's next call.
-- KEYS  1 the hash (worker -> units; '' -> end of the window, ms).
-- ARGV  limit, window_ms, worker, taken (by this worker in its window), left_ms (of that window, 0: none), want.
-- Returns {granted, left_ms}. Never more than an eighth of the room at once (but one unit): with little left, the workers
--       take it unit by unit, and none sits on what another needs.
local limit, window = tonumber(ARGV[1]), tonumber(ARGV[2])
local worker, taken, left, want = ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000)

local used, mine, ends = 0, 0, nil
local flat = redis.call('HGETALL', KEYS[1])
for i = 1, #flat, 2 do
  if flat[i] == '' then
    ends = tonumber(flat[i + 1])
  elseif flat[i] == worker then
    mine = tonumber(flat[i + 1])
  else
    used = used + tonumber(flat[i + 1])
  end
end
if not ends or ends <= now then
  redis.call('DEL', KEYS[1])
  used, mine = 0, 0
  ends = now + ((taken > 0 and left > 0) and math.min(left, window) or window)
end
mine = math.max(mine, taken)

local room = limit - used - mine
local granted = 0
if room > 0 then granted = math.max(1, math.min(want, math.floor(room / 8))) end
redis.call('HSET', KEYS[1], '', ends, worker, mine + granted)
redis.call('PEXPIREAT', KEYS[1], ends)
return { granted, ends - now }
