-- May this part leave now? KEYS conv outbox deliver  ARGV entry part by urgent epoch group
local entry, field = ARGV[1], 'p:' .. ARGV[2]
if #redis.call('XRANGE', KEYS[2], entry, entry) == 0 then return {'gone', '0'} end
local last = redis.call('HGET', KEYS[1], 'last') or '0'
local function off(state)
  redis.call('HSET', KEYS[3], field, state)
  redis.call('XACK', KEYS[2], ARGV[6], entry)
  redis.call('XDEL', KEYS[2], entry)
end
if redis.call('HGET', KEYS[3], field) == 'sending' then
  off('unknown') -- begun by somebody who never said how it ended: never sent again by itself
  return {'unknown', last}
end
-- A clerk's words were allowed when they were written; the bot's must still be, and urgent ones always go.
if ARGV[3] == 'bot' and ARGV[4] == '0' and redis.call('HGET', KEYS[1], 'epoch') ~= ARGV[5] then
  off('dropped')
  return {'stale', last}
end
redis.call('HSET', KEYS[3], field, 'sending')
return {'send', last}
