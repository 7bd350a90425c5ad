# dl-jobs, on GitHub.
load helper
load github

setup() {
  hermetic
  export GITHUB_TOKEN=a-token # which also saves the search for one
}

@test "the jobs of a run, in the order of the answer, in one request" {
  serve github/run-failure
  try dl-jobs "$(ref run 3910280793 PyGithub/PyGithub)" -F name,status,conclusion,duration_s
  assert_status 0
  assert_output "$(printf '%s\tcompleted\t%s\t%s\n' 'test (Python 3.7)' success 60 'test (Python 3.8)' failure 228 \
    'test (Python 3.9)' success 59 'test (Python 3.10)' cancelled 78 'test (Python 3.11-dev)' skipped 79)"
  [ "$(requests)" = 1 ]
  requested '/runs/3910280793/jobs\?filter=latest&per_page=100 '
}

@test "a job has a ref of its own, the id of its run, and its steps" {
  serve github/run-failure
  try dl-jobs "$(ref run 3910280793 PyGithub/PyGithub)" -s failure
  assert_json "length == 1 and .[0].ref == \"$(ref job 10545808681 PyGithub/PyGithub)\" and .[0].run_id == \"3910280793\""
  assert_json '.[0].steps[0] == {number: 1, name: "Set up job", status: "completed", conclusion: "success", duration_s: 19}'
  assert_json '.[0].steps | map(.number) == (map(.number) | sort) and length > 2 and any(.conclusion == "failure")'
}

@test "more than a page of jobs" {
  serve github/jobs-many
  try dl-jobs "$(ref run 3881497935 PyGithub/PyGithub)" -F id
  [ "${#lines[@]}" = 103 ]
  [ "$(sort -u <<<"$output" | wc -l)" = 103 ]
  [ "$(requests)" = 2 ]
}

@test "the next page may be on another path of the host" {
  serve github/jobs-paged
  try dl-jobs "$(ref run 3163227438 lab-login/lab-test-repository)" -F id
  [ "${#lines[@]}" = 2 ]
  requested 'GET /repositories/543787706/.*page=2'
}

@test "the limit stops paging; -s looks on until it has enough" {
  serve github/jobs-many
  try dl-jobs "$(ref run 3881497935 PyGithub/PyGithub)" -n 3 -F id
  [ "${#lines[@]}" = 3 ]
  [ "$(requests)" = 1 ]
  : >"$REQUESTS"
  try dl-jobs "$(ref run 3881497935 PyGithub/PyGithub)" -n 3 -s failure -F name
  assert_output 'test (102)'
  [ "$(requests)" = 2 ]
}

@test "an attempt's jobs are its own" {
  serve github/run-attempts
  try dl-jobs "$(ref run 26365060973 EnricoMi/PyGithub)" -F id,conclusion
  assert_output "$(printf '%s\tsuccess\n' 11545788731 11545788861 11545789012)"
  try dl-jobs "$(ref run 26365060973 EnricoMi/PyGithub)" --attempt 1 -F id,conclusion
  assert_line $'10545788861\tfailure'
  requested '/runs/26365060973/attempts/1/jobs\?per_page=100 '
}

@test "a job that is not over has null for what is not known yet" {
  serve github/run-in-progress
  try dl-jobs "$(ref run 3911660493 PyGithub/PyGithub)"
  assert_json '[.[].status] == ["completed", "in_progress", "queued", "completed"]'
  assert_json '.[1:3] | all(.conclusion == null and .completed_at == null and .duration_s == null)'
}

@test "waiting for approval needs action; unknown words are in progress" {
  serve "$(answer 'GET /repos/o/r/actions/runs/1/jobs?*' "$(gh_jobs 'status: "waiting", conclusion: null, runner_name: null' \
    'status: "completed", conclusion: "quantum"' 'status: "hibernating", conclusion: null, steps: null')" | cassette odd)"
  try dl-jobs "$(ref run 1)"
  assert_json '[.[] | [.status, .conclusion, .raw_status, .needs_action]] == [["in_progress", null, "waiting", true],
    ["in_progress", null, "quantum", false], ["in_progress", null, "hibernating", false]]'
  assert_json '.[0].runner == null and .[2].steps == []'
  try dl-jobs "$(ref run 1)" -s action_required -F raw_status
  assert_output waiting
}

@test "a commit stands for the newest run of each of its workflows and events" {
  local id
  serve "$(
    {
      answer "GET /repos/o/r/actions/runs?head_sha=$SHA&*" "$(gh_runs 'id: 1' 'id: 2, event: "pull_request"' 'id: 4, path: "lint.yml"' \
        'id: 3, run_number: 2, created_at: "2026-01-15T00:00:00Z"')"
      for id in 2 3 4; do answer "GET /repos/o/r/actions/runs/$id/jobs?*" "$(gh_jobs "id: ${id}0, run_id: $id")"; done
    } | cassette commit
  )"
  try dl-jobs "$(ref commit $SHA)" -F id
  assert_status 0
  [ "$(sort <<<"$output")" = $'20\n30\n40' ]
  [ "$(requests)" = 4 ]
}

@test "one job by its ref" {
  serve "$(answer 'GET /repos/o/r/actions/jobs/11' "$(gh_jobs '' | jq '.jobs[0]')" | cassette one)"
  try dl-jobs "$(ref job 11)" -F id,name
  assert_output $'11\tbuild'
}

@test "runs come in on standard input, and keep their order" {
  local id
  serve "$(
    {
      answer 'GET /repos/o/r/actions/runs?*' "$(gh_runs 'id: 1' 'id: 2' 'id: 3')"
      # The first is the slowest.
      for id in 1 2 3; do
        answer "GET /repos/o/r/actions/runs/$id/jobs?*" "$(gh_jobs "id: ${id}0, run_id: $id" "id: ${id}1, run_id: $id")" "200 delay=$((300 - id * 100))"
      done
    } | cassette order
  )"
  try sh -c 'dl-runs -R o/r | dl-jobs -F id,run_id'
  assert_status 0
  assert_output "$(printf '%s\t%s\n' 10 1 11 1 20 2 21 2 30 3 31 3)"
  [ "$(requests)" = 4 ]
}

@test "what cannot have jobs is refused, nothing on standard input is told" {
  try dl-jobs github:o/r/branch/main
  assert_status 2
  assert_stderr '^dl-jobs: a branch is no run$'
  assert_stderr '^dl-jobs: hint: dl-runs prints the refs of runs$'
  try dl-jobs </dev/null
  assert_status 5
  assert_stderr '^dl-jobs: nothing came in on standard input$'
  try dl-jobs 'no ref'
  assert_status 2
  assert_stderr '^dl-jobs: hint: a ref looks like github:owner/repo/run/123'
}

@test "a table shows state, name, runner and ref" {
  serve github/run-failure
  try dl-jobs "$(ref run 3910280793 PyGithub/PyGithub)" -t
  [ "${#lines[@]}" = 6 ]
  [[ ${lines[0]} =~ ^STATE\ +JOB\ +RUNNER\ +TIME\ +STARTED\ +REF$ ]]
  [[ ${lines[2]} =~ ^failure\ +test\ \(Python\ 3\.8\)\ +GitHub\ Actions\ 5\ +3m48s\ .*/job/10545808681$ ]]
}
