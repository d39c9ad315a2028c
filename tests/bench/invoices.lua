-- Load for wrk: lnd's own AddInvoice, to compare charges with. MACAROON is the node's, in hex.
dofile(debug.getinfo(1, "S").source:match("^@(.*/)") .. "report.lua")
function request()
  return wrk.format("POST", "/v1/invoices", { ["Grpc-Metadata-macaroon"] = os.getenv("MACAROON") },
    '{"value_msat":"21000","memo":"one API request","expiry":"600"}')
end
