-- May this part leave now? KEYS conv outbox deliver owner  ARGV entry part by urgent epoch holder token
local entry, field = ARGV[1], 'p:' .. ARGV[2]
if redis.call('GET', KEYS[4]) ~= ARGV[6] then return {'fenced', '0'} end
local last = redis.call('HGET', KEYS[1], 'last') or '0'
if #redis.call('XRANGE', KEYS[2], entry, entry) == 0 then return {'gone', last} end
local function off(state)
  redis.call('HSET', KEYS[3], field, state)
  redis.call('HDEL', KEYS[3], 'o:' .. ARGV[2], 'e:' .. ARGV[2], 'k:' .. ARGV[2])
  redis.call('XDEL', KEYS[2], entry)
end
if redis.call('HGET', KEYS[3], field) == 'sending' then
  -- The same attempt asks again because our answer was lost: it has not sent anything yet.
  if redis.call('HGET', KEYS[3], 'k:' .. ARGV[2]) == ARGV[7] then return {'send', last} end
  off('unknown') -- begun by somebody who never said how it ended: never sent again by itself
  return {'unknown', last}
end
-- A clerk's words were allowed when they were written; the bot's must still be, and urgent ones always go.
if ARGV[3] == 'bot' and ARGV[4] == '0' and redis.call('HGET', KEYS[1], 'epoch') ~= ARGV[5] then
  off('dropped')
  return {'stale', last}
end
redis.call('HSET', KEYS[3], field, 'sending', 'e:' .. ARGV[2], entry, 'k:' .. ARGV[2], ARGV[7])
return {'send', last}
