# dl-status, on GitHub: the verdict on a commit. What takes seconds runs beside the other tests: see meanwhile in github.bash.
# shellcheck disable=SC2154 # `try` sets $stderr
load helper
load github

setup() {
  hermetic
  export GITHUB_TOKEN=a-token # which also saves the search for one
}

setup_file() {
  local workflows
  BATS_TEST_TMPDIR=$BATS_FILE_TMPDIR
  workflows=$(workflow_folder) # once: two servers read it
  meanwhile wait "github/commit-wait $workflows" 'dl-status -w -R PyGithub/PyGithub -c $SHA'
  meanwhile wait-failure github/commit-wait-failure 'dl-status -w -R PyGithub/PyGithub -c $SHA'
  meanwhile progress github/commit-wait-failure 'script -qec "dl-status -w -R PyGithub/PyGithub -c $SHA -F verdict" /dev/null </dev/null'
  meanwhile register "$({ commit_answers "$(gh_runs)" && answer 'GET /repos/o/r/actions/runs?*' "$(gh_runs)"; } | cassette register) $workflows" \
    'dl-status -w --register-timeout 1s -R o/r -c $SHA'
  meanwhile broken "$(
    {
      answer "GET /repos/o/r/actions/runs?head_sha=$SHA&*" '{"message":"Server Error"}' 502
      commit_answers "$(gh_runs '')"
    } | cassette broken
  )" 'DL_RETRIES=0 dl-status -w -R o/r -c $SHA'
}

# workflow_folder [FILE...]: a cassette: what .github/workflows holds, in every repository and commit; by default ci.yml.
workflow_folder() {
  answer 'GET /repos/*/contents/.github/workflows?ref=*' "$(jq -nc '[$ARGS.positional[] | {name: .}]' --args "${@:-ci.yml}")" |
    cassette folder
}

no_workflow_folder() {
  answer 'GET /repos/*/contents/.github/workflows?ref=*' '{"message":"Not Found"}' 404 | cassette no-folder
}

# judge [OPTION...]: the verdict on $SHA of o/r.
judge() {
  try dl-status -R o/r -c $SHA "$@"
}

# assert_verdict WORD EXIT
assert_verdict() {
  assert_status "$2" || return
  assert_json "length == 1 and .[0].type == \"verdict\" and .[0].verdict == \"$1\""
}

@test "each recorded commit has its verdict and exit code" {
  local folder name verdict code conclusion total ref
  folder=$(workflow_folder)
  while read -r name verdict code conclusion total ref; do
    serve "github/commit-$name" "$folder"
    try dl-status -R PyGithub/PyGithub -c $SHA -F verdict,conclusion,total,sha,ref
    [[ $status = "$code" && -z $stderr && $output = "$verdict"$'\t'"${conclusion#-}"$'\t'"$total"$'\t'"$SHA"$'\t'"$(ref "${ref%/*}" "${ref#*/}" PyGithub/PyGithub)" ]] ||
      complain "expected $verdict ${conclusion#-} $total $ref, and status $code, of commit-$name"
    stop_servers
  done <<END
success          success         0 success         2 run/3349872717
rerun            success         0 success         1 run/3349872717
neutral          success         0 neutral         1 run/3349872717
status-only      success         0 success         2 commit/$SHA
skipped          skipped         0 skipped         1 run/3349872717
failure          failure         1 failure         2 run/3349872717
timed-out        failure         1 timed_out       1 run/3349872717
startup-failure  failure         1 failure         1 run/3349872717
stale-index      failure         1 failure         1 run/3349872717
event            failure         1 failure         2 run/3349872719
check-failure    failure         1 failure         2 commit/$SHA
status-failure   failure         1 failure         3 commit/$SHA
action-required  action_required 1 action_required 1 run/3349872717
waiting          action_required 1 -              1 run/3349872717
cancelled        cancelled       1 cancelled       1 run/3349872717
superseded       superseded      1 cancelled       1 run/3349872717
stale            stale           1 stale           1 run/3349872717
pending          pending         3 -              2 run/3349872717
check-queued     pending         3 -              2 commit/$SHA
unknown          pending         3 -              1 run/3349872717
unknown-status   pending         3 -              1 run/3349872718
empty            unregistered    3 -              0 commit/$SHA
END
}

@test "no workflow in the commit: there will be no run" {
  serve github/commit-none "$(no_workflow_folder)"
  try dl-status -R PyGithub/PyGithub -c $SHA
  assert_verdict none 5
  try dl-status -w -R PyGithub/PyGithub -c $SHA # nothing to wait for
  assert_verdict none 5
  stop_servers
  serve github/commit-none "$(workflow_folder README.md)"
  try dl-status -R PyGithub/PyGithub -c $SHA
  assert_verdict none 5
}

@test "that it cannot be told whether there is a workflow is not taken for none" {
  export DL_RETRIES=0
  serve github/commit-none "$(answer 'GET /repos/*/contents/.github/workflows?ref=*' '{"message":"Forbidden"}' 403 | cassette forbidden)"
  try dl-status -R PyGithub/PyGithub -c $SHA
  assert_verdict unregistered 3
}

@test "whether CI is configured is read from the commit when the repository has it" {
  local head
  make_repo w https://github.com/o/r.git
  for name in README ci.yml; do
    mkdir -p w/.github/workflows && touch "w/.github/workflows/$name"
    git -C w add . && git -C w commit -q -m "$name"
    head=$(git -C w rev-parse HEAD)
    serve "$({ commit_answers "$(gh_runs)" '' '' "$head" && answer 'GET /repos/o/r/actions/runs?*' "$(gh_runs)"; } | cassette "of-$name")"
    try dl-status -C w -p github -c HEAD -F verdict
    assert_output "$([ "$name" = README ] && echo none || echo unregistered)"
    stop_servers
  done
}

@test "a cancelled run names the newer one that took its place" {
  serve github/commit-superseded
  try dl-status -R PyGithub/PyGithub -c $SHA
  assert_json ".[0].metadata.superseded_by == \"$(ref run 3349872724 PyGithub/PyGithub)\""
  requested '/actions/workflows/ci.yml/runs\?branch='
}

@test "a cancelled run of a workflow that is gone, or another repository's, stays cancelled" {
  local none='{"total_count":0,"check_runs":[],"statuses":[],"workflows":[]}' path
  for path in .github/workflows/ci.yml dynamic/pages/pages-build-deployment; do
    serve "$({
      commit_answers "$(gh_runs "conclusion: \"cancelled\", path: \"$path\"")" "$none" "$none"
      answer 'GET /repos/o/r/actions/workflows/ci.yml/runs?*' '{"message":"Not Found"}' 404
      answer 'GET /repos/o/r/actions/workflows?*' "$none"
    } | cassette gone)"
    try dl-status -R o/r -c $SHA
    assert_verdict cancelled 1
    stop_servers
  done
}

@test "a repository without a commit has no such thing" {
  serve "$(answer 'GET /*' '{"message":"Git Repository is empty.","status":"409"}' 409 | cassette empty)"
  try dl-status -R o/r
  assert_status 5
  assert_stderr '^dl-status: o/r has no commits yet$'
}

@test "the run that decides is named, the checks of its own jobs do not count again" {
  serve github/commit-check-failure
  try dl-status -R PyGithub/PyGithub -c $SHA
  assert_json '.[0] | .name == "codecov" and .passed == 1 and .failed == 1'
  stop_servers
  serve github/commit-failure
  try dl-status -R PyGithub/PyGithub -c $SHA
  assert_json '.[0] | .name == "CI" and .passed == 1 and .failed == 1 and (.url | endswith("/actions/runs/3349872717"))'
}

@test "of a workflow's runs the newest counts, by number, then by attempt" {
  serve "$(commit_answers "$(gh_runs 'id: 2, run_number: 2' 'id: 1, conclusion: "failure", created_at: "2026-01-14T11:00:00Z"')" | cassette number)"
  judge
  assert_verdict success 0
  stop_servers
  serve "$(commit_answers "$(gh_runs 'id: 1, conclusion: "failure", created_at: "2026-01-14T11:00:00Z"' 'id: 1, run_attempt: 2')" | cassette attempt)"
  judge
  assert_verdict success 0
  assert_json '.[0].total == 1'
}

@test "of two apps' checks with one name both count; of one app's the newest" {
  serve "$(commit_answers "$(gh_runs '')" "$(gh_checks 'app: {slug: "one"}' 'app: {slug: "two"}, conclusion: "failure"')" | cassette apps)"
  judge
  assert_verdict failure 1
  assert_json '.[0].total == 3'
  stop_servers
  serve "$(commit_answers "$(gh_runs '')" "$(gh_checks 'conclusion: "failure"' 'started_at: "2026-01-14T11:00:00Z"')" | cassette newest)"
  judge
  assert_verdict success 0
  assert_json '.[0].total == 2'
  stop_servers
  serve "$(commit_answers "$(gh_runs '')" "$(gh_checks '' 'id: 22, status: "queued", conclusion: null, started_at: null, completed_at: null')" | cassette asked-again)"
  judge
  assert_verdict pending 3
}

@test "more checks than a page: the last one decides" {
  serve "$(
    {
      answer "GET /repos/o/r/commits/$SHA/check-runs?page=2&*" "$(gh_checks 'name: "last", conclusion: "failure"')"
      answer "GET /repos/o/r/commits/$SHA/check-runs?*" "$(gh_checks '')" 200 "Link: <{{base}}/repos/o/r/commits/$SHA/check-runs?page=2&per_page=100>; rel=\"next\""
      commit_answers "$(gh_runs '')"
    } | cassette pages
  )"
  judge
  assert_verdict failure 1
  assert_json '.[0] | .name == "last" and .total == 3'
}

@test "checks and statuses that the token may not read are left out; a rate limit is not" {
  local denied='{"message":"Resource not accessible by personal access token"}'
  serve "$(
    {
      answer "GET /repos/o/r/commits/$SHA/check-runs?*" "$denied" 403
      answer "GET /repos/o/r/commits/$SHA/status?*" "$denied" 403
      commit_answers "$(gh_runs '')"
    } | cassette denied
  )"
  judge
  assert_verdict success 0
  stop_servers
  serve "$(
    {
      answer "GET /repos/o/r/commits/$SHA/check-runs?*" '{"message":"API rate limit exceeded"}' 403 'X-RateLimit-Remaining: 0' 'X-RateLimit-Reset: {{now+600}}'
      commit_answers "$(gh_runs '')"
    } | cassette limited
  )"
  judge
  assert_status 7
  assert_output ''
  stop_servers
  serve "$({ answer 'GET /repos/o/r/actions/runs?*' "$denied" 403 && commit_answers "$(gh_runs '')"; } | cassette runs-denied)"
  judge
  assert_status 4
  assert_output ''
}

@test "a commit that GitHub does not know is exit 5" {
  serve "$(
    {
      answer 'GET /repos/o/r/actions/runs?*' "$(gh_runs)"
      answer 'GET /repos/o/r/commits/*' '{"message":"No commit found for SHA"}' 422
    } | cassette unknown
  )"
  judge
  assert_status 5
  assert_output ''
}

@test "--require asks for a name to be there and to be a success" {
  local name verdict code
  serve "$(commit_answers "$(gh_runs 'conclusion: "skipped"' 'path: ".github/workflows/lint.yml", name: "Lint"')" "$(gh_checks 'name: "cov"')" \
    "$(gh_statuses 'context: "slow", state: "pending"' 'context: "quick"')" | cassette require)"
  judge
  assert_verdict pending 3
  stop_servers
  serve "$(commit_answers "$(gh_runs 'conclusion: "skipped"' 'path: ".github/workflows/lint.yml", name: "Lint"')" "$(gh_checks 'name: "cov"')" \
    "$(gh_statuses 'context: "quick"')" | cassette require)"
  while read -r name verdict code; do
    judge --require "$name"
    assert_verdict "$verdict" "$code" || complain "with --require $name"
  done <<END
lint.yml success 0
Lint success 0
cov success 0
quick success 0
CI failure 1
ci.yml failure 1
release unregistered 3
END
  assert_json '.[0] | .name == "release" and (.metadata.reason | test("required"))'
  judge --require Lint --require release
  assert_verdict unregistered 3
}

# workflows TEXT...: a repository w of o/r, with .github/workflows/N.yml for each TEXT, which is what it runs on.
workflows() {
  local text n=0
  make_repo w https://github.com/o/r
  mkdir -p w/.github/workflows
  for text in "$@"; do
    n=$((n + 1))
    printf 'on: %s\njobs: {}\n' "$text" >"w/.github/workflows/$n.yml"
  done
  git -C w add . && git -C w commit -q -m workflows
  COMMIT=$(git -C w rev-parse HEAD)
}

@test "--expect: a name that has to appear; auto: what the commit's own files start for certain" {
  local none
  none=$(hub_list check_runs '{}')
  workflows push '[push, pull_request]' '{push: {branches: [release]}}' '{schedule: [{cron: "0 0 * * *"}]}'
  serve "$(commit_answers "$(gh_runs "path: \".github/workflows/1.yml\", head_sha: \"$COMMIT\"")" "$none" "$(hub_list statuses '{}')" "$COMMIT" | cassette expect)"
  try dl-status -C w -c HEAD -b main
  assert_verdict success 0
  try dl-status -C w -c HEAD -b main --expect auto
  assert_verdict unregistered 3
  assert_json '.[0] | .name == "2.yml" and (.metadata.reason | test("expected"))'
  try dl-status -C w -c HEAD --expect 1.yml
  assert_verdict success 0
  try dl-status -C w -c HEAD --expect 1.yml --expect lint
  assert_verdict unregistered 3
}

@test "no run: none where the commit's files start none, unregistered where they may" {
  local text verdict code empty
  while IFS='|' read -r text verdict code; do
    rm -rf w
    workflows "$text"
    empty=$(hub_list check_runs '{}')
    serve "$({ commit_answers "$(gh_runs)" "$empty" "$(hub_list statuses '{}')" "$COMMIT" &&
      answer 'GET /repos/o/r/actions/runs?*' "$(gh_runs)"; } | cassette none)"
    try dl-status -C w -b main -c HEAD
    assert_verdict "$verdict" "$code" || complain "with on: $text"
    stop_servers
  done <<'END'
push|unregistered|3
{push: {branches: [main]}}|unregistered|3
{push: {paths: ["src/**"]}}|unregistered|3
pull_request|unregistered|3
{schedule: [{cron: "0 0 * * *"}]}|none|5
{push: {branches: [release]}}|none|5
{push: {branches-ignore: ["ma*"]}}|none|5
workflow_dispatch|none|5
END
}

@test "the current branch is judged by its tip on the remote, without asking for it" {
  make_repo w
  track w main $SHA
  serve github/commit-success
  try dl-status -C w -F sha,branch,verdict
  assert_status 0
  assert_output "$SHA"$'\tmain\tsuccess'
  [ "$(requests)" = 3 ]
  try dl-status -C w -b main -F sha,branch
  assert_output "$SHA"$'\tmain'
  try dl-status -C w -b refs/heads/main -F sha,branch
  assert_output "$SHA"$'\tmain'
}

@test "a branch that was never fetched, or of another project, is asked for on the server" {
  make_repo w
  serve github/commit-success
  for options in '-C w -b feature/x' '-R PyGithub/PyGithub -b feature/x'; do
    : >"$REQUESTS"
    # shellcheck disable=SC2086 # words
    try dl-status $options -F sha,branch
    assert_output "$SHA"$'\tfeature/x'
    requested 'GET /repos/PyGithub/PyGithub/commits/feature%2Fx '
  done
  try dl-status -R PyGithub/PyGithub -F sha
  assert_output "$SHA"
  requested 'GET /repos/PyGithub/PyGithub/commits/HEAD '
}

@test "a hint says when HEAD is ahead of what is judged" {
  local pushed
  make_repo w https://github.com/o/r.git
  pushed=$(git -C w rev-parse HEAD)
  track w main "$pushed"
  serve "$(commit_answers "$(gh_runs "head_sha: \"$pushed\"")" '' '' "$pushed" | cassette pushed)"
  try dl-status -C w -F sha
  [ -z "$stderr" ]
  git -C w commit -q --allow-empty -m second
  try dl-status -C w -F sha
  assert_output "$pushed"
  [ "$stderr" = "dl-status: hint: HEAD is 1 commit ahead of what the remote has; judging ${pushed:0:10}" ]
  git -C w commit -q --allow-empty -m third
  try dl-status -C w
  assert_stderr 'HEAD is 2 commits ahead'
  try dl-status -C w -q
  [ -z "$stderr" ]
}

@test "what the remote has is judged where nothing is checked out yet, and where HEAD is damaged" {
  local pushed
  # libgit2 1.5 leaks where an object is damaged, for which LeakSanitizer would end dl-status.
  export ASAN_OPTIONS=${ASAN_OPTIONS:-}:detect_leaks=0
  make_repo w https://github.com/o/r.git
  pushed=$(git -C w rev-parse HEAD)
  git init -q -b main fetched
  git -C fetched fetch -q ../w main:refs/remotes/origin/main
  git -C fetched remote add origin https://github.com/o/r.git
  track w main "$pushed"
  git -C w commit -q --allow-empty -m second
  chmod -R u+w w/.git/objects
  : >"w/.git/objects/$(git -C w rev-parse HEAD | sed 's,..,&/,')"
  serve "$(commit_answers "$(gh_runs "head_sha: \"$pushed\"")" '' '' "$pushed" | cassette pushed)"
  for repo in fetched w; do
    try dl-status -C $repo -F sha
    assert_status 0
    assert_output "$pushed"
  done
  try dl-status -C fetched -c HEAD
  assert_status 5
  assert_stderr '^dl-status: there are no commits yet$'
}

@test "-c takes what git takes, and says what it cannot find; a detached HEAD needs a name" {
  make_repo w https://github.com/o/r.git
  local head
  head=$(git -C w rev-parse HEAD)
  git -C w tag -a -m tagged v1
  serve "$(commit_answers "$(gh_runs "head_sha: \"$head\"")" '' '' "$head" | cassette head)"
  for name in HEAD v1 main "${head:0:8}" "$head" "$(git -C w rev-parse v1)"; do
    try dl-status -C w -c "$name" -F sha
    assert_output "$head"
  done
  try dl-status -C w -c deadbeef
  assert_status 2
  assert_output ''
  git -C w checkout -q --detach
  try dl-status -C w
  assert_status 2
  assert_stderr '^dl-status: HEAD is on no branch: name what to judge with -b or -c$'
}

@test "several refs: a verdict each, in order, and the worst exit code" {
  local n sha code
  {
    for n in 0 1 2 3; do
      sha=$(printf '%040d' "$n")
      case $n in # success, failure, pending, none
      0) commit_answers "$(gh_runs "head_sha: \"$sha\"")" '' '' "$sha" ;;
      1) commit_answers "$(gh_runs "head_sha: \"$sha\", conclusion: \"failure\"")" '' '' "$sha" ;;
      2) commit_answers "$(gh_runs "head_sha: \"$sha\", conclusion: null, status: \"queued\"")" '' '' "$sha" ;;
      3) commit_answers "$(gh_runs)" '' '' "$sha" && answer 'GET /repos/o/r/actions/runs?*' "$(gh_runs)" ;;
      esac
    done
  } >all
  serve "$(cassette all <all)" "$(no_workflow_folder)"
  while read -r code n; do
    # shellcheck disable=SC2046 # words
    try dl-status $(for i in $n; do ref commit "$(printf '%040d' "$i")"; done) -F sha
    assert_status "$code"
    # shellcheck disable=SC2086 # words
    assert_output "$(printf '%040d\n' $n)"
  done <<END
0 0 0
1 0 1 2 3
1 2 1
1 1 0
3 0 2
3 3 2 0
5 0 3
END
}

@test "lines on standard input: each is judged, an empty input is not green" {
  serve github/commit-success "$(answer 'GET /repos/PyGithub/PyGithub/actions/runs/1?*' "$(gh_runs '' | jq '.workflow_runs[0]')" | cassette run)" \
    github/runs-empty
  try dl-status - -F verdict,branch <<END
{"type":"run","ref":"$(ref run 1 PyGithub/PyGithub)"}
$(ref branch main PyGithub/PyGithub)
$(ref repo '' PyGithub/PyGithub)
END
  assert_status 0
  assert_output $'success\tmain\nsuccess\tmain\nsuccess\t'
  try sh -c 'dl-runs -R o/none 2>/dev/null | dl-status -'
  assert_status 5
  assert_output ''
}

@test "dl-status | dl-logs --failed shows what failed" {
  serve "$(
    {
      commit_answers "$(gh_runs 'conclusion: "failure"')"
      answer 'GET /repos/o/r/actions/runs/1/jobs?*' "$(gh_jobs 'id: 11' 'id: 12, name: "test", conclusion: "failure"')"
      answer 'GET /repos/o/r/actions/jobs/12/logs' 'it broke'
    } | cassette failed
  )"
  try sh -c "dl-status -R o/r -c $SHA | dl-logs --failed"
  assert_status 0
  assert_output 'it broke'
  stop_servers
  # A check of another system has no log; the commit's runs are looked through, and none of them failed.
  serve "$(
    {
      commit_answers "$(gh_runs '')" "$(gh_checks 'conclusion: "failure"')"
      answer 'GET /repos/o/r/actions/runs/1/jobs?*' "$(gh_jobs 'id: 11')"
    } | cassette check
  )"
  try sh -c "dl-status -R o/r -c $SHA | dl-logs --failed"
  assert_status 5
  assert_stderr '^dl-logs: .*: no such job failed$'
}

@test "-w with a verdict already there asks once; with --timeout it does not outlast it" {
  serve github/commit-failure
  try dl-status -w -R PyGithub/PyGithub -c $SHA
  assert_verdict failure 1
  [ "$(requests)" = 3 ]
  stop_servers
  serve github/commit-pending
  try dl-status -w --timeout 1s -R PyGithub/PyGithub -c $SHA
  assert_verdict pending 3
  stop_servers
  serve github/commit-waiting
  try dl-status -w -R PyGithub/PyGithub -c $SHA # a human must act: no use in waiting
  assert_verdict action_required 1
}

@test "-w does not wait for what will not pass" {
  serve github/error-404
  judge -w
  assert_status 5
  [ "$(requests)" -le 4 ]
}

@test "-w: a failure ends it" {
  ended wait-failure
  assert_verdict failure 1
  [ "$(requests 'actions/runs\?head_sha')" = 3 ]
}

@test "-w: on a terminal a line tells how it goes, and makes way for the verdict" {
  command -v script >/dev/null || skip 'no script(1) here'
  ended progress
  [[ $output = *'PyGithub/PyGithub: 3a6235b56e pending, 0 of 1 done, 2s'* ]]
  # What is left when each carriage return and erasure has taken away what stood before it.
  assert_status 1
  [ "$(tr -d '\r' <<<"$output" | sed 's/.*\x1b\[K//')" = failure ]
}

@test "-w: a server that is broken for a moment is asked again, and that is told" {
  ended broken
  assert_verdict success 0
  assert_stderr '^dl-status: .* is broken at the moment: Server Error; asking again$'
}

@test "-w: no run appears within --register-timeout: none, and not green" {
  ended register
  assert_verdict none 5
  [ "$(requests 'actions/runs\?head_sha')" = 2 ]
}

@test "-w: from no run over queued and in progress to success" {
  ended wait
  assert_verdict success 0
  [ "$(requests 'actions/runs\?head_sha')" = 4 ]
  [ -z "$stderr" ]
}

# ---- --changed ----

# changed [OPTION...]: what --changed says of branch main of o/r.
changed() {
  try dl-status --changed -R o/r -b main "$@"
}

# serve_main CONCLUSION [STATUS]: the tip of main of o/r is $SHA, with one run that ended so. The server is the
# same each time: its port is a part of who is asked.
serve_main() {
  stop_servers
  # shellcheck disable=SC2046 # two words
  serve $([ -z "${URL:-}" ] || echo "-p ${URL##*:}") "$({
    answer 'GET /repos/o/r/commits/main' "$SHA"
    commit_answers "$(gh_runs "conclusion: $1, status: \"${2:-completed}\"")"
  } | cassette "main-$1-${2:-}")"
}

@test "--changed: the first time, and when the word is another one, a line and exit 1; else nothing and exit 0" {
  serve_main '"success"'
  changed
  assert_verdict success 1
  changed
  assert_status 0
  assert_output ''
  [ -z "$stderr" ]
  try dl-status -R o/r -b main -F verdict # asks no differently meanwhile
  assert_status 0
  assert_output success
  serve_main '"failure"'
  changed
  assert_verdict failure 1
  changed -t
  assert_status 0
  assert_output ''
  serve_main '"timed_out"' # still the word failure
  changed
  assert_status 0
  serve_main '"success"'
  changed -N # prints, but does not take note
  assert_verdict success 1
  changed -F verdict
  assert_status 1
  assert_output success
}

@test "--changed: that something is under way is no news but the first time" {
  serve_main null queued
  changed
  assert_verdict pending 1
  changed
  assert_status 0
  serve_main '"success"'
  changed
  assert_verdict success 1
  serve_main null in_progress
  changed
  assert_status 0
  assert_output ''
  serve_main '"success"'
  changed
  assert_status 0
  assert_output ''
}

@test "--changed: each project, branch and commit has news of its own" {
  serve "$({
    answer 'GET /repos/o/*/commits/main' "$SHA"
    answer 'GET /repos/o/*/commits/next' "$SHA"
    answer 'GET /repos/o/*/commits/HEAD' "$SHA"
    sed 's|/repos/o/r/|/repos/o/*/|' "$(commit_answers "$(gh_runs '')" | cassette one)" | sed '1d'
  } | cassette several)"
  printf '%s\n' "$(ref branch main o/r)" "$(ref branch next o/r)" "$(ref repo '' o/r)" "$(ref commit $SHA o/r)" "$(ref branch main o/p)" >refs
  try dl-status --changed -F project,branch - <refs
  assert_status 1
  assert_output $'o/r\tmain\no/r\tnext\no/r\t\no/r\t\no/p\tmain'
  try dl-status --changed - <refs
  assert_status 0
  assert_output ''
  sed -i 's/"success"/"failure"/' "$(grep -l '"project":"o/p"' "$XDG_STATE_HOME"/devloop/told/*)"
  try dl-status --changed -F project - <refs
  assert_status 1
  assert_output o/p
  # What is spoilt is forgotten.
  for file in "$XDG_STATE_HOME"/devloop/told/*; do echo '{"type":"verdict"}' >"$file"; done
  try dl-status --changed -F verdict - <refs
  assert_status 1
  [ "${#lines[@]}" = 5 ]
}

@test "--changed: that the question cannot be asked is no news; with -q nothing is said" {
  export DL_RETRIES=0
  serve_main '"success"'
  changed
  assert_status 1
  stop_servers
  changed
  assert_status 8
  assert_output ''
  [ -n "$stderr" ]
  changed -q
  assert_status 8
  [ -z "$output$stderr" ]
  serve_main '"success"'
  changed -q
  assert_status 0
  # Of several: the failure is the exit code as long as nothing is news.
  stop_servers
  serve -p "${URL##*:}" "$({
    answer 'GET /repos/o/gone/commits/main' '{"message":"Not Found"}' 404
    answer 'GET /repos/o/gone' '{"message":"Not Found"}' 404
    answer 'GET /repos/o/r/commits/main' "$SHA"
    commit_answers "$(gh_runs '')"
  } | cassette gone)"
  printf '%s\n' "$(ref branch main o/gone)" nonsense "$(ref branch main o/r)" '{"type":"error","class":"auth"}' >refs
  try dl-status --changed -q - <refs
  assert_status 4 # as the last that failed
  [ -z "$output$stderr" ]
  rm "$XDG_STATE_HOME/devloop/told"/*
  try dl-status --changed -q -F verdict - <refs
  assert_status 1
  assert_output success
  printf '%s\n' "$(ref branch main o/gone)" "$(ref branch main o/r)" >refs
  try dl-status --changed - <refs
  assert_status 5
  assert_output ''
  assert_stderr '^dl-status: .*o/gone.*: '
}

@test "--changed: without a home there is nowhere to keep what was told, and that is said" {
  serve_main '"success"'
  try env -u HOME -u XDG_STATE_HOME dl-status --changed -R o/r -b main
  assert_status 11
  assert_output ''
  assert_stderr 'hint: set HOME or XDG_STATE_HOME'
}

@test "--changed: the agent ci-monitor can be disarmed by the committed configuration" {
  make_repo w https://github.com/o/r.git
  track w main $SHA
  mkdir w/.devloop
  serve_main '"success"'
  echo '{"agents": {"ci-monitor": {"enabled": false}}}' >w/.devloop/agents.json
  try dl-status -C w --changed
  [[ $status = 0 && -z $output$stderr ]]
  [ "$(requests)" = 0 ]
  try dl-status -C w -F verdict # only --changed is the agent
  assert_output success
  try dl-status -C w --changed -R o/r -b main -F verdict # another place, by name
  assert_status 1
  assert_output success
  echo '{"agents": {"ci-monitor": {"enabled": true}, "other": {"enabled": false}}}' >w/.devloop/agents.json
  rm -r "$XDG_STATE_HOME/devloop/told"
  try dl-status -C w --changed -F verdict
  assert_status 1
  assert_output success
  echo '{' >w/.devloop/agents.json
  try dl-status -C w --changed
  assert_status 11
}
