# The plugin tests/plugins/dl-provider-demo, for tests/contract.bats.
# shellcheck shell=bash disable=SC2034 # what is set here is read there

# demo_run MEMBERS: a run as the plugin's server has it: what the plugin need not say is left out.
demo_run() {
  jq -nc "{type: \"run\", attempt: 1, workflow: \"build\", branch: \"main\", event: \"push\", status: \"completed\",
    created_at: \"2026-01-14T10:30:00Z\", completed_at: \"2026-01-14T10:31:00Z\", duration_s: 60} + {$1}"
}

as_demo() {
  local failed newest none=/o/none/runs
  SHA=$(printf '%040d' 7)
  failed=$(demo_run "id: \"1\", number: 1, sha: \"$SHA\", conclusion: \"failure\"")
  newest=$(demo_run 'id: "2", number: 2, conclusion: "success", created_at: "2026-01-14T11:30:00Z"')
  serve "$(
    {
      answer 'GET /o/r/runs/1/log?from=0' 'it broke'
      answer 'GET /o/r/runs/1' "$failed"
      answer 'GET /o/r/runs/2' "$newest"
      answer 'GET /o/r/runs/9' '' 404
      answer 'GET /o/r/runs/9/log?from=0' '' 404
      answer 'GET /o/r/runs' "$newest"$'\n'"$failed"
      answer "GET $none" ''
    } | cassette demo
  )"
  export DEMO_URL=$URL DL_TOKEN_DEMO=a-token DL_PROVIDER_PATH=$ROOT/tests/plugins
  HERE='-p demo -R o/r' EMPTY='-p demo -R o/none' REFS='demo:o/r/run/2 demo:o/r/run/1' FAILED=demo:o/r/run/1
  LOG='it broke' UNKNOWN=demo:o/r/run/9 LACKS='dl-jobs demo:o/r/run/1' LACK=jobs
  OWNERS=$(dl-providers -j 2>/dev/null | jq -r 'select(.ops | split(",") | index("jobs")).name' | paste -sd , | sed 's/,/, /g')
}

follow_demo() {
  stop_servers
  serve "$(
    {
      answer 'GET /o/r/runs/1' "$(demo_run 'id: "1", status: "in_progress", completed_at: null')"
      answer 'GET /o/r/runs/1/log?from=0' $'one\ntw' 202
      answer 'GET /o/r/runs/1/log?from=6' $'o\nthree' 200
    } | cassette follow
  )"
  DEMO_URL=$URL try dl-logs -f demo:o/r/run/1
}
