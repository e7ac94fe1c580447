-- What became of a taken part.
-- KEYS outbox deliver  ARGV entry part state external ranks(JSON) ttl reason channel change
local field = 'p:' .. ARGV[2]
local old = redis.call('HGET', KEYS[2], field)
if ARGV[3] == 'queued' then
  -- Only while it is still ours to give back: somebody else may have called it unknown meanwhile.
  if old == 'sending' then redis.call('HSET', KEYS[2], field, 'queued') end
  return 1
end
local ranks = cjson.decode(ARGV[5])
local state = ARGV[3]
if ARGV[4] ~= '' then
  local early = redis.call('HGET', KEYS[2], 's:' .. ARGV[4]) -- a report that overtook us
  if early and ranks[early] > ranks[state] then state = early end
  redis.call('HDEL', KEYS[2], 's:' .. ARGV[4])
  redis.call('HSET', KEYS[2], 'x:' .. ARGV[4], ARGV[2])
end
if not old or ranks[state] > ranks[old] then redis.call('HSET', KEYS[2], field, state) end
if ARGV[7] ~= '' then redis.call('HSET', KEYS[2], 'r:' .. ARGV[2], ARGV[7]) end
redis.call('HDEL', KEYS[2], 'o:' .. ARGV[2], 'e:' .. ARGV[2], 'k:' .. ARGV[2])
redis.call('EXPIRE', KEYS[2], ARGV[6])
redis.call('XDEL', KEYS[1], ARGV[1])
redis.call('PUBLISH', ARGV[8], ARGV[9])
return 1
