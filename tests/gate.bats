# The hook pre-push and dl-gate: real pushes to real bare repositories, over a folder, ssh and http, with a CI server
# on this machine and with the local provider.
# shellcheck disable=SC2030,SC2031,SC2154 # each test is a subshell of its own; `try` sets $stderr
load helper
load github
load push

setup() {
  hermetic
  export GITHUB_TOKEN=a-token # which also saves the search for one
  EVENTS=$XDG_STATE_HOME/devloop/events.jsonl
  git config --global devloop.postpush off # tests/push.bats is about that
  git init -q --bare -b main origin.git
  git init -q -b main w
  cd w || return
  mkdir .devloop
  # Who is asked about it, wherever it is pushed to.
  echo '{"global": {"providers": {"ci": {"provider": "github", "config": {"repo_url": "https://github.com/o/r"}}}}}' \
    >.devloop/agents.json
  git add .devloop
  git commit -qm one
  git remote add origin ../origin.git
  git push -q origin main || return
  BASE=$(git rev-parse HEAD)
  git commit -q --allow-empty -m two
  git config core.hooksPath "$ROOT/hooks"
}

teardown() {
  [ ! -e "$BATS_TEST_TMPDIR/pids" ] || xargs kill <"$BATS_TEST_TMPDIR/pids" 2>/dev/null || :
  cd "$BATS_TEST_TMPDIR/w" && dl-runs -q -p local -n 0 -s queued,in_progress -F ref 2>/dev/null | xargs -r dl-cancel -q --force >&2
  stop_servers
}

# push ARG...: git push; what the hook says is in $stderr.
push() {
  try git push "$@"
}

# at REF [REPOSITORY]: what the server has.
at() {
  git -C "${2:-../origin.git}" rev-parse -q --verify "$1"
}

pushed() {
  assert_status 0 && [ "$(at main)" = "$(git rev-parse main)" ] || complain "the server has $(at main)"
}

stopped() {
  assert_status 1 && [ "$(at main)" = "$BASE" ] || complain "the server has $(at main)"
}

# event FILTER: true of the newest event of the gate.
event() {
  grep '"program":"dl-gate"' "$EVENTS" | tail -n 1 | jq -e "$1" >/dev/null || complain "not true of the event: $1: $(tail -n 1 "$EVENTS")"
}

unasked() {
  [ "$(requests)" = 0 ] || complain "CI was asked: $(cat "$REQUESTS")"
}

@test "it loads neither libcurl nor libgit2" {
  refute grep -qE 'curl|git2|yaml|ssl' <(ldd "$DL_BIN/dl-gate")
}

@test "a push onto a green commit goes, and nothing is said" {
  serve "$(ci "$BASE" "$GREEN")"
  push -q origin main
  pushed
  [ -z "$stderr" ]
  event '.class == "ok" and .provider == "github" and .project == "o/r" and (.detail | test("main '"$BASE"': green: success"))'
  requested "head_sha=$BASE"
}

@test "a push onto a red commit is stopped, and told everything there is to know" {
  serve "$(ci "$BASE" "$RED")"
  push origin main
  stopped
  assert_stderr "^dl-gate: CI of main, at ${BASE:0:10} on the server, says failure$"
  assert_stderr '^dl-gate:   run   Tests, job unit, [0-9dhms]+ ago$'
  assert_stderr '^dl-gate:   page  https://github.com/o/r/actions/runs/1$'
  assert_stderr "^dl-gate:   log   dl-logs --failed $(ref run 7)$"
  assert_stderr '^dl-gate: push all the same: git -c devloop.prepush=warn push$'
  refute grep -q "$(printf '\033')" <<<"$stderr"
  event '.class == "no" and (.detail | test("stopped: failure"))'
  # The command that it prints.
  try git -c devloop.prepush=warn push
  [ "$status" -ne 0 ] # without an upstream that is git's business
  try git -c devloop.prepush=warn push origin main
  pushed
  assert_stderr 'says failure$'
  assert_stderr 'devloop.prepush is warn; the push goes on$'
}

@test "it is off where the user says so, and nobody is asked" {
  local how
  serve "$(ci "$BASE" "$RED")"
  for how in 'env DL_HOOKS=0 git' 'env DL_SKIP=lint,pre-push git' 'git -c devloop.prepush=off' 'env CI=true git' \
    'git -c core.hooksPath=/dev/null'; do
    # shellcheck disable=SC2086 # words
    try $how push origin main
    pushed
    unasked
    git -C ../origin.git update-ref refs/heads/main "$BASE"
    [[ $stderr != *dl-gate* ]] || complain "$how"
  done
  try env CI=true git -c devloop.ci.inCI=true push origin main
  stopped
}

@test "tags, deletions, reviews, an empty push and what has no branch there: nobody is asked" {
  serve "$(ci "$BASE" "$RED")"
  git tag v1
  push origin v1
  assert_status 0
  push origin main:refs/for/main main:refs/heads/new
  assert_status 0
  push origin :refs/heads/new :v1
  assert_status 0
  refute at refs/heads/new
  push origin "$BASE:refs/heads/main"
  assert_status 0
  unasked
  [ "$(grep -c '"program":"dl-gate"' "$EVENTS")" = 4 ]
}

@test "of several refs the red one decides, also beside deletions and tags" {
  git push -q --no-verify origin "$BASE:refs/heads/side" "$BASE:refs/heads/old" 2>/dev/null
  git commit -q --allow-empty -m three
  git push -q --no-verify origin HEAD~1:refs/heads/green
  git tag v1
  serve "$(ci "$BASE" "$RED")" "$(ci "$(git rev-parse HEAD~1)" "$GREEN")"
  push origin main:green :old v1 main:side
  assert_status 1
  assert_stderr 'CI of side, at'
  [ "$(at old)" = "$BASE" ]
  # One commit is asked about once.
  push origin main main:side
  assert_status 1
  [ "$(requests "head_sha=$BASE")" -le 2 ]
}

@test "more than eight branches are a mirror: nobody is asked" {
  serve "$(ci "$BASE" "$RED")"
  local i branches=()
  for i in {1..9}; do branches+=("$BASE:refs/heads/b$i") && git branch "b$i"; done
  git push -q --no-verify origin "${branches[@]}"
  push origin 'refs/heads/b*'
  assert_status 0
  unasked
  for i in {1..9}; do git -C ../origin.git update-ref "refs/heads/b$i" "$BASE"; done
  push --mirror origin
  assert_status 0
  unasked
}

@test "what the user wrote may have spaces" {
  serve "$(ci "$BASE" "$RED")"
  git commit -q --allow-empty -m 'aa bb refs/heads/x'
  git commit -q --allow-empty -m three
  push origin 'HEAD^{/aa bb}:refs/heads/main'
  stopped
}

@test "SHA-256: zeros of 64 digits are zeros" {
  git init -q --bare --object-format=sha256 ../256.git
  git init -q --object-format=sha256 -b main ../w256
  cd ../w256
  git config core.hooksPath "$ROOT/hooks"
  git commit -q --allow-empty -m one
  push ../256.git main
  assert_status 0
  push ../256.git :main
  [[ $stderr != *dl-gate* ]] || complain 'a deletion is asked about'
}

@test "a run in progress is waited for, and decides" {
  serve "$(ci "$BASE" "$RUNNING" "$GREEN")"
  push origin main
  pushed
  assert_stderr '^dl-gate: main: waiting for CI of '"${BASE:0:10}"': .*, 0 of 1 done, '
  event '.waited_s | tonumber >= 2'
  [ "$(grep -c 'waiting for' <<<"$stderr")" = 1 ]
}

@test "a run that fails meanwhile stops the push" {
  serve "$(ci "$BASE" "$RUNNING" "$RED")"
  push origin main
  stopped
}

@test "when the time is up the push goes, and says so" {
  serve "$(ci "$BASE" "$RUNNING")"
  try git -c devloop.prepush.wait=1s push origin main
  pushed
  assert_stderr "^dl-gate: main: CI of ${BASE:0:10} is not finished; the push goes on$"
  event '.detail | test("is not finished.*: pending")'
}

@test "a push that git will refuse anyway does not wait; one by force does" {
  git clone -q ../origin.git ../other
  git -C ../other commit -q --allow-empty -m theirs
  git -C ../other push -q
  serve "$(ci "$(at main)" "$RUNNING")"
  push origin main
  assert_status 1
  assert_stderr 'git would have to fetch first; the push goes on'
  assert_stderr 'rejected'
  try git -c devloop.prepush.wait=1s push --force origin main
  pushed
  assert_stderr 'is not finished; the push goes on'
}

@test "--dry-run of git informs, and neither stops nor waits" {
  serve "$(ci "$BASE" "$RED")"
  push --dry-run origin main
  assert_status 0
  assert_stderr 'says failure$'
  assert_stderr 'without --dry-run this push would be stopped; the push goes on'
  stop_servers
  serve "$(ci "$BASE" "$RUNNING")"
  rm -rf "$XDG_CACHE_HOME"
  push -n origin main
  assert_status 0
  assert_stderr 'is not finished; the push goes on'
  [ "$(at main)" = "$BASE" ]
}

@test "-q of git silences all but why a push is stopped" {
  serve "$(ci "$BASE" "$RED")"
  push -q origin main
  stopped
  assert_stderr 'says failure$'
  stop_servers
  export GITHUB_API_URL=http://127.0.0.1:1
  rm -rf "$XDG_CACHE_HOME"
  DL_RETRIES=0 push -q origin main
  pushed
  [ -z "$stderr" ]
}

@test "verdicts that stop nobody, and those that do" {
  local conclusion wanted
  while read -r conclusion wanted; do
    rm -rf "$XDG_CACHE_HOME"
    git -C ../origin.git update-ref refs/heads/main "$BASE"
    serve "$(ci "$BASE" "conclusion: \"$conclusion\"")"
    push origin main
    [ "$status" = "$wanted" ] || complain "$conclusion"
    stop_servers
  done <<'END'
success 0
neutral 0
skipped 0
stale 0
action_required 0
failure 1
timed_out 1
startup_failure 1
cancelled 1
END
}

@test "a cancelled run that a newer one took the place of stops nobody" {
  serve "$({
    answer "GET /repos/o/r/actions/runs?*head_sha=$BASE&*" "$(gh_runs "head_sha: \"$BASE\", conclusion: \"cancelled\"")"
    answer "GET /repos/*/commits/$BASE/check-runs?*" "$(hub_list check_runs '{}')"
    answer "GET /repos/*/commits/$BASE/status?*" "$(hub_list statuses '{}')"
    answer 'GET /repos/o/r/actions/*runs?*' "$(gh_runs 'id: 9, run_number: 2, created_at: "2026-01-14T11:30:00Z", run_started_at: "2026-01-14T11:30:00Z", head_sha: "'"$(git rev-parse HEAD)"'"')"
  } | cassette superseded)"
  push origin main
  pushed
  assert_stderr 'says superseded; the push goes on'
}

@test "no network, no credential, no CI, no sense: the push goes, with one line" {
  local status_word
  export DL_RETRIES=0
  while read -r status_word; do
    rm -rf "$XDG_CACHE_HOME"
    git -C ../origin.git update-ref refs/heads/main "$BASE"
    serve "$(answer 'GET /*' '{"message":"no"}' "$status_word" | cassette no)"
    push origin main
    pushed
    [ "$(grep -c '^dl-gate: ' <<<"$stderr")" = 1 ] || complain "$status_word: not one line"
    assert_stderr '^dl-gate: main: CI of [0-9a-f]{10} .*; the push goes on$'
    stop_servers
  done <<'END'
401
403
404
429
500
END
  git -C ../origin.git update-ref refs/heads/main "$BASE"
  GITHUB_API_URL=http://127.0.0.1:1 push origin main
  pushed
  assert_stderr 'could not be asked: .*; the push goes on$'
  git -C ../origin.git update-ref refs/heads/main "$BASE"
  serve "$(answer 'GET /*' '<html>' 200 | cassette login)"
  push origin main
  pushed
}

@test "a server that does not answer holds a push up for seconds only" {
  local begun=$SECONDS
  serve "$(answer 'GET /*' '{}' '200 delay=30000' | cassette slow)"
  push origin main
  pushed
  [ $((SECONDS - begun)) -le 12 ] || complain "it took $((SECONDS - begun)) s"
}

@test "dl-status that is missing, or ends oddly, lets the push go" {
  mkdir ../lonely
  cp "$DL_BIN/dl-gate" ../lonely/
  PATH=$PWD/../lonely:/usr/bin:/bin push origin main
  pushed
  assert_stderr 'dl-status is not installed; the push goes on'
  printf '#!/bin/sh\nkill -9 $$\n' >../lonely/dl-status
  chmod +x ../lonely/dl-status
  git -C ../origin.git update-ref refs/heads/main "$BASE"
  PATH=$PWD/../lonely:/usr/bin:/bin push origin main
  pushed
  printf '#!/bin/sh\necho "failure: everything is red" >&2\nexit 1\n' >../lonely/dl-status
  git -C ../origin.git update-ref refs/heads/main "$BASE"
  PATH=$PWD/../lonely:/usr/bin:/bin push origin main
  pushed # without a line of verdict an exit code is no answer
}

@test "a program of the repository is never run" {
  serve "$(ci "$BASE" "$GREEN")"
  printf '#!/bin/sh\ntouch %s/executed\nexit 1\n' "$BATS_TEST_TMPDIR" >dl-status
  cp dl-status dl-gate
  chmod +x dl-status dl-gate
  PATH=.:$PATH push origin main
  assert_status 0
  [ ! -e ../executed ]
}

@test "a green answer of a minute ago will do; a red one is asked again" {
  serve "$(ci "$BASE" "$GREEN")"
  push origin main
  git -C ../origin.git update-ref refs/heads/main "$BASE"
  local before
  before=$(requests)
  push origin main
  pushed
  [ "$(requests)" = "$before" ]
  git -C ../origin.git update-ref refs/heads/main "$BASE"
  try git -c devloop.prepush.maxAge=0 push origin main
  pushed
  [ "$(requests)" -gt "$before" ]
  stop_servers
  rm -rf "$XDG_CACHE_HOME"
  git -C ../origin.git update-ref refs/heads/main "$BASE"
  serve "$(ci "$BASE" "$RED" "$GREEN")"
  push origin main
  stopped
  push origin main
  pushed
}

@test "a red branch is repaired: CI-Fix names the run or the commit" {
  local trailer
  serve "$(ci "$BASE" "$RED")"
  for trailer in 'CI-Fix: 8' 'CI-Fix: '"${BASE:0:6}" 'CI-Fix:' 'Fixes: 7'; do
    git commit -q --amend --allow-empty -m two -m "$trailer"
    push origin main
    stopped
  done
  for trailer in 'CI-Fix: 7' "CI-Fix: ${BASE:0:8}" "CI-Fix: $BASE" "CI-Fix: $(ref run 7)"; do
    git commit -q --amend --allow-empty -m two -m "$trailer"
    git commit -q --allow-empty -m three
    push origin main
    pushed
    assert_stderr 'a commit has the trailer CI-Fix; the push goes on'
    git reset -q --soft HEAD~1
    git -C ../origin.git update-ref refs/heads/main "$BASE"
  done
}

@test "devloop.prepush.ownRed=allow: one's own red commit may be followed, others' may not" {
  serve "$(ci "$BASE" "$RED")"
  try git -c devloop.prepush.ownRed=block push origin main
  stopped
  GIT_AUTHOR_EMAIL=bob@example.com try git -c devloop.prepush.ownRed=allow push origin main
  stopped
  unset GIT_AUTHOR_EMAIL
  try git -c devloop.prepush.ownRed=allow -c user.email=ada@example.com push origin main
  pushed
  assert_stderr 'the red commit is your own; the push goes on'
}

@test "a value that makes no sense is told, and the default counts" {
  serve "$(ci "$BASE" "$RED")"
  try git -c devloop.prepush=never -c devloop.prepush.maxAge=soon push origin main
  stopped
  assert_stderr "devloop.prepush: 'never' is not block, warn or off"
  assert_stderr "devloop.prepush.maxage: 'soon' is not a duration"
}

@test "two pushurls: asked twice, about what each of them has" {
  git init -q --bare -b main ../second.git
  git push -q --no-verify ../second.git main
  serve "$(ci "$BASE" "$RED")" "$(ci "$(git rev-parse main)" "$GREEN")"
  git config --add remote.origin.pushurl "$PWD/../second.git"
  git config --add remote.origin.pushurl "$PWD/../origin.git"
  git commit -q --allow-empty -m three
  push origin main
  assert_status 1
  [ "$(at main ../second.git)" = "$(git rev-parse main)" ]
  [ "$(at main)" = "$BASE" ]
}

@test "the remote that is pushed to counts, not the one of the branch" {
  git init -q --bare -b main ../fork.git
  git remote add fork ../fork.git
  git push -q --no-verify fork "$BASE:refs/heads/main"
  serve "$(ci "$BASE" "$RED")"
  push -u fork main
  assert_status 1
  git config devloop.ci github
  git rm -q -r .devloop
  git commit -qm 'no configuration'
  git remote set-url fork https://github.com/o/fork.git
  git config remote.fork.pushurl "$PWD/../fork.git"
  rm -rf "$XDG_CACHE_HOME"
  push fork main
  assert_status 1
  requested '/repos/o/fork/'
}

@test "a folder without a name has no CI; a password is not told" {
  push "$PWD/../origin.git" main
  pushed
  assert_stderr 'a folder without a name has no CI; the push goes on'
  echo "x $(git rev-parse main) refs/heads/main $BASE" |
    DL_RETRIES=0 try dl-gate 'http://me:secret@127.0.0.1:1/o/r' 'http://me:secret@127.0.0.1:1/o/r'
  assert_status 0
  refute grep -r secret "$XDG_STATE_HOME"
  refute grep secret <<<"$stderr"
}

@test "from a linked worktree, from below, from a bare repository and with --git-dir" {
  serve "$(ci "$BASE" "$RED")"
  git worktree add -q ../linked -b linked
  (cd ../linked && try git push origin linked:main && stopped)
  mkdir sub
  (cd sub && try git push origin main && assert_status 1)
  git remote set-url origin "$PWD/../origin.git"
  cp -r .git ../bare
  git -C ../bare config core.bare true
  cd ..
  # libgit2 1.5 leaks the path in GIT_WORK_TREE, for which LeakSanitizer would end dl-status.
  export ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0
  try git --git-dir=w/.git --work-tree=w push "$PWD/origin.git" main
  assert_status 0
  git -C origin.git update-ref refs/heads/main "$BASE"
  try git --git-dir=w/.git --work-tree=w push origin main
  assert_status 1
  try git --git-dir=bare push "$PWD/origin.git" main
  assert_status 0
}

@test "an alias of git, and hook managers between git and the hook" {
  serve "$(ci "$BASE" "$RED")"
  mkdir ../managed
  printf '#!/bin/sh\nsh -c "sh \\"%s/hooks/pre-push\\" \\"\\$@\\"; exit \\$?" sh "$@"\n' "$ROOT" >../managed/pre-push
  chmod +x ../managed/pre-push
  git config core.hooksPath "$PWD/../managed"
  git config alias.p 'push --dry-run'
  try git p origin main
  assert_status 0
  assert_stderr 'would be stopped'
  push origin main
  stopped
}

@test "standard input: nothing, silence, nonsense, and ten megabytes" {
  try dl-gate origin x </dev/null
  assert_status 0
  mkfifo silent
  exec 4<>silent
  try dl-gate origin x <silent 4>&-
  exec 4>&-
  assert_status 0
  try dl-gate origin x <<<'nonsense'
  assert_status 0
  assert_stderr "line 1: 'nonsense' is no line for a pre-push hook; the push goes on"
  try sh -c 'yes "refs/tags/a '"$BASE"' refs/tags/a '"$BASE"'" | head -c 10000000 | dl-gate origin x && echo drained'
  assert_line drained
  try dl-gate
  assert_status 2
  try dl-gate origin x <&-
  assert_status 0
}

@test "what cannot be written decides nothing: a read-only state, a full disk, a closed stderr" {
  serve "$(ci "$BASE" "$RED")"
  touch ../file
  XDG_STATE_HOME=$PWD/../file push origin main
  stopped
  env -u HOME PATH="$PATH" git push origin main 2>/dev/full || status=$?
  stopped
  run git push origin main 2>&-
  [ "$(at main)" = "$BASE" ]
  LC_ALL=C push origin main
  stopped
  umask 077
  push origin main
  stopped
}

@test "on a terminal: one line that is replaced, no colours where none are wanted, Enter pushes now" {
  serve "$(ci "$BASE" "$RUNNING")"
  at_terminal 'git push origin main'
  press '\n' "waiting for CI of ${BASE:0:10}.*Enter: push now"
  [ "$(at main)" = "$(git rev-parse main)" ]
  grep -q 'was not waited for; the push goes on' screen
  refute grep -q "$(printf '\033')\[3" screen
}

@test "Ctrl-C in the gate ends the push, and what it has started" {
  serve "$(ci "$BASE" "$RUNNING")"
  at_terminal 'git push origin main'
  press '\003' 'Enter: push now'
  [ "$(at main)" = "$BASE" ]
}

# ---- the local provider ----

# workflows NAME TEXT...: commits .devloop/ci/NAME.
workflows() {
  git config devloop.ci local
  mkdir -p .devloop/ci
  while [ $# -gt 0 ]; do
    printf '#!/bin/sh\n%s\n' "$2" >".devloop/ci/$1"
    chmod +x ".devloop/ci/$1"
    shift 2
  done
  git add .devloop
  git commit -qm workflows
}

@test "local: the workflows run for the commit that is pushed, once, and the push waits" {
  workflows build 'sleep 1; echo run >>'"$BATS_TEST_TMPDIR/ran" test 'echo run >>'"$BATS_TEST_TMPDIR/ran"
  push origin main
  pushed
  [ "$(wc -l <../ran)" = 2 ]
  try dl-runs -p local -F workflow,event,branch,sha
  assert_line $'build\tpush\tmain\t'"$(git rev-parse main)"
  git -C ../origin.git update-ref refs/heads/main "$BASE"
  push origin main
  pushed
  [ "$(wc -l <../ran)" = 2 ]
  # A new branch and a new commit are no exception.
  git commit -q --allow-empty -m more
  push origin main:new
  assert_status 0
  [ "$(wc -l <../ran)" = 4 ]
}

@test "local: a workflow that fails stops the push" {
  workflows build true test 'echo the price should be 42; exit 1'
  push origin main
  stopped
  assert_stderr "^dl-gate: CI of $(git rev-parse main | cut -c 1-10), which is pushed to main, says failure$"
  assert_stderr '^dl-gate:   run   test, job test, '
  assert_stderr '^dl-gate:   log   dl-logs --failed local:/run/[0-9]+$'
  try git -c devloop.prepush=warn push origin main
  pushed
}

@test "local: one that takes longer than is granted goes on, and so does the push" {
  workflows slow 'sleep 60'
  try git -c devloop.prepush.wait=1 push origin main
  pushed
  assert_stderr 'is not finished; the push goes on'
}

@test "local: --dry-run runs nothing" {
  workflows build 'touch '"$BATS_TEST_TMPDIR/ran"
  push --dry-run origin main
  assert_status 0
  [ ! -e ../ran ]
}

@test "local: nothing of a repository is run unless it is enabled in that repository" {
  workflows build 'touch '"$BATS_TEST_TMPDIR/ran"
  git config --unset devloop.ci
  export GITHUB_API_URL=http://127.0.0.1:1 DL_RETRIES=0
  push origin main
  pushed
  git -C ../origin.git update-ref refs/heads/main "$BASE"
  git config --global devloop.ci local
  push origin main
  pushed
  git -C ../origin.git update-ref refs/heads/main "$BASE"
  DL_CI=local push origin main
  pushed
  [ ! -e ../ran ]
  git -C ../origin.git update-ref refs/heads/main "$BASE"
  try git -c devloop.ci=local push origin main
  pushed
  [ -e ../ran ]
}

@test "local: a commit without workflows has nothing to be asked about" {
  git config devloop.ci local
  push -q origin main
  pushed
  [ -z "$stderr" ]
}

# ---- over the network ----

@test "over ssh: the URL says who is asked" {
  serve "$(ci "$BASE" "$RED")"
  start_sshd
  host_is localhost
  git rm -q -r .devloop
  git commit -qm 'no configuration'
  git remote add away "ssh://$(id -un)@localhost:$PORT$BATS_TEST_TMPDIR/origin.git"
  push away main
  [[ $stderr != *ermission\ denied* ]] || skip 'this user cannot log in'
  stopped
  assert_stderr "CI of main, at ${BASE:0:10} on the server, says failure"
  requested "/repos/${BATS_TEST_TMPDIR#/}/origin/"
  push "ssh://$(id -un)@localhost:$PORT$BATS_TEST_TMPDIR/origin.git" main
  stopped
  try git -c devloop.prepush=warn push away main
  pushed
}

@test "over http: the same, and the credential of the URL is not told" {
  serve "$(ci "$BASE" "$RED")"
  start_httpd
  host_is "127.0.0.1:$PORT"
  git rm -q -r .devloop
  git commit -qm 'no configuration'
  git remote add away "http://me:secret@127.0.0.1:$PORT/cgi-bin/git/origin.git"
  push away main
  stopped
  assert_stderr "CI of main, at ${BASE:0:10} on the server, says failure"
  refute grep -q secret <<<"$stderr"
  requested '/repos/cgi-bin/git/origin/'
  try git -c devloop.prepush=warn push away main
  pushed
}

@test "a remote of several URLs: each server is asked about its own" {
  git init -q --bare -b main ../second.git
  git -C ../second.git config http.receivepack true
  git push -q --no-verify ../second.git "$BASE:refs/heads/main"
  serve "$(ci "$BASE" "$RED")" "$(ci "$BASE" "$RED")"
  start_httpd
  host_is "127.0.0.1:$PORT"
  git rm -q -r .devloop
  git commit -qm 'no configuration'
  git remote add both "http://127.0.0.1:$PORT/cgi-bin/git/origin.git"
  git remote set-url --add both "http://127.0.0.1:$PORT/cgi-bin/git/second.git"
  push both main
  stopped
  [ "$(at main ../second.git)" = "$BASE" ]
  requested '/repos/cgi-bin/git/origin/'
  requested '/repos/cgi-bin/git/second/'
}

# ---- the hook ----

@test "without dl-gate the hook asks gh, and names it the repository" {
  mkdir ../tools
  # shellcheck disable=SC2016 # for that script
  printf '#!/bin/sh\n[ "$3" != --help ] || { echo "  --commit SHA"; exit; }
    printf "%%s\\n" "$GH_PROMPT_DISABLED" "$@" >>"%s/asked"\ncat "%s/page" 2>/dev/null\n' \
    "$BATS_TEST_TMPDIR" "$BATS_TEST_TMPDIR" >../tools/gh
  chmod +x ../tools/gh
  PATH=$PWD/../tools:/usr/bin:/bin push origin main
  pushed
  grep -qxF -- "$(printf '%s\n' --repo ../origin.git --commit "$BASE" --json)" <(sed -n 4,8p ../asked) ||
    complain "$(cat ../asked)"
  [ "$(head -n 1 ../asked)" = 1 ]
  git -C ../origin.git update-ref refs/heads/main "$BASE"
  echo https://github.com/o/r/actions/runs/7 >../page
  PATH=$PWD/../tools:/usr/bin:/bin push origin main
  stopped
  assert_stderr '^pre-push: CI of refs/heads/main failed on the server: https://github.com/o/r/actions/runs/7$'
  PATH=$PWD/../tools:/usr/bin:/bin push origin :new
  for how in 'env DL_HOOKS=0 git' 'env CI=1 git' 'git -c devloop.prepush=off' 'git -c devloop.prepush=warn'; do
    # shellcheck disable=SC2086 # words
    PATH=$PWD/../tools:/usr/bin:/bin try $how push origin main
    pushed
    git -C ../origin.git update-ref refs/heads/main "$BASE"
  done
  git tag v1
  rm ../asked
  PATH=$PWD/../tools:/usr/bin:/bin push origin v1 main:new
  assert_status 0
  PATH=$PWD/../tools:/usr/bin:/bin push origin :new
  assert_status 0
  [ ! -e ../asked ]
}

@test "gh understands what the hook asks it" {
  command -v gh >/dev/null || skip 'no gh here'
  try gh run list --help
  for option in --repo --limit --json --jq; do grep -q -- "$option" <<<"$output" || complain "gh has no $option"; done
  try gh run list --json headSha,workflowName,createdAt,conclusion,url --repo o/r
  refute grep -qi 'unknown json field' <<<"$stderr"
}

@test "a dl-gate that breaks lets the push go" {
  mkdir ../tools
  for how in 'exit 70' 'kill -9 $$' 'exit 2'; do
    printf '#!/bin/sh\n%s\n' "$how" >../tools/dl-gate
    chmod +x ../tools/dl-gate
    PATH=$PWD/../tools:/usr/bin:/bin push origin main
    pushed
    assert_stderr '^pre-push: dl-gate ended with status [0-9]+; the push goes on$'
    git -C ../origin.git update-ref refs/heads/main "$BASE"
  done
  printf '#!/bin/sh\nexit 1\n' >../tools/dl-gate
  PATH=$PWD/../tools:/usr/bin:/bin push origin main
  stopped
}

@test "with nothing on PATH the push goes" {
  local git
  git=$(command -v git)
  try env PATH=/nonexistent "$git" push origin main
  pushed
  [[ $stderr != *'not found'* ]] || complain 'the hook looks for what is not there'
}
