-- Nobody waits for this part any longer. KEYS outbox deliver  ARGV part channel change
local field = 'p:' .. ARGV[1]
if redis.call('HGET', KEYS[2], field) ~= 'sending' then return 0 end
redis.call('HSET', KEYS[2], field, 'unknown')
local entry = redis.call('HGET', KEYS[2], 'e:' .. ARGV[1])
if entry then redis.call('XDEL', KEYS[1], entry) end
redis.call('HDEL', KEYS[2], 'o:' .. ARGV[1], 'e:' .. ARGV[1], 'k:' .. ARGV[1])
redis.call('PUBLISH', ARGV[2], ARGV[3])
return 1
