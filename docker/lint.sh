#!/bin/sh
# Checks the compose files as YAML and against the published form of compose files. Needs no container engine.
set -eu
cd "$(dirname "$0")"
yamllint --strict -d '{extends: default, rules: {document-start: disable, line-length: {max: 120}}}' compose.*.yml
check-jsonschema --builtin-schema vendor.compose-spec compose.*.yml
