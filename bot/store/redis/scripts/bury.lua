-- To the dead letters, off the inbox. KEYS dead inbox seen owner tries
-- ARGV cid arrival reason now entry-or-"" ttl holder
if ARGV[5] ~= '' then
  if redis.call('GET', KEYS[4]) ~= ARGV[7] then return 'fenced' end
  redis.call('HDEL', KEYS[5], ARGV[5])
  if redis.call('XDEL', KEYS[2], ARGV[5]) == 0 then return 'ok' end
elseif not redis.call('SET', KEYS[3], '1', 'NX', 'EX', ARGV[6]) then
  return 'ok'
end
redis.call('XADD', KEYS[1], '*', 'cid', ARGV[1], 'arrival', ARGV[2], 'reason', ARGV[3], 'at', ARGV[4])
return 'ok'
