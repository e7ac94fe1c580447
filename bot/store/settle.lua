-- What became of a taken part. KEYS outbox deliver  ARGV entry part state external group ranks(JSON) ttl channel change reason
local field = 'p:' .. ARGV[2]
if ARGV[3] == 'queued' then
  redis.call('HSET', KEYS[2], field, 'queued')
  return 1
end
local ranks = cjson.decode(ARGV[6])
local state = ARGV[3]
if ARGV[4] ~= '' then
  local early = redis.call('HGET', KEYS[2], 's:' .. ARGV[4]) -- a report that overtook us
  if early and ranks[early] > ranks[state] then state = early end
  redis.call('HDEL', KEYS[2], 's:' .. ARGV[4])
  redis.call('HSET', KEYS[2], 'x:' .. ARGV[4], ARGV[2])
end
local old = redis.call('HGET', KEYS[2], field)
if not old or ranks[state] > ranks[old] then redis.call('HSET', KEYS[2], field, state) end
if ARGV[10] ~= '' then redis.call('HSET', KEYS[2], 'r:' .. ARGV[2], ARGV[10]) end
redis.call('EXPIRE', KEYS[2], ARGV[7])
redis.call('XACK', KEYS[1], ARGV[5], ARGV[1])
redis.call('XDEL', KEYS[1], ARGV[1])
redis.call('PUBLISH', ARGV[8], ARGV[9])
return 1
