-- What became of a file. KEYS files fetch
-- ARGV 1 cid, 2 id, 3 JSON, 4 when to fetch it again (unix) or "", 5 channel for changes, 6 change (JSON)
local member = ARGV[1] .. ':' .. ARGV[2]
if redis.call('HEXISTS', KEYS[1], ARGV[2]) == 0 then
  redis.call('ZREM', KEYS[2], member)
  return 0
end
redis.call('HSET', KEYS[1], ARGV[2], ARGV[3])
if ARGV[4] == '' then redis.call('ZREM', KEYS[2], member) else redis.call('ZADD', KEYS[2], ARGV[4], member) end
redis.call('PUBLISH', ARGV[5], ARGV[6])
return 1
