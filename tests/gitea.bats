# Gitea and Forgejo: one provider, by what each version of each of them has.
# shellcheck disable=SC2154,SC2016 # `try` sets $stderr; scripts for `meanwhile`
load helper
load github
load gitea

setup() {
  hermetic
  export DL_RETRIES=0
}

setup_file() {
  meanwhile follow "$(
    {
      answer "GET $GT/actions/runs/101/jobs?*" "$(gt_jobs 'status: "in_progress", conclusion: ""')"
      answer "GET $GT/actions/runs/101/jobs?*" "$(gt_jobs 'status: "in_progress", conclusion: ""')"
      answer "GET $GT/actions/runs/101/jobs?*" "$(gt_jobs '')"
      answer "GET $GT/actions/jobs/11/logs" $'2026-01-14T10:30:00Z one\n2026-01-14T10:30:01Z tw' 200 'deny range'
      answer "GET $GT/actions/jobs/11/logs" '' 416 'need range: bytes=47-'
      answer "GET $GT/actions/jobs/11/logs" $'o\n2026-01-14T10:30:02Z three' 206 'need range: bytes=47-'
      answer "GET $GT/actions/runs/101" "$(gt_run '')"
    } | sed 's|need range: bytes=47-|need range: bytes=*|' | cassette follow
  )" 'export GITEA_URL=$URL GITEA_TOKEN=a-token; dl-logs -f "gitea@${URL#http://}:o/r/run/101"'
}

# ---- runs ----

@test "runs of Gitea" {
  gitea "$(answer "GET $GT/actions/runs?*" "$(gt_runs 'id: 102, run_number: 2, run_attempt: 2, created_at: "2026-01-14T10:50:00Z"' '')" | cassette runs)"
  try dl-runs -p gitea -R o/r
  assert_status 0
  assert_json 'length == 2 and all(.type == "run" and .provider == "gitea" and .project == "o/r")'
  assert_json '.[1] | .id == "101" and .number == 1 and .attempt == null and .name == null and .workflow == "ci.yml"
    and .branch == "main" and .event == "push" and .actor == "ada" and .metadata == {title: "first commit"}'
  assert_json '.[1] | .created_at == null and .started_at == "2026-01-14T10:30:00Z" and .completed_at == "2026-01-14T10:40:00Z"
    and .duration_s == 600 and .url == "http://g/o/r/actions/runs/1"'
  assert_json '.[0] | .attempt == 2 and .created_at == "2026-01-14T10:50:00Z"'
  [ "$(field 1 ref)" = "$AT:o/r/run/101" ]
  [ "$(field 1 sha)" = "$GT_SHA" ]
  [ "$(requests)" = 1 ]
  requested "^GET $GT/actions/runs\?limit=20 -> 200" 'authorization: token a-token' 'accept: application/json'
}

@test "runs of Forgejo" {
  gitea "$(answer "GET $GT/actions/runs?*" "$(fj_runs 'id: 202, index_in_repo: 2, prettyref: "#5", event: "pull_request_sync", trigger_event: "pull_request", is_fork_pull_request: true' '')" | cassette runs)"
  try dl-runs -p forgejo -R o/r
  assert_status 0
  assert_json '.[1] | .provider == "gitea" and .id == "201" and .number == 1 and .workflow == "ci.yml" and .branch == "main" and .actor == "ada"
    and .created_at == "2026-01-14T10:29:00Z" and .started_at == "2026-01-14T10:30:00Z" and .completed_at == "2026-01-14T10:40:00Z"
    and .duration_s == 600 and .metadata.title == "first commit" and .url == "http://f/o/r/actions/runs/1"'
  assert_json '.[0] | .branch == null and .event == "pull_request"'
  [ "$(field 1 sha)" = "$GT_SHA" ]
}

@test "the words of both become states; an unknown one is no end; what waits for an approval needs action" {
  gitea "$(answer "GET $GT/actions/runs?*" "$(jq -sc '{workflow_runs: map(.workflow_runs[]), total_count: 14}' \
    <(gt_runs 'id: 19, run_number: 19, status: "queued", conclusion: ""' 'id: 18, run_number: 18, status: "waiting", conclusion: ""' \
      'id: 17, run_number: 17, status: "in_progress", conclusion: ""' 'id: 16, run_number: 16, conclusion: "skipped"' \
      'id: 15, run_number: 15, conclusion: ""' 'id: 14, run_number: 14, status: "", conclusion: ""') \
    <(fj_runs 'id: 9, index_in_repo: 9, status: "waiting"' 'id: 8, index_in_repo: 8, status: "blocked", need_approval: true' \
      'id: 7, index_in_repo: 7, status: "running"' 'id: 6, index_in_repo: 6, status: "cancelling"' 'id: 5, index_in_repo: 5, status: "failure"' \
      'id: 4, index_in_repo: 4, status: "cancelled"' 'id: 3, index_in_repo: 3, status: "skipped"' 'id: 2, index_in_repo: 2, status: "unknown"'))" | cassette states)"
  try dl-runs -p gitea -R o/r -F id,status,conclusion,needs_action,raw_status
  assert_line $'19\tqueued\t\tfalse\tqueued'
  assert_line $'18\tqueued\t\tfalse\twaiting'
  assert_line $'17\tin_progress\t\tfalse\tin_progress'
  assert_line $'16\tcompleted\tskipped\tfalse\tskipped'
  assert_line $'15\tin_progress\t\tfalse\tcompleted'
  assert_line $'14\tin_progress\t\tfalse\t'
  assert_line $'9\tqueued\t\tfalse\twaiting'
  assert_line $'8\tin_progress\t\ttrue\tblocked'
  assert_line $'7\tin_progress\t\tfalse\trunning'
  assert_line $'6\tin_progress\t\tfalse\tcancelling'
  assert_line $'5\tcompleted\tfailure\tfalse\tfailure'
  assert_line $'4\tcompleted\tcancelled\tfalse\tcancelled'
  assert_line $'3\tcompleted\tskipped\tfalse\tskipped'
  assert_line $'2\tin_progress\t\tfalse\tunknown'
}

@test "what has not happened is told as 1970 or as the year 1, and is null" {
  gitea "$(answer "GET $GT/actions/runs?*" "$(gt_runs 'status: "queued", conclusion: "", started_at: "1970-01-01T01:00:00+01:00", completed_at: "0001-01-01T00:00:00Z"')" | cassette early)"
  try dl-runs -p gitea -R o/r
  assert_json '.[0] | .started_at == null and .completed_at == null and .duration_s == null and .conclusion == null'
}

@test "a tag is told by the workflow's path, a pull request has no branch" {
  gitea "$(answer "GET $GT/actions/runs?*" "$(gt_runs 'id: 3, run_number: 3, head_branch: "", path: "ci.yml@refs/tags/v1/x"' \
    'id: 2, run_number: 2, head_branch: "", event: "pull_request", path: ".gitea/workflows/ci.yml@refs/pull/5/head"')" | cassette tag)"
  try dl-runs -p gitea -R o/r -F id,workflow,branch
  assert_output $'3\tci.yml\tv1/x\n2\tci.yml\t'
}

@test "pages: by the Link header, else by the total, whatever the limit says" {
  local many
  mapfile -t many < <(for i in {52..3}; do echo "id: $i, run_number: $i"; done)
  gitea "$({
    answer "GET $GT/actions/runs?limit=50" "$(gt_runs "${many[@]}" | jq -c '.total_count = 52')"
    answer "GET $GT/actions/runs?limit=50&page=2" "$(gt_runs 'id: 2, run_number: 2' 'id: 1, run_number: 1' | jq -c '.total_count = 52')"
    answer 'GET /api/v1/repos/o/linked/actions/runs?limit=50' "$(gt_runs 'id: 2, run_number: 2')" 200 'X-Total-Count: 9' \
      'Link: <{{base}}/api/v1/repos/o/linked/actions/runs?limit=50&page=2>; rel="next",<{{base}}/x?page=2>; rel="last"'
    answer 'GET /api/v1/repos/o/linked/actions/runs?limit=50&page=2' "$(gt_runs '')" 200 'Link: <{{base}}/x>; rel="first"'
    answer 'GET /api/v1/repos/o/short/actions/runs?*' "$(gt_runs 'id: 2, run_number: 2' | jq -c '.total_count = 9')"
    answer 'GET /api/v1/repos/o/short/actions/runs?limit=50&page=2' "$(gt_runs)"
  } | sed '/o\/short.*\*$/s|?\*|?limit=50|' | cassette pages)"
  try dl-runs -p gitea -R o/r -n 0 -F number
  [ "$output" = "$(seq 52 -1 1)" ]
  [ "$(requests)" = 2 ]
  try dl-runs -p gitea -R o/linked -n 0 -F number
  assert_output $'2\n1'
  try dl-runs -p gitea -R o/short -n 0 -F number
  assert_output 2
}

@test "filters: those that both know go to the server, the others are applied here" {
  gitea "$({
    answer "GET $GT/actions/runs?status=failure&limit=50" "$(gt_runs 'conclusion: "failure"')"
    answer "GET $GT/actions/runs?limit=50" "$(gt_runs 'id: 103, run_number: 3, status: "waiting", conclusion: ""' 'id: 102, run_number: 2, status: "in_progress", conclusion: ""' '')"
    answer "GET $GT/actions/runs?branch=dev&ref=refs%2Fheads%2Fdev&head_sha=$GT_SHA&event=push&actor=ada&workflow_id=ci.yml&limit=50" "$(gt_runs 'id: 105, head_branch: "dev"' 'id: 104, head_branch: "other"')"
  } | cassette filters)"
  try dl-runs -p gitea -R o/r -s failure -F id
  assert_output 101
  try dl-runs -p gitea -R o/r -s queued -F id
  assert_output 103
  try dl-runs -p gitea -R o/r -s queued,success -F id
  assert_output $'103\n101'
  try dl-runs -p gitea -R o/r -b dev -c "$GT_SHA" -e push -a ada -W ci.yml -F id
  assert_output 105
}

@test "a branch that the server finds no run of may be a tag" {
  gitea "$({
    answer "GET $GT/actions/runs?branch=v1&*" "$(gt_runs)"
    answer "GET $GT/actions/runs?limit=20" "$(gt_runs '' 'id: 100, run_number: 0, head_branch: "", path: "ci.yml@refs/tags/v1"')"
  } | cassette tags)"
  try dl-runs -p gitea -R o/r -b v1 -F id
  assert_output 100
}

@test "since: what began earlier ends the list; what has not begun is new" {
  gitea "$(answer "GET $GT/actions/runs?*" "$(gt_runs 'id: 104, run_number: 4, status: "queued", conclusion: "", started_at: "1970-01-01T00:00:00Z"' \
    'id: 103, run_number: 3, started_at: "2026-01-14T10:30:00Z"' 'id: 102, run_number: 2, started_at: "2026-01-13T10:30:00Z"' 'id: 101, run_number: 1, started_at: "2026-01-14T12:00:00Z"' | jq -c '.total_count = 500')" | cassette since)"
  try dl-runs -p gitea -R o/r --since 2026-01-14 -n 0 -F id
  assert_output $'104\n103'
  [ "$(requests)" = 1 ]
}

@test "a workflow by the name that people know" {
  gitea "$({
    answer "GET $GT/actions/workflows" '{"workflows":[{"id":"a.yml","name":"A","path":".gitea/workflows/a.yml","state":"active"},{"id":"ci.yml","name":"The CI","path":".gitea/workflows/ci.yml","state":"active"}],"total_count":2}'
    answer "GET $GT/actions/runs?workflow_id=ci.yml&*" "$(gt_runs 'id: 102, path: "a.yml@refs/heads/main"' '')"
  } | cassette named)"
  try dl-runs -p gitea -R o/r -W 'The CI' -F id
  assert_output 101
}

@test "a repository that was renamed leads to its new name, by a relative Location" {
  gitea gitea/renamed
  try dl-runs -p gitea -R fleet/old-name -F project,id
  assert_status 0
  assert_output $'fleet/new-name\t7'
}

@test "a run that failed or was cancelled goes on while one of its jobs does" {
  gitea "$({
    answer "GET $GT/actions/runs/101" "$(gt_run 'conclusion: "failure"')"
    answer "GET $GT/actions/runs/101/jobs?*" "$(gt_jobs 'conclusion: "failure"' 'id: 12, status: "in_progress", conclusion: ""')"
    answer "GET $GT/actions/runs/101/jobs?*" "$(gt_jobs 'conclusion: "failure"' 'id: 12')"
    answer "GET $GT/actions/runs/201" "$(fj_runs 'status: "cancelled"' | jq -c '.workflow_runs[0]')"
    missing "GET $GT/actions/runs/201/jobs?*"
  } | cassette early)"
  try dl-runs "$AT:o/r/run/101" -F status,conclusion,completed_at,raw_status
  assert_output $'in_progress\t\t\tfailure'
  try dl-runs "$AT:o/r/run/101" -F status,conclusion
  assert_output $'completed\tfailure'
  try dl-runs "$AT:o/r/run/201" -F status,conclusion
  assert_output $'completed\tcancelled'
}

# ---- servers without a list of runs ----

# tasks_only VERSION: a server of that version, whose tasks are on standard input.
tasks_only() {
  missing "GET $GT/actions/runs?*"
  version "$1"
  answer "GET $GT/actions/tasks?*" "$(cat)"
}

@test "without a list of runs: tasks, put together by the number of their run; the newest attempt of a job counts" {
  gitea "$({
    gt_tasks 'id: 9, run_number: 3, name: "lint", status: "failure", event: "schedule"' 'id: 8, run_number: 3, name: "test", status: "running", event: "schedule"' \
      'id: 7, run_number: 2, name: "test", event: "schedule", created_at: "2026-01-14T10:00:00Z", run_started_at: "2026-01-14T10:00:10Z", updated_at: "2026-01-14T10:05:00Z"' \
      'id: 6, run_number: 3, name: "test", status: "failure", event: "schedule"' 'id: 5, run_number: 2, name: "lint", status: "skipped", event: "schedule"' |
      tasks_only 1.23.8
  } | cassette tasks)"
  try dl-runs -p gitea -R o/r
  assert_status 0
  assert_json 'map(.id) == ["n3", "n2"] and map(.number) == [3, 2] and all(.name == null and .metadata.title == "first commit")'
  assert_json '.[0] | .status == "in_progress" and .conclusion == null and .raw_status == "running" and .completed_at == null'
  assert_json '.[1] | .status == "completed" and .conclusion == "success" and .created_at == "2026-01-14T10:00:00Z"
    and .started_at == "2026-01-14T10:00:10Z" and .completed_at == "2026-01-14T10:40:00Z" and .url == "http://g/o/r/actions/runs/1"'
  [ "$(field 0 ref)" = "$AT:o/r/run/n3" ]
  try dl-runs "$AT:o/r/run/n2" -F id,conclusion
  assert_output $'n2\tsuccess'
  try dl-jobs "$AT:o/r/run/n3" -F id,run_id,name,status,conclusion
  assert_output $'t9\tn3\tlint\tcompleted\tfailure\nt8\tn3\ttest\tin_progress\t'
  try dl-jobs "$AT:o/r/job/t7" -F id,name,duration_s
  assert_output $'t7\ttest\t290'
  try dl-runs "$AT:o/r/run/n4"
  assert_status 5
}

@test "a run whose tasks are over goes on while Actions shows a job of it that is not" {
  gitea "$({
    gt_tasks 'id: 2, run_number: 2' '' | tasks_only 1.24.6
    answer "GET $GT/commits/$GT_SHA/status?*" "$(gt_statuses 'id: 3, status: "pending", context: "ci.yml / deploy (push)", creator: null, target_url: "/o/r/actions/runs/2/jobs/1"' \
      'id: 2, context: "ci.yml / build (push)", creator: null, target_url: "/o/r/actions/runs/2/jobs/0"' 'id: 4, status: "pending"')"
  } | cassette waiting)"
  try dl-runs -p gitea -R o/r -F id,status,conclusion,raw_status
  assert_output $'n2\tin_progress\t\tpending\nn1\tcompleted\tsuccess\tsuccess'
  try dl-status -p gitea -R o/r -c "$GT_SHA" -F verdict,total
  assert_status 3
  assert_output $'pending\t2'
}

@test "the limit and the filters, over tasks" {
  gitea "$(gt_tasks 'id: 4, run_number: 4, event: "schedule", head_branch: "dev"' 'id: 3, run_number: 3, event: "schedule", status: "failure"' \
    'id: 2, run_number: 2, event: "schedule", workflow_id: "b.yml"' 'id: 1, event: "schedule", status: "failure"' | tasks_only 1.23.8 | cassette limit)"
  try dl-runs -p gitea -R o/r -n 1 -F id
  assert_output n4
  try dl-runs -p gitea -R o/r -b main -n 1 -F id
  assert_output n3
  try dl-runs -p gitea -R o/r -s failure -F id
  assert_output $'n3\nn1'
  try dl-runs -p gitea -R o/r -W b.yml -F id
  assert_output n2
  try dl-runs -p gitea -R o/r -b none
  assert_status 5
  try dl-runs -p gitea -R o/r -a ada
  assert_status 10
  assert_stderr 'listing runs needs Gitea 1.25 or Forgejo 12: .* runs Gitea 1.23.8$'
}

@test "more tasks than a page has are read by their total" {
  gitea "$({
    missing "GET $GT/actions/runs?*"
    version 1.23.8
    answer "GET $GT/actions/tasks?limit=50" "$(gt_tasks 'id: 3, run_number: 2, event: "schedule"' 'id: 2, event: "schedule", name: "a"' | jq -c '.total_count = 3')"
    answer "GET $GT/actions/tasks?limit=50&page=2" "$(gt_tasks 'event: "schedule", name: "b", status: "failure"' | jq -c '.total_count = 3')"
  } | cassette pages)"
  try dl-runs -p gitea -R o/r -F id,conclusion
  assert_output $'n2\tsuccess\nn1\tfailure'
}

@test "the version is asked for once, remembered for a day, and not asked for in vain" {
  local memory
  gitea "$(gt_tasks 'event: "schedule"' | tasks_only 1.23.8 | cassette once)"
  dl-runs -p gitea -R o/r -a x && false
  try dl-runs -p gitea -R o/r -F id
  assert_output n1
  [ "$(requests /version)" = 1 ]
  [ "$(requests /actions/runs)" = 1 ]
  memory=$(echo "$XDG_CACHE_HOME"/devloop/gitea/*)
  [ "$(cat "$memory")" = 1.23.8 ]
  [ "$(stat -c %a "$memory")" = 600 ]
  touch -d '2 days ago' "$memory"
  try dl-runs -p gitea -R o/r -F id
  [ "$(requests /actions/runs)" = 2 ]
  refute grep -r a-token "$XDG_CACHE_HOME/devloop/gitea"
}

@test "a memory that is hostile, broken, from the future or no file is ignored" {
  local memory content
  gitea "$(gt_tasks 'event: "schedule"' | tasks_only 1.23.8 | cassette hostile)"
  dl-runs -p gitea -R o/r -a x && false
  memory=$(echo "$XDG_CACHE_HOME"/devloop/gitea/*)
  for content in $'1.23.8\n' $'1.2\e[31m' '' "$(printf '1%.0s' {1..200})" '1.23.8 or so'; do
    printf '%s' "$content" >"$memory"
    : >"$REQUESTS"
    try dl-runs -p gitea -R o/r -F id
    assert_output n1
    [ "$(requests /actions/runs)" = 1 ]
  done
  echo -n 1.23.8 >"$memory"
  touch -d '2 days' "$memory"
  try dl-runs -p gitea -R o/r -F id
  [ "$(requests /actions/runs)" = 2 ]
  rm "$memory"
  mkdir "$memory"
  try dl-runs -p gitea -R o/r -F id
  assert_status 0
  assert_output n1
}

@test "a version that is none says nothing of what the server has" {
  gitea "$({
    missing "GET $GT/actions/runs?*" "GET $GT/actions/runs/1"
    answer "GET $GT" '{"full_name":"o/r","has_actions":true}'
    answer 'GET /api/v1/version' '{"version":"\u001b[31m1.0"}'
    answer "GET $GT/actions/tasks?*" "$(gt_tasks 'event: "schedule"')"
  } | cassette odd)"
  try dl-runs -p gitea -R o/r -F id
  assert_output n1
  try dl-runs "$AT:o/r/run/1"
  assert_status 5
  refute compgen -G "$XDG_CACHE_HOME/devloop/gitea/*"
}

@test "without a token Gitea lists no runs, but tasks; with one that sees too little, too" {
  gitea "$({
    version 1.25.1
    answer "GET $GT/actions/runs?*" '{"message":"token is required"}' 401 'deny authorization'
    answer "GET $GT/actions/runs?*" '{"message":"user should be the owner of the repo"}' 403
    answer "GET $GT/actions/tasks?*" "$(gt_tasks 'event: "schedule"')"
  } | cassette anonymous)"
  GITEA_TOKEN='' try dl-runs -p gitea -R o/r -F id
  assert_output n1
  try dl-runs -p gitea -R o/r -F id
  assert_output n1
  GITEA_TOKEN='' try dl-runs -p gitea -R o/r -a ada
  assert_status 4
  assert_stderr 'tells that only to whom has a token: token is required$'
}

# ---- what a version lacks ----

@test "what a version lacks names the version that has it, and the one that is there" {
  gitea "$({
    version 1.24.6
    answer "GET $GT/actions/runs/7" "$(gt_run 'id: 7')"
    answer "GET $GT/actions/runs/8" "$(gt_run 'id: 8, status: "in_progress", conclusion: ""')"
    missing "GET $GT/actions/runs/9" "GET $GT/actions/runs/7/jobs?*" "GET $GT/actions/runs/7/attempts/1/jobs?*" "GET $GT/actions/jobs/*" \
      "POST $GT/actions/runs/7/*" "POST $GT/actions/runs/8/*"
  } | cassette old)"
  lacks() {
    try "${@:2}"
    assert_status 10
    assert_output ''
    assert_stderr "^$2: $1: ${URL#http://} runs Gitea 1.24.6$"
  }
  lacks 'listing runs needs Gitea 1.25 or Forgejo 12' dl-runs "$AT:o/r/run/9"
  lacks 'listing the jobs of a run needs Gitea 1.25 or Forgejo 16' dl-jobs "$AT:o/r/run/7"
  lacks 'listing the jobs of an older attempt needs Gitea 1.27, and no Forgejo has it' dl-jobs --attempt 1 "$AT:o/r/run/7"
  lacks 'running again needs Gitea 1.26, and no Forgejo has it' dl-rerun "$AT:o/r/run/7"
  lacks 'running again needs Gitea 1.26, and no Forgejo has it' dl-rerun "$AT:o/r/run/n7"
  lacks 'stopping a run needs Gitea 28.0 or Forgejo 16' dl-cancel "$AT:o/r/run/8"
  lacks 'stopping a run by force needs Gitea 28.0, and no Forgejo has it' dl-cancel --force "$AT:o/r/run/8"
  lacks 'listing the jobs of a run needs Gitea 1.25 or Forgejo 16' dl-logs "$AT:o/r/job/t5"
}

@test "a Forgejo is told by its version, whatever Gitea it names" {
  local version
  for version in 11.0.1+gitea-1.22.0 11.0.1 v11.0.0-dev-741-6f391573+gitea-1.22.0; do
    rm -rf "$XDG_CACHE_HOME"
    gitea "$({ version "$version" && missing "GET $GT/actions/runs/9"; } | cassette forgejo)"
    try dl-runs "$AT:o/r/run/9"
    assert_status 10
    assert_stderr "listing runs needs Gitea 1.25 or Forgejo 12: .* runs Forgejo ${version//+/.}\$"
  done
  gitea "$({
    version 28.0.1
    missing "GET $GT/actions/runs/9"
    answer "GET $GT" '{"full_name":"o/r","has_actions":true}'
  } | cassette gitea-28)"
  try dl-runs "$AT:o/r/run/9"
  assert_status 5
  assert_stderr '^dl-runs: .* has no such thing: Not Found$'
}

@test "a 404 that the version does not explain: no repository, or no Actions in it" {
  gitea "$({
    version 1.26.0
    missing 'GET /api/v1/repos/o/none' 'GET /api/v1/repos/o/none/*' "GET $GT/actions/*"
    answer "GET $GT" '{"full_name":"o/r","has_actions":false}'
  } | cassette missing)"
  try dl-runs -p gitea -R o/none
  assert_status 5
  assert_stderr "^dl-runs: .* has no repository 'o/none'$"
  assert_stderr '^dl-runs: hint: or the token from GITEA_TOKEN may not see it$'
  try dl-runs -p gitea -R o/r
  assert_status 5
  assert_stderr "^dl-runs: Actions are turned off for 'o/r'$"
}

# ---- jobs ----

@test "jobs, by each of the names that their list had" {
  gitea "$({
    answer "GET $GT/actions/runs/1/jobs?limit=50" "$(gt_jobs '')"
    answer "GET $GT/actions/runs/2/jobs?limit=50" "$(gt_jobs 'id: 12, run_id: 102, status: "waiting", conclusion: "", runner_name: "", started_at: "1970-01-01T00:00:00Z", completed_at: "1970-01-01T00:00:00Z"' | sed 's/"jobs"/"workflow_jobs"/')"
    answer "GET $GT/actions/runs/3/jobs?limit=50" "$(fj_jobs '' 'id: 22, status: "running"')"
  } | cassette jobs)"
  try dl-jobs "$AT:o/r/run/1"
  assert_json '.[0] | .id == "11" and .run_id == "101" and .name == "build" and .status == "completed" and .conclusion == "success" and .runner == "r1"
    and .started_at == "2026-01-14T10:30:00Z" and .duration_s == 600 and .url == "http://g/o/r/actions/runs/1/jobs/0" and .steps == []'
  [ "$(field 0 ref)" = "$AT:o/r/job/11" ]
  try dl-jobs "$AT:o/r/run/2"
  assert_json '.[0] | .id == "12" and .status == "queued" and .runner == null and .started_at == null and .completed_at == null'
  try dl-jobs "$AT:o/r/run/3"
  assert_json 'map(.id) == ["3.21", "3.22"] and all(.run_id == "3") and .[1].status == "in_progress"'
  [ "$(field 0 ref)" = "$AT:o/r/job/3.21" ]
  try dl-jobs "$AT:o/r/job/3.22" -F id,name
  assert_output $'3.22\tbuild'
  try dl-jobs "$AT:o/r/job/3.23"
  assert_status 5
}

@test "steps: before 1.27 Gitea said of each what it says of the job" {
  local steps='steps: [{number: 0, name: "a", status: "completed", conclusion: "failure", started_at: "2026-01-14T10:30:00Z", completed_at: "2026-01-14T10:31:00Z"}]'
  gitea "$({ version 1.26.1 && answer "GET $GT/actions/jobs/11" "$(gt_job "$steps")"; } | cassette old)"
  try dl-jobs "$AT:o/r/job/11"
  assert_json '.[0].steps == [{number: 0, name: "a", status: null, conclusion: null, duration_s: 60}]'
  gitea "$({ version 1.27.0 && answer "GET $GT/actions/jobs/11" "$(gt_job "$steps")"; } | cassette new)"
  try dl-jobs "$AT:o/r/job/11"
  assert_json '.[0].steps[0] | .status == "completed" and .conclusion == "failure"'
}

@test "the jobs of an older attempt" {
  gitea "$(answer "GET $GT/actions/runs/101/attempts/1/jobs?*" "$(gt_jobs 'id: 10')" | cassette attempt)"
  try dl-jobs --attempt 1 "$AT:o/r/run/101" -F id
  assert_output 10
}

# ---- logs ----

@test "a log, without its time stamps and marks; one that is gone" {
  gitea "$({
    answer "GET $GT/actions/jobs/11" "$(gt_job '')"
    answer "GET $GT/actions/jobs/11/logs" $'2026-01-14T10:30:00.0000000Z ::group::Run make\n2026-01-14T10:30:01.0000000Z cc\n2026-01-14T10:30:02.0000000Z ::endgroup::\n2026-01-14T10:30:03.0000000Z ::error::it broke'
    answer "GET $GT/actions/jobs/12" "$(gt_job 'id: 12')"
    answer "GET $GT/actions/jobs/12/logs" '{"message":"logs have been cleaned up"}' 404
    version 1.26.0
    answer "GET $GT" '{"full_name":"o/r","has_actions":true}'
  } | cassette log)"
  try dl-logs "$AT:o/r/job/11"
  assert_status 0
  assert_output $'> Run make\ncc\nerror: it broke'
  try dl-logs "$AT:o/r/job/12"
  assert_status 5
  assert_stderr 'has no such thing: logs have been cleaned up$'
}

@test "the log of a job of Forgejo, which is known together with its run" {
  gitea "$({
    answer "GET $GT/actions/runs/3/jobs?*" "$(fj_jobs '')"
    answer "GET $GT/actions/jobs/21/logs" '2026-01-14T10:30:00Z hello'
  } | cassette log)"
  try dl-logs "$AT:o/r/job/3.21"
  assert_output hello
  try dl-logs "$AT:o/r/run/3"
  assert_output hello
}

@test "a job that waits for a runner has no log yet" {
  gitea "$(answer "GET $GT/actions/jobs/11" "$(gt_job 'status: "queued", conclusion: ""')" | cassette queued)"
  try dl-logs "$AT:o/r/job/11"
  assert_status 3
  assert_output ''
}

@test "a log that grows is followed by what is new of it" {
  ended follow
  assert_status 0
  assert_output $'one\ntwo\nthree'
}

# ---- commits ----

@test "a commit: its runs, and the statuses that Actions did not post for them" {
  gitea "$({
    answer "GET $GT/actions/runs?head_sha=$GT_SHA&*" "$(gt_runs '')"
    answer "GET $GT/commits/$GT_SHA/status?*" "$(gt_statuses 'context: "ci.yml / build (push)", creator: null, target_url: "/o/r/actions/runs/1/jobs/0"' \
      'context: "ci.yml / lint (push)", creator: null, target_url: "/o/r/actions/runs/101/jobs/12"' \
      'context: "gone.yml / x (push)", creator: null, target_url: "/o/r/actions/runs/100/jobs/3"' '')"
  } | cassette commit)"
  try dl-status -p gitea -R o/r -c "$GT_SHA"
  assert_status 0
  assert_json '.[0] | .verdict == "success" and .total == 3 and .passed == 3'
}

@test "a commit without statuses, of whatever kind of nothing" {
  gitea "$({
    answer "GET $GT/actions/runs?head_sha=$GT_SHA&*" "$(gt_runs 'conclusion: "failure"')"
    answer "GET $GT/commits/$GT_SHA/status?*" '{"state":"","sha":"","total_count":0,"statuses":null,"repository":null,"commit_url":"","url":""}'
  } | cassette none)"
  try dl-status -p gitea -R o/r -c "$GT_SHA" -F verdict,total,ref
  assert_status 1
  assert_output "failure"$'\t'1$'\t'"$AT:o/r/run/101"
}

@test "a server without Actions in its API: the statuses are what there is" {
  gitea gitea/1.15
  try dl-status -p gitea -R fleet/r0001 -c "$GT_SHA"
  assert_status 1
  assert_json '.[0] | .verdict == "failure" and .total == 5 and .passed == 1 and .failed == 3 and .pending == 1'
  assert_json '.[0] | .ref | endswith("fleet/r0001/commit/c35e58dace7c522664cc2b573a4594e28c120dd7")'
  try dl-runs -p gitea -R fleet/r0001
  assert_status 10
  assert_stderr 'listing what Actions did needs Gitea 1.23 or Forgejo 8: .* runs Gitea 1.15.11$'
}

@test "statuses that may not be read do not hide the runs, nor the other way round; both refused is refused" {
  gitea "$({
    answer "GET $GT/actions/runs?*" "$(gt_runs '')" 200 'need authorization: token runs'
    answer "GET $GT/actions/*" '{"message":"no scope for runs"}' 403
    answer "GET $GT/commits/$GT_SHA/status?*" "$(gt_statuses 'status: "warning"')" 200 'need authorization: token statuses'
    answer "GET $GT/commits/*" '{"message":"no scope for statuses"}' 403
  } | cassette scopes)"
  GITEA_TOKEN=runs try dl-status -p gitea -R o/r -c "$GT_SHA" -F verdict,total
  assert_output $'success\t1'
  GITEA_TOKEN=statuses try dl-status -p gitea -R o/r -c "$GT_SHA" -F verdict,total
  assert_output $'failure\t1'
  GITEA_TOKEN=none try dl-status -p gitea -R o/r -c "$GT_SHA"
  assert_status 4
  assert_stderr 'forbids that: no scope for runs$'
}

@test "a commit that is not there" {
  gitea "$({
    answer "GET $GT/actions/runs?*" "$(gt_runs)"
    answer "GET $GT/commits/$GT_SHA/status?*" '{"message":"object does not exist [id: , rel_path: ]"}' 404
  } | cassette unknown)"
  try dl-status -p gitea -R o/r -c "$GT_SHA"
  assert_status 5
  assert_stderr 'object does not exist'
}

@test "the tip of a branch, and of the default one, by the server" {
  gitea "$({
    answer "GET $GT" '{"full_name":"o/r","default_branch":"trunk"}'
    answer "GET $GT/branches/trunk" "{\"name\":\"trunk\",\"commit\":{\"id\":\"$GT_SHA\"}}"
    answer "GET $GT/branches/feature/x" "{\"name\":\"feature/x\",\"commit\":{\"id\":\"$GT_SHA\"}}"
    answer "GET $GT/actions/runs?*" "$(gt_runs '')"
    answer "GET $GT/commits/$GT_SHA/status?*" "$(gt_statuses)"
  } | cassette tip)"
  try dl-status -p gitea -R o/r -b feature/x -F verdict
  assert_output success
  try dl-status "$AT:o/r/branch/trunk" -F verdict
  assert_output success
}

# ---- workflow files ----

# make_clone FILE...: a repository w of o/r, in which we stand then, with these workflow files, each on push.
make_clone() {
  local file
  make_repo w "$URL/o/r.git"
  cd w || return
  for file in "$@"; do
    mkdir -p "$(dirname "$file")"
    printf 'on: push\njobs: {a: {runs-on: x, steps: [{run: x}]}}\n' >"$file"
  done
  git add . && git commit -q --allow-empty -m ci
  HEAD=$(git rev-parse HEAD)
  track . main "$HEAD"
}

@test "whether CI is configured: offline, by the folders that the server reads" {
  local folder
  gitea "$({
    version 1.26.0
    answer "GET $GT/actions/runs?*" "$(gt_runs)"
    answer "GET $GT/commits/*" "$(gt_statuses)"
  } | cassette none)"
  for folder in .gitea .github; do
    make_clone $folder/workflows/ci.yml
    try dl-status -p gitea -F verdict
    assert_status 3
    assert_output unregistered
    cd .. && rm -rf w
  done
  make_clone .forgejo/workflows/ci.yml
  try dl-status -p gitea -F verdict
  assert_status 5
  assert_output none
  [ "$(requests /version)" = 1 ]
  cd .. && rm -rf w "$XDG_CACHE_HOME"
  gitea "$({
    version 16.0.0+gitea-1.22.0
    answer "GET $GT/actions/runs?*" "$(fj_runs)"
    answer "GET $GT/commits/*" "$(gt_statuses)"
  } | cassette forgejo)"
  make_clone .forgejo/workflows/ci.yml
  try dl-status -p gitea -F verdict
  assert_output unregistered
}

@test "whether CI is configured: by the server where the commit is not here" {
  gitea "$({
    version 16.0.0+gitea-1.22.0
    answer "GET $GT/actions/runs?*" "$(fj_runs)"
    answer "GET $GT/commits/*" "$(gt_statuses)"
    missing "GET $GT/contents/.forgejo/workflows?ref=$GT_SHA"
    answer "GET $GT/contents/.gitea/workflows?ref=$GT_SHA" '[{"name":"README","type":"file"},{"name":"ci.yaml","type":"file"}]'
    missing "GET /api/v1/repos/o/none/contents/*"
    answer "GET /api/v1/repos/o/none/actions/runs?*" "$(fj_runs)"
    answer "GET /api/v1/repos/o/none/commits/*" "$(gt_statuses)"
  } | cassette server)"
  try dl-status -p gitea -R o/r -c "$GT_SHA" -F verdict
  assert_output unregistered
  try dl-status -p gitea -R o/none -c "$GT_SHA" -F verdict
  assert_output none
}

@test "what a push starts is told by the files that the server reads" {
  local version verdict
  while read -r version verdict; do
    rm -rf w "$XDG_CACHE_HOME"
    gitea "$({
      version "$version"
      answer "GET $GT/actions/runs?*" "$(gt_runs)"
      answer "GET $GT/commits/*" "$(gt_statuses)"
    } | cassette expected)"
    make_clone .forgejo/workflows/a.yml .gitea/workflows/b.yml
    sed -i 's/on: push/on: {push: {branches: [other]}}/' .forgejo/workflows/a.yml
    git commit -qam filter
    track . main "$(git rev-parse HEAD)"
    try dl-status -p gitea -F verdict
    assert_output "$verdict"
    cd ..
  done <<<$'16.0.0+gitea-1.22.0 none\n1.26.0 unregistered'
}

@test "workflows, by the list of Gitea, else by the files" {
  gitea "$({
    answer "GET $GT/actions/workflows" '{"workflows":[{"id":"ci.yml","name":"The CI","path":".gitea/workflows/ci.yml","state":"disabled_manually","html_url":"http://g/ci"}],"total_count":1}'
    missing 'GET /api/v1/repos/o/f/actions/workflows' 'GET /api/v1/repos/o/f/contents/.gitea/workflows'
    version 1.23.0
    answer 'GET /api/v1/repos/o/f/contents/.github/workflows' '[{"name":"x.yml","path":".github/workflows/x.yml","html_url":"http://g/x"},{"name":"notes.md"}]'
  } | cassette workflows)"
  try dl-workflows -p gitea -R o/r
  assert_json '.[0] | .id == "ci.yml" and .name == "The CI" and .path == ".gitea/workflows/ci.yml" and .state == "disabled_manually" and .url == "http://g/ci"'
  [ "$(field 0 ref)" = "$AT:o/r/workflow/ci.yml" ]
  try dl-workflows -p gitea -R o/f
  assert_status 0
  assert_json 'length == 1 and (.[0] | .id == "x.yml" and .path == ".github/workflows/x.yml" and .state == null and .url == "http://g/x")'
}

# ---- starting ----

DEFINITION='on: {workflow_dispatch: {inputs: {version: {type: string}}}}
jobs: {a: {runs-on: x, steps: [{run: x}]}}'

# definition: the exchanges that show the file of ci.yml.
definition() {
  version "${1:-1.25.1}"
  answer "GET $GT" '{"full_name":"o/r","default_branch":"main","has_actions":true}'
  answer "GET $GT/branches/main" "{\"name\":\"main\",\"commit\":{\"id\":\"$GT_SHA\"}}"
  answer "GET $GT/raw/.gitea/workflows/ci.yml?*" "$DEFINITION"
  missing "GET $GT/raw/.forgejo/workflows/ci.yml?*"
}

DISPATCH="POST $GT/actions/workflows/ci.yml/dispatches?return_run_details=true"

@test "a workflow is started, and the run that Gitea names is printed" {
  gitea "$({
    definition 1.26.0
    answer "GET $GT/actions/runs?limit=1" "$(gt_runs '')"
    answer "$DISPATCH" '{"workflow_run_id":107,"run_url":"http://g/api/v1/x","html_url":"http://g/x"}' 200 \
      'need body: {"ref":"main","inputs":{"version":"1.2"},"return_run_info":true}'
    answer "GET $GT/actions/runs/107" "$(gt_run 'id: 107, run_number: 7, event: "workflow_dispatch", status: "queued", conclusion: ""')"
  } | cassette dispatch)"
  try dl-trigger -p gitea -R o/r -b main -f version=1.2 ci.yml
  assert_status 0
  assert_json 'length == 1 and .[0].id == "107" and .[0].status == "queued"'
  try dl-trigger -p gitea -R o/r -b main -f versoin=1.2 ci.yml
  assert_status 2
  [ "$(requests '^POST')" = 1 ]
}

@test "a workflow is started, and the run that Forgejo names is printed, also when it cannot be shown yet" {
  gitea "$({
    definition 16.0.0+gitea-1.22.0 | sed 's/\.forgejo/.other/; s/\.gitea/.forgejo/'
    answer "GET $GT/actions/runs?limit=1" "$(fj_runs)"
    answer "$DISPATCH" '{"id":207,"run_number":7,"jobs":["build"]}' 201
    missing "GET $GT/actions/runs/207"
  } | cassette dispatch)"
  try dl-trigger -p gitea -R o/r -b main ci.yml
  assert_status 0
  assert_json '.[0] | .id == "207" and .status == "queued" and .workflow == "ci.yml" and .branch == "main" and .event == "workflow_dispatch"'
  [ "$(field 0 ref)" = "$AT:o/r/run/207" ]
}

@test "a server that does not say which run it started: the new one of ours is it, and no other" {
  local mine='event: "workflow_dispatch", status: "queued", conclusion: ""'
  gitea "$({
    definition
    answer "GET $GT/actions/runs?limit=1" "$(gt_runs 'id: 105, run_number: 5')"
    answer "$DISPATCH" '' 204
    answer 'GET /api/v1/user' '{"login":"ada"}'
    answer "GET $GT/actions/runs?event=workflow_dispatch&limit=50" "$(gt_runs "id: 110, run_number: 10, $mine, actor: {login: \"bob\"}" "id: 109, run_number: 9, $mine, path: \"b.yml@refs/heads/main\"" \
      "id: 108, run_number: 8, $mine, head_branch: \"dev\"" "id: 107, run_number: 7, $mine" "id: 104, run_number: 4, $mine")"
  } | cassette silent)"
  try dl-trigger -p gitea -R o/r -b main ci.yml -F id
  assert_status 0
  assert_output 107
}

@test "where two runs may be the one, none is named" {
  local mine='event: "workflow_dispatch", status: "queued", conclusion: ""'
  gitea "$({
    definition
    answer "GET $GT/actions/runs?limit=1" "$(gt_runs '')"
    answer "$DISPATCH" '' 204
    missing 'GET /api/v1/user'
    answer "GET $GT/actions/runs?event=workflow_dispatch&limit=50" "$(gt_runs "id: 108, run_number: 8, $mine" "id: 107, run_number: 7, $mine")"
  } | cassette two)"
  try dl-trigger -p gitea -R o/r -b main ci.yml
  assert_status 3
  assert_output ''
  assert_stderr '^dl-trigger: ci.yml was started, but .* does not say which run that is$'
  assert_stderr '^dl-trigger: hint: .*dl-runs -e workflow_dispatch -W ci.yml$'
  [ "$(requests '^POST')" = 1 ]
}

@test "a server that lists no runs cannot say either: nothing is guessed from tasks" {
  gitea "$({
    definition 1.24.6
    missing "GET $GT/actions/runs?*"
    answer "$DISPATCH" '' 204
    missing 'GET /api/v1/user'
  } | cassette silent)"
  try dl-trigger -p gitea -R o/r -b main ci.yml
  assert_status 3
  assert_stderr 'was started, but .* does not say which run that is$'
  [ "$(requests /tasks)" = 0 ]
}

@test "after a lost answer nothing is sent again" {
  gitea "$({
    definition
    answer "GET $GT/actions/runs?limit=1" "$(gt_runs '')"
    answer "$DISPATCH" '' close
  } | cassette lost)"
  try dl-trigger -p gitea -R o/r -b main ci.yml
  assert_status 8
  assert_stderr '^dl-trigger: hint: it may have been started all the same: look at dl-runs -e workflow_dispatch -W ci.yml$'
  [ "$(requests '^POST')" = 1 ]
}

@test "a start that is refused: too old a server, no such workflow, a word of the server" {
  gitea "$({ definition 1.23.8 && missing "GET $GT/actions/runs?*" "$DISPATCH"; } | cassette old)"
  try dl-trigger -p gitea -R o/r -b main ci.yml
  assert_status 10
  assert_stderr 'starting a workflow needs Gitea 1.24 or Forgejo 8: .* runs Gitea 1.23.8$'
  rm -rf "$XDG_CACHE_HOME"
  gitea "$({
    definition 1.26.0
    answer "GET $GT/actions/runs?*" "$(gt_runs)"
    missing "$DISPATCH"
  } | cassette missing)"
  try dl-trigger -p gitea -R o/r -b main ci.yml
  assert_status 5
  assert_stderr "^dl-trigger: o/r has no workflow 'ci.yml' on 'main' that can be started$"
  gitea "$({
    definition 1.26.0
    answer "GET $GT/actions/runs?*" "$(gt_runs)"
    answer "$DISPATCH" '{"message":"workflow is disabled"}' 422
  } | cassette disabled)"
  try dl-trigger -p gitea -R o/r -b main ci.yml
  assert_status 6
  assert_stderr 'refuses that: workflow is disabled$'
  try dl-trigger -p gitea -R o/r -c "$GT_SHA" ci.yml
  assert_status 2
}

@test "a dry run says what would be sent, and sends nothing" {
  gitea "$(definition | cassette dry)"
  try dl-trigger -N -p gitea -R o/r -b main -f version=1 ci.yml
  assert_status 0
  assert_output ''
  assert_stderr 'POST .*/api/v1/repos/o/r/actions/workflows/ci.yml/dispatches'
  [ "$(requests '^POST')" = 0 ]
}

# ---- running again, stopping ----

@test "a run is run again, all of it or what failed, and printed when it goes on" {
  gitea "$({
    answer "GET $GT/actions/runs/101" "$(gt_run 'conclusion: "failure", run_attempt: 1')"
    answer "GET $GT/actions/runs/101" "$(gt_run 'status: "queued", conclusion: "", run_attempt: 2')"
    answer "GET $GT/actions/runs/102" "$(gt_run 'id: 102, conclusion: "cancelled"')"
    answer "GET $GT/actions/runs/102" "$(gt_run 'id: 102, conclusion: "success", started_at: "2026-01-14T12:30:00Z"')"
    answer "GET $GT/actions/runs/10*/jobs?*" "$(gt_jobs '')"
    answer "POST $GT/actions/runs/101/rerun-failed-jobs" '' 201
    answer "POST $GT/actions/runs/102/rerun" '{"id":102}' 201
  } | cassette rerun)"
  try dl-rerun --failed "$AT:o/r/run/101" -F id,status,attempt
  assert_status 0
  assert_output $'101\tqueued\t2'
  try dl-rerun "$AT:o/r/run/102" -F id,status,conclusion
  assert_status 0
  assert_output $'102\tcompleted\tsuccess'
}

@test "what is in progress, or did not fail, is not run again; a refusal is the server's" {
  gitea "$({
    answer "GET $GT/actions/runs/101" "$(gt_run '')"
    answer "GET $GT/actions/runs/102" "$(gt_run 'id: 102, status: "in_progress", conclusion: ""')"
    answer "POST $GT/actions/runs/101/rerun" '{"message":"workflow ci.yml is disabled"}' 400
  } | cassette refused)"
  try dl-rerun --failed "$AT:o/r/run/101"
  assert_status 6
  assert_stderr 'nothing failed in run 101$'
  try dl-rerun "$AT:o/r/run/102"
  assert_status 6
  assert_stderr 'run 102 is in progress$'
  try dl-rerun "$AT:o/r/run/101"
  assert_status 6
  assert_stderr 'refuses that: workflow ci.yml is disabled$'
}

@test "a run is stopped, also by force; one that is over is not" {
  gitea "$({
    answer "GET $GT/actions/runs/101" "$(gt_run 'status: "in_progress", conclusion: ""')"
    answer "GET $GT/actions/runs/101" "$(gt_run 'conclusion: "cancelled"')"
    answer "GET $GT/actions/runs/101/jobs?*" "$(gt_jobs 'conclusion: "cancelled"')"
    answer "GET $GT/actions/runs/102" "$(gt_run 'id: 102, status: "in_progress", conclusion: ""')"
    answer "GET $GT/actions/runs/103" "$(gt_run 'id: 103, status: "in_progress", conclusion: ""')"
    answer "POST $GT/actions/runs/101/cancel" '' 202
    answer "POST $GT/actions/runs/102/force-cancel" '' 202
    answer "POST $GT/actions/runs/103/cancel" '{"message":"the run has finished"}' 409
  } | cassette cancel)"
  try dl-cancel "$AT:o/r/run/101" -F status,conclusion
  assert_status 0
  assert_output $'completed\tcancelled'
  try dl-cancel --force "$AT:o/r/run/102" -F status
  assert_output in_progress
  try dl-cancel "$AT:o/r/run/103"
  assert_status 6
  assert_stderr 'refuses that: the run has finished$'
  try dl-cancel "$AT:o/r/run/101"
  assert_status 6
  assert_stderr '^dl-cancel: run 101 is over$'
  [ "$(requests '^POST')" = 3 ]
}

@test "what acts is not lost in a redirect" {
  gitea "$({
    answer "GET $GT/actions/runs/101" "$(gt_run '')"
    answer "POST $GT/actions/runs/101/rerun" '' 302 'Location: /api/v1/repos/o/new/actions/runs/101/rerun'
  } | cassette moved)"
  try dl-rerun "$AT:o/r/run/101"
  assert_status 5
  assert_stderr "'o/r' has another name on"
}

# ---- artifacts ----

@test "the artifacts of a run, the newest of each name, from all pages" {
  gitea "$({
    answer "GET $GT/actions/runs/101/artifacts?limit=50" "$(gt_artifacts '' 'id: 42' | jq -c '.total_count = 3')"
    answer "GET $GT/actions/runs/101/artifacts?limit=50&page=2" "$(gt_artifacts 'id: 43, name: "report", expired: true, workflow_run: null, run_id: 101' | jq -c '.total_count = 3')"
    answer "GET $GT/actions/runs/101" "$(gt_run '')"
    answer "GET $GT/actions/artifacts/42" "$(gt_artifacts 'id: 42' | jq -c '.artifacts[0]')"
  } | cassette artifacts)"
  try dl-artifacts "$AT:o/r/run/101"
  assert_status 0
  assert_json 'map(.id) == ["42", "43"] and all(.run_id == "101" and .path == null) and .[1].expired == true'
  assert_json '.[0] | .name == "dist" and .size_bytes == 1024 and .created_at == "2026-01-14T10:40:00Z" and .expires_at == "2026-04-14T10:40:00Z" and .digest == null'
  try dl-artifacts "$AT:o/r/artifact/42" -F name,ref
  assert_output "dist"$'\t'"$AT:o/r/artifact/42"
}

@test "an artifact is downloaded by the signed link to which the API redirects, without the token" {
  good_zip
  gitea "$({
    answer "GET $GT/actions/artifacts/41" "$(gt_artifacts '' | jq -c '.artifacts[0]')"
    answer "GET $GT/actions/artifacts/41/zip" '' 302 'Location: {{base2}}/storage/41?sig=secret' 'need authorization: token a-token'
    answer 'GET /storage/41?sig=secret' '' '200 file=good.zip' 'deny authorization'
    answer "GET $GT/actions/artifacts/44" "$(gt_artifacts 'id: 44' | jq -c '.artifacts[0]')"
    answer "GET $GT/actions/artifacts/44/zip" '{"message":"Artifact has expired"}' 404
    version 1.26.0
    answer "GET $GT" '{"full_name":"o/r","has_actions":true}'
  } | cassette download)"
  try dl-artifacts -d out "$AT:o/r/artifact/41"
  assert_status 0
  [ "$(find out -type f | sort | paste -sd ' ')" = 'out/dist/bin/tool out/dist/x-1.whl' ]
  try dl-artifacts -d out "$AT:o/r/artifact/44"
  assert_status 5
  assert_stderr 'Artifact has expired'
}

@test "a download that was cut is continued where the server can, else begun anew" {
  local id
  good_zip
  gitea "$({
    for id in 41 42; do
      answer "GET $GT/actions/artifacts/$id" "$(gt_artifacts "id: $id" | jq -c '.artifacts[0]')"
      answer "GET $GT/actions/artifacts/$id/zip" '' 302 "Location: {{base}}$GT/actions/artifacts/$id/zip/raw?sig=secret"
    done
    answer "GET $GT/actions/artifacts/41/zip/raw?sig=secret" '' '206 file=good.zip.tail' 'need range: bytes=100-' 'Content-Range: bytes 100-234/235'
    answer "GET $GT/actions/artifacts/41/zip/raw?sig=secret" '' '200 file=good.zip cut=100'
    answer "GET $GT/actions/artifacts/42/zip/raw?sig=secret" '' '200 file=good.zip' 'need range: bytes=100-'
    answer "GET $GT/actions/artifacts/42/zip/raw?sig=secret" '' '200 file=good.zip cut=100'
  } | cassette cut)"
  for id in 41 42; do
    try dl-artifacts -v -d "out$id" "$AT:o/r/artifact/$id"
    assert_status 0
    refute grep -q secret <<<"$stderr" # the link is signed, though it is the server's own
    [ "$(find "out$id" -type f | sort | paste -sd ' ')" = "out$id/dist/bin/tool out$id/dist/x-1.whl" ]
  done
}

@test "artifacts that the server cannot list" {
  gitea "$({ version 1.23.8 && missing "GET $GT/actions/runs/101/artifacts?*"; } | cassette old)"
  try dl-artifacts "$AT:o/r/run/101"
  assert_status 10
  assert_stderr 'listing artifacts needs Gitea 1.24 or Forgejo 16: .* runs Gitea 1.23.8$'
  try dl-artifacts "$AT:o/r/run/n1"
  assert_status 10
}

# ---- hosts and credentials ----

@test "a server below a path, by its root or its API; FORGEJO_URL and FORGEJO_TOKEN do as well" {
  local url
  serve "$(answer 'GET /git/api/v1/repos/o/r/actions/runs?*' "$(gt_runs '')" 200 'need authorization: token forged' | cassette path)"
  for url in "$URL/git" "$URL/git/" "$URL/git/api/v1"; do
    FORGEJO_URL=$url FORGEJO_TOKEN=forged try dl-runs -p gitea -R o/r
    assert_status 0
    assert_json ".[0].host == \"${URL#http://}/git\""
    [ "$(field 0 ref)" = "gitea@${URL#http://}/git:o/r/run/101" ]
  done
}

@test "well-known hosts are recognised, but a token in the environment is only for one that the user names" {
  local host
  export GITEA_TOKEN=a-token
  for host in codeberg.org gitea.com; do
    make_repo "$host" "https://$host/o/r.git"
    try dl-providers -C "$host"
    assert_json "map(select(.name == \"gitea\"))[0] | .detected == true and .why == \"the remote's host $host; credential: none\""
    GITEA_URL=https://$host try dl-providers -C "$host"
    assert_json 'map(select(.name == "gitea"))[0].why | test("credential: GITEA_TOKEN$")'
    git -C "$host" config "devloop.host.$host.provider" gitea
    try dl-providers -C "$host"
    assert_json 'map(select(.name == "gitea"))[0].why | test("credential: GITEA_TOKEN$")'
  done
}

@test "a tree that has Gitea's or Forgejo's workflows is Gitea's" {
  local folder
  for folder in .gitea .forgejo; do
    make_repo "t$folder" https://git.example.com/o/r.git
    mkdir -p "t$folder/$folder/workflows"
    touch "t$folder/$folder/workflows/ci.yml"
    try dl-providers -C "t$folder" -F name,detected
    assert_line $'gitea\ttrue'
  done
}
