# A chain of providers: the next is asked when one is unavailable. And what an unknown server says of itself.
# shellcheck disable=SC2154 # `try` sets $stderr
load helper
load github

setup() {
  hermetic
  export DL_RETRIES=0 DL_TIMEOUT=5
}

# make_local: a repository w with a run of the local provider, in which we stand then.
make_local() {
  make_repo w https://github.com/o/r
  cd w || return
  mkdir -p .devloop/ci
  printf '#!/bin/sh\n' >.devloop/ci/build
  chmod +x .devloop/ci/build
  git add . && git commit -q -m ci
  dl-logs -f "$(dl-trigger -p local -F ref build)"
}

@test "unavailable: no network, or no credential where one is needed; the reason is kept" {
  make_local
  GITHUB_API_URL=http://127.0.0.1:9 try dl-runs -p github,local
  assert_status 0
  assert_json 'all(.provider == "local") and (.[0].metadata.fallback_from | length == 1)'
  assert_json '.[0].metadata.fallback_from[0] | .provider == "github" and .class == "network" and (.message | test("cannot be reached"))'
  assert_stderr '^dl-runs: github is unavailable: .*; asking local$'
  serve github/error-401
  try dl-status -p github,local
  assert_status 0
  assert_json '.[0].verdict == "success" and .[0].metadata.fallback_from[0].class == "auth"'
}

@test "a credential that is refused, and a no, are answers" {
  make_local
  serve github/error-401
  GITHUB_TOKEN=x try dl-runs -p github,local
  assert_status 4
  assert_output ''
  serve github/error-404
  try dl-runs -p github,local
  assert_status 5
}

@test "who cannot do it is followed by who can" {
  make_local
  export JENKINS_URL=http://127.0.0.1:9 JENKINS_JOB=j
  try dl-trigger -p jenkins,local build
  assert_status 0
  assert_json '.[0].provider == "local" and .[0].metadata.fallback_from[0].provider == "jenkins"'
}

@test "who has no server is followed, too, and called by name; dl-providers says who is asked then" {
  make_local
  try dl-runs -p jenkins,local
  assert_status 0
  assert_json '.[0].metadata.fallback_from[0] | .provider == "jenkins" and .class == "config"'
  assert_stderr '^dl-runs: jenkins is unavailable: jenkins: which project\? .*; asking local$'
  try dl-providers -p jenkins,local
  assert_status 0
  assert_json '[.[] | select(.detected).name] == ["local"]'
  assert_stderr '^dl-providers: jenkins is unavailable: '
  try dl-providers --why -p jenkins,local
  assert_json '[.[] | select(.status == "pass") | .name, .message, .provider] == ["-p", "jenkins,local", "local"]'
  try dl-providers -p jenkins
  assert_status 11
  assert_stderr '^dl-providers: jenkins: which project\?'
}

@test "what may have been started is not started again by the next" {
  make_local
  local list='{"total_count":1,"workflows":[{"id":5,"name":"build","path":".github/workflows/build.yml","state":"active"}]}'
  serve "$({ answer 'GET /repos/o/r/actions/workflows?*' "$list" && answer 'GET /repos/o/r/*' '{"message":"Not Found"}' 404 && answer 'POST /repos/o/r/*' '' close; } | cassette lost)"
  allow_unmatched
  try dl-trigger -p github,local -b main build
  assert_status 8
  assert_output ''
  requested '^POST .*/dispatches '
  GITHUB_API_URL=http://127.0.0.1:9 try dl-trigger -p github,local -b main build
  assert_status 0
  assert_json '.[0].provider == "local"'
}

@test "three, and none of them: the failure of the last" {
  make_local
  export GITHUB_API_URL=http://127.0.0.1:9
  try dl-runs -p jenkins,github,local
  assert_status 0
  assert_json '.[0].metadata.fallback_from | map(.class) == ["config", "network"]'
  try dl-runs -p jenkins,github
  assert_status 8
  assert_output ''
}

@test "a chain in git config, the environment and the committed file; an unknown member" {
  make_local
  export GITHUB_API_URL=http://127.0.0.1:9
  DL_CI=github,local try dl-runs -F provider
  assert_output local
  git config devloop.ci github-actions,local
  try dl-runs -F provider
  assert_output local
  git config --unset devloop.ci
  for text in '{"global":{"providers":{"ci":{"provider":["github","local"]}}}}' '{"global":{"providers":{"ci":["github","local"]}}}' \
    '{"global":{"providers":{"ci":"github,local"}}}' '{"agents":{"ci-monitor":{"config":{"ci_provider":["github","local"]}}}}'; do
    echo "$text" >.devloop/agents.json
    try dl-runs -F provider
    assert_output local || complain "with $text"
  done
  echo '{"agents":{"ci-monitor":{"enabled":false,"config":{"ci_provider":"jenkins"}}}}' >.devloop/agents.json
  rm -r .devloop/ci
  try dl-providers -F detected,why
  assert_output_has $'true\tthe remote'"'"'s host github.com'
  try dl-runs -p github,hudson
  assert_status 2
  assert_stderr "there is no provider 'hudson'"
  try dl-runs -p local,local,hudson # also where nobody would come to ask it
  assert_status 2
  DL_CI=local,hudson try dl-runs
  assert_status 11
}

# assert_output_has TEXT: stdout has it.
assert_output_has() {
  grep -qF -- "$1" <<<"$output" || complain "expected on stdout: $1"
}

@test "the committed configuration: repo_url, project, base_url, workflow, require" {
  make_repo w https://github.com/x/y
  cd w
  mkdir .devloop
  serve "$(commit_answers "$(gh_runs 'path: ".github/workflows/build.yml"')" | cassette require)"
  echo '{"global":{"providers":{"ci":{"provider":"github","config":{"repo_url":"https://github.com/o/r","require":["lint"]}}}}}' >.devloop/agents.json
  try dl-status -c "$SHA"
  assert_status 3
  assert_json '.[0] | .project == "o/r" and .verdict == "unregistered" and .name == "lint"'
  try dl-status -c "$SHA" --require build.yml # the command line goes before the file
  assert_status 0
}

# ---- unknown servers ----

# forge NAME HEADER BODY PATH: a server that is recognised by its answer.
@test "a server that nobody knows is asked what it is, without a credential, once" {
  export GITHUB_TOKEN=s3cr3t GITLAB_TOKEN=s3cr3t GITEA_TOKEN=s3cr3t
  local name path body header
  while IFS='|' read -r name path header body; do
    serve "$(answer "GET $path" "$body" 200 "$header" | cassette "$name")"
    unset GITHUB_API_URL
    allow_unmatched
    rm -rf w
    make_repo w "$URL/group/sub/r.git"
    try dl-providers -C w -F detected,name,why
    grep -q "^true	$name	what 127.0.0.1:[0-9]* says of itself" <<<"$output" || complain "for $name"
    refute grep -q s3cr3t "$REQUESTS"
    rm "$REQUESTS"
    try dl-providers -C w -F detected,name,why # it is remembered
    grep -q "^true	$name	" <<<"$output" || complain "for $name, again"
    [ "$(requests)" = 0 ]
    DL_PROBE=0 XDG_CACHE_HOME=$PWD/none try dl-providers -C w -F detected
    refute grep -q true <<<"$output"
    stop_servers
  done <<'END'
gitlab|/api/v4/version|X-Gitlab-Meta: {"version":"1"}|{"message":"401 Unauthorized"}
gitea|/|Set-Cookie: i_like_gitea=1; Path=/|hello
jenkins|/|X-Jenkins: 2.401|hello
github|/api/v3/meta|X-GitHub-Request-Id: 1:2|{"installed_version":"3.9"}
END
}

@test "a server that is none of them, or does not answer, is nobody's; that is remembered for a while" {
  serve "$(answer 'GET /' 'hello' | cassette none)"
  unset GITHUB_API_URL
  allow_unmatched
  make_repo w "$URL/o/r.git"
  try dl-runs -C w
  assert_status 11
  assert_stderr 'no CI system is known here'
  rm "$REQUESTS"
  try dl-runs -C w
  assert_status 11
  [ "$(requests)" = 0 ]
  git -C w remote set-url origin http://127.0.0.1:9/o/r
  try dl-runs -C w
  assert_status 11
}
