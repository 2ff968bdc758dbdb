"""Lua that counts what is spent: each script is one step that no other machine's comes between.

A counter is a hash: `u`, `m` and `i` are billionths of a dollar that count, those of them whose end is not known, and
pictures; with a number behind them, those of that quarter of an hour of the day. A call is a hash of the same three, of
the counters it is part of, and of what has to be known when it ends.
"""

from __future__ import annotations

from pipeline.store.shared.presence import LIVENESS

# A call whose end was seen may be found to have ended otherwise, by what came late or by who went on with its order.
_OPEN_TTL_S = 100 * 86_400
_ENDED_TTL_S = 10 * 86_400

_COUNTING = """
local function add(key, quarter, usd, maybe, images)
    local suffix = quarter < 0 and '' or quarter
    for field, number in pairs({u = usd, m = maybe, i = images}) do
        if number ~= 0 then
            redis.call('HINCRBY', key, field .. suffix, string.format('%.0f', number))
        end
    end
end

local function counted(key, quarter)
    local suffix = quarter < 0 and '' or quarter
    local found = redis.call('HMGET', key, 'u' .. suffix, 'm' .. suffix, 'i' .. suffix)
    return tonumber(found[1] or 0), tonumber(found[2] or 0), tonumber(found[3] or 0)
end

local function spent(terms)
    local usd, maybe, images = 0, 0, 0
    for _, term in ipairs(terms) do
        local sign, key, first = term[1], term[2], term[3]
        for quarter = first, first < 0 and first or 95 do
            local u, m, i = counted(key, quarter)
            usd, maybe, images = usd + sign * u, maybe + sign * m, images + sign * i
        end
    end
    return usd, maybe, images
end
"""

SPENT = (
    _COUNTING
    + """
return {spent(cjson.decode(ARGV[1]))}
"""
)
"""Terms. Answers the three sums."""

RESERVE = (
    LIVENESS
    + _COUNTING
    + f"""
local asked = cjson.decode(ARGV[2])
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
    return {{-1}}
end
if asked.token and redis.call('EXISTS', asked.token) == 1 then  -- the answer was lost on its way
    return {{0}}
end

local function exceeds(bound, usd, images)
    if bound.max_usd then
        local price = asked.continues and 0 or asked.price
        local with_others = usd + bound.also_usd
        -- a billionth more, as each of them is rounded
        if price and with_others + price > bound.max_usd + 1 or not price and with_others >= bound.max_usd then
            return true
        end
    end
    if bound.max_images and not asked.continues then
        local others = images + bound.also_images - (asked.is_picture and 0 or 1)
        return others + 1 > bound.max_images
    end
    return false
end

local function under_way()
    local usd, images = 0, 0
    for _, token in ipairs(redis.call('SMEMBERS', asked.own)) do
        local by = redis.call('HGET', token, 'by')
        if by and is_alive(by) then
            local u, _, i = counted(token, -1)
            usd, images = usd + u, images + i
        end
    end
    return usd, images
end

for number, bound in ipairs(asked.bounds) do
    local usd, _, images = spent(bound.terms)
    if exceeds(bound, usd, images) then
        return {{number, usd, images, under_way()}}
    end
end
if asked.token then
    local usd, maybe, images = unpack(asked.count)
    for _, counter in ipairs(cjson.decode(asked.counters)) do
        local key, ttl, quarter = unpack(counter)
        redis.call('HSETNX', key, 'u', '0')  -- it is there, even for what costs nothing yet
        add(key, -1, usd, maybe, images)
        if quarter >= 0 then
            add(key, quarter, usd, maybe, images)
        end
        redis.call('EXPIRE', key, ttl)
    end
    redis.call('HSET', asked.token, 'counters', asked.counters, 'pending', asked.pending, 'order', asked.order,
        'by', asked.by, 'is_open', '1', 'known', '0')
    add(asked.token, -1, usd, maybe, images)
    redis.call('EXPIRE', asked.token, {_OPEN_TTL_S})
    if asked.pending ~= '' then
        redis.call('SADD', asked.pending, asked.token)
        redis.call('EXPIRE', asked.pending, {_OPEN_TTL_S})
    end
    if not asked.continues then
        redis.call('SET', asked.order, asked.token, 'EX', {_OPEN_TTL_S})
    end
end
return {{0}}
"""
)
"""The memory that is known, and the question. Answers 0: it fits; -1: another memory; else the number of the bound it
exceeds, the dollars and pictures that count there, and those of the run's own that are under way."""

SETTLE = (
    _COUNTING
    + f"""
local function assign(token, usd, maybe, images)
    local call = redis.call('HMGET', token, 'counters', 'pending')
    local was_usd, was_maybe, was_images = counted(token, -1)
    local more_usd, more_maybe, more_images = usd - was_usd, maybe - was_maybe, images - was_images
    for _, counter in ipairs(cjson.decode(call[1])) do
        local key, _, quarter = unpack(counter)
        if redis.call('EXISTS', key) == 1 then
            add(key, -1, more_usd, more_maybe, more_images)
            if quarter >= 0 then
                add(key, quarter, more_usd, more_maybe, more_images)
            end
        end
    end
    add(token, -1, more_usd, more_maybe, more_images)
    if call[2] ~= '' then
        redis.call('SREM', call[2], token)
    end
    redis.call('EXPIRE', token, {_ENDED_TTL_S})
end

local token = KEYS[1]
if redis.call('EXISTS', token) == 0 then
    return
end
assign(token, tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]))
redis.call('HSET', token, 'known', ARGV[4], 'is_open', ARGV[5])
if ARGV[6] == '1' then
    local order = redis.call('GET', redis.call('HGET', token, 'order'))
    if order and order ~= token and redis.call('HGET', order, 'is_open') == '1' then
        assign(order, tonumber(redis.call('HGET', order, 'known')), 0, 0)
        redis.call('HSET', order, 'is_open', '0')
    end
end
"""
)
"""The call, the three numbers it counts from now on, what it surely cost, whether it is open, whether it ends an order.
"""
