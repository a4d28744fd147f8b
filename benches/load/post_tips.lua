-- wrk: posts tips of 1 KB with two indicators, each different; HOT=1 puts one viral number in all. PAUSE_MS as
-- in requests.lua.
local token = os.getenv("TOKEN")
local hot = os.getenv("HOT") == "1"
local narrative = string.rep("Có người gọi tự xưng công an, bắt tôi chuyển tiền. ", 12)
local pause = tonumber(os.getenv("PAUSE_MS") or "0")
if pause > 0 then function delay() return pause end end
local thread_id = 0
function setup(thread) thread_id = thread_id + 1; thread:set("seed", thread_id) end
function init() math.randomseed(os.time() * 7919 + seed) end
function request()
  local phone = hot and "0912345678" or string.format("09%08d", math.random(0, 99999999))
  local body = string.format(
    '{"narrative": "%s %d", "method": "impersonate_police_court", "channel": "call", "indicators": [' ..
    '{"kind": "phone", "value": "%s", "role": "contacted_me"},' ..
    '{"kind": "bank_account", "value": "%010d", "bank": "VCB", "role": "received_money"}],' ..
    '"losses": [{"amount_vnd": 48000000, "to_indicator": 1}]}',
    narrative, math.random(0, 1000000000), phone, math.random(0, 999999999))
  return wrk.format("POST", "/v1/tips",
    {["Content-Type"] = "application/json", ["Authorization"] = "Bearer " .. token}, body)
end
function done(summary, latency)
  local errors = summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout
  io.write(string.format("RESULT %.1f %.3f %.3f %d\n", summary.requests / (summary.duration / 1e6),
    latency:percentile(50) / 1000, latency:percentile(99) / 1000, errors))
end
