-- Load for wrk: GET of TARGET, with AUTHORIZATION if there is one.
dofile(debug.getinfo(1, "S").source:match("^@(.*/)") .. "report.lua")
local fixed

function init()
  fixed = wrk.format("GET", os.getenv("TARGET"), { ["Authorization"] = os.getenv("AUTHORIZATION") })
end

function request()
  return fixed
end
