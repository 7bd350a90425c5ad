# Providers that are programs: finding them, what they are told, and what becomes of what they answer. The
# plugins are scripts made here; tests/unit/exec.c has the replies that are refused, one by one.
# shellcheck disable=SC2016,SC2154 # scripts are quoted; `try` sets $stderr
load helper

setup() {
  hermetic
  mkdir plugins
  export DL_PROVIDER_PATH=$BATS_TEST_TMPDIR/plugins
}

# plugin NAME OPS [CAPS]: makes dl-provider-NAME, which has the operations OPS, and CAPS as more members of its
# caps; standard input is a script that answers them, with the request in $request.
plugin() {
  cat >"plugins/dl-provider-$1" <<END
#!/bin/sh
IFS= read -r request
if [ "\$1" = caps ]; then echo '{"v":1,"kinds":"ci","ops":"$2"${3:+,$3}}'; exit; fi
$(cat)
END
  chmod +x "plugins/dl-provider-$1"
}

# run_line ID [MEMBERS]: a shell command that prints a run.
run_line() {
  echo "echo '{\"type\":\"run\",\"id\":\"$1\",\"status\":\"queued\"${2:+,$2}}'"
}

# ---- finding ----

# named FOLDER TITLE: a plugin "x" in FOLDER that calls itself TITLE.
named() {
  mkdir -p "$1"
  printf '#!/bin/sh\necho '\''{"v":1,"kinds":"ci","ops":"runs","title":"%s"}'\''\n' "$2" >"$1/dl-provider-x"
  chmod +x "$1/dl-provider-x"
}

title() {
  dl-providers -j 2>/dev/null | jq -r 'select(.name == "x").title'
}

@test "a plugin is looked for in DL_PROVIDER_PATH, the user's folder, beside the programs, and on PATH" {
  mkdir -p prefix/bin
  cp "$DL_BIN/dl-providers" prefix/bin/
  PATH=$PWD/on-path:$PWD/prefix/bin:$PATH
  named on-path path
  [ "$(title)" = path ]
  named prefix/libexec/devloop/providers prefix
  [ "$(title)" = prefix ]
  named "$XDG_DATA_HOME/devloop/providers" user
  [ "$(title)" = user ]
  named second second
  DL_PROVIDER_PATH=$PWD/nowhere:$PWD/second
  [ "$(title)" = second ]
  named plugins first
  DL_PROVIDER_PATH=$PWD/plugins:$PWD/second
  [ "$(title)" = first ]
  [ "$(dl-providers -j | jq -r 'select(.name == "x").source')" = "$PWD/plugins/dl-provider-x" ]
  unset XDG_DATA_HOME DL_PROVIDER_PATH
  [ "$(title)" = user ]
}

@test "no plugin is found in a relative or empty member of a path, or through a name that is no word" {
  named . tree
  named sub tree
  DL_PROVIDER_PATH=.:sub::$PWD/plugins
  PATH=:.:sub:$PATH
  [ -z "$(title)" ]
  XDG_DATA_HOME=. try dl-runs -p x -R o/r
  assert_status 2
  for name in ../plugins/x sub/dl-provider-x -x .x '' 'x y'; do
    try dl-runs -p "$name" -R o/r
    [ "$status" -eq 2 ] || complain "exit of: $name"
  done
}

@test "what cannot be executed is no plugin, and none has a built-in provider's name" {
  mkdir plugins/dl-provider-folder
  echo '#!/bin/sh' >plugins/dl-provider-plain
  named plugins x
  mv plugins/dl-provider-x plugins/dl-provider-github
  dl-providers -F name,source >list
  refute grep -qE 'folder|plain|plugins' list
  grep -qx "github.built-in" list
}

@test "dl-providers says what a plugin is; one that does not answer hides no other" {
  echo 'exit 0' | plugin good runs,logs '"title":"Good","host":"good.example"'
  printf '#!/bin/sh\necho broken\n' >plugins/dl-provider-bad
  printf '#!/bin/sh\necho '\''{"v":1,"kinds":"registry,forge,other","ops":"put,repo,frobnicate"}'\''\n' >plugins/dl-provider-both
  chmod +x plugins/*
  try dl-providers -j
  assert_status 1
  assert_stderr 'dl-providers: bad: line 1: malformed JSON'
  assert_json 'map(select(.source != "built-in")) | map([.name, .kind, .title, .host, .ops]) ==
    [["both", "registry,forge", "both", null, "put,repo"], ["good", "ci", "Good", "good.example", "runs,logs"]]'
}

# ---- caps ----

@test "what a plugin says of itself is checked" {
  while IFS='|' read -r code reply expected message; do
    printf '#!/bin/sh\nprintf %%b '\''%s'\''\nexit %s\n' "$reply" "$code" >plugins/dl-provider-x
    chmod +x plugins/dl-provider-x
    try dl-runs -p x -R o/r
    [ "$status" -eq "$expected" ] || complain "exit for: $reply"
    assert_output ''
    grep -qF " x: $message" <<<"$stderr" || complain "not said: $message"
  done <<'END'
0||9|it printed no caps
0|{}|9|its caps lack v, kinds or ops
0|{"v":"one","kinds":"ci","ops":"runs"}|9|its caps lack v, kinds or ops
0|{"v":1,"kinds":["ci"],"ops":"runs"}|9|its caps lack v, kinds or ops
0|{"v":2,"kinds":"ci","ops":"runs"}|11|it speaks version 2 of the protocol, and not 1
0|{"v":1,"kinds":"ci","ops":"runs","host":"a/b"}|9|'a/b' is no host
0|{"v":1,"kinds":"ci","ops":"runs","host":"u@h"}|9|'u@h' is no host
0|{"v":1,"kinds":"ci","ops":"runs"}\n{}|9|line 2: its caps are one line
0|caps!|9|line 1: malformed JSON
3|{"v":1,"kinds":"ci","ops":"runs"}|9|'caps' ended with exit code 3
42|{"v":1,"kinds":"ci","ops":"runs"}|9|'caps' ended with exit code 42
11|{"type":"error","message":"set DEMO_URL","hint":"h"}|11|set DEMO_URL
END
}

@test "a plugin that cannot be run is exit 12, and says why" {
  printf '#!/no/such/interpreter\n' >plugins/dl-provider-x
  chmod +x plugins/dl-provider-x
  try dl-runs -p x -R o/r
  assert_status 12
  assert_stderr 'dl-provider-x: No such file'
}

@test "an operation that its caps do not name is exit 10" {
  echo 'echo asked >>asked' | plugin x runs,run
  for command in 'dl-logs x:o/r/run/1' 'dl-jobs x:o/r/run/1' 'dl-rerun x:o/r/run/1' 'dl-cancel x:o/r/run/1' \
    'dl-trigger -p x -R o/r build'; do
    # shellcheck disable=SC2086 # words
    try $command
    assert_status 10
    assert_stderr "x has no operation '"
  done
  [ ! -e asked ]
}

# ---- what it is told ----

@test "the request is one line of JSON with the place, the question and the token" {
  echo 'printf "%s\n" "$request" >request; cat >>request; exit 5' | plugin x runs '"host":"x.example"'
  make_repo repo https://x.example/group/sub/project.git
  cd repo || return
  DL_TOKEN_X=s3cret try dl-runs -p x -b main -s failure -n 5
  assert_status 5
  [ "$(wc -l <request)" = 1 ]
  output=$(cat request)
  assert_json '.[0] == {op: "runs", v: 1, token: "s3cret",
    target: {provider: "x", host: "x.example", project: "group/sub/project", dir: "'"$PWD"'/"},
    query: {branch: "main", sha: null, workflow: null, event: null, actor: null, states: "failure", since: null, limit: 5}}'
}

# spy [CAPS]: a plugin that keeps what it sees of tokens: its request, arguments and environment.
spy() {
  plugin x runs,run "$1" <<'END'
printf '%s\n' "$request" >"$SEEN/request"
tr '\0' '\n' </proc/$$/cmdline >"$SEEN/cmdline"
tr '\0' '\n' </proc/$$/environ >"$SEEN/environ"
END
  run_line 1 >>plugins/dl-provider-x
  export SEEN=$PWD/seen
  mkdir -p seen
}

token() {
  jq -r .token seen/request
}

@test "a token is in the request alone, never in the environment or the arguments" {
  spy
  export DL_TOKEN_X=s3cret DL_TOKEN_OTHER=s3cret-other GITHUB_TOKEN=s3cret-github GH_TOKEN=s3cret-gh JENKINS_TOKEN=s3cret-jenkins KEPT=kept
  try dl-runs -p x -R o/r -v
  assert_status 0
  [ "$(token)" = s3cret ]
  grep -qx KEPT=kept seen/environ
  refute grep -r s3cret seen/environ seen/cmdline
  refute grep s3cret <<<"$stderr$output"
  refute grep -r s3cret "$XDG_STATE_HOME"
  dl-runs x:o/r/run/1 >/dev/null
  [ "$(token)" = s3cret ]
}

@test "the variable with the token has the plugin's name, in capitals" {
  spy
  mv plugins/dl-provider-x plugins/dl-provider-my-ci.2
  DL_TOKEN_MY_CI_2=s3cret DL_TOKEN_X=other dl-runs -p my-ci.2 -R o/r >/dev/null
  [ "$(token)" = s3cret ]
}

@test "a token of the environment is for the plugin's own host and for hosts that the user names" {
  spy '"host":"x.example"'
  export DL_TOKEN_X=s3cret
  dl-runs -p x -R o/r >/dev/null
  [ "$(token)" = s3cret ]
  try dl-runs x@other.example:o/r/run/1
  assert_status 0
  assert_json '.[0].ref == "x@other.example:o/r/run/1" and .[0].host == "other.example"'
  [ "$(token)" = null ]
  echo '{"type":"run","ref":"x@third.example:o/r/run/1"}' | dl-runs - >/dev/null
  [ "$(token)" = null ]
  git config --global devloop.host.other.example.provider x
  dl-runs x@other.example:o/r/run/1 >/dev/null
  [ "$(token)" = s3cret ]
}

@test "another host's token is what git has stored for it" {
  spy '"host":"x.example"'
  git config --global credential.helper '!f() { cat >"$HOME/asked"; echo username=u; echo password=stored; }; f'
  dl-runs x@other.example:o/r/run/1 >/dev/null
  [ "$(token)" = stored ]
  grep -qx host=other.example "$HOME/asked"
}

@test "a committed file may name a plugin, but nothing that lies in the tree is run" {
  make_repo repo https://x.example/o/r.git
  cd repo || return
  mkdir -p .devloop plugins
  echo '{"global":{"providers":{"ci":{"provider":"x"}}}}' >.devloop/agents.json
  echo 'echo run >ran' | plugin x runs
  PATH=plugins:.:$PATH DL_PROVIDER_PATH=plugins try dl-runs
  [ "$status" -ne 0 ]
  [ ! -e ran ]
}

# ---- what it answers ----

@test "runs are filtered and cut here: a plugin need not" {
  plugin x runs <<END
$(run_line 3 '"branch":"main"')
$(run_line 2 '"branch":"dev"')
$(run_line 1 '"branch":"main"')
END
  try dl-runs -p x -R o/r -b main -F id
  assert_output $'3\n1'
  try dl-runs -p x -R o/r -n 1 -F id
  assert_output 3
}

@test "a list without end is read up to the limit, and its program ended" {
  echo "echo \$\$ >pid; while :; do $(run_line 1); done" | plugin x runs
  try dl-runs -p x -R o/r -n 3 -F id
  assert_status 0
  assert_output $'1\n1\n1'
  refute kill -0 "$(cat pid)" 2>/dev/null
}

@test "the exit code of a plugin is the program's, with the plugin's words" {
  while IFS='|' read -r code expected message; do
    echo "echo 'first' >&2; printf '%s\n\n' 'it broke' >&2; exit $code" | plugin x runs
    try dl-runs -p x -R o/r
    [ "$status" -eq "$expected" ] || complain "exit for: $code"
    assert_output ''
    [ "${stderr%%$'\n'*}" = "dl-runs: x: 'runs' ended with $message: it broke" ] || complain "for: $code"
  done <<'END'
2|2|exit code 2
4|4|exit code 4
5|5|exit code 5
6|6|exit code 6
7|7|exit code 7
8|8|exit code 8
9|9|exit code 9
10|10|exit code 10
11|11|exit code 11
12|12|exit code 12
13|9|exit code 13
70|9|exit code 70
127|9|exit code 127
255|9|signal 127
END
  echo 'kill -9 $$' | plugin x runs
  try dl-runs -p x -R o/r
  assert_status 9
  assert_stderr "x: 'runs' ended with signal 9"
}

@test "an error line says more; no token: the hint names the variable" {
  echo 'echo '\''{"type":"error","message":"out of \u001b[1mcheese","hint":"buy some"}'\''; exit 6' | plugin x runs
  try dl-runs -p x -R o/r
  assert_status 6
  [ "$stderr" = 'dl-runs: x: out of \x1b[1mcheese
dl-runs: hint: buy some' ]
  echo 'exit 4' | plugin x runs
  try dl-runs -p x -R o/r
  assert_status 4
  assert_stderr 'hint: there is no token for x: set DL_TOKEN_X'
  echo 'exit 6' | plugin x runs '"doc":"https://x.example/help"'
  try dl-runs -p x -R o/r
  assert_stderr 'hint: see https://x.example/help'
}

@test "a line over the cap, lines over the cap of all, and a flood of errors" {
  echo 'head -c 1048577 /dev/zero | tr "\0" a' | plugin x runs
  try dl-runs -p x -R o/r
  assert_status 9
  assert_stderr 'x: line 1: it is longer than 1048576 bytes'
  echo 'yes ""' | plugin x runs
  try dl-runs -p x -R o/r
  assert_status 9
  assert_stderr 'larger than 67108864 bytes'
  echo 'head -c 100000000 /dev/zero | tr "\0" "\033" >&2; exit 6' | plugin x runs
  try dl-runs -p x -R o/r
  assert_status 6
  [ "${#stderr}" -lt 1000 ]
}

@test "a plugin that is late is ended, with all that it has started" {
  echo 'sleep 300 & echo $! >pid; echo $$ >>pid; trap "" TERM; while :; do sleep 1; done' | plugin x runs
  DL_TIMEOUT=1 try dl-runs -p x -R o/r
  assert_status 8
  assert_stderr 'dl-provider-x took longer than 1000 ms'
  assert_stderr 'hint: DL_TIMEOUT=SECONDS waits longer'
  for pid in $(cat pid); do refute kill -0 "$pid" 2>/dev/null; done
  try dl-runs -p x -R o/r --timeout 1
  assert_status 8
}

@test "a log is passed on as it comes, from where the last part ended, while the plugin says that there is more" {
  plugin x run,logs <<'END'
case $1 in run)
  if [ -e over ]; then echo '{"type":"run","id":"1","status":"completed","conclusion":"success"}'
  else echo '{"type":"run","id":"1","status":"in_progress"}'; fi; exit ;; esac
case $request in
*'"offset":0}'*) printf 'one\ntw'; exit 3 ;;
*'"offset":6}'*) : >over; printf 'o\n\0\033[31mthree' ;;
*) exit 70 ;;
esac
END
  try dl-logs -f x:o/r/run/1
  assert_status 0
  assert_output $'one\ntwo\nthree'
}

@test "a log may be larger than anything that is kept" {
  echo 'head -c 80000000 /dev/zero | tr "\0" "\n"' | plugin x logs
  [ "$(dl-logs --raw x:o/r/run/1 | wc -c)" = 80000000 ]
}

# ---- -N and -v ----

@test "a dry run says what would be run, and asks questions all the same" {
  plugin x run,trigger,rerun,cancel <<END
echo "\$1" >>asked
$(run_line 1)
END
  while IFS='|' read -r command operation query; do
    # shellcheck disable=SC2086 # words
    DL_TOKEN_X=s3cret try $command
    assert_status 0
    assert_output ''
    [ "$stderr" = "${command%% *}: would run $PWD/plugins/dl-provider-x $operation
${command%% *}: with $query" ] || complain "$command"
  done <<'END'
dl-trigger -N -p x -R o/r build -f a=b|trigger|{"workflow":"build","branch":null,"sha":null,"inputs":{"a":"b"}}
dl-rerun -N --failed x:o/r/run/1|rerun|{"id":"1","failed":true}
dl-cancel -N x:o/r/run/1|cancel|{"id":"1","force":false}
END
  refute grep -qvx run asked
  : >asked
  try dl-cancel x:o/r/run/1
  assert_status 0
  grep -qx cancel asked
}

@test "-v shows each call and the plugin's standard error, without the token" {
  echo 'printf "got %s\033[2J\n" "$request" >&2; exit 5' | plugin x runs
  DL_TOKEN_X=s3cret try dl-runs -v -p x -R o/r
  assert_stderr "^dl-runs: $PWD/plugins/dl-provider-x runs < \{\"op\":\"runs\""
  assert_stderr '"token":"\*\*\*"'
  assert_stderr '^dl-runs: x: got \{"op"'
  assert_stderr "^dl-runs: $PWD/plugins/dl-provider-x runs: 5, 0 bytes, [0-9.]+ s$"
  refute grep -E $'s3cret|\033' <<<"$stderr"
  DL_TOKEN_X='s3"cr\et' try dl-runs -v -p x -R o/r # which is written otherwise in JSON
  assert_stderr '"token":"\*\*\*"'
  refute grep -E 's3|cr.*et' <<<"$stderr"
  try dl-runs -p x -R o/r
  [ "$(wc -l <<<"$stderr")" = 1 ]
}

# ---- the example ----

@test "dl-provider(7) shows the example whole" {
  diff "$ROOT/tests/plugins/dl-provider-demo" <(awk '
    /^\.\\" source: tests\/plugins\/dl-provider-demo/ { inside = 1; next }
    inside && /^\.Bd/ { next }
    inside && /^\.Ed/ { exit }
    inside { gsub(/\\&/, ""); gsub(/\\e/, "\\"); print }' "$ROOT/man/dl-provider.7")
  [ "$(wc -l <"$ROOT/tests/plugins/dl-provider-demo")" = 15 ]
  # What is wide is cut on a page.
  [ -z "$(grep -E '^.{111}' "$ROOT/tests/plugins/dl-provider-demo")" ]
}

@test "the example answers without DevLoop" {
  [ "$(echo '{"op":"caps","v":1}' | "$ROOT/tests/plugins/dl-provider-demo" caps | jq -r .kinds)" = ci ]
  echo '{}' | try "$ROOT/tests/plugins/dl-provider-demo" frobnicate
  try sh -c 'echo "{}" | "$1" frobnicate' - "$ROOT/tests/plugins/dl-provider-demo"
  assert_status 10
}

# ---- publishing ----

@test "what a run has put and could not finish, the next one finishes; why a file failed is always said" {
  export BREAK=
  plugin shop stat,put,begin,finish,abort,verify '"kinds":"registry"' <<'END'
file=$(printf '%s\n' "$request" | jq -r '.query.file // empty')
told() {
  [ ! -e "$1/$file" ] || jq -nc --arg file "$file" --arg sha "$(sha256sum <"$1/$file" | cut -d ' ' -f 1)" \
    '{type: "package", name: "n", version: "1", file: $file, sha256: $sha}'
}
case " $BREAK " in *" $1 "*) echo "{\"type\":\"error\",\"message\":\"no $1\"}"; exit 6 ;; esac
case $1 in
begin) echo '{"id":"42"}' ;;
stat) told public; told draft ;;
verify) told public ;;
put) cp "$(printf '%s\n' "$request" | jq -r .query.path)" "draft/$file" && told draft ;;
finish) mv draft/* public/ ;;
abort) rm -f draft/* ;;
esac
END
  sed -i 's/"kinds":"ci",//' plugins/dl-provider-shop
  mkdir draft public
  echo a >a
  echo b >b
  publish() { try dl-publish -p shop -R o/r --name n --release 1 a b "$@"; }
  BREAK='put abort' publish
  assert_status 6
  assert_stderr 'could not be taken back: shop: no abort'
  assert_stderr '2 of 2 files failed: a: shop: no put'
  assert_json 'map([.type, .action]) == [["package", "failed"], ["package", "failed"], ["error", null]]'
  BREAK=finish publish
  assert_status 6
  assert_json 'map(.action) == ["failed", "failed", null] and .[1].error.message == "shop: no finish"'
  [ "$(echo draft/* public/*)" = 'draft/a draft/b public/*' ]
  publish -F action
  assert_status 0
  assert_output $'skipped\nskipped'
  [ "$(echo draft/* public/*)" = 'draft/* public/a public/b' ]
  BREAK=finish publish -F action
  assert_status 0
}
