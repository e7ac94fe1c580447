-- Give a lane back, if it is still ours. KEYS owner  ARGV worker
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
