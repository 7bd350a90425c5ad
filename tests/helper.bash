# Loaded by every test file: `load helper`. The programs meet nothing of the machine they are tested on:
# no home, no configuration, no credential, no proxy, and no network but the test server.
#
#   @test "a run is one line" {
#     serve github/runs                             # answers from tests/cassette/github/runs.http
#     try dl-runs -p github -R PyGithub/PyGithub -n 1
#     assert_status 0
#     assert_json '.[0].conclusion == "success"'    # jq, over the array of all lines
#     [ "$(requests)" = 1 ]
#     refute requested authorization:
#   }
#
# A test fails when the server was asked something that no cassette answers, unless it says allow_unmatched.

bats_require_minimum_version 1.5.0

ROOT=$(cd "${BASH_SOURCE[0]%/*}/.." && pwd)
DL_BIN=${DL_BIN:-$ROOT/build/release/bin}
SERVE=${SERVE:-${DL_BIN%/bin}/tests/serve}

# hermetic: the environment of a test. A file with a setup() of its own calls this first.
hermetic() {
  local name
  for name in $(compgen -e); do
    case $name in
    DL_BIN) ;;
    DL_* | CI | CI_* | GITHUB_* | GH_* | GITLAB_* | GLAB_* | JENKINS_* | CIRCLE* | GITEA_* | FORGEJO_* | \
      PYPI_* | TWINE_* | PIP_* | ARTIFACTORY_* | NPM_* | npm_* | NODE_* | OCI_* | DOCKER_* | REGISTRY_* | \
      GIT_* | SSH_* | XDG_* | CURL_* | SSL_CERT_* | *_proxy | *_PROXY | NO_COLOR | CLICOLOR* | COLUMNS | PAGER)
      unset "$name"
      ;;
    esac
  done
  export HOME=$BATS_TEST_TMPDIR/home XDG_RUNTIME_DIR=$BATS_TEST_TMPDIR/run
  export XDG_CONFIG_HOME=$HOME/.config XDG_CACHE_HOME=$HOME/.cache
  export XDG_DATA_HOME=$HOME/.local/share XDG_STATE_HOME=$HOME/.local/state
  mkdir -p "$HOME" "$XDG_RUNTIME_DIR"
  export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=$HOME/.gitconfig GIT_TERMINAL_PROMPT=0
  export GIT_AUTHOR_NAME=Ada GIT_AUTHOR_EMAIL=ada@example.com GIT_AUTHOR_DATE='2026-01-14T10:30:00Z'
  export GIT_COMMITTER_NAME=Ada GIT_COMMITTER_EMAIL=ada@example.com GIT_COMMITTER_DATE='2026-01-14T10:30:00Z'
  export TZ=UTC LC_ALL=C.UTF-8 TERM=dumb PATH=$DL_BIN:$PATH
  REQUESTS=$BATS_TEST_TMPDIR/requests
  cd "$BATS_TEST_TMPDIR" || return
}

setup() {
  hermetic
}

teardown() {
  end_test
}

# end_test: stops the servers, and waits for every process that the test has started, since its folder cannot be removed
# while, say, a run of the local CI goes on in it. Fails when one does not end by itself.
end_test() {
  local left tries=100
  stop_servers || return
  while left=$(left_processes) && [ "$left" ] && [ $((tries -= 1)) -gt 0 ]; do sleep 0.1; done
  # shellcheck disable=SC2086 # a list of process ids
  [ -z "$left" ] || { ps -f -p $left && false; }
}

# left_processes: the ids of the processes that have the environment of this test, without its own shell. None where
# there is no /proc.
left_processes() (
  mark=BATS_TEST_TMPDIR=$BATS_TEST_TMPDIR
  unset BATS_TEST_TMPDIR
  grep -slzFx "$mark" /proc/[0-9]*/environ | cut -d / -f 3
)

# ---- the server ----

# serve [-d LATENCY_MS] [-p PORT] CASSETTE...: starts tests/serve.c; a CASSETTE is PROVIDER/NAME below
# tests/cassette, or an absolute path. Exports URL, URL2 (the same server as another origin), GITHUB_API_URL.
# The bodies of the requests are kept in the folder BODIES, as 1, 2, ...
# Called again, it starts another server; all write one log.
serve() {
  local arg cassettes=() options=() fifo=$BATS_TEST_TMPDIR/serve.url
  for arg in "$@"; do
    case $arg in
    -[dp] | [0-9]*) options+=("$arg") ;;
    /*) cassettes+=("$arg") ;;
    *) cassettes+=("$ROOT/tests/cassette/$arg.http") ;;
    esac
  done
  [ -p "$fifo" ] || mkfifo "$fifo"
  BODIES=$(mktemp -d "$BATS_TEST_TMPDIR/bodies.XXXXXX")
  "$SERVE" "${options[@]}" -b "$BODIES" -l "$REQUESTS" "${cassettes[@]}" >"$fifo" 3>&- &
  SERVERS+=" $!"
  read -r URL <"$fifo" || return
  export URL URL2=${URL/127.0.0.1/localhost} GITHUB_API_URL=$URL
}

# allow_unmatched: the test expects a request that no cassette answers.
allow_unmatched() {
  UNMATCHED=allowed
}

# stop_servers: fails when a server is gone already, or was asked something that no cassette answers.
stop_servers() {
  # shellcheck disable=SC2086 # a list of process ids
  [ -z "$SERVERS" ] || kill $SERVERS
  SERVERS=
  [ "$UNMATCHED" = allowed ] || ! grep -- ' -> 599' "$REQUESTS" 2>/dev/null
}

# requests [PATTERN]: prints how many requests (that match) the servers have seen.
requests() {
  grep -acE -- "${1:-}" "$REQUESTS" 2>/dev/null || [ -e "$REQUESTS" ] || echo 0
}

# requested PATTERN...: one request matches every PATTERN (extended regular expression). A request is a line:
# METHOD TARGET -> STATUS <tab> name: value <tab> name: value ... <tab> body: BODY
requested() {
  local pattern lines
  lines=$(cat "$REQUESTS" 2>/dev/null)
  for pattern in "$@"; do
    lines=$(grep -aE -- "$pattern" <<<"$lines") || return 1
  done
}

# hub_list NAME BASE OBJECT...: the answer of GitHub, and of what was made after it, that lists the OBJECTs, each put
# upon BASE.
hub_list() {
  local name=$1 base=$2
  shift 2
  [ $# -eq 0 ] || set -- "$(printf "($base) * {%s}," "$@")"
  jq -nc "[${1%,}] | {total_count: length, $name: .}"
}

# ---- git ----

# make_repo DIR [URL]: a repository on branch main with one commit, whose origin is URL.
make_repo() {
  git init -q -b main "$1"
  echo hello >"$1/README"
  git -C "$1" add README
  git -C "$1" commit -q -m 'first commit'
  git -C "$1" remote add origin "${2:-https://github.com/PyGithub/PyGithub.git}"
}

# track DIR BRANCH SHA: origin's BRANCH was last seen at SHA, which a cassette names and DIR need not have.
track() {
  mkdir -p "$1/.git/refs/remotes/origin"
  echo "$3" >"$1/.git/refs/remotes/origin/$2"
}

# ---- running and asserting ----

# try COMMAND...: runs it; sets $status, $output and ${lines[@]} (stdout), $stderr.
try() {
  run --separate-stderr "$@"
}

# complain TEXT: fails, and shows what the last `try` gave.
complain() {
  printf '%s\n' "$1" "status: ${status:-}" 'stdout:' "${output:-}" 'stderr:' "${stderr:-}" >&2
  return 1
}

assert_status() {
  [ "$status" -eq "$1" ] || complain "expected status $1"
}

# assert_output TEXT: stdout is TEXT.
assert_output() {
  [ "$output" = "$1" ] || complain "expected stdout: $1"
}

# assert_line TEXT: TEXT is a whole line of stdout.
assert_line() {
  grep -qxF -- "$1" <<<"$output" || complain "expected line: $1"
}

# assert_stderr PATTERN: a line of stderr matches the extended regular expression.
assert_stderr() {
  grep -qE -- "$1" <<<"${stderr:-}" || complain "expected on stderr: $1"
}

# assert_json FILTER: the jq FILTER is true of the array of all lines of stdout.
assert_json() {
  jq -es "$1" <<<"$output" >/dev/null || complain "not true of the lines: $1"
}

# field LINE NAME: prints member NAME of stdout's line LINE (from 0); NAME may be a path, as metadata.app.
field() {
  jq -r ".$2" <<<"${lines[$1]}"
}

# eventually COMMAND...: COMMAND succeeds within twenty seconds.
eventually() {
  local _
  for _ in {1..400}; do
    if "$@"; then return; fi
    sleep 0.05
  done
  complain "never: $*"
}

# refute COMMAND...: fails when COMMAND succeeds. (A bare `! command` does not fail a test.)
refute() {
  ! "$@" || complain "expected to fail: $*"
}

# unprivileged COMMAND...: runs it as somebody to whom the rights of files matter, which root is not.
unprivileged() {
  if [ "$(id -u)" = 0 ]; then
    setpriv --bounding-set=-dac_override,-dac_read_search "$@"
  else
    "$@"
  fi
}

# good_zip: writes good.zip, which has bin/tool and x-1.whl in 235 bytes, and its end from byte 100 on.
good_zip() {
  base64 -d >good.zip <<'END'
UEsDBBQAAAAAAMBTLlzb+zNyFAAAABQAAAAIAAAAYmluL3Rvb2wjIS9iaW4vc2gKZWNobyB0b29s
ClBLAwQUAAAACADAUy5ciBOzxwsAAAB4AAAABwAAAHgtMS53aGwrz0hNzeEqpzsJAFBLAQIUAxQA
AAAAAMBTLlzb+zNyFAAAABQAAAAIAAAAAAAAAAAAAADtiQAAAABiaW4vdG9vbFBLAQIUAxQAAAAI
AMBTLlyIE7PHCwAAAHgAAAAHAAAAAAAAAAAAAACkgToAAAB4LTEud2hsUEsFBgAAAAACAAIAawAA
AGoAAAAAAA==
END
  tail -c +101 good.zip >good.zip.tail
}
