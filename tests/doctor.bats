# dl-doctor: what it sees, and that it leaves everything as it is.
# shellcheck disable=SC2154 # `try` sets $stderr
load helper
load github

setup() {
  hermetic
  export GITHUB_TOKEN=ghp_s3cr3t
}

teardown() {
  [ -z "${TLS:-}" ] || kill "$TLS"
  end_test
}

# check NAME FILTER: the jq FILTER is true of the check NAME, of several the first.
check() {
  assert_json "map(select(.name == \"$1\"))[0] | $2"
}

# user [HEADER...]: the answer about the user, and the server's version.
user() {
  answer 'GET /user' '{"login":"ada"}' 200 "$@"
  answer 'GET /meta' '{"installed_version":"3.14.1"}'
}

# soon SECONDS: a time that far ahead, as GitHub writes the end of a token.
soon() {
  date -u -d "@$(($(date +%s) + $1))" '+%Y-%m-%d %H:%M:%S UTC'
}

# state: all that is on disk.
state() {
  find w home -printf '%p %y %s %m %T@\n' | sort
}

@test "all is well: every step is told" {
  serve "$(user 'Date: {{date}}' 'X-OAuth-Scopes: repo, workflow' "github-authentication-token-expiration: $(soon 9000000)" \
    'X-RateLimit-Remaining: 4321' | cassette user)"
  make_repo w
  cd w
  try dl-doctor -R o/r
  assert_status 0
  assert_json 'all(.type == "check" and .status != "fail")'
  check git '.status == "pass" and (.message | startswith("git version "))'
  check libraries '.message | test("libcurl/[0-9].* libgit2/[0-9].* libyaml/[0-9]")'
  check environment '.message | test("GITHUB_TOKEN.*GITHUB_API_URL")'
  check provider '.status == "pass" and .provider == "github" and (.message | startswith("CI system: GitHub Actions at 127.0.0.1")) and (.detail | test("decides"))'
  check operations '.message | test("runs,.*trigger,rerun,cancel")'
  check dns '.status == "pass"'
  check tcp '.status == "pass" and (.message | startswith("connected to 127.0.0.1, after "))'
  check tls '.status == "warn" and (.message | startswith("there is none"))'
  check proxy '.status == "skip"'
  check credential '.status == "pass" and .message == "from GITHUB_TOKEN, of ada: a personal access token (classic)"'
  check expiry '.status == "pass"'
  check scopes '.status == "pass" and (.message | endswith("repo,workflow"))'
  check clock '.status == "pass" and .message == "ours is as good as the server'\''s"'
  check quota '.status == "pass" and .message == "4321 requests are left"'
  check version '.message == "the server is of version 3.14.1"'
  check hooks '.status == "skip" and .command == "dl-hooks install"'
  check cache '.status == "pass"'
  refute grep -q s3cr3t <<<"$output$stderr"
}

@test "it changes nothing: what is sent are reads, and nothing on disk is another" {
  serve "$(user 'X-OAuth-Scopes: repo' 'ETag: "1"' 'X-RateLimit-Remaining: 9' 'X-RateLimit-Reset: {{now+60}}' | cassette user)"
  make_repo w "${URL/127.0.0.1/localhost}/o/r.git"
  git config --global devloop.ci github
  mkdir -p home/.local/share/devloop/providers
  printf '#!/bin/sh\necho '\''{"v":1,"kinds":"ci","ops":"runs","title":"T"}'\''\n' >home/.local/share/devloop/providers/dl-provider-x
  chmod +x home/.local/share/devloop/providers/dl-provider-x
  (cd w && dl-hooks install >/dev/null)
  before=$(state)
  for form in -j -t --fix '-v -F name'; do
    # shellcheck disable=SC2086 # words
    try dl-doctor -C w -R o/r $form
    [ "$status" -le 1 ]
  done
  [ "$before" = "$(state)" ] || diff <(echo "$before") <(state)
  [ "$(requests)" -ge 8 ]
  refute grep -vqE '^GET ' "$REQUESTS"
  try dl-doctor -C w -R o/r
  check plugin '.status == "pass" and (.message | test("^x: .*dl-provider-x can: runs$"))'
  check pre-push '.status == "pass"'
}

@test "who is not known is not remembered either" {
  serve "$(answer 'GET /*' '{}' 404 | cassette nothing)"
  unset GITHUB_API_URL
  make_repo w "$URL/o/r.git"
  before=$(state)
  try dl-doctor -C w
  assert_status 1
  check provider '.status == "fail"'
  [ "$before" = "$(state)" ]
}

@test "a credential that is not accepted, that lacks rights, or that ends" {
  serve "$({ answer 'GET /user' '{"message":"Bad credentials"}' 401 && answer 'GET /meta' '{}'; } | cassette bad)"
  try dl-doctor -R o/r
  assert_status 1
  check credential '.status == "fail" and .message == "from GITHUB_TOKEN: the server does not accept it" and .command == "export GITHUB_TOKEN=TOKEN" and (.hint | test("https://github.com/settings/tokens"))'
  serve "$(user 'X-OAuth-Scopes: read:user,gist' "github-authentication-token-expiration: $(soon 86400)" 'X-RateLimit-Remaining: 3' | cassette less)"
  try dl-doctor -R o/r
  assert_status 0
  check scopes '.status == "warn" and .message == "trigger,rerun,cancel,release-begin,release-put,release-finish,release-remove,release-abort: one of these is needed: repo,public_repo; there is: read:user,gist"'
  check expiry '.status == "warn" and (.message | startswith("the credential ends at 20"))'
  check quota '.status == "warn"'
  serve "$(user 'X-OAuth-Scopes:' "github-authentication-token-expiration: $(soon -100 | sed 's/UTC/+0000/')" | cassette over)"
  GITHUB_TOKEN=github_pat_1 try dl-doctor -R o/r
  assert_status 1
  check expiry '.status == "fail"'
  check credential '.message | endswith("a fine-grained personal access token")'
}

@test "GitLab tells of a token where it is asked for" {
  export GITLAB_TOKEN=glpat-s3cr3t
  serve "$({
    answer 'GET /api/v4/user' '{"username":"ada"}'
    answer 'GET /api/v4/personal_access_tokens/self' '{"scopes":["read_api","read_user"],"expires_at":"2020-01-01"}'
    answer 'GET /api/v4/version' '{"version":"17.2.0-ee"}'
  } | cassette gitlab)"
  CI_API_V4_URL=$URL/api/v4 try dl-doctor -p gitlab -R g/p
  assert_status 1
  check credential '.message == "from GITLAB_TOKEN, of ada: a personal, project or group access token"'
  check expiry '.status == "fail" and .message == "the credential ends at 2020-01-01T00:00:00Z"'
  check scopes '.status == "warn" and (.message | test("^trigger,.*,release-put,.*: one of these is needed: api;"))'
  assert_json 'map(select(.name == "scopes")) | length == 1'
  check version '.message == "the server is of version 17.2.0-ee"'
}

@test "without a credential what is public is asked" {
  unset GITHUB_TOKEN
  serve "$(answer 'GET /meta' '{"installed_version":"3.1"}' 200 'deny authorization' | cassette meta)"
  try dl-doctor -R o/r
  assert_status 0
  check credential '.status == "warn" and (.command | test("git credential approve$"))'
  check version '.message == "the server is of version 3.1"'
}

@test "who the forge and the registry are is told, too; a server that is two of them is asked once" {
  export ARTIFACTORY_TOKEN=s3cr3t ARTIFACTORY_REPO=libs
  serve "$({ user && answer 'GET /artifactory/api/system/version' '{"version":"7.90.1"}'; } | cassette both)"
  make_repo w "${URL/127.0.0.1/localhost}/o/r.git"
  cd w
  git config devloop.ci github
  git config devloop.forge github
  git config devloop.registry artifactory
  export ARTIFACTORY_URL=$URL/artifactory
  GITHUB_API_URL=${URL/127.0.0.1/localhost} try dl-doctor
  assert_status 0
  assert_json 'map(select(.name == "provider") | [.provider, (.message | split(":")[0])]) ==
    [["github", "CI system"], ["github", "forge"], ["artifactory", "package registry"]]'
  assert_json 'map(select(.name == "credential") | [.provider, .message]) ==
    [["github", "from GITHUB_TOKEN, of ada: a personal access token (classic)"], ["artifactory", "from ARTIFACTORY_TOKEN: an access token"]]'
  assert_json 'map(select(.name == "version") | .message) == ["the server is of version 3.14.1", "the server is of version 7.90.1"]'
  assert_json 'any(.name == "operations" and .provider == "artifactory" and (.message | test("versions,.*put")))'
  [ "$(requests)" = 3 ]
  serve "$(answer 'GET /artifactory/api/system/version' '{"errors":[{"status":401,"message":"Bad credentials"}]}' 401 | cassette refused)"
  ARTIFACTORY_URL=$URL/artifactory try dl-doctor -p artifactory
  assert_status 1
  check credential '.status == "fail" and .message == "from ARTIFACTORY_TOKEN: the server does not accept it" and .command == "export ARTIFACTORY_TOKEN=TOKEN"'
  assert_json 'map(select(.name == "provider") | [.provider, .status]) == [[null, "skip"], [null, "skip"], ["artifactory", "pass"]]'
}

@test "a registry that tells nothing of a credential is not said to accept it" {
  serve "$(answer 'GET /legacy' '{}' 405 | cassette index)"
  PYPI_TOKEN=pypi-s3cr3t TWINE_REPOSITORY_URL=$URL/legacy try dl-doctor -p pypi
  assert_status 0
  check credential '.status == "pass" and .message == "from PYPI_TOKEN" and .detail == "what it may do shows when it is used"'
}

@test "every provider of a chain is looked at, and what is wrong with one hides no other" {
  serve "$({ user && answer 'GET /whoAmI/api/json' '{"name":"grace"}' && answer 'GET /api/json?tree=mode' '{}'; } | cassette chain)"
  export JENKINS_TOKEN=t JENKINS_USER=grace JENKINS_JOB=j
  make_repo w
  cd w
  JENKINS_URL=$URL try dl-doctor -p github,jenkins,local -R o/r
  assert_status 0
  assert_json 'map(select(.name == "provider" and (.message | startswith("CI system"))) | .provider) == ["github", "jenkins", "local"]'
  assert_json 'map(select(.name == "credential") | .message) == ["from GITHUB_TOKEN, of ada: a personal access token (classic)", "from JENKINS_TOKEN, of grace"]'
  assert_json 'any(.name == "provider" and .provider == "jenkins" and .detail == "asked when github is unavailable")'
  # jenkins has no server; local is looked at all the same.
  git config devloop.ci github,jenkins,local
  try dl-doctor
  assert_status 1
  assert_json 'map(select(.name == "provider" and .status == "fail") | .message) == ["jenkins: which server?"]'
  assert_json 'any(.name == "provider" and .provider == "local" and .detail == "asked when jenkins is unavailable")'
  # A plugin that does not work ends the chain, which is told.
  mkdir bin
  printf '#!/bin/sh\nexit 3\n' >bin/dl-provider-broken
  chmod +x bin/dl-provider-broken
  DL_PROVIDER_PATH=$PWD/bin try dl-doctor -p github,broken
  assert_status 1
  assert_json 'any(.name == "provider" and .status == "fail" and (.message | test("broken")))'
}

@test "nobody to ask: the command names one, and is told once" {
  git init -q w
  try dl-doctor -C w
  assert_status 1
  assert_json 'map(select(.name == "provider" and .status == "fail")) | length == 1'
  check provider '.command == "git config devloop.ci PROVIDER" and (.hint | startswith("name it: -p PROVIDER"))'
  assert_json 'any(.name == "provider" and .status == "skip" and (.message | startswith("no package registry is known here")))'
  try dl-doctor --fix -C w
  assert_line 'git config devloop.ci PROVIDER'
  # Outside of a repository one remark says so, not three.
  mkdir nowhere
  try dl-doctor -C nowhere
  assert_json 'map(select(.name == "provider")) | length == 1'
}

@test "what fails is asked once" {
  serve "$(answer 'GET /*' '{}' 503 | cassette broken)"
  try dl-doctor -R o/r
  check credential '.status == "warn" and .detail == "who it is of was answered 503"'
  [ "$(requests)" = 2 ]
}

@test "a clock that is wrong" {
  for skew in '120 warn' '-400 fail'; do
    serve "$(user "Date: {{date+${skew% *}}}" | sed 's/{{date+-/{{date-/' | cassette "clock${skew#* }")"
    try dl-doctor -R o/r
    check clock ".status == \"${skew#* }\" and .command == \"sudo timedatectl set-ntp true\""
  done
  check clock '.message | test("^ours is 6m4[0-9]s ahead of the server")'
}

@test "the way to the server, as far as it is open" {
  export DL_TIMEOUT=5
  GITHUB_API_URL=http://name.invalid try dl-doctor -R o/r
  assert_status 1
  check dns '.status == "fail" and (.message | test("resolve"))'
  check tcp '.status == "skip"'
  check credential '.status == "skip"'
  GITHUB_API_URL=http://127.0.0.1:1 try dl-doctor -R o/r
  assert_status 1
  check dns '.status == "pass"'
  check tcp '.status == "fail" and (.message | test("refused|connect"))'
  https_proxy=http://ada:s3cr3t@127.0.0.1:1 GITHUB_API_URL=https://name.invalid try dl-doctor -R o/r
  check proxy '.status == "pass" and (.message | startswith("https_proxy names http://") and (test("s3cr3t") | not))'
}

@test "TLS: whose certificate it is, until when, and what to do about one that nobody vouches for" {
  openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 9 -subj '/O=Ada/CN=localhost' \
    -addext subjectAltName=DNS:localhost 2>/dev/null
  openssl s_server -www -accept 0 -cert cert.pem -key key.pem >tls.log 2>&1 </dev/null 3>&- &
  TLS=$!
  local tries=100
  until grep -q ACCEPT tls.log; do
    [ $((tries -= 1)) -gt 0 ]
    sleep 0.05
  done
  GITHUB_API_URL=https://localhost:$(sed -nE 's/^ACCEPT .*:([0-9]+)$/\1/p' tls.log)
  export GITHUB_API_URL
  try dl-doctor -R o/r
  assert_status 1
  check tls '.status == "fail" and (.message | test("certificate")) and .command == "export CURL_CA_BUNDLE=FILE"'
  CURL_CA_BUNDLE=$PWD/cert.pem try dl-doctor -R o/r
  assert_status 0
  check tls '.status == "pass"'
  end=$(date -u -d "$(openssl x509 -in cert.pem -noout -enddate | cut -d = -f 2)" +%Y-%m-%dT%H:%M:%SZ)
  check certificate ".status == \"warn\" and (.message | test(\"O ?= ?Ada.*CN ?= ?localhost.*until $end\"))"
}

@test "configuration: what is set, where, and what is malformed" {
  make_repo w
  cd w
  git config devloop.ci github
  git config --global devloop.host.git.example.com.url https://ada:s3cr3t@git.example.com/api
  mkdir .devloop
  echo 'global: [' >.devloop/agents.yaml
  try dl-doctor
  assert_status 1
  assert_json 'map(select(.name == "git config") | .message) | any(test("^devloop.ci is github, in file:.git/config \\(local\\)$"))'
  assert_json 'map(select(.name == "git config") | .message) | any(test("^devloop.host.git.example.com.url is https://.*git.example.com/api, in .* \\(global\\)$"))'
  check .devloop/agents '.status == "fail" and (.message | test("agents.yaml:"))'
  refute grep -q s3cr3t <<<"$output"
}

@test "folders that cannot be written, plugins that do not work, a hook that is broken" {
  make_repo w
  cd w
  git remote set-url origin ../origin.git
  git config devloop.ci local
  dl-hooks install >/dev/null
  git config core.hooksPath nowhere
  touch "$BATS_TEST_TMPDIR/file"
  mkdir bin
  printf '#!/bin/sh\nexit 3\n' >bin/dl-provider-broken
  chmod +x bin/dl-provider-broken
  XDG_CACHE_HOME=$BATS_TEST_TMPDIR/file DL_PROVIDER_PATH=$PWD/bin try dl-doctor
  check cache '.status == "warn" and (.command | startswith("chmod u+rwx "))'
  check plugin '.status == "warn" and (.message | test("broken"))'
  check provider '.provider == "local" and .host == null'
  assert_json 'map(select(.status == "fail" and .name == "pre-push")) | length >= 1'
  assert_status 1
}

@test "--fix prints what mends it, and runs nothing" {
  export HOME="$BATS_TEST_TMPDIR/a b'c"
  unset XDG_CACHE_HOME XDG_STATE_HOME GITHUB_TOKEN
  mkdir "$HOME"
  touch "$HOME/.cache"
  serve "$(answer 'GET /meta' '{}' 200 'Date: {{date+900}}' | cassette meta)"
  try dl-doctor --fix -R o/r
  assert_status 1
  assert_line 'sudo timedatectl set-ntp true'
  assert_line "chmod u+rwx '$BATS_TEST_TMPDIR/a b'\\''c/.cache'"
  grep -qE '^printf .*git credential approve$' <<<"$output"
  # It is a script, and its words are those of one.
  sh -n <<<"$output"
  grep -A 1 '^# clock: ' <<<"$output" | grep -qx 'sudo timedatectl set-ntp true'
}

@test "a table has the worst first" {
  serve "$({ answer 'GET /user' '{}' 401 && answer 'GET /meta' '{}'; } | cassette bad)"
  try dl-doctor -R o/r -t
  assert_status 1
  [[ ${lines[1]} = fail\ *credential* ]]
  [ "$(sed 1d <<<"$output" | cut -d ' ' -f 1 | uniq | tr '\n' ' ')" = 'fail warn pass skip ' ]
}
