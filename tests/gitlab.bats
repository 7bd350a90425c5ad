# GitLab: pipelines, jobs, trees of pipelines, logs, verdicts, and what can be done to them.
load helper
load github
load gitlab

setup() {
  hermetic
  export DL_RETRIES=0
}

setup_file() {
  local follow trace="GET $GL/jobs/11/trace"
  follow=$(
    BATS_TEST_TMPDIR=$BATS_FILE_TMPDIR
    {
      answer "GET $GL/pipelines/1/jobs?*" "$(gl_jobs 'status: "running"')"
      answer "GET $GL/pipelines/1/jobs?*" "$(gl_jobs 'status: "running"')"
      answer "GET $GL/pipelines/1/jobs?*" "$(gl_jobs '')"
      answer "GET $GL/pipelines/1/bridges?*" '[]'
      answer "GET $GL/pipelines/1" "$(gl_pipeline)"
      answer "$trace" $'one\ntw' 200 'deny range'
      answer "$trace" $'o\nthree' 206 'need range: bytes=6-' 'Content-Range: bytes 6-12/13'
      answer "$trace" '' 416 'need range: bytes=13-' 'Content-Range: bytes */13'
    } | cassette follow
  )
  meanwhile follow "$follow" 'gitlab_env; dl-logs -f --timeout 1m "$(gl_ref run 1)"'
  meanwhile stuck "$(
    BATS_TEST_TMPDIR=$BATS_FILE_TMPDIR
    {
      gl_tree 1 "$(gl_jobs 'id: 12, name: "deploy", status: "manual"' 'id: 13, name: "later", status: "created"' '')"
      answer "GET $GL/pipelines/1" "$(gl_pipeline 'status: "manual"')"
      answer "GET $GL/jobs/11/trace" 'built'
    } | cassette stuck
  )" 'gitlab_env; dl-logs -f --timeout 1m "$(gl_ref run 1)"'
  meanwhile settle "$(
    BATS_TEST_TMPDIR=$BATS_FILE_TMPDIR
    {
      answer "POST $GL/pipelines/1/retry" "$(gl_pipeline 'status: "failed"')" 201
      answer "GET $GL/pipelines/1" "$(gl_pipeline 'status: "running"')"
    } | cassette settle
  )" 'gitlab_env; dl-rerun --failed "$(gl_ref run 1)" -F status'
}

# gitlab_env: what `gitlab` exports, for a server that runs already.
gitlab_env() {
  export CI_API_V4_URL=$URL/api/v4 GITLAB_TOKEN=a-token
  AT=${URL#http://}
}

# one REQUEST BODY [STATUS [HEADER...]]: a cassette with one exchange.
one() {
  answer "$@" | cassette one
}

# ---- pipelines ----

@test "pipelines are runs" {
  gitlab "$(one "GET $GL/pipelines?*" "$(gl_pipelines 'id: 9, iid: 4, status: "failed", name: "nightly"' '')" 200 \
    'need authorization: Bearer a-token' 'deny private-token')"
  try dl-runs -p gitlab -R g/s/p
  assert_status 0
  assert_json 'length == 2 and all(.type == "run" and .provider == "gitlab" and .project == "g/s/p")'
  assert_json '.[0] | .id == "9" and .number == 4 and .attempt == null and .name == "nightly" and .workflow == ".gitlab-ci.yml"
    and .branch == "main" and .event == "push" and .actor == null and .status == "completed" and .conclusion == "failure"
    and .raw_status == "failed" and .needs_action == false'
  assert_json '.[0] | .created_at == "2026-01-14T10:30:00Z" and .updated_at == "2026-01-14T10:40:00Z" and .started_at == null'
  [ "$(field 0 host)" = "$AT" ]
  [ "$(field 0 ref)" = "$(gl_ref run 9)" ]
  [ "$(requests)" = 1 ]
}

@test "a single pipeline tells more than the list" {
  gitlab gitlab/pipeline
  try dl-runs "gitlab@$AT:herrhotzenplotz/gcli/run/989897020"
  assert_status 0
  assert_json '.[0] | .number == 121 and .branch == "refs/merge-requests/219/head" and .event == "merge_request_event"
    and .sha == "742affb88a297a6b34201ad61c8b5b72ec6eb679" and .actor == "herrhotzenplotz" and .conclusion == "failure"
    and .started_at == "2023-09-02T14:30:21Z" and .completed_at == "2023-09-02T14:31:40Z" and .duration_s == 73
    and .metadata.label == "failed"'
}

@test "an old server, whose pipelines have no number, source and page" {
  gitlab gitlab/pipelines
  try dl-runs -p gitlab -R diaspora/diaspora-client
  assert_status 0
  assert_json 'map(.id) == ["47", "48"] and all(.number == null and .event == null and .url == null and .status == "queued")'
}

@test "GitLab's words become states, and a word nobody knows runs" {
  gitlab "$(one "GET $GL/pipelines?*" "$(gl_pipelines 'status: "success"' 'status: "failed"' 'status: "canceled"' 'status: "skipped"' \
    'status: "running"' 'status: "canceling"' 'status: "manual"' 'status: "created"' 'status: "waiting_for_resource"' \
    'status: "preparing"' 'status: "waiting_for_callback"' 'status: "pending"' 'status: "scheduled"' 'status: "cancelled"')")"
  try dl-runs -p gitlab -R g/s/p -F raw_status,status,conclusion,needs_action
  assert_output "$(sed 's/ /\t/g' <<'END'
success completed success false
failed completed failure false
canceled completed cancelled false
skipped completed skipped false
running in_progress  false
canceling in_progress  false
manual in_progress  true
created queued  false
waiting_for_resource queued  false
preparing queued  false
waiting_for_callback queued  false
pending queued  false
scheduled queued  false
cancelled in_progress  false
END
)"
}

@test "a pipeline that was retried keeps its end, and is not over" {
  gitlab gitlab/act
  try dl-runs "gitlab@$AT:diaspora/diaspora-client/run/46"
  assert_json '.[0] | .status == "queued" and .completed_at == null and .duration_s == null'
}

@test "the latest pipeline is no id" {
  gitlab "$(one "GET $GL/pipelines/latest" '{"message":"403 Forbidden"}' 403)"
  try dl-runs "$(gl_ref run latest)"
  assert_status 2
  assert_stderr "'latest' is not the id of a pipeline"
  [ "$(requests)" = 0 ]
}

@test "the server filters, by names of its own" {
  gitlab "$(one "GET $GL/pipelines?*" "$(gl_pipelines 'ref: "refs/merge-requests/5/head", source: "merge_request_event"')")"
  try dl-runs -p gitlab -R g/s/p -b feature/x -c "$GL_SHA" -e merge_request_event -a ada -W nightly \
    --since 2026-01-14T00:00:00Z -n 7
  assert_status 5 # its name is not that
  requested 'ref=feature%2Fx' "sha=$GL_SHA" 'source=merge_request_event' 'username=ada' 'name=nightly' \
    'updated_after=2026-01-13T23%3A59%3A59Z' 'per_page=100'
  try dl-runs -p gitlab -R g/s/p -b feature/x -a ada -W .gitlab-ci.yml -n 7 -F branch
  assert_output refs/merge-requests/5/head # the branch's merge request
  requested 'per_page=7'
  try dl-runs -p gitlab -R g/s/p --since 2026-01-14T10:31:00Z
  assert_status 5
  [ "$(requests '[?&]name=')" = 1 ]
}

@test "a state has several words: asked at once, merged by age; one that the server does not know is none" {
  gitlab "$(
    {
      answer "GET $GL/pipelines?status=running&*" "$(gl_pipelines 'id: 3, status: "running"')"
      answer "GET $GL/pipelines?status=canceling&*" '{"error":"status does not have a valid value"}' 400
      answer "GET $GL/pipelines?status=manual&*" "$(gl_pipelines 'id: 4, iid: 4, status: "manual", created_at: "2026-01-14T11:00:00Z"' 'id: 3, status: "manual"')"
      answer "GET $GL/pipelines?status=failed&*" "$(gl_pipelines 'id: 2, status: "failed"')"
    } | cassette words
  )"
  try dl-runs -p gitlab -R g/s/p -s in_progress -F id,status,needs_action
  assert_output $'4\tin_progress\ttrue\n3\tin_progress\tfalse'
  [ "$(requests)" = 3 ]
  try dl-runs -p gitlab -R g/s/p -s failure -F id
  assert_output 2
  [ "$(requests)" = 4 ]
  try dl-runs -p gitlab -R g/s/p -s action_required -F id
  assert_output $'4\n3'
  try dl-runs -p gitlab -R g/s/p -s timed_out,stale
  assert_status 5
  [ "$(requests)" = 5 ]
}

@test "pages follow the Link header, cursors and all, as far as needed" {
  gitlab "$(
    {
      answer "GET $GL/pipelines?per_page=*" "$(gl_pipelines 'id: 9' 'id: 8')" 200 \
        "Link: <{{base}}$GL/pipelines?cursor=abc%3D&id=3&pagination=keyset&order_by=id>; rel=\"next\", <{{base}}$GL/pipelines?page=1>; rel=\"first\""
      answer "GET $GL/pipelines?cursor=abc%3D&id=3&pagination=keyset&order_by=id" "$(gl_pipelines 'id: 7')" 200 'X-Next-Page: '
    } | cassette pages
  )"
  try dl-runs -p gitlab -R g/s/p -n 0 -F id
  assert_output $'9\n8\n7'
  [ "$(requests)" = 2 ]
  try dl-runs -p gitlab -R g/s/p -n 2 -F id
  assert_output $'9\n8'
  [ "$(requests)" = 3 ]
}

# ---- jobs ----

@test "jobs, trigger jobs, and the jobs that those have started, oldest first" {
  gitlab "$(
    {
      gl_tree 1 "$(gl_jobs 'id: 13, name: "test"' 'id: 12')" "$(gl_bridges 'child: {}')"
      gl_tree 5 "$(gl_jobs 'id: 31, pipeline: {id: 5}')" "$(gl_bridges 'id: 32, name: "deep", pipeline: {id: 5}, child: {id: 6}')"
      gl_tree 6 "$(gl_jobs 'id: 41, name: "end", pipeline: {id: 6}')"
    } | cassette tree
  )"
  try dl-jobs "$(gl_ref run 1)" -F id,run_id,name
  assert_status 0
  assert_output $'12\t1\tbuild\n13\t1\ttest\n21\t1\tteaspoon\n31\t5\tteaspoon/build\n32\t5\tteaspoon/deep\n41\t6\tteaspoon/deep/end'
  try dl-jobs "$(gl_ref run 1)"
  assert_json '.[0] | .runner == "r1" and .started_at == "2026-01-14T10:31:00Z" and .completed_at == "2026-01-14T10:40:00Z"
    and .duration_s == 540 and .metadata == {stage: "test"} and .steps == []'
  [ "$(field 2 metadata.downstream)" = "$(gl_ref run 5)" ]
  [ "$(field 4 metadata.downstream)" = "$(gl_ref run 6)" ]
}

@test "recorded jobs; a pipeline of another project is named, and not entered" {
  gitlab gitlab/jobs
  try dl-jobs "gitlab@$AT:diaspora/diaspora-client/run/6" -F id,name,status,conclusion
  assert_output $'6\tspinach:other\tcompleted\tfailure\n7\tteaspoon\tcompleted\tfailure\n7\tteaspoon\tqueued\t'
  stop_servers
  gitlab "$(gl_tree 1 '[]' "$(gl_bridges 'child: {id: 8, project_id: 4, web_url: "https://gitlab.com/other/p/-/pipelines/8"}')" | cassette other)"
  try dl-jobs "$(gl_ref run 1)" -F metadata
  assert_output "{\"stage\":\"test\",\"downstream\":\"gitlab@$AT:other/p/run/8\"}"
}

@test "a job that may fail does no harm; one that ran out of time says so; manual ones wait, or need not" {
  gitlab "$(gl_tree 1 "$(gl_jobs 'id: 1, status: "failed"' 'id: 2, status: "failed", allow_failure: true' \
    'id: 3, status: "failed", failure_reason: "job_execution_timeout"' 'id: 4, status: "failed", failure_reason: "stuck_or_timeout_failure"' \
    'id: 5, status: "failed", failure_reason: "script_failure"' 'id: 6, status: "manual"' 'id: 7, status: "manual", allow_failure: true' \
    'id: 8, status: "failed", failure_reason: "job_execution_timeout", allow_failure: true' 'id: 9, status: "canceling", finished_at: null')" | cassette states)"
  try dl-jobs "$(gl_ref run 1)" -F id,status,conclusion,raw_status,needs_action
  assert_output "$(sed 's/ /\t/g' <<'END'
1 completed failure failed false
2 completed neutral failed false
3 completed timed_out job_execution_timeout false
4 completed timed_out stuck_or_timeout_failure false
5 completed failure failed false
6 in_progress  manual true
7 completed skipped manual false
8 completed neutral job_execution_timeout false
9 in_progress  canceling false
END
)"
  try dl-jobs "$(gl_ref run 1)"
  assert_json '.[4].metadata.failure_reason == "script_failure"'
}

@test "an attempt: the jobs that ran for that time" {
  gitlab "$(gl_tree 1 "$(gl_jobs 'id: 15' 'id: 12, name: "test"' 'id: 11, status: "failed"')" | cassette attempts)"
  try dl-jobs --attempt 1 "$(gl_ref run 1)" -F id,conclusion
  assert_output $'11\tfailure\n12\tsuccess'
  requested '/jobs\?include_retried=true'
  try dl-jobs --attempt 2 "$(gl_ref run 1)" -F id
  assert_output 15
}

# ---- logs ----

# logged TEXT: serves TEXT as the log of job 11, which is over.
logged() {
  gitlab "$(
    {
      answer "GET $GL/jobs/11" "$(gl_jobs '' | jq '.[0]')"
      printf '>>> GET %s\n<<< 200\nContent-Type: text/plain\n\n%s\n' "$GL/jobs/11/trace" "$1"
    } | cassette log
  )"
}

@test "sections, colours and what a terminal would have overwritten are left out of a log" {
  logged $'\e[0KRunning with gitlab-runner\e[0;m\nsection_start:1560896352:prepare\r\e[0K\e[36;1mPreparing\e[0;m\nsection_end:1560896353:prepare\r\e[0Ksection_start:1560896353:build\r\e[0K$ make\n 10%\r 100%\r\n\nsection_end:1560896353:build\r\e[0K\nJob succeeded'
  try dl-logs "$(gl_ref job 11)"
  assert_status 0
  assert_output $'Running with gitlab-runner\nPreparing\n$ make\n 100%\n\nJob succeeded'
  dl-logs --raw "$(gl_ref job 11)" | grep -q 'section_start:1560896353:build'
}

@test "times and streams of a log's lines" {
  logged $'2026-01-14T10:30:01.962646Z 00O Running\n2026-01-14T10:30:02.962646Z 01E failed\n2026-01-14T10:30:03.962646Z 01E+ again\n2026-01-14T10:30:04.962646Z 00O section_start:1:x\r\e[0Khead\n2026-01-14T10:30:05Z plain'
  try dl-logs "$(gl_ref job 11)"
  assert_output $'Running\nfailed\n again\nhead\nplain'
  try dl-logs -j "$(gl_ref job 11)"
  assert_json 'map(.time) == ["2026-01-14T10:30:01Z", "2026-01-14T10:30:02Z", "2026-01-14T10:30:03Z", "2026-01-14T10:30:04Z", "2026-01-14T10:30:05Z"]'
}

@test "the logs of a pipeline: one request for each, none for what has no log" {
  gitlab "$(
    {
      gl_tree 1 "$(gl_jobs 'id: 12, name: "test", status: "failed"' '' 'id: 14, status: "skipped"')" "$(gl_bridges 'child: {}, status: "failed"')"
      gl_tree 5 "$(gl_jobs 'id: 31, pipeline: {id: 5}, status: "failed"')"
      answer "GET $GL/jobs/11/trace" 'it builds'
      answer "GET $GL/jobs/12/trace" 'it breaks'
      answer "GET $GL/jobs/31/trace" 'deep down'
    } | cassette logs
  )"
  try dl-logs "$(gl_ref run 1)"
  assert_status 0
  assert_output $'==> build <==\nit builds\n\n==> test <==\nit breaks\n\n==> teaspoon/build <==\ndeep down'
  [ "$(requests /trace)" = 3 ]
  [ "$(requests)" = 7 ]
  try dl-logs --failed "$(gl_ref run 1)" -F job,text
  assert_output $'test\tit breaks\nteaspoon/build\tdeep down'
}

@test "a log is followed by ranges" {
  ended follow
  assert_status 0
  assert_output $'one\ntwo\nthree'
  requested /trace 'range: bytes=6-'
  [ "$(requests 'GET .*/jobs/11 ')" = 0 ]
}

@test "a server without ranges sends all again; what was seen is not printed again; a log may begin anew" {
  local trace="GET $GL/jobs/11/trace"
  gitlab "$(
    {
      answer "GET $GL/jobs/11" "$(gl_jobs 'status: "running"' | jq '.[0]')"
      answer "GET $GL/jobs/11" "$(gl_jobs 'status: "running"' | jq '.[0]')"
      answer "GET $GL/jobs/11" "$(gl_jobs '' | jq '.[0]')"
      answer "$trace" $'one\ntwo\n'
      answer "$trace" $'one\ntwo\nthree\n'
      answer "$trace" $'anew\n'
    } | cassette whole
  )"
  try dl-logs -f "$(gl_ref job 11)"
  assert_status 0
  assert_output $'one\ntwo\nthree\nanew'
  [ "$(requests /trace)" = 4 ] # the last was shorter, and was read from its beginning
}

@test "another part than was asked for is no log" {
  gitlab "$(
    {
      answer "GET $GL/jobs/11" "$(gl_jobs 'status: "running"' | jq '.[0]')"
      answer "GET $GL/jobs/11/trace" 'one' 200 'deny range'
      answer "GET $GL/jobs/11/trace" 'x' 206 'need range' 'Content-Range: bytes 9-10/11'
    } | cassette gap
  )"
  try dl-logs -f "$(gl_ref job 11)"
  assert_status 9
  assert_stderr 'another part than it was asked for'
}

@test "the log of a job that has not begun is not asked for" {
  gitlab "$(gl_tree 1 "$(gl_jobs 'status: "pending"')" | cassette queued)"
  try dl-logs "$(gl_ref run 1)"
  assert_status 3
  assert_output ''
  assert_stderr 'build is not over yet'
  [ "$(requests)" = 2 ]
}

@test "a manual pipeline ends the following of its logs" {
  ended stuck
  assert_status 3
  assert_output $'==> build <==\nbuilt'
  assert_stderr 'the run waits for somebody to act'
}

# ---- artifacts ----

ARCHIVE='artifacts_file: {filename: "artifacts.zip", size: 235}, artifacts_expire_at: "2026-02-14T10:40:00.000Z",
  artifacts: [{file_type: "archive", size: 235}, {file_type: "trace", size: 9}]'

@test "the archives of a pipeline's jobs and of its children's are its artifacts" {
  gitlab "$(
    {
      gl_tree 1 "$(gl_jobs "$ARCHIVE" 'id: 12, name: "report", artifacts: [{file_type: "junit", size: 5}], artifacts_expire_at: "2026-02-14T10:40:00.000Z"')" "$(gl_bridges 'child: {}')"
      gl_tree 5 "$(gl_jobs "id: 31, pipeline: {id: 5}, $ARCHIVE")"
      answer "GET $GL/jobs/11" "$(gl_jobs "$ARCHIVE" | jq '.[0]')"
      answer "GET $GL/jobs/12" "$(gl_jobs 'id: 12' | jq '.[0]')"
    } | cassette archives
  )"
  try dl-artifacts "$(gl_ref run 1)"
  assert_status 0
  assert_json 'length == 2 and (.[0] | .id == "11" and .run_id == "1" and .name == "build" and .size_bytes == 235 and .digest == null
    and .expired == false and .created_at == "2026-01-14T10:40:00Z" and .expires_at == "2026-02-14T10:40:00Z"
    and .url == "https://gitlab.com/g/s/p/-/jobs/11/artifacts/download")'
  assert_json '.[1].name == "teaspoon/build" and .[1].run_id == "5"'
  [ "$(field 0 ref)" = "$(gl_ref artifact 11)" ]
  try dl-artifacts "$(gl_ref artifact 11)" -F name
  assert_output build
  try dl-artifacts "$(gl_ref artifact 12)"
  assert_status 5
  assert_stderr 'job 12 has left no artifacts'
}

@test "an archive comes from where the server sends us, without the token, and is unpacked" {
  good_zip
  gitlab "$(
    {
      answer "GET $GL/jobs/11" "$(gl_jobs "$ARCHIVE" | jq '.[0]')"
      answer "GET $GL/jobs/11/artifacts" '' 302 'need authorization: Bearer a-token' 'Location: {{base2}}/blob?sig=secret'
      printf '>>> GET /blob?sig=secret\ndeny authorization\n<<< 200 file=good.zip\nContent-Type: application/zip\n\n\n'
    } | cassette archive
  )"
  try dl-artifacts -d out "$(gl_ref artifact 11)" -F path
  assert_status 0
  assert_output out/build
  [ -x out/build/bin/tool ]
  [ -f out/build/x-1.whl ]
}

@test "a transfer that was cut goes on, also where the server begins again" {
  good_zip
  gitlab "$(
    {
      answer "GET $GL/jobs/11" "$(gl_jobs "$ARCHIVE" | jq '.[0]')"
      printf '>>> GET %s\ndeny range\n<<< 200 file=good.zip cut=100\nContent-Type: application/zip\n\n\n' "$GL/jobs/11/artifacts"
      printf '>>> GET %s\nneed range: bytes=100-\n<<< 200 file=good.zip\nContent-Type: application/zip\n\n\n' "$GL/jobs/11/artifacts"
    } | cassette cut
  )"
  try dl-artifacts -d out "$(gl_ref artifact 11)"
  if [ "$status" -ne 0 ]; then try dl-artifacts -d out "$(gl_ref artifact 11)"; fi
  assert_status 0
  requested "/jobs/11/artifacts " 'range: bytes=100-'
  [ -x out/build/bin/tool ]
}

# ---- the verdict ----

# commit [PIPELINE...]: the exchanges about a commit with these pipelines.
commit() {
  answer "GET $GL/pipelines?sha=$GL_SHA&*" "$(gl_pipelines "$@")"
}

# judge EXIT VERDICT CASSETTE: dl-status says so.
judge() {
  gitlab "$3"
  try dl-status -p gitlab -R g/s/p -c "$GL_SHA"
  assert_status "$1"
  assert_json ".[0].verdict == \"$2\""
}

@test "green: a request for the pipelines, and one for what each has started" {
  judge 0 success "$({ commit '' 'id: 2, iid: 2, source: "schedule"' && gl_tree 1 && gl_tree 2; } | cassette green)"
  assert_json '.[0] | .total == 2 and .passed == 2'
  [ "$(requests)" = 3 ]
}

@test "the newest pipeline of an event counts" {
  judge 0 success "$({ commit 'id: 2, iid: 2' 'status: "failed"' && gl_tree 2; } | cassette newest)"
  [ "$(field 0 ref)" = "$(gl_ref run 2)" ]
  [ "$(requests)" = 2 ]
}

@test "a child that failed fails a pipeline that did not wait for it, and its logs are at hand" {
  gitlab "$(
    {
      commit ''
      gl_tree 1 '[]' "$(gl_bridges 'child: {}' 'id: 22, name: "other", child: {id: 7}')"
      gl_tree 5 "$(gl_jobs 'id: 31, pipeline: {id: 5}')" "$(gl_bridges 'id: 32, name: "deep", pipeline: {id: 5}, child: {id: 6, status: "failed"}')"
      gl_tree 7
      gl_tree 6 "$(gl_jobs 'id: 41, status: "failed", pipeline: {id: 6}')"
      answer "GET $GL/jobs/41/trace" 'it broke'
    } | cassette children
  )"
  try dl-status -p gitlab -R g/s/p -c "$GL_SHA"
  assert_status 1
  assert_json '.[0] | .verdict == "failure" and .name == "deep" and .total == 4 and .failed == 1'
  [ "$(field 0 ref)" = "$(gl_ref run 6)" ]
  [ "$(requests)" = 5 ]
  dl-status -p gitlab -R g/s/p -c "$GL_SHA" | dl-logs --failed | grep -qx 'it broke'
}

@test "where parent and child have failed, the child is named; a child that runs is waited for" {
  judge 1 failure "$({ commit 'status: "failed"' && gl_tree 1 '[]' "$(gl_bridges 'status: "failed", child: {status: "failed"}')" && gl_tree 5; } | cassette both)"
  [ "$(field 0 ref)" = "$(gl_ref run 5)" ]
  stop_servers
  judge 3 pending "$({ commit '' && gl_tree 1 '[]' "$(gl_bridges 'child: {status: "running"}')" && gl_tree 5; } | cassette running)"
}

@test "a child that may fail is no harm; one of another project counts, and is named by its project" {
  judge 0 success "$({ commit '' && gl_tree 1 '[]' "$(gl_bridges 'allow_failure: true, child: {status: "failed"}' 'id: 22, name: "none"')" && gl_tree 5; } | cassette lenient)"
  stop_servers
  judge 1 failure "$({ commit '' && gl_tree 1 '[]' "$(gl_bridges 'child: {id: 8, project_id: 4, status: "failed", source: "pipeline", web_url: "https://gitlab.com/other/p/-/pipelines/8"}')"; } | cassette project)"
  [ "$(field 0 ref)" = "gitlab@$AT:other/p/run/8" ]
}

@test "of two pipelines each has its own children" {
  judge 1 failure "$(
    {
      commit 'source: "merge_request_event", ref: "refs/merge-requests/5/head", id: 2, iid: 2' ''
      gl_tree 1 '[]' "$(gl_bridges 'child: {status: "failed"}')"
      gl_tree 2 '[]' "$(gl_bridges 'child: {id: 6, iid: 9}')"
      gl_tree 5
      gl_tree 6
    } | cassette twins
  )"
  [ "$(field 0 ref)" = "$(gl_ref run 5)" ]
}

@test "a pipeline for the result of a merge is found by the merge request" {
  judge 1 failure "$(
    {
      commit
      answer "GET $GL/repository/commits/$GL_SHA/merge_requests?*" "[{\"iid\":4,\"state\":\"merged\",\"sha\":\"$GL_SHA\"},{\"iid\":5,\"state\":\"opened\",\"sha\":\"$GL_SHA\"}]"
      answer "GET $GL/merge_requests/5" "{\"iid\":5,\"project_id\":3,\"head_pipeline\":$(gl_pipeline \
        'id: 9, status: "failed", source: "merge_request_event", ref: "refs/merge-requests/5/merge", sha: "6104942438c14ec7bd21c6cd5bd995272b3faff6"')}"
      gl_tree 9
    } | cassette merged
  )"
  [ "$(field 0 ref)" = "$(gl_ref run 9)" ]
}

@test "who may not see merge requests sees none" {
  judge 3 unregistered "$(
    {
      commit
      answer "GET $GL/repository/commits/$GL_SHA/merge_requests?*" '{"message":"403 Forbidden"}' 403
      answer "GET $GL/repository/files/.gitlab-ci.yml/raw?ref=$GL_SHA" 'job: {}'
    } | cassette forbidden
  )"
}

@test "statuses of another CI system stand in place of the pipeline that they make up" {
  gitlab gitlab/statuses
  local sha=7d938cb8ac15788d71f4b67c035515a160ea76d8
  try dl-status -p gitlab -R diaspora/diaspora-client -c $sha
  assert_status 1
  assert_json '.[0] | .verdict == "failure" and .name == "test" and .total == 2 and .passed == 1'
  [ "$(field 0 ref)" = "gitlab@$AT:diaspora/diaspora-client/commit/$sha" ]
  try dl-status -p gitlab -R diaspora/diaspora-client -c $sha --require specs -F verdict
  assert_output failure
}

@test "an external pipeline whose statuses are not told counts itself; a status may fail" {
  judge 1 failure "$(
    {
      commit 'source: "external", status: "failed"'
      answer "GET $GL/repository/commits/$GL_SHA/merge_requests?*" '[]'
      answer "GET $GL/repository/commits/$GL_SHA/statuses?*" '[{"id":7,"name":"job","status":"success"}]'
    } | cassette external
  )"
  [ "$(field 0 ref)" = "$(gl_ref run 1)" ]
  stop_servers
  judge 0 success "$(
    {
      commit 'source: "external", status: "success"'
      answer "GET $GL/repository/commits/$GL_SHA/merge_requests?*" '[]'
      answer "GET $GL/repository/commits/$GL_SHA/statuses?*" '[{"id":7,"name":"job","status":"failed","allow_failure":true,"pipeline_id":1}]'
    } | cassette lenient
  )"
}

@test "a manual pipeline needs a human, and ends the waiting" {
  gitlab "$({ commit 'status: "manual"' && gl_tree 1; } | cassette manual)"
  try dl-status -w -p gitlab -R g/s/p -c "$GL_SHA"
  assert_status 1
  assert_json '.[0] | .verdict == "action_required" and .status == "in_progress"'
}

@test "skipped, canceled, canceling, and overtaken" {
  judge 0 skipped "$(commit 'status: "skipped"' | cassette skipped)"
  stop_servers
  judge 3 pending "$({ commit 'status: "canceling"' && gl_tree 1; } | cassette canceling)"
  stop_servers
  judge 1 cancelled "$({ commit 'status: "canceled"' && gl_tree 1 && answer "GET $GL/pipelines?ref=main&*" "$(gl_pipelines 'status: "canceled"')"; } | cassette canceled)"
  stop_servers
  judge 1 superseded "$({ commit 'status: "canceled"' && gl_tree 1 && answer "GET $GL/pipelines?ref=main&*" "$(gl_pipelines 'id: 2, iid: 2, created_at: "2026-01-14T11:00:00Z"')"; } | cassette superseded)"
}

# unrun FILE_ANSWER...: a commit without pipelines, whose definition is looked for.
unrun() {
  {
    commit
    answer "GET $GL/repository/commits/$GL_SHA/merge_requests?*" '[]'
    cat
  } | cassette unrun
}

@test "no pipeline: none when nothing defines one, unregistered when something may" {
  local file="GET $GL/repository/files/.gitlab-ci.yml/raw?ref=$GL_SHA" missing='{"message":"404 File Not Found"}'
  judge 5 none "$({ answer "$file" "$missing" 404 && answer "GET $GL" '{"ci_config_path":"","auto_devops_enabled":false}'; } | unrun)"
  stop_servers
  judge 3 unregistered "$({ answer "$file" "$missing" 404 && answer "GET $GL" '{"ci_config_path":null,"auto_devops_enabled":true}'; } | unrun)"
  stop_servers
  judge 3 unregistered "$({ answer "$file" "$missing" 404 && answer "GET $GL" '{"ci_config_path":"ci.yml@other/p"}'; } | unrun)"
  stop_servers
  judge 3 unregistered "$({ answer "$file" "$missing" 404 && answer "GET $GL" '{"ci_config_path":"ci/main.yml"}' &&
    answer "GET $GL/repository/files/ci%2Fmain.yml/raw?ref=$GL_SHA" 'job: {}'; } | unrun)"
  stop_servers
  judge 3 unregistered "$(answer "$file" '{"message":"404 Commit Not Found"}' 404 | unrun)"
  stop_servers
  judge 3 unregistered "$(answer "$file" 'job: {}' | unrun)"
}

@test "the definition is looked for in the repository first" {
  make_repo repo https://gitlab.com/g/s/p.git
  local sha
  sha=$(git -C repo rev-parse HEAD)
  gitlab "$(
    {
      answer "GET $GL/pipelines?*" '[]'
      answer "GET $GL/repository/commits/*/merge_requests?*" '[]'
      answer "GET $GL/repository/files/.gitlab-ci.yml/raw?ref=$sha" '{"message":"404 File Not Found"}' 404
      answer "GET $GL" '{"ci_config_path":null}'
    } | cassette repo
  )"
  try dl-status -C repo -p gitlab -c HEAD -F verdict
  assert_output none
  [ "$(requests)" = 4 ]
  echo 'job: {script: make}' >repo/.gitlab-ci.yml
  git -C repo add . && git -C repo commit -q -m ci
  try dl-status -C repo -c HEAD -F verdict
  assert_output unregistered
  [ "$(requests)" = 6 ]
}

@test "the tip of a branch" {
  gitlab "$(
    {
      answer "GET $GL/repository/commits/feature%2Fx" "{\"id\":\"$GL_SHA\"}"
      answer "GET $GL/repository/commits/HEAD" '{"id":"short"}'
      commit ''
      gl_tree 1
    } | cassette tip
  )"
  try dl-status -p gitlab -R g/s/p -b feature/x -F sha
  assert_output "$GL_SHA"
  try dl-status -p gitlab -R g/s/p
  assert_status 9
}

# ---- what defines pipelines ----

@test "a project has one workflow, which its settings may keep elsewhere" {
  gitlab "$(
    {
      answer "GET $GL" '{"web_url":"https://gitlab.com/g/s/p","default_branch":"main","builds_access_level":"enabled"}'
      answer "GET $GL/repository/files/.gitlab-ci.yml/raw?ref=HEAD" 'job: {}'
    } | cassette workflow
  )"
  try dl-workflows -p gitlab -R g/s/p
  assert_status 0
  assert_json 'length == 1 and (.[0] | .id == ".gitlab-ci.yml" and .name == .id and .path == .id and .state == "active"
    and .url == "https://gitlab.com/g/s/p/-/pipelines")'
  [ "$(field 0 ref)" = "$(gl_ref workflow .gitlab-ci.yml)" ]
  stop_servers
  gitlab "$(
    {
      answer "GET $GL" '{"ci_config_path":"ci.yml@other/p","builds_access_level":"disabled"}'
      answer "GET $GL/repository/files/.gitlab-ci.yml/raw?ref=HEAD" '{"message":"404 File Not Found"}' 404
    } | cassette elsewhere
  )"
  try dl-workflows -p gitlab -R g/s/p -F path,state
  assert_output $'ci.yml@other/p\tdisabled'
  stop_servers
  gitlab "$(
    {
      answer "GET $GL" '{"ci_config_path":null}'
      answer "GET $GL/repository/files/.gitlab-ci.yml/raw?ref=HEAD" '{"message":"404 File Not Found"}' 404
    } | cassette nothing
  )"
  try dl-workflows -p gitlab -R g/s/p
  assert_status 5
}

SPEC='# what it takes
spec:
  inputs:
    job-prefix:
    count:
      type: number
      default: 1
    environment:
      description: "where to"
      options: [test, production]
    dry:
      type: boolean
      default: true
    list:
      type: array
      default: [a, "b"]
    late:
      rules:
        - default: x
---
job:
  script: !reference [x, y]'

@test "the inputs that the definition declares, though the rest of it is more than YAML" {
  gitlab "$(
    {
      answer "GET $GL" '{}'
      answer "GET $GL/repository/files/.gitlab-ci.yml/raw?ref=*" "$SPEC"
      answer "GET $GL/repository/commits/HEAD" "{\"id\":\"$GL_SHA\"}"
    } | cassette spec
  )"
  try dl-workflows --inputs -p gitlab -R g/s/p
  assert_status 0
  assert_json '.[0].inputs | map([.name, .kind, .required, .value, .choices]) == [["job-prefix", "string", true, null, null],
    ["count", "number", false, "1", null], ["environment", "string", true, null, "test,production"],
    ["dry", "boolean", false, "true", "true,false"], ["list", "array", false, "[\"a\",\"b\"]", null], ["late", "string", false, null, null]]'
  assert_json '.[0].inputs[2].text == "where to"'
}

# ---- acting ----

@test "a pipeline is started with variables, and printed" {
  gitlab gitlab/act "$(one 'GET /api/v4/projects/diaspora%2Fdiaspora-client/repository/files/.gitlab-ci.yml/raw?ref=main' 'job: {}')"
  try dl-trigger -p gitlab -R diaspora/diaspora-client -b main .gitlab-ci.yml -f 'A=1' -f 'quote="\'
  assert_status 0
  assert_json '.[0] | .id == "61" and .status == "queued" and .sha == "384c444e840a515b23f21915ee5766b87068a70d"'
  requested '^POST ' 'content-type: application/json' \
    'body: \{"ref":"main","variables":\[\{"key":"A","value":"1"\},\{"key":"quote","value":"\\"\\\\"\}\]\}$'
  try dl-trigger -N -p gitlab -R diaspora/diaspora-client -b main .gitlab-ci.yml
  assert_status 0
  assert_output ''
  [ "$(requests '^POST')" = 1 ]
}

@test "declared inputs are checked, and sent as what they are" {
  gitlab "$(
    {
      answer "GET $GL/repository/files/.gitlab-ci.yml/raw?ref=main" "$SPEC"
      answer "POST $GL/pipeline" "$(gl_pipeline)" 201
    } | cassette inputs
  )"
  try dl-trigger -p gitlab -R g/s/p -b main .gitlab-ci.yml -f environment=prod -f what=1
  assert_status 2
  assert_stderr "input 'environment' cannot be 'prod'; it takes no input 'what'; it needs input 'job-prefix'|it takes no input 'what'"
  try dl-trigger -p gitlab -R g/s/p -b main .gitlab-ci.yml -f job-prefix=7 -f environment=test -f count=3 -f dry=false -f 'list=["x", 1]' -f late=true
  assert_status 0
  requested '^POST' 'body: \{"ref":"main","inputs":\{"job-prefix":"7","environment":"test","count":3,"dry":false,"list":\["x",1\],"late":"true"\}\}$'
}

@test "the branch we stand on, or the default one; no commit; no other workflow" {
  make_repo repo https://gitlab.com/g/s/p.git
  git -C repo checkout -q -b topic
  gitlab "$(
    {
      answer "GET $GL" '{"default_branch":"trunk"}'
      answer "GET $GL/repository/files/.gitlab-ci.yml/raw?ref=*" 'job: {}'
      answer "POST $GL/pipeline" "$(gl_pipeline)" 201
    } | cassette refs
  )"
  try dl-trigger -C repo -p gitlab .gitlab-ci.yml
  assert_status 0
  requested 'body: \{"ref":"topic"\}$'
  try dl-trigger -p gitlab -R g/s/p .gitlab-ci.yml
  assert_status 0
  requested 'body: \{"ref":"trunk"\}$'
  try dl-trigger -p gitlab -R g/s/p -c "$GL_SHA" .gitlab-ci.yml
  assert_status 10
  assert_stderr 'hint: .*-b'
  try dl-trigger -p gitlab -R g/s/p release.yml
  assert_status 5
  assert_stderr "has no workflow 'release.yml'"
  assert_stderr 'hint: .*\.gitlab-ci\.yml'
}

@test "a pipeline that cannot be made: in the server's words" {
  gitlab "$(
    {
      answer "GET $GL/repository/files/.gitlab-ci.yml/raw?ref=main" 'job: {}'
      answer "POST $GL/pipeline" '{"message":{"base":["Pipeline will not run for the selected trigger. The rules configuration prevented any jobs from being added."]}}' 400
    } | cassette rules
  )"
  try dl-trigger -p gitlab -R g/s/p -b main .gitlab-ci.yml
  assert_status 6
  assert_stderr 'refuses that: Pipeline will not run for the selected trigger'
}

@test "what failed runs again; what did not does not" {
  gitlab gitlab/act
  try dl-rerun --failed "gitlab@$AT:diaspora/diaspora-client/run/46" -F id,status
  assert_status 0
  assert_output $'46\tqueued'
  [ "$(requests)" = 1 ]
  stop_servers
  gitlab "$(one "POST $GL/pipelines/1/retry" "$(gl_pipeline)" 201)"
  try dl-rerun --failed "$(gl_ref run 1)"
  assert_status 6
  assert_stderr 'nothing failed in run 1'
}

@test "the answer to a retry may be late" {
  ended settle
  assert_status 0
  assert_output in_progress
}

@test "all of it runs again: a new pipeline for the same ref, with the same variables" {
  gitlab "$(
    {
      answer "GET $GL/pipelines/1" "$(gl_pipeline)"
      answer "GET $GL/repository/commits/main" "{\"id\":\"$GL_SHA\"}"
      answer "GET $GL/pipelines/1/variables" '[{"key":"A","variable_type":"env_var","value":"1"}]'
      answer "POST $GL/pipeline" "$(gl_pipeline 'id: 2, status: "created"')" 201
    } | cassette again
  )"
  try dl-rerun "$(gl_ref run 1)" -F id,status
  assert_status 0
  assert_output $'2\tqueued'
  requested '^POST' 'body: \{"ref":"main","variables":\[\{"key":"A","variable_type":"env_var","value":"1"\}\]\}$'
  [ -n "$(find "$XDG_CACHE_HOME" -type f)" ]
  refute grep -rq variable_type "$HOME" # they may be secrets
}

@test "no other commit runs in place of the one that is meant; a child cannot run alone" {
  gitlab "$(
    {
      answer "GET $GL/pipelines/1" "$(gl_pipeline)"
      answer "GET $GL/repository/commits/main" '{"id":"6104942438c14ec7bd21c6cd5bd995272b3faff6"}'
      answer "GET $GL/pipelines/2" "$(gl_pipeline 'id: 2, source: "parent_pipeline"')"
    } | cassette moved
  )"
  try dl-rerun "$(gl_ref run 1)"
  assert_status 6
  assert_stderr 'main has moved on from 742affb88a to 6104942438'
  try dl-rerun "$(gl_ref run 2)"
  assert_status 6
  [ "$(requests '^POST')" = 0 ]
}

@test "the pipeline of a merge request is run again as such" {
  gitlab "$(
    {
      answer "GET $GL/pipelines/1" "$(gl_pipeline 'ref: "refs/merge-requests/5/head", source: "merge_request_event"')"
      answer "POST $GL/merge_requests/5/pipelines" "$(gl_pipeline 'id: 2, status: "pending"')" 201
    } | cassette request
  )"
  try dl-rerun "$(gl_ref run 1)" -F id
  assert_output 2
}

@test "a pipeline is canceled, unless it is over" {
  gitlab gitlab/act
  try dl-cancel "gitlab@$AT:diaspora/diaspora-client/run/46" -F id,conclusion
  assert_status 0
  assert_output $'46\tcancelled'
  stop_servers
  gitlab "$(one "GET $GL/pipelines/1" "$(gl_pipeline)")"
  try dl-cancel "$(gl_ref run 1)"
  assert_status 6
  assert_stderr 'run 1 is over'
}

@test "by force, the jobs that clean up are stopped, too" {
  gitlab "$(
    {
      answer "GET $GL/pipelines/1" "$(gl_pipeline 'status: "running"')"
      answer "GET $GL/pipelines/1" "$(gl_pipeline 'status: "canceled"')"
      answer "POST $GL/pipelines/1/cancel" "$(gl_pipeline 'status: "canceling"')" 200
      gl_tree 1 "$(gl_jobs 'status: "canceling"' 'id: 12, status: "success"' 'id: 13, status: "manual"')" "$(gl_bridges 'status: "running"')"
      answer "POST $GL/jobs/11/cancel?force=true" "$(gl_jobs '' | jq '.[0]')" 201
    } | cassette force
  )"
  try dl-cancel --force "$(gl_ref run 1)" -F conclusion
  assert_status 0
  assert_output cancelled
  [ "$(requests '^POST')" = 2 ]
}

# ---- refusals ----

# refused STATUS BODY [STATUS_LINE [HEADER...]]: the list and a log are asked for, both end with exit STATUS.
refused() {
  local status=$1
  shift
  gitlab "$(answer "GET /api/v4/*" "$@" | cassette refused)"
  try dl-logs "$(gl_ref run 1)"
  assert_status "$status"
  assert_output ''
  try dl-runs -p gitlab -R g/s/p
  assert_status "$status"
  assert_output ''
}

@test "401: the token" {
  refused 4 '{"message":"401 Unauthorized"}' 401
  assert_stderr 'does not accept the credential: 401 Unauthorized'
  assert_stderr 'hint: .*GITLAB_TOKEN'
}

@test "403: a scope is missing, or a permission" {
  refused 4 '{"error":"insufficient_scope","error_description":"The request requires higher privileges than provided by the access token.","scope":"api read_api"}' 403
  assert_stderr 'the token lacks a scope'
  assert_stderr 'hint: the token from GITLAB_TOKEN needs read_api, or api to change something'
  stop_servers
  refused 4 '{"message":"403 Forbidden"}' 403
  assert_stderr 'forbids that: 403 Forbidden'
}

@test "404: no such project, or not for this token, or for none" {
  gitlab gitlab/error-404
  try dl-runs -p gitlab -R g/s/p
  assert_status 5
  assert_stderr 'has no such thing in g/s/p: 404 Project Not Found'
  assert_stderr 'hint: or the token from GITLAB_TOKEN may not see it'
  unset GITLAB_TOKEN
  try dl-runs -p gitlab -R g/s/p
  assert_stderr 'hint: a private project needs a token: set GITLAB_TOKEN'
}

@test "429 with and without a time to come back" {
  refused 7 'Retry later' '429' 'Retry-After: 17' 'RateLimit-Remaining: 0'
  assert_stderr 'limits requests'
  assert_stderr 'hint: try again in 17 s'
  stop_servers
  refused 7 '{"message":{"error":"This endpoint has been requested too many times. Try again later."}}' 429
  assert_stderr 'hint: try again in a minute'
}

@test "5xx, half an answer, another answer, a login page" {
  refused 8 '{"message":"500 Internal Server Error"}' 500
  stop_servers
  refused 9 '[{"id":1' 200
  stop_servers
  refused 9 '{"id":1}' 200
  stop_servers
  refused 9 '[{"status":"success"}]' 200
  stop_servers
  gitlab "$(printf '>>> GET /api/v4/*\n<<< 200\nContent-Type: text/html\n\n<html><title>Sign in</title></html>\n' | cassette login)"
  try dl-runs -p gitlab -R g/s/p
  assert_status 4
  assert_stderr 'a login is in front of it'
}

# ---- credentials and hosts ----

@test "the token of a CI job goes into its own header, and its limits are told" {
  gitlab "$(answer 'GET /api/v4/*' '{"message":"404 Project Not Found"}' 404 'need job-token: job-secret' 'deny authorization' 'deny private-token' | cassette job)"
  unset GITLAB_TOKEN
  export CI_JOB_TOKEN=job-secret
  try dl-runs -p gitlab -R g/s/p
  assert_status 5
  assert_stderr 'hint: the token of a CI job may do little here: set GITLAB_TOKEN to an access token'
  refute grep -q job-secret <<<"${stderr:-}"
  stop_servers
  gitlab "$(answer 'GET /api/v4/*' '{"message":"403 Forbidden"}' 403 'need job-token: job-secret' | cassette forbidden)"
  unset GITLAB_TOKEN
  try dl-runs -v -p gitlab -R g/s/p
  assert_status 4
  assert_stderr 'forbids that to the token of a CI job: 403 Forbidden'
  refute grep -q job-secret <<<"${stderr:-}"
  stop_servers
  gitlab "$(one "GET $GL/pipelines?*" "$(gl_pipelines)" 200 'need authorization: Bearer a-token' 'deny job-token')"
  try dl-runs -p gitlab -R g/s/p
  assert_status 5
}

@test "what git has stored: an access token, or that of a job by its name" {
  gitlab "$(
    {
      answer "GET $GL/pipelines?*" "$(gl_pipelines 'id: 1')" 200 'need authorization: Bearer stored'
      answer "GET $GL/pipelines?*" "$(gl_pipelines 'id: 2')" 200 'need job-token: stored' 'deny authorization'
    } | cassette stored
  )"
  unset GITLAB_TOKEN
  git config --global credential.helper '!f() { echo username=$NAME; echo password=stored; }; f'
  NAME=oauth2 try dl-runs -p gitlab -R g/s/p -F id
  assert_output 1
  NAME=gitlab-ci-token try dl-runs -p gitlab -R g/s/p -F id
  assert_output 2
}

@test "the token goes to no host but the user's" {
  gitlab "$(one "GET $GL/pipelines?*" "$(gl_pipelines '')" 200 'deny authorization' 'deny job-token' 'deny private-token')"
  make_repo repo
  git -C repo remote remove origin
  mkdir repo/.devloop
  echo "{\"global\":{\"providers\":{\"ci\":{\"provider\":\"gitlab\",\"config\":{\"project\":\"g/s/p\",\"base_url\":\"$URL2/api/v4\"}}}}}" \
    >repo/.devloop/agents.json
  unset CI_API_V4_URL
  CI_JOB_TOKEN=job try dl-runs -C repo -F host
  assert_output "${URL2#http://}"
  [ "$(requests)" = 1 ]
}

@test "the token of a CI job goes only to the server that has started the job" {
  gitlab "$(one "GET $GL/pipelines?*" "$(gl_pipelines 'id: 1')" 200 'deny job-token' 'need authorization: Bearer a-token')"
  unset CI_API_V4_URL
  git config --global "devloop.host.$AT.provider" gitlab
  git config --global "devloop.host.$AT.url" "$URL/api/v4"
  try dl-runs -R "gitlab@$AT:g/s/p" -F id
  assert_output 1
  allow_unmatched
  unset GITLAB_TOKEN
  CI_JOB_TOKEN=job try dl-runs -R "gitlab@$AT:g/s/p"
  assert_status 8
  CI_JOB_TOKEN=job try dl-providers -p gitlab -R https://gitlab.com/g/p -j
  assert_json 'map(select(.detected))[0].why | endswith("; credential: none")'
  CI_JOB_TOKEN=job CI_API_V4_URL=https://gitlab.com/api/v4 try dl-providers -p gitlab -R https://gitlab.com/g/p -j
  assert_json 'map(select(.detected))[0].why | endswith("; credential: CI_JOB_TOKEN")'
}

@test "GITLAB_HOST: a host, or its URL, also with a path" {
  gitlab "$(
    {
      answer "GET $GL/pipelines?*" "$(gl_pipelines 'id: 1')" 200 'need authorization: Bearer a-token'
      answer "GET /git$GL/pipelines?*" "$(gl_pipelines 'id: 2')" 200 'need authorization: Bearer a-token'
    } | cassette hosts
  )"
  unset CI_API_V4_URL
  GITLAB_HOST=$URL/ try dl-runs -p gitlab -R g/s/p -F id,host
  assert_output "1"$'\t'"$AT"
  GITLAB_HOST=$URL/git try dl-runs -p gitlab -R g/s/p -F ref
  assert_output "gitlab@$AT/git:g/s/p/run/2"
  CI_API_V4_URL=$URL/git/api/v4 try dl-runs "gitlab@$AT/git:g/s/p/run/2" -N
  allow_unmatched # no such pipeline
  requested "GET /git$GL/pipelines/2 "
  GITLAB_HOST=git.example.com:1 try dl-runs -v -p gitlab -R g/s/p
  assert_status 8
  assert_stderr 'https://git.example.com:1/api/v4/projects/g%2Fs%2Fp/pipelines'
}

@test "of the host in a ref only its name and path count" {
  gitlab "$(one 'GET /never' '')"
  for at in "$AT" "$AT/" "ada@$AT" "$AT?x=" "$AT#x"; do
    CI_API_V4_URL=http://elsewhere.example/api/v4 try dl-runs -v "gitlab@$at:g/s/p/run/12"
    assert_status 8 # nobody speaks TLS there
    assert_stderr "GET https://$AT/api/v4/projects/g%2Fs%2Fp/pipelines/12"
  done
  [ "$(requests)" = 0 ]
}

@test "a project by its remote, its tree, the page of a pipeline" {
  make_repo repo git@gitlab.com:g/s/p.git
  try dl-providers -C repo -j
  assert_json 'map(select(.detected)) | length == 1 and .[0].name == "gitlab" and .[0].project == "g/s/p" and .[0].host == "gitlab.com"'
  git -C repo remote set-url origin git@git.example.com:g/s/p.git
  touch repo/.gitlab-ci.yml
  try dl-providers -C repo -j
  assert_json 'map(select(.detected))[0] | .name == "gitlab" and .host == "git.example.com" and (.why | startswith(".gitlab-ci.yml in the tree"))'
  try dl-providers -R https://gitlab.com/g/s/p/-/pipelines/17 -j
  assert_json 'map(select(.detected))[0] | .name == "gitlab" and .project == "g/s/p"'
}

@test "a server that nobody has named shows what it is, and is sent no token" {
  serve "$(
    {
      answer 'GET /api/v4/version' '{"message":"401 Unauthorized"}' 401 'deny authorization' 'deny job-token'
      answer 'GET /*' '' 404 'deny authorization' 'deny job-token'
    } | cassette unknown
  )"
  unset GITHUB_API_URL
  make_repo repo "$URL/g/s/p.git"
  GITLAB_TOKEN=a-token try dl-providers -C repo -j
  assert_json 'map(select(.detected))[0] | .name == "gitlab" and .project == "g/s/p"'
}
