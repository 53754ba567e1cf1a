import { type CommandParser, defineScript } from '@redis/client';
import { MASTER_IP, MASTER_READY } from '../../clusters/cluster.js';
import type {
  AddMemberOutcome,
  AddOutcome,
  RemoveMemberOutcome,
  RemoveOutcome,
  ReplaceMemberOutcome,
  ReplaceOutcome,
} from '../../clusters/cluster.store.js';
import { type Fields, fieldOf, INITIAL_FIELDS, sealedIn } from './cluster-hash.js';

// The changes of clusters. Each is a Lua script, and so one atomic step on the hash in KEYS[1] and that of its members in
// KEYS[2], or on all hashes in KEYS. Writes come after all checks, and the write that Redis may refuse for lack of memory is the first one, so that
// a script changes everything or nothing.

/** Part of every script that checks whether the cluster is live, by the service's clock and not that of Redis. */
const ALIVE = `
  local function alive(now, hash)
    local expires = redis.call('HGET', hash or KEYS[1], 'expires')
    return expires and tonumber(expires) > tonumber(now)
  end
`;

/**
 * The channel on which the scripts publish their changes. On a Redis Cluster each hash tag has a channel of its own, with
 * that tag, so that it is on the server that has the keys.
 */
export const SIGNAL_CHANNEL = 'cluster-signals';

/**
 * Part of every script that changes what requests wait for: the change and its signal are one step. A hash tag means that
 * this is a Redis Cluster, where only a sharded channel is on this server alone.
 */
const SIGNAL = `
  local function signal(change, hash)
    hash = hash or KEYS[1]
    local tag = string.match(hash, '{.*}')
    local command, channel = 'PUBLISH', '${SIGNAL_CHANNEL}'
    if tag then command, channel = 'SPUBLISH', channel .. ':' .. tag end
    redis.call(command, channel, hash .. ' ' .. change)
  end
`;

/**
 * Part of every script that changes keys: counts changes of the master (`Cluster.masterChanges`), and keeps the first
 * master's sealed address. Called after the change, with the names of the field before and after it (`after` is nil
 * when the key was removed), and the sealed value before. Returns the first master when another one was added.
 */
const MASTER = `
  local MASTER_IP, MASTER_READY = '${fieldOf(MASTER_IP)}', '${fieldOf(MASTER_READY)}'
  local function first_master()
    local first = redis.call('HGET', KEYS[1], 'first_master')
    return first ~= '' and first or nil
  end
  local function count_master_changes(before, after, sealed)
    local leaves = before == MASTER_IP or (before == MASTER_READY and after ~= MASTER_READY)
    local returns = before ~= MASTER_IP and after == MASTER_IP and first_master()
    local changes = (leaves and 1 or 0) + (returns and 1 or 0)
    if changes > 0 then redis.call('HINCRBY', KEYS[1], 'master_changes', changes) end
    if before == MASTER_IP and not first_master() then
      redis.call('HSET', KEYS[1], 'first_master', sealed)
    end
    return returns or nil
  end
`;

/**
 * Part of every script that changes members: counts them by state (`Cluster.workers`), and keeps the time at which as
 * many were ready as are expected. Called after the change, with the state of the member before and after it; nil when
 * there was none.
 */
const MEMBERS = `
  local function count(state, by)
    if state and state ~= 'waiting' then redis.call('HINCRBY', KEYS[1], state, by) end
  end
  local function count_member(now, before, after)
    redis.call('HINCRBY', KEYS[1], 'revision', 1)
    if not before then redis.call('HINCRBY', KEYS[1], 'joined', 1) end
    if not after then redis.call('HINCRBY', KEYS[1], 'joined', -1) end
    if before == after then return end
    count(before, -1)
    count(after, 1)
    local fields = redis.call('HMGET', KEYS[1], 'expected', 'ready', 'completed')
    local expected, ready = tonumber(fields[1] or 0), tonumber(fields[2] or 0)
    if fields[3] == '0' and expected > 0 and ready >= expected then
      redis.call('HSET', KEYS[1], 'completed', now)
    end
  end
`;

/** Begins a cluster. created, expires, expected workers → 1, or 0 when the id is in use. */
const CREATE = `${SIGNAL}
  local created, expires, expected = ARGV[1], ARGV[2], ARGV[3]
  if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
  redis.call('HSET', KEYS[1], 'created', created, 'expires', expires, 'expected', expected,
    ${Object.entries(INITIAL_FIELDS)
      .map(([field, value]) => `'${field}', '${value}'`)
      .join(', ')})
  redis.call('PEXPIREAT', KEYS[1], expires)
  signal('created')
  return 1
`;

/** Ends a cluster. now → its fields and values alternately, or nothing when there is no cluster. */
const END = `${ALIVE}${SIGNAL}
  local now = ARGV[1]
  if not alive(now) then return {} end
  local fields = redis.call('HGETALL', KEYS[1])
  redis.call('DEL', KEYS[1], KEYS[2])
  signal('end')
  return fields
`;

/**
 * Adds a key. now, field, sealed, maximum of fields → the outcome, the value of an existing key or an empty text, and
 * the first master when another one was added.
 */
const ADD = `${ALIVE}${SIGNAL}${MASTER}
  local now, field, sealed, most = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
  if not alive(now) then return {'no-cluster'} end
  local existing = redis.call('HGET', KEYS[1], field)
  if existing then return {'exists', existing, field == MASTER_IP and first_master() or nil} end
  if redis.call('HLEN', KEYS[1]) >= most then return {'full'} end
  local position = redis.call('HGET', KEYS[1], 'next')
  redis.call('HSET', KEYS[1], field, position .. ':' .. now .. ':' .. sealed, 'next', position + 1)
  local first = count_master_changes(nil, field)
  signal(field)
  return {'added', '', first}
`;

/** Replaces a key. now, field, expected, new field, new sealed → as for `ADD`. */
const REPLACE = `${ALIVE}${SIGNAL}${MASTER}
  local now, field, expected, newField, newSealed = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
  local current = alive(now) and redis.call('HGET', KEYS[1], field)
  if not current then return {'missing'} end
  local renamed = newField ~= field
  if renamed and redis.call('HEXISTS', KEYS[1], newField) == 1 then return {'taken'} end
  local place, sealed = string.match(current, '^(%d+:%d+:)(.*)$')
  if sealed ~= expected then return {'changed'} end
  redis.call('HSET', KEYS[1], newField, place .. newSealed)
  if renamed then
    redis.call('HDEL', KEYS[1], field)
    signal(field)
  end
  local first = count_master_changes(field, newField, sealed)
  signal(newField)
  return {'replaced', '', first}
`;

/** Removes a key. now, field, expected → the outcome. */
const REMOVE = `${ALIVE}${SIGNAL}${MASTER}
  local now, field, expected = ARGV[1], ARGV[2], ARGV[3]
  if not alive(now) then return 'no-cluster' end
  local current = redis.call('HGET', KEYS[1], field)
  if not current then return 'missing' end
  local sealed = string.match(current, '^%d+:%d+:(.*)$')
  if sealed ~= expected then return 'changed' end
  redis.call('HDEL', KEYS[1], field)
  count_master_changes(field, nil, sealed)
  signal(field)
  return 'removed'
`;

/** Adds a member. now, handle, state, sealed, maximum of members → the outcome, and its value or that of an existing member. */
const ADD_MEMBER = `${ALIVE}${SIGNAL}${MEMBERS}
  local now, handle, state, sealed, most = ARGV[1], ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])
  if not alive(now) then return {'no-cluster'} end
  local existing = redis.call('HGET', KEYS[2], handle)
  if existing then return {'exists', existing} end
  local number = redis.call('HLEN', KEYS[2])
  if number >= most then return {'full'} end
  local lifetime = redis.call('HMGET', KEYS[1], 'next', 'expires')
  local value = table.concat({lifetime[1], now, now, state, sealed}, ':')
  redis.call('HSET', KEYS[2], handle, value)
  if number == 0 then redis.call('PEXPIREAT', KEYS[2], lifetime[2]) end
  redis.call('HINCRBY', KEYS[1], 'next', 1)
  count_member(now, nil, state)
  signal('members')
  return {'added', value}
`;

/** Replaces a member. now, handle, expected, state, sealed → the outcome and the new value. */
const REPLACE_MEMBER = `${ALIVE}${SIGNAL}${MEMBERS}
  local now, handle, expected, state, sealed = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
  local current = alive(now) and redis.call('HGET', KEYS[2], handle)
  if not current then return {'missing'} end
  local place, before, before_sealed = string.match(current, '^(%d+:%d+:)%d+:(%a+):(.*)$')
  if before_sealed ~= expected then return {'changed'} end
  local value = place .. now .. ':' .. state .. ':' .. sealed
  redis.call('HSET', KEYS[2], handle, value)
  count_member(now, before, state)
  signal('members')
  return {'replaced', value}
`;

/** Removes a member. now, handle → the outcome. */
const REMOVE_MEMBER = `${ALIVE}${SIGNAL}${MEMBERS}
  local now, handle = ARGV[1], ARGV[2]
  if not alive(now) then return 'no-cluster' end
  local current = redis.call('HGET', KEYS[2], handle)
  if not current then return 'missing' end
  redis.call('HDEL', KEYS[2], handle)
  count_member(now, string.match(current, '^%d+:%d+:%d+:(%a+):'), nil)
  signal('members')
  return 'removed'
`;

/** Counts a second master. now → its number, or 0 if there is no cluster. */
const COUNT_SECOND_MASTER = `${ALIVE}${SIGNAL}
  local now = ARGV[1]
  if not alive(now) then return 0 end
  local number = redis.call('HINCRBY', KEYS[1], 'second_masters', 1)
  signal('second-master')
  return number
`;

/** Counts fetches of the masters' addresses. now, the count of each → nothing */
const COUNT_FETCHES = `${ALIVE}${SIGNAL}
  local now = ARGV[1]
  for n, hash in ipairs(KEYS) do
    if alive(now, hash) then
      redis.call('HINCRBY', hash, 'fetches', ARGV[1 + n])
      if redis.call('HGET', hash, 'fetched') == '0' then redis.call('HSET', hash, 'fetched', now) end
      signal('fetches', hash)
    end
  end
`;

/** Marks that workers asked for a master that was not there, unless that is marked already. now → nothing */
const MARK_ASKED = `${ALIVE}
  local now = ARGV[1]
  for _, hash in ipairs(KEYS) do
    if alive(now, hash) and redis.call('HGET', hash, 'asked') == '0' then
      redis.call('HSET', hash, 'asked', now)
    end
  end
`;

/** The scripts as commands of the client. It sends the hash of a script, and the text only if Redis does not know it. */
export const scripts = {
  createCluster: script(CREATE, Number),
  endCluster: script(END, endedFields),
  addKey: script(ADD, addOutcome),
  replaceKey: script(REPLACE, replaceOutcome),
  removeKey: script(REMOVE, (reply) => reply as RemoveOutcome),
  addMember: script(ADD_MEMBER, (reply) => {
    const [outcome, value] = reply as [AddMemberOutcome['outcome'], string];
    return { outcome, value };
  }),
  replaceMember: script(REPLACE_MEMBER, (reply) => {
    const [outcome, value] = reply as [ReplaceMemberOutcome['outcome'], string];
    return { outcome, value };
  }),
  removeMember: script(REMOVE_MEMBER, (reply) => reply as RemoveMemberOutcome),
  countSecondMaster: script(COUNT_SECOND_MASTER, Number),
  countFetches: script(COUNT_FETCHES, () => undefined),
  markAsked: script(MARK_ASKED, () => undefined),
};

function script<Reply>(lua: string, transformReply: (reply: unknown) => Reply) {
  return defineScript({
    SCRIPT: lua,
    parseCommand(parser: CommandParser, keys: string | string[], ...args: (string | number)[]) {
      parser.pushKeysLength(keys);
      parser.push(...args.map(String));
    },
    transformReply,
  });
}

function addOutcome(reply: unknown): AddOutcome {
  const [outcome, value, firstMaster] = reply as [AddOutcome['outcome'], string, string?];
  if (outcome === 'exists') return { outcome, sealed: sealedIn(value), firstMaster };
  return outcome === 'added' ? { outcome, firstMaster } : { outcome };
}

function replaceOutcome(reply: unknown): ReplaceOutcome {
  const [outcome, , firstMaster] = reply as [ReplaceOutcome['outcome'], string, string?];
  return outcome === 'replaced' ? { outcome, firstMaster } : { outcome };
}

function endedFields(reply: unknown): Fields | undefined {
  const entries = reply as string[];
  if (entries.length === 0) return undefined;
  return Object.fromEntries(
    entries.flatMap((field, n) => (n % 2 ? [] : [[field, entries[n + 1]!]])),
  );
}
