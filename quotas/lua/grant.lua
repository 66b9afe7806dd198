-- One call for one account: gives units back, then takes units from every window and slots of concurrency, all or nothing.
-- Guarantee: the units granted within any true window of a policy never exceed its limit, whoever calls and from where.
--   Only the server's clock counts. A window is kept as sub-buckets over (window + horizon) and the current one, so a unit
--   is forgotten only after window + horizon; it may therefore be used up to `horizon` after its grant.
--   Nothing happens unless this store holds the epoch that the caller was told of: after a loss of data it does not, and a
--   store that was left behind holds an older one. Nor unless its data are of the history in which the epoch was opened: a
--   replica that took over knows the epoch, and maybe not the last units.
-- KEYS  1 the epoch; then one hash per window (sub-bucket index -> units); then, if the plan bounds concurrency, one hash
--       of slots (worker -> "slots deadline_ms"). All carry the hash tag of the organisation.
-- ARGV  epoch, history, epoch_ttl_ms, want, minimum (both 0: only give back and look), n, then per window: limit, width_ms
--       of a sub-bucket, how many of them (width * parts = window + horizon);
--       slot_limit (0: none), worker, slots_running, slots_want, slots_minimum, slot_ttl_ms; then pairs of units that were
--       taken and never used: granted_ms, units.
-- Returns {verdict, granted, slots, now_ms, wait_ms, index, slots_used, remaining_1, reset_ms_1, …}; verdict 1 granted,
--       0 no room in window `index` for wait_ms, -1 never fits in window `index`, -2 no slot, -3 another epoch.
--       slots_used: by all workers. reset_ms: until the oldest units expire.
if redis.call('GETEX', KEYS[1], 'PX', ARGV[3]) ~= ARGV[1] then return { -3 } end
local told = redis.call('INFO', 'replication')
if not string.find(told, 'master_replid:' .. ARGV[2], 1, true) then return { -3 } end
if not string.find(told, 'role:master', 1, true) then return { -3 } end  -- a replica that may be written to
local want, minimum, n = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
if want < minimum or minimum < 0 then return redis.error_reply('want and minimum must not be negative') end

local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000)
local slot_arg = 7 + 3 * n
local back_arg = slot_arg + 6

local verdict, wait, index, room = 1, 0, 0, want
local windows = {}
for w = 1, n do
  local limit, width, parts = tonumber(ARGV[4 + 3 * w]), tonumber(ARGV[5 + 3 * w]), tonumber(ARGV[6 + 3 * w])
  local current = math.floor(now / width)
  local buckets, ages, sum = {}, {}, 0
  local flat = redis.call('HGETALL', KEYS[w + 1])
  for i = 1, #flat, 2 do
    local at, units = tonumber(flat[i]), tonumber(flat[i + 1])
    if at < current - parts then
      redis.call('HDEL', KEYS[w + 1], flat[i])
    else
      buckets[at] = units
      sum = sum + units
    end
  end
  for b = back_arg, #ARGV, 2 do
    local at, units = math.floor(tonumber(ARGV[b]) / width), tonumber(ARGV[b + 1])
    -- Never below what is recorded: after a loss of data there may be nothing left to give back to.
    if buckets[at] and units > 0 then
      units = math.min(units, buckets[at])
      buckets[at] = buckets[at] - units
      sum = sum - units
      if buckets[at] == 0 then
        buckets[at] = nil
        redis.call('HDEL', KEYS[w + 1], at)
      else
        redis.call('HSET', KEYS[w + 1], at, buckets[at])
      end
    end
  end
  for at in pairs(buckets) do ages[#ages + 1] = at end
  table.sort(ages)
  windows[w] = { width = width, parts = parts, current = current, remaining = math.max(0, limit - sum),
                 reset = ages[1] and (ages[1] + parts + 1) * width - now or 0 }
  room = math.min(room, limit - sum)
  if minimum > limit then
    verdict, index = -1, w
  elseif limit - sum < minimum and verdict ~= -1 then
    local free = limit - sum
    for _, at in ipairs(ages) do
      free = free + buckets[at]
      if free >= minimum then
        local until_then = (at + parts + 1) * width - now
        if until_then > wait then wait, index = until_then, w end
        break
      end
    end
    verdict = 0
  end
end

local slots, slots_used = 0, 0
local slot_limit = tonumber(ARGV[slot_arg])
if slot_limit > 0 then
  local worker, running = ARGV[slot_arg + 1], tonumber(ARGV[slot_arg + 2])
  local slots_want, slots_minimum = tonumber(ARGV[slot_arg + 3]), tonumber(ARGV[slot_arg + 4])
  local ttl = tonumber(ARGV[slot_arg + 5])
  local key = KEYS[n + 2]
  local others = 0
  local flat = redis.call('HGETALL', key)
  for i = 1, #flat, 2 do
    local held, deadline = string.match(flat[i + 1], '^(%d+) (%d+)$')
    if tonumber(deadline) <= now then
      redis.call('HDEL', key, flat[i])
    elseif flat[i] ~= worker then
      others = others + tonumber(held)
    end
  end
  local free = slot_limit - others - running
  if verdict == 1 then
    if free < slots_minimum then verdict = -2 else slots = math.max(0, math.min(slots_want, free)) end
  end
  slots_used = others + running + slots
  if running + slots > 0 then
    redis.call('HSET', key, worker, string.format('%d %d', running + slots, now + ttl))
    redis.call('PEXPIRE', key, ttl)
  else
    redis.call('HDEL', key, worker)
  end
end

local granted = 0
if verdict == 1 then
  granted = math.max(0, room)
  for w = 1, n do
    if granted > 0 then
      redis.call('HINCRBY', KEYS[w + 1], windows[w].current, granted)
      redis.call('PEXPIRE', KEYS[w + 1], windows[w].width * (windows[w].parts + 2))
      windows[w].remaining = windows[w].remaining - granted
      if windows[w].reset == 0 then windows[w].reset = (windows[w].current + windows[w].parts + 1) * windows[w].width - now end
    end
  end
end
local reply = { verdict, granted, slots, now, wait, index, slots_used }
for w = 1, n do
  reply[#reply + 1] = windows[w].remaining
  reply[#reply + 1] = windows[w].reset
end
return reply
