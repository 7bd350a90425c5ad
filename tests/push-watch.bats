# What comes after a push: the watcher that dl-gate starts: which pushes it watches, and what has become of them. Real pushes
# to real repositories, over a folder, ssh and http.
# shellcheck disable=SC2030,SC2031,SC2154 # each test is a subshell of its own; `try` sets $stderr
load helper
load github
load push
load watched

# ---- what is watched ----

@test "a push of a branch: one line before it, an event and the user's hook after it" {
  try git push origin main
  assert_status 0
  assert_stderr "^dl-gate: CI of $(git rev-parse main | cut -c 1-10) will be watched$"
  [ "$(grep -c ^dl-gate: <<<"$stderr")" = 1 ]
  watched "^origin refs/heads/main $(git rev-parse main): $MOVED: none: no CI system is known here"
  [ "$(head -n 1 "$TOLD")" = "origin $(realpath ..)/w/../origin.git none" ]
  [ "$(sed -n 2p "$TOLD" | jq -c '[.type, .branch, .sha, .verdict]')" = '["verdict","main","'"$(git rev-parse main)"'","none"]' ]
  [ "$(sed -n 3p "$TOLD")" = "in $PWD" ]
  [ "$(details post-push)" = "$PWD/../hooks/post-push: exit code 0" ]
  [ -z "$(find .git/devloop/push -type f)" ]
}

@test "-q of git silences the line, and the push is watched all the same" {
  try git push -q origin main
  assert_status 0
  [ -z "$stderr" ]
  watched "$MOVED"
}

@test "not watched: a dry run, DL_HOOKS=0, DL_SKIP, CI, --no-verify, devloop.postpush=off, only deletions" {
  local how
  git push -q --no-verify origin main:old
  for how in 'git push -n' 'env DL_HOOKS=0 git push' 'env DL_SKIP=pre-push git push' 'env CI=true git push' \
    'git push --no-verify' 'git -c devloop.postpush=off push'; do
    # shellcheck disable=SC2086 # words
    try $how origin main
    assert_status 0
    [[ $stderr != *dl-gate* ]] || complain "$how"
    unwatched
    git -C ../origin.git update-ref refs/heads/main "$BASE"
    git update-ref refs/remotes/origin/main "$BASE"
  done
  try git push origin :old
  assert_status 0
  unwatched
  try env CI=true git -c devloop.ci.inCI=true push origin main
  assert_status 0
  watched "$MOVED"
}

@test "more than eight refs are no push to be watched, which the gate's event says" {
  local i
  for i in {1..9}; do git tag "v$i"; done
  try git push origin --tags
  assert_status 0
  unwatched
  grep -q 'not watched: more than eight refs' "$EVENTS"
}

@test "several refs, deletions and tags among them: one event for each that is not deleted" {
  git push -q --no-verify origin main:old
  git tag v1
  git tag -a -m release v2
  try git push origin main :old v1 v2 HEAD~1:refs/heads/new
  assert_status 0
  watched "main .*: $MOVED" "refs/tags/v1 .*: $ENDED" "refs/tags/v2 .*: $ENDED" "refs/heads/new .*: $MOVED"
  # CI knows the commit, not the tag.
  [ "$(grep '"branch":"v2"' "$TOLD" | jq -r .sha)" = "$(git rev-parse main)" ]
}

@test "what the user wrote may have spaces, names may have letters of all kinds" {
  git commit -q --allow-empty -m 'aa bb'
  git branch 'größe/日本'
  try git push origin 'HEAD^{/aa bb}:refs/heads/main' 'größe/日本'
  assert_status 0
  LC_ALL=C watched "main .*: $MOVED" "refs/heads/größe/日本 .*: $MOVED"
  grep -q '"branch":"größe/日本"' "$TOLD"
}

# other_format OPTION: pushes from and to repositories that are made with that OPTION of git init.
other_format() {
  # libgit2 1.5 leaks where a repository has extensions, for which LeakSanitizer would end dl-status.
  export ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0
  git init -q --bare -b main "$1" ../other.git
  git init -q -b main "$1" ../other
  cd ../other || return
  git config core.hooksPath "$BATS_TEST_TMPDIR/hooks"
  git remote add origin ../other.git
  git commit -q --allow-empty -m one
  git push -q origin main
  watched "main $(git rev-parse main): $MOVED"
  # The tracking ref stands there already: it tells nothing.
  git -C ../other.git update-ref -d refs/heads/main
  git push -q origin main
  eventually over
  details | tail -n 1 | grep -qE "$ENDED" || complain "$(details)"
}

@test "SHA-256" {
  other_format --object-format=sha256
}

@test "refs that are kept in tables" {
  git init -q --ref-format=reftable ../probe 2>/dev/null || skip "$(git version) has no reftable"
  other_format --ref-format=reftable
}

@test "tracking refs that are packed" {
  git pack-refs --all
  [ ! -e .git/refs/remotes/origin/main ]
  git push -q origin main
  watched "$MOVED"
  git pack-refs --all
  git -C ../origin.git update-ref refs/heads/main "$BASE"
  git push -q origin main
  eventually over
  details | tail -n 1 | grep -qE "$ENDED" || complain "$(details)"
}

# ---- what has become of it ----

@test "the tracking ref stood there before: accepted and refused are told apart" {
  git update-ref refs/remotes/origin/main main
  git push -q origin main
  watched "main .*: $ENDED"
  git -C ../origin.git update-ref refs/heads/main "$BASE"
  rm "$EVENTS" "$TOLD"
  server pre-receive 'exit 1'
  try git push -q origin main
  assert_status 1
  watched 'main .*: rejected \((git ended with exit code 1|the server has another commit)\)'
  [ ! -e "$TOLD" ]
}

@test "the server refuses one of two: exit code 1, and one has arrived" {
  # shellcheck disable=SC2016 # for the script
  server update '[ "$1" != refs/heads/main ]'
  git tag v1
  try git push -q origin main main:side v1
  assert_status 1
  watched 'heads/main .*: rejected \(' "heads/side .*: $MOVED" 'tags/v1 .*: pushed \(the server has it\)'
  refute grep -q '"branch":"main"' "$TOLD"
}

@test "--atomic, a push that is no fast forward, and one that a later hook stops: nothing has arrived" {
  # shellcheck disable=SC2016
  server update '[ "$1" != refs/heads/main ]'
  try git push -q --atomic origin main main:side
  assert_status 1
  watched 'heads/main .*: rejected' 'heads/side .*: rejected'
  rm "$EVENTS" ../origin.git/hooks/update
  git clone -q ../origin.git ../other
  git -C ../other commit -q --allow-empty -m theirs
  git -C ../other push -q
  try git push -q origin main
  assert_status 1
  watched 'heads/main .*: rejected'
  rm "$EVENTS"
  hook pre-push "'$ROOT/hooks/pre-push' \"\$@\" && exit 1"
  try git push -q --force origin main
  assert_status 1
  watched 'heads/main .*: rejected'
  [ ! -e "$TOLD" ]
}

@test "two pushurls: each is watched, by a watcher of its own" {
  git init -q --bare -b main ../second.git
  git config --add remote.origin.pushurl "$PWD/../origin.git"
  git config --add remote.origin.pushurl "$PWD/../second.git"
  git push -q origin main
  eventually over
  [ "$(details | wc -l)" = 2 ]
  grep -q '/origin.git none$' "$TOLD"
  grep -q '/second.git none$' "$TOLD"
}

@test "a URL, a remote that is not fetched from, a review, a bare repository: the exit code or the server tells" {
  git push -q ../origin.git main
  watched "^\.\./origin\.git refs/heads/main .*: $ENDED: none: a folder without a name has no CI"
  rm "$EVENTS"
  git config --unset remote.origin.fetch
  git push -q origin main:one
  watched "refs/heads/one .*: $ENDED"
  rm "$EVENTS"
  git config remote.origin.fetch '+refs/heads/*:refs/remotes/origin/*'
  git push -q origin HEAD:refs/for/main
  eventually over
  # The server does not show it, so where the system does not tell how git has ended nothing does.
  details | grep -qE 'refs/for/main .*: (pushed \(git ended with exit code 0\)|unknown)' || complain "$(details)"
  rm "$EVENTS"
  git clone -q --bare . ../bare.git
  cd ../bare.git
  git config core.hooksPath "$PWD/../hooks"
  git push -q ../origin.git main:two
  eventually grep -qs '"operation":"push"' "$EVENTS"
  details | grep -qE "refs/heads/two .*: $ENDED" || complain "$(details)"
}

# killed SIGNAL: kills git with SIGNAL while the server is busy.
killed() {
  git push -q origin main 2>/dev/null 3>&- &
  eventually test -e ../receiving
  kill "-$1" $!
  wait $! || :
}

@test "git is killed while the server still works, which then takes the push: late, but there" {
  busy_server pre-receive
  killed KILL
  [ "$(at main)" = "$BASE" ]
  go_on
  watched 'main .*: pushed_late \(the server has it\)'
  [ "$(head -n 1 "$TOLD" | sed 's/.* //')" = none ]
}

@test "git is killed, and the server refuses: not there" {
  busy_server pre-receive 'exit 1'
  killed TERM
  go_on
  watched 'main .*: rejected \((git was ended by signal 15|the server has another commit)\)'
  [ ! -e "$TOLD" ]
}

@test "Ctrl-C in the transfer, which the server takes all the same" {
  busy_server pre-receive
  at_terminal 'git push origin main'
  eventually test -e ../receiving
  press '\003'
  [ "$(at main)" = "$BASE" ]
  go_on
  watched 'main .*: pushed_late \(the server has it\)'
}

@test "the terminal is closed in the transfer: the watcher lives on" {
  busy_server pre-receive
  at_terminal 'git push origin main'
  eventually test -e ../receiving
  eventually some_left
  kill -KILL "$TERMINAL"
  exec 4>&-
  eventually none_pushes
  some_left
  go_on
  watched 'main .*: pushed_late \(the server has it\)'
}

@test "Ctrl-C, and a signal, after the server took the push, while its last hook runs" {
  busy_server post-receive
  at_terminal 'git push origin main'
  eventually test -e ../receiving
  press '\003'
  [ "$(at main)" = "$(git rev-parse main)" ]
  go_on
  watched "main .*: ($MOVED|pushed_late \\(the server has it\\))"
  rm "$EVENTS" ../receiving
  git commit -q --allow-empty -m three
  killed KILL
  [ "$(at main)" = "$(git rev-parse main)" ]
  go_on
  watched "main .*: ($MOVED|pushed_late \\(the server has it\\))"
}

@test "Ctrl-C while the gate waits for CI: nothing is pushed, and nothing watched" {
  use_ci
  git push -q --no-verify origin main
  git config --global --unset devloop.prepush
  serve "$(ci "$(git rev-parse main)" "$RUNNING")"
  git commit -q --allow-empty -m more
  at_terminal 'git push origin main'
  press '\003' 'Enter: push now'
  [ "$(at main)" = "$(git rev-parse main~1)" ]
  unwatched
}

@test "a remote with the name of a path" {
  git init -q --bare -b main a/b
  git remote add a/b ../origin.git
  git push -q a/b main
  watched "^a/b refs/heads/main .*: $MOVED"
  [ "$(at main)" = "$(git rev-parse main)" ]
  [ "$(git rev-parse refs/remotes/a/b/main)" = "$(git rev-parse main)" ]
  rm "$EVENTS"
  git push -q ./a/b main # the folder of that name
  watched "^\./a/b refs/heads/main .*: $ENDED"
}

# ---- over the network ----

@test "over ssh: branches and tags, and the server is never asked" {
  use_ci
  git tag v1
  serve "$(ci "$(git rev-parse main)" "$GREEN")"
  start_sshd
  git remote add away "ssh://$(id -un)@localhost:$PORT$BATS_TEST_TMPDIR/origin.git"
  export GIT_TRACE=$BATS_TEST_TMPDIR/trace
  try git push -q away main v1
  [[ $stderr != *ermission\ denied* ]] || skip 'this user cannot log in'
  assert_status 0
  watched "^away refs/heads/main .*: $MOVED: success: CI$" \
    '^away refs/tags/v1 .*: pushed \((git ended with exit code 0|CI has a run of it)\): success: CI$'
  refute grep -q "$(id -un)@" "$TOLD"
  # Not even where nothing else tells.
  busy_server pre-receive 'exit 1'
  git push -q away main:killed 2>/dev/null 3>&- &
  eventually test -e ../receiving
  kill -KILL $!
  go_on
  eventually over
  details | grep -q 'refs/heads/killed .*: unknown (' || complain "$(details)"
  refute grep -q ls-remote ../trace
}

@test "over ssh: the server closes the connection while CI is waited for, which git does not explain" {
  use_ci
  git config --global --unset devloop.prepush
  BASE=$(git rev-parse HEAD)
  git push -q --no-verify origin main
  git commit -q --allow-empty -m more
  serve "$(ci "$BASE" "$RUNNING")"
  start_sshd
  printf '#!/bin/sh\nexec timeout 2 %s "$@"\n' "$GIT_SSH_COMMAND" >../ssh/short
  chmod +x ../ssh/short
  git remote add away "ssh://$(id -un)@localhost:$PORT$BATS_TEST_TMPDIR/origin.git"
  git fetch -q away
  GIT_SSH_COMMAND=$BATS_TEST_TMPDIR/ssh/short try git -c devloop.prepush.wait=8 push away main
  [ "$status" -ne 0 ]
  [ "$(at main)" = "$BASE" ]
  eventually over
  if details | grep -q 'nothing shows that it has arrived'; then skip 'this system does not tell how git has ended'; fi
  watched '^away refs/heads/main .*: dropped \(the server closed the connection while the push waited for CI: push again'
  [ "$(head -n 1 "$TOLD")" = "away ssh://localhost:$PORT$BATS_TEST_TMPDIR/origin.git dropped" ]
  [ "$(sed -n 2p "$TOLD" | jq -r '.type, .outcome')" = $'push\ndropped' ]
}

@test "over http: the server is asked where nothing else tells, without a prompt" {
  use_ci
  serve "$(ci "$(git rev-parse main)" "$GREEN")"
  start_httpd
  git remote add away "http://127.0.0.1:$PORT/cgi-bin/git/origin.git"
  git tag v1
  git push -q away main v1
  watched "^away refs/heads/main .*: $MOVED: success: CI$" "^away refs/tags/v1 .*: $ENDED: success: CI$"
  rm "$EVENTS"
  git -C ../origin.git update-ref refs/heads/main "$BASE"
  busy_server pre-receive
  git push -q away main 2>/dev/null 3>&- &
  eventually test -e ../receiving
  kill -KILL $!
  go_on
  eventually over
  details | grep -qE 'heads/main .*: (pushed_late|rejected|pushed) ' || complain "$(details)"
}
