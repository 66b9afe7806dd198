#!/bin/sh
# From registration to a plot, as docs/quickstart.md tells it; needs a running demo (make run), curl and Python 3.11.
# Everything is written into the folder ./quickstart, or the one that is given.
set -eu

export PGSB_URL="${PGSB_URL:-http://127.0.0.1:8000}"
export SDK="$(cd "$(dirname "$0")/../sdk" && pwd)"
began=$(date +%s)

if ! curl -sS -o /dev/null "$PGSB_URL/health/ready"; then
  echo "Nothing answers at $PGSB_URL: start the demo with 'make run', or set PGSB_URL." >&2
  exit 1
fi
umask 077
mkdir -p "${1:-quickstart}"
cd "${1:-quickstart}"

echo "[1/4] Registering, for a key"
curl -sS --fail-with-body --retry 3 $PGSB_URL/api/v1/register -H 'Content-Type: application/json' \
  -d '{"name": "My startup", "email": "me@example.org", "purpose": "A travel app"}' > registration.json
export PGSB_API_KEY=$(python3 -c 'import json; print(json.load(open("registration.json"))["key"]["secret"])')
echo "The key begins with $(echo $PGSB_API_KEY | cut -c1-8) and works already. registration.json keeps it, and your owner token."

echo "[2/4] Asking with curl: what is the airport OIII, and in which country?"
curl -sS --fail-with-body $PGSB_URL/graphql -H "Authorization: Bearer $PGSB_API_KEY" -H 'Content-Type: application/json' \
  -d '{"query": "{ aviation { airport(by: {icao: \"OIII\"}) { name city country { nameFa } } } }"}' > answer.json
python3 -c 'import json; print(json.dumps(json.load(open("answer.json"))["data"], ensure_ascii=False))'
python3 -c 'import json; print("For", json.load(open("answer.json"))["extensions"]["cost"]["actual"], "points.")'

echo "[3/4] Installing the SDK, pandas and matplotlib into a virtual environment; a minute or two"
python3 -m venv environment
environment/bin/pip install --quiet --disable-pip-version-check "publicgsb-sdk[pandas] @ file://$SDK" "matplotlib>=3.11"

echo "[4/4] A DataFrame and a plot"
environment/bin/python "$SDK/../examples/quickstart.py"

echo "Done in $(($(date +%s) - began)) seconds; all of it is in $PWD."
