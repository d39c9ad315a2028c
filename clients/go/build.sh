#!/usr/bin/env bash
# Generates the Go client and compiles it with its example: clients/go/build.sh. The module, complete, is then build/go-client.
set -euo pipefail
cd "$(dirname "$0")/../.."

made=build/go-client
rm -rf $made
mkdir -p $made
cp -r clients/go/{go.mod,go.sum,README.md,client.go,client_test.go,example} LICENSE $made/
node clients/simplified.mjs build/resources/openapi-3.0.json >build/openapi-clients.json
build/oapi-codegen -config clients/go/oapi-codegen.yaml -o $made/lntpay.gen.go build/openapi-clients.json
version=$(sed -n 's/^project(lntpay VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)
printf 'package lntpay\n\n// Version of LNTPay that this client belongs to.\nconst Version = "%s"\n' "$version" >$made/version.go
cd $made
go build ./...
