-- The next token of a bucket; returns milliseconds until it is there. The generic cell rate algorithm (ITU-T I.371):
-- one number, the time at which the bucket will be full again. The server's clock, since all workers share it.
-- KEYS bucket  ARGV milliseconds a token, burst, milliseconds to hold it back
local now = redis.call('TIME')
now = now[1] * 1000 + math.floor(now[2] / 1000)
local each, burst, back = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local full = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now)
local room = (burst - 1) * each
if back > 0 then
  full = math.max(full, now + back + room)
else
  full = full + each
end
redis.call('SET', KEYS[1], string.format('%.0f', full), 'PX', string.format('%.0f', full - now + 1000))
if back > 0 then return 0 end
return math.max(0, math.ceil(full - each - room - now))
