# The embedded CI system (providers/ci/local*.c), through the programs, on real repositories.
# shellcheck disable=SC2030,SC2031 # each test is a subshell of its own, and means to be
load helper

setup() {
  hermetic
  git init -q -b main repo
  cd repo || return
  workflow pass 'echo hello'
  workflow slow 'echo started; sleep 60'
  echo text >README
  commit 'first commit'
}

# Nothing of a test outlives it.
teardown() {
  cd "$BATS_TEST_TMPDIR/repo" || return
  dl-runs -q -p local -n 0 -s queued,in_progress -F ref 2>&1 | grep ^local: | xargs -r dl-cancel -q --force >&2 || true
}

# workflow NAME TEXT [INTERPRETER]: makes .devloop/ci/NAME.
workflow() {
  mkdir -p .devloop/ci
  printf '#!%s\n%s\n' "${3:-/bin/sh}" "$2" >".devloop/ci/$1"
  chmod +x ".devloop/ci/$1"
}

commit() {
  git add -A
  git commit -q --allow-empty -m "$1"
}

# start WORKFLOW ARG...: starts it, and prints its ref.
start() {
  dl-trigger -p local -F ref "$@"
}

# over REF...: waits until these runs are over.
over() {
  local ref i
  for ref; do
    for ((i = 0; i < 400; i++)); do
      [ "$(dl-runs -F status "$ref")" = completed ] && continue 2
      sleep 0.05
    done
    complain "$ref is not over"
    return 1
  done
}

# run_of WORKFLOW ARG...: starts it, waits for its end, and leaves its record to the assertions.
run_of() {
  REF=$(start "$@") || return
  over "$REF"
  try dl-runs "$REF"
}

# log_has REF PATTERN: waits until the log of the run matches.
log_has() {
  local i
  for ((i = 0; i < 400; i++)); do
    dl-logs -q --raw "$1" 2>&1 | grep -qE -- "$2" && return
    sleep 0.05
  done
  complain "the log of $1 has no $2"
}

# gone PID...: these processes end, and soon.
gone() {
  local pid i
  for pid; do
    for ((i = 0; i < 100; i++)); do
      grep -qsE '^State:[[:space:]]+[^ZX[:space:]]' "/proc/$pid/status" || continue 2
      sleep 0.05
    done
    complain "process $pid goes on"
    return 1
  done
}

# folder REF: where the run is kept.
folder() {
  echo "$(git rev-parse --path-format=absolute --git-common-dir)/devloop/runs/${1##*/}"
}

@test "a run is a record, a job and a log" {
  git config user.name 'Ada Lovelace'
  try dl-trigger -p local pass
  assert_status 0
  [ "${#lines[@]}" = 1 ]
  assert_json '.[0] | .type == "run" and .ref == "local:/run/1" and .id == "1" and .number == 1 and .attempt == 1
    and .status == "queued" and .conclusion == null and .raw_status == "queued" and .host == null and .project == ""
    and .workflow == "pass" and .metadata.title == "first commit" and .branch == "main" and .event == "trigger"
    and .actor == "Ada Lovelace" and .started_at == null and .metadata == {title: "first commit", inputs: {}}'
  [ "$(field 0 sha)" = "$(git rev-parse HEAD)" ]
  over local:/run/1
  try dl-runs -p local
  assert_json 'length == 1 and (.[0] | .status == "completed" and .conclusion == "success" and .raw_status == "exit 0"
    and .duration_s >= 0 and .completed_at >= .started_at and .needs_action == false and .metadata.exit_code == 0)'
  [ "$(field 0 url)" = "file://$PWD/.git/devloop/runs/1/log.1" ]
  try dl-jobs local:/run/1
  assert_json 'length == 1 and (.[0] | .ref == "local:/job/1" and .run_id == "1" and .name == "pass" and .steps == []
    and .conclusion == "success")'
  try dl-logs local:/run/1
  assert_output hello
  try dl-logs local:/job/1
  assert_output hello
  try dl-status -p local
  assert_status 0
  assert_json '.[0] | .verdict == "success" and .ref == "local:/run/1"'
}

@test "how a workflow ends decides the conclusion" {
  workflow fail 'echo "the reason" >&2; exit 3'
  workflow skip 'exit 77'
  # shellcheck disable=SC2016 # for the workflow
  workflow crash 'kill -SEGV $$'
  workflow orphan 'true' /no/such/interpreter
  printf 'echo no interpreter\n' >.devloop/ci/bare
  chmod +x .devloop/ci/bare
  commit 'all ends'
  while read -r name conclusion raw metadata; do
    run_of "$name"
    assert_status 0
    assert_json ".[0] | .status == \"completed\" and .conclusion == \"$conclusion\" and .raw_status == \"${raw//_/ }\"
      and (.metadata | $metadata)"
  done <<'END'
pass   success exit_0     .exit_code == 0
fail   failure exit_3     .exit_code == 3
skip   skipped exit_77    .exit_code == 77
crash  failure signal_11  .signal == 11
orphan failure cannot_run .reason == "cannot run .devloop/ci/orphan: No such file or directory; is its interpreter there?"
bare   failure cannot_run .reason == "cannot run .devloop/ci/bare: Exec format error; has it a line #! at its start?"
END
  try dl-logs local:/run/2
  assert_output 'the reason'
  try dl-logs local:/run/5
  assert_output 'devloop: cannot run .devloop/ci/orphan: No such file or directory; is its interpreter there?'
}

@test "the environment says what runs, and inputs are in it" {
  workflow show 'env | grep -E "^(CI|DEVLOOP_CI|DL_[A-Z_]+|GIT_[A-Z_]+)=" | grep -v DL_BIN= | sort'
  commit show
  export DL_INPUT_STALE=1 GIT_INDEX_FILE=$PWD/.git/index GIT_PREFIX=x/ DL_EVENT=push
  run_of show -f version=1.2 -f two-words='a "quoted" one' -f _x=
  assert_json '.[0] | .event == "push" and .metadata.inputs == {version: "1.2", "two-words": "a \"quoted\" one", _x: ""}'
  try dl-logs "$REF"
  assert_output "CI=true
DEVLOOP_CI=local
DL_ARTIFACTS=$PWD/.git/devloop/runs/1/artifacts
DL_BRANCH=main
DL_EVENT=push
DL_INPUT_TWO_WORDS=a \"quoted\" one
DL_INPUT_VERSION=1.2
DL_INPUT__X=
DL_RUN_ATTEMPT=1
DL_RUN_ID=1
DL_SHA=$(git rev-parse HEAD)
DL_WORKFLOW=show
GIT_CONFIG_GLOBAL=$GIT_CONFIG_GLOBAL
GIT_CONFIG_NOSYSTEM=1
GIT_TERMINAL_PROMPT=0"
}

@test "an input needs a name of its own" {
  local name
  for name in 1x -x 'a b' 'a.b' 'é'; do
    try dl-trigger -p local pass -f "$name=1"
    assert_status 2
    assert_stderr 'no input is called'
  done
  try dl-trigger -p local pass -f a-b=1 -f A_B=2
  assert_status 2
  assert_stderr 'input A_B is given twice'
  try dl-trigger -p local pass -f "a=$(seq -s ' ' 20000)"
  assert_status 9
  assert_stderr 'the list of inputs is larger than 65536 bytes'
  refute dl-runs -p local
}

@test "a long subject is cut" {
  git commit -q --allow-empty -F <(printf 'long '; seq -s ' ' 300000)
  run_of pass
  assert_json '.[0] | .conclusion == "success" and (.metadata.title | length < 210 and startswith("long 1 2"))'
}

@test "the checkout is the commit and nothing else" {
  echo committed >file
  workflow look 'cat file; ls | tr "\\n" " "; echo; git status --porcelain; git log -1 --format=%s; git symbolic-ref -q HEAD || echo detached
pwd'
  commit 'with a file'
  echo changed >file
  echo new >untracked
  workflow look 'echo from the working tree'
  git add file
  run_of look
  try dl-logs "$REF"
  [ "${lines[*]:0:4}" = 'committed README file  with a file detached' ]
  [[ ${lines[4]} == "$XDG_CACHE_HOME"/devloop/checkout/* ]]
  [ ! -e "${lines[4]}" ]
  [ "$(cat file)" = changed ]
}

@test "no hook is run, and the user's refs stay where they are" {
  local hook
  for hook in post-checkout post-commit reference-transaction; do
    printf '#!/bin/sh\necho "%s" >>"%s/hooked"\n' "$hook" "$PWD" >".git/hooks/$hook"
    chmod +x ".git/hooks/$hook"
  done
  mkdir -p ../template/hooks ../global
  cp .git/hooks/post-checkout ../template/hooks
  cp .git/hooks/post-checkout ../global
  git config --global init.templateDir "$BATS_TEST_TMPDIR/template"
  git config --global core.hooksPath "$BATS_TEST_TMPDIR/global"
  git config --global clone.defaultRemoteName upstream
  git config --global user.name Bot
  git config --global user.email bot@example.com
  workflow meddle 'git -c core.hooksPath= commit -q --allow-empty -m more; git tag new; git branch other
git push origin HEAD:refs/heads/pushed new'
  git -c core.hooksPath=/dev/null add -A
  git -c core.hooksPath=/dev/null commit -q -m meddle
  rm -f hooked
  git show-ref >../before
  run_of meddle
  assert_json '.[0].raw_status == "exit 128"'
  git show-ref | cmp - ../before
  [ ! -e hooked ]
}

@test "code is executed only when the user asks for this provider" {
  try dl-trigger pass
  assert_status 6
  assert_stderr 'hint: if you trust it: -p local'
  printf '{"global":{"providers":{"ci":{"provider":"local"}}}}' >.devloop/agents.json
  commit 'ask for it'
  try dl-trigger pass
  assert_status 6
  [ ! -e .git/devloop ]
  DL_CI=local try dl-trigger pass
  assert_status 0
  git config devloop.ci local
  try dl-trigger pass
  assert_status 0
}

@test "a dry run changes nothing" {
  try dl-trigger -N -p local pass
  assert_status 0
  assert_output ''
  assert_stderr "^dl-trigger: would run .devloop/ci/pass at $(git rev-parse HEAD)$"
  [ ! -e .git/devloop ]
  run_of pass
  try dl-rerun -N "$REF"
  assert_status 0
  assert_stderr '^dl-rerun: would run .devloop/ci/pass at '
  try dl-runs "$REF"
  assert_json '.[0].attempt == 1'
  REF=$(start slow)
  try dl-cancel -N "$REF"
  assert_stderr "^dl-cancel: would cancel run 2$"
  [ "$(dl-runs -F status "$REF")" != completed ]
}

@test "workflows are the executable files of the commit" {
  local name
  echo text >.devloop/ci/plain
  ln -s pass .devloop/ci/link
  mkdir .devloop/ci/sub
  cp .devloop/ci/pass .devloop/ci/sub/inner
  cp .devloop/ci/pass '.devloop/ci/two words'
  cp .devloop/ci/pass .devloop/ci/.hidden
  commit 'more files'
  cp .devloop/ci/pass .devloop/ci/untracked
  for name in plain link sub sub/inner ../ci/pass 'two words' .hidden untracked none ''; do
    try dl-trigger -p local "$name"
    assert_status 5
    assert_stderr "has no workflow '$name'"
    assert_stderr 'hint: it has pass, slow;'
  done
  try dl-trigger -p local -N .devloop/ci/pass
  assert_status 0
  assert_stderr '^dl-trigger: would run .devloop/ci/pass at '
  try dl-trigger -p local .devloop/ci/../ci/pass
  assert_status 5
  git rm -q -r -f .devloop
  rm -rf .devloop
  commit 'none left'
  try dl-trigger -p local pass
  assert_status 5
  assert_stderr 'hint: commit an executable file in .devloop/ci/'
  [ ! -e .git/devloop ]
}

@test "a branch, a tag or a commit can be named" {
  local first
  first=$(git rev-parse HEAD)
  git branch topic
  git tag v1
  workflow later true
  commit second
  run_of pass -b topic
  assert_json ".[0] | .branch == \"topic\" and .sha == \"$first\""
  run_of pass -b v1
  assert_json ".[0] | .branch == \"v1\" and .sha == \"$first\""
  run_of pass -c HEAD~1
  assert_json ".[0] | .branch == null and .sha == \"$first\" and .metadata.title == \"first commit\""
  run_of later -c HEAD
  assert_json '.[0] | .branch == "main"'
  try dl-trigger -p local later -b topic
  assert_status 5
  for name in none main~1 'main@{0}' 'a b' -x; do
    try dl-trigger -p local pass "--branch=$name"
    assert_status 5
    assert_stderr 'no such branch or tag'
  done
  try dl-trigger -p local pass -c 1111111111111111111111111111111111111111
  assert_status 5
  git init -q "$BATS_TEST_TMPDIR/unborn"
  try dl-trigger -p local pass -C "$BATS_TEST_TMPDIR/unborn"
  assert_status 5
  assert_stderr 'HEAD stands at no commit'
}

@test "it works detached, in a subfolder, a linked worktree, a shallow and a bare repository" {
  git checkout -q --detach
  run_of pass
  assert_json '.[0] | .branch == null and .conclusion == "success"'
  git worktree add -q -b other ../linked
  cd ../linked
  mkdir -p sub
  cd sub
  run_of pass
  assert_json '.[0] | .ref == "local:/run/2" and .branch == "other" and .conclusion == "success"'
  cd ../../repo
  try dl-runs -p local
  assert_json '[.[].id] == ["2", "1"]'
  commit second
  git clone -q --depth 1 "file://$PWD" ../shallow
  cd ../shallow
  run_of pass
  assert_json '.[0] | .ref == "local:/run/1" and .conclusion == "success"'
  git clone -q --bare ../repo ../bare
  cd ../bare
  run_of pass -b other
  assert_json '.[0] | .ref == "local:/run/1" and .conclusion == "success"'
  [ -e devloop/runs/1/record ]
}

@test "a hook can start a run" {
  cat >.git/hooks/post-commit <<'END'
#!/bin/sh
DL_EVENT=commit exec dl-trigger -q -p local pass >/dev/null
END
  chmod +x .git/hooks/post-commit
  workflow pass 'git log -1 --format=%s'
  commit 'from a hook'
  over local:/run/1
  try dl-runs local:/run/1
  assert_json '.[0] | .event == "commit" and .conclusion == "success" and .metadata.title == "from a hook"'
  try dl-logs local:/run/1
  assert_output 'from a hook'
}

@test "starting a run waits for nothing and leaves nothing open" {
  # shellcheck disable=SC2016 # for the workflow
  workflow open 'echo $PPID; readlink /proc/$$/fd/*; echo all; sleep 60'
  commit open
  SECONDS=0
  REF=$(start open 5<README)
  [ "$SECONDS" -lt 20 ]
  log_has "$REF" all
  log=$(folder "$REF")/log.1
  try grep -v /checkout/ "$log" # where the shell reads the workflow
  [ "${lines[*]:1}" = "/dev/null $log $log all" ]
  [ "$(readlink "/proc/${lines[0]}/fd/"* | sort -u | sed 's/:.*//' | tr '\n' ' ')" = \
    "$(printf '%s\n' /dev/null pipe "$(folder "$REF")/lock" "$log" | sort | tr '\n' ' ')" ]
}

@test "what is left of a run ends with it" {
  # shellcheck disable=SC2016 # for the workflow
  workflow litter 'sleep 60 & echo $!; trap "" TERM HUP; (trap "" TERM HUP; echo in >inside; exec sleep 61) & echo $!'
  commit litter
  run_of litter
  assert_json '.[0].conclusion == "success"'
  try dl-logs "$REF"
  gone "${lines[@]}"
  [ -z "$(ls "$XDG_CACHE_HOME/devloop/checkout")" ]
  [ "$(cd "$(folder "$REF")" && echo *)" = 'lock log.1 record' ]
}

@test "cancel stops a run" {
  # shellcheck disable=SC2016 # for the workflow
  workflow tidy 'trap "echo tidied; exit 0" TERM; echo started; while :; do sleep 0.1; done'
  commit tidy
  for name in slow tidy; do
    REF=$(start "$name")
    log_has "$REF" started
    try dl-cancel "$REF"
    assert_status 0
    over "$REF"
    try dl-runs "$REF"
    assert_json '.[0] | .conclusion == "cancelled" and .raw_status == "cancelled"'
  done
  try dl-logs "$REF"
  assert_line tidied
  try dl-cancel "$REF"
  assert_status 6
  assert_stderr 'run 2 is over'
  try dl-status -p local
  assert_status 1
  assert_json '.[0].verdict == "cancelled"'
}

@test "a workflow that does not listen is killed, at once or after its time" {
  workflow deaf 'trap "" TERM; echo started; while :; do sleep 0.1; done'
  commit deaf
  REF=$(start deaf)
  log_has "$REF" started
  try dl-cancel "$REF"
  assert_status 0
  assert_json '.[0].status == "in_progress"'
  try dl-cancel --force "$REF"
  assert_json '.[0] | .conclusion == "cancelled" and .metadata.signal == 9'
  dl-rerun "$REF"
  log_has "$REF" started
  SECONDS=0
  try dl-cancel "$REF"
  over "$REF"
  [ "$SECONDS" -ge 9 ]
  try dl-runs "$REF"
  assert_json '.[0] | .attempt == 2 and .conclusion == "cancelled" and .metadata.signal == 9'
}

@test "a run whose runner was killed is cancelled, and nothing of it goes on" {
  # shellcheck disable=SC2016 # for the workflow
  workflow tell 'trap "" TERM HUP INT; echo "$PPID"; sleep 60 & echo $!; echo all; wait'
  commit tell
  REF=$(start tell)
  log_has "$REF" all
  try dl-logs -q "$REF"
  kill -9 "${lines[0]}"
  try dl-status -p local -w --timeout 10s
  assert_status 1
  assert_json '.[0].verdict == "cancelled"'
  try dl-runs "$REF"
  assert_json '.[0] | .status == "completed" and .conclusion == "cancelled" and .raw_status == "lost"
    and .completed_at == null and (.metadata.reason | startswith("the runner is gone"))'
  jq -e '.conclusion == "cancelled"' "$(folder "$REF")/record"
  [ -z "$(ls "$XDG_CACHE_HOME/devloop/checkout")" ]
  try dl-logs "$REF"
  gone "${lines[1]}"
  try dl-cancel "$REF"
  assert_status 6
  try dl-rerun "$REF"
  assert_json '.[0].attempt == 2'
  log_has "$REF" all
  try dl-logs -q "$REF"
  kill -TERM "${lines[0]}" # a machine that goes down asks first; the workflow here does not listen
  dl-cancel --force "$REF"
  over "$REF"
  try dl-runs "$REF"
  assert_json '.[0] | .conclusion == "cancelled" and .raw_status == "cancelled"'
}

@test "in a copy of the repository a run has no runner, and the original is left alone" {
  REF=$(start slow)
  log_has "$REF" started
  cp -r . ../copy
  try dl-runs -C ../copy -p local
  assert_json '.[0] | .conclusion == "cancelled" and .raw_status == "lost"'
  [[ $(field 0 url) == */copy/.git/devloop/runs/1/log.1 ]]
  [ "$(dl-runs -F status "$REF")" = in_progress ]
  [ "$(cat "$XDG_CACHE_HOME"/devloop/checkout/*/README)" = text ]
}

@test "without a home the checkout is in the run's folder" {
  workflow where 'pwd'
  commit where
  REF=$(env -u HOME -u XDG_CACHE_HOME dl-trigger -p local -F ref where)
  over "$REF"
  try dl-logs "$REF"
  assert_output "$(folder "$REF")/checkout"
  [ ! -e "$(folder "$REF")/checkout" ]
}

@test "runs that are started at once are all run" {
  local i
  for ((i = 0; i < 12; i++)); do
    start pass >"../ref.$i" 3>&- &
  done
  wait
  [ "$(cat ../ref.* | sort -u | wc -l)" = 12 ]
  # shellcheck disable=SC2046 # refs have no spaces
  over $(cat ../ref.*)
  try dl-runs -p local -n 0
  assert_json 'length == 12 and all(.conclusion == "success") and ([.[].number] == [range(12; 0; -1)])'
}

@test "a run can be run again" {
  # shellcheck disable=SC2016 # for the workflow
  workflow twice 'echo "attempt $DL_RUN_ATTEMPT of $DL_INPUT_WHAT"; exit $((2 - DL_RUN_ATTEMPT))'
  commit twice
  run_of twice -f what=this
  assert_json '.[0] | .attempt == 1 and .conclusion == "failure"'
  try dl-rerun --failed "$REF"
  assert_status 0
  assert_json '.[0] | .ref == "local:/run/1" and .attempt == 2 and .status == "queued" and .conclusion == null
    and .completed_at == null and .duration_s == null and .metadata == {title: "twice", inputs: {what: "this"}}'
  over "$REF"
  try dl-runs -p local
  assert_json 'length == 1 and .[0].attempt == 2 and .[0].conclusion == "success"'
  try dl-logs "$REF"
  assert_output 'attempt 2 of this'
  try dl-jobs --attempt 1 "$REF"
  assert_json '.[0] | .ref == "local:/job/1.1" and .conclusion == "failure"'
  try dl-logs local:/job/1.1
  assert_output 'attempt 1 of this'
  try dl-jobs --attempt 3 "$REF"
  assert_status 5
  assert_stderr 'run 1 has no attempt 3'
  rm .git/devloop/runs/1/record.1
  try dl-logs local:/job/1.1
  assert_status 5
  assert_stderr 'attempt 1 of run 1 is gone'
  try dl-rerun --failed "$REF"
  assert_status 6
  assert_stderr 'nothing failed in run 1'
  REF=$(start slow)
  try dl-rerun "$REF"
  assert_status 6
  assert_stderr 'run 2 is in progress'
}

@test "a run that has just ended can be run again at once" {
  local attempt
  run_of pass
  for attempt in 2 3 4 5 6; do
    until [ "$(dl-runs -F status "$REF")" = completed ]; do :; done
    try dl-rerun "$REF"
    assert_status 0
    assert_json ".[0].attempt == $attempt"
  done
  over "$REF"
}

@test "several runs can be run again at once" {
  local i
  for ((i = 0; i < 8; i++)); do
    start pass
  done >../refs
  # shellcheck disable=SC2046 # refs have no spaces
  over $(cat ../refs)
  dl-runs -p local -n 0 | dl-rerun >../again
  # shellcheck disable=SC2046
  over $(cat ../refs)
  try dl-runs -p local -n 0
  assert_json 'length == 8 and all(.attempt == 2 and .conclusion == "success")'
}

@test "a run that is cancelled in its checkout does not begin" {
  mkdir ../slow
  printf '#!/bin/sh\nsleep 1\nPATH=%q exec git "$@"\n' "$PATH" >../slow/git
  chmod +x ../slow/git
  PATH=$BATS_TEST_TMPDIR/slow:$PATH start pass
  try dl-cancel local:/run/1
  assert_status 0
  over local:/run/1
  try dl-runs local:/run/1
  assert_json '.[0] | .conclusion == "cancelled" and .metadata.reason == "cancelled before it began"'
  try dl-logs local:/run/1
  assert_output ''
}

@test "a checkout that fails is a failure with git's words in the log" {
  mkdir ../broken
  printf '#!/bin/sh\necho "fatal: the words of git" >&2\nexit 128\n' >../broken/git
  chmod +x ../broken/git
  PATH=$BATS_TEST_TMPDIR/broken:$PATH start pass
  over local:/run/1
  try dl-runs local:/run/1
  assert_json '.[0] | .conclusion == "failure" and .raw_status == "checkout failed"
    and .metadata.reason == "git cannot check out the commit (exit 128)"'
  try dl-logs local:/run/1
  assert_line 'fatal: the words of git'
}

@test "runs are filtered, and no more is read than wanted" {
  workflow fail 'exit 1'
  commit second
  over "$(start pass -c HEAD~1)" "$(start fail)" "$(DL_EVENT=push start pass)"
  while read -r ids option; do
    # shellcheck disable=SC2086 # several words
    try dl-runs -p local $option
    assert_status 0
    assert_json "([.[].id] | join(\",\")) == \"$ids\""
  done <<'END'
3,2,1
3,2   -n 2
3,1   -W pass
2     -s failure
3,2   -b main
1     -c HEAD~1
3     -e push
3,2,1 --since 1h
3     -s success,cancelled -n 1
END
  try dl-runs -p local -b none
  assert_status 5
  try dl-runs -p local --since 2099-01-01
  assert_status 5
  echo garbage >.git/devloop/runs/1/record
  try dl-runs -p local -n 2
  assert_status 0
}

@test "the hint that removes a damaged record takes that alone, whatever the folder is called" {
  run_of pass
  cd .. && mkdir out && cp -R "$OLDPWD" 'out;echo oops >mark' && mkdir -p mine && cd 'out;echo oops >mark'
  echo '{}' >.git/devloop/runs/1/record
  try dl-runs local:/run/1
  assert_status 9
  (cd .. && eval "$(sed -n 's/.*remove the run: //p' <<<"$stderr")")
  [ ! -e .git/devloop/runs/1 ] && [ -d .git/devloop/runs ] && [ -d ../out ] && [ ! -e ../mark ]
}

@test "a damaged record is told, never left out" {
  run_of pass
  run_of pass
  cp .git/devloop/runs/1/record ../sound
  while IFS= read -r filter; do
    jq -c "$filter" ../sound >.git/devloop/runs/1/record
    for arguments in '-p local' local:/run/1; do
      # shellcheck disable=SC2086 # several words
      try dl-runs $arguments
      assert_status 9
      assert_stderr "$PWD/.git/devloop/runs/1/record: "
      assert_stderr "hint: remove the run: rm -r $PWD/.git/devloop/runs/1$"
    done
    try dl-rerun local:/run/1
    assert_status 9
  done <<'END'
"text"
{}
.type = "job"
.id = "2"
.ref = "github:a/b/run/1"
.host = "example.com"
.workflow = "../../x"
.workflow = null
.sha = "HEAD"
.sha = "--upload-pack=touch"
.status = "completed" | .conclusion = null
.status = "in_progress"
.status = "what"
.attempt = 0
.attempt = 9223372036854775807
.metadata.inputs = {"LD_PRELOAD=x": "y"}
.metadata.inputs = {"a": 1}
END
  head -c 100 ../sound >.git/devloop/runs/1/record
  try dl-runs -p local
  assert_status 9
  [ "$(field 0 id)" = 2 ] # what comes before is printed
  : >.git/devloop/runs/1/record
  try dl-runs local:/run/1
  assert_status 9
  rm .git/devloop/runs/1/record
  try dl-runs -p local
  assert_status 0
  assert_json 'length == 1'
  try dl-runs local:/run/1
  assert_status 5
}

@test "what is no run is said" {
  local id
  for id in x 0 01 1x -1 +1 ' 1' 1e3 1234567890123456 9223372036854775808; do
    try dl-runs "local:/run/$id"
    assert_status 2
  done
  for id in 1.x 1. 1.0 1.-1 x.1 .1; do
    try dl-logs "local:/job/$id"
    assert_status 2
  done
  for id in 1 99 123456789012345; do
    try dl-runs "local:/run/$id"
    assert_status 5
    assert_stderr "there is no run $id"
  done
  try dl-cancel local:/run/1
  assert_status 5
  try dl-rerun local:/run/1
  assert_status 5
  try dl-runs -p local
  assert_status 5
  [ ! -e .git/devloop ]
}

@test "a log is followed to its end, whatever its size and bytes" {
  workflow drip 'echo 1; sleep 0.4; echo 2; sleep 0.4; printf end'
  workflow flood 'seq 1 1500000'
  workflow bytes 'printf "\000\377\033[31mred\033[0m\r\n"'
  commit logs
  REF=$(start drip)
  try dl-logs -f --raw "$REF"
  assert_status 0
  assert_output $'1\n2\nend'
  run_of flood
  dl-logs --raw "$REF" | cmp - <(seq 1 1500000)
  run_of bytes
  dl-logs --raw "$REF" | cmp - <(printf '\000\377\033[31mred\033[0m\r\n')
  rm "$(folder "$REF")/log.1"
  try dl-logs "$REF"
  assert_status 5
  assert_stderr 'the log of run 3 is gone'
}

@test "the newest 200 runs are kept, and those in progress" {
  local i
  run_of pass
  REF=$(start slow)
  log_has "$REF" started
  for ((i = 3; i <= 203; i++)); do
    cp -r .git/devloop/runs/1 ".git/devloop/runs/$i"
    sed -i "s|local:/run/1\"|local:/run/$i\"|; s|\"id\":\"1\"|\"id\":\"$i\"|" ".git/devloop/runs/$i/record"
  done
  mkdir .git/devloop/runs/notes
  over "$(start pass)"
  # 204 runs: 5 to 204 are the newest, 2 is in progress.
  [ ! -e .git/devloop/runs/1 ]
  [ -e .git/devloop/runs/2/record ]
  [ ! -e .git/devloop/runs/3 ]
  [ ! -e .git/devloop/runs/4 ]
  [ -e .git/devloop/runs/5/record ]
  [ -e .git/devloop/runs/notes ]
  try dl-runs -p local -n 0 -F id
  [ "${#lines[@]}" = 201 ]
  dl-cancel --force "$REF"
  over "$(start pass)"
  [ ! -e .git/devloop/runs/2 ]
}

@test "a run cannot be started where nothing can be written" {
  mkdir -p .git/devloop
  echo file >.git/devloop/runs
  try dl-trigger -p local pass
  assert_status 12
  assert_stderr 'cannot'
}
