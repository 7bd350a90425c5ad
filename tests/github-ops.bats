# What is started, run again and stopped on GitHub: what is checked before, what is sent, and what is believed of
# the answer.
# shellcheck disable=SC2154 # `try` sets $stderr
load helper
load github

setup() {
  hermetic
  export GITHUB_TOKEN=a-token DL_RETRIES=0
}

RUN='GET /repos/o/r/actions/runs/1?*'
DISPATCH='POST /repos/o/r/actions/workflows/release.yml/dispatches'
CONTENTS='GET /repos/o/r/contents/.github/workflows/release.yml?*'
RUNS='GET /repos/o/r/actions/workflows/release.yml/runs?*'
STARTED='{"workflow_run_id":1}'

# release_file: a workflow with inputs of every kind.
release_file() {
  cat <<'END'
name: Release
on:
  push:
    tags: ['v*']
  workflow_dispatch:
    inputs:
      version: {description: without the v, required: true}
      channel: {type: choice, options: [stable, beta], default: stable}
      dry_run: {type: boolean}
      retries: {type: number, required: true, default: 3}
END
}

# run_1 FIELDS: run 1, as it is asked for alone.
run_1() {
  gh_runs "event: \"workflow_dispatch\", status: \"queued\", conclusion: null, ${1:-id: 1}" | jq -c '.workflow_runs[0]'
}

# release_answers [FILE [STATUS]]: a repository with that workflow, and a server that says which run it starts.
release_answers() {
  answer "$CONTENTS" "${1-$(release_file)}" "${2:-200}"
  answer "$DISPATCH" "$STARTED"
  answer "$RUN" "$(run_1)"
  answer 'GET /repos/o/r' '{"default_branch":"trunk"}'
}

# posts: how many requests were no reads.
posts() {
  requests '^(POST|PUT|PATCH|DELETE) '
}

# clone: a clone of o/r in the folder w, with the workflow, whose main stands at the server's main.
clone() {
  make_repo w https://github.com/o/r.git
  mkdir -p w/.github/workflows
  release_file >w/.github/workflows/release.yml
  git -C w add .
  git -C w commit -q -m release
  HEAD=$(git -C w rev-parse HEAD)
}

# Where the runs of a server that does not tell are looked for, it takes time: that goes on beside the tests.
setup_file() {
  BATS_TEST_TMPDIR=$BATS_FILE_TMPDIR DL_RETRIES=0
  export DL_RETRIES
  meanwhile silent github/dispatch-silent \
    'dl-trigger -R wrecker/PyGithub manual_dispatch.yml -b master -f message=hello -F ref,status'
  local mine='event: "workflow_dispatch", status: "queued", conclusion: null, created_at: "{{time+1}}"'
  meanwhile among "$(
    {
      answer "$CONTENTS" '' 404
      answer "$DISPATCH" '{"message":"Invalid request.\n\n\"return_run_details\" is not a permitted key."}' 422 \
        'need body: *return_run_details*'
      answer "$DISPATCH" '' 204 'need body: {"ref":"refs/heads/main","inputs":{}}'
      answer 'GET /user' '{"login":"ada"}'
      answer "$RUNS" "$(gh_runs "$mine, id: 11, actor: {login: \"bob\"}" "$mine, id: 12, head_branch: \"topic\"" \
        "$mine, id: 13, event: \"push\"" "$mine, id: 14, created_at: \"{{time-60}}\"" \
        "$mine, id: 15, head_repository: {full_name: \"bob/r\"}" "$mine, id: 1")"
    } | cassette among
  )" 'dl-trigger -R o/r release.yml -b refs/heads/main -F id'
  meanwhile several "$(
    {
      answer "$CONTENTS" '' 404
      answer "$DISPATCH" '' 204
      answer 'GET /user' '{"message":"Resource not accessible by integration"}' 403
      answer "$RUNS" "$(gh_runs "$mine")"
      answer "$RUNS" "$(gh_runs "$mine, id: 2, actor: {login: \"bob\"}" "$mine")"
    } | cassette several
  )" 'dl-trigger -R o/r release.yml -b main'
  meanwhile lost "$(
    {
      answer "$CONTENTS" '' 404
      answer "$DISPATCH" '' close
      answer 'GET /user' '{"login":"ada"}'
      answer "$RUNS" "$(gh_runs "$mine")"
    } | cassette lost
  )" 'dl-trigger -R o/r release.yml -b main -F id'
  meanwhile gone "$(
    {
      answer "$CONTENTS" '' 404
      answer "$DISPATCH" '{"message":"Server Error"}' 502
      answer 'GET /user' '{"login":"ada"}'
      answer "$RUNS" "$(gh_runs)"
    } | cassette gone
  )" 'dl-trigger -R o/r release.yml -b main'
  meanwhile again github/rerun \
    'dl-rerun "$(ref run 3881497935 PyGithub/PyGithub)"; dl-rerun --failed "$(ref run 3881497935 PyGithub/PyGithub)" 2>&1 || :'
  meanwhile twice "$(
    {
      answer "$RUN" "$(run_1 'status: "completed", conclusion: "failure"')"
      answer 'POST /repos/o/r/actions/runs/1/rerun' '{"message":"Server Error"}' 502
      answer "$RUN" "$(run_1 'run_attempt: 2')"
    } | cassette twice
  )" 'dl-rerun "$(ref run 1)" -F attempt'
}

# ---- starting ----

@test "a workflow is started, and the run that it says is printed" {
  serve github/dispatch
  try dl-trigger -R wrecker/PyGithub manual_dispatch.yml -b master -f logLevel=debug -f 'message=say "hi"'
  assert_status 0
  assert_json "length == 1 and .[0].ref == \"$(ref run 123456789 wrecker/PyGithub)\" and .[0].status == \"queued\""
  requested 'POST .*/manual_dispatch.yml/dispatches' \
    'body: \{"ref":"master","inputs":\{"logLevel":"debug","message":"say \\+"hi\\+""\},"return_run_details":true\}'
  [ "$(requests)" = 3 ]
}

@test "a server that does not say which run it started: it is looked for" {
  ended silent
  assert_status 0
  [ "$(cut -f 2 <<<"$output")" = queued ]
  [[ $output == *:wrecker/PyGithub/run/123456789* ]]
  [ "$(posts)" = 1 ]
  [ "$(requests 'GET .*/runs\?')" = 4 ] # it appears in the third list, and must stand in one more
}

@test "a server that does not know what it is asked to say is asked again without; others' runs are not taken" {
  ended among
  assert_status 0
  assert_output 1
  [ "$(posts)" = 2 ]
}

@test "where two runs may be the one, none is named" {
  ended several
  assert_status 3
  assert_output ''
  [ "$stderr" = "dl-trigger: release.yml was started, but others were, too, and which run is which cannot be told
dl-trigger: hint: before it is started again: dl-runs -e workflow_dispatch -W release.yml" ]
}

@test "after a lost answer nothing is sent again: what it started is looked for" {
  ended lost
  assert_status 0
  assert_output 1
  [ "$(posts)" = 1 ]
  ended gone
  assert_status 8
  assert_output ''
  [ "$(posts)" = 1 ]
  assert_stderr 'is broken at the moment: Server Error$'
  assert_stderr '^dl-trigger: hint: it may have been started all the same: look at dl-runs -e workflow_dispatch -W release.yml$'
}

@test "what no server could be reached for is sent again" {
  local port=$((15000 + RANDOM % 17000)) pid # no port that a client gets
  GITHUB_API_URL=http://127.0.0.1:$port DL_RETRIES=9 dl-cancel -v "github@127.0.0.1:$port:o/r/run/1" >told 2>errors &
  pid=$!
  eventually grep -q 'POST .*connect.*$' errors
  serve -p "$port" "$({
    answer 'POST /repos/o/r/actions/runs/1/cancel' '{}' 202
    answer "$RUN" "$(run_1)"
  } | cassette late)"
  wait "$pid"
  [ "$(jq -r .id told)" = 1 ]
  [ "$(posts)" = 1 ]
}

@test "what has not reached the server was not started: nothing is looked for" {
  clone
  GITHUB_API_URL=http://127.0.0.1:1 try dl-trigger -C w release.yml -b main -f version=1
  assert_status 8
  assert_stderr '^dl-trigger: 127\.0\.0\.1:1 cannot be reached: '
  refute grep -q 'all the same' <<<"$stderr"
}

@test "a run that cannot be shown yet is printed all the same" {
  serve "$(
    {
      answer "$CONTENTS" '' 404
      answer "$DISPATCH" "$STARTED"
      answer "$RUN" '' 404
    } | cassette late
  )"
  try dl-trigger -R o/r release.yml -b main
  assert_status 0
  assert_json ".[0] | .ref == \"$(ref run 1)\" and .status == \"queued\" and .branch == \"main\" and .sha == null and .workflow == \"release.yml\""
  [ "$(requests 'GET .*/runs/1')" = 3 ]
}

@test "every input that is unknown, missing or no choice is named, before anything is sent" {
  serve "$(release_answers | cassette release)"
  try dl-trigger -R o/r release.yml -b main -f versoin=1 -f channel=betta -f dry_run=yes -f x=
  assert_status 2
  assert_output ''
  [ "$stderr" = "dl-trigger: release.yml: it takes no input 'versoin'; input 'channel' cannot be 'betta'; input 'dry_run' cannot be 'yes'; it takes no input 'x'; it needs input 'version'
dl-trigger: hint: it takes version (required), channel (stable,beta), dry_run (true,false), retries" ]
  for inputs in 'version' '=1' '-f version=1 -f version=2'; do
    # shellcheck disable=SC2086 # words
    try dl-trigger -R o/r release.yml -b main -f ${inputs#-f }
    assert_status 2
  done
  assert_stderr '^dl-trigger: input version is given twice$'
  [ "$(posts)" = 0 ]
  try dl-trigger -R o/r release.yml -b main -f version=1=2 -f dry_run=true -f channel=beta
  assert_status 0
  requested 'body: .*"inputs":\{"version":"1=2","dry_run":"true","channel":"beta"\}'
}

@test "in a clone the definition is read offline, at what the server's branch stands at" {
  clone
  serve "$({
    release_answers
    answer 'GET /repos/o/r/commits/main' "$HEAD"
  } | cassette release)"
  try dl-trigger -C w release.yml -f y=1
  assert_status 2
  assert_stderr "it takes no input 'y'; it needs input 'version'"
  [ "$(requests)" = 1 ]
  try dl-trigger -C w release.yml -f version=1
  assert_status 0
  requested '^POST ' 'body: \{"ref":"main",'
  refute requested contents
}

@test "a clone that is behind does not decide: the server has the definition" {
  clone
  serve "$({
    answer 'GET /repos/o/r/contents/.github/workflows/release.yml?ref='$SHA \
      $'on:\n  workflow_dispatch:\n    inputs:\n      newer:'
    release_answers
    answer 'GET /repos/o/r/commits/main' "$SHA"
  } | cassette release)"
  try dl-trigger -C w release.yml -f newer=1 -F id
  assert_status 0
  assert_output 1
}

@test "the branch: -b, else the current one, else the project's default" {
  clone
  serve "$({
    answer 'GET /repos/o/r/commits/*' '' 404
    release_answers '' 404
  } | cassette release)"
  git -C w switch -q -c feature/x
  try dl-trigger -C w release.yml
  requested '^POST ' 'body: \{"ref":"feature/x",'
  try dl-trigger -C w release.yml -b v1
  requested '^POST ' 'body: \{"ref":"v1",'
  refute requested '^GET /repos/o/r '
  try dl-trigger -R o/r release.yml
  requested '^POST ' 'body: \{"ref":"trunk",'
  git -C w switch -q --detach
  : >"$REQUESTS"
  try dl-trigger -C w release.yml
  requested '^POST ' 'body: \{"ref":"trunk",'
  try dl-trigger -C w release.yml -c HEAD -f version=1
  assert_status 2
  assert_stderr 'starts workflows for a branch or tag, not for a commit$'
}

@test "a definition that cannot be read is left to the server" {
  local status_
  for status_ in 404 403 500; do
    serve "$(release_answers '{"message":"no"}' "$status_" | cassette "no-$status_")"
    try dl-trigger -R o/r release.yml -b main -f any=thing -F id
    assert_output 1
  done
  serve "$(release_answers $'on:\n  workflow_dispatch: *a' | cassette alias)"
  try dl-trigger -R o/r release.yml -b main -f any=thing -F id
  assert_output 1
}

@test "a workflow that cannot be started by hand is refused without asking" {
  serve "$(release_answers 'on: push' | cassette push)"
  try dl-trigger -R o/r release.yml -b main
  assert_status 6
  assert_stderr '^dl-trigger: release.yml cannot be started by hand$'
  [ "$(posts)" = 0 ]
}

@test "what the server says to a start is made clear" {
  local status_ expected message pattern
  while IFS='|' read -r status_ expected message pattern; do
    serve "$({
      answer "$CONTENTS" '' 404
      answer "$DISPATCH" "$(jq -nc '{message: $m}' --arg m "$message")" "$status_"
    } | cassette "refusal-$expected-$RANDOM")"
    try dl-trigger -R o/r release.yml -b topic
    assert_status "$expected"
    assert_output ''
    assert_stderr "$pattern"
  done <<'END'
404|5|Not Found|^dl-trigger: o/r has no workflow 'release.yml' that can be started$
404|5|Not Found|hint: its file must be on the default branch, and the token may need
422|5|No ref found for: topic|^dl-trigger: o/r has no branch or tag 'topic'$
422|6|Workflow does not have 'workflow_dispatch' trigger|hint: add `workflow_dispatch:` below its `on:`
422|6|Required input 'x' not provided|refuses that: Required input 'x' not provided$
403|4|Resource not accessible by personal access token|forbids that: Resource not accessible
END
  serve github/dispatch-input
  try dl-trigger -R o/r x.yml -b main
  assert_status 6
  assert_stderr "Required input 'mandatory-parameter' not provided$"
  serve github/dispatch-no-trigger
  try dl-trigger -R o/r x.yml -b main
  assert_status 6
}

@test "a workflow by the name that people know, by its id, by its ref" {
  local list='{"total_count":1,"workflows":[{"id":5,"name":"Make a release","path":".github/workflows/release.yml","state":"active"}]}'
  serve "$({
    answer 'GET /repos/o/r/actions/workflows?*' "$list"
    answer 'POST /repos/o/r/actions/workflows/5/dispatches' "$STARTED"
    release_answers
  } | cassette names)"
  for name in 'Make a release' 5 .github/workflows/release.yml; do
    try dl-trigger -R o/r "$name" -b main -f version=1 -F id
    assert_output 1
    try dl-trigger -R o/r "$name" -b main
    assert_status 2
  done
  try dl-trigger "$(ref workflow release.yml)" -f version=1 -F id
  assert_output 1
  requested 'workflows/release.yml/dispatches' 'body: \{"ref":"trunk"'
  try dl-trigger "$(ref workflow release.yml)" -R o/r -f version=1
  assert_status 2
  try dl-trigger "$(ref run 1)" -f version=1
  assert_status 2
  assert_stderr '^dl-trigger: a run is no workflow$'
  assert_stderr '^dl-trigger: hint: dl-workflows prints the refs of workflows$'
  try dl-trigger -R o/r 'No such' -b main
  assert_status 5
  assert_stderr "^dl-trigger: o/r has no workflow 'No such'$"
  try dl-trigger -R o/r a.yml b.yml
  assert_status 2
}

@test "without an operand: the workflow that the configuration names" {
  clone
  mkdir w/.devloop
  echo '{"global":{"providers":{"ci":{"provider":"github","config":{"workflow":"release.yml"}}}}}' >w/.devloop/agents.json
  serve "$({
    release_answers
    answer 'GET /repos/o/r/commits/main' "$HEAD"
  } | cassette release)"
  try dl-trigger -C w -f version=1 -F id
  assert_status 0
  assert_output 1
  rm w/.devloop/agents.json
  try dl-trigger -C w
  assert_status 2
  assert_stderr '^dl-trigger: name one workflow$'
  assert_stderr '^dl-trigger: hint: dl-workflows lists'
}

@test "a dry run says what would be sent, and sends nothing" {
  serve "$(release_answers | cassette release)"
  try dl-trigger -N -R o/r release.yml -f version=1
  assert_status 0
  assert_output ''
  [ "$stderr" = "dl-trigger: would send POST $URL/repos/o/r/actions/workflows/release.yml/dispatches
dl-trigger: with {\"ref\":\"trunk\",\"inputs\":{\"version\":\"1\"},\"return_run_details\":true}" ]
  [ "$(posts)" = 0 ]
  serve "$(answer "$RUN" "$(run_1 'status: "completed", conclusion: "failure"')" | cassette over)"
  try dl-rerun -N "$(ref run 1)"
  assert_status 0
  try dl-cancel -N "$(ref run 1)"
  assert_status 0
  assert_stderr 'would send POST .*/actions/runs/1/cancel$'
  [ "$(posts)" = 0 ]
}

# ---- running again ----

@test "a run is run again, and printed when its new attempt has begun" {
  ended again
  output=${lines[0]}
  assert_json '.[0] | .attempt == 3 and .status == "queued" and .id == "3881497935"'
  [ "${#lines[@]}" = 3 ]
  [[ ${lines[1]} == 'dl-rerun: run 3881497935 is in progress' ]]
  [ "$(requests 'POST .*/rerun ')" = 1 ]
  [ "$(posts)" = 1 ]
}

@test "only what failed has a request of its own; where nothing failed it is refused" {
  serve "$({
    answer "$RUN" "$(run_1 'status: "completed", conclusion: "failure"')"
    answer 'POST /repos/o/r/actions/runs/1/rerun-failed-jobs' '{}' 201
    answer "$RUN" "$(run_1 'run_attempt: 2')"
    answer 'GET /repos/o/r/actions/runs/2?*' "$(run_1 'id: 2, status: "completed", conclusion: "success"')"
  } | cassette failed)"
  try dl-rerun --failed "$(ref run 1)" -F id,attempt
  assert_output $'1\t2'
  try dl-rerun --failed "$(ref run 2)"
  assert_status 6
  assert_stderr '^dl-rerun: nothing failed in run 2$'
  [ "$(posts)" = 1 ]
}

@test "what GitHub says to a rerun is a refusal or a lack of permission" {
  local expected message
  while IFS='|' read -r expected message; do
    serve "$({
      answer "$RUN" "$(run_1 'status: "completed", conclusion: "failure"')"
      answer 'POST /repos/o/r/actions/runs/1/rerun' "$(jq -nc '{message: $m}' --arg m "$message")" 403
    } | cassette "rerun-$RANDOM")"
    try dl-rerun "$(ref run 1)"
    assert_status "$expected"
    assert_output ''
    grep -qF "$message" <<<"$stderr"
  done <<'END'
6|This workflow is already running
6|Unable to retry this workflow run because it was created over a month ago
6|This workflow run cannot be retried
4|Resource not accessible by integration
END
  serve github/rerun-refused
  try dl-rerun "$(ref run 3881497935 PyGithub/PyGithub)"
  assert_status 4
  assert_stderr 'Must have admin rights to Repository'
}

@test "after a lost answer to a rerun the run is looked at" {
  ended twice
  assert_status 0
  assert_output 2
  [ "$(posts)" = 1 ]
}

# ---- stopping ----

@test "a run is asked to stop, by force where that is said, and printed as it is" {
  serve github/cancel
  try dl-cancel "$(ref run 3911660493 PyGithub/PyGithub)"
  assert_status 0
  assert_json '.[0].status == "in_progress"'
  requested '^POST .*/3911660493/cancel '
  try dl-cancel --force "$(ref run 3911660493 PyGithub/PyGithub)"
  assert_status 0
  requested '^POST .*/3911660493/force-cancel '
  [ "$(posts)" = 2 ]
}

@test "a run that is over, and one that the token may not stop" {
  serve github/cancel-done
  try dl-cancel "$(ref run 3910280793 PyGithub/PyGithub)"
  assert_status 6
  assert_output ''
  assert_stderr 'refuses that: Cannot cancel a workflow run that is completed.$'
  serve github/cancel-refused
  try dl-cancel "$(ref run 3911660493 PyGithub/PyGithub)"
  assert_status 4
  assert_stderr 'Must have admin rights to Repository'
}

# runs_of_commit LIST: the exchanges about the runs 1 to 3 of a commit, as far as they are in LIST.
runs_of_commit() {
  local list=$1 id
  answer "GET /repos/o/r/actions/runs?head_sha=$SHA&*" "$list"
  for id in 1 2 3; do
    answer "GET /repos/o/r/actions/runs/$id?*" "$(jq -c ".workflow_runs[] | select(.id == $id)" <<<"$list")"
  done
}

@test "of the runs of a commit those that can be stopped are, and those that can be run again" {
  local id over='{"message":"Cannot cancel a workflow run that is completed."}'
  serve "$({
    runs_of_commit "$(gh_runs 'id: 1, path: "1.yml"' 'id: 2, path: "2.yml", conclusion: "failure"' \
      'id: 3, path: "3.yml", conclusion: null, status: "in_progress"')"
    answer 'POST /repos/o/r/actions/runs/3/cancel' '{}' 202
    for id in 1 2; do answer "POST /repos/o/r/actions/runs/$id/cancel" "$over" 409; done
  } | cassette commit)"
  try dl-cancel "$(ref commit $SHA)" -F id
  assert_status 0
  assert_output 3
  assert_stderr '^dl-cancel: run 1: .* refuses that: Cannot cancel'
  assert_stderr '^dl-cancel: run 2: .* refuses that: Cannot cancel'
  try dl-rerun --failed -N "$(ref commit $SHA)"
  assert_status 0
  assert_stderr '^dl-rerun: run 1: nothing failed in run 1$'
  assert_stderr '^dl-rerun: would send POST .*/runs/2/rerun-failed-jobs$'
  assert_stderr '^dl-rerun: run 3: run 3 is in progress$'
  stop_servers
  serve "$({
    runs_of_commit "$(gh_runs 'id: 1, path: "1.yml"' 'id: 2, path: "2.yml"')"
    for id in 1 2; do answer "POST /repos/o/r/actions/runs/$id/cancel" "$over" 409; done
  } | cassette over)"
  try dl-cancel "$(ref commit $SHA)"
  assert_status 6
  assert_stderr '^dl-cancel: [^ ]* refuses that: Cannot cancel'
}

@test "runs in any state that is not over are stopped, several at once, from lines" {
  local id
  serve "$({
    for id in 1 2 3; do
      answer "POST /repos/o/r/actions/runs/$id/cancel" '{}' 202
      answer "GET /repos/o/r/actions/runs/$id?*" "$(run_1 "id: $id, status: \"waiting\"")"
    done
    answer 'POST /repos/o/r/actions/runs/4/cancel' '{"message":"Cannot cancel a workflow run that is completed."}' 409
    for id in queued requested pending waiting in_progress; do
      answer "GET /repos/o/r/actions/runs?status=$id&*" "$(gh_runs "id: ${#id}, status: \"$id\", conclusion: null")"
    done
  } | cassette several)"
  try dl-cancel - -F id < <(for id in 1 2 3; do ref run $id; done)
  assert_status 0
  assert_output $'1\n2\n3'
  try dl-cancel - -j < <(for id in 1 4 3; do ref run $id; done)
  assert_status 1
  assert_json '[.[].type] == ["run", "error", "run"] and .[1].class == "refused"'
}

# ---- artifacts ----

# gh_artifacts OBJECT...
gh_artifacts() {
  hub_list artifacts '{id: 6, name: "dist", size_in_bytes: 9, expired: false, created_at: "2026-01-14T11:30:00Z", expires_at: "2026-04-14T11:30:00Z", workflow_run: {id: 1, head_sha: "'$SHA'"}}' "$@"
}

@test "of several artifacts of one name, from several attempts, the newest is listed" {
  serve "$({
    answer 'GET /repos/o/r/actions/runs/1/artifacts?*' "$(gh_artifacts 'id: 5, created_at: "2026-01-14T10:30:00Z"' '' 'id: 7, name: "a", digest: "sha256:00"')"
    answer 'GET /repos/o/r/actions/runs/2/artifacts?*' "$(gh_artifacts)"
    answer 'GET /repos/o/r/actions/runs/2?*' "$(gh_runs 'id: 2' | jq '.workflow_runs[0]')"
  } | cassette artifacts)"
  try dl-artifacts "$(ref run 1)"
  assert_status 0
  assert_json '[.[].name] == ["a", "dist"] and [.[].id] == ["7", "6"] and .[0].digest == "sha256:00"'
  assert_json ".[1] | .ref == \"$(ref artifact 6)\" and .run_id == \"1\" and .size_bytes == 9 and .expired == false and .expires_at == \"2026-04-14T11:30:00Z\""
  try dl-artifacts "$(ref run 2)"
  assert_status 5
  assert_output ''
}

@test "an artifact comes from a storage host that sees no credential, from where it was cut" {
  local digest
  digest=$(printf 'the bytes' | sha256sum | cut -d ' ' -f 1)
  serve "$({
    answer 'GET /repos/o/r/actions/artifacts/6' "$(gh_artifacts "digest: \"sha256:$digest\"" | jq '.artifacts[0]')"
    answer 'GET /repos/o/r/actions/artifacts/6/zip' '' 302 'need authorization' 'Location: {{base2}}/blob?sig=secret'
    answer 'GET /blob?sig=secret' ' bytes' 206 'deny authorization' 'need range: bytes=3-' 'Content-Range: bytes 3-8/9'
    answer 'GET /blob?sig=secret' 'the bytes' '200 cut=3' 'deny authorization'
  } | cassette artifact)"
  try dl-artifacts "$(ref artifact 6)" --zip -d out -F path
  assert_status 0
  [ "$(cat "$output")" = 'the bytes' ]
  refute grep -q secret <<<"$stderr"
  [ "$(requests '^GET /blob')" = 2 ]
  requested '^GET /blob.* -> 206' 'range: bytes=3-'
}

@test "a storage host that begins at the beginning is no failure, an artifact that is gone is exit 5" {
  serve "$({
    answer 'GET /repos/o/r/actions/artifacts/6' "$(gh_artifacts '' | jq '.artifacts[0]')"
    answer 'GET /repos/o/r/actions/artifacts/6/zip' '' 302 'Location: {{base2}}/blob'
    answer 'GET /blob' 'the bytes' '200 cut=3'
    answer 'GET /blob' 'the bytes'
    answer 'GET /repos/o/r/actions/artifacts/8' "$(gh_artifacts 'id: 8' | jq '.artifacts[0]')"
    answer 'GET /repos/o/r/actions/artifacts/8/zip' '{"message":"Artifact has expired"}' 410
    answer 'GET /repos/o/r/actions/artifacts/9' '{"message":"Not Found"}' 404
  } | cassette artifact)"
  try dl-artifacts "$(ref artifact 6)" --zip -d out -F path
  assert_status 0
  [ "$(cat "$output")" = 'the bytes' ]
  [ "$(requests '^GET /blob')" = 2 ]
  for id in 8 9; do
    try dl-artifacts "$(ref artifact $id)" --zip -d out
    assert_status 5
    assert_output ''
  done
}
