-- What wrk sends: the requests of a file, one after the other, each a path and perhaps the entity tag that its sender has.
-- The key is in the environment, where no list of processes shows it.

local requests = {}
local sent = 0

function init(arguments)
   for line in io.lines(arguments[1]) do
      local path, tag = line:match("^(%S+) ?(.*)$")
      local headers = { ["X-API-Key"] = os.getenv("DEVMETRICS_KEY") }
      if tag ~= "" then
         headers["If-None-Match"] = tag
      end
      requests[#requests + 1] = wrk.format("GET", path, headers)
   end
end

function request()
   sent = sent % #requests + 1
   return requests[sent]
end

-- Answers, seconds, the median and the 99th percentile in milliseconds, and failures: on one line, for a program.
function done(summary, latency)
   local errors = summary.errors
   local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
   io.write(string.format("done %d %f %f %f %d\n", summary.requests, summary.duration / 1e6,
      latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, failed))
end
