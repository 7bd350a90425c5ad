# dl-hooks, with the real git and beside the real git-lfs, pre-commit, lefthook and husky: whatever the order in which
# they come, git runs dl-gate or dl-hooks says why not, and uninstalling leaves nothing behind.
#
# Hooks in git's configuration need git 2.54: DL_TEST_GIT names one, else that on PATH is tried. Where there is none,
# or one of the tools is missing, the tests that need it are skipped, and say so.
# shellcheck disable=SC2030,SC2031,SC2154 # each test is a subshell of its own; `try` sets $stderr
load helper

NEW_GIT=${DL_TEST_GIT:-$(command -v git)}
TOOLS=$ROOT/build/tools/bin

# is_new GIT: whether it runs the hooks of its configuration.
is_new() {
  [ "$(printf '%s\n' 2.54 "$("$1" version | sed 's/[^0-9]*//')" | sort -V | head -n 1)" = 2.54 ]
}

setup_file() {
  local missing=() tool
  "$ROOT/tests/tools" || :
  is_new "$NEW_GIT" || missing+=('git 2.54 (DL_TEST_GIT names one)')
  for tool in git-lfs pre-commit lefthook husky; do
    PATH=$TOOLS:$PATH command -v "$tool" >/dev/null || missing+=("$tool")
  done
  [ ${#missing[@]} = 0 ] || printf '# left out, as it is not here: %s\n' "${missing[@]}" >&3
}

setup() {
  hermetic
  PATH=$PATH:$TOOLS
  export DL_SKIP=pre-push # nobody is to be asked
  PROBE=$BATS_TEST_TMPDIR/probe
  git init -q --bare -b main "$BATS_TEST_TMPDIR/origin.git"
  git init -q -b main "$BATS_TEST_TMPDIR/w"
  cd "$BATS_TEST_TMPDIR/w" || return
  echo '{"private": true}' >package.json
  echo 'repos: [{repo: local, hooks: [{id: t, name: t, language: system, entry: touch ../pre-commit-ran, pass_filenames: false, stages: [push]}]}]' \
    >.pre-commit-config.yaml
  # shellcheck disable=SC2016 # for that script
  printf 'pre-push:\n  jobs:\n    - run: touch ../lefthook-ran\n' >lefthook.yml
  git add .
  git commit -qm one
  git remote add origin ../origin.git
}

needs() {
  command -v "$1" >/dev/null || skip "there is no $1"
}

# old_git: from here on git is one that does not run the hooks of its configuration; a newer one says it is older,
# and is given none.
old_git() {
  is_new "$(command -v git)" || return 0
  mkdir "$BATS_TEST_TMPDIR/old"
  printf '#!/bin/sh\n[ "$1" != version ] || { echo git version 2.39.5; exit; }\nexec %s "$@"\n' "$(command -v git)" \
    >"$BATS_TEST_TMPDIR/old/git"
  chmod +x "$BATS_TEST_TMPDIR/old/git"
  PATH=$BATS_TEST_TMPDIR/old:$PATH
}

# new_git: from here on it is one that does, and there is no other.
new_git() {
  is_new "$NEW_GIT" || skip 'there is no git 2.54'
  local folder folders
  IFS=: read -ra folders <<<"${PATH#"$DL_BIN:"}"
  mkdir "$BATS_TEST_TMPDIR/new"
  for folder in "${folders[@]}"; do
    ln -s "$folder"/* "$BATS_TEST_TMPDIR/new/" 2>/dev/null || :
  done
  ln -sf "$NEW_GIT" "$BATS_TEST_TMPDIR/new/git"
  PATH=$DL_BIN:$BATS_TEST_TMPDIR/new
}

# state: everything of the hooks and the configuration, to the bit.
state() {
  local folder
  for folder in .git/hooks .husky; do
    [ ! -d "$folder" ] || find "$folder" -printf '%p %y %m %l\n' | sort
    [ ! -d "$folder" ] || find "$folder" -type f -exec sha256sum {} + | sort -k 2
  done
  git config --list --show-origin
}

# unchanged: the state is what it was when it was put into $BEFORE.
unchanged() {
  diff <(echo "$BEFORE") <(state) >&2 || complain 'the hooks or the configuration are others'
}

# reached [COUNT]: a push comes to dl-gate so often (1), and only there: what it says counts.
reached() {
  rm -f "$PROBE"
  DL_GATE_PROBE=$PROBE try git push -q origin main
  [ "$(cat "$PROBE" 2>/dev/null | wc -l)" = "${1:-1}" ] || complain "dl-gate was not reached ${1:-1} times"
  [ "${1:-1}" = 0 ] || [ "$status" != 0 ] || complain 'the push went all the same'
  forget
}

# forget: nothing has ever been pushed.
forget() {
  git -C "$BATS_TEST_TMPDIR/origin.git" update-ref -d refs/heads/main
  git update-ref -d refs/remotes/origin/main
}

# pushed: a push goes, and dl-gate has decided about it.
pushed() {
  try git push origin main
  assert_status 0
  [ "$(git -C "$BATS_TEST_TMPDIR/origin.git" rev-parse main)" = "$(git rev-parse main)" ]
  forget
}

# did ACTION...: these are the actions that were told, in this order.
did() {
  [ "$(jq -r .action <<<"$output" | tr '\n' ' ')" = "$* " ] || complain "expected: $*"
}

# listed FIELDS: these of the hooks for pre-push.
listed() {
  # shellcheck disable=SC2016 # for that shell
  try bash -c 'dl-hooks status -F "event,$1" | sed -n "s/^pre-push\t//p"' bash "$1"
}

# healthy, ill PATTERN: what doctor says.
healthy() {
  try dl-hooks doctor
  assert_status 0
  assert_json 'any(.status == "pass" and .name == "pre-push") and all(.status != "fail")'
}

ill() {
  try dl-hooks doctor
  assert_status 1
  jq -r 'select(.status == "fail") | .message' <<<"$output" | grep -qE -- "$1" || complain "expected a failure: $1"
  assert_json 'all(.status != "fail" or .command != null)'
}

# hook FILE LINE...: an executable script.
hook() {
  local file=$1
  shift
  mkdir -p "$(dirname "$file")"
  printf '%s\n' '#!/bin/sh' "$@" >"$file"
  chmod +x "$file"
}

# ---- alone ----

@test "it loads neither libcurl nor libgit2" {
  refute grep -qE 'curl|git2|yaml|archive' <(ldd "$DL_BIN/dl-hooks")
  refute grep -qE 'crypto' <(ldd "$DL_BIN/dl-gate")
}

@test "installed, git runs dl-gate; installed again nothing changes; uninstalled nothing is left" {
  old_git
  BEFORE=$(state)
  ill 'no hook is installed'
  try dl-hooks install
  assert_status 0
  did installed
  [ "$(stat -c %a .git/hooks/pre-push)" = 755 ]
  refute grep -q $'\r' .git/hooks/pre-push
  [ "$(head -n 1 .git/hooks/pre-push)" = '#!/bin/sh' ]
  reached
  pushed
  healthy
  INSTALLED=$(state)
  try dl-hooks install
  did unchanged
  [ "$(state)" = "$INSTALLED" ]
  listed order,name,state,scope,path
  assert_output "1	dl-gate	runs	file	$PWD/.git/hooks/pre-push"
  try dl-hooks uninstall
  assert_status 0
  did removed
  unchanged
  reached 0
  try dl-hooks uninstall
  assert_status 0
  assert_output ''
  unchanged
}

@test "the stub is sound sh, whatever the folder of the program is called" {
  old_git
  mkdir "$BATS_TEST_TMPDIR/it's here"
  cp "$DL_BIN"/dl-{hooks,gate} "$BATS_TEST_TMPDIR/it's here"
  "$BATS_TEST_TMPDIR/it's here/dl-hooks" install
  if command -v shellcheck >/dev/null; then shellcheck .git/hooks/pre-push; fi
  reached
  [ "$(cat "$PROBE")" = "$BATS_TEST_TMPDIR/it's here/dl-gate" ]
  # Without it the one on PATH is run, and without that the push goes.
  rm "$BATS_TEST_TMPDIR/it's here/dl-gate"
  reached
  [ "$(cat "$PROBE")" = "$DL_BIN/dl-gate" ]
  rm "$PROBE"
  PATH=/usr/bin:/bin DL_GATE_PROBE=$PROBE git push -q origin main
  [ ! -e "$PROBE" ]
  try dl-hooks install
  did updated
}

@test "a dl-gate that breaks lets the push go" {
  old_git
  mkdir ../bin
  cp "$DL_BIN/dl-hooks" ../bin
  for how in 'exit 70' 'kill -9 $$' 'exit 2'; do
    hook ../bin/dl-gate "$how"
    ../bin/dl-hooks install
    pushed
    assert_stderr '^pre-push: dl-gate ended with status [0-9]+; the push goes on$'
  done
  hook ../bin/dl-gate 'exit 1'
  try git push origin main
  assert_status 1
}

@test "a repository without a folder for hooks gets one, and loses it again" {
  old_git
  rm -r .git/hooks
  BEFORE=$(state)
  dl-hooks install
  reached
  dl-hooks uninstall
  unchanged
  [ ! -e .git/hooks ]
  mkdir .git/hooks
  BEFORE=$(state)
  dl-hooks install
  dl-hooks uninstall
  unchanged
}

@test "DL_HOOKS=0 installs nothing; --dry-run only says what would be done" {
  old_git
  BEFORE=$(state)
  DL_HOOKS=0 try dl-hooks install
  assert_status 0
  did unchanged
  assert_json '.[0].message == "DL_HOOKS is 0: nothing is installed"'
  DL_HOOKS=0 try dl-hooks install post-push
  did unchanged
  try dl-hooks install --dry-run
  did installed
  unchanged
  [ ! -e .git/devloop ]
  hook .git/hooks/pre-push true
  dl-hooks install
  BEFORE=$(state)
  try dl-hooks uninstall --dry-run
  assert_status 0
  did restored
  unchanged
}

@test "--purge removes what DevLoop keeps in the git dir" {
  old_git
  mkdir -p .git/devloop
  echo x >.git/devloop/last
  dl-hooks install
  dl-hooks uninstall
  [ -e .git/devloop/last ]
  [ ! -e .git/devloop/hooks ]
  dl-hooks uninstall --purge
  [ ! -e .git/devloop ]
}

@test "the log of events says what was installed, put back and removed, and what was not" {
  old_git
  hook .git/hooks/pre-push true
  dl-hooks install --dry-run
  dl-hooks install
  dl-hooks install
  dl-hooks uninstall
  mkdir -p .git/devloop
  dl-hooks uninstall --purge
  try dl-stats --audit
  assert_json "map([.operation, .detail, (.changed | map([.how, .name]))]) == [
    [\"hooks-install\", \"$PWD\", [[\"installed\", \"$PWD/.git/hooks/pre-push\"]]],
    [\"hooks-uninstall\", \"$PWD\", [[\"restored\", \"$PWD/.git/hooks/pre-push\"]]],
    [\"hooks-uninstall\", \"$PWD\", [[\"removed\", \"$PWD/.git/devloop\"]]]]"
  [ "$(grep -c '"program":"dl-hooks"' "$XDG_STATE_HOME/devloop/events.jsonl")" = 5 ]
  # Two places at once: a git that reads hooks from its configuration, and an older one on PATH.
  rm .git/hooks/pre-push
  mkdir ../new
  # shellcheck disable=SC2016 # for that script
  printf '#!/bin/sh\n[ "$1" != version ] || { echo git version 2.54.0; exit; }\nexec %s "$@"\n' "$(command -v git)" >../new/git
  chmod +x ../new/git
  PATH=$BATS_TEST_TMPDIR/new:$PATH dl-hooks install
  tail -n 1 "$XDG_STATE_HOME/devloop/events.jsonl" | jq -e --arg file "$PWD/.git/hooks/pre-push" \
    '.changed | map([.how, .name]) == [["installed", "hook.dl-gate (local)"], ["installed", $file]]'
  # What fails says so, and has changed nothing.
  rm .git/hooks/pre-push
  mkdir .git/hooks/pre-push
  try dl-hooks install
  assert_status 6
  tail -n 1 "$XDG_STATE_HOME/devloop/events.jsonl" | jq -e '.class == "refused" and (.changed | length) == 0 and (.detail | test("is a folder"))'
}

@test "command lines that make no sense" {
  for arguments in 'remove' 'install here' 'install pre-push post-push' 'status pre-push' 'status --global' 'install --global --global-dir' 'status -j -t'; do
    # shellcheck disable=SC2086 # words
    try dl-hooks $arguments
    assert_status 2
  done
  try dl-hooks -C / status
  assert_status 11
}

# ---- a hook of the user's own ----

@test "a hook that is there already runs after dl-gate, with the same arguments and lines" {
  old_git
  hook .git/hooks/pre-push "printf '%s\n' \"\$@\" >../arguments" 'cat >../lines' "exit \${ANSWER:-0}"
  chmod 700 .git/hooks/pre-push
  BEFORE=$(state)
  git tag v1
  mkdir ../bin
  cp "$DL_BIN/dl-hooks" ../bin
  hook ../bin/dl-gate "printf '%s\n' \"\$@\" >../gate-arguments" 'cat >../gate-lines' "exit \${GATE:-0}"
  ../bin/dl-hooks install
  git push -q origin main v1 HEAD:refs/heads/other
  cmp ../arguments ../gate-arguments
  cmp ../lines ../gate-lines
  [ "$(wc -l <../lines)" = 3 ]
  rm ../lines ../gate-lines
  # Nothing to push: no line.
  git push -q origin main
  [ ! -s ../lines ]
  cmp ../lines ../gate-lines
  git -C ../origin.git update-ref -d refs/heads/main
  ANSWER=3 try git push origin main
  assert_status 1
  rm ../lines
  GATE=1 try git push origin main
  assert_status 1
  [ ! -e ../lines ]
  GATE=9 try git push origin main
  assert_status 0
  [ -s ../lines ]
  # From a linked working tree, whose cwd has no .git/hooks.
  rm ../lines
  git worktree add -q ../linked
  (cd ../linked && git push -q origin HEAD:refs/heads/linked)
  cmp ../lines ../gate-lines
  git worktree remove ../linked
  git branch -q -D linked
  listed order,name,state,path
  assert_line "1	dl-gate	runs	$PWD/.git/hooks/pre-push"
  assert_line "2		called	$PWD/.git/hooks/pre-push.dl-prev"
  try dl-hooks uninstall
  assert_status 0
  did restored
  unchanged
}

@test "a hook that does not read its lines, and one that is not executable" {
  old_git
  hook .git/hooks/pre-push 'exit 0'
  dl-hooks install
  # More than fits into a pipe.
  for i in {1..700}; do echo "create refs/heads/some-branch-with-a-long-name-$i HEAD"; done | git update-ref --stdin
  try git push -q --all origin
  assert_status 0
  [ -z "$stderr" ] || complain 'something was said'
  dl-hooks uninstall
  hook .git/hooks/pre-push 'touch ../ran' 'exit 1'
  chmod -x .git/hooks/pre-push
  BEFORE=$(state)
  dl-hooks install
  reached
  git push -q origin main:again
  [ ! -e ../ran ]
  dl-hooks uninstall
  unchanged
}

@test "a link in the hook's place is kept, also one to nothing" {
  old_git
  hook ../mine 'touch ../mine-ran'
  for target in ../../../mine ../../../nothing; do
    ln -sf "$target" .git/hooks/pre-push
    BEFORE=$(state)
    dl-hooks install
    reached
    pushed
    dl-hooks uninstall
    unchanged
  done
  [ -e ../mine-ran ]
}

@test "a stub that has been edited is neither replaced nor removed" {
  old_git
  dl-hooks install
  sed -i '3i touch ../ran' .git/hooks/pre-push
  BEFORE=$(state)
  try dl-hooks doctor
  assert_status 0
  assert_json '.[0].status == "warn" and .[0].command == "dl-hooks doctor --run"'
  [ ! -e ../ran ]
  try dl-hooks install
  assert_status 6
  assert_stderr 'pre-push was put here by dl-hooks, and has been edited'
  try dl-hooks uninstall
  assert_status 1
  did left
  unchanged
  reached
}

@test "two hooks for one place: both are left, and told" {
  old_git
  hook .git/hooks/pre-push 'echo old'
  hook .git/hooks/pre-push.dl-prev 'echo older'
  BEFORE=$(state)
  try dl-hooks install
  assert_status 6
  unchanged
  rm .git/hooks/pre-push.dl-prev
  dl-hooks install
  # Somebody overwrites ours: what it ran must not be lost.
  hook .git/hooks/pre-push 'echo new'
  BEFORE=$(state)
  try dl-hooks uninstall
  assert_status 1
  did left
  assert_json '.[0].path | endswith("pre-push.dl-prev")'
  unchanged
  rm .git/hooks/pre-push
  try dl-hooks uninstall
  assert_status 0
  did restored
  grep -q 'echo old' .git/hooks/pre-push
}

# ---- what git cannot run ----

@test "line ends of Windows, a missing right, another mode: told, and mended by install" {
  old_git
  dl-hooks install
  good=$(state)
  sed -i 's/$/\r/' .git/hooks/pre-push
  ill 'carriage return'
  try dl-hooks install
  did updated
  [ "$(state)" = "$good" ]
  chmod -x .git/hooks/pre-push
  ill 'is not executable'
  dl-hooks install
  healthy
}

@test "a folder, a missing interpreter and a CRLF in hooks of others are told: git may hang" {
  old_git
  mkdir .git/hooks/pre-push
  ill 'is a folder'
  try dl-hooks install
  assert_status 6
  rmdir .git/hooks/pre-push
  printf '#!/nowhere/python\n' >.git/hooks/pre-push
  chmod +x .git/hooks/pre-push
  ill 'is run by /nowhere/python, which is not there: git cannot run it'
  printf '#!/bin/sh\r\ntrue\r\n' >.git/hooks/pre-push
  ill 'carriage return'
  assert_json "any(.command == \"sed -i 's/\\\\r\$//' '$PWD/.git/hooks/pre-push'\")"
  printf '#!/usr/bin/env nonesuch\n' >.git/hooks/pre-push
  ill 'is run by nonesuch, which is not on PATH'
}

@test "a dl-gate that is gone is told" {
  old_git
  mkdir ../bin
  cp "$DL_BIN"/dl-{hooks,gate} ../bin
  ../bin/dl-hooks install
  rm ../bin/dl-gate
  PATH=$PWD/../bin:${PATH#"$DL_BIN":} ill 'bin/dl-gate, which the hook runs, is not there'
}

@test "what cannot be written is a failure, and changes nothing" {
  old_git
  chmod a-w .git/hooks
  try unprivileged dl-hooks install
  chmod u+w .git/hooks
  assert_status 12
}

# ---- where hooks lie ----

@test "linked working trees, a submodule and a bare repository" {
  old_git
  git worktree add -q ../linked
  dl-hooks -C ../linked install
  healthy
  [ "$(jq -s 'map(select(.status == "pass")) | length' <<<"$output")" = 2 ]
  (cd ../linked && reached)
  reached
  mkdir sub
  (cd sub && listed path && assert_output "${PWD%/sub}/.git/hooks/pre-push")
  rm -rf ../linked
  try dl-hooks doctor
  assert_status 0
  assert_json 'any(.status == "warn" and .command == "git worktree prune")'
  git push -q --no-verify origin main
  git -c protocol.file.allow=always submodule --quiet add "$PWD/../origin.git" module
  (cd module && git commit -q --allow-empty -m one && dl-hooks install && healthy && reached)
  [ -e .git/modules/module/hooks/pre-push ]
  git clone -q --bare . ../bare.git
  cd ../bare.git
  git remote set-url origin ../origin.git
  BARE=$(find hooks -type f -exec sha256sum {} + | sort)
  dl-hooks install
  healthy
  reached
  dl-hooks uninstall
  [ "$(find hooks -type f -exec sha256sum {} + | sort)" = "$BARE" ]
}

@test "a relative core.hooksPath is told where a working tree lacks the folder" {
  old_git
  mkdir my-hooks
  git config core.hooksPath my-hooks
  dl-hooks install
  [ -x my-hooks/pre-push ]
  reached
  healthy
  git worktree add -q ../linked
  ill "linked: core.hooksPath is relative: there is no folder .*linked/my-hooks"
  assert_json "any(.command == \"git config core.hooksPath '$PWD/my-hooks'\")"
  git config core.hooksPath "$PWD/my-hooks"
  healthy
  try dl-hooks -C ../linked uninstall
  assert_status 0
  [ ! -e my-hooks/pre-push ]
}

@test "hooks that are in commits are not written" {
  local line
  old_git
  hook my-hooks/pre-push true
  git add my-hooks
  git config core.hooksPath my-hooks
  BEFORE=$(state)
  try dl-hooks install
  assert_status 6
  assert_stderr 'the hooks of this repository are in its commits'
  # What it prints to be added works.
  line=$(sed -n 's/.*add this line to .*pre-push: //p' <<<"$stderr")
  echo "$line" >>my-hooks/pre-push
  git status --porcelain my-hooks | grep -q .
  reached
  try dl-hooks install
  assert_status 0
  did unchanged
  try dl-hooks doctor
  assert_status 0
  assert_json '.[0].status == "warn" and .[0].command == "dl-hooks doctor --run"'
  try dl-hooks doctor --run
  assert_json '.[0].status == "pass"'
  # It is named, and not reached.
  sed -i '2i exit 0' my-hooks/pre-push
  try dl-hooks doctor --run
  assert_status 1
  assert_json '.[0].message | contains("git does not come to dl-gate by")'
  sed -i 2d my-hooks/pre-push
  try dl-hooks uninstall
  assert_status 1
  did left
  unchanged
  # Where the line stands does not matter, also in a script that goes on after a failure.
  hook my-hooks/pre-push "$line" true
  reached
  # As the manual has it where others read the lines, too.
  hook my-hooks/pre-push "$(sed -n '/^lines=/,/^printf/p' "$ROOT/man/dl-hooks.1" | sed 's/\\e/\\/; s/git lfs pre-push/tee .lines #/')"
  reached
  pushed
  grep -q refs/heads/main .lines
}

@test "a folder of hooks outside of the repository is written only when told" {
  old_git
  mkdir ../shared
  git config --global core.hooksPath "$PWD/../shared"
  BEFORE=$(state)
  try dl-hooks install
  assert_status 6
  assert_stderr 'dl-hooks install --global-dir'
  dl-hooks install --global-dir
  reached
  healthy
  try dl-hooks uninstall
  assert_status 1
  did left
  reached
  dl-hooks uninstall --global-dir
  [ ! -e ../shared/pre-push ]
  unchanged
  [ "$(git config core.hooksPath)" = "$PWD/../shared" ]
  # The folder in the git dir that is a link is no other case.
  git config --global --unset core.hooksPath
  rm -r .git/hooks
  ln -s ../../shared .git/hooks
  try dl-hooks install
  assert_status 6
}

# ---- beside other tools, as a file ----

@test "git-lfs, then ours: both work" {
  needs git-lfs
  old_git
  git lfs install --local >/dev/null
  git lfs track '*.bin' >/dev/null
  BEFORE=$(state)
  try dl-hooks install
  did installed
  reached
  listed order,name,state
  assert_output $'1\tdl-gate\truns\n2\tgit-lfs\tcalled'
  # A file of git-lfs comes to the server only by its hook, which reads the lines.
  echo large >a.bin
  git add .
  git commit -qm large
  git push -q origin main
  find ../origin.git/lfs/objects -type f | grep -q . || complain 'git-lfs has not sent the file'
  try dl-hooks uninstall
  assert_status 0
  unchanged
}

@test "ours, then git-lfs: it refuses; with --force it overwrites, which is told" {
  needs git-lfs
  old_git
  BEFORE=$(state)
  dl-hooks install
  try git lfs install --local
  refute [ "$status" = 0 ]
  reached
  try git lfs update --force
  assert_status 0
  ill '^[^ ]*/w: git-lfs has overwritten the hook$'
  BEFORE=$(state)
  try dl-hooks uninstall
  assert_status 0
  assert_output ''
  unchanged
  # What ours ran is not lost either.
  rm .git/hooks/pre-push
  hook .git/hooks/pre-push 'echo mine'
  dl-hooks install
  git lfs update --force >/dev/null
  try dl-hooks uninstall
  assert_status 1
  grep -q 'echo mine' .git/hooks/pre-push.dl-prev
}

@test "pre-commit, then ours: both work" {
  needs pre-commit
  old_git
  pre-commit install -t pre-push >/dev/null
  BEFORE=$(state)
  try dl-hooks install
  assert_status 0
  assert_json '.[0].action == "installed" and (.[0].path | endswith("pre-push.legacy"))'
  reached
  healthy
  rm -f ../pre-commit-ran
  pushed
  [ -e ../pre-commit-ran ]
  listed order,name,state
  assert_output $'1\tpre-commit\truns\n2\tdl-gate\tcalled'
  try dl-hooks install
  did unchanged
  dl-hooks uninstall
  unchanged
  # The name is taken: what has it is run after dl-gate.
  hook .git/hooks/pre-push.legacy 'touch ../legacy-ran'
  BEFORE=$(state)
  dl-hooks install
  reached
  [ ! -e ../legacy-ran ]
  pushed
  [ -e ../legacy-ran ]
  dl-hooks uninstall
  unchanged
}

@test "ours, then pre-commit: both work, and each goes without the other" {
  needs pre-commit
  old_git
  BEFORE=$(state)
  dl-hooks install
  pre-commit install -t pre-push >/dev/null
  reached
  healthy
  listed order,name,state
  assert_output $'1\tpre-commit\truns\n2\tdl-gate\tcalled'
  pre-commit uninstall -t pre-push >/dev/null
  reached
  dl-hooks uninstall
  unchanged
  pre-commit install -t pre-push >/dev/null
  ALONE=$(state)
  pre-commit uninstall -t pre-push >/dev/null
  dl-hooks install
  pre-commit install -t pre-push >/dev/null
  dl-hooks uninstall
  [ "$(state)" = "$ALONE" ] || complain 'not as pre-commit alone leaves it'
  pre-commit uninstall -t pre-push >/dev/null
  unchanged
}

@test "lefthook, then ours: refused, with the job to add, which works" {
  needs lefthook
  old_git
  lefthook install >/dev/null
  BEFORE=$(state)
  try dl-hooks install
  assert_status 6
  unchanged
  sed -n 's/.*add this to the jobs of pre-push in lefthook.yml: /    /p' <<<"$stderr" >>lefthook.yml
  lefthook install >/dev/null
  reached
  pushed
  listed order,name,state,message
  assert_output $'1\tlefthook\truns\t\n2\t\tcalled\tit names dl-gate'
  try dl-hooks doctor
  assert_status 0
  assert_json '.[0].status == "warn"'
  try dl-hooks doctor --run
  assert_json '.[0].status == "pass"'
  try dl-hooks install
  did unchanged
  try dl-hooks uninstall
  assert_status 1
  did left
}

@test "ours, then lefthook: it displaces ours, which is told; each goes without the other" {
  needs lefthook
  old_git
  BEFORE=$(state)
  lefthook install >/dev/null
  ALONE=$(state)
  lefthook uninstall >/dev/null
  unchanged
  dl-hooks install
  lefthook install >/dev/null
  reached 0
  ill '^[^ ]*/w: lefthook has displaced the hook: that is .*/pre-push.old now$'
  lefthook uninstall >/dev/null
  reached
  lefthook install >/dev/null
  try dl-hooks uninstall
  assert_status 0
  did removed
  [ "$(state)" = "$ALONE" ] || complain 'not as lefthook alone leaves it'
  lefthook uninstall >/dev/null
  unchanged
  # The user's own, which ours ran, goes where lefthook will restore it from.
  hook .git/hooks/pre-push 'echo mine'
  BEFORE=$(state)
  dl-hooks install
  lefthook install >/dev/null
  dl-hooks uninstall
  lefthook uninstall >/dev/null
  unchanged
}

@test "husky, then ours: refused, with the line to add, which works" {
  needs husky
  old_git
  husky >/dev/null
  echo true >.husky/pre-push
  BEFORE=$(state)
  try dl-hooks install
  assert_status 6
  assert_stderr 'husky runs the hooks of this repository'
  unchanged
  sed -n 's/.*add this line to .*pre-push: //p' <<<"$stderr" >>.husky/pre-push
  reached
  pushed
  # Where dl-gate is not installed, nobody is held up.
  (PATH=${PATH#"$DL_BIN":} && pushed)
  listed order,name,state,message
  assert_output $'1\thusky\truns\t\n2\t\tcalled\tit names dl-gate'
  try dl-hooks install
  did unchanged
  try dl-hooks doctor --run
  assert_json '.[0].status == "pass"'
  try dl-hooks uninstall
  assert_status 1
  did left
}

@test "ours, then husky: it displaces ours, which is told; ours goes without a trace" {
  needs husky
  old_git
  husky >/dev/null
  ALONE=$(state)
  git config --unset core.hooksPath
  rm -r .husky
  BEFORE=$(state)
  dl-hooks install
  husky >/dev/null
  reached 0
  ill 'husky has displaced the hook, as core.hooksPath \(file:.git/config\) names another folder'
  try dl-hooks uninstall
  assert_status 0
  did removed
  [ "$(state)" = "$ALONE" ] || complain 'not as husky alone leaves it'
  git config --unset core.hooksPath
  rm -r .husky
  unchanged
  husky >/dev/null
  git worktree add -q ../linked
  dl-hooks doctor | grep -q linked
}

# ---- in git's configuration ----

@test "a git that can takes the hook from its configuration; no file is touched" {
  new_git
  BEFORE=$(state)
  FILES=$(find .git/hooks -type f -exec sha256sum {} + | sort)
  try dl-hooks install
  assert_status 0
  assert_json '.[0] | .action == "installed" and .scope == "local"'
  [ "$(find .git/hooks -type f -exec sha256sum {} + | sort)" = "$FILES" ]
  reached
  pushed
  healthy
  listed order,name,state,scope,path
  assert_output $'1\tdl-gate\truns\tlocal\t.git/config'
  try dl-hooks install
  did unchanged
  reached
  git worktree add -q ../linked
  healthy
  [ "$(jq -s 'map(select(.status == "pass")) | length' <<<"$output")" = 2 ]
  git worktree remove ../linked
  try dl-hooks uninstall
  assert_status 0
  did removed
  unchanged
  try dl-hooks uninstall
  assert_output ''
  unchanged
}

@test "in the configuration it is in nobody's way, and nobody is in its" {
  new_git
  needs git-lfs
  needs pre-commit
  needs lefthook
  needs husky
  dl-hooks install
  for step in 'git lfs install --local' 'lefthook install --force' 'pre-commit install -t pre-push' 'husky'; do
    $step >/dev/null 2>&1
    reached
    healthy
    BEFORE=$(state | grep -v hook.dl-gate)
    dl-hooks uninstall
    unchanged
    reached 0
    dl-hooks install
  done
  dl-hooks uninstall
  [ -z "$(git config --get-regexp '^hook\.')" ]
}

@test "in the configuration: what is edited, disabled or left by others is told and left" {
  new_git
  dl-hooks install
  git config hook.dl-gate.enabled false
  BEFORE=$(state)
  ill 'hook.dl-gate.enabled is false'
  try dl-hooks install
  assert_status 6
  reached 0
  git config --unset hook.dl-gate.enabled
  git config hook.dl-gate.command 'dl-gate --quiet'
  BEFORE=$(state)
  try dl-hooks install
  assert_status 6
  try dl-hooks uninstall
  assert_status 1
  did left
  unchanged
  git config --unset hook.dl-gate.command
  ill 'no command'
  dl-hooks install
  reached
  dl-hooks uninstall
  git config hook.dl-gate.enabled true
  BEFORE=$(state)
  dl-hooks install
  dl-hooks uninstall
  unchanged
}

@test "in the configuration: a missing dl-gate, and one that breaks, let the push go" {
  new_git
  mkdir "../it's here"
  cp "$DL_BIN/dl-hooks" "../it's here"
  hook "../it's here/dl-gate" 'echo "$#" >../arguments' 'cat >../lines' 'exit 70'
  "../it's here/dl-hooks" install
  pushed
  [ "$(cat ../arguments)" = 2 ]
  [ "$(wc -l <../lines)" = 1 ]
  hook "../it's here/dl-gate" 'exit 1'
  try git push origin main
  assert_status 1
  rm "../it's here/dl-gate"
  pushed
  ill "it's here/dl-gate, which the hook runs, is not there"
}

@test "--global: for all repositories, but for those that opt out; nothing of a repository is run by it" {
  new_git
  BEFORE=$(state)
  cd ..
  dl-hooks install --global
  cd w
  reached
  healthy
  try dl-hooks install
  did unchanged
  git config hook.dl-gate.enabled false
  reached 0
  git config --unset hook.dl-gate.enabled
  # A global installation never enables the local provider.
  hook .devloop/ci/build 'touch ../../ran'
  git add .
  git commit -qm workflow
  git config --global devloop.ci local
  unset DL_SKIP
  pushed
  [ ! -e ../ran ]
  git config --global --unset devloop.ci
  try dl-hooks uninstall
  assert_output ''
  reached
  dl-hooks uninstall --global
  reached 0
  unchanged
}

@test "--global needs a git that can" {
  old_git
  try dl-hooks install --global
  assert_status 10
  unset GIT_CONFIG_GLOBAL
  [ ! -e "$HOME/.gitconfig" ]
}

@test "where an older git is on PATH as well there is a file for that one, too, and dl-gate is reached once" {
  new_git
  new=$PATH
  # shellcheck disable=SC2123 # that is meant
  PATH=$PATH:$BATS_TEST_TMPDIR/second
  mkdir "$BATS_TEST_TMPDIR/second"
  printf '#!/bin/sh\n[ "$1" != version ] || { echo git version 2.39.5; exit; }\nexit 1\n' >"$BATS_TEST_TMPDIR/second/git"
  chmod +x "$BATS_TEST_TMPDIR/second/git"
  BEFORE=$(state)
  try dl-hooks install
  did installed installed
  reached
  healthy
  try dl-hooks install
  did unchanged unchanged
  if ! is_new /usr/bin/git; then
    (PATH=$DL_BIN:/usr/bin:/bin && reached && healthy)
  fi
  # Without the older one the file is superfluous.
  PATH=$new
  try dl-hooks install
  did unchanged removed
  try dl-hooks uninstall
  did removed
  unchanged
}

@test "an older git does not see the hook in the configuration: told, and mended by a file" {
  old_git
  git config hook.dl-gate.command "gate() { [ ! -x '$DL_BIN/dl-gate' ] || '$DL_BIN/dl-gate' \"\$@\" || [ \$? -ne 1 ]; }; gate"
  git config hook.dl-gate.event pre-push
  listed name,state
  assert_output $'dl-gate\tignored'
  ill 'since version 2.54'
  dl-hooks install
  healthy
  is_new "$(PATH=${PATH#*/old:} command -v git)" || reached
  try dl-hooks uninstall
  did removed removed
  [ -z "$(git config --get-regexp '^hook\.')" ]
}

@test "a file that was installed under an older git becomes a hook in the configuration" {
  (
    old_git
    hook .git/hooks/pre-push 'touch ../mine-ran'
    dl-hooks install
  )
  new_git
  try dl-hooks install
  did installed restored
  reached
  pushed
  [ -e ../mine-ran ]
}

# ---- post-push ----

@test "the hook post-push is installed to be edited, and then left alone" {
  old_git
  shipped=${DL_BIN%/bin}/libexec/devloop/hooks/post-push
  BEFORE=$(state)
  try dl-hooks status
  assert_json 'any(.event == "post-push" and .state == "called" and (.path | endswith("libexec/devloop/hooks/post-push")))'
  try dl-hooks install post-push
  assert_status 0
  did installed
  diff <(sed 2d .git/hooks/post-push) "$shipped"
  [ -x .git/hooks/post-push ]
  try dl-hooks status
  assert_json 'map(select(.event == "post-push") | .path) == ["'"$PWD"'/.git/hooks/post-push"]'
  try dl-hooks install post-push
  did unchanged
  # As an older version has left it.
  chmod -x .git/hooks/post-push
  try dl-hooks install post-push
  did updated
  try dl-hooks uninstall
  did removed
  unchanged
  dl-hooks install post-push
  echo 'echo mine' >>.git/hooks/post-push
  BEFORE=$(state)
  try dl-hooks install post-push
  assert_status 0
  did unchanged
  try dl-hooks uninstall
  assert_status 1
  did left
  unchanged
  hook .git/hooks/post-push 'echo mine'
  try dl-hooks install post-push
  assert_status 6
  try dl-hooks uninstall
  assert_status 0
  assert_output ''
}

# ---- doctor ----

@test "doctor changes nothing, and runs nothing of others" {
  old_git
  hook .git/hooks/pre-push 'touch ../ran'
  dl-hooks install
  everything=$(find .git -printf '%p %T@ %m\n' | sort)
  healthy
  [ "$everything" = "$(find .git -printf '%p %T@ %m\n' | sort)" ]
  [ ! -e ../ran ]
  jq -es 'map([.operation, .mutated]) == [["hooks-install", true], ["hooks-doctor", false]]' "$XDG_STATE_HOME/devloop/events.jsonl"
}

@test "doctor leaves other hooks of the configuration out" {
  new_git
  git config hook.other.command 'touch ../other-ran'
  git config hook.other.event pre-push
  hook .git/hooks/pre-push 'touch ../file-ran'
  dl-hooks install
  healthy
  [ ! -e ../other-ran ]
  [ ! -e ../file-ran ]
  listed order,name,state
  assert_output $'1\tother\truns\n2\tdl-gate\truns\n3\t\truns'
  try dl-hooks doctor --run
  assert_status 0
  [ -e ../other-ran ]
  [ -e ../file-ran ]
  # The hook that ours would come to, did it not leave dl-gate to the configuration.
  rm ../file-ran
  (old_git && dl-hooks install)
  grep -q '^prev=' .git/hooks/pre-push
  reached
  [ -e ../file-ran ]
  rm ../file-ran
  healthy
  [ ! -e ../file-ran ]
}

@test "doctor tells of dl-gate twice, of what is switched off, and of what nobody runs" {
  old_git
  dl-hooks install
  DL_HOOKS=0 try dl-hooks doctor
  assert_status 0
  assert_json 'any(.name == "DL_HOOKS" and .status == "warn")'
  git config devloop.prepush off
  try dl-hooks doctor
  assert_json 'any(.command == "git config --unset devloop.prepush")'
  hook .git/hooks/pre-push.old true
  try dl-hooks doctor
  assert_status 0
  assert_json 'any(.status == "warn" and (.message | contains("pre-push.old: nothing runs it")))'
  new_git
  git config hook.dl-gate.command "gate() { [ ! -x '$DL_BIN/dl-gate' ] || '$DL_BIN/dl-gate' \"\$@\" || [ \$? -ne 1 ]; }; gate"
  git config hook.dl-gate.event pre-push
  try dl-hooks doctor
  assert_json 'any(.message | contains("runs dl-gate 2 times"))'
  dl-hooks install
  healthy
}

@test "doctor tells of waiting over ssh, and names the url of https" {
  old_git
  dl-hooks install
  git remote add ssh ssh://git@example.com:2222/a/b.git
  git remote add scp git@example.com:a/b.git
  git remote add hub git@github.com:a/b.git
  git remote add mended git@example.com:a/b.git
  git config remote.mended.pushurl https://example.com/a/b.git
  try dl-hooks doctor -F command
  assert_status 0
  assert_line "git config 'remote.ssh.pushurl' 'https://example.com/a/b.git'"
  assert_line "git config 'remote.scp.pushurl' 'https://example.com/a/b.git'"
  refute grep -qE 'hub|mended' <<<"$output"
  git config devloop.prepush.wait 20s
  try dl-hooks doctor -F command
  refute grep -q ssh <<<"$output"
}

# ---- dl-status ----

@test "dl-status tells, once a day, that the hook is not run any more" {
  old_git
  hook .devloop/ci/build true
  unset DL_SKIP
  yesterday() { touch -d '25 hours ago' .git/devloop/hooks; }
  status() { try dl-status -p local "$@" 2>&1; }
  dl-hooks install
  # All is well, and nothing is said.
  yesterday
  status
  refute grep -q hooks <<<"$stderr"
  git config core.hooksPath .husky/_
  status
  refute grep -q hooks <<<"$stderr"
  for silent in -q --changed; do
    yesterday
    status "$silent"
    refute grep -q hooks <<<"$stderr"
  done
  status
  assert_stderr '^dl-status: pushes are not looked at any more: husky has displaced the hook, .*; see dl-hooks doctor$'
  status
  refute grep -q hooks <<<"$stderr"
  yesterday
  git config --unset core.hooksPath
  dl-hooks uninstall
  status
  refute grep -q hooks <<<"$stderr"
}
