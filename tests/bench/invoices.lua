-- Load for wrk: lnd's own AddInvoice, to compare charges with. MACAROON is the node's, in hex.
function request()
  return wrk.format("POST", "/v1/invoices", { ["Grpc-Metadata-macaroon"] = os.getenv("MACAROON") },
    '{"value_msat":"21000","memo":"one API request","expiry":"600"}')
end

function done(summary, latency)
  local e = summary.errors
  io.write(string.format('WRK {"requests":%d,"duration_us":%d,"refused":%d,"broken":%d,"p50_us":%d,"p99_us":%d}\n',
    summary.requests, summary.duration, e.status, e.connect + e.read + e.write + e.timeout, latency:percentile(50), latency:percentile(99)))
end
