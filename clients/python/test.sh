#!/usr/bin/env bash
# Tests the Python client as a project gets it: the wheel, installed into an empty virtual environment, type-checked with its README, and
# used against a running sandbox. clients/python/test.sh [unittest arguments]
set -euo pipefail
cd "$(dirname "$0")/../.."

if ! [ -d build/python-clients/wheels ]; then
  printf 'skipped: the libraries of the Python client are not fetched: cmake/setup.sh test\n0 passed, 0 failed, 1 skipped\n'
  exit
fi
wheel=$(clients/python/build.sh)
environment=$(mktemp -d)
trap 'rm -rf "$environment"' EXIT
python3 -m venv "$environment"
"$environment/bin/python" -m pip --disable-pip-version-check install -q --no-index --find-links build/python-clients/wheels "$wheel[fastapi,django]" uvicorn

export PYTHONDONTWRITEBYTECODE=1 MYPY_CACHE_DIR=build/python-client/.mypy_cache
PYTHONPATH=build/python-clients/packages python3 -m mypy --strict --python-executable "$environment/bin/python" \
  build/python-client/src/lntpay clients/python/tests
"$environment/bin/python" clients/python/tests/run.py "$@"
