# dl-watch: runs that are over are told, one line each; with --events every change.
# shellcheck disable=SC2154 # `try` sets $stderr
load helper
load github

GOES_ON='status: "in_progress", conclusion: null'

setup() {
  hermetic
  export GITHUB_TOKEN=a-token DL_RETRIES=0
}

# run_answers ID STATE...: what each question about run ID is answered with; the last repeats.
run_answers() {
  local id=$1 state
  shift
  for state in "$@"; do
    answer "GET /repos/o/r/actions/runs/$id?*" "$(gh_runs "id: $id, $state" | jq '.workflow_runs[0]')"
  done
}

# broken ID [STATUS]: one question about run ID that the server cannot answer.
broken() {
  answer "GET /repos/o/r/actions/runs/$1?*" '{"message":"oops"}' "${2:-502}"
}

setup_file() {
  meanwhile one "$(run_answers 1 "status: \"queued\", conclusion: null" "$GOES_ON" 'conclusion: "success"' | cassette one)" \
    'dl-watch --interval 1s "$(ref run 1)"'
  meanwhile events "$(run_answers 1 'status: "queued", conclusion: null' 'status: "queued", conclusion: null' \
    "$GOES_ON" 'conclusion: "failure"' | cassette events)" 'dl-watch --interval 1s --events "$(ref run 1)"'
  meanwhile burst "$({ run_answers 1 "$GOES_ON" && broken 1 && broken 1 503 && broken 1 && run_answers 1 ''; } | cassette burst)" \
    'export DL_RETRIES=0; dl-watch --interval 1s "$(ref run 1)"'
  meanwhile broken "$({ run_answers 1 "$GOES_ON" && broken 1; } | cassette broken)" \
    'export DL_RETRIES=0; dl-watch --interval 1s "$(ref run 1)"'
  meanwhile late "$({ broken 1 404 && broken 1 404 && run_answers 1 ''; } | cassette late)" \
    'dl-watch --interval 1s "$(ref run 1)"'
  meanwhile deadline "$(run_answers 1 "$GOES_ON" | cassette deadline)" \
    'dl-watch --interval 1s --timeout 3s "$(ref run 1)"'
  meanwhile many "$(
    {
      answer 'GET /repos/o/r/actions/runs?*' "$(gh_runs "id: 3, $GOES_ON" "id: 2, $GOES_ON" "id: 1, $GOES_ON")"
      answer 'GET /repos/o/r/actions/runs?*' "$(gh_runs "id: 3, $GOES_ON" 'id: 2' "id: 1, $GOES_ON")"
      answer 'GET /repos/o/r/actions/runs?*' "$(gh_runs 'id: 3, conclusion: "failure"' 'id: 2' "id: 1, $GOES_ON")"
      run_answers 1 ''
      answer 'GET /repos/a/b/actions/runs/7?*' "$(gh_runs 'id: 7, repository: {full_name: "a/b"}' | jq '.workflow_runs[0]')"
    } | cassette many
  )" 'dl-watch --interval 1s "$(ref run 1)" "$(ref run 2)" "$(ref run 3)" "$(ref run 7 a/b)"'
}

@test "one run: a line when it is over, and nothing before" {
  ended one
  assert_status 0
  [ "${#lines[@]}" = 1 ]
  assert_json '.[0] | .type == "run" and .status == "completed" and .conclusion == "success"'
  [ "$(requests)" = 3 ]
  [ -z "$stderr" ]
}

@test "--events: first sight, then changes, then the end; the exit code is the verdict" {
  ended events
  assert_status 1
  assert_json 'map([.status, .conclusion]) ==
    [["queued", null], ["in_progress", null], ["completed", "failure"]]'
}

@test "a burst of failures is told and borne" {
  ended burst
  assert_status 0
  [ "${#lines[@]}" = 1 ]
  [ "$(grep -c 'asking again$' <<<"$stderr")" = 3 ]
}

@test "six failures in a row end it with 8, never with 1" {
  ended broken
  assert_status 8
  assert_json 'map(.type) == []'
  [ "$(requests)" = 7 ]
}

@test "a run that is not known yet everywhere is looked for again" {
  ended late
  assert_status 0
  assert_json '.[0].conclusion == "success"'
}

@test "the deadline: 3, and no line" {
  ended deadline
  assert_status 3
  assert_output ''
  assert_stderr '^dl-watch: the time is up: 0 of 1 over$'
}

@test "many runs of several projects: one request for those of one list, and each line when it is due" {
  ended many
  assert_status 1
  assert_json 'map(.id) | sort == ["1", "2", "3", "7"]'
  [ "$(field 0 id)" = 7 ] || [ "$(field 1 id)" = 7 ]
  [ "$(field 3 id)" = 1 ]
  [ "$(requests '/repos/o/r/actions/runs\?')" = 3 ]
  [ "$(requests '/repos/o/r/actions/runs/')" = 1 ] # when one is left, it is asked for alone
}

@test "waiting for a human ends the waiting" {
  serve "$(run_answers 1 'status: "waiting", conclusion: null' | cassette waiting)"
  try dl-watch "$(ref run 1)"
  assert_status 1
  assert_json '.[0].needs_action == true'
}

@test "a commit stands for its runs; the same run twice is one" {
  serve "$({ commit_answers "$(gh_runs 'id: 1' 'id: 2, path: ".github/workflows/x.yml"')" &&
    answer 'GET /repos/o/r/actions/runs?*' "$(gh_runs 'id: 1' 'id: 2')"; } | cassette commit)"
  try dl-watch "$(ref commit "$SHA")" "$(ref run 1)"
  assert_status 0
  assert_json 'map(.id) | sort == ["1", "2"]'
}

@test "one that is missing is an error line among others, and exit 5 alone" {
  serve "$({ broken 9 404 && run_answers 1 '' && answer 'GET /repos/o/r/actions/runs?*' "$(gh_runs)"; } | cassette missing)"
  try dl-watch --interval 1s "$(ref run 9)"
  assert_status 5
  assert_output ''
  try dl-watch --interval 1s "$(ref run 1)" "$(ref run 9)"
  assert_status 5
  assert_json 'map(.type) == ["run", "error"] and .[1].class == "missing"'
}

@test "--exec gets each line on its standard input; what it prints does not mix with ours" {
  serve "$(run_answers 1 '' | cassette exec)"
  try dl-watch --exec 'jq -r .conclusion >>seen; echo told' "$(ref run 1)"
  assert_status 0
  assert_json 'map(.type) == ["run"]'
  [ "$(cat seen)" = success ]
  assert_stderr '^told$'
  try dl-watch --exec 'exit 3' "$(ref run 1)"
  assert_status 0
  assert_stderr 'the command ended with status 3'
}

@test "what failed before it in the pipe is passed on" {
  try dl-watch </dev/null
  assert_status 5
  assert_stderr 'nothing came in'
  serve "$(run_answers 1 '' | cassette upstream)"
  try dl-watch <<<"$(ref run 1)"$'\n''{"type":"error","ref":null,"provider":null,"host":null,"project":null,"class":"network","exit":8,"message":"m","hint":null,"retry_after_s":null,"status":null}'
  assert_status 8
  assert_json 'map(.type) | sort == ["error", "run"]'
}

@test "the local provider: what was triggered is watched to its end" {
  git init -q -b main w && cd w
  mkdir -p .devloop/ci
  printf '#!/bin/sh\nsleep 0.5\nexit 1\n' >.devloop/ci/bad
  printf '#!/bin/sh\nsleep 0.2\n' >.devloop/ci/good
  chmod +x .devloop/ci/*
  git add . && git commit -q -m first
  { dl-trigger -p local good && dl-trigger -p local bad; } >refs
  try dl-watch <refs
  assert_status 1
  assert_json 'map([.workflow, .conclusion]) | sort == [["bad", "failure"], ["good", "success"]]'
}
