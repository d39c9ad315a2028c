-- Load for wrk: creates charges. KEY is the API key; IDEMPOTENT=1 sends a new Idempotency-Key with each.
dofile(debug.getinfo(1, "S").source:match("^@(.*/)") .. "report.lua")
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
