-- To the dead letters, off the inbox. KEYS dead inbox seen  ARGV cid arrival reason now group entry-or-"" ttl
if ARGV[6] ~= '' then
  if redis.call('XACK', KEYS[2], ARGV[5], ARGV[6]) == 0 then return 0 end
  redis.call('XDEL', KEYS[2], ARGV[6])
elseif not redis.call('SET', KEYS[3], '1', 'NX', 'EX', ARGV[7]) then
  return 0
end
redis.call('XADD', KEYS[1], '*', 'cid', ARGV[1], 'arrival', ARGV[2], 'reason', ARGV[3], 'at', ARGV[4])
return 1
