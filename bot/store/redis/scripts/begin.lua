-- Count a try before it is made. KEYS owner inbox tries  ARGV holder entry
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 'fenced' end
if #redis.call('XRANGE', KEYS[2], ARGV[2], ARGV[2]) == 0 then return 'done' end
return redis.call('HINCRBY', KEYS[3], ARGV[2], 1)
