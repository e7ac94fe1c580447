-- A platform's report on something sent. KEYS deliver  ARGV external state ranks(JSON) ttl reason channel change
local ranks = cjson.decode(ARGV[3])
local part = redis.call('HGET', KEYS[1], 'x:' .. ARGV[1])
local field = part and ('p:' .. part) or ('s:' .. ARGV[1])
local old = redis.call('HGET', KEYS[1], field)
if old and ranks[ARGV[2]] <= ranks[old] then return 0 end
redis.call('HSET', KEYS[1], field, ARGV[2])
if part and ARGV[5] ~= '' then redis.call('HSET', KEYS[1], 'r:' .. part, ARGV[5]) end
redis.call('EXPIRE', KEYS[1], ARGV[4])
redis.call('PUBLISH', ARGV[6], ARGV[7])
return 1
