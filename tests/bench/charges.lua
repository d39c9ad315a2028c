-- Load for wrk: creates charges. KEY is the API key; IDEMPOTENT=1 sends an Idempotency-Key of its own with each.
local key = os.getenv("KEY")
local idempotent = os.getenv("IDEMPOTENT") == "1"
local run = os.getenv("RUN") or "0"
local headers = { ["Authorization"] = "Bearer " .. key, ["Content-Type"] = "application/json" }
local body = '{"amount_sats":21,"description":"one API request"}'
local sent = 0
local fixed

function init()
  fixed = wrk.format("POST", "/v1/charges", headers, body)
end

function request()
  if not idempotent then return fixed end
  sent = sent + 1
  headers["Idempotency-Key"] = "bench-" .. run .. "-" .. sent
  return wrk.format("POST", "/v1/charges", headers, body)
end

function done(summary, latency)
  local e = summary.errors
  io.write(string.format('WRK {"requests":%d,"duration_us":%d,"refused":%d,"broken":%d,"p50_us":%d,"p99_us":%d}\n',
    summary.requests, summary.duration, e.status, e.connect + e.read + e.write + e.timeout, latency:percentile(50), latency:percentile(99)))
end
