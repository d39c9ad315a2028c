#!/usr/bin/env bash
# Builds the wheel of the Python client: clients/python/build.sh [OPENAPI_JSON]. The sources, with what is generated from the document, are
# then in build/python-client, the wheel in build/packages.
set -euo pipefail
cd "$(dirname "$0")/../.."

document=$(realpath "${1:-build/resources/openapi.json}")
made=build/python-client
export PYTHONPATH=$PWD/build/python-clients/packages PYTHONDONTWRITEBYTECODE=1

rm -rf $made build/packages/lntpay-*.whl
mkdir -p $made build/packages
cp -r clients/python/{src,pyproject.toml,README.md} LICENSE $made/
version=$(sed -n 's/^project(lntpay VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)
printf '"""The version of LNTPay that this client belongs to."""\n\n__version__ = "%s"\n' "$version" >$made/src/lntpay/_version.py
python3 clients/python/generate.py "$document" $made/src/lntpay
(cd $made && python3 -m hatchling build -t wheel -d ../packages >/dev/null)
echo "build/packages/lntpay-$version-py3-none-any.whl"
