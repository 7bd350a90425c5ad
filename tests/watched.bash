# What the tests of dl-push-watch and dl-push have in common: a repository whose hooks are ../hooks, and what becomes of
# its pushes. Loaded after push.
# shellcheck disable=SC2034,SC2120,SC2154 # tests use what is set and given here

setup() {
  hermetic
  export GITHUB_TOKEN=a-token DL_RETRIES=0
  EVENTS=$XDG_STATE_HOME/devloop/events.jsonl
  TOLD=$BATS_TEST_TMPDIR/told
  git init -q --bare -b main origin.git
  git init -q -b main w
  cd w || return
  git commit -q --allow-empty -m one
  git remote add origin ../origin.git
  git push -q origin main || return
  BASE=$(git rev-parse HEAD)
  git commit -q --allow-empty -m two
  mkdir ../hooks
  ln -s "$ROOT/hooks/pre-push" ../hooks/
  hook post-push "printf '%s\n' \"\$*\" \"\$(cat)\" \"in \$PWD\" >>'$TOLD'"
  git config core.hooksPath "$PWD/../hooks"
  git config --global devloop.prepush off # the gate has tests of its own
}

teardown() {
  local pid
  for pid in $(watchers); do kill "$pid" 2>/dev/null || :; done
  [ ! -e "$BATS_TEST_TMPDIR/pids" ] || xargs kill <"$BATS_TEST_TMPDIR/pids" 2>/dev/null || :
  end_test
}

# hook NAME LINE...: a script in the folder of hooks.
hook() {
  rm -f "../hooks/$1" # which may be a link
  printf '%s\n' '#!/bin/sh' "${@:2}" >"../hooks/$1"
  chmod +x "../hooks/$1"
}

# server NAME LINE...: the same for the hooks of the repository that is pushed to.
server() {
  printf '%s\n' '#!/bin/sh' "${@:2}" >"../origin.git/hooks/$1"
  chmod +x "../origin.git/hooks/$1"
}

# busy_server HOOK [LINE...]: the server's HOOK, once it has come so far, waits until the server may go on.
busy_server() {
  mkfifo ../go
  server "$1" "touch '$BATS_TEST_TMPDIR/receiving'" "cat '$BATS_TEST_TMPDIR/go'" "${@:2}"
  git config remote.origin.receivepack 'setsid -w git-receive-pack'
}

go_on() {
  : >../go
}

# local_workflow LINE: a commit with a workflow of the local CI, a script of that line.
local_workflow() {
  mkdir -p .devloop/ci
  printf '%s\n' '#!/bin/sh' "$1" >.devloop/ci/build
  chmod +x .devloop/ci/build
  git add .devloop
  git commit -qm workflow
}

# use_ci: who is asked about the repository, wherever it is pushed to.
use_ci() {
  mkdir .devloop
  echo '{"global": {"providers": {"ci": {"provider": "github", "config": {"repo_url": "https://github.com/o/r"}}}}}' \
    >.devloop/agents.json
  git add .devloop
  git commit -qm CI
}

# watchers: the process ids of those of this test.
watchers() {
  local files
  files=$(grep -lzxF dl-push-watch /proc/[0-9]*/cmdline 2>/dev/null) || :
  # shellcheck disable=SC2086 # words
  [ -z "$files" ] || grep -lzF "$BATS_TEST_TMPDIR" $files 2>/dev/null | tr -dc '0-9\n' || :
}

# details [OPERATION]: what the watchers, and dl-push, have to tell, a line for each event.
details() {
  jq -r --arg operation "${1:-push}" 'select(.operation == $operation) | .detail' "$EVENTS" 2>/dev/null
}

some_left() {
  [ -n "$(watchers)" ]
}

none_left() {
  ! some_left
}

gone() {
  [ ! -e "$1" ]
}

# only_watcher PID: that one is left.
only_watcher() {
  [ "$(watchers)" = "$1" ]
}

# none_pushes: git push is over in this repository.
none_pushes() {
  local pid
  for pid in $(pgrep -x git); do [ "$(readlink "/proc/$pid/cwd")" != "$PWD" ] || return 1; done
}

over() {
  none_left && ! find .git/devloop/push -type f 2>/dev/null | grep -q .
}

# watched PATTERN...: when all watchers are over, each of their events, in any order, is as one PATTERN says.
watched() {
  local pattern
  eventually over
  [ "$(details | wc -l)" = $# ] || complain "$# events are due: $(details)"
  for pattern in "$@"; do
    grep -qE -- "$pattern" <<<"$(details)" || complain "no event: $pattern: $(details)"
  done
}

# unwatched: nothing was started, and nothing was left.
unwatched() {
  [ -z "$(watchers)" ] && [ -z "$(details)" ] && [ ! -e .git/devloop/push ] || complain "it is watched: $(details)"
}

MOVED='pushed \(its tracking ref has moved\)'
# Where the system does not tell how git has ended, the server is asked.
ENDED='pushed \((git ended with exit code 0|the server has it)\)'

# at REF [REPOSITORY]: what the server has.
at() {
  git -C "${2:-../origin.git}" rev-parse -q --verify "$1"
}
