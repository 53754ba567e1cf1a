-- Has wrk ask for each of the given paths in turn: wrk -s bench/in-turn.lua URL -- path …
local requests, at = {}, 0

function init(paths)
  for n, path in ipairs(paths) do requests[n] = wrk.format(nil, path) end
end

function request()
  at = at % #requests + 1
  return requests[at]
end
