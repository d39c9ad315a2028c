-- Load for wrk: what a proxy asks a gate. TARGET is the path; AUTHORIZATION, if any, the client's credential.
local headers = { ["X-Original-Method"] = "GET", ["X-Original-URI"] = "/reports/7" }
headers["Authorization"] = os.getenv("AUTHORIZATION")
local target = os.getenv("TARGET")
local fixed

function init()
  fixed = wrk.format("GET", target, headers)
end

function request()
  return fixed
end

function done(summary, latency)
  local e = summary.errors
  io.write(string.format('WRK {"requests":%d,"duration_us":%d,"refused":%d,"broken":%d,"p50_us":%d,"p99_us":%d}\n',
    summary.requests, summary.duration, e.status, e.connect + e.read + e.write + e.timeout, latency:percentile(50), latency:percentile(99)))
end
