#!/usr/bin/env bash
# Unpacks the npm package that $PACKAGE names into $RUNNER_TEMP/weighbridge. Its programs are bundled: no other package is fetched, and
# nothing of a package is run while it is installed.
set -euo pipefail

if ! node -e 'process.exit(Number(process.versions.node.split(".")[0]) < 20 ? 1 : 0)'; then
  echo "::error::Weighbridge needs Node 20 or later: add actions/setup-node before it"
  exit 2
fi
mkdir -p "$RUNNER_TEMP/weighbridge/packed"
# Not in the workspace, where an .npmrc of a pull request could name another registry.
cd "$RUNNER_TEMP/weighbridge"
rm -rf package packed/*
npm pack --ignore-scripts --silent --pack-destination packed -- "$PACKAGE" > /dev/null
tar -xzf packed/*.tgz
