# CircleCI: pipelines and their workflows as runs, jobs, logs, artifacts, and what makes them. The answers are composed
# from the public description of its API: tests/contract/circleci.bash.
# shellcheck disable=SC1003,SC2154 # `try` sets $stderr; a backslash in a string is one
load helper
load github
load contract/circleci

setup() {
  hermetic
  export DL_RETRIES=0
  LIST='GET /api/v2/project/gh/o/r/pipeline'
}

# family PIPELINE WORKFLOW...: the exchanges about a pipeline and its workflows.
family() {
  local pipeline=$1 id workflow
  shift
  id=$(jq -r .id <<<"$pipeline")
  answer "GET /api/v2/pipeline/$id/workflow" "$(cc_list "$@")"
  answer "GET /api/v2/pipeline/$id" "$pipeline"
  for workflow in "$@"; do
    answer "GET /api/v2/workflow/$(jq -r .id <<<"$workflow")" "$workflow"
  done
}

# project PIPELINE WORKFLOW...: serves a project with one pipeline.
project() {
  serve "$({ answer "$LIST" "$(cc_list "$1")" && answer "$LIST?*" "$(cc_list "$1")" && family "$@"; } | cassette project)"
  as_cc
}

runs() {
  try dl-runs -p circleci -R gh/o/r "$@"
}

# ---- runs ----

@test "a workflow of a pipeline is a run" {
  project "$(cc_pipeline 1)" "$(cc_workflow 11)"
  runs
  assert_status 0
  assert_json "length == 1 and (.[0] | .id == \"$(uuid 11)\" and .number == 1 and .attempt == 1 and .name == \"build\"
    and .workflow == \"build\" and .branch == \"main\" and .sha == \"$CC_SHA\" and .event == \"push\" and .actor == \"ada\"
    and .status == \"completed\" and .conclusion == \"success\" and .raw_status == \"success\" and .needs_action == false)"
  assert_json '.[0] | .created_at == "2026-01-14T10:30:00Z" and .started_at == .created_at
    and .completed_at == "2026-01-14T10:40:00Z" and .duration_s == 600 and .updated_at == null'
  assert_json ".[0].metadata == {pipeline_id: \"$(uuid 1)\", title: \"Add prices\"}"
  [ "$(field 0 ref)" = "$AT/run/$(uuid 11)" ]
  [ "$(field 0 url)" = "$URL/pipelines/github/o/r/1/workflows/$(uuid 11)" ]
  requested "^$LIST -> 200" 'circle-token: a-token' 'accept: application/json'
  [ "$(requests)" = 2 ]
}

@test "words become states; none that is unknown is an end" {
  local words=(success failed error failing running on_hold canceled not_run unauthorized brand_new) i workflows=()
  for i in "${!words[@]}"; do
    workflows+=("$(cc_workflow $((20 + i)) "name: \"${words[i]}\", status: \"${words[i]}\"")")
  done
  project "$(cc_pipeline 1)" "${workflows[@]}"
  runs -F workflow,status,conclusion,needs_action,completed_at
  assert_line $'success\tcompleted\tsuccess\tfalse\t2026-01-14T10:40:00Z'
  assert_line $'failed\tcompleted\tfailure\tfalse\t2026-01-14T10:40:00Z'
  assert_line $'error\tcompleted\tfailure\tfalse\t2026-01-14T10:40:00Z'
  assert_line $'failing\tin_progress\t\tfalse\t'
  assert_line $'running\tin_progress\t\tfalse\t'
  assert_line $'on_hold\tin_progress\t\ttrue\t'
  assert_line $'canceled\tcompleted\tcancelled\tfalse\t2026-01-14T10:40:00Z'
  assert_line $'not_run\tcompleted\tskipped\tfalse\t2026-01-14T10:40:00Z'
  assert_line $'unauthorized\tcompleted\taction_required\ttrue\t2026-01-14T10:40:00Z'
  assert_line $'brand_new\tin_progress\t\tfalse\t'
  [ "${#lines[@]}" = 10 ]
}

@test "a pipeline that has no workflow yet is queued" {
  project "$(cc_pipeline 1 'created_at: "{{time-60}}", updated_at: "{{time-60}}"')"
  runs -F id,name,workflow,status,conclusion,raw_status
  assert_output "$(uuid 1)"$'\tpipeline\t\tqueued\t\tcreated'
  try dl-status -p circleci -R gh/o/r -c "$CC_SHA" -F verdict
  assert_status 3
  assert_output pending
}

@test "how long ago that was is told by the server's clock: ours may be fast" {
  serve "$({
    answer "$LIST" "$(cc_list "$(cc_pipeline 1 'created_at: "{{time-660}}", updated_at: "{{time-660}}"')")" 200 'Date: {{date-600}}'
    answer "GET /api/v2/pipeline/$(uuid 1)/workflow" "$(cc_list)" 200 'Date: {{date-600}}'
  } | cassette fast)"
  as_cc
  runs -F status,raw_status
  assert_output $'queued\tcreated'
}

@test "one that never got a workflow was skipped" {
  project "$(cc_pipeline 1)"
  runs -F id,status,conclusion,duration_s
  assert_output "$(uuid 1)"$'\tcompleted\tskipped\t0'
}

@test "one that is pending stays queued, however old it is" {
  project "$(cc_pipeline 1 'state: "pending"')"
  runs -F status,raw_status
  assert_output $'queued\tpending'
}

@test "a pipeline that went wrong is a failure, and says why" {
  project "$(cc_pipeline 1 'state: "errored", errors: [{type: "config", message: "Job \"x\" not found"}]')"
  runs
  assert_json '.[0] | .status == "completed" and .conclusion == "failure" and .raw_status == "errored"
    and .metadata.error == "Job \"x\" not found"'
  try dl-status -p circleci -R gh/o/r -c "$CC_SHA" -F verdict,ref
  assert_status 1
  assert_output "failure"$'\t'"$AT/run/$(uuid 1)"
}

@test "between a setup workflow and what it continues with, nothing is over" {
  local setup='name: "setup", tag: "setup", stopped_at: "{{time-5}}"' state
  for state in setup pending created; do
    project "$(cc_pipeline 1 "state: \"$state\"")" "$(cc_workflow 11 "$setup")"
    runs -F id,status,conclusion
    assert_line "$(uuid 11)"$'\tcompleted\tsuccess'
    assert_line "$(uuid 1)"$'\tin_progress\t'
    try dl-status -p circleci -R gh/o/r -c "$CC_SHA" -F verdict
    assert_output pending
    stop_servers
  done
}

@test "after a setup workflow that failed, or long ago continued with nothing, all is over" {
  project "$(cc_pipeline 1 'state: "setup"')" "$(cc_workflow 11 'name: "setup", tag: "setup", status: "failed", stopped_at: "{{time-5}}"')"
  runs -F id,conclusion
  assert_output "$(uuid 11)"$'\tfailure'
  stop_servers
  project "$(cc_pipeline 1 'state: "setup"')" "$(cc_workflow 11 'name: "setup", tag: "setup"')"
  runs -F id,conclusion
  assert_output "$(uuid 11)"$'\tsuccess'
}

@test "what a setup workflow continued with may be wrong" {
  project "$(cc_pipeline 1 'state: "errored", errors: [{message: "bad"}]')" "$(cc_workflow 11 'name: "setup", tag: "setup"')"
  runs -F id,conclusion
  assert_line "$(uuid 11)"$'\tsuccess'
  assert_line "$(uuid 1)"$'\tfailure'
}

@test "a setup workflow that has continued is one among others" {
  project "$(cc_pipeline 1)" "$(cc_workflow 11 'name: "setup", tag: "setup"')" "$(cc_workflow 12)"
  runs
  assert_json 'length == 2 and map(.metadata.tag) == [null, "setup"] or map(.metadata.tag) == ["setup", null]'
}

@test "the newest of each name counts, however it came to be" {
  project "$(cc_pipeline 1)" "$(cc_workflow 11 'status: "failed"')" \
    "$(cc_workflow 12 'created_at: "2026-01-14T12:00:00Z", stopped_at: "2026-01-14T12:10:00Z"')" \
    "$(cc_workflow 13 'name: "docs"')"
  runs -F id
  [ "${lines[0]}" = "$(uuid 12)" ]
  [ "${#lines[@]}" = 3 ]
  try dl-status -p circleci -R gh/o/r -c "$CC_SHA" -F verdict,total
  assert_status 0
  assert_output $'success\t2'
}

@test "a workflow that waits for an approval" {
  project "$(cc_pipeline 1)" "$(cc_workflow 11 'status: "on_hold", stopped_at: null')"
  try dl-status -p circleci -R gh/o/r -c "$CC_SHA" -F verdict,status
  assert_status 1
  assert_output $'action_required\tin_progress'
}

@test "the server filters by branch, and knows no tags" {
  local tag
  tag=$(cc_pipeline 2 'vcs: {branch: null, tag: "v1.0"}')
  serve "$({
    answer "$LIST?branch=main" "$(cc_list "$(cc_pipeline 1)")"
    answer "$LIST?branch=v1.0" "$(cc_list)"
    answer "$LIST" "$(cc_list "$tag" "$(cc_pipeline 1)")"
    family "$(cc_pipeline 1)" "$(cc_workflow 11)"
    family "$tag" "$(cc_workflow 12 "pipeline_id: \"$(uuid 2)\", pipeline_number: 2")"
  } | cassette branches)"
  as_cc
  runs -b main -F id
  assert_output "$(uuid 11)"
  [ "$(requests)" = 2 ]
  runs -b v1.0 -F id,branch
  assert_output "$(uuid 12)"$'\tv1.0'
}

@test "a fork's branch is none of ours" {
  local fork
  fork=$(cc_pipeline 1 'vcs: {origin_repository_url: "https://github.com/evil/r"}')
  project "$fork" "$(cc_workflow 11)"
  runs -F id
  assert_output "$(uuid 11)"
  runs -b main
  assert_status 5
}

@test "a pipeline of a GitHub App says its commit elsewhere, and its events are words of their own" {
  project "$(cc_pipeline 1 "vcs: null, project_slug: \"circleci/O1/P2\", trigger: {type: \"scheduled_pipeline\"},
    trigger_parameters: {git: {branch: \"dev\", checkout_sha: \"$CC_SHA\"}}")" "$(cc_workflow 11 'project_slug: "circleci/O1/P2"')"
  runs -F branch,sha,event,project
  assert_output $'dev\t'"$CC_SHA"$'\tschedule\tcircleci/O1/P2'
  runs -e push
  assert_status 5
}

@test "a name, a commit that is no hash, and a number that are hostile" {
  project "$(cc_pipeline 1 'vcs: {revision: "HEAD", commit: {subject: "\u001b[31mred"}}')" "$(cc_workflow 11 'name: "a\u001b[2Jb", pipeline_number: 1')"
  runs -t
  assert_status 0
  refute grep -q $'\033' <<<"$output"
  runs -F sha
  assert_output ''
}

@test "page after page, each asked for by its token" {
  serve "$({
    answer "$LIST" "$(cc_list "$(cc_pipeline 2)" | jq -c '.next_page_token = "a+b/c="')"
    answer "$LIST?page-token=a%2Bb%2Fc%3D" "$(cc_list "$(cc_pipeline 1)")"
    family "$(cc_pipeline 1)" "$(cc_workflow 11)"
    family "$(cc_pipeline 2)" "$(cc_workflow 12 "pipeline_id: \"$(uuid 2)\", pipeline_number: 2")"
  } | cassette pages)"
  as_cc
  runs -F number
  assert_output $'2\n1'
  [ "$(requests)" = 4 ]
  runs -n 1 -F number
  assert_output 2
  [ "$(requests)" = 6 ]
}

@test "what is older than wanted is not asked for" {
  serve "$({
    answer "$LIST" "$(cc_list "$(cc_pipeline 2 'created_at: "2026-01-15T00:00:00Z"')" "$(cc_pipeline 1)" | jq -c '.next_page_token = "more"')"
    family "$(cc_pipeline 2)" "$(cc_workflow 12 "pipeline_id: \"$(uuid 2)\", pipeline_number: 2, created_at: \"2026-01-15T00:00:00Z\"")"
  } | cassette since)"
  as_cc
  runs --since 2026-01-15 -F number
  assert_output 2
  [ "$(requests)" = 2 ]
}

# many FIRST COUNT TOKEN: a page of pipelines of other commits.
many() {
  local i
  for ((i = 0; i < $2; i++)); do
    cc_pipeline $(($1 - i)) "vcs: {revision: \"$(printf '%040d' $((9000 + i)))\"}"
  done | jq -sc "{items: ., next_page_token: $3}"
}

@test "an older commit is searched for, with the token as v3 takes it" {
  serve "$({
    answer "$LIST" "$(many 200 60 '"more"')"
    answer 'GET /api/v3/projects?filter%5Bslug%5D=gh%2Fo%2Fr' "{\"data\":[{\"id\":\"$(uuid 77)\"}]}" 200 'need authorization: Bearer a-token' 'deny circle-token'
    answer 'POST /api/v3/runs/search' "{\"data\":[{\"id\":\"$(uuid 1)\"}],\"page\":{\"next\":null}}" 200 \
      "need body: *\"project_ids*$(uuid 77)*pipeline.git.revision == *$CC_SHA*"
    family "$(cc_pipeline 1)" "$(cc_workflow 11)"
  } | cassette search)"
  as_cc
  runs -c "$CC_SHA" -F id
  assert_status 0
  assert_output "$(uuid 11)"
  [ "$(requests)" = 5 ]
}

@test "where there is no search, the list is looked through further" {
  serve "$({
    answer "$LIST" "$(many 200 60 '"more"')"
    answer "$LIST?page-token=more" "$(cc_list "$(cc_pipeline 1)")"
    answer 'GET /api/v3/projects?*' '<html>' 404
    family "$(cc_pipeline 1)" "$(cc_workflow 11)"
  } | cassette scan)"
  as_cc
  runs -c "$CC_SHA" -F id
  assert_output "$(uuid 11)"
}

@test "nothing is looked for beyond the commit's own time" {
  make_repo w https://github.com/o/r.git
  cd w
  serve "$(answer "$LIST" "$(many 200 20 '"more"' | sed 's/2026-01-14T10/2026-01-10T10/g')" | cassette old)"
  as_cc
  try dl-runs -p circleci -c HEAD
  assert_status 5
  [ "$(requests)" = 1 ]
}

# ---- one run ----

@test "a workflow, a pipeline and a pipeline's number name runs" {
  project "$(cc_pipeline 1)" "$(cc_workflow 11 'status: "failed"')" "$(cc_workflow 12 'name: "docs"')"
  try dl-runs "$AT/run/$(uuid 12)" -F id,workflow,conclusion,sha
  assert_output "$(uuid 12)"$'\tdocs\tsuccess\t'"$CC_SHA"
  stop_servers
  serve "$({
    answer "GET /api/v2/workflow/$(uuid 1)" '{"message":"Not found"}' 404
    answer 'GET /api/v2/project/gh/o/r/pipeline/1' "$(cc_pipeline 1)"
    family "$(cc_pipeline 1)" "$(cc_workflow 11 'status: "failed"')" "$(cc_workflow 12 'name: "docs"')"
  } | cassette named)"
  as_cc
  for id in "$(uuid 1)" 1; do
    try dl-runs "$AT/run/$id" -F id,name,conclusion,completed_at
    assert_output "$(uuid 1)"$'\tpipeline\tfailure\t2026-01-14T10:40:00Z'
  done
}

@test "a pipeline is as far as its workflows are" {
  local -A said=(
    [success,running]=$'in_progress\t\tfalse'
    [success,on_hold]=$'in_progress\t\ttrue'
    [running,on_hold]=$'in_progress\t\tfalse'
    [success,not_run]=$'completed\tsuccess\tfalse'
    [canceled,failed]=$'completed\tfailure\tfalse'
    [not_run,not_run]=$'completed\tskipped\tfalse'
    [unauthorized,success]=$'completed\taction_required\ttrue'
  )
  for words in "${!said[@]}"; do
    serve "$({
      answer "GET /api/v2/workflow/$(uuid 1)" '{"message":"Not found"}' 404
      family "$(cc_pipeline 1)" "$(cc_workflow 11 "status: \"${words%,*}\"")" "$(cc_workflow 12 "name: \"docs\", status: \"${words#*,}\"")"
    } | cassette settled)"
    as_cc
    try dl-runs "$AT/run/$(uuid 1)" -F status,conclusion,needs_action
    assert_output "${said[$words]}" || complain "$words"
    stop_servers
  done
}

@test "an id that can be none is not sent" {
  serve "$(answer 'GET /none' '' | cassette none)"
  as_cc
  try dl-runs "$AT/run/..%2F..%2Fme"
  assert_status 2
  [ "$(requests)" = 0 ]
}

# ---- jobs ----

@test "the jobs of a workflow" {
  serve "$(answer "GET /api/v2/workflow/$(uuid 11)/job" "$(cc_list "$(cc_job 21)" \
    "$(cc_job 22 'name: "hold", type: "approval", job_number: null, status: "on_hold", started_at: null, stopped_at: null')" \
    "$(cc_job 23 'name: "deploy", job_number: null, status: "blocked", started_at: null, stopped_at: null')")" | cassette jobs)"
  as_cc
  try dl-jobs "$AT/run/$(uuid 11)"
  assert_status 0
  assert_json ".[0] | .name == \"test\" and .run_id == \"$(uuid 11)\" and .id == \"$(uuid 11).$(uuid 21)\" and .conclusion == \"success\"
    and .duration_s == 120 and .steps == [] and .metadata == {number: 21, type: \"build\"}"
  [ "$(field 0 url)" = "$URL/jobs/github/o/r/21" ]
  assert_json '.[1] | .status == "in_progress" and .needs_action and .url == null'
  assert_json '.[2] | .status == "queued" and .raw_status == "blocked" and .metadata.number == null'
}

@test "the words of jobs" {
  local words=(success failed infrastructure_fail terminated-unknown timedout canceled not_run retried running queued not_running odd) i jobs=()
  for i in "${!words[@]}"; do
    jobs+=("$(cc_job $((30 + i)) "name: \"${words[i]}\", status: \"${words[i]}\"")")
  done
  serve "$(answer "GET /api/v2/workflow/$(uuid 11)/job" "$(cc_list "${jobs[@]}")" | cassette words)"
  as_cc
  try dl-jobs "$AT/run/$(uuid 11)" -F name,status,conclusion
  assert_output $'success\tcompleted\tsuccess
failed\tcompleted\tfailure
infrastructure_fail\tcompleted\tfailure
terminated-unknown\tcompleted\tfailure
timedout\tcompleted\ttimed_out
canceled\tcompleted\tcancelled
not_run\tcompleted\tskipped
retried\tcompleted\tneutral
running\tin_progress\t
queued\tqueued\t
not_running\tqueued\t
odd\tin_progress\t'
}

@test "the jobs of a pipeline are those of the workflows that count" {
  serve "$({
    answer "GET /api/v2/workflow/$(uuid 1)*" '{"message":"Not found"}' 404
    family "$(cc_pipeline 1)" "$(cc_workflow 11)" "$(cc_workflow 12 'created_at: "2026-01-14T12:00:00Z"')" "$(cc_workflow 13 'name: "docs"')"
    answer "GET /api/v2/workflow/$(uuid 12)/job" "$(cc_list "$(cc_job 22)")"
    answer "GET /api/v2/workflow/$(uuid 13)/job" "$(cc_list "$(cc_job 23)")"
  } | cassette both)"
  as_cc
  try dl-jobs "$AT/run/$(uuid 1)" -F id
  assert_output "$(uuid 12).$(uuid 22)
$(uuid 13).$(uuid 23)"
}

@test "an answer that knows no such workflow may also be an empty list" {
  serve "$({
    answer "GET /api/v2/workflow/$(uuid 1)/job" "$(cc_list)"
    answer "GET /api/v2/workflow/$(uuid 1)" '{"message":"Not found"}' 404
    family "$(cc_pipeline 1)" "$(cc_workflow 11)"
    answer "GET /api/v2/workflow/$(uuid 11)/job" "$(cc_list "$(cc_job 21)")"
  } | cassette empty)"
  as_cc
  try dl-jobs "$AT/run/$(uuid 1)" -F name
  assert_output test
}

@test "one job, with its steps as v3 has them" {
  serve "$({
    answer "GET /api/v2/workflow/$(uuid 11)/job" "$(cc_list "$(cc_job 21)" "$(cc_job 22)")"
    answer "GET /api/v3/jobs/$(uuid 21)" "$(cc_v3_job 'name: "Checkout code", num: 101, phase: "ended", outcome: "succeeded",
      started_at: "2026-01-14T10:31:00.5Z", ended_at: "2026-01-14T10:31:07Z"}, {name: "make", num: 103, phase: "started"')"
  } | cassette job)"
  as_cc
  try dl-jobs "$AT/job/$(uuid 11).$(uuid 21)"
  assert_json "length == 1 and .[0].id == \"$(uuid 11).$(uuid 21)\""
  assert_json '.[0].steps == [{number: 1, name: "Checkout code", status: "completed", conclusion: "success", duration_s: 7},
    {number: 2, name: "make", status: "in_progress", conclusion: null, duration_s: null}]'
}

@test "one job by its number, with its steps as v1.1 has them" {
  serve "$({
    answer 'GET /api/v2/project/gh/o/r/job/21' "{\"latest_workflow\":{\"id\":\"$(uuid 11)\",\"name\":\"build\"},\"number\":21}"
    answer "GET /api/v2/workflow/$(uuid 11)/job" "$(cc_list "$(cc_job 22)" "$(cc_job 21)")"
    answer "GET /api/v3/jobs/$(uuid 21)" '{"message":"no Route matched with those values"}' 404
    answer 'GET /api/v1.1/project/github/o/r/21' "$(cc_build checkout make)"
  } | cassette number)"
  as_cc
  try dl-jobs "$AT/job/21"
  assert_json ".[0].id == \"$(uuid 11).$(uuid 21)\" and (.[0].steps | map(.name) == [\"checkout\", \"make\"]) and .[0].steps[1].duration_s == 7"
}

# ---- logs ----

# finished BUILD [EXCHANGES]: serves a workflow with one job that is over, as v1.1 has it.
finished() {
  serve "$({
    answer "GET /api/v2/workflow/$(uuid 11)/job" "$(cc_list "$(cc_job 21)")"
    answer 'GET /api/v1.1/project/github/o/r/21' "$1"
    printf '%s\n' "${2:-}"
  } | cassette finished)"
  as_cc
}

@test "the log of a job is the output of its steps" {
  finished "$(cc_build checkout make)" "$(
    answer 'GET /output/checkout?*' "$(cc_output $'Cloning\r\n' 'do' $'ne\n')"
    answer 'GET /output/make?*' "$(cc_output 'say "[1]" \ {}' $'\n\xc3\xa9\t\xe2\x80\xa8\n')"
  )"
  try dl-logs "$AT/run/$(uuid 11)"
  assert_status 0
  assert_output $'> checkout\nCloning\ndone\n> make\nsay "[1]" \\ {}\n\xc3\xa9\t'
}

@test "a signed link gets no token, and is not shown" {
  finished "$(cc_build make)" "$(answer 'GET /output/make?*' "$(cc_output x)" 200 'deny circle-token' 'deny authorization')"
  try dl-logs -v "$AT/run/$(uuid 11)"
  assert_output $'> make\nx'
  refute grep -q 'secret' <<<"$stderr"
  stop_servers
  # The same where the output is at the API's own host.
  finished "$(cc_build make | sed 's/{{base2}}/{{base}}/')" "$(answer 'GET /output/make?*' "$(cc_output x)" 200 'deny circle-token' 'deny authorization')"
  try dl-logs -v "$AT/run/$(uuid 11)"
  assert_output $'> make\nx'
  refute grep -q 'secret' <<<"$stderr"
}

@test "no link leads out of encryption, or out of the web" {
  local link
  for link in http://output.example.com/a ssh://output.example.com/a git://output.example.com/a 'http://localhost.example.com/a' 'nonsense'; do
    finished "$(cc_build make | jq -c --arg link "$link" '.steps[0].actions[0].output_url = $link')" "$(
      answer 'GET /api/v2/project/gh/o/r/21/artifacts' "{\"items\":[{\"path\":\"a\",\"node_index\":0,\"url\":\"$link\"}],\"next_page_token\":null}"
    )"
    : >"$REQUESTS"
    http_proxy=$URL no_proxy=127.0.0.1,localhost try dl-logs "$AT/run/$(uuid 11)"
    assert_status 9 || complain "with $link"
    http_proxy=$URL no_proxy=127.0.0.1,localhost try dl-artifacts "$AT/run/$(uuid 11)" -d out
    assert_status 9 || complain "with $link"
    refute requested example.com
    stop_servers
  done
}

@test "a token for circleci.com is for no host whose name only ends like it" {
  local host
  # What is not on this machine goes to this server as to a proxy, which a request for TLS tells the host.
  finished "$(cc_build make)" ''
  unset CIRCLECI_HOST
  for host in evil-circleci.com circleci.com.example.com circle-artifacts.com.example.com; do
    try dl-providers -p circleci -R "https://$host/gh/o/r" -j
    assert_json 'map(select(.detected))[0].why | endswith("; credential: none")' || complain "for $host"
  done
  try dl-providers -p circleci -R gh/o/r -j
  assert_json 'map(select(.detected))[0].why | endswith("; credential: CIRCLECI_TOKEN")'
}

@test "steps without output have no heading, and every step begins a line" {
  finished "$(cc_build a b c | jq -c 'del(.steps[1].actions[0].output_url)')" "$(
    answer 'GET /output/a?*' "$(cc_output 'no end')"
    answer 'GET /output/c?*' "$(cc_output 'nor here')"
  )"
  try dl-logs "$AT/run/$(uuid 11)"
  assert_output $'> a\nno end\n> c\nnor here'
}

@test "a job on several machines: one after the other" {
  finished "$(cc_build a b | jq -c '.steps |= map(.actions += [.actions[0] + {index: 1, output_url: (.actions[0].output_url | sub("output/"; "output/1"))}])')" "$(
    for step in a b 1a 1b; do answer "GET /output/$step?*" "$(cc_output "$step"$'\n')"; done
  )"
  try dl-logs "$AT/run/$(uuid 11)" --raw
  assert_output $'> a\na\n> b\nb\n> a\n1a\n> b\n1b'
}

@test "output that is no list of messages, and a link that has expired" {
  finished "$(cc_build make)" "$(answer 'GET /output/make?*' '{"message":"x"}')"
  try dl-logs "$AT/run/$(uuid 11)"
  assert_status 9
  stop_servers
  finished "$(cc_build make)" "$(answer 'GET /output/make?*' '[{"message":"x\n"}')"
  try dl-logs "$AT/run/$(uuid 11)"
  assert_status 9
  assert_output $'> make\nx'
  stop_servers
  finished "$(cc_build make)" "$(answer 'GET /output/make?*' '[{"message":"x"} {]}]')"
  try dl-logs "$AT/run/$(uuid 11)"
  assert_status 9
  stop_servers
  finished "$(cc_build make)" "$(answer 'GET /output/make?*' '<Error/>' 403)"
  try dl-logs "$AT/run/$(uuid 11)"
  assert_status 4
  refute grep -q 'secret' <<<"$stderr"
}

@test "output in pieces, whatever the piece" {
  finished "$(cc_build make)" "$(answer 'GET /output/make?*' "$(cc_output $'one\n' 'two "\' $'three\n')" '200 chunked')"
  try dl-logs "$AT/run/$(uuid 11)"
  assert_output $'> make\none\ntwo "\\three'
}

@test "a job that is over, where v1.1 is gone: stdout, then stderr" {
  local out
  out="GET /api/v3/jobs/$(uuid 21)/stdout?filter%5Bexecution%5D=0&filter%5Bstep_num%5D="
  serve "$({
    answer "GET /api/v2/workflow/$(uuid 11)/job" "$(cc_list "$(cc_job 21)")"
    answer 'GET /api/v1.1/project/github/o/r/21' '{"message":"gone"}' 410
    answer "GET /api/v3/jobs/$(uuid 21)" "$(cc_v3_job 'name: "a", num: 0, phase: "ended", outcome: "succeeded"}, {name: "b", num: 101, phase: "ended", outcome: "failed"' ended)"
    answer "${out}0" '{"message":"not found"}' 404
    answer "${out/stdout/stderr}0" '{"message":"not found"}' 404
    answer "${out}101" 'PASS' 206 | cc_text
    answer "${out/stdout/stderr}101" 'exit 1' 200 | cc_text
  } | cassette v3)"
  as_cc
  try dl-logs "$AT/run/$(uuid 11)" --raw
  assert_status 0
  assert_output $'> b\nPASSexit 1'
}

@test "a running job is followed; a server that ignores ranges, and one that has nothing new" {
  local job out
  job="GET /api/v3/jobs/$(uuid 21)" out="GET /api/v3/jobs/$(uuid 21)/stdout?filter%5Bexecution%5D=0&filter%5Bstep_num%5D=101"
  serve "$({
    answer "GET /api/v2/workflow/$(uuid 11)/job" "$(cc_list "$(cc_job 21 'status: "running", stopped_at: null')")"
    answer "GET /api/v2/workflow/$(uuid 11)/job" "$(cc_list "$(cc_job 21 'status: "running", stopped_at: null')")"
    answer "GET /api/v2/workflow/$(uuid 11)/job" "$(cc_list "$(cc_job 21)")"
    answer "$job" "$(cc_v3_job 'name: "make", num: 101, phase: "started"')"
    answer "$job" "$(cc_v3_job 'name: "make", num: 101, phase: "ended", outcome: "succeeded"' ended)"
    answer "$out" $'one\n' 200 'need range: bytes=0-' | cc_text
    answer "$out" $'one\ntwo\n' 200 'need range: bytes=4-' | cc_text
    answer "$out" '' 416 'need range: bytes=8-' | cc_text
    answer "${out/stdout/stderr}" '' 404
    family "$(cc_pipeline 1)" "$(cc_workflow 11)"
  } | cassette grows)"
  as_cc
  try dl-logs -f "$AT/run/$(uuid 11)"
  assert_status 0
  assert_output $'> make\none\ntwo'
}

@test "a running job where v3 is missing: the steps that are over" {
  serve "$({
    answer "GET /api/v2/workflow/$(uuid 11)/job" "$(cc_list "$(cc_job 21 'status: "running", stopped_at: null')")"
    answer "GET /api/v3/jobs/$(uuid 21)" '{"message":"no Route matched with those values"}' 404
    answer 'GET /api/v1.1/project/github/o/r/21' "$(cc_build a b | jq -c '.lifecycle = "running" | .steps[1].actions[0].status = "running"')"
    answer 'GET /output/a?*' "$(cc_output a)"
  } | cassette partly)"
  as_cc
  try dl-logs "$AT/run/$(uuid 11)"
  assert_status 3
  assert_output $'> a\na'
}

@test "what has not started has no log yet, and an approval never has one" {
  serve "$({
    answer "GET /api/v2/workflow/$(uuid 11)/job" "$(cc_list "$(cc_job 21 'status: "blocked", job_number: null')" \
      "$(cc_job 22 'name: "hold", type: "approval", job_number: null')")"
  } | cassette waits)"
  as_cc
  try dl-logs "$AT/run/$(uuid 11)"
  assert_status 3
  assert_output ''
  [ "$(requests /api/v3)" = 0 ]
}

# ---- starting, running again, stopping ----

# started PIPELINE... [-- EXCHANGES]: serves what follows a start: the pipeline as it is at each look, then its workflows.
started() {
  local pipeline
  answer 'POST /api/v2/project/gh/o/r/pipeline' "{\"number\":1,\"state\":\"pending\",\"id\":\"$(uuid 1)\",\"created_at\":\"2026-01-14T10:30:00Z\"}" 201
  answer "GET /api/v2/workflow/$(uuid 1)" '{"message":"Not found"}' 404
  for pipeline in "$@"; do answer "GET /api/v2/pipeline/$(uuid 1)" "$pipeline"; done
}

trigger() {
  try dl-trigger -p circleci -R gh/o/r "$@"
}

@test "a start is a pipeline, which is there when it has a workflow" {
  serve "$({
    started "$(cc_pipeline 1 'state: "pending"')" "$(cc_pipeline 1)"
    answer "GET /api/v2/pipeline/$(uuid 1)/workflow" "$(cc_list)"
    answer "GET /api/v2/pipeline/$(uuid 1)/workflow" "$(cc_list "$(cc_workflow 11 'status: "running", stopped_at: null')")"
  } | cassette start)"
  as_cc
  trigger pipeline -b main
  assert_status 0
  assert_json "length == 1 and .[0].id == \"$(uuid 1)\" and .[0].status == \"in_progress\""
  requested '^POST ' 'body: \{"branch":"main"\}$'
}

@test "a workflow that is named is the run that was started" {
  serve "$({
    started "$(cc_pipeline 1)"
    answer "GET /api/v2/pipeline/$(uuid 1)/workflow" "$(cc_list "$(cc_workflow 11)" "$(cc_workflow 12 'name: "docs"')")"
  } | cassette named)"
  as_cc
  trigger docs -F id,workflow
  assert_output "$(uuid 12)"$'\tdocs'
  trigger deploy
  assert_status 5
  assert_output ''
  assert_stderr "pipeline 1 was started, but has no workflow 'deploy'"
  assert_stderr "hint: see $AT/run/$(uuid 1)"
}

@test "a pipeline that cannot run is a run that failed" {
  serve "$({
    started "$(cc_pipeline 1 'state: "errored", errors: [{message: "no such branch"}]')"
    answer "GET /api/v2/pipeline/$(uuid 1)/workflow" "$(cc_list)"
  } | cassette errored)"
  as_cc
  trigger build
  assert_status 0
  assert_json '.[0] | .conclusion == "failure" and .metadata.error == "no such branch"'
}

@test "a start with a definition; one that starts nothing says why" {
  serve "$({
    answer 'POST /api/v2/project/gh/o/r/pipeline/run' '{"message":"Skipped: [skip ci] in the commit message"}' 200
  } | cassette definition)"
  as_cc
  trigger "$(uuid 99)" -b main
  assert_status 6
  assert_stderr 'started nothing: Skipped: '
  requested "body: \{\"definition_id\":\"$(uuid 99)\",\"config\":\{\"branch\":\"main\"\},\"checkout\":\{\"branch\":\"main\"\}\}$"
  git config --global devloop.circleci.definition "$(uuid 98)"
  trigger pipeline -b refs/tags/v1
  requested "body: \{\"definition_id\":\"$(uuid 98)\",\"config\":\{\"tag\":\"v1\"\},\"checkout\":\{\"tag\":\"v1\"\}\}$"
}

# configured_repo: a repository with a configuration, which is the project gh/o/r.
configured_repo() {
  make_repo w https://github.com/o/r.git
  cd w || return
  mkdir .circleci
  cat >.circleci/config.yml <<'END'
version: 2.1
x: &anchor {a: 1}
y: {<<: *anchor, a: 2}
parameters:
  deploy: {type: boolean, default: false, description: Whether to deploy}
  level: {type: integer, default: 3}
  image: {type: string, default: "1"}
  mode: {type: enum, enum: [fast, full]}
jobs: {test: {docker: [{image: x}], steps: [checkout, run: !odd y]}}
workflows:
  version: 2
  build: {jobs: [test]}
  nightly: {triggers: [{schedule: {cron: "0 0 * * *"}}], jobs: [test]}
END
  git add . && git commit -q -m config
}

@test "inputs are sent with the types they are declared with" {
  configured_repo
  serve "$({
    started "$(cc_pipeline 1)"
    answer "GET /api/v2/pipeline/$(uuid 1)/workflow" "$(cc_list "$(cc_workflow 11)")"
  } | cassette typed)"
  as_cc
  try dl-trigger -p circleci build -f deploy=true -f level=4 -f image=1 -f mode=full
  assert_status 0
  requested 'body: \{"branch":"main","parameters":\{"deploy":true,"level":4,"image":"1","mode":"full"\}\}$'
  try dl-trigger -p circleci build -f mode=slow
  assert_status 2
  try dl-trigger -p circleci build -f mode=full -f other=1
  assert_status 2
  [ "$(requests '^POST')" = 1 ]
}

@test "elsewhere, what looks like a number or a truth is one" {
  serve "$({
    started "$(cc_pipeline 1)"
    answer "GET /api/v2/pipeline/$(uuid 1)/workflow" "$(cc_list "$(cc_workflow 11)")"
  } | cassette guessed)"
  as_cc
  trigger pipeline -f a=true -f b=-4 -f c=1.5 -f d=007 -f e=x
  requested 'body: \{"parameters":\{"a":true,"b":-4,"c":"1.5","d":"007","e":"x"\}\}$'
}

@test "a tag is sent as one; a commit cannot be" {
  configured_repo
  git tag v1
  serve "$({
    started "$(cc_pipeline 1)"
    answer "GET /api/v2/pipeline/$(uuid 1)/workflow" "$(cc_list "$(cc_workflow 11)")"
  } | cassette tag)"
  as_cc
  try dl-trigger -p circleci build -b v1 -f mode=full
  requested 'body: \{"tag":"v1","parameters"'
  try dl-trigger -p circleci build -c HEAD -f mode=full
  assert_status 2
}

@test "a dry run starts, runs again and stops nothing" {
  project "$(cc_pipeline 1)" "$(cc_workflow 11 'status: "running", stopped_at: null')"
  trigger -N pipeline -b main
  assert_status 0
  assert_output ''
  assert_stderr 'would send POST .*/pipeline$'
  try dl-cancel -N "$AT/run/$(uuid 11)"
  assert_stderr 'would send POST .*/cancel$'
  try dl-rerun -N "$AT/run/$(uuid 11)"
  assert_stderr 'would send POST .*/rerun$'
  [ "$(requests '^POST')" = 0 ]
}

@test "to run a workflow again makes another one" {
  serve "$({
    answer "POST /api/v2/workflow/$(uuid 11)/rerun" "{\"workflow_id\":\"$(uuid 12)\"}" 202
    answer "GET /api/v2/workflow/$(uuid 12)" '{"message":"Not found"}' 404
    answer "GET /api/v2/workflow/$(uuid 12)" "$(cc_workflow 12 'status: "running", stopped_at: null')"
    answer "GET /api/v2/pipeline/$(uuid 12)" '{"message":"Not found"}' 404
    family "$(cc_pipeline 1)" "$(cc_workflow 11 'status: "failed"')"
  } | cassette rerun)"
  as_cc
  try dl-rerun --failed "$AT/run/$(uuid 11)" -F id,status
  assert_status 0
  assert_output "$(uuid 12)"$'\tin_progress'
  requested '^POST ' 'body: \{"from_failed":true\}$'
}

@test "what has not failed is not run again for its failures; a pipeline is, for those that have" {
  project "$(cc_pipeline 1)" "$(cc_workflow 11)"
  try dl-rerun --failed "$AT/run/$(uuid 11)"
  assert_status 6
  stop_servers
  serve "$({
    answer "GET /api/v2/workflow/$(uuid 1)" '{"message":"Not found"}' 404
    answer "POST /api/v2/workflow/$(uuid 12)/rerun" "{\"workflow_id\":\"$(uuid 13)\"}" 202
    family "$(cc_pipeline 1)" "$(cc_workflow 11)" "$(cc_workflow 12 'name: "docs", status: "failed"')"
    answer "GET /api/v2/workflow/$(uuid 13)" "$(cc_workflow 13 'name: "docs", status: "running", stopped_at: null')"
  } | cassette pipeline)"
  as_cc
  try dl-rerun --failed "$AT/run/$(uuid 1)" -F id
  assert_output "$(uuid 13)"
  [ "$(requests '^POST')" = 1 ]
}

@test "a workflow is stopped; one that is over is not" {
  serve "$({
    answer "POST /api/v2/workflow/$(uuid 11)/cancel" '{"message":"Accepted."}' 202
    answer "GET /api/v2/workflow/$(uuid 11)" "$(cc_workflow 11 'status: "running", stopped_at: null')"
    answer "GET /api/v2/workflow/$(uuid 11)" "$(cc_workflow 11 'status: "canceled"')"
    answer "GET /api/v2/pipeline/$(uuid 1)" "$(cc_pipeline 1)"
  } | cassette cancel)"
  as_cc
  try dl-cancel "$AT/run/$(uuid 11)" -F conclusion
  assert_status 0
  assert_output cancelled
  try dl-cancel "$AT/run/$(uuid 11)"
  assert_status 6
  [ "$(requests '^POST')" = 1 ]
}

# ---- artifacts ----

# left_files: serves a workflow of which one job of two has left files, on two machines.
left_files() {
  serve "$({
    answer "GET /api/v2/workflow/$(uuid 11)/job" "$(cc_list "$(cc_job 21)" "$(cc_job 22 'name: "docs"')" "$(cc_job 23 'job_number: null')")"
    answer 'GET /api/v2/project/gh/o/r/21/artifacts' '{"items":[
      {"path":"coverage/index.html","node_index":0,"url":"{{base}}/files/html"},
      {"path":"/tmp/x.bin","node_index":1,"url":"{{base2}}/files/bin"}],"next_page_token":null}'
    answer 'GET /api/v2/project/gh/o/r/22/artifacts' "$(cc_list)"
    answer 'GET /api/v2/project/gh/o/r/job/21' "{\"name\":\"test\",\"latest_workflow\":{\"id\":\"$(uuid 11)\"}}"
    answer 'GET /files/html' '<html>' 200 'need circle-token: a-token' | sed 's|application/json|text/html|'
    answer 'GET /files/bin' 'bytes' 200 'deny circle-token' 'deny authorization'
  } | cassette files)"
  as_cc
}

@test "the artifacts of a run are those of its jobs" {
  left_files
  try dl-artifacts "$AT/run/$(uuid 11)"
  assert_status 0
  assert_json "map([.name, .id, .run_id]) == [[\"test/coverage/index.html\", \"21/0/coverage/index.html\", \"$(uuid 11)\"],
    [\"test/1/tmp/x.bin\", \"21/1//tmp/x.bin\", \"$(uuid 11)\"]]"
  try dl-artifacts "$(field 1 ref)" -F name
  assert_output test/1/tmp/x.bin
  try dl-artifacts "$AT/artifact/21%2F0%2Fnone"
  assert_status 5
}

@test "artifacts are downloaded, with the token only from the API's own host" {
  left_files
  try dl-artifacts "$AT/run/$(uuid 11)" -d out
  assert_status 0
  [ "$(cat out/test/coverage/index.html)" = '<html>' ]
  [ "$(cat out/test/1/tmp/x.bin)" = bytes ]
}

@test "an artifact whose transfer was cut is fetched again" {
  serve "$({
    answer "GET /api/v2/workflow/$(uuid 11)/job" "$(cc_list "$(cc_job 21)")"
    answer 'GET /api/v2/project/gh/o/r/21/artifacts' '{"items":[{"path":"a","node_index":0,"url":"{{base}}/a"}],"next_page_token":null}'
    answer 'GET /a' 'abcdefgh' '200 cut=3'
    answer 'GET /a' 'abcdefgh'
  } | cassette cut)"
  as_cc
  try dl-artifacts "$AT/run/$(uuid 11)" -d out
  assert_status 0
  [ "$(cat out/test/a)" = abcdefgh ]
}

# ---- the configuration ----

@test "the workflows of a repository, and what a pipeline takes" {
  configured_repo
  serve "$(answer 'GET /none' '' | cassette none)"
  as_cc
  try dl-workflows -p circleci
  assert_status 0
  assert_json 'map([.name, .path, .triggers]) == [["build", ".circleci/config.yml", "push"], ["nightly", ".circleci/config.yml", "schedule"]]'
  [ "$(field 0 ref)" = "$AT/workflow/build" ]
  try dl-workflows -p circleci --inputs
  assert_json '.[0].inputs == [
    {name: "deploy", kind: "boolean", required: false, value: "false", choices: "true,false", text: "Whether to deploy"},
    {name: "level", kind: "integer", required: false, value: "3", choices: null, text: null},
    {name: "image", kind: "string", required: false, value: "1", choices: null, text: null},
    {name: "mode", kind: "enum", required: true, value: null, choices: "fast,full", text: null}]'
  [ "$(requests)" = 0 ]
}

@test "outside of a repository there is nothing to read" {
  serve "$(answer 'GET /none' '' | cassette none)"
  as_cc
  try dl-workflows -p circleci -R gh/o/r
  assert_status 10
}

@test "a commit without a configuration has no CI" {
  configured_repo
  track . main "$(git rev-parse HEAD)"
  serve "$(answer "$LIST" "$(cc_list)" | cassette none)"
  as_cc
  try dl-status -p circleci -c HEAD -F verdict
  assert_status 3
  assert_output unregistered
  git rm -rq .circleci && git commit -q -m none
  try dl-status -p circleci -c HEAD -F verdict
  assert_status 5
  assert_output none
}

# ---- who is asked, and with what ----

@test "the project is derived from the remote, or named by its slug or page" {
  local url slug
  while read -r url slug; do
    rm -rf w
    make_repo w "$url"
    mkdir w/.circleci && touch w/.circleci/config.yml
    CIRCLECI_TOKEN=x try dl-providers -C w -p circleci -F name,project,host
    grep -qF "circleci	$slug	circleci.com" <<<"$output" || complain "$url"
  done <<'END'
https://github.com/o/r.git gh/o/r
git@github.com:o/r.git gh/o/r
git@bitbucket.org:o/r.git bb/o/r
END
  while read -r url slug; do
    CIRCLECI_TOKEN=x try dl-providers -R "$url" -F name,project
    grep -qF "circleci	$slug" <<<"$output" || complain "$url"
  done <<'END'
https://app.circleci.com/pipelines/github/o/r gh/o/r
https://app.circleci.com/pipelines/github/o/r/12/workflows/x gh/o/r
https://app.circleci.com/jobs/github/o/r/34 gh/o/r
https://circleci.com/bb/o/r bb/o/r
circleci:circleci/O1/P2 circleci/O1/P2
END
}

@test "a project is a slug, and not just two words" {
  serve "$(answer 'GET /none' '' | cassette none)"
  as_cc
  for project in o/r x/o/r gh/o/r/s; do
    try dl-runs -p circleci -R "$project"
    assert_status 2
    assert_stderr 'is no project of CircleCI'
  done
  [ "$(requests)" = 0 ]
}

@test "a project of its own, and a long slug" {
  serve "$({
    answer 'GET /api/v2/project/circleci/O1/P2/pipeline' "$(cc_list)"
    answer "$LIST" "$(cc_list)"
  } | cassette slugs)"
  as_cc
  CIRCLECI_PROJECT_SLUG=circleci/O1/P2 try dl-runs -p circleci
  assert_status 5
  try dl-runs -p circleci -R github/o/r
  assert_status 5
}

@test "either variable has the token, which is for its host only" {
  serve "$(answer "$LIST" "$(cc_list)" | cassette empty)"
  export CIRCLECI_HOST=$URL CIRCLE_TOKEN=other
  try dl-runs -p circleci -R gh/o/r
  requested 'circle-token: other'
  CIRCLECI_TOKEN=first try dl-runs -p circleci -R gh/o/r
  requested 'circle-token: first'
  unset CIRCLECI_HOST
  CIRCLECI_TOKEN=first try dl-runs "circleci@${URL#http://}:gh/o/r/repo" -
  [ "$(requests 'circle-token: first')" = 1 ]
}

@test "an answer that says no" {
  local status
  for status in 401:4 404:5 429:7 500:8; do
    serve "$(answer "$LIST" '{"message":"You must log in first."}' "${status%:*}" | cassette "no${status%:*}")"
    as_cc
    try dl-runs -p circleci -R gh/o/r
    assert_status "${status#*:}"
    assert_output ''
    stop_servers
  done
  serve "$(answer "$LIST" '{"message":"Invalid token provided."}' 401 | cassette token)"
  as_cc
  try dl-runs -p circleci -R gh/o/r
  assert_stderr 'hint: it takes a personal API token, and no project'
}

@test "an answer that is none" {
  local body
  for body in '{"items":[{"number":1}]}' '{"items":{}}' '[]' '{"items":[1]}' 'x'; do
    serve "$(answer "$LIST" "$body" | cassette odd)"
    as_cc
    try dl-runs -p circleci -R gh/o/r
    assert_status 9
    assert_output ''
    stop_servers
  done
}
