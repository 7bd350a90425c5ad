# The event log: what stands in it, what never does, and that nothing that happens to it breaks a program.
# shellcheck disable=SC2154 # `try` sets $stderr
load helper
load github

setup() {
  hermetic
  export GITHUB_TOKEN=s3cr3t-t0ken DL_RETRIES=0
  STATE=$XDG_STATE_HOME/devloop
  LOG=$STATE/events.jsonl
}

# events FILTER: the jq FILTER is true of the array of all lines of the log, of every file.
events() {
  cat "$LOG"* | jq -es "$1" >/dev/null || complain "not true of the log: $1: $(cat "$LOG"*)"
}

# crowd COUNT: so many programs at once, each with an event of its own.
crowd() {
  local i pids=()
  for ((i = 0; i < $1; i++)); do
    dl-runs -n "crowd-$i" 2>/dev/null &
    pids+=($!)
  done
  for i in "${pids[@]}"; do
    wait "$i" || [ $? = 2 ] || return 1
  done
}

# numbers: the numbers of the crowd that the log has, each on a line.
numbers() {
  cat "$LOG"* | jq -r .detail | sed -n "s/^--limit: 'crowd-\([0-9]*\)' .*/\1/p" | sort -n
}

# ---- what stands in it ----

@test "two hundred programs at once: two hundred whole lines" {
  crowd 200
  [ "$(numbers)" = "$(seq 0 199)" ]
  events 'length == 200 and all(.program == "dl-runs" and .class == "usage" and .type == "event")'
  [ "$(ls "$STATE")" = events.jsonl ]
}

@test "a log that grows too long is put aside; no line is lost, even in a crowd" {
  export DL_EVENTS_SIZE=20000
  crowd 120
  [ "$(numbers)" = "$(seq 0 119)" ]
  [ "$(ls "$STATE" | wc -l)" -gt 1 ]
  for file in "$LOG"*; do
    [ "$(stat -c %a "$file")" = 600 ]
    [ "$(tail -c 1 "$file" | od -An -tx1)" = ' 0a' ]
  done
}

@test "five files are kept at most, each no longer than DL_EVENTS_SIZE" {
  export DL_EVENTS_SIZE=1024
  for i in $(seq 24); do dl-runs -n "crowd-$i" 2>/dev/null || [ $? = 2 ]; done
  [ "$(ls "$STATE" | tr '\n' ' ')" = 'events.jsonl events.jsonl.1 events.jsonl.2 events.jsonl.3 events.jsonl.4 ' ]
  for file in "$LOG"*; do [ "$(stat -c %s "$file")" -le 1024 ]; done
  # The newest are there, in the order of the files.
  [ "$(cat "$LOG".{4,3,2,1} "$LOG" | jq -r .detail | sed "s/.*crowd-\([0-9]*\)'.*/\1/" | tail -n 3 | tr '\n' ' ')" = '22 23 24 ' ]
  # A size that is none is the default.
  rm -r "$STATE"
  for size in 1 x '' -5; do DL_EVENTS_SIZE=$size dl-runs -n "crowd-$size" 2>/dev/null || [ $? = 2 ]; done
  [ "$(ls "$STATE")" = events.jsonl ]
}

@test "an operation says who was asked, how it went, and what it cost" {
  serve "$(answer 'GET /repos/o/r/actions/runs?*' "$(gh_runs 'id: 1')" 200 'X-RateLimit-Remaining: 4321' 'ETag: "1"' | cassette quota)"
  dl-runs -R o/r >/dev/null
  events '.[0] | .provider == "github" and .project == "o/r" and .operation == "runs" and .class == "ok"
    and .requests == 1 and .rate_remaining == 4321 and .retries == 0 and .received_bytes > 100
    and (.duration_s | type) == "number" and .waited_s == 0 and .mutated == false and .changed == []'
  events ".[0].host == \"${URL#http://}\""
  events '.[0].time | fromdate > (now - 60)'
}

@test "of several things that are asked for, the event has what they have in common" {
  serve "$(answer 'GET /repos/o/a/actions/runs/1?*' "$(gh_runs 'id: 1' | jq '.workflow_runs[0]')" | cassette a)" \
    "$(answer 'GET /repos/o/b/actions/runs/1?*' "$(gh_runs 'id: 1' | jq '.workflow_runs[0]')" | cassette b)"
  allow_unmatched
  make_repo w
  cd w
  try dl-jobs "$(ref run 1 o/a)" "$(ref run 2 o/b)"
  events '.[0] | .provider == "github" and .project == null'
  events ".[0].host == \"${URL#http://}\""
  try dl-jobs "$(ref run 1 o/a)" local:/run/1 "$(ref run 2 o/a)"
  events '.[1] | .provider == null and .host == null and .project == null'
  try dl-jobs "$(ref run 1 o/a)" "$(ref run 3 o/a)"
  events '.[2].project == "o/a"'
}

# ---- the audit ----

@test "what a program has changed stands in its event, what was refused does not" {
  local project=PyGithub/PyGithub
  serve github/cancel github/rerun
  dl-cancel "$(ref run 3911660493 $project)" >/dev/null
  dl-rerun "$(ref run 3881497935 $project)" >/dev/null
  events ".[0] | .mutated and .operation == \"cancel\" and .changed ==
    [{name: \"$URL/repos/$project/actions/runs/3911660493/cancel\", how: \"POST\", status: 202}]"
  events ".[1] | .mutated and .operation == \"rerun\" and .changed ==
    [{name: \"$URL/repos/$project/actions/runs/3881497935/rerun\", how: \"POST\", status: 201}]"
  serve github/rerun-refused
  try dl-rerun "$(ref run 3881497935 $project)"
  [ "$status" != 0 ]
  events '.[2] | .mutated == false and .changed == []'
}

@test "a change that had no answer may have happened: it is listed, with no status" {
  serve "$(answer 'GET /repos/o/r/actions/runs/1?*' "$(gh_runs 'status: "in_progress", conclusion: null' | jq '.workflow_runs[0]')" |
    cassette one)" "$(printf '>>> POST /repos/o/r/actions/runs/1/cancel\n<<< close\n\n' | cassette cut)"
  try dl-cancel "$(ref run 1 o/r)"
  [ "$status" != 0 ]
  events '.[-1] | .mutated == false and (.changed | map([.how, .status]) == [["POST", null]])'
}

@test "what is started here, pushed or cloned is listed, too" {
  git init -q --bare -b main origin.git
  make_repo w ../origin.git
  mkdir -p w/.devloop/ci
  printf '#!/bin/sh\nexit 0\n' >w/.devloop/ci/build
  chmod +x w/.devloop/ci/build
  git -C w add .devloop
  git -C w commit -q -m ci
  (cd w && dl-trigger -p local build | dl-watch -q >/dev/null)
  events 'map(select(.program == "dl-trigger"))[0] | .mutated and (.changed == [{name: "local:/run/1", how: "start", status: null}])'
  dl-push -C w -q origin main >/dev/null
  events 'map(select(.operation == "push"))[0].changed[0] | .how == "push" and (.name | endswith("origin.git refs/heads/main"))'
  printf 'all:\n- {name: x, url: "file://%s/origin.git"}\n' "$PWD" >repos.yaml
  dl-sync -q --allow file -f repos.yaml -d clones >/dev/null
  events 'map(select(.program == "dl-sync"))[0] | .mutated and .changed[0].how == "cloned"'
}

@test "of more than a hundred changes the first are listed, the others counted" {
  { for i in $(seq 103); do
    answer "POST /repos/o/r/actions/runs/$i/cancel" '{}' 202
    answer "GET /repos/o/r/actions/runs/$i?*" "$(gh_runs "id: $i" | jq '.workflow_runs[0]')"
  done; } | cassette many >/dev/null
  serve "$PWD/many.http"
  for i in $(seq 103); do ref run "$i" o/r; done | dl-cancel >/dev/null
  events '.[0].changed | length == 100 and .[99].name == "4 more"'
}

# ---- what never stands in it ----

@test "no secret comes into the log" {
  local secret='s3cr3t|t0ken|p4ssw0rd'
  serve github/error-401 github/cancel
  allow_unmatched
  make_repo w "https://ada:p4ssw0rd@${URL#http://}/o/r.git"
  git config --global "devloop.host.${URL#http://}.provider" github
  for command in 'dl-runs -R o/r' 'dl-runs -C w -p github' "dl-cancel $(ref run 1 o/r)" \
    "dl-jobs https://ada:p4ssw0rd@github.com/o/r/actions/runs/1?token=s3cr3t" \
    "dl-runs -R https://ada:p4ssw0rd@github.com/o/r?token=s3cr3t" 'dl-status -C w' 'dl-push -C w -q origin main'; do
    # shellcheck disable=SC2086 # words
    try $command
  done
  [ "$(cat "$LOG" | wc -l)" -ge 6 ]
  refute grep -nE "$secret" "$LOG"
}

# ---- nothing that happens to it breaks a program ----

# unharmed: dl-providers does what it does without a log.
unharmed() {
  try dl-providers -F name
  assert_status 0
  assert_line github
  refute grep -q events <<<"$stderr"
}

@test "half a line, as a full disk leaves it, stays alone" {
  dl-providers >/dev/null 2>&1
  printf '{"type":"event","ref":nu' >>"$LOG"
  dl-providers >/dev/null 2>&1
  dl-providers >/dev/null 2>&1
  [ "$(wc -l <"$LOG")" = 4 ]
  [ "$(sed -n 2p "$LOG")" = '{"type":"event","ref":nu' ]
  sed 2d "$LOG" | jq -es 'length == 3' >/dev/null
}

@test "a disk with room for half a line, and for none" {
  DL_EVENTS_SIZE=1024 dl-runs -n "$(printf 'x%.0s' {1..190})" 2>/dev/null || [ $? = 2 ]
  (
    trap '' XFSZ
    ulimit -f 1
    unharmed
    unharmed
    unharmed
  )
  [ "$(stat -c %s "$LOG")" = 1024 ]
  # As it is by default, the signal would end the program.
  (ulimit -f 1 && exec env --default-signal=XFSZ dl-providers -F name >/dev/null 2>&1)
  unharmed
  [ "$(tail -n 1 "$LOG" | jq -r .program)" = dl-providers ]
}

@test "a log that is no file, a folder that is none, or that cannot be made" {
  mkdir -p "$LOG"
  unharmed
  rm -r "$STATE"
  mkdir -p "$STATE"
  mkfifo "$LOG"
  timeout 10 dl-providers >/dev/null 2>&1
  rm "$LOG"
  ln -s /dev/full "$LOG"
  unharmed
  rm -r "$STATE"
  ln -s nowhere/at/all "$STATE"
  unharmed
  rm "$STATE"
  touch "$STATE"
  unharmed
  XDG_STATE_HOME=/proc/self/fdinfo unharmed
  XDG_STATE_HOME='' HOME=/proc/self/fdinfo unharmed
}

@test "a folder in which nothing can be renamed: the log grows on" {
  mkdir -p "$LOG.4/x"
  DL_EVENTS_SIZE=1024
  export DL_EVENTS_SIZE
  for i in $(seq 20); do dl-runs -n "crowd-$i" 2>/dev/null || [ $? = 2 ]; done
  unharmed
  [ "$(cat "$LOG" "$LOG".[123] | grep -c '"usage"')" = 20 ]
}

@test "DL_EVENTS=0: nothing is written, and no folder is made" {
  DL_EVENTS=0 unharmed
  [ ! -e "$STATE" ]
}
