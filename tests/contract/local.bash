# The local provider, for tests/contract.bats.
# shellcheck shell=bash disable=SC2034 # what is set here is read there
as_local() {
  cp -r "$BATS_FILE_TMPDIR/local/." .
  SHA=$(cat sha)
  HERE='-p local' EMPTY='-p local -C ../none' REFS='local:/run/2 local:/run/1' FAILED=local:/run/1
  LOG='it broke' UNKNOWN=local:/run/9 LACKS=
  cd w || return
}

# make_local: in this folder, what as_local copies: two commits with a run each, of which the first failed.
make_local() {
  git init -q -b main none
  git -C none commit -q --allow-empty -m first
  git init -q -b main w
  cd w || return
  mkdir -p .devloop/ci
  printf '#!/bin/sh\ntest ! -e bad || { echo it broke; exit 1; }\n' >.devloop/ci/build
  chmod +x .devloop/ci/build
  touch bad
  git add . && git commit -q -m bad
  git rev-parse HEAD >../sha
  dl-logs -f "$(dl-trigger -p local -F ref build)"
  git rm -q bad && git commit -q -m good
  dl-logs -f "$(dl-trigger -p local -F ref build)"
}
