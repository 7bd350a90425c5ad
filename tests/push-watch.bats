# What comes after a push: the watcher that dl-gate starts, and what it finds out and tells. Real pushes to real
# repositories, over a folder, ssh and http.
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

# ---- nobody waits for it ----

@test "whoever reads git through a pipe does not wait for the watcher, which holds nothing of anybody's" {
  local pid number line
  use_ci
  serve "$(ci "$(git rev-parse main)" "$RUNNING")"
  # git has its pipes to the server in such descriptors.
  hook pre-push "exec 9<'$ROOT/README.md'" "exec '$ROOT/hooks/pre-push' \"\$@\""
  # The reader ends when nobody has the pipe open any more.
  git push origin main 2>&1 3>&- | cat >../output
  pid=$(watchers)
  [ -n "$pid" ] || complain "the watcher was waited for"
  [ "$(readlink "/proc/$pid/cwd")" = "$(realpath .git)" ]
  for number in 0 1 2; do [ "$(readlink "/proc/$pid/fd/$number")" = /dev/null ]; done
  [ ! -e "/proc/$pid/fd/9" ]
  # Its record it has; it may be running git or dl-status right now, by pipes of its own.
  refute grep -E "$BATS_TEST_TMPDIR|/dev/pts" <(find "/proc/$pid/fd" ! -lname '*/devloop/push/*' -printf '%l\n')
  [ "$(ps -o sid= -p "$pid" | tr -d ' ')" != "$(ps -o sid= -p $$ | tr -d ' ')" ]
  [ "$(ps -o tty= -p "$pid" | tr -d ' ')" = '?' ]
  [ $((0x$(sed -n 's/^SigIgn:[^0-9a-f]*//p' "/proc/$pid/status") & 1)) = 1 ] || complain 'it dies of SIGHUP'
  refute grep -qz '^GIT_DIR=' "/proc/$pid/environ"
}

@test "whoever reads git through a pipe is done within 100 ms of git" {
  local branch ms
  use_ci
  serve "$(ci "$(git rev-parse main)" "$RUNNING")"
  # One of three will do: the machine may have others to look after.
  for branch in one two three; do
    ms=$({
      git push -q origin "main:$branch" 2>&1 3>&-
      date +%s%N >../ended
    } | cat && echo $((($(date +%s%N) - $(cat ../ended)) / 1000000)))
    [ "$ms" -ge 100 ] || break
  done
  some_left
  [ "$ms" -lt 100 ] || complain "the last of three took $ms ms"
}

@test "from a linked worktree that is removed meanwhile" {
  use_ci
  git worktree add -q ../linked -b linked
  serve "$(ci "$(git rev-parse linked)" "$RUNNING" "$RUNNING" "$GREEN")"
  git -C ../linked push -q origin linked
  eventually requested "head_sha=$(git rev-parse linked)"
  git worktree remove --force ../linked
  watched "refs/heads/linked .*: $MOVED: success: CI"
  grep -q "^in $(realpath .git)$" "$TOLD"
}

@test "the repository is deleted meanwhile: the watcher ends, and says so" {
  use_ci
  serve "$(ci "$(git rev-parse main)" "$RUNNING")"
  git push -q origin main
  eventually requested "head_sha=$(git rev-parse main)"
  cd ..
  eventually rm -rf w # into which the watcher may just write
  eventually none_left
  eventually grep -q 'the repository is gone' "$EVENTS"
  [ ! -e "$TOLD" ]
}

@test "what cannot be written: the push goes, with one line; no home; umask 077" {
  touch .git/devloop
  try git push origin main
  assert_status 0
  assert_stderr '^dl-gate: CI will not be watched: '
  [ "$(grep -c ^dl-gate: <<<"$stderr")" = 1 ]
  grep -q 'not watched: ' "$EVENTS"
  rm .git/devloop
  git config devloop.prepush off
  umask 077
  env -u HOME -u XDG_STATE_HOME -u GIT_CONFIG_GLOBAL git push -q origin main:one
  eventually test -e "$TOLD"
  eventually over
}

@test "no room on the disk: the push goes, with one line, and nothing is left" {
  # A limit on the size of files: nothing can be written at all.
  hook pre-push "trap '' XFSZ" 'ulimit -f 0' "exec '$ROOT/hooks/pre-push' \"\$@\""
  git push origin main 2>&1 | cat >../said # a file would have the same limit
  [ "$(at main)" = "$(git rev-parse main)" ]
  grep -qE '^dl-gate: CI will not be watched: .*File too large' ../said || complain "$(cat ../said)"
  [ "$(grep -c ^dl-gate: ../said)" = 1 ]
  [ ! -s "$EVENTS" ] && ! find .git/devloop -type f 2>/dev/null | grep -q .
}

@test "the disk of the state is full: the push goes, and is watched" {
  unshare -m true 2>/dev/null || skip 'only root can mount a small disk'
  use_ci
  serve "$(ci "$(git rev-parse main)" "$GREEN")"
  mkdir -p "$XDG_STATE_HOME"
  # shellcheck disable=SC2016 # for that shell
  try unshare -m sh -c 'mount -t tmpfs -o size=4k full "$XDG_STATE_HOME" && mkdir "$XDG_STATE_HOME/devloop" &&
    head -c 4096 /dev/zero >"$XDG_STATE_HOME/devloop/zeros"; git push origin main'
  assert_status 0
  assert_stderr '^dl-gate: CI of [0-9a-f]{10} will be watched$'
  eventually over
  [ "$(head -n 1 "$TOLD" | sed 's/.* //')" = success ]
  [ "$(dl-prompt -F verdict)" = success ] # by what the repository itself keeps
}

@test "a clock that was set: old records are swept, in both directions, and those of a watcher at work are not" {
  local old new pid
  use_ci
  old=$(git rev-parse main)
  serve "$(ci "$old" "$RUNNING")"
  git push -q origin main
  eventually requested "head_sha=$old"
  pid=$(watchers)
  # It sleeps, as a laptop does, for a day.
  kill -STOP "$pid"
  eventually grep -q '^State:.T' "/proc/$pid/status"
  touch .git/devloop/push/{past,future,recent}
  touch -d '-1 day' .git/devloop/push/*
  touch -d '+1 day' .git/devloop/push/future
  touch .git/devloop/push/recent
  DL_CI=none git push -q origin main:other
  eventually gone .git/devloop/push/past
  eventually gone .git/devloop/push/future
  eventually only_watcher "$pid"
  rm .git/devloop/push/recent
  [ "$(find .git/devloop/push -type f | wc -l)" = 2 ] # the record, and the ref that it watches
  stop_servers
  serve -p "${URL##*:}" "$(ci "$old" "$GREEN")"
  kill -CONT "$pid"
  eventually over
  details | grep -qE "main $old: $MOVED: success: CI$" || complain "$(details)"
}

@test "a repository of another user: pushed from when git trusts it; what is not ours to write is told" {
  [ "$(id -u)" = 0 ] || skip 'only root can give a folder away'
  chown -R 12345 . ../origin.git
  try git push origin main
  assert_status 128
  assert_stderr 'dubious ownership'
  unwatched
  git config --global --add safe.directory '*'
  git push -q origin main
  watched "main .*: $MOVED: none"
  # The folder is another one's again, and has no right for us.
  chown -R 0 . ../origin.git
  chown -R 12345 .git/devloop
  chmod -R go= .git/devloop
  try unprivileged git push origin main:two
  assert_status 0
  assert_stderr '^dl-gate: CI will not be watched: .*Permission denied'
  eventually none_left
}

@test "with an empty PATH, a hook still finds our programs" {
  local git
  git=$(command -v git)
  hook pre-push "exec '$DL_BIN/dl-gate' \"\$@\""
  hook post-push "dl-show -F branch,verdict >'$TOLD'"
  env PATH= "$git" push -q origin main
  eventually grep -qx $'main\tnone' "$TOLD"
}

@test "the hook is there twice: one watcher" {
  hook pre-push 'lines=$(cat)' "for i in 1 2; do echo \"\$lines\" | dl-gate \"\$@\" || exit; done"
  git push -q origin main
  watched "$MOVED"
  grep -q 'not watched: there is a watcher already' "$EVENTS"
}

@test "another process has the pid of git by now: it is not waited for" {
  mkdir -p .git/devloop/push
  jq -nc --arg sha "$(git rev-parse main)" '{type: "push", remote: "origin", url: "../origin.git", local_ref: "main",
    local_sha: $sha, remote_ref: "refs/heads/main", tracking: "refs/remotes/origin/main"}' >.git/devloop/push/record
  git update-ref refs/remotes/origin/main main
  try timeout 20 dl-push-watch --pid $$ --started 1 .git/devloop/push/record
  assert_status 0
  watched "main .*: $MOVED"
}

@test "a client without a process of git: the tracking ref is watched" {
  echo "refs/heads/main $(git rev-parse main) refs/heads/main $BASE" | dl-gate origin ../origin.git
  eventually some_left
  git update-ref refs/remotes/origin/main main
  watched "main .*: $MOVED"
}

@test "what is no record is refused, and left alone" {
  echo mine >file
  try dl-push-watch file
  assert_status 2
  mkdir -p .git/devloop/push
  echo mine >.git/devloop/push/file
  try dl-push-watch .git/devloop/push/file
  assert_status 9
  try dl-push-watch nothing
  assert_status 5
  try dl-push-watch
  assert_status 2
  [ "$(cat file .git/devloop/push/file)" = $'mine\nmine' ]
}

# ---- CI ----

@test "the run of the commit is found and watched, and dl-prompt has it" {
  use_ci
  serve "$(ci "$(git rev-parse main)" "$RUNNING" "$GREEN")"
  git push -q origin main
  watched "main .*: $MOVED: success: CI$"
  [ "$(head -n 1 "$TOLD" | sed 's/.* //')" = success ]
  [ "$(sed -n 2p "$TOLD" | jq -r '.verdict, .ref, .branch')" = "$(printf '%s\n' success "$(ref run 7)" main)" ]
  [ "$(dl-prompt -F verdict,branch)" = $'success\tmain' ]
  jq -se 'map(select(.operation == "push")) | .[0] | .provider == "github" and .class == "ok" and (.duration_s | tonumber) >= 2' "$EVENTS"
}

@test "a run that fails" {
  use_ci
  serve "$(ci "$(git rev-parse main)" "$RED")"
  git push -q origin main
  watched "main .*: $MOVED: failure: Tests$"
  [ "$(head -n 1 "$TOLD" | sed 's/.* //')" = failure ]
}

@test "a run that appears late, and an annotated tag: CI knows the commit" {
  local sha
  use_ci
  mkdir -p .github/workflows
  echo 'on: push' >.github/workflows/ci.yml
  git add .github
  git commit -qm workflow
  git tag -a -m release v1
  sha=$(git rev-parse main)
  serve "$({
    for list in "$(gh_runs)" "$(gh_runs)" "$(gh_runs "id: 7, head_sha: \"$sha\"")"; do
      answer "GET /repos/*/actions/runs?head_sha=$sha&*" "$list"
    done
    answer "GET /repos/*/commits/$sha/check-runs?*" "$(gh_list check_runs '{}')"
    answer "GET /repos/*/commits/$sha/status?*" "$(gh_list statuses '{}')"
    answer 'GET /repos/o/r/actions/*runs?*' "$(gh_runs)"
  } | cassette late)"
  git push -q origin v1
  watched "refs/tags/v1 $(git rev-parse v1): pushed .*: success: CI$"
  [ "$(requests "head_sha=$sha")" -ge 3 ]
}

@test "the network is gone for a while" {
  use_ci
  local port
  serve "$(ci "$(git rev-parse main)" "$RUNNING")"
  port=${URL##*:}
  git push -q origin main
  eventually requested "head_sha=$(git rev-parse main)"
  stop_servers
  eventually grep -q '"class":"network"' "$EVENTS"
  serve -p "$port" "$(ci "$(git rev-parse main)" "$GREEN")"
  watched "main .*: $MOVED: success: CI$"
}

@test "a newer push of the same branch takes the older watcher's place" {
  local old
  use_ci
  old=$(git rev-parse main)
  git commit -q --allow-empty -m three
  serve "$({
    answer "GET /repos/*/actions/runs?head_sha=$old&*" "$(gh_runs "id: 7, head_sha: \"$old\", $RUNNING")"
    answer "GET /repos/*/commits/$old/check-runs?*" "$(gh_list check_runs '{}')"
    answer "GET /repos/*/commits/$old/status?*" "$(gh_list statuses '{}')"
  } | cassette old)" "$(ci "$(git rev-parse main)" "$RUNNING" "$RUNNING" "$RUNNING" "$GREEN")"
  git push -q origin "$old:refs/heads/main"
  eventually requested "head_sha=$old"
  git push -q origin main
  watched "main $old: $MOVED: pending: a newer push is watched in its place" "main $(git rev-parse main): $MOVED: success"
  [ "$(grep -c '^origin ' "$TOLD")" = 1 ]
}

@test "what takes too long is given up" {
  use_ci
  serve "$(ci "$(git rev-parse main)" "$RUNNING")"
  rm ../hooks/pre-push
  printf '#!/bin/sh\nexec "%s/dl-push-watch" --timeout 3s "$@"\n' "$DL_BIN" >../dl-push-watch
  chmod +x ../dl-push-watch
  mkdir ../bin
  cp "$DL_BIN"/dl-{gate,status} ../bin/
  mv ../dl-push-watch ../bin/
  hook pre-push "exec '$BATS_TEST_TMPDIR/bin/dl-gate' \"\$@\""
  git push -q origin main
  watched "main .*: $MOVED: pending: gave up: CI$"
  [ "$(head -n 1 "$TOLD" | sed 's/.* //')" = pending ]
  jq -se 'map(select(.operation == "push")) | .[0].class == "pending"' "$EVENTS"
}

@test "local: the runs that the gate has waited for" {
  git config --global --unset devloop.prepush
  git config devloop.ci local
  mkdir -p .devloop/ci
  printf '#!/bin/sh\nexit 0\n' >.devloop/ci/build
  chmod +x .devloop/ci/build
  git add .devloop
  git commit -qm workflow
  try git push origin main
  refute grep -q 'will be watched' <<<"$stderr"
  watched "main .*: $MOVED: success: build$"
}

@test "ci-monitor: a repository that switches it off is not watched, and nothing else is said" {
  use_ci
  serve "$(ci "$(git rev-parse main)" "$GREEN")"
  echo '{"agents": {"ci-monitor": {"enabled": false}}}' >.devloop/agents.json
  try git push origin main
  assert_status 0
  [[ $stderr != *dl-gate* ]] || complain 'it says something'
  unwatched
  grep -q 'not watched: the repository switches ci-monitor off' "$EVENTS"
  [ ! -e "$TOLD" ]
  rm .devloop/agents.json
  printf 'agents:\n  ci-monitor: {enabled: false}\n' >.devloop/agents.yaml
  try git push origin main:two
  [[ $stderr != *dl-gate* ]] || complain 'it says something'
  unwatched
  # What cannot be read forbids nothing.
  echo '{' >.devloop/agents.json
  try git push origin main:three
  assert_stderr '^dl-gate: CI of [0-9a-f]{10} will be watched$'
  eventually over
}

@test "local: without the gate nothing starts the workflows, and nothing is waited for" {
  local begun=$SECONDS
  rm ../hooks/pre-push
  git config devloop.ci local
  mkdir -p .devloop/ci
  printf '#!/bin/sh\nexit 0\n' >.devloop/ci/build
  chmod +x .devloop/ci/build
  git add .devloop
  git commit -qm workflow
  try dl-push origin main
  assert_status 5
  assert_json '.[0] | .outcome == "pushed" and .verdict == "none"'
  assert_stderr '^dl-push: main: its workflows have not been started: dl-trigger starts one, the hook of dl-hooks all$'
  [ $((SECONDS - begun)) -lt 30 ] || complain "it took $((SECONDS - begun)) s"
  # A commit without workflows has no CI.
  git rm -qr .devloop
  git commit -qm none
  try dl-push origin main
  assert_status 5
  assert_stderr '^dl-push: main: nothing here starts a run of it$'
}

# ---- the hooks ----

@test "commands of the configuration come first, in their order, each with all lines; one can be switched off" {
  local name
  for name in one two three; do
    git config "hook.$name.event" post-push
    git config "hook.$name.command" "cat >>'$BATS_TEST_TMPDIR/$name'; echo $name \"\$#\" >>'$TOLD'; :"
  done
  git config hook.two.enabled false
  git config --add hook.three.event pre-push
  git config --global hook.zero.event post-push
  git config --global hook.zero.command "'$BATS_TEST_TMPDIR/hooks/a command'"
  hook 'a command' "echo \"zero \$*\" >>'$TOLD'" 'exit 3'
  git config --global hook.gone.event post-push
  git config --global hook.gone.command /nonexistent/program
  git config --global hook.back.event post-push
  git config --global hook.back.command "echo back >>'$TOLD'"
  git config --add hook.back.event ''
  git push -q origin main
  eventually over
  # ":" gets what git puts behind a command; echo had none of it.
  [ "$(grep -E '^(one|two|three|zero|back|origin)' "$TOLD" | cut -d ' ' -f 1-2 | tr '\n' ,)" = 'zero origin,one 3,three 3,origin '"$PWD/../origin.git"',' ] ||
    complain "$(cat "$TOLD")"
  cmp ../one ../three
  [ "$(jq -r .sha ../one)" = "$(git rev-parse main)" ]
  details post-push | grep -qx 'hook.zero.command: exit code 3'
  details post-push | grep -qx 'hook.gone.command: exit code 127'
}

@test "a file that is not executable is no hook; one that hangs on to nothing else" {
  chmod -x ../hooks/post-push
  git push -q origin main
  watched "$MOVED"
  [ ! -e "$TOLD" ]
  [ "$(details post-push | sed 's/:.*//')" = "${DL_BIN%/bin}/libexec/devloop/hooks/post-push" ]
}

# notices COMMAND...: runs it with a desktop whose notices go to the file "notices".
notices() {
  mkdir -p ../desktop
  printf '#!/bin/sh\nprintf "<%%s>" "$@" >>"%s/notices"\n' "$BATS_TEST_TMPDIR" >../desktop/notify-send
  chmod +x ../desktop/notify-send
  PATH=$PWD/../desktop:$PATH DISPLAY=:0 "$@"
}

# verdict WORD [NAME]: what the hook reads.
verdict() {
  jq -nc --arg verdict "$1" --arg name "${2:-CI}" '{type: "verdict", branch: "main", verdict: $verdict, name: $name, url: "https://ci/7"}'
}

@test "our own hook: a notice on failure, and when it took long; or as the configuration says" {
  local when word seconds wanted
  while read -r when word seconds wanted; do
    rm -f ../notices
    [ "$when" = - ] || git config devloop.postpush.notify "$when"
    verdict "$word" | DL_PUSH_SECONDS=$seconds notices "$ROOT/hooks/post-push" origin url "$word"
    [ "$(test -e ../notices && echo yes || echo no)" = "$wanted" ] || complain "$when $word $seconds"
  done <<'END'
- success 5 no
- success 61 yes
- none 5 no
- unknown 5 no
- failure 5 yes
- cancelled 5 yes
- action_required 5 yes
- dropped 5 yes
failure success 61 no
failure failure 5 yes
never failure 61 no
always success 1 yes
END
}

@test "our own hook: what it tells is text, and nothing else" {
  local escape
  escape=$(printf '\033')
  verdict failure "<b>&amp${escape}[31m" | notices "$ROOT/hooks/post-push" origin url failure
  [ "$(cat ../notices)" = '<-a><DevLoop><--><CI of the push to origin: failure><main failure &lt;b&gt;&amp;amp https://ci/7>' ] ||
    complain "$(cat ../notices)"
  rm ../notices
  jq -nc '{type: "push", remote_ref: "refs/heads/main", how: "push again"}' | notices "$ROOT/hooks/post-push" origin url dropped
  grep -q '<refs/heads/main push again>' ../notices
}

@test "our own hook: a line on the terminal that was pushed from, where that is wanted" {
  rm ../hooks/post-push
  git config devloop.postpush.tty true
  at_terminal 'sh -c "git push -q origin main; read key"'
  press '\n' 'CI of the push to origin: none'
  eventually over
  refute grep -q "$(printf '\033')" screen
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
