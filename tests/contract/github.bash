# GitHub, for tests/contract.bats.
# shellcheck shell=bash disable=SC2034 # what is set here is read there
as_github() {
  local failed='id: 1, conclusion: "failure"' newest='id: 2, run_number: 2, created_at: "2026-01-14T11:30:00Z"'
  serve "$(
    {
      answer 'GET /repos/o/r/actions/runs/1?*' "$(gh_runs "$failed" | jq '.workflow_runs[0]')"
      answer 'GET /repos/o/r/actions/runs/2?*' "$(gh_runs "$newest" | jq '.workflow_runs[0]')"
      answer 'GET /repos/o/r/actions/runs/1/jobs?*' "$(gh_jobs 'conclusion: "failure"')"
      answer 'GET /repos/o/r/actions/jobs/11/logs' '2026-01-14T10:30:00Z it broke'
      answer 'GET /repos/o/r/actions/runs/9?*' '{"message":"Not Found"}' 404
      answer 'GET /repos/o/r/actions/runs/9/jobs?*' '{"message":"Not Found"}' 404
      commit_answers "$(gh_runs "$failed")"
      answer 'GET /repos/o/r/actions/runs?status=failure&*' "$(gh_runs "$failed")"
      answer 'GET /repos/o/r/actions/runs?status=startup_failure&*' "$(gh_runs)"
      answer 'GET /repos/o/r/actions/runs?*' "$(gh_runs "$newest" "$failed")"
    } | cassette github
  )" github/runs-empty
  HERE='-p github -R o/r' EMPTY='-p github -R o/none' REFS="$(ref run 2) $(ref run 1)" FAILED=$(ref run 1)
  LOG='it broke' UNKNOWN=$(ref run 9) LACKS='' LACK=''
}
