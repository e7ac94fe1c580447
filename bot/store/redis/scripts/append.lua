-- Name the duplicate and keep the arrival, in one step. KEYS seen inbox  ARGV ttl cid arrival
if redis.call('SET', KEYS[1], '1', 'NX', 'EX', ARGV[1]) then
  redis.call('XADD', KEYS[2], '*', 'cid', ARGV[2], 'arrival', ARGV[3])
  return 1
end
-- A write also for a repeat: its caller may wait until everything up to it is on disk, the first one included.
redis.call('EXPIRE', KEYS[1], ARGV[1])
return 0
