-- Has wrk read one key from etcd's HTTP gateway: wrk -s bench/etcd-range.lua URL -- <key in Base64>
local body

function init(args)
  body = '{"key":"' .. args[1] .. '"}'
end

function request()
  return wrk.format('POST', '/v3/kv/range', { ['Content-Type'] = 'application/json' }, body)
end
