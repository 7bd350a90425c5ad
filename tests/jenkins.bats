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
  [ "$(requests)" = 1 ]
  requested '^GET /jenkins/job/a/job/b/api/json\?tree=builds%5B.*%7B0%2C1%7D -> 200' 'authorization: Basic YWRhOjExZjBjMWQy'
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
  [ "$(requests)" = 4 ]
  try dl-runs -p jenkins -R a/b -b other
  assert_status 5
}

# windows FIRST_BUILDS MORE_BUILDS: two windows of a long job; each is a count and the number of its first build.
windows() {
  jq -rn --argjson first "$1" --argjson second "$2" '
    def builds($w): [range($w[0]) | {number: ($w[1] - .), building: false, result: (if ($w[1] - .) % 50 == 0 then "FAILURE" else "SUCCESS" end),
      timestamp: (1700000000000 + ($w[1] - .) * 60000), duration: 1000}];
    "# source: written for this test\n",
    ">>> GET /jenkins/job/b/api/json?tree=builds*%7B0%2C100%7D\n<<< 200\nX-Jenkins: 2.426.3\n\n\({builds: builds($first)})\n",
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
  [ "$(requests progressiveText)" = 4 ]
  [ "$(requests 'start=445 ')" = 2 ]
  requested 'start=1162 '
}

@test "without following, what there is of a log" {
  jenkins jenkins/log-running
  try dl-logs "jenkins@$AT:a/b/run/13"
  assert_status 3
  [ "${lines[0]}" = 'Started by user anonymous' ]
  assert_stderr 'is not over yet'
  [ "$(requests)" = 1 ]
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
X-Text-Size: 400
X-More-Data: true

before

>>> GET /jenkins/job/b/1/logText/progressiveText?start=400
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
  [ "$(requests)" = 1 ]
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
