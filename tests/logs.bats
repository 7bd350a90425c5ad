# dl-logs, on GitHub. What takes seconds runs beside the other tests: see meanwhile in github.bash.
# shellcheck disable=SC2154 # `try` sets $stderr
load helper
load github

setup() {
  hermetic
  export GITHUB_TOKEN=a-token # which also saves the search for one
}

# log ID BODY [WORDS]: the exchanges for the log of job ID: a redirect to the storage host, which must not see the token.
log() {
  answer "GET /repos/o/r/actions/jobs/$1/logs" '' 302 "Location: {{base2}}/storage/$1?sig=SECRET"
  answer "GET /storage/$1?*" "$2" "200${3:+ $3}" 'deny authorization' 'deny x-github-api-version' 'need host: localhost:*'
}

setup_file() {
  local answers
  answers=$(follow_answers)
  meanwhile follow "$answers" 'dl-logs -f "$(ref run 1)"'
  meanwhile follow-lines "$answers" 'dl-logs -f -j "$(ref run 1)"'
}

# Two jobs: one is over at once, the other in the second round, its log a round later; then the run is over.
follow_answers() {
  local at="$BATS_FILE_TMPDIR/follow.http" running='id: 12, name: "test", status: "in_progress", conclusion: null, completed_at: null'
  {
    echo '# source: composed for one test' && echo
    answer 'GET /repos/o/r/actions/runs/1/jobs?*' "$(gh_jobs 'id: 11' "$running")"
    answer 'GET /repos/o/r/actions/runs/1/jobs?*' "$(gh_jobs 'id: 11' 'id: 12, name: "test", conclusion: "failure"')"
    answer 'GET /repos/o/r/actions/runs/1?*' "$(gh_runs '' | jq '.workflow_runs[0]')"
    answer 'GET /repos/o/r/actions/jobs/12/logs' '{"message":"Not Found"}' 404
    answer 'GET /repos/o/r/actions/jobs/12' "$(gh_jobs 'id: 12, name: "test", conclusion: "failure"' | jq '.jobs[0]')"
    log 11 $'2026-01-14T10:30:01.5Z built'
    log 12 $'2026-01-14T10:31:00Z tested\n2026-01-14T10:31:01Z unfinished'
  } >"$at"
  echo "$at"
}

@test "a job's log, without byte order mark, time stamps and colours, groups and errors in words" {
  serve github/run-failure
  try dl-logs "$(ref run 3910280793 PyGithub/PyGithub)" --failed
  assert_status 0
  assert_output "Requested labels: ubuntu-latest
Job defined at: PyGithub/PyGithub/.github/workflows/ci.yml@refs/heads/main
Current runner version: '2.301.1'
> Operating System
Ubuntu
22.04.1
> Run python -m tox -e py
python -m tox -e py
shell: /usr/bin/bash -e {0}
tests/WorkflowJob.py::WorkflowJob::testAttributes FAILED [100%]
warning: Node.js 12 actions are deprecated. Größe: 1 µs — naïve ✓
E   AssertionError: 3 != 4
error: Process completed with exit code 1.
Cleaning up orphan processes"
  [ -z "$stderr" ]
}

@test "--raw is what the server sent, byte for byte" {
  local folder=$BATS_TEST_TMPDIR
  serve github/run-failure github/log-hostile
  dl-logs "$(ref job 10545808681 PyGithub/PyGithub)" --raw >"$folder/ours"
  curl -sL "$URL/repos/PyGithub/PyGithub/actions/jobs/10545808681/logs" >"$folder/theirs"
  cmp "$folder/ours" "$folder/theirs"
  dl-logs "$(ref job 11421878319 PyGithub/PyGithub)" --raw | cmp - "$ROOT/tests/cassette/github/hostile.log"
  dl-logs "$(ref job 10545808681 PyGithub/PyGithub)" --raw --tail 2 | cmp - <(tail -n 2 "$folder/theirs")
}

@test "nothing that drives a terminal reaches stdout, as text or in lines" {
  serve github/log-hostile
  for options in '' '-j' '-F text' '--tail 5'; do
    # shellcheck disable=SC2086 # words
    dl-logs "$(ref run 4205440316 PyGithub/PyGithub)" $options >out
    [ -s out ]
    iconv -f UTF-8 -t UTF-8 out >/dev/null
    refute grep -nP '[\x00-\x08\x0B-\x1F\x7F]|\xC2[\x80-\x9F]|\xE2\x80[\xAA-\xAE]|\xE2\x81[\xA6-\xA9]' out
  done
  dl-logs "$(ref run 4205440316 PyGithub/PyGithub)" >out
  grep -qx 'an OSC title' out
  grep -qx 'clipboard' out
  grep -qx 'red is fine' out
  grep -q '^unfinished, no newline at the end' out
}

@test "the redirect to another host is followed without the credential and without the API's headers" {
  serve github/run
  try dl-logs "$(ref run 4205440316 PyGithub/PyGithub)" --tail 1
  assert_status 0
  [ "$(requests 'authorization: Bearer a-token')" = 6 ] # the jobs and five logs
  requested 'GET /serviceHosts/' 'host: localhost:'
  grep '^GET /serviceHosts/' "$REQUESTS" >away
  [ "$(wc -l <away)" = 5 ]
  refute grep -E 'authorization|a-token|github-api-version|application/vnd' away
}

@test "several logs have heads, keep the order of the jobs, and cost one request each" {
  local count=20 ids all=() id
  ids=$(seq 101 $((100 + count)))
  for id in $ids; do all+=("id: $id, name: \"job$id\""); done
  serve "$(
    {
      answer 'GET /repos/o/r/actions/runs/1/jobs?*' "$(gh_jobs "${all[@]}")"
      for id in $ids; do log "$id" "line of $id" "delay=$((id % 3 * 100))"; done
    } | cassette many
  )"
  try dl-logs "$(ref run 1)"
  assert_status 0
  assert_output "$(for id in $ids; do printf '==> job%d <==\nline of %d\n\n' "$id" "$id"; done)"
  [ "$(requests 'GET /repos/o/r/actions/jobs/')" = $count ]
  [ "$(requests 'GET /storage/')" = $count ]
  [ "$(requests)" = $((2 * count + 1)) ]
}

@test "several runs at once keep their order" {
  local id
  serve "$(
    {
      for id in 1 2 3; do
        answer "GET /repos/o/r/actions/runs/$id/jobs?*" "$(gh_jobs "id: ${id}1")"
        log "${id}1" "line of $id" "delay=$((300 - id * 100))"
      done
    } | cassette three
  )"
  try dl-logs "$(ref run 1)" "$(ref run 2)" "$(ref run 3)"
  assert_status 0
  assert_output $'line of 1\nline of 2\nline of 3'
}

@test "--job takes a pattern or an id, --failed what failed or timed out; a skipped job has no log" {
  local run
  serve github/run-failure
  run=$(ref run 3910280793 PyGithub/PyGithub)
  try dl-logs "$run" --tail 1
  [ "$(requests '/jobs/10545809149/logs')" = 0 ]
  assert_output "$(printf '==> test (Python %s) <==\n%s\n\n' 3.7 'Cleaning up orphan processes' 3.8 'Cleaning up orphan processes' \
    3.9 'Cleaning up orphan processes' 3.10 'Requested labels: ubuntu-latest')"
  try dl-logs "$run" --job 'test (Python 3.?)' --tail 1
  [ "$(grep -c '^==>' <<<"$output")" = 3 ]
  try dl-logs "$run" --job 10545808983 --tail 1
  assert_output 'Requested labels: ubuntu-latest'
  try dl-logs "$run" --job 'Python'
  assert_status 5
  assert_output ''
  assert_stderr '^dl-logs: no such job$'
  try dl-logs "$run" --failed --job '*3.7*'
  assert_status 5
}

@test "--tail counts the lines of each job" {
  local job all
  serve github/run-failure
  job=$(ref job 10545808681 PyGithub/PyGithub)
  all=$(dl-logs "$job")
  for count in 1 3 5 1000000; do
    try dl-logs "$job" --tail "$count"
    # A mark that is left out counts as a line, as in the log.
    [ "${#lines[@]}" -le "$count" ]
    [ "$output" = "$(tail -n "${#lines[@]}" <<<"$all")" ]
  done
  [ "$output" = "$all" ]
  try dl-logs "$job" --tail 3
  [ "${#lines[@]}" = 3 ]
  for count in -1 x 1000001; do
    try dl-logs "$job" --tail "$count"
    assert_status 2
  done
}

@test "-j gives a record for each line, with its number and time; -F one field of it" {
  serve github/run-failure
  try dl-logs "$(ref run 3910280793 PyGithub/PyGithub)" --failed -j
  assert_json "all(.type == \"log\" and .ref == \"$(ref job 10545808681 PyGithub/PyGithub)\" and .job == \"test (Python 3.8)\")"
  assert_json '.[0].number == 1 and .[0].time == "2023-02-17T14:10:51Z" and .[-1].number == 16 and .[-1].text == "Cleaning up orphan processes"'
  assert_json 'map(.number) == (map(.number) | sort | unique)'
  try dl-logs "$(ref run 3910280793 PyGithub/PyGithub)" --failed -F number,text --tail 2
  assert_output $'15\terror: Process completed with exit code 1.\n16\tCleaning up orphan processes'
}

@test "a log that is gone is exit 5" {
  serve github/log-gone "$(
    {
      answer 'GET /repos/o/r/actions/jobs/11/logs' '{"message":"Not Found"}' 404
      answer 'GET /repos/o/r/actions/jobs/11' "$(gh_jobs '' | jq '.jobs[0]')"
    } | cassette lost
  )"
  for lost in "$(ref run 4205440316 PyGithub/PyGithub)" "$(ref job 11)"; do
    try dl-logs "$lost"
    assert_status 5
    assert_output ''
    [ -n "$stderr" ]
  done
}

@test "of several logs the one that fails is told, and the answer is no" {
  serve "$(
    {
      answer 'GET /repos/o/r/actions/runs/1/jobs?*' "$(gh_jobs 'id: 11' 'id: 12, name: "te\u001bst"' 'id: 13, name: "last"')"
      log 11 one
      answer 'GET /repos/o/r/actions/jobs/12/logs' '{"message":"Gone"}' 410
      log 13 three
    } | cassette partly
  )"
  try dl-logs "$(ref run 1)"
  assert_status 1
  assert_output $'==> build <==\none\n\n==> last <==\nthree'
  assert_stderr '^dl-logs: te\\x1bst: .*Gone$'
}

@test "jobs that are not over have no log yet: exit 3, and a note for each" {
  serve github/run-in-progress
  try dl-logs "$(ref run 3911660493 PyGithub/PyGithub)" --tail 1
  assert_status 3
  assert_output $'==> test (Python 3.7) <==\nCleaning up orphan processes\n\n==> test (Python 3.10) <==\nCleaning up orphan processes'
  [ "$stderr" = $'dl-logs: test (Python 3.8) is not over yet: -f waits for it\ndl-logs: test (Python 3.9) is not over yet: -f waits for it' ]
  try dl-logs "$(ref run 3911660493 PyGithub/PyGithub)" --tail 1 -q
  assert_status 3
  [ -z "$stderr" ]
}

@test "a single job that is not over: exit 3" {
  serve "$(
    {
      answer 'GET /repos/o/r/actions/jobs/11/logs' '{"message":"Not Found"}' 404
      answer 'GET /repos/o/r/actions/jobs/11' "$(gh_jobs 'status: "in_progress", conclusion: null' | jq '.jobs[0]')"
    } | cassette running
  )"
  try dl-logs "$(ref job 11)"
  assert_status 3
  assert_output ''
}

@test "-f stops at --timeout, with exit 3" {
  serve github/run-in-progress
  try dl-logs -f --timeout 1s "$(ref run 3911660493 PyGithub/PyGithub)" --tail 1
  assert_status 3
  assert_line 'Cleaning up orphan processes'
  assert_stderr '^dl-logs: the time is up'
}

@test "an attempt's logs are its own" {
  serve github/run-attempts "$(
    {
      answer 'GET /repos/EnricoMi/PyGithub/actions/jobs/10545788861/logs' '' 302 'Location: {{base2}}/storage/old'
      answer 'GET /storage/old' 'the old failure'
    } | cassette old
  )"
  try dl-logs "$(ref run 26365060973 EnricoMi/PyGithub)" --attempt 1 --failed
  assert_output 'the old failure'
}

@test "a signed link that has expired is asked for again, and never shown" {
  serve github/log-expired
  try dl-logs -v "$(ref run 4205440316 PyGithub/PyGithub)" --tail 1
  assert_status 0
  assert_output 'Cleaning up orphan processes'
  [ "$(requests '/jobs/11421878319/logs')" = 2 ]
  assert_stderr 'urlSignature=\*\*\*: 403'
  refute grep -q abcdefghijklmn <<<"$stderr"
  stop_servers
  serve github/log-expired
  DL_RETRIES=0 try dl-logs "$(ref run 4205440316 PyGithub/PyGithub)"
  assert_status 8
  assert_stderr '^dl-logs: .* redirects to another host, which refuses: HTTP status 403$'
}

@test "a log that is cut off fails, after what came of it" {
  serve github/log-cut
  try dl-logs "$(ref run 4205440316 PyGithub/PyGithub)"
  assert_status 8
  assert_line 'Requested labels: ubuntu-latest'
  assert_stderr '^dl-logs: localhost:[0-9]+ closed the connection before the end of its answer$'
}

@test "a web page is no log" {
  serve "$(answer 'GET /repos/o/r/actions/jobs/11/logs' '<html>Sign in</html>' 200 'Content-Type: text/html' |
    sed '/application\/json/d' | cassette page)"
  try dl-logs "$(ref job 11)"
  assert_status 4
  assert_output ''
}

@test "logs of a commit's runs" {
  serve "$(
    {
      answer "GET /repos/o/r/actions/runs?head_sha=$SHA&*" "$(gh_runs 'id: 1' 'id: 2, path: "lint.yml"')"
      answer 'GET /repos/o/r/actions/runs/1/jobs?*' "$(gh_jobs 'id: 11')"
      answer 'GET /repos/o/r/actions/runs/2/jobs?*' "$(gh_jobs 'id: 21')"
      log 11 one
      log 21 two
    } | cassette commit
  )"
  try dl-logs "$(ref commit $SHA)"
  assert_status 0
  [ "$(sort <<<"$output")" = $'one\ntwo' ]
  try dl-logs --failed "$(ref commit $SHA)"
  assert_status 5
  assert_stderr '^dl-logs: no such job failed$'
}

@test "logs of a commit's runs: not all of them have such a job" {
  serve "$(
    {
      answer "GET /repos/o/r/actions/runs?head_sha=$SHA&*" "$(gh_runs 'id: 1' 'id: 2, path: "lint.yml"')"
      answer 'GET /repos/o/r/actions/runs/1/jobs?*' "$(gh_jobs 'id: 11')"
      answer 'GET /repos/o/r/actions/runs/2/jobs?*' "$(gh_jobs 'id: 21, name: "lint", conclusion: "failure"')"
      log 21 two
    } | cassette commit
  )"
  for option in --failed --job=lint; do
    try dl-logs "$option" "$(ref commit $SHA)"
    assert_status 0
    assert_output two
    assert_stderr '^dl-logs: run 1: no such job'
  done
}

@test "who reads enough and goes away ends it quietly" {
  serve "$(answer 'GET /repos/o/r/actions/jobs/11/logs' $'a line of a long log\n' '200 size=2000000' | cassette long)"
  try sh -c '{ dl-logs "$1"; echo $? >&2; } | head -n 1 | cut -c 1-80' - "$(ref job 11)"
  assert_output 'a line of a long log'
  [ "$stderr" = 0 ]
}

@test "-f prints each job when it is over, waits for a log that is late, and ends with the run" {
  ended follow
  assert_status 0
  assert_output $'==> build <==\nbuilt\n\n==> test <==\ntested\nunfinished'
  [ -z "$stderr" ]
  [ "$(requests '/jobs/11/logs')" = 1 ]
  [ "$(requests '/jobs/12/logs')" = 2 ]
  # The run is looked at when there is nothing else to wait for.
  [ "$(requests '/runs/1\?')" = 1 ]
}

@test "-f -j gives the same as records" {
  ended follow-lines
  assert_status 0
  assert_json 'map([.job, .number, .text]) == [["build", 1, "built"], ["test", 1, "tested"], ["test", 2, "unfinished"]]'
}
