#!/usr/bin/env bash
# The scan of action.yml, whose inputs stand in the environment, so that none becomes code. Leaves reports in a folder of its own.
set -eo pipefail

work="$RUNNER_TEMP/weighbridge"
reports="$(mktemp -d "$work/scan-XXXXXX")"
paths=()
while IFS= read -r line; do [ -z "$line" ] || paths+=("$line"); done <<< "$PATHS"

weighbridge() { node "$work/package/dist/weighbridge.cjs" "$@"; }

fail() {
  echo "::error::$1"
  exit 2
}

# What is printed of a model could look like a command to the runner (a folder "::add-mask::"): in between, it obeys none.
resume="$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')"
obey_nothing() { echo "::stop-commands::$resume"; }
obey_again() { echo "::$resume::"; }

scan_base() {
  git cat-file -e "$BASE^{commit}" 2> /dev/null || git fetch --quiet --no-tags --depth=1 origin "$BASE" || return 0
  git worktree add --quiet --detach "$reports/base" "$BASE" || return 0
  (
    cd "$reports/base"
    options=(--quiet --fail-on never)
    # What the pull request adds is not there yet.
    [ ! -f "$CONFIG" ] || options+=(--config "$CONFIG")
    [ ! -f "$BASELINE" ] || options+=(--baseline "$BASELINE")
    weighbridge scan "${options[@]}" --report "json=$reports/base.json" -- "${paths[@]}"
  ) || true
  git worktree remove --force "$reports/base" || true
}

if [ -n "$BASE" ]; then
  [[ "$BASE" =~ ^[0-9a-f]{40,64}$ ]] || fail 'base must be the full id of a commit'
  obey_nothing
  scan_base
  obey_again
  [ -f "$reports/base.json" ] || echo '::warning::The base could not be scanned, so that nothing is compared; see the log above'
fi

common=()
[ -z "$CONFIG" ] || common+=(--config "$CONFIG")
[ -z "$FAIL_ON" ] || common+=(--fail-on "$FAIL_ON")
options=()
[ -z "$BASELINE" ] || options+=(--baseline "$BASELINE")
mkdir -p -- "$(dirname -- "$SARIF")"
code=0
obey_nothing
weighbridge scan "${common[@]}" "${options[@]}" --report "json=$reports/head.json" --report "sarif=$SARIF" -- "${paths[@]}" || code=$?
obey_again
[ -f "$reports/head.json" ] || fail 'nothing could be scanned; see the log above'
echo "report=$reports/head.json" >> "$GITHUB_OUTPUT"

if [ -f "$reports/base.json" ]; then
  added=0
  obey_nothing
  weighbridge diff "$reports/base.json" "$reports/head.json" "${common[@]}" || added=$?
  weighbridge diff "$reports/base.json" "$reports/head.json" "${common[@]}" --format markdown --category "$CATEGORY" \
    --output "$reports/comment.md" || true
  obey_again
  [ -f "$reports/comment.md" ] || fail 'what is new could not be written; see the log above'
  cat "$reports/comment.md" >> "$GITHUB_STEP_SUMMARY"
  echo "base-report=$reports/base.json" >> "$GITHUB_OUTPUT"
  echo "comment=$reports/comment.md" >> "$GITHUB_OUTPUT"
  [ "$ONLY_NEW" != true ] || code=$added
fi
echo "exit-code=$code" >> "$GITHUB_OUTPUT"

# The token of a pull request from a fork can only read.
if [ "$GITHUB_EVENT_NAME" = pull_request ] && [ "$HEAD_REPOSITORY" != "$GITHUB_REPOSITORY" ]; then
  echo '::notice::A pull request from a fork: nothing is uploaded, and a second workflow has to comment (docs/ci)'
  echo 'may-write=false' >> "$GITHUB_OUTPUT"
else
  echo 'may-write=true' >> "$GITHUB_OUTPUT"
fi
