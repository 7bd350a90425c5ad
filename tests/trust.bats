# What a program that is given tokens must never do, beyond what tests/target.bats and tests/errors.bats show.
# shellcheck disable=SC2154 # `try` sets $stderr
load helper
load github

setup() {
  hermetic
  export GITHUB_TOKEN=s3cr3t DL_RETRIES=0 DL_TIMEOUT=5
}

teardown() {
  [ -z "${TLS:-}" ] || kill "$TLS"
  stop_servers
}

# tls HEAD...: a server at https://localhost that answers every question about o/r's runs with these header lines, of which the
# first is the status.
tls() {
  local tries=100 file
  openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=localhost \
    -addext subjectAltName=DNS:localhost 2>/dev/null
  mkdir -p www/repos/o/r/actions
  try dl-runs -R o/r -v # to see the question, which goes nowhere
  file=$(sed -nE 's/^dl-runs: GET [a-z]+:\/\/[^\/]+(\/[^ ]*): .*/\1/p' <<<"$stderr" | head -n 1)
  printf '%s\r\n' "$@" 'Content-Length: 0' 'Connection: close' '' >"www$file"
  (cd www && exec openssl s_server -HTTP -accept 0 -cert ../cert.pem -key ../key.pem 3>&- >../tls.log 2>&1 </dev/null) &
  TLS=$!
  until grep -q ACCEPT tls.log; do
    [ $((tries -= 1)) -gt 0 ] || return 1
    sleep 0.05
  done
  export GITHUB_API_URL=https://localhost:$(sed -nE 's/^ACCEPT .*:([0-9]+)$/\1/p' tls.log)
}

@test "from https to http: refused, unless it is this machine, which gets no credential then" {
  export GITHUB_API_URL=http://127.0.0.1:9
  tls 'HTTP/1.1 302 Found' 'Location: http://api.example.com/x'
  export CURL_CA_BUNDLE=$PWD/cert.pem
  try dl-runs -R o/r
  assert_status 9
  assert_output ''
  assert_stderr 'localhost:[0-9]+ redirects to http, which anybody can read'
  kill "$TLS"
  local api=$GITHUB_API_URL
  serve "$(answer 'GET /x' "$(gh_runs 'id: 1')" 200 'deny authorization' | cassette plain)"
  GITHUB_API_URL=http://127.0.0.1:9
  tls 'HTTP/1.1 302 Found' "Location: $URL/x"
  [ "$GITHUB_API_URL" != "$api" ]
  try dl-runs -R o/r -F id
  assert_status 0
  assert_output 1
  refute requested authorization:
}

@test "a certificate that nobody vouches for: exit 8, and which variable would" {
  export GITHUB_API_URL=http://127.0.0.1:9
  tls 'HTTP/1.1 200 OK'
  try dl-runs -R o/r
  assert_status 8
  assert_stderr 'its certificate is not trusted'
  assert_stderr 'hint: CURL_CA_BUNDLE=FILE'
}

@test "nothing of a repository is run unasked" {
  local name
  make_repo w https://github.com/o/r
  cd w
  mkdir -p .devloop/ci .devloop/providers .git/hooks bin
  for name in .devloop/ci/build .devloop/dl-provider-evil dl-provider-evil .devloop/providers/dl-provider-evil bin/dl-provider-evil \
    .git/hooks/post-checkout .git/hooks/reference-transaction gh git ssh; do
    printf '#!/bin/sh\ntouch "%s/ran"\n' "$BATS_TEST_TMPDIR" >"$name"
    chmod +x "$name"
  done
  git config core.fsmonitor "$PWD/.git/hooks/post-checkout"
  echo '* filter=evil diff=evil' >.gitattributes
  git config filter.evil.smudge "touch $BATS_TEST_TMPDIR/ran"
  echo '{"global":{"providers":{"ci":{"provider":["evil","github"]}}}}' >.devloop/agents.json
  PATH=:.:bin:$PATH try dl-runs # relative members of PATH do not count
  assert_status 11
  assert_stderr "there is no provider 'evil'"
  rm .devloop/agents.json
  serve github/runs-empty
  allow_unmatched
  for name in dl-runs dl-status dl-workflows dl-providers 'dl-status -c HEAD' 'dl-trigger -N build'; do
    # shellcheck disable=SC2086 # words
    PATH=:.:$PATH try $name
  done
  [ ! -e ../ran ]
}

@test "no token stands in the arguments or the environment of a program that is run" {
  local tools=$PWD/tools
  mkdir "$tools"
  for name in git gh ssh glab; do
    printf '#!/bin/sh\n{ echo "$0 $*"; env; } >>"%s/calls"\nexit 1\n' "$BATS_TEST_TMPDIR" >"$tools/$name"
    chmod +x "$tools/$name"
  done
  make_repo w alias:o/r
  serve github/runs-empty
  allow_unmatched
  PATH=$tools:$PATH try dl-runs -C w -p github
  PATH=$tools:$PATH try dl-runs -R https://git.example.com/o/r -p github
  grep -q 'git .*credential fill' calls
  refute grep "^/.*s3cr3t" calls
}
