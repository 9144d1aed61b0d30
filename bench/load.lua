-- Callers for wrk, each of which asks again as soon as it is answered, or so many milliseconds later as the fourth argument says. The
-- three files named before it hold the paths, the headers and the body; an empty body means GET.
local requests, at, pause_ms = {}, 0, 0

function init(args)
  pause_ms = tonumber(args[4])
  local headers, method = {}, "POST"
  for line in io.lines(args[2]) do
    local name, value = line:match("^([^:]+): (.*)$")
    headers[name] = value
  end
  local file = io.open(args[3], "rb")
  local body = file:read("*a")
  file:close()
  if body == "" then
    body, method = nil, "GET"
  end
  for path in io.lines(args[1]) do
    requests[#requests + 1] = wrk.format(method, path, headers, body)
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end

function delay()
  return pause_ms
end

function done(summary, latency, _)
  local e = summary.errors
  io.write(string.format('\n{"requests": %d, "seconds": %f, "refused": %d, "broken": %d, "p50_ms": %f, "p99_ms": %f}\n',
    summary.requests, summary.duration / 1e6, e.status, e.connect + e.read + e.write + e.timeout,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end
