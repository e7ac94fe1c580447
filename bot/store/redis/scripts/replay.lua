-- A dead letter back to the inbox, once. KEYS dead inbox  ARGV entry
local found = redis.call('XRANGE', KEYS[1], ARGV[1], ARGV[1])[1]
if not found then return 0 end
local letter = {}
for i = 1, #found[2], 2 do letter[found[2][i]] = found[2][i + 1] end
redis.call('XDEL', KEYS[1], ARGV[1])
redis.call('XADD', KEYS[2], '*', 'cid', letter.cid, 'arrival', letter.arrival)
return 1
