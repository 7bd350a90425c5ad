# Answers of GitHub's API that no recording shows, composed for one test, about the repository o/r. Loaded
# after helper:
#
#   serve "$(answer 'GET /repos/o/r/actions/runs?*' "$(gh_runs 'id: 7, name: "x"' 'id: 8')" | cassette two)"
#
# What an object does not say, it has from the base below; what it says is jq.

SHA=3a6235b56eecc0e193c1e267b064c155c6ebc022 # the commit of the recorded commit-*.http

# cassette NAME: writes standard input as a cassette below the test's folder and prints its path.
cassette() {
  { echo '# source: composed for one test' && echo && cat; } >"$BATS_TEST_TMPDIR/$1.http"
  echo "$BATS_TEST_TMPDIR/$1.http"
}

# answer REQUEST BODY [STATUS [HEADER...]]: one exchange of a cassette. STATUS may have words after it; a
# HEADER that begins with "need" or "deny" is a condition.
answer() {
  local request=$1 body=$2 status=${3:-200} line conditions='' headers=''
  shift $(($# < 3 ? $# : 3))
  for line in "$@"; do
    case $line in
    need* | deny*) conditions+=$line$'\n' ;;
    *) headers+=$line$'\n' ;;
    esac
  done
  printf '>>> %s\n%s' "$request" "$conditions"
  printf '<<< %s\nContent-Type: application/json\n%s\n%s\n' "$status" "$headers" "$body"
}

gh_runs() {
  hub_list workflow_runs "{
    id: 1, name: \"CI\", path: \".github/workflows/ci.yml\", workflow_id: 5, run_number: 1, run_attempt: 1,
    status: \"completed\", conclusion: \"success\", event: \"push\",
    head_branch: \"main\", head_sha: \"$SHA\",
    created_at: \"2026-01-14T10:30:00Z\", run_started_at: \"2026-01-14T10:30:00Z\",
    updated_at: \"2026-01-14T10:40:00Z\", html_url: \"https://github.com/o/r/actions/runs/1\",
    actor: {login: \"ada\"}, triggering_actor: {login: \"ada\"},
    repository: {full_name: \"o/r\"}, head_repository: {full_name: \"o/r\"}}" "$@"
}

gh_jobs() {
  hub_list jobs '{
    id: 11, run_id: 1, name: "build", status: "completed", conclusion: "success", runner_name: "r1",
    started_at: "2026-01-14T10:30:00Z", completed_at: "2026-01-14T10:40:00Z", steps: [],
    html_url: "https://github.com/o/r/runs/11"}' "$@"
}

# shellcheck disable=SC2120 # tests pass some
gh_checks() {
  hub_list check_runs "{
    id: 21, name: \"check\", head_sha: \"$SHA\", status: \"completed\", conclusion: \"success\",
    started_at: \"2026-01-14T10:30:00Z\", completed_at: \"2026-01-14T10:40:00Z\", app: {slug: \"app\"},
    html_url: \"https://github.com/o/r/runs/21\"}" "$@"
}

# shellcheck disable=SC2120
gh_statuses() {
  hub_list statuses '{
    id: 31, context: "ci/other", state: "success", creator: {login: "bot"},
    created_at: "2026-01-14T10:30:00Z", updated_at: "2026-01-14T10:40:00Z",
    target_url: "https://ci.example.com/31"}' "$@"
}

# commit_answers RUNS [CHECKS [STATUSES [SHA]]]: the exchanges about one commit.
commit_answers() {
  local sha=${4:-$SHA}
  answer "GET /repos/o/r/actions/runs?head_sha=$sha&*" "$1"
  answer "GET /repos/o/r/commits/$sha/check-runs?*" "${2:-$(gh_checks)}"
  answer "GET /repos/o/r/commits/$sha/status?*" "${3:-$(gh_statuses)}"
}

# ref KIND ID [PROJECT]: the ref of a thing on the test server.
ref() {
  echo "github@${URL#http://}:${3:-o/r}/$1${2:+/$2}"
}

# meanwhile NAME CASSETTES SCRIPT: for setup_file: runs SCRIPT, which may take long, against a server of its
# own beside the tests of the file. `ended NAME` waits for it, and then $status, $output, $stderr and requests
# are those of SCRIPT.
meanwhile() {
  (
    BATS_TEST_TMPDIR=$BATS_FILE_TMPDIR/$1
    mkdir -p "$BATS_TEST_TMPDIR"
    hermetic
    export GITHUB_TOKEN=a-token
    trap 'echo "$result" >status.new && mv status.new status' EXIT
    result=255
    # shellcheck disable=SC2086 # words
    serve $2
    eval "$3" >stdout 2>stderr && result=0 || result=$?
    stop_servers >>stderr || result=255
  ) 3>&- &
}

ended() {
  local folder=$BATS_FILE_TMPDIR/$1 tries=600
  until [ -e "$folder/status" ]; do
    [ $((tries -= 1)) -gt 0 ] || complain "$1 has not ended"
    sleep 0.1
  done
  status=$(cat "$folder/status")
  output=$(cat "$folder/stdout") stderr=$(cat "$folder/stderr") REQUESTS=$folder/requests
  mapfile -t lines <<<"$output"
}
