-- wrk: sends METHOD (GET) to paths drawn from the file PATHS, by bearers drawn from the file TOKENS, with BODY
-- where one is given. PAUSE_MS waits before each request, so that the rate is connections * 1000 / PAUSE_MS.
local function lines(name)
  local all = {}
  for line in io.lines(os.getenv(name)) do all[#all + 1] = line end
  return all
end
local method, body = os.getenv("METHOD") or "GET", os.getenv("BODY")
local pause = tonumber(os.getenv("PAUSE_MS") or "0")
local paths, tokens
function setup(thread) thread:set("seed", 1) end
function init()
  math.randomseed(os.time() * 7919 + seed)
  paths, tokens = lines("PATHS"), lines("TOKENS")
end
if pause > 0 then function delay() return pause end end
function request()
  local headers = {["Authorization"] = "Bearer " .. tokens[math.random(#tokens)]}
  if body then headers["Content-Type"] = "application/json" end
  return wrk.format(method, paths[math.random(#paths)], headers, body)
end
function done(summary, latency)
  local e = summary.errors
  io.write(string.format("RESULT %.1f %.3f %.3f %d\n", summary.requests / (summary.duration / 1e6),
    latency:percentile(50) / 1000, latency:percentile(99) / 1000, e.status + e.connect + e.read + e.timeout))
end
