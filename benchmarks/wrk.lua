-- Random questions from a file, one JSON body per line. The key comes by the environment: it belongs on no command line.
local requests = {}

function init(arguments)
  math.randomseed(tonumber(arguments[2]))
  local headers = { ["Content-Type"] = "application/json", ["Accept"] = "application/json" }
  local key = os.getenv("BENCH_KEY")
  if key then headers["Authorization"] = "Bearer " .. key end
  for line in io.lines(arguments[1]) do
    requests[#requests + 1] = wrk.format("POST", nil, headers, line)
  end
end

function request()
  return requests[math.random(#requests)]
end

function done(summary, latency, _)
  local errors = summary.errors
  io.write(string.format(
    '\n{"requests": %d, "microseconds": %d, "bytes": %d, "refused": %d, "broken": %d, "p50_us": %d, "p99_us": %d}\n',
    summary.requests, summary.duration, summary.bytes, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
