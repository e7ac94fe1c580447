-- Who looks at a conversation, who types in it. Watchers are told only when that changes.
-- KEYS present  ARGV clerk, doing (looking, typing, ""), until, now, channel for changes, change
local now = tonumber(ARGV[4])
local typing = ARGV[1] .. ':typing'
local function there(member) return tonumber(redis.call('ZSCORE', KEYS[1], member) or '0') > now end
local looked, typed = there(ARGV[1]), there(typing)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[4])
if ARGV[2] == '' then redis.call('ZREM', KEYS[1], ARGV[1]) else redis.call('ZADD', KEYS[1], ARGV[3], ARGV[1]) end
if ARGV[2] == 'typing' then redis.call('ZADD', KEYS[1], ARGV[3], typing) else redis.call('ZREM', KEYS[1], typing) end
redis.call('EXPIRE', KEYS[1], 3600)
if looked == (ARGV[2] ~= '') and typed == (ARGV[2] == 'typing') then return 0 end
redis.call('PUBLISH', ARGV[5], ARGV[6])
return 1
