-- Version and state of many conversations of one lane, in the order of KEYS.
-- KEYS conv of each
local found = {}
for place, name in ipairs(KEYS) do found[place] = redis.call('HMGET', name, 'v', 'state') end
return found
