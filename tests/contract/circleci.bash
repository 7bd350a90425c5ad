# CircleCI, for tests/contract.bats and tests/circleci.bats: answers of its API v2, v3 and v1.1, composed from the public
# description of the API, about the project gh/o/r. What an object does not say, it has from the base; what it says is jq.
# shellcheck shell=bash disable=SC2034 # what is set here is read there

CC_SHA=$(printf '%040d' 7)

# uuid N: an id as the API has them.
uuid() {
  printf '%08x-0000-4000-8000-000000000000' "$1"
}

# cc_object BASE MEMBERS; cc_list OBJECT...: one page, the last.
cc_object() {
  jq -nc "($1) * {$2}"
}

cc_list() {
  jq -nc '{items: $ARGS.positional, next_page_token: null}' --jsonargs "$@"
}

# cc_pipeline N [MEMBERS]: pipeline N, whose id is uuid N.
cc_pipeline() {
  cc_object "{
    id: \"$(uuid "$1")\", errors: [], project_slug: \"gh/o/r\", updated_at: \"2026-01-14T10:30:00Z\", number: $1,
    state: \"created\", created_at: \"2026-01-14T10:30:00.517Z\",
    trigger: {type: \"webhook\", received_at: \"2026-01-14T10:30:00Z\", actor: {login: \"ada\", avatar_url: null}},
    vcs: {provider_name: \"GitHub\", origin_repository_url: \"https://github.com/o/r\",
      target_repository_url: \"https://github.com/o/r\", revision: \"$CC_SHA\", branch: \"main\",
      commit: {subject: \"Add prices\", body: \"\"}}}" "${2:-}"
}

# cc_workflow N [MEMBERS]: the workflow with id uuid N, of pipeline 1.
cc_workflow() {
  cc_object "{
    pipeline_id: \"$(uuid 1)\", id: \"$(uuid "$1")\", name: \"build\", project_slug: \"gh/o/r\", status: \"success\",
    started_by: \"$(uuid 255)\", pipeline_number: 1, created_at: \"2026-01-14T10:30:00.639Z\",
    stopped_at: \"2026-01-14T10:40:00Z\"}" "${2:-}"
}

# cc_job N [MEMBERS]: job number N, whose id is uuid N.
cc_job() {
  cc_object "{
    dependencies: [], job_number: $1, id: \"$(uuid "$1")\", started_at: \"2026-01-14T10:31:00Z\", name: \"test\",
    project_slug: \"gh/o/r\", status: \"success\", type: \"build\", stopped_at: \"2026-01-14T10:33:00Z\"}" "${2:-}"
}

# cc_build NAME...: the finished build that v1.1 has of a job whose steps are so called; the output of each is at
# /output/NAME of the server.
cc_build() {
  printf '%s\n' "$@" | jq -Rsc 'split("\n")[:-1] | {lifecycle: "finished", status: "success", steps: [to_entries[] | {
    name: .value, actions: [{index: 0, step: (100 + .key), name: .value, status: "success", has_output: true,
      start_time: "2026-01-14T10:31:00Z", end_time: "2026-01-14T10:31:07Z",
      output_url: "{{base2}}/output/\(.value)?X-Amz-Signature=secret"}]}]}'
}

# cc_output TEXT...: the output of a step as v1.1 has it, in so many messages.
cc_output() {
  jq -nc '$ARGS.positional | map({message: ., time: "2026-01-14T10:31:00Z", type: "out"})' --args "$@"
}

# as_cc: the environment of who asks the test server.
as_cc() {
  export CIRCLECI_HOST=$URL CIRCLECI_TOKEN=a-token
  AT="circleci@${URL#http://}:gh/o/r"
}

as_circleci() {
  local failed newest two
  failed=$(cc_workflow 11 'status: "failed"')
  two=$(cc_pipeline 2 "created_at: \"2026-01-14T11:30:00Z\", vcs: {revision: \"$(printf '%040d' 8)\"}")
  newest=$(cc_workflow 12 "pipeline_id: \"$(uuid 2)\", pipeline_number: 2, created_at: \"2026-01-14T11:30:00Z\", stopped_at: \"2026-01-14T11:40:00Z\"")
  serve "$(
    {
      answer 'GET /api/v2/project/gh/o/none/pipeline' "$(cc_list)"
      answer 'GET /api/v2/project/gh/o/r/pipeline' "$(cc_list "$two" "$(cc_pipeline 1)")"
      answer "GET /api/v2/pipeline/$(uuid 1)/workflow" "$(cc_list "$failed")"
      answer "GET /api/v2/pipeline/$(uuid 2)/workflow" "$(cc_list "$newest")"
      answer "GET /api/v2/pipeline/$(uuid 1)" "$(cc_pipeline 1)"
      answer "GET /api/v2/pipeline/$(uuid 2)" "$two"
      answer "GET /api/v2/workflow/$(uuid 11)" "$failed"
      answer "GET /api/v2/workflow/$(uuid 12)" "$newest"
      answer "GET /api/v2/workflow/$(uuid 11)/job" "$(cc_list "$(cc_job 21 'status: "failed"')")"
      answer 'GET /api/v1.1/project/github/o/r/21' "$(cc_build make)"
      answer 'GET /output/make?*' "$(cc_output $'it broke\n')"
      answer "GET /api/v2/workflow/$(uuid 9)*" '{"message":"Not found"}' 404
      answer "GET /api/v2/pipeline/$(uuid 9)" '{"message":"Not found"}' 404
    } | cassette circleci
  )"
  as_cc
  HERE='-p circleci -R gh/o/r' EMPTY='-p circleci -R gh/o/none' REFS="$AT/run/$(uuid 12) $AT/run/$(uuid 11)"
  FAILED=$AT/run/$(uuid 11) SHA=$CC_SHA LOG='it broke' UNKNOWN=$AT/run/$(uuid 9) LACKS=
}

# A job that runs, has ended, and is over: its output is read from where it was left. Its step has no name, and so no
# heading.
follow_circleci() {
  local step='num: 101, phase: "started"' jobs job out
  stop_servers
  jobs="GET /api/v2/workflow/$(uuid 11)/job" job="GET /api/v3/jobs/$(uuid 21)"
  out="$job/stdout?filter%5Bexecution%5D=0&filter%5Bstep_num%5D=101"
  serve "$(
    {
      answer "$jobs" "$(cc_list "$(cc_job 21 'status: "running", stopped_at: null')")"
      answer "$jobs" "$(cc_list "$(cc_job 21 'status: "running", stopped_at: null')")"
      answer "$jobs" "$(cc_list "$(cc_job 21)")"
      answer "$job" "$(cc_v3_job "$step")"
      answer "$job" "$(cc_v3_job "num: 101, phase: \"ended\", outcome: \"succeeded\"" ended)"
      answer "$out" $'one\ntw' 206 'need range: bytes=0-' | cc_text
      answer "$out" $'o\nthree' 206 'need range: bytes=6-' 'X-Terminal: true' | cc_text
      answer "${out/stdout/stderr}" '{"message":"not found"}' 404
      answer "GET /api/v2/workflow/$(uuid 11)" "$(cc_workflow 11)"
      answer "GET /api/v2/pipeline/$(uuid 1)" "$(cc_pipeline 1)"
    } | cassette follow
  )"
  as_cc
  try dl-logs -f "$AT/run/$(uuid 11)"
}

# cc_v3_job STEP [PHASE]: a job as v3 has it, with one step.
cc_v3_job() {
  jq -nc "{data: {id: \"$(uuid 21)\", attributes: {name: \"test\", type: \"build\", phase: \"${2:-started}\",
    started_at: \"2026-01-14T10:31:00Z\", parallel_executions: [{steps: [{$1}]}]}, references: {}}}"
}

# cc_text: the exchange on stdin, with a body of bytes.
cc_text() {
  sed 's|^Content-Type: application/json|Content-Type: application/octet-stream|'
}
