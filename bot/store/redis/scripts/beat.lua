-- A page of a clerk is open, or (until not after now) it is no longer. KEYS pages away active  ARGV page until now
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[3])
if tonumber(ARGV[2]) > tonumber(ARGV[3]) then
  redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1])
else
  redis.call('ZREM', KEYS[1], ARGV[1])
end
for _, key in ipairs(KEYS) do redis.call('EXPIRE', key, 86400) end
return 1
