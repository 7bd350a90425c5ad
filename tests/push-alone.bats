# dl-push-watch when nobody waits for it: what it holds, what it does without disk, home or repository, and next to another one.
# shellcheck disable=SC2030,SC2031,SC2154 # each test is a subshell of its own; `try` sets $stderr
load helper
load github
load push
load watched

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
  mv w gone # at once, not file by file
  eventually none_left
  eventually grep -q 'the repository is gone' "$EVENTS"
  [ ! -e "$TOLD" ]
}

@test "the repository is deleted while CI answers: nothing comes to be in its place" {
  use_ci
  serve -d 150 "$(ci "$(git rev-parse main)" "$RUNNING")"
  git push -q origin main
  eventually requested "head_sha=$(git rev-parse main)" # the next answer says what becomes of that run
  cd ..
  mv w gone
  eventually none_left
  eventually grep -q 'the repository is gone' "$EVENTS"
  [ ! -e w ]
}

@test "the repository is deleted while CI is asked: that is what is said, not how the question failed" {
  use_ci
  serve "$(answer 'GET /*' '{"message":"Bad credentials"}' '401 delay=2000' | cassette slow)"
  git push -q origin main
  eventually requested 'head_sha='
  cd ..
  mv w gone
  eventually none_left
  eventually grep -q 'the repository is gone' "$EVENTS"
  refute grep -qE '"dl-push-watch".*credential' "$EVENTS"
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
