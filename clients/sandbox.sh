# For tests of clients, in bash: `start_sandbox` starts `lntpay serve --sandbox` on a free port, exports LNTPAY_BASE_URL and LNTPAY_API_KEY,
# and stops it when the script ends.

start_sandbox() {
  local folder port began=$SECONDS
  folder=$(mktemp -d)
  port=$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })')
  build/lntpay serve --sandbox --data "$folder" --listen "127.0.0.1:$port" --log-level warn >/dev/null &
  # shellcheck disable=SC2064
  trap "kill $! 2>/dev/null; wait $! 2>/dev/null; rm -rf '$folder'" EXIT
  until curl -sf "http://127.0.0.1:$port/readyz" >/dev/null; do
    [ $((SECONDS - began)) -lt 60 ] || { echo 'lntpay serve is not ready after 60 s' >&2; exit 1; }
    sleep 0.1
  done
  set -a
  # shellcheck disable=SC1091
  . "$folder/sandbox.env"
  set +a
}
