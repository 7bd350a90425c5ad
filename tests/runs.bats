# dl-runs, on GitHub: what is asked, what is believed, what is printed.
# shellcheck disable=SC2154 # `try` sets $stderr
load helper
load github

setup() {
  hermetic
  export GITHUB_TOKEN=a-token # which also saves the search for one
}

# asked PATTERN: one request, and no other, was for a target that matches the whole PATTERN.
asked() {
  [ "$(requests)" = 1 ] || complain "expected one request: $(cut -f1 "$REQUESTS")"
  requested "^GET $1 -> " || complain "expected a request for $1, got: $(cut -f1 "$REQUESTS")"
}

@test "filters go to the server, in one request" {
  local options target page='exclude_pull_requests=true&per_page'
  serve github/runs
  while read -r options target; do
    : >"$REQUESTS"
    # shellcheck disable=SC2086 # words
    try dl-runs -R PyGithub/PyGithub -n 100 ${options//+/ }
    asked "/repos/PyGithub/PyGithub/actions/$target"
  done <<END
-n+100 runs\?$page=100
-b+master runs\?branch=master&$page=100
-b+refs/heads/master runs\?branch=master&$page=100
-c+$SHA runs\?head_sha=$SHA&$page=100
-s+success runs\?status=success&$page=100
-e+push runs\?event=push&$page=100
--since+2022-12-01 runs\?created=%3E%3D2022-12-01T00%3A00%3A00Z&$page=100
-W+ci.yml workflows/ci.yml/runs\?$page=100
-W+1026390 workflows/1026390/runs\?$page=100
-W+ci.yml+-b+master+-e+push workflows/ci.yml/runs\?branch=master&event=push&$page=100
END
}

# many FIRST LAST: the runs of these numbers, the newest first; three in a row are made in the same minute.
many() {
  gh_runs "id: range($1; $2 - 1; -1)" | jq -c '.total_count = 2345 | .workflow_runs[] |= (.created_at = (.id / 3 | floor * 60 + 1700000000 | todate))'
}

@test "a list with filters, which GitHub ends after a thousand, goes on behind them" {
  local runs='GET /repos/o/r/actions/runs?' rest='exclude_pull_requests=true&per_page=100'
  serve "$({
    answer "${runs}branch=main&$rest" "$(many 2345 1346)"
    answer "${runs}branch=main&created=%3C%3D2023-11-15T05%3A41%3A20Z&$rest" "$(many 1346 347)"
    answer "${runs}branch=main&created=%3C%3D2023-11-15T00%3A08%3A20Z&$rest" "$(many 347 1)"
    answer "${runs}event=push&created=%3E%3D2023-11-01T00%3A00%3A00Z&$rest" "$(many 2345 1346)"
    answer "${runs}event=push&created=2023-11-01T00%3A00%3A00Z..2023-11-15T05%3A41%3A20Z&$rest" "$(many 1346 1340)"
    answer "$runs$rest" "$(many 2345 1)"
  } | cassette many)"
  try dl-runs -R o/r -b main -n 0 -F id
  assert_status 0
  diff <(seq 2345 -1 1) - <<<"$output"
  [ "$(requests)" = 3 ]
  try dl-runs -R o/r -e push --since 2023-11-01 -n 0 -F id
  diff <(seq 2345 -1 1340) - <<<"$output"
  : >"$REQUESTS"
  try dl-runs -R o/r -n 0 -F id # without a filter there is no such end
  diff <(seq 2345 -1 1) - <<<"$output"
  [ "$(requests)" = 1 ]
  : >"$REQUESTS"
  try dl-runs -R o/r -b main -n 100 -F id # nothing is asked for that is not wanted
  diff <(seq 2345 -1 2246) - <<<"$output"
  [ "$(requests)" = 1 ]
}

@test "an actor, and a branch with odd characters, are encoded" {
  serve "$(answer 'GET /repos/o/r/actions/runs?*' "$(gh_runs 'head_branch: "a b/ü&c", actor: {login: "ann&bob"}, triggering_actor: null')" |
    cassette odd)"
  try dl-runs -R o/r -b 'a b/ü&c' -a 'ann&bob' -F branch,actor
  assert_output $'a b/ü&c\tann&bob'
  asked '/repos/o/r/actions/runs\?branch=a%20b%2F%C3%BC%26c&actor=ann%26bob&exclude_pull_requests=true&per_page=30'
}

@test "--since takes a duration, counted from now" {
  serve github/runs-empty
  try dl-runs -R o/r --since 3d
  assert_status 5
  requested "created=%3E%3D$(date -u -d '3 days ago' +%Y-%m-%d)T"
}

@test "a workflow is found by the name people know it by, or by its path" {
  local name
  serve github/runs-one
  for name in 'Build and test' .github/workflows/build-and-test.yaml; do
    : >"$REQUESTS"
    try dl-runs -R erikdoe/ccmenu2 -W "$name" -n 1
    assert_status 0
    requested 'GET /repos/erikdoe/ccmenu2/actions/workflows\?per_page=100 '
    requested 'GET /repos/erikdoe/ccmenu2/actions/workflows/[0-9]+/runs'
  done
  try dl-runs -R erikdoe/ccmenu2 -W 'No such workflow'
  assert_status 5
  assert_output ''
  assert_stderr "^dl-runs: erikdoe/ccmenu2 has no workflow 'No such workflow'$"
}

@test "several states are asked for at once, one by one, and merged by age without repetition" {
  serve "$(
    {
      answer 'GET /repos/o/r/actions/runs?status=queued&*' "$(gh_runs 'id: 3, status: "queued", conclusion: null, created_at: "2026-01-14T12:00:00Z"')"
      answer 'GET /repos/o/r/actions/runs?status=in_progress&*' "$(gh_runs 'id: 1, status: "in_progress", conclusion: null' \
        'id: 3, status: "in_progress", conclusion: null, created_at: "2026-01-14T12:00:00Z"' \
        'id: 2, status: "in_progress", conclusion: null, created_at: "2026-01-14T11:00:00Z"')"
      answer 'GET /repos/o/r/actions/runs?*' "$(gh_runs)"
    } | cassette states
  )"
  try dl-runs -R o/r -s queued,in_progress -F id
  assert_output $'3\n2\n1'
  [ "$(requests)" = 5 ] # requested, pending and waiting are such states, too
  try dl-runs -R o/r -s queued,in_progress -F id -n 2
  assert_output $'3\n2'
}

@test "completed is one word, and stands for all ways to end" {
  serve github/runs
  try dl-runs -R PyGithub/PyGithub -s completed -n 2
  assert_status 0
  asked '/repos/PyGithub/PyGithub/actions/runs\?status=completed&exclude_pull_requests=true&per_page=2'
  try dl-runs -R PyGithub/PyGithub -s completed,failure,queued -n 2
  [ "$(requests 'status=(completed|queued|requested|pending)&')" = 5 ]
  [ "$(requests)" = 5 ]
}

@test "a word for a state that is none is refused before anything is asked" {
  serve github/runs
  try dl-runs -R o/r -s failure,broken
  assert_status 2
  assert_output ''
  assert_stderr "^dl-runs: 'broken' is not a state$"
  assert_stderr '^dl-runs: hint: .*timed_out'
  [ "$(requests)" = 0 ]
}

@test "an empty filtered list is not believed: the index may be behind" {
  serve github/commit-stale-index
  try dl-runs -R PyGithub/PyGithub -c $SHA
  assert_status 0
  assert_json "length == 1 and .[0].sha == \"$SHA\" and .[0].conclusion == \"failure\""
  [ "$(requests)" = 2 ]
  requested 'actions/runs\?exclude_pull_requests=true&per_page=100 '
}

@test "nothing found is exit 5 and nothing on stdout" {
  local options
  serve github/runs-empty
  for options in '' '-b main' '-s failure' '-W ci.yml' '-j' '-t' '-F sha'; do
    # shellcheck disable=SC2086 # words
    try dl-runs -R o/r $options
    assert_status 5
    assert_output ''
    [ "$stderr" = 'dl-runs: no such runs' ]
  done
}

@test "the newest comes first, whatever the order of the answer" {
  serve github/commit-rerun
  try dl-runs -R PyGithub/PyGithub
  assert_json 'length == 2 and .[0].created_at > .[1].created_at and .[0].number > .[1].number'
}

@test "pages are followed as far as the limit needs" {
  local limit
  serve github/runs-paged
  for limit in 1 2 3 0; do
    : >"$REQUESTS"
    try dl-runs -R lab-login/lab-test-repository -n "$limit"
    assert_status 0
    [ "${#lines[@]}" = "$((limit ? limit : 3))" ]
    [ "$(requests)" = "$((limit ? limit : 3))" ]
  done
}

@test "-n 1 makes one request, which asks for one run" {
  serve github/runs
  try dl-runs -R PyGithub/PyGithub -n 1
  [ "${#lines[@]}" = 1 ]
  asked '/repos/PyGithub/PyGithub/actions/runs\?exclude_pull_requests=true&per_page=1'
}

@test "a fork's branch of the same name is another branch" {
  serve "$(answer 'GET /repos/o/r/actions/runs?*' \
    "$(gh_runs 'id: 9, head_repository: {full_name: "ann/r"}, created_at: "2026-01-15T10:30:00Z"' 'id: 8' 'id: 7, head_repository: {full_name: "O/R"}')" |
    cassette forks)"
  try dl-runs -R o/r -b main -n 1 -F id
  assert_output 8
  try dl-runs -R o/r -b main -F id
  assert_output $'8\n7'
  try dl-runs -R o/r -F id,metadata
  grep -q '^9.*"head_repository":"ann/r"' <<<"$output"
}

@test "words that nobody knows are in progress, and kept" {
  serve github/commit-unknown
  try dl-runs -R PyGithub/PyGithub -c $SHA
  assert_json '.[0] | .status == "in_progress" and .conclusion == null and .raw_status == "quantum_superposition" and .completed_at == null'
  stop_servers
  serve github/commit-unknown-status
  try dl-runs -R PyGithub/PyGithub -c $SHA
  assert_json 'all(.status == "in_progress" and .conclusion == null and .raw_status == "hibernating")'
}

@test "what the answer lacks is null, never left out" {
  serve github/runs
  try dl-runs -R PyGithub/PyGithub -b master -n 1
  assert_json '.[0] | [has("name", "attempt", "actor", "started_at", "duration_s")] | all'
  assert_json '.[0] | .name == null and .attempt == null and .actor == null and .duration_s == null'
  assert_json '.[0] | .workflow == "1026390" and .id == "109950033" and (.number | type) == "number"'
}

@test "times, durations and the ref of a finished run" {
  serve github/commit-success
  try dl-runs -R PyGithub/PyGithub -c $SHA
  assert_json ".[0] | .ref == \"$(ref run 3349872717 PyGithub/PyGithub)\" and .host == \"${URL#http://}\" and .workflow == \"ci.yml\""
  assert_json '.[0] | .completed_at == .updated_at and .duration_s == ((.completed_at | fromdate) - (.started_at | fromdate))'
}

@test "a renamed repository is followed to its new name" {
  serve github/renamed
  try dl-runs -R jacquev6/PyGithub -n 1
  assert_status 0
  assert_json ".[0].project == \"PyGithub/PyGithub\" and .[0].ref == \"$(ref run 3770390952 PyGithub/PyGithub)\""
  [ "$(requests)" = 2 ]
}

@test "-F prints raw values, several with a tab between; -j and -t are the other two forms" {
  serve github/runs
  try dl-runs -R PyGithub/PyGithub -n 1 -F id,conclusion,name,number,type
  assert_output $'109950033\tsuccess\t\t112\trun'
  try dl-runs -R PyGithub/PyGithub -n 2 -t
  [[ ${#lines[@]} = 3 && ${lines[0]} == 'STATE '*' REF' && ${lines[1]} == success*/run/109950033 ]]
  try dl-runs -R PyGithub/PyGithub -n 2 -j
  assert_json 'length == 2 and all(.type == "run")'
  for both in '-j -t' '-t -F id' '-j -F id'; do
    # shellcheck disable=SC2086 # words
    try dl-runs -R PyGithub/PyGithub $both
    assert_status 2
  done
  try dl-runs -R PyGithub/PyGithub -F id,colour
  assert_status 2
  assert_stderr "^dl-runs: -F: run records have no field 'colour'$"
  assert_stderr '^dl-runs: hint: they have ref, provider, host, project, id, number, attempt,'
}

@test "refs as arguments: a run, a commit, a branch, a workflow, a repository" {
  local kind id target page='exclude_pull_requests=true&per_page'
  serve github/commit-success github/run
  while read -r kind id target; do
    : >"$REQUESTS"
    try dl-runs "$(ref "$kind" "${id#-}" PyGithub/PyGithub)"
    assert_status 0
    asked "/repos/PyGithub/PyGithub/actions/$target"
  done <<END
run 4205440316 runs/4205440316\?exclude_pull_requests=true
commit $SHA runs\?head_sha=$SHA&$page=20
branch master runs\?branch=master&$page=30
workflow ci.yml workflows/ci.yml/runs\?$page=20
repo - runs\?$page=20
END
  try dl-runs "$(ref job 5)"
  assert_status 2
  assert_stderr '^dl-runs: a job has no runs$'
  try dl-runs "$(ref artifact 5)"
  assert_status 2
  assert_stderr '^dl-runs: an artifact has no runs$'
  assert_stderr '^dl-runs: hint: a repository has some'
}

@test "lines on standard input are read when - says so; a bad one is told with its number, the good ones are answered" {
  serve github/commit-success github/run
  try dl-runs - -F id <<END
{"type":"run","ref":"$(ref run 4205440316 PyGithub/PyGithub)"}

$(ref commit $SHA PyGithub/PyGithub)
{"type":"run","ref":
{"ref":"$(ref run 1)"}
{"type":"run"}
  $(ref run 4205440316 PyGithub/PyGithub)
END
  assert_status 9
  assert_output $'4205440316\n3349872717\n4205440316'
  assert_stderr '^dl-runs: line 4: malformed JSON at line 1, column 21: '
  assert_stderr '^dl-runs: line 5: it is no record: it has no type$'
  assert_stderr '^dl-runs: line 6: it has no ref$'
}

@test "more refs than are worked on at once keep their order" {
  serve "$(
    {
      answer 'GET /repos/o/r/actions/runs/1?*' "$(gh_runs '' | jq '.workflow_runs[0]')" '200 delay=30'
      answer 'GET /repos/o/r/actions/runs/2?*' "$(gh_runs 'id: 2' | jq '.workflow_runs[0]')"
    } | cassette two
  )"
  for i in $(seq 75); do ref run 1 && ref run 2; done >refs
  DL_CACHE=0 try dl-runs - -F ref <refs
  assert_status 0
  assert_output "$(cat refs)"
  [ "$(requests)" = 150 ]
}

@test "standard input is left alone without -" {
  serve github/runs
  try sh -c 'echo mine | { dl-runs -R PyGithub/PyGithub -n 1 >/dev/null; cat; }'
  assert_output mine
}

@test "an item that fails becomes an error line in its place, and the rest goes on" {
  serve github/run "$(answer 'GET /repos/o/r/actions/runs/404?*' '{"message":"Not Found"}' 404 | cassette lost)"
  try dl-runs "$(ref run 404)" not-a-ref "$(ref run 4205440316 PyGithub/PyGithub)"
  assert_status 1
  assert_json '[.[].type] == ["error", "error", "run"]'
  assert_json ".[0] | .ref == \"$(ref run 404)\" and .class == \"missing\" and .exit == 5 and .status == 404 and .provider == \"github\""
  assert_json '.[1] | .ref == "not-a-ref" and .class == "usage" and .exit == 2 and .retry_after_s == null'
  assert_stderr '^dl-runs: not-a-ref: '
  try dl-runs $'bad\033[2Jref' "$(ref run 4205440316 PyGithub/PyGithub)"
  assert_stderr '^dl-runs: bad\\x1b\[2Jref: '
  refute grep -q $'\033' <<<"$stderr"
}

@test "an error line from upstream is passed on, and its class is the exit code" {
  serve github/run
  try dl-runs - <<END
$(ref run 4205440316 PyGithub/PyGithub)
{"type":"error","ref":null,"class":"limited","exit":7,"message":"later","hint":null,"retry_after_s":60}
END
  assert_status 7
  assert_json '[.[].type] == ["run", "error"] and .[1].message == "later" and .[1].retry_after_s == 60'
  try dl-runs - <<<'{"type":"error","class":"network","message":"gone"}'
  assert_status 8
  assert_json 'length == 1 and .[0].class == "network"'
}

@test "a short hash is resolved in the repository, or refused; it is never sent" {
  local head
  serve "$(answer 'GET /repos/o/r/actions/runs?head_sha=*&*' "$(gh_runs)" | cassette any)" github/runs-empty
  make_repo w
  head=$(git -C w rev-parse HEAD)
  for commit in "${head:0:7}" "${head:0:39}" HEAD main 'HEAD^{commit}' "${head^^}"; do
    : >"$REQUESTS"
    try dl-runs -C w -R o/r -c "$commit"
    requested "head_sha=$head&" || complain "expected $head for $commit: $(cat "$REQUESTS")"
  done
  : >"$REQUESTS"
  for commit in 3a6235b 0000000 'HEAD~9' 'HEAD:README' '' zzz; do
    try dl-runs -C w -R o/r -c "$commit"
    assert_status 2
    try dl-runs -C / -R o/r -c "$commit"
    assert_status 2
    assert_output ''
  done
  [ "$(requests)" = 0 ]
}
