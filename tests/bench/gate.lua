-- Load for wrk: a proxy's request to a gate. TARGET is the path; AUTHORIZATION, if set, the client's credential.
dofile(debug.getinfo(1, "S").source:match("^@(.*/)") .. "report.lua")
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
