# How every provider that asks a server bears what servers do: the same answers from each, the same exit codes.
# shellcheck disable=SC2154 # `try` sets $stderr
load helper

# A row: the provider, the variables that point it to the test server, how its runs are listed, the request that is made first
# then, and the answer that there are none.
providers() {
  sed 's/^ *//' <<'END'
    github|GITHUB_API_URL=$URL GITHUB_TOKEN=s3cr3t|-p github -R o/r|GET /repos/o/r/actions/runs?*|{"total_count":0,"workflow_runs":[]}
    gitlab|CI_API_V4_URL=$URL/api/v4 GITLAB_TOKEN=s3cr3t|-p gitlab -R g/s/p|GET /api/v4/projects/g%2Fs%2Fp/pipelines?*|[]
    jenkins|JENKINS_URL=$URL/jenkins JENKINS_USER=ada JENKINS_TOKEN=s3cr3t|-p jenkins -R a/b|GET /jenkins/job/a/job/b/api/json?*|{"builds":[]}
    circleci|CIRCLECI_HOST=$URL CIRCLECI_TOKEN=s3cr3t|-p circleci -R gh/o/r|GET /api/v2/project/gh/o/r/pipeline?*|{"items":[],"next_page_token":null}
    gitea|GITEA_URL=$URL GITEA_TOKEN=s3cr3t|-p gitea -R o/r|GET /api/v1/repos/o/r/actions/runs?*|{"workflow_runs":[],"total_count":0}
END
}

setup() {
  hermetic
  export DL_RETRIES=0 DL_TIMEOUT=2
}

# cassette: writes standard input as a cassette and prints its path.
cassette() {
  { echo '# source: composed for one test' && echo && cat; } >"$BATS_TEST_TMPDIR/c.http"
  echo "$BATS_TEST_TMPDIR/c.http"
}

# each SCENARIO: over all providers, with PROVIDER, HERE, ASK and NONE set and a fresh log of requests.
each() {
  local PROVIDER VARIABLES HERE ASK NONE
  while IFS='|' read -r PROVIDER VARIABLES HERE ASK NONE; do
    echo "provider: $PROVIDER"
    rm -rf "$REQUESTS" "$XDG_CACHE_HOME"
    "$1"
    stop_servers
  done < <(providers)
}

# point CASSETTE: serves it, and points the provider there.
point() {
  local word
  serve "$1"
  for word in $VARIABLES; do
    eval "export $word"
  done
}

# answers STATUS BODY [HEADER...]: that to everything that is asked first.
answers() {
  local status=$1 body=$2
  shift 2
  printf '>>> %s\n<<< %s\n%s\n\n%s\n\n' "$ASK" "$status" "$(printf '%s\n' "Content-Type: application/json" "$@")" "$body"
}

list() {
  # shellcheck disable=SC2086 # words
  try dl-runs $HERE
}

# refused CODE: the list ends with that, and nothing is on stdout; no secret is anywhere.
refused() {
  list
  assert_status "$1"
  assert_output ''
  assert_stderr '^dl-runs: [^ ]'
  refute grep -rq s3cr3t <<<"$stderr" "$HOME"
}

none() {
  point "$(answers 200 "$NONE" | cassette)"
  refused 5
  [ "$stderr" = 'dl-runs: no such runs' ]
}

@test "none: exit 5" {
  each none
}

says_no() {
  local status code
  while read -r status code; do
    point "$(ASK='GET /*' answers "$status" '{"message":"no"}' | cassette)" # also to what is asked next
    refused "$code" || complain "with HTTP $status"
    stop_servers
  done <<'END'
401 4
403 4
404 5
409 6
410 5
422 6
429 7
500 8
503 8
END
}

@test "answers that say no: the class is the same everywhere" {
  each says_no
}

limited() {
  point "$(answers 429 '{"message":"slow down"}' 'Retry-After: 77' | cassette)"
  refused 7
  assert_stderr 'hint: try again in 77 s'
}

@test "429 with Retry-After: exit 7, and when it is worth trying again" {
  each limited
}

recovers() {
  point "$({ answers 503 '' && answers 502 '' && answers 200 "$NONE"; } | cassette)"
  DL_RETRIES=3 list
  assert_status 5
  [ "$stderr" = 'dl-runs: no such runs' ]
}

@test "5xx, then an answer: it is asked again" {
  each recovers
}

breaks_off() {
  local words
  for words in '200 cut=5' '200 reset=5' close '200 cut=5 chunked'; do
    point "$(answers "$words" "$NONE          " | cassette)"
    refused 8 || complain "with $words"
    stop_servers
  done
}

@test "an answer that breaks off: exit 8" {
  each breaks_off
}

nonsense() {
  local body
  for body in '{"a" 1}' '[1 2]' '[1,]' 'tru' '' '{"a":1}{}' '"just a text"' $'{"a":"\xff"}'; do
    point "$(answers 200 "$body" | cassette)"
    refused 9 || complain "with $body"
    stop_servers
  done
}

@test "what is no JSON, or not the JSON that was due: exit 9" {
  each nonsense
}

login() {
  point "$(printf '>>> %s\n<<< 200\nContent-Type: text/html\n\n<html><title>Sign in</title>\n' "$ASK" | cassette)"
  refused 4
  assert_stderr 'web page'
}

@test "a login page: exit 4" {
  each login
}

large() {
  point "$(answers '200 size=80000000' ' ' | cassette)"
  DL_TIMEOUT=20 refused 9
  assert_stderr 'more than [0-9]+ bytes'
}

@test "an answer over the cap: exit 9" {
  each large
}

elsewhere() {
  point "$({ answers 302 '' 'Location: {{base2}}/elsewhere' &&
    printf '>>> GET /elsewhere\n<<< 200\nContent-Type: application/json\n\n%s\n' "$NONE"; } | cassette)"
  refused 5
  requested '^GET /elsewhere '
  refute grep -E '^GET /elsewhere .*(authorization|private-token|circle-token|job-token|cookie):' "$REQUESTS"
  refute grep -E '^GET /elsewhere .*s3cr3t' "$REQUESTS"
}

@test "a redirect to another host: no credential goes there, whatever its header is called" {
  each elsewhere
}

slow() {
  point "$(answers '200 delay=4000' "$NONE" | cassette)"
  DL_TIMEOUT=1 refused 8
  assert_stderr 'did not answer within 1 s'
}

@test "silence: exit 8" {
  each slow
}

next_elsewhere() {
  point "$({ answers 200 "$NONE" 'Link: <{{base2}}/next>; rel="next"' && printf '>>> GET /next*\n<<< 200\n\n[]\n'; } | cassette)"
  list
  # Who has pages of another kind need not look at it.
  [ "$status" = 9 ] || { [[ $PROVIDER = jenkins || $PROVIDER = circleci ]] && [ "$status" = 5 ]; } || complain 'expected status 9, or 5'
  assert_output ''
  refute requested '^GET /next'
}

@test "a next page on another host: not asked for" {
  each next_elsewhere
}

# A row: the provider, the workflow that it starts, and what it is told whatever it asks before.
starts() {
  sed 's/^ *//' <<'END'
    github|ci.yml|{"total_count":0,"workflow_runs":[],"on":{"workflow_dispatch":{"inputs":{"a":{}}}}}
    gitlab|.gitlab-ci.yml|{}
    jenkins|b|{"name":"b","buildable":true,"property":[{"parameterDefinitions":[{"name":"a","type":"StringParameterDefinition"}]}]}
    circleci|w|{}
    gitea|ci.yml|{"total_count":0,"workflow_runs":[],"version":"1.25.1","on":{"workflow_dispatch":{"inputs":{"a":{}}}}}
END
}

sent_elsewhere() {
  local name before code
  IFS='|' read -r _ name before <<<"$(starts | grep "^$PROVIDER|")"
  for code in 307 308; do
    point "$({ printf '>>> POST *\nneed host: 127.0.0.1*\n<<< %s\nLocation: {{base2}}/elsewhere\n\n\n' "$code" &&
      printf '>>> GET *\nneed host: 127.0.0.1*\n<<< 200\nContent-Type: application/json\n\n%s\n\n' "$before"; } | cassette)"
    # shellcheck disable=SC2046,SC2086 # words
    try dl-trigger --timeout 1s $HERE $([ "$PROVIDER" = jenkins ] || echo '-b main') "$name" -f a=1
    requested '^POST '
    assert_status 9
    refute requested 'host: localhost'
    refute grep -q s3cr3t <<<"$stderr"
    stop_servers
  done
}

@test "a start that is redirected to another host: nothing of it goes there" {
  each sent_elsewhere
}

climbs() {
  local at kind command
  point "$(printf '>>> * *\n<<< 404\nContent-Type: application/json\n\n{}\n' | cassette)"
  at=$PROVIDER@${URL#http://}:${HERE##* }
  while read -r kind command; do
    printf "$at/$kind/%s\n" .. %2E%2E ..%2F..%2Fadmin a%2F..%2F..%2Fadmin 1%2F..%2F.. 1%3Fx=y 1%23 %5C..%5C \
      1%0d%0aX-Evil:1 %252e%252e >refs
    # shellcheck disable=SC2086 # words
    try $command --timeout 2s - <refs
    [ "$status" != 0 ] || complain "with $command of a $kind"
  done <<'END'
run dl-runs
run dl-jobs
run dl-logs
run dl-artifacts
run dl-cancel
run dl-rerun
job dl-jobs
job dl-logs
artifact dl-artifacts -d out
END
  # What is in an id stays in its part of the path.
  refute grep -E '^[A-Z]+ [^ ?]*/\.\.?(/|\?| )' "$REQUESTS"
  refute grep -iE '	x-evil|^[A-Z]+ [^ ]*(#|\\|x=y)' "$REQUESTS"
}

@test "an id that would lead elsewhere on the server does not" {
  allow_unmatched
  each climbs
}
