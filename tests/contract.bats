# What holds for every provider of CI: the same scenarios, each over all of them. A provider NAME is a file
# tests/contract/NAME.bash with a function as_NAME that makes ready what the scenarios need, in a folder of its own:
#
#   HERE     options that name the place
#   EMPTY    options that name a place without runs
#   REFS     the refs of all runs there, newest first; one has failed
#   FAILED   the ref of the one that failed
#   SHA      its commit
#   LOG      a line of its log
#   UNKNOWN  the ref of a run that does not exist
#   LACKS    a command for an operation that the provider has not; what it is called, and who has it
#
# and, when it can be done in no time, a function follow_NAME that follows a log of three lines.
# shellcheck disable=SC2154 # `try` sets $stderr
load helper
load github

PROVIDERS=
for provider in "$ROOT"/tests/contract/*.bash; do
  # shellcheck source=/dev/null
  source "$provider"
  PROVIDERS+=" $(basename "$provider" .bash)"
done

# each SCENARIO: over all providers. What it prints is shown when it fails.
each() {
  local PROVIDER HERE EMPTY REFS FAILED LOG UNKNOWN LACKS LACK OWNERS
  for PROVIDER in $PROVIDERS; do
    echo "provider: $PROVIDER"
    mkdir "$BATS_TEST_TMPDIR/$PROVIDER"
    cd "$BATS_TEST_TMPDIR/$PROVIDER" || return
    "as_$PROVIDER"
    "$1"
    stop_servers
  done
}

setup() {
  hermetic
  export GITHUB_TOKEN=a-token DL_RETRIES=0
}

setup_file() {
  BATS_TEST_TMPDIR=$BATS_FILE_TMPDIR
  mkdir "$BATS_FILE_TMPDIR/local"
  (BATS_TEST_TMPDIR=$BATS_FILE_TMPDIR/local && hermetic && make_local) >/dev/null
  meanwhile follow-github "$(
    {
      answer 'GET /repos/o/r/actions/runs/1/jobs?*' "$(gh_jobs 'status: "in_progress", conclusion: null')"
      answer 'GET /repos/o/r/actions/runs/1/jobs?*' "$(gh_jobs '')"
      answer 'GET /repos/o/r/actions/jobs/11/logs' $'2026-01-14T10:30:00Z one\n2026-01-14T10:30:01Z two\n2026-01-14T10:30:02Z three'
      answer 'GET /repos/o/r/actions/runs/1?*' "$(gh_runs '' | jq '.workflow_runs[0]')"
    } | cassette follow
  )" 'dl-logs -f "$(ref run 1)"'
  meanwhile follow-jenkins "$(
    local build="GET /jenkins/job/b/1/api/json?tree=*" log='GET /jenkins/job/b/1/logText/progressiveText?start'
    {
      answer "$build" '{"number":1,"building":true}'
      answer "$build" '{"number":1,"building":false,"result":"SUCCESS"}'
      answer "$log=0" $'one\ntw' 200 'X-Text-Size: 6' 'X-More-Data: true'
      answer "$log=6" $'o\nthree' 200 'X-Text-Size: 13'
    } | sed 's|application/json|text/plain|' | cassette jenkins
  )" 'export JENKINS_URL=$URL/jenkins; dl-logs -f "jenkins@${URL#http://}/jenkins:b/run/1"'
}

# asked WORDS...: `try`, with HERE and the like as words.
asked() {
  # shellcheck disable=SC2048,SC2086 # words
  try $*
}

lists_runs() {
  asked "dl-runs $HERE -F ref"
  assert_status 0
  assert_output "$(tr ' ' '\n' <<<"$REFS")"
  asked "dl-runs $HERE"
  assert_json "all(.type == \"run\" and .provider == \"$PROVIDER\")"
  assert_json 'map(.created_at) == (map(.created_at) | sort | reverse)'
}

@test "runs are listed, newest first" {
  each lists_runs
}

tells_of_none() {
  asked "dl-runs $EMPTY"
  assert_status 5
  assert_output ''
  [ "$stderr" = 'dl-runs: no such runs' ]
}

@test "no runs: exit 5, and nothing on stdout" {
  each tells_of_none
}

keeps_the_limit() {
  asked "dl-runs $HERE -n 1 -F ref"
  assert_output "${REFS%% *}"
  asked "dl-runs $HERE -n 0 -F ref"
  assert_output "$(tr ' ' '\n' <<<"$REFS")"
}

@test "the limit, and none" {
  each keeps_the_limit
}

filters_runs() {
  [ -n "$FAILED" ] || return 0
  asked "dl-runs $HERE -s failure -F ref"
  assert_output "$FAILED"
  asked "dl-runs $HERE -c $SHA -F ref"
  assert_output "$FAILED"
}

@test "runs by state and by commit" {
  each filters_runs
}

reads_its_refs() {
  asked "dl-runs $HERE -n 0"
  printf '%s\n' "${lines[@]}" >all
  # shellcheck disable=SC2086 # words
  dl-runs $REFS | cmp - all
  dl-runs - <all | cmp - all
  dl-show -j <all | cmp - all
}

@test "a ref leads back to its run, and lines to themselves" {
  each reads_its_refs
}

misses_a_run() {
  for program in dl-runs dl-logs; do
    try "$program" "$UNKNOWN"
    assert_status 5
    assert_output ''
    assert_stderr "^$program: "
  done
  try dl-runs "$UNKNOWN" "${REFS%% *}"
  assert_status 1
  assert_json ".[0].type == \"error\" and .[0].ref == \"$UNKNOWN\" and .[0].class == \"missing\" and .[1].ref == \"${REFS%% *}\""
}

@test "a run that does not exist: exit 5; among others an error line" {
  each misses_a_run
}

prints_a_log() {
  local ref=${FAILED:-${REFS%% *}}
  try dl-logs "$ref"
  assert_status 0
  assert_line "$LOG"
  dl-logs "$ref" >text
  dl-logs "$ref" --tail 1 | cmp - <(tail -n 1 text)
  dl-logs "$ref" -F text | cmp - text
  try dl-logs "$ref" -j
  assert_json "length > 0 and all(.type == \"log\" and .provider == \"$PROVIDER\") and .[0].number == 1"
}

@test "the log of a run that is over, as text and as lines" {
  each prints_a_log
}

follows_a_log() {
  if [ "$PROVIDER" = local ]; then
    printf '#!/bin/sh\necho one; sleep 0.3; printf tw; sleep 0.3; printf "o\\nthree"\n' >.devloop/ci/slow
    chmod +x .devloop/ci/slow
    git add . && git commit -q -m slow
    try dl-logs -f "$(dl-trigger -p local -F ref slow)"
  elif declare -F "follow_$PROVIDER" >/dev/null; then
    "follow_$PROVIDER"
  else
    ended "follow-$PROVIDER"
  fi
  assert_status 0
  assert_output $'one\ntwo\nthree'
}

@test "a log is followed to its end, each line once" {
  each follows_a_log
}

names_who_can() {
  [ -n "$LACKS" ] || return 0
  asked "$LACKS"
  assert_status 10
  assert_output ''
  [ "$stderr" = "${LACKS%% *}: $PROVIDER has no operation '$LACK'
${LACKS%% *}: hint: these have: $OWNERS" ]
}

@test "an operation that a provider has not: exit 10, and who has it" {
  each names_who_can
}

# fields TYPE: the fields that records of TYPE have, in order.
fields() {
  echo type
  dl-show --fields | awk -F '\t' -v type="$1" '$1 == type { print $2 }'
}

fills_all_fields() {
  local ref=${FAILED:-${REFS%% *}} line type
  {
    # shellcheck disable=SC2086 # words
    dl-runs $HERE -n 0
    dl-logs -j "$ref"
    if [ "$LACK" != jobs ]; then dl-jobs "$ref"; fi
    # shellcheck disable=SC2086 # words
    if [ -n "$SHA" ]; then dl-status $HERE -c "$SHA" || true; fi
    dl-runs "$UNKNOWN" "$UNKNOWN" 2>/dev/null || true
  } >all
  for type in $(jq -r .type all | sort -u); do
    [ "$(jq -r "select(.type == \"$type\") | keys_unsorted | join(\" \")" all | sort -u)" = "$(fields "$type" | paste -sd ' ')" ]
  done
  [ "$(jq -r .type all | sort -u | wc -l)" -ge 3 ]
  output=$(cat all)
  # The words of the vocabulary; a conclusion exactly when it is over; times in one form; a full hash.
  assert_json 'map(select(has("status") and .type != "error" and .status != null)) | all(
    (.status | IN("queued", "in_progress", "completed")) and (.status == "completed") == (.conclusion != null) and
    (.conclusion == null or (.conclusion | IN("success", "failure", "timed_out", "cancelled", "neutral", "skipped", "stale", "action_required"))))'
  assert_json 'map(to_entries[] | select((.key | endswith("_at")) and .value != null).value) |
    length > 0 and all(test("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$"))'
  assert_json 'map(select(.sha? != null).sha) | all(test("^[0-9a-f]{40}$"))'
  assert_json 'map(select(.id? != null).id) | all(type == "string")'
  assert_json 'map(select(.duration_s? != null).duration_s) | all(type == "number" and . >= 0)'
  assert_json "map(.ref) | all(. == null or startswith(\"$PROVIDER\"))"
}

@test "records have all their fields in order, and the words of the vocabulary" {
  each fills_all_fields
}

judges() {
  [ -n "$SHA" ] || return 0
  asked "dl-status $HERE -c $SHA -F verdict,conclusion,sha,ref"
  assert_status 1
  assert_output "failure"$'\t'"failure"$'\t'"$SHA"$'\t'"$FAILED"
  # shellcheck disable=SC2086 # words
  dl-status $HERE -c "$SHA" | dl-logs --failed >text
  grep -qx "$LOG" text
}

@test "the verdict on a commit names the run that decides, whose log says why" {
  each judges
}
