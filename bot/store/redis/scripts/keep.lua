-- One turn, atomically: state, transcript, queue, outbox, "done".
-- KEYS conv log deliver handoffs files outbox inbox queue due known dead owner tries since opened fetch facts
-- ARGV 1 cid, 2 expected version, 3 state, 4 epoch, 5 last (unix), 6 inbox entry or "", 7 holder, 8 erase 0/1,
--      9 status if open or "", 10 team, 11 urgency, 12 waiting since (unix) or "", 13 look (unix) or "", 14 now,
--      15 ttl, 16 channel for changes or "", 17 change (JSON, version still @V@),
--      18 number of the handoff of which something changed or "", 19 its fact (JSON), 20 when it was opened (unix),
--      21 number of lines, 22 number of files, 23 number of facts, 24 how many facts the lane keeps,
--      lines…, then files as triples (id, JSON, 1 if wanted now), then facts as pairs (JSON, masked text or ""),
--      then sendings as triples (part id, who speaks, JSON of fields)
-- KEYS[8] names no key, only the beginning of the names of the queues: that it is never there makes a cluster whose
-- slot is on the move say TRYAGAIN before anything is written, whichever of our keys has gone already.
local conv, log, deliver, handoffs, files, outbox, inbox, queue = unpack(KEYS, 1, 8)
local due, known, dead, owner, tries, since, opened, fetch, facts = unpack(KEYS, 9, 17)
local cid, entry = ARGV[1], ARGV[6]
if entry ~= '' then
  if redis.call('GET', owner) ~= ARGV[7] then return 'fenced' end
  if #redis.call('XRANGE', inbox, entry, entry) == 0 then return 'done' end
end
local version = redis.call('HGET', conv, 'v') or '0'
if version ~= ARGV[2] then return 'conflict' end
if entry ~= '' then
  redis.call('XDEL', inbox, entry)
  redis.call('HDEL', tries, entry)
end
if ARGV[8] == '1' then
  for _, number in ipairs(redis.call('HKEYS', handoffs)) do redis.call('ZREM', opened, cid .. ':' .. number) end
  for _, file in ipairs(redis.call('HKEYS', files)) do redis.call('ZREM', fetch, cid .. ':' .. file) end
  redis.call('DEL', log, deliver, handoffs, files)
  -- What no database has taken over yet is counted all the same, without the words.
  for _, found in ipairs(redis.call('XRANGE', facts, '-', '+')) do
    if found[2][2] == cid and found[2][6] ~= '' then
      redis.call('XDEL', facts, found[1])
      redis.call('XADD', facts, '*', 'cid', cid, 'fact', found[2][4], 'text', '')
    end
  end
  for _, stream in ipairs({outbox, dead}) do
    for _, found in ipairs(redis.call('XRANGE', stream, '-', '+')) do
      for i = 1, #found[2], 2 do
        if found[2][i] == 'cid' and found[2][i + 1] == cid then redis.call('XDEL', stream, found[1]) end
      end
    end
  end
end
local new = tostring(tonumber(version) + 1)
local status, team = ARGV[9], ARGV[10]
-- In two sorted sets by status, of all teams and of its own; where it was stands beside it.
local was = redis.call('HGET', conv, 'queue')
local is = status ~= '' and (status .. '/' .. team) or ''
if was and was ~= is then
  redis.call('ZREM', queue .. ':' .. was, cid)
  redis.call('ZREM', queue .. ':' .. string.match(was, '^[^/]*'), cid)
  if is == '' then redis.call('HDEL', conv, 'queue') end
end
if is ~= '' then
  redis.call('ZADD', queue .. ':' .. is, ARGV[11], cid)
  redis.call('ZADD', queue .. ':' .. status, ARGV[11], cid)
  redis.call('HSET', conv, 'queue', is)
end
redis.call('HSET', conv, 'v', new, 'state', ARGV[3], 'epoch', ARGV[4], 'last', ARGV[5])
local ttl = tonumber(ARGV[15])
redis.call('EXPIRE', conv, ttl)
if ARGV[12] == '' then redis.call('ZREM', since, cid) else redis.call('ZADD', since, ARGV[12], cid) end
if ARGV[13] == '' then redis.call('ZREM', due, cid) else redis.call('ZADD', due, ARGV[13], cid) end
redis.call('ZADD', known, ARGV[14], cid)
if ARGV[18] ~= '' then
  redis.call('HSET', handoffs, ARGV[18], ARGV[19])
  redis.call('EXPIRE', handoffs, ttl)
  redis.call('ZADD', opened, ARGV[20], cid .. ':' .. ARGV[18])
end
local n, m, o = tonumber(ARGV[21]), tonumber(ARGV[22]), tonumber(ARGV[23])
local at = 25
for i = at, at + n - 1 do redis.call('RPUSH', log, ARGV[i]) end
at = at + n
if n > 0 then redis.call('EXPIRE', log, ttl) end
for i = at, at + 3 * m - 1, 3 do
  redis.call('HSET', files, ARGV[i], ARGV[i + 1])
  if ARGV[i + 2] == '1' then redis.call('ZADD', fetch, ARGV[14], cid .. ':' .. ARGV[i]) end
end
at = at + 3 * m
if redis.call('EXISTS', files) == 1 then redis.call('EXPIRE', files, ttl) end
for i = at, at + 2 * o - 1, 2 do
  redis.call('XADD', facts, 'MAXLEN', '~', ARGV[24], '*', 'cid', cid, 'fact', ARGV[i], 'text', ARGV[i + 1])
end
at = at + 2 * o
for i = at, #ARGV, 3 do
  redis.call('XADD', outbox, '*', 'cid', cid, 'epoch', ARGV[4], 'sending', ARGV[i + 2])
  redis.call('HSET', deliver, 'p:' .. ARGV[i], 'queued', 'o:' .. ARGV[i], ARGV[i + 1])
end
if redis.call('EXISTS', deliver) == 1 then redis.call('EXPIRE', deliver, ttl) end
if ARGV[16] ~= '' then redis.call('PUBLISH', ARGV[16], (string.gsub(ARGV[17], '@V@', new))) end
return new
