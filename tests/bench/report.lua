-- The report of a wrk script: one line of JSON.
function done(summary, latency)
  local e = summary.errors
  io.write(string.format('WRK {"requests":%d,"duration_us":%d,"refused":%d,"broken":%d,"p50_us":%d,"p99_us":%d}\n',
    summary.requests, summary.duration, e.status, e.connect + e.read + e.write + e.timeout, latency:percentile(50), latency:percentile(99)))
end
