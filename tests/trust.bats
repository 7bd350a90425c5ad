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
  GITHUB_API_URL=https://localhost:$(sed -nE 's/^ACCEPT .*:([0-9]+)$/\1/p' tls.log)
  export GITHUB_API_URL
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

@test "a command that knows tokens for hosts is not lent those of the environment, unless the host is the user's" {
  mkdir tools
  # As gh does: what the environment has is for every host.
  cat >tools/gh <<'END'
#!/bin/sh
for token in "$GH_ENTERPRISE_TOKEN" "$GITHUB_ENTERPRISE_TOKEN" "$GH_TOKEN" "$GITHUB_TOKEN" ${CODESPACES:+"$CODESPACES"}; do
  [ -z "$token" ] || { echo "$token" && exit; }
done
exit 1
END
  chmod +x tools/gh
  PATH=$PWD/tools:$PATH
  for name in GITHUB_TOKEN GH_TOKEN GH_ENTERPRISE_TOKEN GITHUB_ENTERPRISE_TOKEN CODESPACES; do
    for url in https://ghe.example.com/o/r https://acme.ghe.com/o/r; do
      try env -u GITHUB_TOKEN "$name=s3cr3t" dl-providers -p github -R "$url" -j
      assert_json 'map(select(.detected))[0].why | endswith("; credential: none")' || complain "with $name for $url"
    done
  done
  git config --global devloop.host.ghe.example.com.provider github
  try env -u GITHUB_TOKEN GH_ENTERPRISE_TOKEN=s3cr3t dl-providers -R https://ghe.example.com/o/r -j
  assert_json 'map(select(.detected))[0].why | endswith("; credential: gh")'
}

@test "a host that the user has named for one provider is sent the token of no other" {
  local ref
  serve "$(answer 'GET /*' '{}' 404 'deny authorization' 'deny private-token' 'deny circle-token' 'deny job-token' | cassette refuse)"
  unset GITHUB_API_URL
  AT=${URL#http://}
  export JENKINS_USER=ada JENKINS_TOKEN=s3cr3t CIRCLECI_TOKEN=s3cr3t GITEA_TOKEN=s3cr3t GITLAB_TOKEN=s3cr3t CI_JOB_TOKEN=s3cr3t
  git config --global "devloop.host.$AT.url" "$URL"
  git config --global "devloop.host.$AT.provider" artifactory
  for ref in github:o/r/run/1 gitlab:o/r/run/1 jenkins:a/b/run/1 circleci:gh/o/r/run/1 gitea:o/r/run/1; do
    try dl-runs "${ref/:/@$AT:}"
    assert_status 5 || complain "with $ref"
  done
  [ "$(requests '^GET ')" -ge 5 ]
}

@test "what lies in a working tree and looks like a repository of git's has no say" {
  local kind
  serve "$(answer 'GET /*' "$(gh_runs 'id: 1')" 200 'deny authorization' | cassette evil)"
  unset GITHUB_API_URL
  AT=${URL#http://}
  for kind in true false; do
    rm -rf w
    make_repo w https://github.com/o/r
    git clone -q --bare w w/fixture
    git -C w/fixture remote set-url origin "$URL/o/r"
    git -C w/fixture config "devloop.host.$AT.provider" github
    git -C w/fixture config "devloop.host.$AT.url" "$URL"
    git -C w/fixture config credential.helper "!touch $BATS_TEST_TMPDIR/ran; echo password=s3cr3t; :"
    git -C w/fixture config core.bare "$kind"
    [ "$kind" = true ] || git -C w/fixture config core.worktree .
    try dl-runs -C w/fixture
    assert_status 11
    assert_stderr 'fixture'
    (cd w/fixture && dl-runs -p github -R "$URL/o/r") || true
    (cd w/fixture/refs && dl-runs -p github -R "$URL/o/r") || true
    [ ! -e ran ]
    [ "$(requests)" = 0 ]
  done
  # One that stands for itself is the user's.
  git clone -q --bare w alone
  git -C alone remote set-url origin https://github.com/o/r
  try dl-providers -C alone -j
  assert_json 'map(select(.detected))[0].project == "o/r"'
}

@test "nothing of an answer reaches the terminal as it is, though it stand in a message" {
  serve "$({
    answer 'GET /api/v4/projects/g%2Fp/pipelines/7' '{"id":"7\u001b]0;x\u0007\nsudo","status":"failed","source":"parent_pipeline","ref":"main"}'
  } | cassette hostile)"
  CI_API_V4_URL=$URL/api/v4 GITLAB_TOKEN=s3cr3t try dl-rerun -p gitlab -R g/p "gitlab@${URL#http://}:g/p/run/7"
  assert_status 6
  [ "$(grep -c '' <<<"$stderr")" = 2 ]
  refute grep -q $'[\033\a]' <<<"$stderr"
}
