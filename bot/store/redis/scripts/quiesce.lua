-- Nothing here may happen by itself any more. KEYS inbox outbox dead tries  ARGV reason now prefix-of-deliver
local arrivals, parts = 0, 0
for _, found in ipairs(redis.call('XRANGE', KEYS[1], '-', '+')) do
  local f = {}
  for i = 1, #found[2], 2 do f[found[2][i]] = found[2][i + 1] end
  redis.call('XADD', KEYS[3], '*', 'cid', f.cid, 'arrival', f.arrival, 'reason', ARGV[1], 'at', ARGV[2])
  redis.call('XDEL', KEYS[1], found[1])
  arrivals = arrivals + 1
end
redis.call('DEL', KEYS[4])
for _, found in ipairs(redis.call('XRANGE', KEYS[2], '-', '+')) do
  local f = {}
  for i = 1, #found[2], 2 do f[found[2][i]] = found[2][i + 1] end
  local part = cjson.decode(f.sending).id
  local deliver = ARGV[3] .. ':' .. f.cid
  redis.call('HSET', deliver, 'p:' .. part, 'unknown')
  redis.call('HDEL', deliver, 'o:' .. part, 'e:' .. part, 'k:' .. part)
  redis.call('XDEL', KEYS[2], found[1])
  parts = parts + 1
end
return {arrivals, parts}
