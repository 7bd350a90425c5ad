# Gitea, for tests/contract.bats.
# shellcheck shell=bash disable=SC2034 # what is set here is read there
# shellcheck source=/dev/null
source "$ROOT/tests/gitea.bash"

as_gitea() {
  local failed='conclusion: "failure", created_at: "2026-01-14T10:29:00Z"'
  local newest='id: 102, run_number: 2, run_attempt: 1, head_sha: "742affb88a297a6b34201ad61c8b5b72ec6eb679", created_at: "2026-01-14T11:29:00Z"'
  gitea "$(
    {
      version 28.0.1
      answer "GET $GT" '{"full_name":"o/r","default_branch":"main","has_actions":true}'
      answer "GET $GT/actions/runs/101" "$(gt_run "$failed")"
      answer "GET $GT/actions/runs/102" "$(gt_run "$newest")"
      answer "GET $GT/actions/runs/101/jobs?*" "$(gt_jobs 'conclusion: "failure"')"
      answer "GET $GT/actions/jobs/11" "$(gt_job 'conclusion: "failure"')"
      answer "GET $GT/actions/jobs/11/logs" '2026-01-14T10:30:00Z it broke'
      missing "GET $GT/actions/runs/109" "GET $GT/actions/runs/109/jobs?*"
      answer "GET $GT/actions/runs?head_sha=$GT_SHA&*" "$(gt_runs "$failed")"
      answer "GET $GT/actions/runs?status=failure&*" "$(gt_runs "$failed")"
      answer "GET $GT/actions/runs?*" "$(gt_runs "$newest" "$failed")"
      answer "GET $GT/commits/$GT_SHA/status?*" "$(gt_statuses '')"
      answer 'GET /api/v1/repos/o/none/actions/runs?*' "$(gt_runs)"
    } | cassette gitea
  )"
  HERE='-p gitea -R o/r' EMPTY='-p gitea -R o/none' REFS="$AT:o/r/run/102 $AT:o/r/run/101" FAILED=$AT:o/r/run/101
  SHA=$GT_SHA LOG='it broke' UNKNOWN=$AT:o/r/run/109 LACKS=
}

follow_gitea() {
  gitea "$(
    {
      answer "GET $GT/actions/runs/101/jobs?*" "$(gt_jobs '')"
      answer "GET $GT/actions/jobs/11/logs" $'2026-01-14T10:30:00Z one\n2026-01-14T10:30:01Z two\n2026-01-14T10:30:02Z three'
      answer "GET $GT/actions/runs/101" "$(gt_run '')"
    } | cassette follow
  )"
  try dl-logs -f "$AT:o/r/run/101"
}
