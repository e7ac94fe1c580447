-- One turn, atomically: state, transcript, queue, outbox, "done".
-- KEYS conv log deliver outbox inbox open leases known dead
-- ARGV 1 cid, 2 expected version, 3 state, 4 epoch, 5 last (unix), 6 inbox entry or "", 7 group, 8 erase 0/1,
--      9 open score or "", 10 lease score or "", 11 now (unix), 12 ttl, 13 channel for changes, 14 change (JSON,
--      version still @V@), 15 number of lines, lines…, then sendings as triples (part id, JSON of fields, epoch)
local conv, log, deliver, outbox, inbox, open, leases, known, dead = unpack(KEYS)
local cid = ARGV[1]
local version = redis.call('HGET', conv, 'v') or '0'
if ARGV[6] ~= '' and redis.call('XPENDING', inbox, ARGV[7], ARGV[6], ARGV[6], 1)[1] == nil then
  return 'done'
end
if version ~= ARGV[2] then return 'conflict' end
if ARGV[6] ~= '' then
  redis.call('XACK', inbox, ARGV[7], ARGV[6])
  redis.call('XDEL', inbox, ARGV[6])
end
if ARGV[8] == '1' then
  redis.call('DEL', log, deliver)
  for _, stream in ipairs({outbox, dead}) do
    for _, entry in ipairs(redis.call('XRANGE', stream, '-', '+')) do
      for i = 1, #entry[2], 2 do
        if entry[2][i] == 'cid' and entry[2][i + 1] == cid then
          if stream == outbox then redis.call('XACK', outbox, 'delivery', entry[1]) end
          redis.call('XDEL', stream, entry[1])
        end
      end
    end
  end
end
local new = tostring(tonumber(version) + 1)
redis.call('HSET', conv, 'v', new, 'state', ARGV[3], 'epoch', ARGV[4], 'last', ARGV[5])
local ttl = tonumber(ARGV[12])
redis.call('EXPIRE', conv, ttl)
if ARGV[9] == '' then redis.call('ZREM', open, cid) else redis.call('ZADD', open, ARGV[9], cid) end
if ARGV[10] == '' then redis.call('ZREM', leases, cid) else redis.call('ZADD', leases, ARGV[10], cid) end
redis.call('ZADD', known, ARGV[11], cid)
local n = tonumber(ARGV[15])
for i = 16, 15 + n do redis.call('RPUSH', log, ARGV[i]) end
if n > 0 then redis.call('EXPIRE', log, ttl) end
for i = 16 + n, #ARGV, 2 do
  redis.call('XADD', outbox, '*', 'cid', cid, 'epoch', ARGV[4], 'sending', ARGV[i + 1])
  redis.call('HSET', deliver, 'p:' .. ARGV[i], 'queued')
end
if redis.call('EXISTS', deliver) == 1 then redis.call('EXPIRE', deliver, ttl) end
redis.call('PUBLISH', ARGV[13], (string.gsub(ARGV[14], '@V@', new)))
return new
