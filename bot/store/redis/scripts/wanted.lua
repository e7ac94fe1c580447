-- Files to be fetched by now, for one who then has them for a while. KEYS fetch
-- ARGV 1 now (unix), 2 until when they are theirs (unix), 3 how many at most
local found = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[3])
for _, member in ipairs(found) do redis.call('ZADD', KEYS[1], ARGV[2], member) end
return found
