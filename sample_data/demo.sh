#!/usr/bin/env bash
# The main job from end to end, against the sandbox inside the program: `make demo`.
# Shows each command line before it runs it. What it writes lies in demo-out/ and nowhere else.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

PATH=$(cd "${1:-.venv/bin}" && pwd):$PATH
out=$PWD/demo-out
rm -rf "$out"
mkdir -p "$out"

# A make-believe user: no configuration, token or journal of the real one is seen or touched.
while read -r name; do unset "$name"; done < <(compgen -e | grep -E '^(BULK_UPDATE|CALLBELL)_' || true)
export XDG_CONFIG_HOME=$out/user/config XDG_DATA_HOME=$out/user/data XDG_STATE_HOME=$out/user/state
export BULK_UPDATE_STATE_DIR=$out/user/state PYTHONUTF8=1

bold='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then bold=$'\033[1m' plain=$'\033[0m'; fi

say() { printf '\n%s# %s%s\n' "$bold" "$*" "$plain"; }

# run EXPECTED COMMAND…: 1 means that rows have problems, which some samples have on purpose.
run() {
  local expected=$1 code=0
  shift
  printf '%s$ %s%s\n' "$bold" "$*" "$plain"
  "$@" || code=$?
  if [ "$code" -ne "$expected" ]; then
    echo "demo: exit code $code, and $expected was expected" >&2
    exit 1
  fi
}

sample=sample_data

say "A sheet with one fault a row: every fault is found before anything is sent (exit code 1)"
run 1 bulk-update check "$sample/bad_cells.csv" --schema "$sample/account.schema.toml"

say "A clean sheet: checked with no network at all"
run 0 bulk-update check "$sample/clean.csv" --schema "$sample/account.schema.toml"

say "What would change: old -> new, contact by contact; nothing is sent"
run 0 bulk-update plan "$sample/clean.csv" --sandbox -o "$out/clean.plan" --out "$out/plan"

say "Send it, prove it from the answers, report it"
run 0 bulk-update apply "$sample/clean.csv" --sandbox --yes --out "$out/apply"

say "Again: the account is as the sheet says, so nothing is sent"
run 0 bulk-update apply "$sample/clean.csv" --sandbox --yes --out "$out/again"

say "An Italian export: semicolons, cp1252, day first, a comma for decimals"
run 0 bulk-update apply "$sample/clienti_it.csv" --sandbox --yes --out "$out/italian"

printf '\nThe reports:\n'
find "$out" -path "$out/user" -prune -o -type f -print | sort | sed "s|^$PWD/|  |"
