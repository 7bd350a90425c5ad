# What all programs have in common: options, output, exit codes, the event line.
# shellcheck disable=SC2154 # `try` sets $stderr
load helper
load github

setup() {
  hermetic
  export GITHUB_TOKEN=a-token # which also saves the search for one
}

# programs: the names of all programs.
programs() {
  find "$DL_BIN" -maxdepth 1 -name 'dl-*' ! -name '*.*' -perm -u+x -printf '%f\n' | sort
}

# answers PROGRAM: the arguments with which PROGRAM prints something, given the server of serve_all.
answers() {
  case $1 in
  dl-runs) echo "-R PyGithub/PyGithub" ;;
  dl-status) echo "-R PyGithub/PyGithub -c $SHA" ;;
  dl-jobs | dl-logs) ref run 3910280793 PyGithub/PyGithub ;;
  dl-providers) ;;
  *) return 1 ;;
  esac
}

serve_all() {
  serve github/run-failure github/commit-success
}

# on_terminal COMMAND: runs it with a terminal for stdout, without what a terminal adds to line ends.
on_terminal() {
  try script -qec "$1" /dev/null </dev/null
  output=${output//$'\r'/}
  mapfile -t lines <<<"$output"
}

@test "--help and --version" {
  local program options
  [ "$(programs | wc -l)" -ge 9 ]
  for program in $(programs); do
    try "$program" --help
    assert_status 0
    [[ ${lines[0]} = "usage: $program [options]"* && -z $stderr ]]
    options='-C -R -p -n -j -t -F -q -v -N --timeout -h -V'
    case $program in # these ask nobody themselves
    dl-prompt) options='-C -F --max-age -h -V' ;;
    dl-gate) options='-q -h -V' ;;
    dl-hooks) options='-C -j -t -F -q -N -h -V' ;;
    dl-push) options='-C -j -t -F -q -N --timeout -h -V' ;;
    dl-push-watch) options='-C --timeout -h -V' ;;
    dl-changelog) options='-C -j -F -N -h -V' ;;
    dl-stats) options='-j -t -F -q -h -V' ;;
    dl-sync) options='-C -j -t -F -q -v -N --timeout -h -V' ;;
    esac
    for options in $options; do
      grep -qE -- "^ +($options,? |.. +$options )" <<<"$output" || complain "$program --help does not tell $options"
    done
    grep -q "^example: .*$program" <<<"$output"
    [ "$(wc -L <<<"$output")" -le 80 ]
    [ "$output" = "$("$program" -h)" ]
    try "$program" --version
    [[ $status = 0 && $output =~ ^$program\ \(DevLoop\)\ [0-9]+\.[0-9]+ ]]
    [ "$output" = "$("$program" -V)" ]
  done
}

@test "an option that does not exist is exit 2, with the nearest one" {
  local program given meant
  for program in $(programs | grep -vx dl-push); do # whose options are git's
    while read -r given meant; do
      try "$program" "$given"
      assert_status 2
      assert_output ''
      [ "$stderr" = "$program: unknown option '$given'
$program: hint: $meant" ]
    done <<'END'
--halp did you mean --help?
--versio did you mean --version?
--xyzzy -h lists the options
-@ -h lists the options
END
  done
}

@test "options as people write them" {
  serve_all
  for options in '-n1 -Fid' '-n 1 -F id' '--limit=1 --field=id' '--limit 1 --field id' '-qn1 -F id' '-F id -n 1 --'; do
    # shellcheck disable=SC2086 # words
    try dl-runs -R PyGithub/PyGithub $options
    assert_output 3349872717
  done
  while IFS='|' read -r options message; do
    # shellcheck disable=SC2086 # words
    try dl-runs -R PyGithub/PyGithub $options
    assert_status 2
    assert_output ''
    [[ $stderr == "dl-runs: $message"* ]] || complain "expected: $message"
  done <<'END'
-n|-n needs a value: LIMIT
--limit|--limit needs a value: LIMIT
-n x|--limit: 'x' is not a count
-n -1|--limit: '-1' is not a count
--quiet=1|--quiet takes no value
--branch=|--branch needs a value: BRANCH
--project=|--project needs a value: PROJECT
--timeout 5x|--timeout: '5x' is not a duration such as 90s, 15m or 2h
--since yesterday|--since: 'yesterday' is not a date
END
  [ "$(requests)" = 6 ]
}

@test "what cannot be written is exit 12" {
  local program form
  [ -e /dev/full ] || skip 'no /dev/full here'
  make_repo w
  cd w
  serve_all
  for program in $(programs); do
    try sh -c "$program --help >/dev/full"
    assert_status 12
    [ "$stderr" = "$program: standard output cannot be written: No space left on device" ]
    answers "$program" >/dev/null || continue
    for form in '' -j -t '-F ref'; do
      try sh -c "$program $(answers "$program") $form >/dev/full"
      assert_status 12
      [ "$stderr" = "$program: standard output cannot be written: No space left on device" ]
    done
  done
  try sh -c 'dl-show --fields >/dev/full'
  assert_status 12
}

@test "a reader that goes away ends a program quietly, with exit 0" {
  local program form
  make_repo w
  cd w
  mkfifo pipe
  serve_all
  for program in $(programs); do
    for form in -h -j -t '-F ref'; do
      [ "$form" = -h ] || answers "$program" >/dev/null || continue
      # shellcheck disable=SC2046,SC2086 # words
      run_into_closed_pipe "$program" $(answers "$program") $form
      [ "$status" = 0 ]
      [ ! -s err ]
    done
  done
}

@test "a standard file that is closed does not become a connection" {
  serve_all
  try sh -c 'dl-runs -R PyGithub/PyGithub >&-'
  assert_status 12
  [ "$stderr" = 'dl-runs: standard output cannot be written: Bad file descriptor' ]
  try sh -c 'dl-runs -v -R PyGithub/PyGithub -F id <&- 2>&-'
  assert_status 0
  assert_output 3349872717
  try sh -c 'dl-jobs <&-'
  assert_status 12
  [ "$stderr" = 'dl-jobs: standard input: Bad file descriptor' ]
}

# run_into_closed_pipe COMMAND...: its stdout is a pipe without a reader; $status, and stderr in the file err.
run_into_closed_pipe() {
  local reader
  cat pipe >/dev/null 3>&- &
  reader=$!
  exec 4>pipe
  kill $reader
  wait $reader || true
  "$@" >&4 2>err 4>&- && status=0 || status=$?
  exec 4>&-
}

@test "every kind of line goes through dl-show -j byte for byte" {
  serve_all
  {
    dl-runs -R PyGithub/PyGithub
    dl-status -R PyGithub/PyGithub -c $SHA
    dl-jobs "$(ref run 3910280793 PyGithub/PyGithub)"
    dl-logs -j "$(ref run 3910280793 PyGithub/PyGithub)"
    dl-providers
    dl-runs nonsense "$(ref job 1)" 2>/dev/null || true
    cat home/.local/state/devloop/events.jsonl
  } >lines
  [ "$(jq -r .type lines | sort -u | tr '\n' ' ')" = 'error event job log provider run verdict ' ]
  dl-show -j <lines | cmp - lines
  dl-show -j <lines | dl-show -j | cmp - lines
}

@test "dl-show leaves out what it cannot read, tells where, and goes on" {
  try dl-show -j <<'END'
{"type":"error","class":"limited","message":"later","new":{"member":[1]}}
{"type":"novel","ref":null}
github:o/r/run/1
{"type":"run","number":"seven"}
{"type":"run"
{"type":"run","id":"7","status":"dreaming"}
END
  assert_status 9
  assert_json 'length == 2 and .[0].class == "limited" and (.[0] | has("new") | not) and .[1].id == "7" and .[1].status == null'
  [ "$stderr" = "dl-show: line 2: unknown type 'novel'
dl-show: line 3: a bare ref is no record
dl-show: line 4: number: expected an integer
dl-show: line 5: malformed JSON at line 1, column 14: expected ',' or '}'" ]
}

@test "dl-show makes tables, one for each kind, and shows fields" {
  serve_all
  try sh -c "dl-runs -R PyGithub/PyGithub | dl-show"
  [[ ${lines[0]} = STATE*REF && ${lines[1]} = success*/run/3349872717 ]]
  try sh -c "{ dl-runs -R PyGithub/PyGithub; dl-providers; } | dl-show"
  grep -q '^HERE ' <<<"$output"
  [ "$(sed -n 3p <<<"$output")" = '' ]
  try sh -c "dl-jobs $(ref run 3910280793 PyGithub/PyGithub) | dl-show -n 2 -F id,name"
  assert_output $'10545808551\ttest (Python 3.7)\n10545808681\ttest (Python 3.8)'
  try dl-show --fields
  assert_line $'verdict\tverdict\tword\tfailure, action_required, cancelled, superseded, pending, unregistered, stale, none, success or skipped'
}

@test "nothing on standard input is exit 5; a terminal there is exit 2" {
  local program
  for program in dl-jobs dl-logs dl-watch dl-rerun dl-cancel dl-artifacts dl-show 'dl-runs -' 'dl-status -' 'dl-workflows -'; do
    for nothing in /dev/null <(echo) <(printf '\n \n'); do
      # shellcheck disable=SC2086 # words
      try $program <"$nothing"
      assert_status 5
      assert_output ''
      assert_stderr '^dl-[a-z]+: nothing came in on standard input$'
    done
  done
  command -v script >/dev/null || skip 'no script(1) here'
  for program in dl-jobs dl-logs dl-watch dl-rerun dl-cancel dl-artifacts; do
    try script -qec "$program" /dev/null </dev/null
    assert_status 2
    [[ $output = *'about what? give refs as arguments or on standard input'* ]]
  done
}

@test "a table on a terminal, lines in a pipe" {
  command -v script >/dev/null || skip 'no script(1) here'
  serve_all
  on_terminal 'dl-runs -R PyGithub/PyGithub'
  [[ ${lines[0]} =~ ^STATE\ +WORKFLOW\ +NAME\ +BRANCH\ +EVENT\ +TIME\ +AGE\ +REF$ && ${lines[1]} =~ ^success\ +ci.yml\ +CI ]]
  on_terminal 'dl-runs -R PyGithub/PyGithub -j'
  [[ $output = '{"type":"run"'* ]]
  on_terminal 'dl-runs -R PyGithub/PyGithub -F id'
  assert_output 3349872717
  try dl-runs -R PyGithub/PyGithub
  [[ $output = '{"type":"run"'* ]]
}

@test "colours only on a terminal that has them, and not with NO_COLOR" {
  local escape=$'\033['
  command -v script >/dev/null || skip 'no script(1) here'
  serve_all
  TERM=xterm on_terminal 'dl-runs -R PyGithub/PyGithub'
  [[ $output = *"${escape}32msuccess${escape}0m"* ]]
  for plain in 'NO_COLOR=1 TERM=xterm' TERM=dumb 'env -u TERM'; do
    on_terminal "env $plain dl-runs -R PyGithub/PyGithub"
    [[ $output = *success* && $output != *"$escape"* ]]
  done
  TERM=xterm try dl-runs -R PyGithub/PyGithub -t
  [[ $output != *"$escape"* ]]
}

@test "a narrow terminal cuts cells, and never the ref" {
  command -v script >/dev/null || skip 'no script(1) here'
  serve "$(answer 'GET /repos/o/r/actions/runs?*' "$(gh_runs 'name: ("long " * 30), head_branch: "日本語の枝の名前"')" | cassette wide)"
  COLUMNS=100 on_terminal 'dl-runs -R o/r'
  [ "$(wc -L <<<"$output")" -le 100 ]
  [[ ${lines[1]} = *…*"$(ref run 1)" ]]
  COLUMNS=20 on_terminal 'dl-runs -R o/r'
  [[ ${lines[1]} = *"$(ref run 1)" ]]
}

@test "what gives way on a narrow terminal is the widest text; states, ages and refs stay whole" {
  command -v script >/dev/null || skip 'no script(1) here'
  jq -nc '{type: "check", name: "git config", status: "pass", message: "origin git.example.com", hint: ("long " * 20)},
    {type: "run", ref: ("circleci:gh/o/r/run/" + "0" * 60), name: "build", status: "completed", conclusion: "action_required",
      created_at: "2000-01-14T10:30:00Z"}' >lines
  COLUMNS=70 on_terminal 'dl-show <lines'
  [[ ${lines[1]} = 'pass   git config  origin git.example.com  long '*… && ${#lines[1]} = 70 ]]
  COLUMNS=40 on_terminal 'dl-show <lines'
  [[ ${lines[4]} =~ ^action_required\ .*\ [0-9]+d([0-9]+h)?\ +circleci:gh/o/r/run/0{60}$ ]]
}

@test "what the first hundred rows have not foreseen widens its column, as far as there is room" {
  command -v script >/dev/null || skip 'no script(1) here'
  jq -nc 'range(100) | {type: "run", ref: "local:/run/\(.)", name: "a", status: "queued"}' >lines
  jq -nc '{type: "run", ref: "local:/run/100", name: "a longer name", status: "in_progress"}' >>lines
  COLUMNS=80 TERM=xterm on_terminal 'dl-show <lines'
  [[ ${lines[101]} = $'\e[34min_progress\e[0m'*' a longer name '*local:/run/100 ]]
  COLUMNS=40 on_terminal 'dl-show <lines'
  [[ ${lines[101]} = in_progress*' a l'*'… '*local:/run/100 ]]
}

@test "a server's text does not drive the terminal from a table" {
  serve "$(answer 'GET /repos/o/r/actions/runs?*' "$(gh_runs 'name: "a\u001b[2Jb\nc\td\u202e", head_branch: "\u001b]0;x\u0007main"')" | cassette hostile)"
  for form in -t '-F name,branch'; do
    # shellcheck disable=SC2086 # words
    try dl-runs -R o/r $form
    [[ $output = *'ab c d'* && $output = *main* ]]
    refute grep -qP '[\x00-\x08\x0B-\x1F\x7F]|\xE2\x80\xAE' <<<"$(tr -d '\t' <<<"$output")"
  done
  [ "${#lines[@]}" = 1 ]
  try dl-runs -R o/r -j
  assert_json '.[0].name == "a\u001b[2Jb\nc\td\u202e"'
}

@test "-q silences notes, not errors; -v traces every request" {
  serve github/error-5xx-then-ok
  try dl-runs -R o/r -q
  assert_stderr '^dl-runs: no such runs$'
  stop_servers
  serve github/error-5xx-then-ok
  try dl-runs -R o/r -v
  [ "$(grep -cE "^dl-runs: GET $URL/repos/o/r/actions/runs\?.*: (502|503|200), [0-9]+ bytes, [0-9.]+ s" <<<"$stderr")" = 3 ]
  [ "$(grep -cE '^dl-runs: trying again in [0-9.]+ s$' <<<"$stderr")" = 2 ]
}

@test "each run of a program appends one event line" {
  local program
  serve_all
  for program in dl-runs dl-status dl-jobs dl-logs dl-providers; do
    # shellcheck disable=SC2046 # words
    "$program" $(answers "$program") >/dev/null
  done
  dl-runs --help >/dev/null
  dl-runs -n x 2>/dev/null || true
  mapfile -t lines <home/.local/state/devloop/events.jsonl
  output=$(cat home/.local/state/devloop/events.jsonl)
  assert_json 'map(.operation) == ["runs", "status", "jobs", "logs", "providers", "runs"]'
  assert_json '.[0] | .type == "event" and .program == "dl-runs" and .class == "ok" and .requests == 1 and .received_bytes > 0 and .mutated == false'
  assert_json "(.[0].time | fromdate) > (now - 60) and .[0].host == \"${URL#http://}\" and .[0].project == \"PyGithub/PyGithub\""
  assert_json '.[1].requests == 3 and .[3].requests == 9 and .[4].requests == 0'
  assert_json ".[5].class == \"usage\" and (.[5].detail | test(\"'x' is not a count\"))"
  [ "$(stat -c %a home/.local/state/devloop/events.jsonl)" = 600 ]
}

@test "events of programs that run at once are whole lines; DL_EVENTS=0 turns them off" {
  for i in $(seq 40); do dl-runs -n x 2>/dev/null & done
  wait
  [ "$(jq -c .class home/.local/state/devloop/events.jsonl | sort | uniq -c | tr -s ' ')" = ' 40 "usage"' ]
  rm -r home/.local
  DL_EVENTS=0 try dl-providers
  [ ! -e home/.local ]
}

@test "events that cannot be written are no failure" {
  touch file
  XDG_STATE_HOME=$PWD/file try dl-providers
  assert_status 0
  [ -z "$(grep -v '^dl-providers: nobody is asked here' <<<"$stderr")" ]
  HOME='' XDG_STATE_HOME='' try dl-providers
  assert_status 0
}

@test "outside a repository, without -R: exit 11" {
  for program in dl-runs dl-status 'dl-trigger x'; do
    # shellcheck disable=SC2086 # words
    try $program
    assert_status 11
    assert_output ''
    [ "$stderr" = "${program% x}: no git repository in this folder or above
${program% x}: hint: change to one, or name the project with -R" ]
    # shellcheck disable=SC2086 # words
    try $program -C "$BATS_TEST_TMPDIR/none"
    assert_status 11
    assert_stderr "no git repository in $BATS_TEST_TMPDIR/none or above"
  done
  try dl-providers
  assert_status 0
  assert_json 'length > 2 and all(.detected == false)'
}

@test "an unreadable configuration names file, line and column" {
  local name text where
  make_repo w
  mkdir w/.devloop
  while IFS='|' read -r name text where; do
    printf "$text" >"w/.devloop/$name"
    try dl-runs -C w
    assert_status 11
    assert_output ''
    assert_stderr "^dl-runs: (.*/)?w/\.devloop/$name:$where: [a-z',]+" || complain "in $text"
    rm "w/.devloop/$name"
  done <<'END'
agents.json|{"global": 1,}|1:14
agents.json|{"a": [1\n|2:1
agents.json|\xff|1:1
agents.yaml|global:\n\tx: 1\n|2:1
agents.yaml|a: 1\na: 2\n|2:1
agents.yaml|a: &x 1\nb: *x\n|2:4
agents.yaml|a: !!python/name:os.system x\n|1:4
agents.yml|a: [1\nb: 2\n|2:2
END
  mkdir w/.devloop/agents.yaml
  try dl-runs -C w
  assert_status 11
}

@test "a variable that makes no sense is exit 11 and named" {
  local setting
  for setting in DL_TIMEOUT=x DL_TIMEOUT=-1 DL_TIMEOUT=1.5 DL_TIMEOUT=99999999999 DL_RETRIES=many GITHUB_TIMEOUT=x; do
    try env "$setting" dl-runs -R o/r
    assert_status 11
    [ "$stderr" = "dl-runs: ${setting%=*}: '${setting#*=}' is not a count" ]
  done
  for setting in GITHUB_API_URL=nowhere GITHUB_API_URL=ftp://x/ GITHUB_API_URL=http:// DL_CI=nope; do
    try env "$setting" dl-runs -R o/r
    assert_status 11
    assert_stderr "^dl-runs: ${setting%=*}"
  done
}

@test "DL_TIMEOUT goes before GITHUB_TIMEOUT" {
  serve github/error-delay
  DL_RETRIES=0 GITHUB_TIMEOUT=1 try dl-runs -R o/r
  assert_stderr 'did not answer within 1 s'
  DL_RETRIES=0 DL_TIMEOUT=1 GITHUB_TIMEOUT=20 try dl-runs -R o/r
  assert_stderr 'did not answer within 1 s'
}

@test "-C works as if started there" {
  make_repo w https://github.com/o/r.git
  mkdir -p w/deep/er
  serve "$(answer 'GET /repos/o/r/actions/runs?*' "$(gh_runs '')" | cassette here)"
  for dir in w w/deep/er "$BATS_TEST_TMPDIR/w"; do
    try dl-runs -C "$dir" -F id
    assert_output 1
  done
}

@test "what a program does not take is refused" {
  for command in 'dl-providers extra' 'dl-show extra'; do
    # shellcheck disable=SC2086 # words
    try $command </dev/null
    assert_status 2
    assert_stderr "^dl-[a-z]+: 'extra' is superfluous$"
  done
  make_repo w
  try dl-trigger -C w
  assert_status 2
  assert_stderr '^dl-trigger: name one workflow$'
}

@test "a malformed line is an error line for who comes next in the pipe" {
  for program in dl-jobs dl-watch; do
    try "$program" <<<'not a ref'
    assert_status 9
    assert_json 'map([.type, .class]) == [["error", "data"]]'
    assert_stderr "^$program: line 1: "
  done
  try dl-runs - -F id <<<'not a ref' # where a program prints bare values, only the message
  assert_status 9
  assert_output ''
}
