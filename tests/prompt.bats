# dl-prompt: what it prints, that it asks nobody, what it starts, and its snippets in the shells themselves.
# shellcheck disable=SC2154 # `try` sets $stderr
load helper
load github

setup() {
  hermetic
  export GITHUB_TOKEN=a-token # which also saves the search for one
}

# workflow EXIT: makes the workflow `build` of repository w, which ends so, and commits it.
workflow() {
  mkdir -p w/.devloop/ci
  printf '#!/bin/sh\nexit %s\n' "$1" >w/.devloop/ci/build
  chmod +x w/.devloop/ci/build
  git -C w add .devloop && git -C w commit -q -m "build ends with $1"
}

# judge DIR: runs its workflow and has dl-status judge it.
judge() {
  dl-trigger -C "$1" -p local build | dl-logs -C "$1" -f >/dev/null
  dl-status -C "$1" -p local -q >/dev/null || :
}

# age TIME: makes all verdicts that are known older, but not the lock.
age() {
  find "$XDG_STATE_HOME/devloop/last" w/.git/devloop/last -type f -size +1c -exec touch -d "-$1" {} +
}

# prompts TEXT [OPTION...]: in w, dl-prompt prints TEXT, and nothing else.
prompts() {
  local text=$1
  shift
  try dl-prompt -C w "$@"
  assert_status 0
  assert_output "$text"
  [ -z "$stderr" ] || complain 'it says something'
}

@test "the last verdict, in a repository, below it, in its other working trees and detached" {
  make_repo w
  prompts ''
  workflow 1
  prompts ''
  judge w
  prompts '✗ build'
  prompts $'failure\tbuild\tmain' -F verdict,name,branch
  workflow 0
  judge w
  prompts ✓
  mkdir -p w/a/b
  cd w/a/b
  try dl-prompt
  assert_output ✓
  git worktree add -q ../../../other -b other
  cd ../../../other
  try dl-prompt
  assert_output ''
  judge .
  try dl-prompt -F branch,verdict
  assert_output $'other\tsuccess'
  cd ..
  # Detached, it is about the commit: as the branch's tip, by itself, and unknown.
  git -C w checkout -q --detach main
  judge w
  prompts ✓
  git -C w checkout -q --detach main~1
  prompts ''
  judge w
  prompts '✗ build'
  prompts $'failure\tbuild' -F verdict,name
  git -C w checkout -q main
  prompts ✓
  git -C w checkout -q --detach main~1
  prompts '✗ build'
}

@test "a detached HEAD: what is asked with -c HEAD is kept, another commit is not" {
  local head tip
  make_repo w https://github.com/o/r.git
  head=$(git -C w rev-parse HEAD)
  git -C w commit -q --allow-empty -m two
  tip=$(git -C w rev-parse HEAD)
  git -C w checkout -q --detach HEAD~1
  serve "$({
    commit_answers "$(gh_runs "head_sha: \"$head\"")" '' '' "$head"
    commit_answers "$(gh_runs "head_sha: \"$tip\", conclusion: \"failure\"")" '' '' "$tip"
  } | cassette both)"
  run dl-status -C w -c main
  [ "$status" = 1 ]
  [ ! -e w/.git/devloop/last ]
  prompts ''
  dl-status -C w -c HEAD >/dev/null
  prompts ✓
}

# asked_again: the verdict is of this minute.
asked_again() {
  [ $(($(date +%s) - $(stat -c %Y w/.git/devloop/last))) -lt 60 ]
}

@test "--max-age: a detached HEAD is asked about again, and what is of a time to come, as a clock was set back" {
  make_repo w
  workflow 0
  git -C w config devloop.ci local
  git -C w checkout -q --detach
  judge w
  age '10 minutes'
  prompts '✓ 10m' --max-age 5m
  eventually asked_again
  git -C w checkout -q main
  judge w
  find "$XDG_STATE_HOME/devloop/last" w/.git/devloop/last -type f -exec touch -d '+2 days' {} +
  prompts ✓ --max-age 5m
  eventually sh -c '[ "$(date +%s)" -ge "$(stat -c %Y w/.git/devloop/last)" ]'
}

@test "outside of a repository, and where files are spoilt, it prints nothing and says nothing" {
  try dl-prompt --max-age 1s
  [[ $status = 0 && -z $output$stderr ]]
  make_repo w
  workflow 1
  judge w
  for file in w/.git/devloop/last w/.git/HEAD; do
    cp "$file" kept
    for text in '' '{"type":"verdict"' $'\xff\xfe' 'ref: refs/heads/' "$(printf '%070000d' 0)"; do
      printf %s "$text" >"$file"
      prompts '' --max-age 1s
    done
    rm "$file"
    prompts ''
    mkdir "$file"
    prompts ''
    rmdir "$file" && ln -s /dev/zero "$file"
    prompts ''
    rm "$file" && mv kept "$file"
  done
  prompts '✗ build'
  # The repository's own file will do where the user's is spoilt, and the other way round it is not asked for.
  find "$XDG_STATE_HOME/devloop/last" -type f -exec sh -c 'echo x >"$1"' - {} \;
  prompts '✗ build'
}

@test "what dl-status says of a branch elsewhere counts, what it says of another commit does not" {
  local head
  make_repo w https://github.com/o/r.git
  head=$(git -C w rev-parse HEAD)
  track w main "$head"
  serve "$({
    commit_answers "$(gh_runs "head_sha: \"$head\"")" '' '' "$head"
    commit_answers "$(gh_runs 'conclusion: "failure"')" '' '' "$SHA"
    answer 'GET /repos/o/r/commits/main' "$head"
  } | cassette both)"
  dl-status -C w >/dev/null
  prompts ✓
  rm -r "$XDG_STATE_HOME/devloop"
  sed -i 's/"success"/"failure"/' w/.git/devloop/last
  prompts '✗ CI'
  dl-status -R o/r -b main >/dev/null # from anywhere
  prompts ✓
  run dl-status -C w -c "$SHA"
  [ "$status" = 1 ]
  rm -r "$XDG_STATE_HOME/devloop" w/.git/devloop
  dl-status -C w -N >/dev/null
  prompts ''
  dl-status -C w -c HEAD >/dev/null # which is what was pushed
  prompts ✓
  [ "$(find "$XDG_STATE_HOME/devloop/last" w/.git/devloop -type f ! -perm 600)" = '' ]
}

@test "an old verdict shows its age" {
  make_repo w
  workflow 1
  judge w
  age '14 minutes'
  prompts '✗ build'
  age '3 hours'
  prompts '✗ build 3h'
  prompts '✗ build' --max-age 1d
}

@test "options: symbols, ASCII, colours; what is wrong is exit 2" {
  make_repo w
  workflow 1
  judge w
  prompts 'x build' --ascii
  LC_ALL=C prompts 'x build'
  prompts '- build' --symbols '+,-,~,?'
  TERM=xterm prompts $' \001\e[31m\002✗ build\001\e[0m\002' --shell bash
  TERM=xterm prompts $' %{\e[31m%}✗ build%{\e[0m%}' --shell zsh
  TERM=xterm prompts $' \e[31m✗ build\e[0m' --shell fish
  TERM=xterm NO_COLOR=1 prompts ' ✗ build' --shell zsh
  while IFS='|' read -r options message; do
    # shellcheck disable=SC2086 # words
    try dl-prompt $options
    assert_status 2
    assert_output ''
    [[ $stderr == "dl-prompt: $message"* ]] || complain "expected: $message"
  done <<'END'
--shell tcsh|--shell: 'tcsh' is not a known shell
--symbols a,b|--symbols: 'a,b' is not four words
--shell bash -F name|--shell and -F exclude each other
-F nothing|-F: verdict records have no field 'nothing'
main|'main' is superfluous
END
}

@test "it loads no library but the system's, starts nothing, and is an event where there is a repository" {
  make_repo w
  workflow 1
  judge w
  : >"$XDG_STATE_HOME/devloop/events.jsonl"
  prompts '✗ build' --max-age 1h
  jq -es 'map([.program, .operation, .class, .requests, .mutated]) == [["dl-prompt", "prompt", "ok", null, false]]' "$XDG_STATE_HOME/devloop/events.jsonl"
  DL_EVENTS=0 prompts '✗ build'
  mkdir nowhere
  try dl-prompt -C nowhere
  assert_status 0
  [ "$(wc -l <"$XDG_STATE_HOME/devloop/events.jsonl")" = 1 ]
  if command -v ldd >/dev/null; then
    refute grep -E 'lib(curl|git2|yaml|archive|crypto|ssl)' <(ldd "$DL_BIN/dl-prompt")
  fi
  grep -q "$(git -C w rev-parse HEAD)" w/.git/devloop/last
}

@test "--max-age: what is older is asked for again behind its back, once, and not again at once" {
  local lock
  make_repo w
  workflow 1
  # What nobody has asked about is not asked about.
  prompts '' --max-age 1s
  judge w
  workflow 0
  dl-trigger -C w -p local build | dl-logs -C w -f >/dev/null
  prompts '✗ build' --max-age 1h
  age '2 hours'
  : >"$XDG_STATE_HOME/devloop/events.jsonl"
  git -C w config devloop.ci local
  for _ in 1 2 3; do
    dl-prompt -C w --max-age 1h
  done | grep -qx '✗ build 2h'
  eventually grep -q dl-status "$XDG_STATE_HOME/devloop/events.jsonl"
  eventually sh -c '[ "$(dl-prompt -C w)" = ✓ ]'
  age '2 hours'
  dl-prompt -C w --max-age 1h >/dev/null # too soon
  sleep 0.5
  [ "$(grep -c dl-status "$XDG_STATE_HOME/devloop/events.jsonl")" = 1 ]
  lock=$(find "$XDG_STATE_HOME/devloop/last" -size -2c)
  [ -n "$lock" ]
  touch -d '-2 hours' "$lock"
  dl-prompt -C w --max-age 1h >/dev/null
  eventually sh -c '[ "$(dl-prompt -C w -F verdict --max-age 1h)" = success ] && [ "$(grep -c dl-status "$1")" = 2 ]' - "$XDG_STATE_HOME/devloop/events.jsonl"
}

@test "--max-age: another branch of a repository that was asked about is asked about, too" {
  make_repo w
  workflow 0
  judge w
  git -C w config devloop.ci local
  git -C w checkout -q -b next
  dl-prompt -C w --max-age 1h
  eventually sh -c '[ "$(dl-prompt -C w -F branch,verdict)" = "next	success" ]'
}

@test "--max-age: what is started is found beside the program, has a session of its own and none of its files" {
  local began
  make_repo w
  workflow 0
  judge w
  age '2 hours'
  mkdir bin w/bin
  ln -s "$(command -v dl-prompt)" bin/link
  cp "$DL_BIN/dl-prompt" bin/dl-prompt
  cat >bin/dl-status <<'END'
#!/bin/sh
ls -l /proc/$$/fd >"$HOME/files"
ps -o pid=,sid=,tty= -p $$ >"$HOME/session"
printf '%s\n' "$@" >"$HOME/arguments"
sleep 3
END
  printf '#!/bin/sh\ntouch "%s/wrong"\n' "$HOME" >w/dl-status
  chmod +x bin/dl-status w/dl-status
  cd w
  began=$(date +%s%N)
  exec 9<README
  output=$(PATH=.:$PATH ../bin/dl-prompt --max-age 1h 2>&1)
  exec 9<&-
  [ "$output" = '✓ 2h' ]
  [ $(($(date +%s%N) - began)) -lt 2000000000 ] # it sleeps for three seconds
  eventually test -s "$HOME/arguments"
  [ "$(cat "$HOME/arguments")" = $'-q\n--timeout=60s\n-b\nmain' ]
  [ "$(awk '/->/ { print $NF }' "$HOME/files" | grep -cx /dev/null)" -ge 3 ]
  refute grep -E 'README|pipe:' "$HOME/files"
  read -r pid sid tty <"$HOME/session"
  [[ $pid = "$sid" && $tty = '?' ]]
  # While it runs nothing else is started, whatever the time.
  rm "$HOME/arguments"
  find "$XDG_STATE_HOME/devloop/last" -size -2c -exec touch -d '-2 hours' {} +
  ../bin/dl-prompt --max-age 1h >/dev/null
  sleep 0.3
  [ ! -e "$HOME/arguments" ]
  [ ! -e "$HOME/wrong" ]
  kill "$pid"
}

# ---- the shells ----

# snippet SHELL: what the page says goes into its startup file.
snippet() {
  awk -v file="prompt.$1" '
    $0 == ".\\\" file: " file { inside = 1; next }
    inside && /^\.Bd/ { shown = 1; next }
    /^\.Ed/ { inside = shown = 0 }
    shown { gsub(/\\e/, "\\"); print }' "$ROOT/man/dl-prompt.1"
}

# hostile: a repository w whose last verdict has the name of a job that would like to be a command.
hostile() {
  make_repo w
  workflow 1
  judge w
  # shellcheck disable=SC2016
  sed -i 's/"name":"build"/"name":"$(touch executed)`touch executed`%n"/' w/.git/devloop/last "$XDG_STATE_HOME"/devloop/last/*
}

@test "bash: the snippet shows the verdict, counts its columns, and runs nothing" {
  hostile
  snippet bash >rc
  [ -s rc ]
  # shellcheck disable=SC2016
  try env TERM=xterm bash --norc -c '. ./rc; cd w; printf %s "${PS1@P}"'
  [[ $output == "$PWD/w"$' \001\e[31m\002✗ ?(touch executed)?touch…\001\e[0m\002'[\#\$]' ' ]] || complain 'another prompt'
  # shellcheck disable=SC2016
  try env TERM=xterm bash --norc -c '. ./rc; printf %s "${PS1@P}"'
  [[ $output == "$PWD"[\#\$]' ' ]] || complain 'a gap where there is nothing to show'
  [ ! -e w/executed ]
}

@test "bash: at a terminal" {
  command -v script >/dev/null || skip 'no script(1) here'
  make_repo w
  workflow 1
  judge w
  snippet bash >rc
  cd w
  printf 'exit\n' | TERM=xterm script -qec 'bash --noprofile --rcfile ../rc -i' /dev/null >../screen
  grep -qF $'\e[31m✗ build\e[0m' ../screen
  refute grep -q $'\001' ../screen
}

@test "zsh: the snippet shows the verdict, counts its columns, and runs nothing" {
  command -v zsh >/dev/null || skip 'no zsh here'
  hostile
  snippet zsh >rc
  [ -s rc ]
  # shellcheck disable=SC2016
  try env TERM=xterm zsh -fc '. ./rc; cd w; print -P "$PROMPT"'
  [[ $output == *$'/w \e[31m✗ ?(touch executed)?touch…\e[0m'[%#]' ' ]] || complain 'another prompt'
  # Its width is that of what is seen.
  # shellcheck disable=SC2016
  try env TERM=xterm zsh -fc '. ./rc; cd w; seen="x ?(touch executed)?touch."; plain=$(print -P "%~ %#")
    zmodload zsh/zleparameter 2>/dev/null; print -P "%$((${#plain} + ${#seen} + 1))>>$PROMPT%>>END"'
  [[ $output == *'touch…'*END* ]] || complain 'zsh counts what is not seen'
  [ ! -e w/executed ]
}

@test "zsh: at a terminal" {
  command -v zsh >/dev/null || skip 'no zsh here'
  make_repo w
  workflow 1
  judge w
  mkdir rc && snippet zsh >rc/.zshrc
  cd w
  # shellcheck disable=SC2016
  TERM=xterm ZDOTDIR=$PWD/../rc timeout 30 zsh -fc 'zmodload zsh/zpty
    zpty -b shell zsh -d -i
    zpty -w shell exit
    while zpty -t shell; do zpty -r -t shell output && print -rn -- $output; sleep 0.02; done' >../screen
  grep -qF $'\e[31m✗ build\e[0m' ../screen
}

@test "fish: the snippet shows the verdict, and runs nothing" {
  command -v fish >/dev/null || skip 'no fish here'
  hostile
  snippet fish >rc
  [ -s rc ]
  try env TERM=xterm fish --no-config -c 'source rc; cd w; fish_prompt'
  [[ $output == *$'w \e[31m✗ ?(touch executed)?touch…\e[0m> ' ]] || complain 'another prompt'
  # Where there is nothing to show there is no gap, and the prompt is still there.
  try env TERM=xterm fish --no-config -c 'source rc; fish_prompt'
  [[ $output == *[a-zA-Z0-9]'> ' ]] || complain 'another prompt'
  [ ! -e w/executed ]
}
