# What is not asked again: answers on disk, by their ETag, by their age, and because another asks at the same time. On GitHub.
# shellcheck disable=SC2154 # `try` sets $stderr
load helper
load github

setup() {
  hermetic
  export GITHUB_TOKEN=s3cr3t-t0ken DL_RETRIES=0
  ANSWERS=$XDG_CACHE_HOME/devloop/answers
}

# run_answer [STATUS [HEADER...]]: run 7 of o/r, by default with an ETag.
run_answer() {
  [ $# -gt 0 ] || set -- '200 conditional' 'ETag: W/"7"'
  answer 'GET /repos/o/r/actions/runs/7?*' "$(gh_runs 'id: 7' | jq '.workflow_runs[0]')" "$@"
}

# serve_run [STATUS [HEADER...]]
serve_run() {
  serve "$(run_answer "$@" | cassette run)"
}

# ask [OPTION...]: asks for run 7, which must be answered.
ask() {
  try dl-runs "$(ref run 7)" -F id "$@"
  assert_status 0 || return
  assert_output 7
}

# answers: the files of the answers that are kept.
answers() {
  find "$ANSWERS" -type f -name '????????????????????????????????????????????????????????????????'
}

# event FILTER: jq FILTER of the last event.
event() {
  tail -n 1 "$XDG_STATE_HOME/devloop/events.jsonl" | jq -c "$1"
}

# ---- the ETag ----

@test "what has not changed is asked for with its ETag, and answered 304 without a body" {
  serve_run
  ask
  refute requested if-none-match
  ask -v
  assert_stderr '^dl-runs: GET .*/runs/7\?.*: 304, 0 bytes, '
  ask
  [ "$(requests)" = 3 ]
  [ "$(requests 'if-none-match: W/"7"')" = 2 ]
  [ "$(event '[.requests, .not_modified, .received_bytes]')" = '[1,1,0]' ]
  jq -es 'map(.not_modified) == [0, 1, 1] and .[0].received_bytes > 100' "$XDG_STATE_HOME/devloop/events.jsonl"
}

@test "what has changed takes the place of the old answer" {
  local run
  run=$(gh_runs 'id: 7' | jq '.workflow_runs[0]')
  serve "$({
    answer 'GET /repos/o/r/actions/runs/7?*' "$run" '200 conditional' 'ETag: "old"'
    answer 'GET /repos/o/r/actions/runs/7?*' "$(jq '.name = "new"' <<<"$run")" '200 conditional' 'ETag: "new"'
  } | cassette two)"
  try dl-runs "$(ref run 7)" -F name
  assert_output CI
  try dl-runs "$(ref run 7)" -F name
  assert_output new
  try dl-runs "$(ref run 7)" -F name
  assert_output new
  [ "$(requests)" = 3 ]
  [ "$(requests 'if-none-match: "old"')" = 1 ]
  [ "$(requests 'if-none-match: "new"')" = 1 ]
  [ "$(event .not_modified)" = 1 ]
}

@test "pages that have not changed lead to the next all the same" {
  serve "$({
    answer 'GET /repos/o/r/actions/runs?page=2' "$(gh_runs 'id: 8')" '200 conditional' 'ETag: "2"'
    answer 'GET /repos/o/r/actions/runs?per_page=*&*' "$(gh_runs 'id: 7')" '200 conditional' 'ETag: "1"' \
      'Link: <{{base}}/repos/o/r/actions/runs?page=2>; rel="next"'
  } | cassette pages)"
  for _ in 1 2; do
    try dl-runs -R o/r -n 0 -F id
    assert_output $'7\n8'
  done
  try dl-runs -R o/r -n 0 -F id --max-age 1h
  assert_output $'7\n8'
  [ "$(requests)" = 4 ]
  [ "$(requests if-none-match)" = 2 ]
}

@test "another token is another question, and so is none" {
  serve_run
  ask
  GITHUB_TOKEN=another ask
  GITHUB_TOKEN=another ask --max-age 1h
  GITHUB_TOKEN='' ask --max-age 1h
  [ "$(requests)" = 3 ]
  refute requested if-none-match
  [ "$(answers | wc -l)" = 3 ]
}

# ---- what is kept ----

@test "no secret is on disk: no token, no cookie, no signed link" {
  export JENKINS_USER=ada JENKINS_TOKEN=jenkins-s3cr3t
  serve "$({
    run_answer '200 conditional' 'ETag: "7"' 'Set-Cookie: session=c00kie-s3cr3t' 'X-Auth-Token: header-s3cr3t'
    answer 'GET /repos/o/r/actions/runs/8/jobs?*' '' 302 'Location: {{base2}}/signed?sig=link-s3cr3t'
    answer 'GET /signed?*' "$(gh_jobs '')" 200 'ETag: "8"'
    answer 'GET /job/b/*' '{"builds":[]}' 200 'X-Jenkins: 2.426.3' 'X-Jenkins-Session: jenkins-s3cr3t'
  } | cassette secrets)"
  ask
  try dl-jobs "$(ref run 8)"
  assert_status 0
  JENKINS_URL=$URL try dl-runs -p jenkins -R b
  requested 'authorization: Basic'
  [ "$(requests)" -ge 4 ]
  [ "$(answers | wc -l)" = 2 ]
  refute grep -rqiE 's3cr3t|set-cookie|/signed' "$XDG_CACHE_HOME"
  refute grep -rq "$(printf 'ada:jenkins-s3cr3t' | base64)" "$XDG_CACHE_HOME"
  [ -z "$(find "$XDG_CACHE_HOME" -name '*s3cr3t*')" ]
}

@test "files and folders are this user's alone" {
  umask 0
  serve_run
  ask
  [ "$(stat -c %a "$XDG_CACHE_HOME/devloop" "$ANSWERS" | sort -u)" = 700 ]
  [ "$(find "$ANSWERS" -type f -exec stat -c %a {} + | sort -u)" = 600 ]
}

@test "what is not to be kept is not: refusals, no-store, web pages, what may be cut off, what was redirected" {
  local kind
  while IFS='|' read -r kind status header; do
    serve_run "$status" "$header" 'ETag: "7"'
    try dl-runs "$(ref run 7)"
    [ -d "$ANSWERS" ] || complain "$kind: nothing was looked for"
    [ -z "$(answers)" ] || complain "$kind is kept"
    stop_servers
  done <<'END'
a refusal|404|
a breakdown|500|
what must not be stored|200|Cache-Control: private, no-store
another status|203|
END
  serve "$(run_answer | sed 's|application/json|text/html|' | cassette page)"
  try dl-runs "$(ref run 7)"
  assert_status 4
  [ -z "$(answers)" ]
  stop_servers
  serve "$({
    answer 'GET /repos/o/r/actions/runs/7?*' '' 301 'Location: {{base}}/repositories/1/actions/runs/7'
    answer 'GET /repositories/1/actions/runs/7' "$(gh_runs 'id: 7' | jq '.workflow_runs[0]')" 200 'ETag: "7"'
  } | cassette moved)"
  ask
  [ -z "$(answers)" ]
}

@test "a refusal takes away what was kept" {
  serve "$({
    run_answer
    answer 'GET /repos/o/r/actions/runs/7?*' '{"message":"Not Found"}' 404
  } | cassette gone)"
  ask
  [ "$(answers | wc -l)" = 1 ]
  try dl-runs "$(ref run 7)"
  assert_status 5
  [ -z "$(answers)" ]
  try dl-runs "$(ref run 7)" --max-age 1h
  assert_status 5
}

@test "a server that is broken does not" {
  serve "$(run_answer | cassette run)"
  ask
  stop_servers
  try dl-runs "$(ref run 7)"
  assert_status 8
  [ "$(answers | wc -l)" = 1 ]
}

@test "what was kept and is damaged is asked for again, without its ETag" {
  local file
  serve_run
  ask
  file=$(answers)
  printf X | dd of="$file" bs=1 seek=300 conv=notrunc status=none
  ask --max-age 1h
  head -c 200 "$file" >half && mv half "$file"
  ask --max-age 1h
  : >"$file"
  ask --max-age 1h
  rm "$file" && ln -s /dev/zero "$file"
  ask --max-age 1h
  rm "$file" && mkfifo "$file"
  ask --max-age 1h
  [ "$(requests)" = 6 ]
  refute requested if-none-match
  ask --max-age 1h
  [ "$(requests)" = 6 ]
}

# ---- where ----

@test "DL_CACHE=0 keeps nothing" {
  export DL_CACHE=0
  serve_run
  ask
  ask --max-age 1h
  [ "$(requests)" = 2 ]
  refute requested if-none-match
  [ ! -e "$XDG_CACHE_HOME" ]
}

@test "DL_CACHE names another folder, and must do so from the root on" {
  export DL_CACHE=$PWD/other/place
  serve_run
  ask
  ask --max-age 1h
  [ "$(requests)" = 1 ]
  [ ! -e "$XDG_CACHE_HOME" ]
  [ "$(stat -c %a "$DL_CACHE")" = 700 ]
  DL_CACHE=other try dl-runs "$(ref run 7)"
  assert_status 11
  assert_stderr "^dl-runs: DL_CACHE: 'other' is neither 0 nor an absolute path$"
}

@test "a folder that cannot be used is done without, and -v says why" {
  serve_run
  mkdir -p "$XDG_CACHE_HOME/devloop"
  : >"$ANSWERS"
  ask -v
  assert_stderr '^dl-runs: no answer is kept: cannot create the folder .*/answers: '
  rm "$ANSWERS"
  mkdir "$ANSWERS" && chmod 777 "$ANSWERS"
  ask -v
  assert_stderr "^dl-runs: no answer is kept: .*/answers is not this user's alone$"
  rmdir "$ANSWERS"
  mkdir elsewhere && ln -s "$PWD/elsewhere" "$ANSWERS"
  ask -v
  assert_stderr '^dl-runs: no answer is kept: '
  DL_CACHE=/proc/answers ask
  HOME='' XDG_CACHE_HOME='' ask
  [ "$(requests)" = 5 ]
  [ -z "$(ls elsewhere)" ]
}

@test "a folder or a file of another user is not used" {
  [ "$(id -u)" = 0 ] || skip "needs the right to give files away"
  serve_run
  ask
  chown 65534 "$(answers)"
  ask --max-age 1h
  refute requested if-none-match
  chown 65534 "$ANSWERS"
  ask --max-age 1h
  [ "$(requests)" = 3 ]
  refute requested if-none-match
}

@test "nothing is looked for or made when nothing is asked" {
  dl-runs --help >/dev/null
  dl-status --version >/dev/null
  try dl-show </dev/null
  [ ! -e "$XDG_CACHE_HOME" ]
}

# ---- --max-age ----

@test "--max-age: what is young enough is not asked for, and the verdict says how old it is" {
  serve "$(commit_answers "$(gh_runs '')" | cassette commit)"
  try dl-status -R o/r -c $SHA --max-age 1h
  assert_json '.[0] | .verdict == "success" and .age_s == 0 and .from_cache == false'
  sleep 2
  try dl-status -R o/r -c $SHA --max-age 1h -v
  assert_status 0
  assert_json '.[0] | .verdict == "success" and .age_s >= 1 and .age_s < 60 and .from_cache == true'
  assert_stderr '^dl-status: GET .*: from disk, [1-9] s old$'
  [ "$(requests)" = 3 ]
  [ "$(event '[.requests, .not_modified, .received_bytes, .sent_bytes]')" = '[0,0,0,0]' ]
  try dl-status -R o/r -c $SHA --max-age 1s
  assert_json '.[0] | .age_s == 0 and .from_cache == false'
  try dl-status -R o/r -c $SHA
  assert_json '.[0] | .age_s == 0 and .from_cache == false'
  [ "$(requests)" = 9 ]
}

@test "the age counts from when the server was last asked, and that of the oldest answer counts" {
  serve "$({
    answer "GET /repos/o/r/actions/runs?head_sha=$SHA&*" "$(gh_runs '')" '200 conditional' 'ETag: "1"'
    answer "GET /repos/o/r/commits/$SHA/check-runs?*" "$(gh_checks)" '200 conditional' 'ETag: "2"'
    answer "GET /repos/o/r/commits/$SHA/status?*" "$(gh_statuses)" '200 conditional' 'ETag: "3"'
  } | cassette commit)"
  try dl-status -R o/r -c $SHA
  sleep 3
  try dl-status -R o/r -c $SHA # not modified
  try dl-status -R o/r -c $SHA --max-age 1h
  assert_json '.[0] | .age_s < 3 and .from_cache == true'
  [ "$(requests)" = 6 ]
  [ "$(requests if-none-match)" = 3 ]
  sleep 1
  grep -lZ '"check_runs"' "$ANSWERS"/* | xargs -0 rm
  try dl-status -R o/r -c $SHA --max-age 1h
  assert_json '.[0] | .age_s >= 1 and .from_cache == false'
  [ "$(requests)" = 7 ]
}

@test "a provider that asks nobody answers now, and not from disk" {
  make_repo work
  cd work
  mkdir -p .devloop/ci
  printf '#!/bin/sh\n' >.devloop/ci/build
  chmod +x .devloop/ci/build
  try dl-status -p local --max-age 1h
  assert_json '.[0] | .age_s == 0 and .from_cache == false'
}

@test "who waits asks at each look, whatever --max-age" {
  serve "$({
    answer "GET /repos/o/r/actions/runs?head_sha=$SHA&*" "$(gh_runs 'status: "queued", conclusion: null')" \
      '200 conditional' 'ETag: "1"'
    answer "GET /repos/o/r/actions/runs?head_sha=$SHA&*" "$(gh_runs 'status: "queued", conclusion: null')" \
      '200 conditional' 'ETag: "1"'
    answer "GET /repos/o/r/actions/runs?head_sha=$SHA&*" "$(gh_runs '')" 200 'ETag: "2"'
    commit_answers ''
  } | cassette wait)"
  try dl-status -R o/r -c $SHA --max-age 1h
  assert_status 3
  try dl-status -R o/r -c $SHA --max-age 1h -w
  assert_status 0
  assert_json '.[0] | .verdict == "success" and .from_cache == false'
  [ "$(requests "head_sha=$SHA")" = 3 ]
}

@test "what was asked before something was changed is asked again" {
  serve "$({
    run_answer
    answer 'GET /repos/o/r/actions/runs/8?*' "$(gh_runs 'id: 8, status: "queued", conclusion: null' | jq '.workflow_runs[0]')"
    answer 'POST /repos/o/r/actions/runs/8/*cancel' '{}' 202
    answer 'POST /repos/o/r/actions/runs/8/*cancel' '{"message":"Cannot cancel"}' 409
  } | cassette cancel)"
  ask
  try dl-cancel -N "$(ref run 8)" # changes nothing
  assert_stderr 'would send POST'
  ask --max-age 1h
  [ "$(requests '/runs/7')" = 1 ]
  try dl-cancel "$(ref run 8)"
  assert_status 0
  ask --max-age 1h
  [ "$(requests '/runs/7.*if-none-match: W')" = 1 ]
  ask --max-age 1h
  [ "$(requests '/runs/7')" = 2 ]
  try dl-cancel "$(ref run 8)" # who knows
  assert_status 6
  ask --max-age 1h
  [ "$(requests '/runs/7')" = 3 ]
}

# ---- one for all ----

# at_once N COMMAND...: runs it N times at the same time; all must succeed.
at_once() {
  local pids=() count=$1 pid
  shift
  for ((; count; count--)); do
    "$@" >>out 2>>err 3>&- &
    pids+=($!)
  done
  for pid in "${pids[@]}"; do wait "$pid" || return; done
}

@test "several processes that ask the same at once make one request" {
  serve -d 1500 "$(commit_answers "$(gh_runs '')" | cassette commit)"
  at_once 10 dl-status -R o/r -c $SHA
  [ "$(wc -l <out)" = 10 ]
  [ "$(requests)" = 3 ] || complain "$(requests) requests"
  [ "$(jq -c '[.verdict, .age_s < 5]' out | sort | uniq -c | tr -s ' ')" = ' 10 ["success",true]' ]
  # Each of the three questions was asked by one of them, not by the same one each time.
  [ "$(jq -r .from_cache out | grep -c false)" -ge 1 ] && [ "$(jq -r .from_cache out | grep -c false)" -le 3 ]
}

@test "several threads do, too" {
  serve -d 300 "$(run_answer | cassette run)"
  for _ in 1 2 3 4 5 6; do ref run 7; done >refs
  try dl-runs - -F id <refs
  assert_status 0
  [ "${#lines[@]}" = 6 ]
  [ "$(requests)" = 1 ]
}

@test "who asks something else, or with another token, does not wait" {
  serve -d 500 "$(run_answer | cassette run)"
  ref run 7 >refs
  GITHUB_TOKEN=another dl-runs "$(ref run 7)" >/dev/null 3>&- &
  ask
  wait $!
  [ "$(requests)" = 2 ]
}

@test "when there is nothing to share, all ask at once" {
  local began
  serve -d 500 "$(run_answer 404 | cassette none)"
  began=$SECONDS
  at_once 6 sh -c "dl-runs $(ref run 7); [ \$? = 5 ]"
  [ "$(requests)" = 6 ]
  [ $((SECONDS - began)) -le 4 ]
}

@test "who has stopped with the turn does not stop others" {
  local pid
  serve "$({
    run_answer '200 delay=20000'
    run_answer '200'
  } | cassette stuck)"
  dl-runs "$(ref run 7)" >/dev/null 3>&- &
  pid=$!
  until [ "$(requests)" = 1 ]; do sleep 0.1; done
  kill -STOP $pid
  DL_TIMEOUT=2 ask # waits half of that
  [ "$(requests)" = 2 ]
  kill -KILL $pid
  wait $pid || true
  ask
}

@test "who has died with the turn does not stop others" {
  local began pid
  serve "$({
    run_answer '200 delay=20000'
    run_answer '200'
  } | cassette dead)"
  dl-runs "$(ref run 7)" >/dev/null 3>&- &
  pid=$!
  until [ "$(requests)" = 1 ]; do sleep 0.1; done
  kill -KILL $pid
  wait $pid || true
  began=$SECONDS
  ask
  [ $((SECONDS - began)) -le 2 ]
}

# ---- the quota ----

# quota LEFT SECONDS: the headers that say so.
quota() {
  QUOTA=("X-RateLimit-Remaining: $1" "X-RateLimit-Reset: {{now+$2}}")
}

@test "--reserve leaves requests for others, and says when there will be more" {
  quota 50 1000
  serve_run 200 "${QUOTA[@]}"
  ask --reserve 50 # nothing is known yet
  try dl-runs "$(ref run 7)" --reserve 50
  assert_status 7
  assert_output ''
  assert_stderr '^dl-runs: 127\.0\.0\.1:[0-9]+ answers 50 more requests, which --reserve leaves for others$'
  assert_stderr '^dl-runs: hint: the quota is filled again in (1000|9[0-9]+) s$'
  try dl-runs -R o/r --reserve 60
  assert_status 7
  try dl-cancel "$(ref run 7)" --reserve 50
  assert_status 7
  [ "$(requests)" = 1 ]
  ask --reserve 49
  ask
  ref run 7 >refs && ref run 7 >>refs
  try dl-runs --reserve 50 - <refs
  assert_status 1
  assert_json '.[0] | .class == "limited" and .retry_after_s > 900'
  [ "$(requests)" = 3 ]
}

@test "--reserve: the quota is one credential's, and one server's" {
  quota 50 1000
  serve_run 200 "${QUOTA[@]}"
  ask
  GITHUB_TOKEN=another ask --reserve 50
  GITHUB_API_URL=$URL2 GITHUB_TOKEN=s3cr3t-t0ken try dl-runs -R o/r --reserve 50
  [ "$(requests)" = 3 ]
  allow_unmatched
}

@test "--reserve: what is filled again by now is no matter, and what soon will be is waited for" {
  quota 5 4
  serve_run 200 "${QUOTA[@]}"
  ask
  ask --reserve 50 -v --timeout 1m
  assert_stderr '^dl-runs: the quota is filled again in [1-4]\.0 s$'
  sleep 4.1
  ask --reserve 50 -v --timeout 1m
  refute grep 'filled again' <<<"$stderr"
  [ "$(requests)" = 3 ]
}

@test "--reserve: a question that costs nothing as long as nothing is new goes down to half of it" {
  quota 50 1000
  serve_run '200 conditional' 'ETag: "7"' "${QUOTA[@]}"
  ask
  ask --reserve 60
  [ "$(event .not_modified)" = 1 ]
  try dl-runs "$(ref run 7)" --reserve 100
  assert_status 7
  ask --reserve 100 --max-age 1h
  [ "$(requests)" = 2 ]
}

@test "--reserve knows within one run what DL_CACHE=0 does not keep" {
  quota 50 1000
  serve "$({
    run_answer 200 "${QUOTA[@]}"
    answer 'GET /repos/o/r/actions/runs/8?*' "$(gh_runs 'id: 8' | jq '.workflow_runs[0]')"
  } | cassette two)"
  DL_CACHE=0 try sh -c '{ echo $1 && sleep 1 && echo $2; } | dl-runs - --reserve 50' - "$(ref run 7)" "$(ref run 8)"
  assert_status 1
  assert_json '.[0].id == "7" and .[1].class == "limited"'
  [ "$(requests)" = 1 ]
}
