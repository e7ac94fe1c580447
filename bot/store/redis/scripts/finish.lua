-- Done, with nothing to write. KEYS owner inbox tries  ARGV holder entry
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 'fenced' end
redis.call('XDEL', KEYS[2], ARGV[2])
redis.call('HDEL', KEYS[3], ARGV[2])
return 'ok'
