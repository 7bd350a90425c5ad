# Answers of the API of Gitea and Forgejo that no recording shows, composed for one test after their public
# descriptions (modules/structs/repo_actions.go of Gitea 1.25 to 28, modules/structs/action.go of Forgejo 12 to
# 16), about the repository o/r. Loaded after helper and github, whose `cassette` and `answer` it needs:
#
#   gitea "$({ version 1.25.1; answer "GET $GT/actions/runs?*" "$(gt_runs 'id: 7' 'id: 8')"; } | cassette two)"
#
# What an object does not say, it has from the base below; what it says is jq.
# shellcheck disable=SC2034 # what is set here is read there

GT=/api/v1/repos/o/r
GT_SHA=c35e58dace7c522664cc2b573a4594e28c120dd7

# gitea CASSETTE...: serves them as a server that the user means by GITEA_URL, with a token. AT is its name in
# refs.
gitea() {
  serve "$@"
  unset GITHUB_API_URL
  export GITEA_URL=$URL GITEA_TOKEN=a-token
  AT=gitea@${URL#http://}
}

# version VERSION: the exchange that says so.
version() {
  answer 'GET /api/v1/version' "{\"version\":\"$1\"}"
}

# missing REQUEST...: exchanges that end in a 404.
missing() {
  local request
  for request in "$@"; do
    answer "$request" '{"errors":null,"message":"Not Found","url":"http://gitea.example.com/api/swagger"}' 404
  done
}

# gt_runs OBJECT...: of Gitea 1.25.
gt_runs() {
  hub_list workflow_runs "{
    id: 101, url: \"http://g/api/v1/repos/o/r/actions/runs/101\", html_url: \"http://g/o/r/actions/runs/1\",
    display_title: \"first commit\", path: \"ci.yml@refs/heads/main\", event: \"push\", run_attempt: 0, run_number: 1,
    head_sha: \"$GT_SHA\", head_branch: \"main\", status: \"completed\", conclusion: \"success\",
    actor: {id: 1, login: \"ada\"}, trigger_actor: {id: 1, login: \"ada\"}, repository: {id: 1, full_name: \"o/r\"},
    started_at: \"2026-01-14T11:30:00+01:00\", completed_at: \"2026-01-14T11:40:00+01:00\"}" "$@"
}

# gt_run OBJECT: one of them.
gt_run() {
  gt_runs "$1" | jq -c '.workflow_runs[0]'
}

# fj_runs OBJECT...: of Forgejo 12 and later.
fj_runs() {
  hub_list workflow_runs "{
    id: 201, title: \"first commit\", repository: {id: 1, full_name: \"o/r\"}, workflow_id: \"ci.yml\", index_in_repo: 1,
    trigger_user: {id: 1, login: \"ada\"}, ScheduleID: 0, prettyref: \"main\", is_ref_deleted: false,
    commit_sha: \"$GT_SHA\", is_fork_pull_request: false, need_approval: false, approved_by: 0, event: \"push\",
    event_payload: \"\", trigger_event: \"push\", status: \"success\", started: \"2026-01-14T10:30:00Z\",
    stopped: \"2026-01-14T10:40:00Z\", created: \"2026-01-14T10:29:00Z\", updated: \"2026-01-14T10:40:00Z\",
    duration: 600000000000, html_url: \"http://f/o/r/actions/runs/1\"}" "$@"
}

# gt_tasks OBJECT...: of both.
gt_tasks() {
  hub_list workflow_runs "{
    id: 1, name: \"build\", head_branch: \"main\", head_sha: \"$GT_SHA\", run_number: 1, event: \"push\",
    display_title: \"first commit\", status: \"success\", workflow_id: \"ci.yml\",
    url: \"http://g/o/r/actions/runs/1\", created_at: \"2026-01-14T10:29:00Z\",
    updated_at: \"2026-01-14T10:40:00Z\", run_started_at: \"2026-01-14T10:30:00Z\"}" "$@"
}

# gt_jobs OBJECT...: of Gitea; gt_job OBJECT: one of them.
gt_jobs() {
  hub_list jobs "{
    id: 11, url: \"http://g/api/v1/repos/o/r/actions/jobs/11\", html_url: \"http://g/o/r/actions/runs/1/jobs/0\",
    run_id: 101, name: \"build\", labels: [\"ubuntu-latest\"], run_attempt: 1, head_sha: \"$GT_SHA\",
    head_branch: \"main\", status: \"completed\", conclusion: \"success\", runner_id: 1, runner_name: \"r1\",
    steps: [], created_at: \"2026-01-14T10:29:00Z\", started_at: \"2026-01-14T10:30:00Z\",
    completed_at: \"2026-01-14T10:40:00Z\"}" "$@"
}

gt_job() {
  gt_jobs "$1" | jq -c '.jobs[0]'
}

# fj_jobs OBJECT...: of Forgejo 16: a list and nothing else.
fj_jobs() {
  hub_list jobs '{
    id: 21, attempt: 1, handle: "9f86", repo_id: 1, owner_id: 1, name: "build", needs: null, runs_on: ["docker"],
    task_id: 31, status: "success"}' "$@" | jq -c .jobs
}

# gt_statuses OBJECT...: the combined status of a commit.
gt_statuses() {
  hub_list statuses '{
    id: 1, status: "success", target_url: "https://ci.example.com/1", description: "d", context: "ci/other",
    creator: {id: 2, login: "bot"}, created_at: "2026-01-14T10:30:00Z", updated_at: "2026-01-14T10:30:00Z"}' "$@"
}

# gt_artifacts OBJECT...
gt_artifacts() {
  hub_list artifacts "{
    id: 41, name: \"dist\", size_in_bytes: 1024, expired: false, workflow_run: {id: 101, head_sha: \"$GT_SHA\"},
    url: \"http://g/api/v1/repos/o/r/actions/artifacts/41\",
    archive_download_url: \"http://g/api/v1/repos/o/r/actions/artifacts/41/zip\",
    created_at: \"2026-01-14T10:40:00Z\", updated_at: \"2026-01-14T10:40:00Z\", expires_at: \"2026-04-14T10:40:00Z\"}" "$@"
}
