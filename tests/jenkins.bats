# Jenkins: runs and logs of jobs in folders, at a server with a context path.
load helper

setup() {
  hermetic
  export DL_RETRIES=0
}

# jenkins CASSETTE...: serves them as the Jenkins of the user ada, below /jenkins.
jenkins() {
  serve "$@"
  export JENKINS_URL=$URL/jenkins/ JENKINS_USER=ada JENKINS_TOKEN=11f0c1d2
  AT=${URL#http://}/jenkins
}

# cassette NAME: writes standard input as a cassette below the test's folder and prints its path.
cassette() {
  { echo '# source: written for this test' && echo && cat; } >"$BATS_TEST_TMPDIR/$1.http"
  echo "$BATS_TEST_TMPDIR/$1.http"
}

# on REQUEST BODY [STATUS [HEADER...]]: one exchange of a cassette; a HEADER that begins with "need" or "deny" is a
# condition. A REQUEST that is no whole one is a path below the job b: "GET /7/api/json".
on() {
  local request=$1 body=$2 status=${3:-200} line conditions='' headers=''
  shift $(($# < 3 ? $# : 3))
  [[ $request == *" /jenkins/"* ]] || request=${request/ / /jenkins/job/b}
  [[ $request != *api/json ]] || request+='?tree=*'
  for line in "$@"; do
    case $line in
    need* | deny*) conditions+=$line$'\n' ;;
    *) headers+=$line$'\n' ;;
    esac
  done
  printf '>>> %s\n%s<<< %s\nX-Jenkins: 2.426.3\n%s\n%s\n\n' "$request" "$conditions" "$status" "$headers" "$body"
}

# text REQUEST BODY SIZE [more]: one answer with a part of a log, whose lines end with \r\n, as servers send it.
text() {
  local request=$1
  [[ $request == *" /jenkins/"* ]] || request=${request/ / /jenkins/job/b}
  printf '>>> %s\n<<< 200\nContent-Type: text/plain;charset=utf-8\nX-Text-Size: %s\n%s\n%b\n' \
    "$request" "$3" "${4:+X-More-Data: true$'\n'}" "$2"
}

SHA=d27afa0805201322d846d7defc29b82c88d9b5ce
LIBRARY=b02c51fee6f2d4aee0b2e9931aec41582bcb5bf8

# build NUMBER RESULT [SHA [TIMESTAMP]]: one that is over, ten minutes before this one's number in minutes.
build() {
  jq -nc --argjson number "$1" --arg result "$2" --arg sha "${3:-$SHA}" --argjson at "${4:-$(((1461091892 + $1 * 60) * 1000))}" '
    {_class: "org.jenkinsci.plugins.workflow.job.WorkflowRun", number: $number, building: false, result: $result, timestamp: $at, duration: 1000,
     actions: [{lastBuiltRevision: {SHA1: $sha, branch: [{name: "refs/remotes/origin/main"}]}, remoteUrls: ["https://git.example.com/a/b.git"]}]}'
}

# ---- runs ----

@test "builds are runs" {
  jenkins jenkins/runs
  try dl-runs -p jenkins -R a/b
  assert_status 0
  assert_json 'length == 8 and all(.type == "run" and .provider == "jenkins" and .project == "a/b" and .workflow == "a/b")'
  assert_json '.[1] | .id == "12" and .number == 12 and .attempt == 1 and .name == "#12" and .branch == "main"
    and .sha == "d27afa0805201322d846d7defc29b82c88d9b5ce" and .event == "manual" and .actor == null'
  assert_json '.[1] | .created_at == "2016-04-19T20:51:32Z" and .started_at == .created_at and .duration_s == 60
    and .completed_at == "2016-04-19T20:52:32Z" and .updated_at == null'
  assert_json '.[1].metadata == {title: "a » b #12", queue_id: 75} and .[1].of_fork == null'
  [ "$(field 1 host)" = "$AT" ]
  [ "$(field 1 ref)" = "jenkins@$AT:a/b/run/12" ]
  [ "$(field 1 url)" = "$URL/jenkins/job/a/job/b/12/" ]
}

@test "one request, with a tree and the user's API token" {
  jenkins jenkins/runs
  try dl-runs -p jenkins -R a/b -n 1
  assert_status 0
  [ "${#lines[@]}" = 1 ]
  [ "$(requests api/json)" = 1 ]
  requested '^GET /jenkins/job/a/job/b/api/json\?tree=builds%5B.*%7B0%2C1%7D%2C[^%]*%5B.* -> 200' 'authorization: Basic YWRhOjExZjBjMWQy'
}

@test "results become states; a result does not end a build that runs" {
  jenkins jenkins/runs
  try dl-runs -p jenkins -R a/b -F number,status,conclusion,raw_status,completed_at
  assert_line $'13\tin_progress\t\tbuilding\t'
  assert_line $'12\tcompleted\tfailure\tFAILURE\t2016-04-19T20:52:32Z'
  assert_line $'11\tcompleted\tfailure\tUNSTABLE\t2016-04-19T19:52:32Z'
  assert_line $'10\tcompleted\tsuccess\tSUCCESS\t2016-04-19T18:52:32Z'
  assert_line $'9\tcompleted\tcancelled\tABORTED\t2016-04-19T17:52:32Z'
  assert_line $'8\tcompleted\tskipped\tNOT_BUILT\t2016-04-19T16:52:32Z'
  assert_line $'7\tin_progress\t\tPURPLE\t'
  assert_line $'6\tin_progress\t\tbuilding\t'
}

@test "no result and not building is queued; without a word of building it runs" {
  jenkins "$(cassette odd <<'END'
>>> GET /jenkins/job/b/api/json?tree=*
<<< 200
X-Jenkins: 2.426.3

{"builds":[{"number":3,"building":false,"result":null,"timestamp":1461099092486},{"number":2,"result":"SUCCESS"},{"number":1,"building":null,"result":"SUCCESS"}]}
END
)"
  try dl-runs -p jenkins -R b -F number,status,conclusion,started_at,duration_s
  assert_output $'3\tqueued\t\t\t\n2\tin_progress\t\t\t\n1\tin_progress\t\t\t'
}

@test "what is wanted is picked out of the newest builds" {
  jenkins jenkins/runs
  try dl-runs -p jenkins -R a/b -s failure -F number
  assert_output $'12\n11'
  requested '%7B0%2C100%7D'
  try dl-runs -p jenkins -R a/b -c b02c51fee6f2d4aee0b2e9931aec41582bcb5bf8 -s completed -n 2 -F number
  assert_output $'11\n9'
  try dl-runs -p jenkins -R a/b -b main -s success -F number
  assert_output 10
  try dl-runs -p jenkins -R a/b -W a/b -e manual --since 2016-04-19T21:00:00Z -F number
  assert_output 13
  [ "$(requests api/json)" = 4 ]
  try dl-runs -p jenkins -R a/b -b other
  assert_status 5
}

# windows FIRST_BUILDS MORE_BUILDS: two windows of a long job; each is a count and the number of its first build.
windows() {
  jq -rn --argjson first "$1" --argjson second "$2" '
    def builds($w): [range($w[0]) | {number: ($w[1] - .), building: false, result: (if ($w[1] - .) % 50 == 0 then "FAILURE" else "SUCCESS" end),
      timestamp: (1700000000000 + ($w[1] - .) * 60000), duration: 1000}];
    "# source: written for this test\n",
    ">>> GET /jenkins/job/b/api/json?tree=builds*%7B0%2C100%7D*\n<<< 200\nX-Jenkins: 2.426.3\n\n\({builds: builds($first)})\n",
    ">>> GET /jenkins/job/b/api/json?tree=allBuilds*%7B100%2C200%7D\n<<< 200\nX-Jenkins: 2.426.3\n\n\({allBuilds: builds($second)})"' \
    >"$BATS_TEST_TMPDIR/windows.http"
  echo "$BATS_TEST_TMPDIR/windows.http"
}

@test "window after window, until there is enough, or no more" {
  jenkins "$(windows '[100, 240]' '[100, 140]')"
  try dl-runs -p jenkins -R b -n 150 -F number
  assert_status 0
  [ "${lines[0]} ${#lines[@]} ${lines[149]}" = '240 150 91' ]
  [ "$(requests)" = 2 ]
  try dl-runs -p jenkins -R b -s failure -n 2 -F number
  assert_output $'200\n150'
  [ "$(requests)" = 3 ]
}

@test "a window that is not full is the last, and a build is not put twice" {
  jenkins "$(windows '[100, 120]' '[22, 22]')"
  try dl-runs -p jenkins -R b -n 0 -F number
  assert_status 0
  [ "${lines[0]} ${#lines[@]} ${lines[119]}" = '120 120 1' ]
  [ "$(requests)" = 2 ]
  [ -z "$(uniq -d <<<"$output")" ]
}

@test "what is older than wanted is not asked for" {
  jenkins "$(windows '[100, 240]' '[100, 140]')"
  try dl-runs -p jenkins -R b --since 2023-11-15T02:00:00Z -n 0 -F number # build 227
  assert_status 0
  [ "${lines[0]} ${lines[-1]}" = '240 227' ]
  [ "$(requests)" = 1 ]
}

@test "a job without builds, and a job alone, without a folder" {
  jenkins jenkins/runs-empty "$(cassette alone <<'END'
>>> GET /jenkins/job/alone/api/json?tree=*
<<< 200
X-Jenkins: 2.426.3

{"_class":"hudson.model.FreeStyleProject","builds":[{"number":1,"building":false,"result":"SUCCESS","timestamp":1461099092486,"duration":5}]}
END
)"
  try dl-runs -p jenkins -R a/b
  assert_status 5
  assert_output ''
  try dl-runs -p jenkins -R alone -F ref
  assert_output "jenkins@$AT:alone/run/1"
  JENKINS_JOB=alone try dl-runs -p jenkins -F ref
  assert_output "jenkins@$AT:alone/run/1"
  try dl-runs -p github -R alone
  assert_status 2
}

@test "a folder has no builds of its own" {
  jenkins "$(cassette folder <<'END'
>>> GET /jenkins/job/repo/api/json?tree=*
<<< 200
X-Jenkins: 2.426.3

{"_class":"org.jenkinsci.plugins.workflow.multibranch.WorkflowMultiBranchProject"}
END
)"
  try dl-runs -p jenkins -R repo
  assert_status 5
  assert_stderr "'repo' has no builds of its own"
  assert_stderr 'hint: name a job in it: repo/JOB; a branch is a job, with %2F'
}

@test "a branch with a slash is a job whose name is escaped, and escaped again in the path" {
  jenkins jenkins/runs-multibranch
  try dl-runs -p jenkins -R repo/feature%2Fx
  assert_status 0
  assert_json '.[0] | .project == "repo/feature%2Fx" and .branch == "feature/x" and .id == "3"'
  [ "$(field 0 ref)" = "jenkins@$AT:repo/feature%252Fx/run/3" ]
  requested '^GET /jenkins/job/repo/job/feature%252Fx/api/json'
  try dl-runs "$(field 0 ref)"
  assert_status 0
  assert_json '.[0] | .project == "repo/feature%2Fx" and .id == "3"'
  requested '^GET /jenkins/job/repo/job/feature%252Fx/3/api/json'
}

@test "the committed configuration names the job, a Jenkinsfile names the provider" {
  jenkins jenkins/runs
  make_repo repo
  touch repo/Jenkinsfile
  mkdir repo/.devloop
  echo '{"global":{"providers":{"ci":{"provider":"jenkins","config":{"job":"a/b"}}}}}' >repo/.devloop/agents.json
  try dl-runs -C repo -n 1 -F ref
  assert_output "jenkins@$AT:a/b/run/13"
  rm -r repo/.devloop
  JENKINS_JOB=a/b try dl-runs -C repo -n 1 -F ref
  assert_output "jenkins@$AT:a/b/run/13"
  unset JENKINS_URL
  JENKINS_JOB=a/b try dl-runs -C repo -n 1
  assert_status 11
  assert_stderr 'hint: set JENKINS_URL'
}

@test "causes, branches and commits in their several spellings" {
  jenkins "$(cassette spellings <<'END'
>>> GET /jenkins/job/b/api/json?tree=*
<<< 200
X-Jenkins: 2.426.3

{"builds":[
{"number":9,"building":false,"result":"SUCCESS","actions":[null,{},{"causes":[{"shortDescription":"Démarré par le planificateur","_class":"hudson.triggers.TimerTrigger$TimerTriggerCause"}]},{"lastBuiltRevision":{"SHA1":"D27AFA","branch":[{"name":"detached"}]}}]},
{"number":8,"building":false,"result":"SUCCESS","actions":[{"causes":[]},{"lastBuiltRevision":null},{"lastBuiltRevision":{"SHA1":"d27afa0805201322d846d7defc29b82c88d9b5ce","branch":[{"name":"origin/a/b"}]}},{"lastBuiltRevision":{"SHA1":"b02c51fee6f2d4aee0b2e9931aec41582bcb5bf8","branch":[{"name":"library"}]}}]},
{"number":7,"building":false,"result":"SUCCESS","actions":[{"causes":[{"shortDescription":"Started by upstream project \"x\""},{"shortDescription":"Started by user Ada","userId":"ada"}]},{"lastBuiltRevision":{"branch":[{"name":"refs/remotes/upstream/x/y"}]}}]},
{"number":6,"building":false,"result":"SUCCESS","actions":[{"causes":[{"shortDescription":"Branch indexing"}]},{"lastBuiltRevision":{"branch":[{"name":"PR-12"}]}}]},
{"number":5,"building":false,"result":"SUCCESS","actions":[{"causes":[{"shortDescription":"Started by an SCM change"}]}]}
]}
END
)"
  try dl-runs -p jenkins -R b -F number,event,actor,branch,sha
  assert_output $'9\tschedule\t\t\t
8\t\t\ta/b\td27afa0805201322d846d7defc29b82c88d9b5ce
7\tmanual\tada\tx/y\t
6\tBranch indexing\t\tPR-12\t
5\tpush\t\t\t'
}

@test "numbers that cannot be meant" {
  jenkins "$(cassette numbers <<'END'
>>> GET /jenkins/job/far/api/json?tree=*
<<< 200
X-Jenkins: 2.426.3

{"builds":[{"number":2,"building":false,"result":"SUCCESS","timestamp":9223372036854775807,"duration":9223372036854775807},
{"number":1,"building":false,"result":"SUCCESS","timestamp":1461099092486,"duration":-5000}]}
>>> GET /jenkins/job/none/api/json?tree=*
<<< 200
X-Jenkins: 2.426.3

{"builds":[{"building":false,"result":"SUCCESS"}]}
>>> GET /jenkins/job/word/api/json?tree=*
<<< 200
X-Jenkins: 2.426.3

{"builds":{"number":1}}
END
)"
  try dl-runs -p jenkins -R far
  assert_status 0
  assert_json '.[0] | .created_at == null and .completed_at == null'
  assert_json '.[1] | .created_at == "2016-04-19T20:51:32Z" and .completed_at == null and .duration_s == null'
  try dl-runs -p jenkins -R none
  assert_status 9
  assert_stderr 'a build without a number'
  try dl-runs -p jenkins -R word
  assert_status 9
}

@test "tests that failed are what the user takes them for" {
  jenkins jenkins/runs
  try dl-runs "jenkins@$AT:a/b/run/11" -F conclusion,raw_status
  assert_output $'failure\tUNSTABLE'
  for word in failure neutral success; do
    DL_UNSTABLE=$word try dl-runs "jenkins@$AT:a/b/run/11" -F conclusion,raw_status
    assert_output "$word"$'\tUNSTABLE'
    DL_UNSTABLE=$word try dl-runs "jenkins@$AT:a/b/run/12" -F conclusion
    assert_output failure
  done
  DL_UNSTABLE=green try dl-runs "jenkins@$AT:a/b/run/11"
  assert_status 11
  assert_stderr "DL_UNSTABLE: 'green' is none of failure, neutral, success"
}

@test "a build that waits for input waits for a human: told with it, or by a plugin that is asked" {
  local class=org.jenkinsci.plugins.workflow.job.WorkflowRun
  jenkins "$({
    on 'GET /api/json' "{\"builds\":[
      {\"_class\":\"$class\",\"number\":5,\"building\":true,\"actions\":[{\"waitingForInput\":true}]},
      {\"_class\":\"$class\",\"number\":4,\"building\":true,\"actions\":[{\"waitingForInput\":false}]},
      {\"_class\":\"$class\",\"number\":3,\"building\":true},
      {\"_class\":\"$class\",\"number\":2,\"building\":true},
      {\"_class\":\"$class\",\"number\":1,\"building\":true},
      {\"_class\":\"hudson.model.FreeStyleBuild\",\"number\":0$RANDOM,\"building\":true}]}" | sed 's/"number":0[0-9]*/"number":6/'
    on 'GET /3/wfapi/pendingInputActions' '[{"id":"Ef95dd","message":"Is the build okay?"}]'
    on 'GET /2/wfapi/pendingInputActions' '[]'
    on 'GET /1/wfapi/pendingInputActions' '' 404
  } | cassette input)"
  try dl-runs -p jenkins -R b -F number,status,needs_action
  assert_output $'5\tin_progress\ttrue\n4\tin_progress\tfalse\n3\tin_progress\ttrue\n2\tin_progress\tfalse\n1\tin_progress\tfalse'
  [ "$(requests pendingInput)" = 3 ]
  try dl-runs -p jenkins -R b -s action_required -F number
  assert_output $'5\n3'
}

@test "of several checkouts the job's own counts, not a library's" {
  local library="{\"lastBuiltRevision\":{\"SHA1\":\"$LIBRARY\"},\"remoteUrls\":[\"https://git.example.com/ci/library.git\"]}"
  local own="{\"lastBuiltRevision\":{\"SHA1\":\"$SHA\"},\"remoteUrls\":[\"git@git.example.com:Team/App.git\"]}"
  builds() { echo "{\"builds\":[{\"number\":1,\"building\":false,\"result\":\"SUCCESS\",\"timestamp\":1461091892486,\"actions\":[{},$library,$own]}]}"; }
  jenkins "$({
    on 'GET /api/json' "$(builds)"
    on 'GET /jenkins/job/team/job/app/job/main/api/json' "$(builds)"
    on 'GET /jenkins/job/library/api/json' "$(builds)"
  } | cassette several)"
  try dl-runs -p jenkins -R b -F sha # nobody knows whose job it is
  assert_output "$LIBRARY"
  try dl-runs -p jenkins -R team/app/main -F sha
  assert_output "$SHA"
  try dl-runs -p jenkins -R library -F sha
  assert_output "$LIBRARY"
  make_repo repo https://git.example.com/team/app
  mkdir repo/.devloop
  echo '{"global":{"providers":{"ci":{"provider":"jenkins","config":{"job":"b"}}}}}' >repo/.devloop/agents.json
  try dl-runs -C repo -F sha
  assert_output "$SHA"
}

@test "what is in the queue is a run that has no number yet" {
  jenkins "$({
    on 'GET /api/json' '{"builds":[],"queueItem":{"id":143,"why":"Build #9 is already in progress (ETA:15 sec)","inQueueSince":1524074568030,
      "actions":[{"causes":[{"shortDescription":"Started by user martin","userId":"martin"}]}]}}'
  } | cassette queue)"
  try dl-runs -p jenkins -R b
  assert_status 0
  assert_json 'length == 1 and (.[0] | .id == "q143" and .number == null and .status == "queued" and .conclusion == null and .raw_status == "queued"
    and .created_at == "2018-04-18T18:02:48Z" and .event == "manual" and .actor == "martin" and .metadata.why == "Build #9 is already in progress (ETA:15 sec)")'
  [ "$(field 0 ref)" = "jenkins@$AT:b/run/q143" ]
}

# ---- a commit ----

# commit_repo DATE: a repository whose job is b; sets SHA to its commit, of that date.
commit_repo() {
  GIT_AUTHOR_DATE=$1 GIT_COMMITTER_DATE=$1 make_repo repo https://git.example.com/a/b.git
  mkdir repo/.devloop
  echo '{"global":{"providers":{"ci":{"provider":"jenkins","config":{"job":"b"}}}}}' >repo/.devloop/agents.json
  SHA=$(git -C repo rev-parse HEAD)
  track repo main "$SHA"
}

@test "the verdict on a commit: of the builds of it the newest counts, whatever started it" {
  commit_repo 2016-04-19T18:00:00Z
  jenkins "$(on 'GET /api/json' "{\"builds\":[$(build 4 FAILURE "$LIBRARY"),$(build 3 SUCCESS),$(build 2 FAILURE),$(build 1 FAILURE)]}" | cassette commit)"
  try dl-status -C repo
  assert_status 0
  assert_json '.[0] | .verdict == "success" and .total == 1 and .name == "b"'
  [ "$(field 0 ref)" = "jenkins@$AT:b/run/3" ]
  try dl-status -C repo -c "$LIBRARY" -F verdict # of a commit that is not here, in the newest builds
  assert_output failure
}

@test "builds that are older than the commit, by more than a day, are not read" {
  commit_repo 2023-11-16T02:00:00Z
  # Build 227 began a day before.
  jenkins "$(windows '[100, 240]' '[50, 140]')" "$(on 'GET /jenkins/job/b/api/json?tree=buildable' '{"buildable":true}' | cassette buildable)"
  try dl-status -C repo
  assert_status 3
  [ "$(requests allBuilds)" = 0 ]
  try dl-runs -C repo -c HEAD
  assert_status 5
  [ "$(requests allBuilds)" = 0 ]
  try dl-runs -C repo -c "$LIBRARY"
  [ "$(requests allBuilds)" = 1 ]
}

@test "a commit that is not here is looked for in the builds of a month" {
  local job
  job=$(on 'GET /jenkins/job/b/api/json?tree=buildable' '{"buildable":true}' | cassette buildable)
  jenkins "$(windows '[100, 240]' '[50, 140]')" "$job"
  try dl-status -p jenkins -R b -c "$LIBRARY"
  assert_status 3
  [ "$(requests allBuilds)" = 0 ]
  stop_servers
  windows '[100, 240]' '[50, 140]'
  sed -i 's/"timestamp":[0-9]*/"timestamp":{{now-86400}}000/g' windows.http
  jenkins "$BATS_TEST_TMPDIR/windows.http" "$job"
  try dl-status -p jenkins -R b -c "$LIBRARY"
  assert_status 3
  [ "$(requests allBuilds)" = 1 ]
}

@test "no CI for a commit: the job is gone, or disabled" {
  commit_repo 2016-04-19T18:00:00Z
  jenkins "$({
    on 'GET /jenkins/job/b/api/json?tree=builds*' '{"builds":[]}'
    on 'GET /jenkins/job/b/api/json?tree=buildable' '{"buildable":true}'
    on 'GET /jenkins/job/b/api/json?tree=buildable' '{"buildable":false}'
    on 'GET /jenkins/job/b/api/json?tree=buildable' '' 404
  } | cassette none)"
  try dl-status -C repo -F verdict
  assert_output unregistered
  try dl-status -C repo -F verdict
  assert_output none
  try dl-status -C repo -F verdict
  assert_output none
  touch repo/Jenkinsfile
  git -C repo add Jenkinsfile
  git -C repo commit -q -m Jenkinsfile
  track repo main "$(git -C repo rev-parse HEAD)"
  try dl-status -C repo -F verdict
  assert_output unregistered
  [ "$(requests 'tree=buildable')" = 3 ]
}

# ---- branches ----

# branches: a project with the branches main and feature/x, a change, and one that was never built.
branches() {
  local class=org.jenkinsci.plugins.workflow.multibranch.WorkflowMultiBranchProject
  on 'GET /jenkins/job/repo/api/json' "{\"_class\":\"$class\",\"jobs\":[{\"name\":\"PR-7\",\"lastBuild\":{\"timestamp\":1461092000000}},
    {\"name\":\"main\",\"lastBuild\":{\"timestamp\":1461092132000}},{\"name\":\"feature%2Fx\",\"lastBuild\":{\"timestamp\":1461092072000}},{\"name\":\"new\"}]}"
  on 'GET /jenkins/job/repo/job/main/api/json' "{\"_class\":\"x.WorkflowJob\",\"builds\":[$(build 4 SUCCESS "$LIBRARY"),$(build 2 FAILURE)]}"
  on 'GET /jenkins/job/repo/job/feature%252Fx/api/json' "{\"builds\":[$(build 3 SUCCESS | jq -c 'del(.actions)')]}"
  on 'GET /jenkins/job/repo/job/PR-7/api/json' '' 404
}

@test "a project with branches stands for all of them" {
  jenkins "$(branches | cassette branches)"
  try dl-runs -p jenkins -R repo -F project,number,branch,workflow
  assert_status 0
  assert_output $'repo/main\t4\tmain\trepo/main\nrepo/feature%2Fx\t3\tfeature/x\trepo/feature%2Fx\nrepo/main\t2\tmain\trepo/main'
  [ "$(requests)" = 4 ]
  try dl-runs -p jenkins -R repo -n 1 -F ref
  assert_output "jenkins@$AT:repo/main/run/4"
  [ "$(requests)" = 6 ]
  try dl-runs -p jenkins -R repo -b feature/x -F ref
  assert_output "jenkins@$AT:repo/feature%252Fx/run/3"
  [ "$(requests)" = 8 ]
  try dl-runs -p jenkins -R repo -b new
  assert_status 5
  try dl-runs -p jenkins -R repo -s failure -F number
  assert_output 2
}

@test "the verdict on a commit, in a project with branches" {
  jenkins "$(branches | sed "s/\"timestamp\":14610/\"timestamp\":{{now-100}}/g; s/{{now-100}}[0-9]*/{{now-100}}000/g" | cassette branches)"
  try dl-status -p jenkins -R repo -c "$SHA"
  assert_status 1
  [ "$(field 0 ref)" = "jenkins@$AT:repo/main/run/2" ]
}

@test "branches in branches are none" {
  local loop='{"_class":"x.MultiBranchProject","jobs":[{"name":"c","lastBuild":{"timestamp":1461092000000}}]}'
  jenkins "$({
    on 'GET /api/json' "$loop"
    on 'GET /job/c/api/json' "$loop"
  } | cassette loop)"
  try dl-runs -p jenkins -R b
  assert_status 5
  assert_stderr "'b/c' has no builds of its own"
}

@test "a web page of the server names the job" {
  serve "$({
    on 'GET /job/a/job/b/api/json?tree=*' "{\"builds\":[$(build 1 SUCCESS)]}"
    on 'GET /job/repo/job/feature%252Fx/api/json?tree=*' "{\"builds\":[$(build 1 SUCCESS)]}"
  } | sed 's|/jenkins/job/b/|/|' | cassette root)"
  export JENKINS_URL=$URL JENKINS_TOKEN=11f0c1d2
  unset GITHUB_API_URL
  for page in job/a/job/b job/a/job/b/ view/all/job/a/view/x/job/b/12/console job/a/job/b/configure; do
    try dl-runs -R "$URL/$page" -F project,host
    assert_output "a/b"$'\t'"${URL#http://}"
  done
  try dl-runs -R "$URL/job/repo/job/feature%252Fx/" -F project
  assert_output repo/feature%2Fx
}

# ---- one run ----

@test "one run, by its ref; nothing but a number is one" {
  jenkins jenkins/runs
  try dl-runs "jenkins@$AT:a/b/run/12"
  assert_status 0
  assert_json '.[0] | .id == "12" and .conclusion == "failure"'
  [ "$(requests '^GET /jenkins/job/a/job/b/12/api/json\?tree=number')" = 1 ]
  for id in lastBuild 0 -1 12x 12%2F..; do
    try dl-runs "jenkins@$AT:a/b/run/$id"
    assert_status 2
    assert_stderr 'is not the number of a build'
    try dl-logs "jenkins@$AT:a/b/run/$id"
    assert_status 2
  done
  [ "$(requests)" = 1 ]
  try dl-runs "jenkins@$AT:a/b/run/99"
  assert_status 5
}

@test "a name cannot lead out of the job's place" {
  jenkins jenkins/runs
  for job in .. a/../b a/./b; do
    try dl-runs -p jenkins -R "$job"
    assert_status 2
  done
  [ ! -s "$REQUESTS" ]
}

# ---- logs ----

@test "the log of a run" {
  jenkins jenkins/log
  try dl-logs "jenkins@$AT:a/b/run/10"
  assert_status 0
  [ "${#lines[@]}" = 20 ]
  [ "${lines[0]}" = 'Started by user anonymous' ]
  [ "${lines[19]}" = 'Finished: SUCCESS' ]
  [ "$(requests)" = 1 ]
  requested 'progressiveText\?start=0 ' 'accept: text/plain' 'authorization: Basic'
}

@test "runs in, logs out" {
  jenkins jenkins/log
  dl-runs -p jenkins -R a/b -n 1 >runs
  try dl-logs <runs
  assert_status 0
  assert_line 'Finished: SUCCESS'
  try dl-logs -j --tail 1 <runs
  assert_json 'length == 1 and .[0].text == "Finished: SUCCESS" and .[0].number == 20 and .[0].time == null'
}

@test "a log that grows is followed by the server's own offsets" {
  jenkins jenkins/log-running
  try dl-logs -f "jenkins@$AT:a/b/run/13"
  assert_status 0
  [ "${#lines[@]}" = 20 ]
  [ "$(sort <<<"$output" | uniq | wc -l)" -gt 10 ]
  [ "${lines[19]}" = 'Finished: SUCCESS' ]
  [ "$(requests progressiveText)" = 6 ]
  [ "$(requests 'start=444 ')" = 1 ]
  [ "$(requests 'start=445 ')" = 2 ]
  requested 'start=1162 '
}

@test "without following, what there is of a log" {
  jenkins jenkins/log-running
  try dl-logs "jenkins@$AT:a/b/run/13"
  assert_status 3
  [ "${lines[0]}" = 'Started by user anonymous' ]
  assert_stderr 'is not over yet'
  [ "$(requests)" = 2 ]
}

@test "the server gives a part of a long log at a time: all of it is read at once" {
  jenkins "$(cassette long <<'END'
>>> GET /jenkins/job/b/1/logText/progressiveText?start=0
<<< 200 size=20000
Content-Type: text/plain;charset=utf-8
X-Text-Size: 20000
X-More-Data: true

one

>>> GET /jenkins/job/b/1/logText/progressiveText?start=20000
<<< 200
Content-Type: text/plain;charset=utf-8
X-Text-Size: 20004
X-More-Data: true

two

END
)"
  try dl-logs "jenkins@$AT:b/run/1"
  assert_status 3
  assert_line two
  [ "$(requests)" = 2 ]
}

@test "a log that became shorter begins again" {
  jenkins "$(cassette shorter <<'END'
>>> GET /jenkins/job/b/1/logText/progressiveText?start=0
<<< 200
Content-Type: text/plain;charset=utf-8
X-Text-Size: 7
X-More-Data: true

before

>>> GET /jenkins/job/b/1/logText/progressiveText?start=7
<<< 416

>>> GET /jenkins/job/b/1/logText/progressiveText?start=0
<<< 200
Content-Type: text/plain;charset=utf-8
X-Text-Size: 6

after

>>> GET /jenkins/job/b/2/logText/progressiveText?start=0
<<< 416
END
)"
  try dl-logs -f "jenkins@$AT:b/run/1"
  assert_status 0
  assert_output $'before\nafter'
  try dl-logs "jenkins@$AT:b/run/2"
  assert_status 6
}

@test "a log that is promised for a build that is over is gone" {
  jenkins "$(cassette gone <<'END'
>>> GET /jenkins/job/b/*/logText/progressiveText?start=0
<<< 200
Content-Type: text/plain;charset=utf-8
X-Text-Size: 0
X-More-Data: true

>>> GET /jenkins/job/b/1/api/json?tree=*
<<< 200
X-Jenkins: 2.426.3

{"number":1,"building":false,"result":"SUCCESS"}

>>> GET /jenkins/job/b/2/api/json?tree=*
<<< 200
X-Jenkins: 2.426.3

{"number":2,"building":true,"result":null}
END
)"
  try dl-logs "jenkins@$AT:b/run/1"
  assert_status 5
  assert_stderr 'has no log of build 1 any more'
  try dl-logs "jenkins@$AT:b/run/2"
  assert_status 3
  assert_output ''
}

@test "without the server's offset nobody knows where the log goes on" {
  jenkins "$(cassette sizeless <<'END'
>>> GET /jenkins/job/b/1/logText/progressiveText?start=0
<<< 200
Content-Type: text/plain;charset=utf-8

text
END
)"
  try dl-logs "jenkins@$AT:b/run/1"
  assert_status 9
  assert_stderr 'X-Text-Size'
}

@test "notes that make links are no text, wherever an answer is cut" {
  local note=$'\e[8mha:////4JkQ+AAAAlx+LCAAAAAAAAP9b85aBtbiIQTGjNKU4P08vOT+vOD8nVc8=\e[0m'
  jenkins "$({
    text 'GET /1/logText/progressiveText?start=0' "Started by user ${note}Ada\r\n${note}[Pipeline] stage\r\n\e[8mh \e\e[8mx\e[0m ${note}\r\nend\e[8mha" 500
  } | sed 's/progressiveText?start=0/&/' | cassette notes)"
  for raw in '' --raw; do
    try dl-logs $raw "jenkins@$AT:b/run/1"
    assert_status 0
    refute grep -q 'ha:////' <<<"$output"
    [ "$(tr -d '\r' <<<"${lines[0]}")" = 'Started by user Ada' ]
    [ "$(tr -d '\r' <<<"${lines[1]}")" = '[Pipeline] stage' ]
  done
  [ "${lines[2]}" = $'\e[8mh \e\e[8mx\e[0m \r' ]
  [ "${lines[3]}" = $'end\e[8mha' ]
}

@test "newer servers say how long the log is, not how much of it they sent" {
  jenkins "$({
    # Two lines, 8 bytes as they are kept, and 6 of a third.
    text 'GET /1/logText/progressiveText?start=0' 'one\r\ntwo\r\n' 14 more
    text 'GET /1/logText/progressiveText?start=13' '' 14 more
    text 'GET /1/logText/progressiveText?start=8' '' 14 more
    text 'GET /1/logText/progressiveText?start=8' 'three, and more\r\n' 24
    # Lines that are kept with two bytes at their ends: the size ends one.
    text 'GET /2/logText/progressiveText?start=0' 'one\r\ntwo\r\n' 10 more
    text 'GET /2/logText/progressiveText?start=9' '\r\n' 10 more
    text 'GET /2/logText/progressiveText?start=10' 'three\r\n' 17
  } | cassette newer)"
  try dl-logs -f "jenkins@$AT:b/run/1"
  assert_status 0
  assert_output $'one\ntwo\nthree, and more'
  [ "$(requests 'start=8 ')" = 2 ]
  try dl-logs -f "jenkins@$AT:b/run/2"
  assert_status 0
  assert_output $'one\ntwo\nthree'
}

@test "newer servers send so many lines and no more, of a log that goes on" {
  jenkins "$({
    # 10000 lines of 6 bytes, 5 of which are kept.
    text 'GET /1/logText/progressiveText?start=0' 'x 23\r\n' 90000 more | sed 's/<<< 200/& size=60000/'
    text 'GET /1/logText/progressiveText?start=49999' '\r\n' 90000 more
    text 'GET /1/logText/progressiveText?start=50000' 'last\r\n' 50005
  } | cassette capped)"
  try dl-logs "jenkins@$AT:b/run/1"
  assert_status 0
  [ "${#lines[@]}" = 10001 ]
  [ "${lines[10000]}" = last ]
}

# ---- stages ----

@test "the stages of a pipeline are its jobs" {
  jenkins jenkins/stages
  try dl-jobs "jenkins@$AT:a/b/run/16"
  assert_status 0
  assert_json 'length == 3 and all(.type == "job" and .run_id == "16" and .project == "a/b")'
  assert_json 'map(.id) == ["16.5", "16.8", "16.10"] and map(.name) == ["Build", "Test", "Deploy"]'
  assert_json 'map(.conclusion) == ["success", "failure", null] and map(.status) == ["completed", "completed", "in_progress"]'
  assert_json 'map(.raw_status) == ["SUCCESS", "FAILED", "PAUSED_PENDING_INPUT"] and map(.needs_action) == [false, false, true]'
  assert_json '.[0] | .started_at == "2014-10-16T12:07:55Z" and .duration_s == 5 and .completed_at == "2014-10-16T12:08:00Z" and .runner == null'
  assert_json '.[1].metadata.error == "script returned exit code 1" and .[1].runner == "agent-7"'
  assert_json '.[2] | .duration_s == null and .completed_at == null'
  [ "$(field 0 ref)" = "jenkins@$AT:a/b/job/16.5" ]
  [ "$(field 0 url)" = "$URL/jenkins/job/a/job/b/16/execution/node/5/" ]
  [ "$(requests)" = 1 ]
  try dl-jobs "jenkins@$AT:a/b/job/16.8"
  assert_json 'length == 1 and .[0].name == "Test"'
  try dl-jobs "jenkins@$AT:a/b/job/16.9"
  assert_status 5
  for id in 16. 16.x .5 x.5 16.5.5 16.-1 0.5; do
    try dl-jobs "jenkins@$AT:a/b/job/$id"
    assert_status 2
  done
  try dl-jobs --attempt 2 "jenkins@$AT:a/b/run/16"
  assert_status 5
}

@test "the steps of a stage are numbered, where they are told with it" {
  jenkins "$({
    on 'GET /1/wfapi/describe' "$(jq -nc '{status: "FAILED", stages: [{id: "5", name: "Build", status: "FAILED", stageFlowNodes: [
      {id: "6", name: "Check out", status: "SUCCESS", durationMillis: 2999}, {id: "7", name: "Shell Script", status: "FAILED"}]}]}')"
  } | cassette steps)"
  try dl-jobs "jenkins@$AT:b/run/1"
  assert_status 0
  assert_json '.[0].steps == [{number: 1, name: "Check out", status: "completed", conclusion: "success", duration_s: 2},
    {number: 2, name: "Shell Script", status: "completed", conclusion: "failure", duration_s: null}]'
}

@test "the log of a stage: its steps, and the errors they ended with" {
  jenkins jenkins/stages
  try dl-logs "jenkins@$AT:a/b/job/16.8"
  assert_status 0
  assert_output $'+ make test\nmake: *** [test] Error 1\nERROR: script returned exit code 1'
  try dl-logs --failed "jenkins@$AT:a/b/run/16"
  assert_status 0
  [ "${lines[0]}" = '+ make test' ]
  try dl-logs --job Build "jenkins@$AT:a/b/run/16"
  assert_output $'Cloning\n+ make'
  try dl-logs --job Build "jenkins@$AT:a/b/run/16" -j
  assert_json 'length == 2 and all(.job == "Build") and (.[0].ref | endswith(":a/b/job/16.5"))'
  try dl-logs "jenkins@$AT:a/b/run/16"
  assert_output $'Started by user Ada\nall of it'
}

@test "the log of a stage that goes on, step after step" {
  jenkins "$({
    local describe='GET /16/execution/node/5/wfapi/describe' log=/jenkins/job/b/16/execution/node
    on "$describe" '{"id":"5","status":"IN_PROGRESS","stageFlowNodes":[{"id":"6","status":"SUCCESS"},{"id":"7","status":"IN_PROGRESS"}]}'
    on "$describe" '{"id":"5","status":"SUCCESS","stageFlowNodes":[{"id":"6","status":"SUCCESS"},{"id":"7","status":"SUCCESS"},{"id":"8","status":"SUCCESS"}]}'
    on 'GET /16/wfapi/describe' '{"status":"IN_PROGRESS","stages":[{"id":"5","name":"Build","status":"IN_PROGRESS"}]}'
    text "GET $log/6/log/logText/progressiveText?start=0" 'one\r\n' 4
    text "GET $log/7/log/logText/progressiveText?start=0" 'two\r\n' 4 more
    text "GET $log/7/log/logText/progressiveText?start=4" 'three\r\n' 10
    on "GET $log/8/log/logText/progressiveText?start=0" '' 404
  } | cassette growing)"
  try dl-logs -f "jenkins@$AT:b/job/16.5"
  assert_status 0
  assert_output $'one\ntwo\nthree'
  [ "$(requests node/6/log)" = 1 ]
}

@test "a build is its only job: without the plugin, and without stages" {
  jenkins "$({
    on 'GET /1/wfapi/describe' '' 404
    on 'GET /1/api/json' "$(build 1 FAILURE)"
    on 'GET /2/wfapi/describe' '{"status":"SUCCESS","stages":[]}'
    on 'GET /2/api/json' "$(build 2 SUCCESS)"
    text 'GET /1/logText/progressiveText?start=0' 'all of it\r\n' 10
    on 'GET /9/wfapi/describe' '' 404
    on 'GET /9/api/json' '' 404
  } | cassette bare)"
  try dl-jobs "jenkins@$AT:b/run/1"
  assert_status 0
  assert_json 'length == 1 and (.[0] | .id == "1" and .run_id == "1" and .name == "b" and .conclusion == "failure" and .steps == [])'
  try dl-jobs "jenkins@$AT:b/run/2" -F id,conclusion
  assert_output $'2\tsuccess'
  try dl-logs --failed "jenkins@$AT:b/run/1"
  assert_output 'all of it'
  try dl-logs "jenkins@$AT:b/job/1"
  assert_output 'all of it'
  try dl-jobs "jenkins@$AT:b/run/9"
  assert_status 5
  assert_stderr 'no such job or build'
}

@test "an error outside of all stages is the build's" {
  jenkins "$({
    on 'GET /1/wfapi/describe' '{"status":"FAILED","stages":[{"id":"5","name":"Build","status":"SUCCESS"},{"id":"6","name":"Ship","status":"NOT_EXECUTED"}]}'
    on 'GET /1/api/json' "$(build 1 FAILURE)"
    text 'GET /1/logText/progressiveText?start=0' 'hudson.AbortException\r\n' 22
    on 'GET /2/wfapi/describe' '{"status":"UNSTABLE","stages":[{"id":"5","name":"Test","status":"UNSTABLE"}]}'
  } | cassette outside)"
  try dl-jobs "jenkins@$AT:b/run/1" -F id,conclusion
  assert_output $'1.5\tsuccess\n1.6\tskipped\n1\tfailure'
  try dl-logs --failed "jenkins@$AT:b/run/1"
  assert_output hudson.AbortException
  try dl-jobs "jenkins@$AT:b/run/2" -F id,conclusion
  assert_output $'2.5\tfailure'
  DL_UNSTABLE=success try dl-jobs "jenkins@$AT:b/run/2" -F id,conclusion
  assert_output $'2.5\tsuccess'
}

@test "of a stage with more steps than are told, the log is not whole, and that is told" {
  jenkins "$({
    on 'GET /1/execution/node/5/wfapi/describe' "$(jq -nc '{id: "5", status: "SUCCESS", stageFlowNodes: [range(100) | {id: "\(. + 6)", status: "SUCCESS"}]}')"
    text 'GET /jenkins/job/b/1/execution/node/*/log/logText/progressiveText?start=0' 'x\r\n' 2
  } | cassette many)"
  try dl-logs "jenkins@$AT:b/job/1.5"
  assert_status 10
  [ "${#lines[@]}" = 100 ]
  assert_stderr 'no more than the first 100 steps'
  assert_stderr "hint: dl-logs jenkins@$AT:b/run/1 has all of the build"
}

# ---- workflows ----

@test "jobs are workflows, in folders and organisations" {
  local leaf='"url":"https://ci.example.com/","buildable"'
  jenkins "$({
    on 'GET /jenkins/job/team/api/json' "{\"_class\":\"x.Folder\",\"jobs\":[
      {\"name\":\"nightly\",\"fullName\":\"team/nightly\",\"displayName\":\"Every night\",$leaf:true},
      {\"name\":\"old\",\"fullName\":\"team/old\",$leaf:false},
      {\"name\":\"app\",\"fullName\":\"team/app\",\"jobs\":[{\"name\":\"feature%2Fx\",\"fullName\":\"team/app/feature%2Fx\",\"displayName\":\"feature/x\",$leaf:true}]},
      {\"name\":\"empty\",\"jobs\":[]}]}"
    on 'GET /api/json' "{\"name\":\"b\",\"fullName\":\"b\",$leaf:true}"
  } | cassette folder)"
  try dl-workflows -p jenkins -R team
  assert_status 0
  assert_json 'map(.id) == ["team/nightly", "team/old", "team/app/feature%2Fx"] and map(.name) == ["Every night", "old", "feature/x"]
    and map(.state) == ["active", "disabled", "active"] and all(.project == "team" and .path == null)'
  [ "$(field 2 ref)" = "jenkins@$AT:team/workflow/team%2Fapp%2Ffeature%252Fx" ]
  try dl-workflows -p jenkins -R b -F id
  assert_output b
}

PARAMETERS='"property":[{},{"parameterDefinitions":[
  {"name":"bear","type":"BooleanParameterDefinition","description":"some bear","defaultParameterValue":{"value":true}},
  {"name":"fish","type":"StringParameterDefinition","description":"","defaultParameterValue":{"value":"salmon"}},
  {"name":"env","type":"ChoiceParameterDefinition","choices":["dev","prod"],"defaultParameterValue":{"value":"dev"}},
  {"name":"odd","type":"ChoiceParameterDefinition","choices":["a,b","c"]},
  {"name":"key","type":"PasswordParameterDefinition","defaultParameterValue":{}}]}]'

@test "the inputs of a job" {
  jenkins "$(on 'GET /api/json' "{\"name\":\"b\",\"fullName\":\"b\",\"buildable\":true,$PARAMETERS}" | cassette inputs)"
  try dl-workflows -i -p jenkins -R b
  assert_status 0
  assert_json '.[0].inputs | map(.name) == ["bear", "fish", "env", "odd", "key"] and map(.kind) == ["boolean", "string", "choice", "choice", "password"]
    and map(.value) == ["true", "salmon", "dev", null, null] and map(.choices) == ["true,false", null, "dev,prod", null, null]
    and all(.required == false) and .[0].text == "some bear"'
  try dl-trigger -N -p jenkins -R b b -f cow=1 -f env=test
  assert_status 2
  assert_stderr "it takes no input 'cow'; input 'env' cannot be 'test'"
}

# ---- starting ----

ITEM='GET /jenkins/queue/item/143/api/json'

@test "a build is asked for, waits in the queue, and begins" {
  jenkins "$({
    on 'GET /api/json' '{"name":"b","buildable":true}'
    on 'POST /build?delay=0sec' '' 201 'Location: http://localhost:8080/queue/item/143/'
    on "$ITEM" '{"_class":"hudson.model.Queue$BlockedItem","id":143,"why":"Build #9 is already in progress","cancelled":false}'
    on "$ITEM" '{"_class":"hudson.model.Queue$LeftItem","id":143,"why":null,"cancelled":false,"executable":{"number":14,"url":"http://localhost:8080/job/b/14/"}}'
    on 'GET /14/api/json' "$(build 14 SUCCESS | jq -c '.building = true')"
    on 'GET /14/wfapi/pendingInputActions' '[]'
  } | cassette start)"
  try dl-trigger -p jenkins -R b b
  assert_status 0
  assert_json 'length == 1 and .[0].id == "14" and .[0].status == "in_progress"'
  [ "$(requests ^POST)" = 1 ]
  [ "$(requests queue/item)" = 2 ]
  requested ^POST 'authorization: Basic YWRhOjExZjBjMWQy'
  # The log of events has the URL without the values in it, which may be secret.
  jq -es '.[-1].changed | length == 1 and (.[0].name | endswith("/jenkins/job/b/build?delay=***"))' "$XDG_STATE_HOME/devloop/events.jsonl"
}

@test "inputs are the form of a job with parameters" {
  jenkins "$({
    on 'GET /api/json' "{\"name\":\"b\",\"buildable\":true,$PARAMETERS}"
    on 'POST /buildWithParameters?delay=0sec' '' 201 'Location: /jenkins/queue/item/143/' 'need body: fish=a%20%26%20b%3D1&env=prod' \
      'need content-type: application/x-www-form-urlencoded'
    on 'POST /buildWithParameters?delay=0sec' '' 201 'Location: /jenkins/queue/item/143/' 'deny body'
    on "$ITEM" '{"id":143,"executable":{"number":14}}'
    on 'GET /14/api/json' "$(build 14 SUCCESS)"
  } | cassette form)"
  try dl-trigger -p jenkins -R b b -f 'fish=a & b=1' -f env=prod -F id
  assert_status 0
  assert_output 14
  try dl-trigger -p jenkins -R b b -F id # all of them have defaults
  assert_status 0
  try dl-trigger -N -p jenkins -R b b -f env=prod
  assert_status 0
  assert_output ''
  assert_stderr "would send POST $URL/jenkins/job/b/buildWithParameters\?delay=0sec"
  assert_stderr 'with env=prod'
  [ "$(requests ^POST)" = 2 ]
}

@test "an item that is forgotten: its build remembers it" {
  jenkins "$({
    on 'GET /jenkins/job/b/api/json?tree=buildable*' '{"name":"b","buildable":true}'
    on 'POST /build?delay=0sec' '' 201 'Location: /jenkins/queue/item/143/'
    on "$ITEM" '' 404
    on 'GET /jenkins/job/b/api/json?tree=builds%5Bnumber%2CqueueId%5D*' '{"builds":[{"number":15,"queueId":144},{"number":14,"queueId":143}]}'
    on 'GET /14/api/json' "$(build 14 SUCCESS)"
  } | cassette forgotten)"
  try dl-trigger -p jenkins -R b b -F id
  assert_status 0
  assert_output 14
  try dl-runs "jenkins@$AT:b/run/q143" -F id
  assert_output 14
  try dl-runs "jenkins@$AT:b/run/q999"
  assert_status 8 # no cassette
  allow_unmatched
}

@test "the same request again is merged with the one that waits" {
  jenkins "$({
    on 'GET /jenkins/job/b/api/json?tree=buildable*' '{"name":"b","buildable":true}'
    on 'POST /build?delay=0sec' '' 303 'Location: /jenkins/queue/item/143/'
    on 'POST /build?delay=0sec' '' 302 'Location: http://localhost:8080/job/b/'
    on 'POST /build?delay=0sec' '' 302
    on 'GET /jenkins/job/b/api/json?tree=queueItem*' '{"queueItem":{"id":143}}'
    on 'GET /jenkins/job/b/api/json?tree=queueItem*' '{"queueItem":null}'
    on "$ITEM" '{"id":143,"executable":{"number":14}}'
    on 'GET /14/api/json' "$(build 14 SUCCESS)"
  } | cassette merged)"
  for i in 1 2; do
    try dl-trigger -p jenkins -R b b -F id
    assert_status 0
    assert_output 14
  done
  try dl-trigger -p jenkins -R b b
  assert_status 6
  assert_output ''
  assert_stderr "has taken the request, but 'b' is not in its queue"
  [ "$(requests ^POST)" = 3 ]
}

@test "what still waits in the queue after a while is the run that was started" {
  jenkins "$({
    on 'GET /api/json' '{"name":"b","buildable":true}'
    on 'POST /build?delay=0sec' '' 201 'Location: /jenkins/queue/item/143/'
    on "$ITEM" '{"id":143,"why":"Waiting for next available executor on \u2018linux\u001b\u2019","inQueueSince":1524074568030}'
  } | cassette waits)"
  try dl-trigger --timeout 2s -p jenkins -R b b
  assert_status 0
  assert_json '.[0] | .id == "q143" and .status == "queued"'
  try dl-watch --timeout 1s --interval 1s "jenkins@$AT:b/run/q143"
  assert_status 3
  try dl-runs "jenkins@$AT:b/run/q143" -F id,status
  assert_output $'q143\tqueued'
  try dl-logs "jenkins@$AT:b/run/q143"
  assert_status 3
  for id in q qx q-1; do
    try dl-runs "jenkins@$AT:b/run/$id"
    assert_status 2
  done
}

@test "cancelled in the queue" {
  jenkins "$({
    on 'GET /api/json' '{"name":"b","buildable":true}'
    on 'POST /build?delay=0sec' '' 201 'Location: /jenkins/queue/item/143/'
    on "$ITEM" '{"id":143,"why":null,"cancelled":true,"executable":null}'
  } | cassette cancelled)"
  try dl-trigger -p jenkins -R b b
  assert_status 5
  assert_stderr 'item 143 was cancelled while it was in the queue'
  try dl-runs "jenkins@$AT:b/run/q143" -F id,status,conclusion
  assert_output $'q143\tcompleted\tcancelled'
}

@test "which job: the project, one in it, that of a branch" {
  local branched='{"_class":"x.WorkflowMultiBranchProject","jobs":[{"name":"main"},{"name":"feature%2Fx"}]}'
  jenkins "$({
    on 'GET /jenkins/job/team/job/app/api/json' "$branched"
    for job in team/job/nightly team/job/app/job/main team/job/app/job/feature%252Fx; do
      on "GET /jenkins/job/$job/api/json" '{"buildable":true}'
    done
  } | cassette which)"
  for line in 'team nightly team/job/nightly' 'team/nightly nightly team/job/nightly' 'team/nightly team/nightly team/job/nightly' \
    'team app;-b;main team/job/app/job/main' 'team/app app;-b;feature/x team/job/app/job/feature%252Fx' 'team/app main team/job/app/job/main'; do
    # shellcheck disable=SC2086 # words
    set -- $line
    # shellcheck disable=SC2086 # words
    try dl-trigger -N -p jenkins -R "$1" ${2//;/ }
    assert_status 0
    assert_stderr "would send POST $URL/jenkins/job/$3/build\?delay=0sec"
  done
  try dl-trigger -N -p jenkins -R team/app app
  assert_status 2
  assert_stderr 'which one\?'
  try dl-trigger -N -p jenkins -R team/app app -b other
  assert_status 5
  assert_stderr "no job for the branch 'other'"
  try dl-trigger -N -p jenkins -R team nightly -b main
  assert_status 2
  assert_stderr 'builds the branch that it is configured for'
  try dl-trigger -N -p jenkins -R team nightly -c "$SHA"
  assert_status 10
}

@test "a disabled job, and one that nobody may start" {
  jenkins "$({
    on 'GET /api/json' '{"buildable":false}'
    on 'POST /build?delay=0sec' '<html><head><title>Error 409 b is not buildable</title></head></html>' 409 'Content-Type: text/html'
    on 'GET /jenkins/job/c/api/json' '{"buildable":true}'
    on 'POST /jenkins/job/c/build?delay=0sec' '<html><head><title>Error 403 Forbidden</title></head></html>' 403 'Content-Type: text/html' \
      'X-You-Are-Authenticated-As: ada' 'X-Required-Permission: hudson.model.Item.Build'
  } | cassette disabled)"
  try dl-trigger -p jenkins -R b b
  assert_status 6
  assert_stderr 'b is not buildable'
  try dl-trigger -p jenkins -R c c
  assert_status 4
  assert_stderr 'the permission hudson.model.Item.Build is missing'
}

# ---- crumbs ----

# no_crumb: the answer to a request without one.
NO_CRUMB='<html><head><title>Error 403 No valid crumb was included in the request</title></head><body></body></html>'

@test "with a password a crumb is fetched, and sent back with the session's cookie" {
  jenkins "$({
    on 'GET /api/json' '{"buildable":true}'
    on 'POST /build?delay=0sec' '' 201 'need jenkins-crumb: 7b12516335' 'need cookie: JSESSIONID.1a2b=node0secret.node0; route=a' \
      'need authorization: Basic YWRhOjExZjBjMWQy' 'Location: /jenkins/queue/item/143/'
    on 'POST /build?delay=0sec' "$NO_CRUMB" 403 'Content-Type: text/html;charset=utf-8' 'deny jenkins-crumb'
    on 'GET /jenkins/crumbIssuer/api/json' '{"_class":"hudson.security.csrf.DefaultCrumbIssuer","crumb":"7b12516335","crumbRequestField":"Jenkins-Crumb"}' 200 \
      'Set-Cookie: JSESSIONID.1a2b=node0secret.node0; Path=/jenkins; HttpOnly' 'set-cookie: route=a;Secure'
    on "$ITEM" '{"id":143,"executable":{"number":14}}'
    on 'GET /14/api/json' "$(build 14 SUCCESS)"
  } | sed 's|crumbIssuer/api/json?tree=\*|crumbIssuer/api/json|' | cassette crumb)"
  try dl-trigger -v -p jenkins -R b b -F id
  assert_status 0
  assert_output 14
  [ "$(requests ^POST)" = 2 ]
  [ "$(requests crumbIssuer)" = 1 ]
  refute grep -qE 'node0secret|7b12516335|11f0c1d2|YWRhOjEx' <<<"$stderr"
  refute grep -rqE 'node0secret|7b12516335' "$HOME"
}

@test "a crumb that helps nothing, is none, or leads elsewhere" {
  crumb() { # ANSWER [STATUS [HEADER]]: of the issuer
    on 'GET /jenkins/crumbIssuer/x' "$@" | sed 's|crumbIssuer/x|crumbIssuer/api/json|'
  }
  refuse() { # CRUMB...: starting fails; the server is asked for a crumb once
    jenkins "$({
      on 'GET /api/json' '{"buildable":true}'
      on 'POST /build?delay=0sec' "$NO_CRUMB" 403 'Content-Type: text/html;charset=utf-8'
      crumb "$@"
    } | cassette refuse)"
    : >"$REQUESTS"
    try dl-trigger -v -p jenkins -R b b
    assert_output ''
    [ "$(requests crumbIssuer)" = 1 ]
    refute grep -qE 'secret' <<<"$stderr"
    stop_servers
  }
  refuse '{"crumb":"secret","crumbRequestField":"Jenkins-Crumb"}' 200 'Set-Cookie: JSESSIONID=secret'
  assert_status 4
  assert_stderr 'No valid crumb'
  [ "$(requests ^POST)" = 2 ]
  for answer in '{}' '{"crumb":"secret","crumbRequestField":"Host: x"}' '{"crumbRequestField":"Jenkins-Crumb"}'; do
    refuse "$answer"
    assert_status 9
    assert_stderr 'a crumb that is none'
    [ "$(requests ^POST)" = 1 ]
  done
  refuse '{"crumb":"secret\r\nX-Evil: 1","crumbRequestField":"Jenkins-Crumb"}'
  assert_status 4
  refute requested x-evil
  refuse '' 404
  assert_status 5
  jenkins "$({
    on 'GET /api/json' '{"buildable":true}'
    on 'POST /build?delay=0sec' '' 307 'need cookie: JSESSIONID=secret' 'Location: {{base2}}/jenkins/job/b/build?delay=0sec'
    on 'POST /build?delay=0sec' "$NO_CRUMB" 403 'Content-Type: text/html;charset=utf-8'
    crumb '{"crumb":"secret","crumbRequestField":"Jenkins-Crumb"}' 200 'Set-Cookie: JSESSIONID=secret'
  } | cassette away)"
  : >"$REQUESTS"
  try dl-trigger -v -p jenkins -R b b
  assert_status 9
  refute grep -qE 'secret' <<<"$stderr"
  refute requested 'host: localhost'
}

# ---- again, and stop ----

@test "a build is run again with its parameters" {
  jenkins "$({
    on 'GET /7/api/json' '{"building":false,"actions":[{"_class":"hudson.model.ParametersAction","parameters":[
      {"_class":"hudson.model.BooleanParameterValue","name":"bear","value":true},{"_class":"hudson.model.StringParameterValue","name":"fish","value":""},
      {"name":"count","value":3},{"name":"nothing","value":null}]}]}'
    on 'GET /6/api/json' '{"building":false,"actions":[{},null]}'
    on 'GET /5/api/json' '{"building":false,"actions":[{"parameters":[{"name":"fish","value":"x"},{"_class":"hudson.model.PasswordParameterValue","name":"key"}]}]}'
    on 'GET /4/api/json' '{"building":true,"actions":[]}'
    on 'GET /9/api/json' '' 404
    on 'POST /buildWithParameters?delay=0sec' '' 201 'Location: /jenkins/queue/item/143/' 'need body: bear=true&fish=&count=3&nothing='
    on 'POST /build?delay=0sec' '' 201 'Location: /jenkins/queue/item/143/'
    on "$ITEM" '{"id":143,"executable":{"number":14}}'
    on 'GET /14/api/json' "$(build 14 SUCCESS)"
  } | cassette again)"
  for id in 7 6; do
    try dl-rerun "jenkins@$AT:b/run/$id" -F id,attempt
    assert_status 0
    assert_output $'14\t1'
  done
  [ "$(requests ^POST)" = 2 ]
  try dl-rerun "jenkins@$AT:b/run/5"
  assert_status 6
  assert_stderr "does not tell what its parameter 'key' was, which may be a secret"
  try dl-rerun "jenkins@$AT:b/run/4"
  assert_status 6
  assert_stderr 'build 4 is not over yet'
  try dl-rerun "jenkins@$AT:b/run/9"
  assert_status 5
  try dl-rerun --failed "jenkins@$AT:b/run/7"
  assert_status 10
  assert_stderr 'cannot run again only what failed'
  [ "$(requests ^POST)" = 2 ]
}

# running NUMBER [TIMES]: answers that build NUMBER runs, TIMES times, then that it was aborted.
running() {
  local i
  for ((i = 0; i < ${2:-1}; i++)); do
    on "GET /$1/api/json" "{\"number\":$1,\"building\":true}"
  done
  [ "${2:-}" = 100 ] || on "GET /$1/api/json" "$(build "$1" ABORTED)"
}

@test "a build is stopped" {
  jenkins "$({
    running 7
    on 'POST /7/stop' '' 302 'Location: http://localhost:8080/job/b/7/'
    on 'GET /6/api/json' "$(build 6 SUCCESS)"
  } | cassette stop)"
  try dl-cancel "jenkins@$AT:b/run/7" -F id,conclusion
  assert_status 0
  assert_output $'7\tcancelled'
  try dl-cancel "jenkins@$AT:b/run/6"
  assert_status 6
  assert_stderr 'build 6 is over'
  [ "$(requests ^POST)" = 1 ]
}

@test "a build is stopped by force: each way has its time, and the next comes when it has not helped" {
  jenkins "$({
    running 7 2
    running 5 100
    on 'POST /7/stop' ''
    on 'POST /5/stop' ''
    on 'POST /5/term' '' 404
    on 'POST /5/kill' ''
  } | cassette force)"
  try dl-cancel -f "jenkins@$AT:b/run/7" -F conclusion
  assert_status 0
  assert_output cancelled
  [ "$(requests ^POST)" = 1 ]
  try dl-cancel -f "jenkins@$AT:b/run/5" -F status
  assert_status 0
  assert_output in_progress
  [ "$(requests ^POST)" = 4 ]
  [ "$(grep -oE '^POST [^ ]*/5/[a-z]*' "$REQUESTS" | sed 's|.*/||' | paste -sd ' ')" = 'stop term kill' ]
}

@test "an item of the queue is cancelled; what has begun meanwhile is stopped" {
  jenkins "$({
    on "$ITEM" '{"id":143,"why":"busy"}'
    on "$ITEM" '{"id":143,"cancelled":true}'
    on 'GET /jenkins/queue/item/144/api/json' '{"id":144,"executable":{"number":7}}'
    on 'POST /jenkins/queue/cancelItem?id=143' '' 404
    running 7
    on 'POST /7/stop' ''
  } | cassette item)"
  try dl-cancel "jenkins@$AT:b/run/q143" -F id,status,conclusion
  assert_status 0
  assert_output $'q143\tcompleted\tcancelled'
  try dl-cancel "jenkins@$AT:b/run/q144" -F id,conclusion
  assert_status 0
  assert_output $'7\tcancelled'
}

# ---- artifacts ----

# kept CLASS: build 7 of b, which has kept files.
kept() {
  on 'GET /7/api/json' "{\"_class\":\"$1\",\"url\":\"{{base}}/jenkins/job/b/7/\",\"artifacts\":[{\"relativePath\":\"app.tar\"},
    {\"relativePath\":\"site/a b/index.html\"},{\"relativePath\":\"empty\"}]}"
  on 'GET /7/wfapi/artifacts' '[{"id":"n1","path":"app.tar","size":12},{"id":"n3","path":"empty","size":0}]'
  on 'GET /8/api/json' '{"artifacts":[]}'
  on 'GET /9/api/json' '' 404
}

@test "the files that a build has kept" {
  jenkins "$(kept org.jenkinsci.plugins.workflow.job.WorkflowRun | cassette kept)"
  try dl-artifacts "jenkins@$AT:b/run/7"
  assert_status 0
  assert_json 'map(.id) == ["7/app.tar", "7/site/a b/index.html", "7/empty"] and map(.name) == ["app.tar", "site/a b/index.html", "empty"]
    and map(.size_bytes) == [12, null, 0] and all(.run_id == "7" and .expired == false and .digest == null)'
  [ "$(field 1 ref)" = "jenkins@$AT:b/artifact/7%2Fsite%2Fa%20b%2Findex.html" ]
  [ "$(field 1 url)" = "$URL/jenkins/job/b/7/artifact/site/a%20b/index.html" ]
  try dl-artifacts "$(field 0 ref)" -F id,size_bytes
  assert_output $'7/app.tar\t12'
  try dl-artifacts "jenkins@$AT:b/artifact/7%2Fother"
  assert_status 5
  assert_stderr "build 7 has kept no file 'other'"
  for id in 7 app.tar x%2Fy; do
    try dl-artifacts "jenkins@$AT:b/artifact/$id"
    refute [ "$status" = 0 ]
  done
  try dl-artifacts "jenkins@$AT:b/run/8"
  assert_output ''
  try dl-artifacts "jenkins@$AT:b/run/9"
  assert_status 5
  stop_servers
  jenkins "$(kept hudson.model.FreeStyleBuild | cassette kept)"
  : >"$REQUESTS"
  try dl-artifacts "jenkins@$AT:b/run/7"
  assert_json 'length == 3 and all(.size_bytes == null)'
  [ "$(requests)" = 1 ]
}

@test "files are downloaded as they are, web pages among them" {
  jenkins "$({
    kept x.WorkflowRun
    on 'GET /7/artifact/app.tar' 'what it is' 200 'Content-Type: application/x-tar' 'deny range' | sed 's/<<< 200/& size=12/'
    on 'GET /7/artifact/site/a%20b/index.html' '<html>a report</html>' 200 'Content-Type: text/html'
    on 'GET /7/artifact/empty' '' 200 'Content-Type: text/plain' | sed 's/<<< 200/& size=0/'
  } | cassette files)"
  try dl-artifacts -d out "jenkins@$AT:b/run/7" -F path
  assert_status 0
  [ "$(cat 'out/site/a b/index.html')" = '<html>a report</html>' ]
  [ "$(wc -c <out/app.tar)" = 12 ]
  [ -f out/empty ]
  requested 'app.tar' 'authorization: Basic'
}

@test "a login is no artifact, not even where a web page is one" {
  jenkins "$({
    kept hudson.model.FreeStyleBuild
    on 'GET /7/artifact/app.tar' '<html>Sign in</html>' 200 'Content-Type: text/html'
    on 'GET /7/artifact/site/a%20b/index.html' '' 302 'Location: {{base2}}/sso?to=x'
    on 'GET /jenkins/x' '<html>Sign in</html>' 200 'Content-Type: text/html' 'deny authorization' | sed 's|/jenkins/x|/sso?to=x|'
  } | cassette login)"
  for name in app.tar '*.html'; do
    try dl-artifacts -d out --name "$name" "jenkins@$AT:b/run/7"
    assert_status 4
    assert_stderr 'a login is in front of it'
  done
  [ -z "$(find out -type f ! -name '.dl-*')" ]
}

@test "a download that was cut goes on where it ended, if the server can" {
  jenkins "$({
    kept org.jenkinsci.plugins.workflow.job.WorkflowRun
    on 'GET /7/artifact/app.tar' '01234567890' '200 cut=5' 'Content-Type: application/x-tar' 'deny range'
    on 'GET /7/artifact/app.tar' '567890' 206 'Content-Type: application/x-tar' 'Content-Range: bytes 5-11/12' 'need range: bytes=5-'
  } | cassette cut)"
  try dl-artifacts -d out --name app.tar "jenkins@$AT:b/run/7"
  assert_status 0
  [ "$(cat out/app.tar)" = 01234567890 ]
}

# ---- refusals ----

# refused STATUS: a list and a log are asked for; both must end so, and say nothing on stdout.
refused() {
  try dl-logs "jenkins@$AT:a/b/run/10"
  assert_status "$1"
  assert_output ''
  try dl-runs -p jenkins -R a/b
  assert_status "$1"
  assert_output ''
}

@test "401: the credential" {
  jenkins jenkins/error-401
  refused 4
  assert_stderr 'does not accept the credential: Error 401 Invalid password/token for user: ada'
  assert_stderr 'hint: .*JENKINS_USER.*API token.*came from JENKINS_TOKEN'
  refute grep -q 11f0c1d2 <<<"${stderr:-}"
}

@test "403: the permission, or the login" {
  jenkins jenkins/error-403
  refused 4
  assert_stderr 'forbids that to ada: the permission hudson.model.Item.Read is missing'
  unset JENKINS_TOKEN
  refused 4
  assert_stderr 'wants to know who asks'
  assert_stderr 'hint: .*set JENKINS_USER and JENKINS_TOKEN'
}

@test "403: other words are passed on" {
  jenkins jenkins/error-403-crumb
  refused 4
  assert_stderr 'forbids that: Error 403 No valid crumb was included in the request'
}

@test "404: no such job, or not for this user" {
  jenkins jenkins/error-404
  refused 5
  assert_stderr 'has no such job or build: a/b'
  assert_stderr 'hint: .*folder/job.*Job/Read is due to see it$'
  unset JENKINS_TOKEN
  refused 5
  assert_stderr 'see it: set JENKINS_USER and JENKINS_TOKEN'
}

@test "503: Jenkins starts" {
  jenkins jenkins/error-503
  refused 8
  assert_stderr 'is broken at the moment: Starting Jenkins'
}

@test "no Jenkins at all" {
  jenkins "$(cassette other <<'END'
>>> * /*
<<< 404
Content-Type: text/html

<html><title>
  404 Not &#27; Found </title></html>
END
)"
  refused 5
  assert_stderr 'does not look like a Jenkins server: 404 Not &#27; Found$'
  assert_stderr 'hint: JENKINS_URL is the address of its front page'
}

@test "a login page is no data, and no log" {
  jenkins jenkins/error-login
  refused 4
  assert_stderr 'a login is in front of it'
  stop_servers
  jenkins "$(cassette sso <<'END'
>>> GET /sso?return=*
deny authorization
<<< 200
Content-Type: text/html; charset=utf-8

<!DOCTYPE html><title>Sign in</title>
END
)" jenkins/error-login-redirect
  refused 4
  assert_stderr 'a login is in front of it'
}

@test "an answer that ends in the middle" {
  jenkins jenkins/error-json
  try dl-runs -p jenkins -R a/b
  assert_status 9
  assert_output ''
}

# ---- trust ----

@test "the token goes to no server but the one that the user names" {
  jenkins jenkins/runs
  make_repo repo
  mkdir repo/.devloop
  echo "{\"global\":{\"providers\":{\"ci\":{\"provider\":\"jenkins\",\"config\":{\"job\":\"a/b\",\"base_url\":\"$URL2/jenkins\"}}}}}" \
    >repo/.devloop/agents.json
  unset JENKINS_URL
  try dl-runs -C repo -n 1 -F host
  assert_output "${URL2#http://}/jenkins"
  [ "$(requests api/json)" = 1 ]
  refute requested authorization:
  git config --global "devloop.host.$AT.url" "$URL/jenkins"
  try dl-runs "jenkins@$AT:a/b/run/12"
  assert_status 0
  requested '/12/' 'authorization: Basic'
}

@test "of the host in a ref only its name and path count" {
  jenkins jenkins/runs
  for at in "$AT" "$AT/" "ada@$AT" "$AT?x=" "$AT#x"; do
    JENKINS_URL=http://elsewhere.example try dl-runs -v "jenkins@$at:a/b/run/12"
    assert_status 8 # nobody speaks TLS there
    assert_stderr "GET https://$AT/job/a/job/b/12/api/json"
  done
  [ "$(requests)" = 0 ]
}

@test "the host's own credential: of a server with a path, asked for by its name" {
  jenkins jenkins/runs
  unset JENKINS_USER JENKINS_TOKEN
  git config --global credential.helper "!f() { [ \"\$1\" = get ] || exit 0; cat >>'$BATS_TEST_TMPDIR/asked'; echo username=eve; echo password=stored; }; f"
  try dl-runs -p jenkins -R a/b -n 1
  assert_status 0
  requested 'authorization: Basic ZXZlOnN0b3JlZA=='
  grep -qx "host=${URL#http://}" asked
  refute grep -q path= asked
}

@test "a web page below the server's own path" {
  serve jenkins/runs jenkins/runs-multibranch
  export JENKINS_URL=$URL/jenkins/ JENKINS_USER=ada JENKINS_TOKEN=11f0c1d2
  unset GITHUB_API_URL
  AT=${URL#http://}/jenkins
  for page in job/a/job/b job/a/job/b/ view/all/job/a/view/x/job/b/12/console job/a/job/b/configure; do
    try dl-runs -R "$URL/jenkins/$page" -n 1 -F project,host
    assert_output "a/b"$'\t'"$AT"
    try dl-runs -p jenkins -R "$URL/jenkins/$page" -n 1 -F project,host
    assert_output "a/b"$'\t'"$AT"
  done
  try dl-runs -R "$URL/jenkins/job/repo/job/feature%252Fx/" -F project
  assert_output repo/feature%2Fx
  unset JENKINS_URL
  try dl-runs -p jenkins -R "https://${URL2#http://}/jenkins/job/a/job/b" -v
  assert_stderr "GET https://${URL2#http://}/jenkins/job/a/job/b/api/json"
}
