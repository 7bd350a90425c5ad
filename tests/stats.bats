# dl-stats: what a log of events comes to.
# shellcheck disable=SC2154 # `try` sets $stderr
load helper

setup() {
  hermetic
  LOG=$XDG_STATE_HOME/devloop/events.jsonl
  mkdir -p "${LOG%/*}"
}

# event OBJECT...: adds an event to the log; what the jq OBJECT does not say it has from here.
event() {
  local object
  for object in "$@"; do
    jq -nc "{type: \"event\", ref: null, provider: \"github\", host: \"github.com\", project: \"o/r\",
      time: \"2026-01-14T10:30:00Z\", program: \"dl-runs\", operation: \"runs\", class: \"ok\", duration_s: 0.1,
      requests: 1, not_modified: 0, from_disk: 0, sent_bytes: 0, received_bytes: 100, retries: 0, waited_s: 0.0,
      rate_remaining: null, mutated: false, changed: [], detail: null} * $object"
  done >>"$LOG"
}

# ago SECONDS: that time.
ago() {
  date -u -d "@$(($(date +%s) - $1))" +%Y-%m-%dT%H:%M:%SZ
}

# ---- summaries ----

@test "a line for each provider, operation and day, the newest day first" {
  event '{}' '{}' '{operation: "jobs"}' '{provider: "gitlab", host: "gitlab.com"}' '{time: "2026-01-15T00:00:00Z"}'
  try dl-stats
  assert_status 0
  assert_json 'map([.day, .provider, .operation, .count]) == [["2026-01-15", "github", "runs", 1],
    ["2026-01-14", "github", "jobs", 1], ["2026-01-14", "github", "runs", 2], ["2026-01-14", "gitlab", "runs", 1]]'
  assert_json 'all(.type == "stats" and .host == .provider + ".com" and .ref == null)'
  try dl-stats --by operation
  assert_json 'map([.day, .provider, .host, .operation, .count]) == [[null, null, null, "jobs", 1], [null, null, null, "runs", 4]]'
  try dl-stats --by day,provider
  assert_json 'map([.day, .provider, .operation, .count]) == [["2026-01-15", "github", null, 1],
    ["2026-01-14", "github", null, 3], ["2026-01-14", "gitlab", null, 1]]'
  try dl-stats --by hour
  assert_status 2
  assert_stderr "^dl-stats: --by: 'hour' is not provider, operation or day$"
}

@test "what is summed up" {
  event '{requests: 4, not_modified: 1, from_disk: 1, sent_bytes: 5, received_bytes: 7, retries: 1, waited_s: 1.5, rate_remaining: 50}' \
    '{requests: 2, not_modified: 0, rate_remaining: 40, class: "network", mutated: true}' \
    '{requests: null, class: "no", rate_remaining: 45}' '{class: "pending"}' '{class: "auth", waited_s: 0.25}' '{class: "dreamt"}'
  try dl-stats --by provider
  assert_json '.[0] | .count == 6 and .failed == 3 and .classes == {ok: 1, network: 1, no: 1, pending: 1, auth: 1, unknown: 1}'
  assert_json '.[0] | .requests == 9 and .quota_used == 8 and .rate_remaining == 40 and .hit_ratio == 0.2'
  assert_json '.[0] | .sent_bytes == 5 and .received_bytes == 507 and .retries == 1 and .waited_s == 1.75 and .mutated == 1'
  assert_json '.[0] | .hook_waited_s == 0 and .stopped == 0'
}

@test "half of them, nine of ten, ninety-nine of a hundred: as many as there are, give or take a 64th" {
  jq -nc 'range(1; 1001) | {type: "event", time: "2026-01-14T10:30:00Z", program: "a", operation: "a", class: "ok", duration_s: (. / 10)}' |
    shuf --random-source=<(yes) >"$LOG"
  try dl-stats
  assert_json '.[0] | (.p50_s / 50 - 1 | fabs) < 0.016 and (.p90_s / 90 - 1 | fabs) < 0.016 and (.p99_s / 99 - 1 | fabs) < 0.016'
  # Below 64 ms they are exact, and none is longer than the longest.
  rm "$LOG"
  event '{duration_s: 0.001}' '{duration_s: 0.05}' '{duration_s: 0.063}'
  try dl-stats
  assert_json '.[0] | .p50_s == 0.05 and .p90_s == 0.063 and .p99_s == 0.063'
  event '{operation: "one", duration_s: 7.077}' '{operation: "none", duration_s: null}' '{operation: "none", duration_s: -3}' \
    '{operation: "none", duration_s: "x"}' '{operation: "long", duration_s: 1e300}'
  try dl-stats
  assert_json 'map(select(.operation == "one"))[0] | .p50_s == .p99_s and .p50_s <= 7.077 and .p50_s > 6.96'
  assert_json 'map(select(.operation == "none"))[0] | .count == 3 and .p50_s == null'
  assert_json 'map(select(.operation == "long"))[0] | .p50_s > 3900000'
}

@test "what the hook cost: pushes held up, and red ones stopped" {
  event '{program: "dl-gate", operation: "gate", waited_s: 90, class: "ok"}' '{program: "dl-gate", operation: "gate", waited_s: 30, class: "no"}' \
    '{class: "no", waited_s: 5}'
  try dl-stats --by day
  assert_json '.[0] | .hook_waited_s == 120 and .waited_s == 5 and .stopped == 1'
}

@test "--since leaves out what was before" {
  event '{}' '{time: "2026-02-01T00:00:00Z"}' "{time: \"$(ago 60)\"}"
  try dl-stats --since 2026-02-01
  assert_json 'map(.count) == [1, 1]'
  try dl-stats --since 1h
  assert_json 'map(.count) == [1]'
  try dl-stats --since 5s
  assert_status 5
  assert_stderr '^dl-stats: the log has no such events$'
}

@test "it shows what the programs really did, and leaves no event itself" {
  local known
  export GITHUB_TOKEN=a-token
  serve github/run-failure github/commit-success
  dl-runs -R PyGithub/PyGithub >/dev/null
  dl-runs -R PyGithub/PyGithub >/dev/null
  known=$(wc -l <"$LOG")
  try dl-stats -t
  [[ ${lines[0]} =~ ^DAY\ +PROVIDER\ +OPERATION\ +COUNT && ${lines[1]} =~ ^20[0-9-]+\ +github\ +runs\ +2\  ]]
  [ "$(wc -l <"$LOG")" = "$known" ]
  dl-stats >lines
  dl-show -j <lines | cmp - lines
}

@test "files and standard input take the place of the log; what was put aside belongs to it" {
  event '{}'
  mv "$LOG" "$LOG.2"
  event '{}'
  mv "$LOG" "$LOG.1"
  event '{}'
  try dl-stats
  assert_json '.[0].count == 3'
  try dl-stats "$LOG" "$LOG.1"
  assert_json '.[0].count == 2'
  try sh -c "cat $LOG* | dl-stats $LOG -"
  assert_json '.[0].count == 4'
  try dl-stats nowhere
  assert_status 12
  assert_stderr '^dl-stats: cannot read nowhere: No such file or directory$'
  rm "$LOG"*
  try dl-stats
  assert_status 5
}

@test "the files of the log are read from the oldest to the newest" {
  local number
  for number in 4 3 2 1; do
    event "{operation: \"op$number\", mutated: true}"
    mv "$LOG" "$LOG.$number"
  done
  event '{operation: "op0", mutated: true}'
  [ "$(dl-stats --audit -F operation | tr '\n' ' ')" = 'op4 op3 op2 op1 op0 ' ]
}

@test "a log that is put aside while it is read: no line comes twice, none is missed" {
  export DL_EVENTS_SIZE=3000
  for i in $(seq 60); do dl-runs -n x 2>/dev/null || [ $? = 2 ]; done &
  local before=0 now
  while kill -0 $! 2>/dev/null; do
    # Three thousand bytes are eight lines, and five files are kept: never more than 40.
    now=$(dl-stats -F count 2>/dev/null || echo 0)
    [ "$now" -le 40 ]
    [ "$now" -ge "$before" ] || [ "$now" -ge 24 ]
    before=$now
  done
  [ "$before" -gt 0 ]
}

# ---- damage ----

@test "damaged lines are counted, told and left out" {
  event '{}'
  { echo '{"type":"event","ti'; echo '{"type":"run","ref":"local:/run/1"}'; echo local:/run/1; echo; printf 'a\0b\n'
    echo '{"type":"event","time":"yesterday","program":"a","operation":"b","class":"ok"}'
    echo '{"type":"event","program":"a","operation":"b","class":"ok"}'
    head -c 1100000 /dev/zero | tr '\0' x; echo; } >>"$LOG"
  event '{}'
  printf '{"type":"event"' >>"$LOG"
  try dl-stats
  assert_status 0
  assert_json 'length == 1 and .[0].count == 2'
  assert_stderr '^dl-stats: damaged lines were left out: 8; the first: line 2: malformed JSON'
  try dl-stats -q
  [ -z "$stderr" ]
  try dl-stats --openmetrics -q
  assert_line 'devloop_log_damaged_lines 8'
}

@test "numbers that cannot be do not run over, and more groups than there is room for are one" {
  event '{requests: "most", received_bytes: -5}' '{requests: "most", rate_remaining: -1}'
  sed -i 's/"most"/9223372036854775807/' "$LOG" # which is more than jq can hold
  try dl-stats
  assert_json '.[0] | .requests > 9e18 and .received_bytes == 100 and .rate_remaining == null'
  jq -nc 'range(3000) | {type: "event", time: "2026-01-14T10:30:00Z", program: "a", operation: "op\(.)", class: "ok"}' >"$LOG"
  try dl-stats
  assert_json 'length == 2049 and (map(select(.operation == "(others)"))[0].count == 952)'
}

@test "memory does not grow with the log" {
  event '{}' '{class: "network", detail: "x"}'
  echo damaged >>"$LOG"
  for i in $(seq 14); do cat "$LOG" "$LOG" >twice && mv twice "$LOG"; done # 49152 lines
  head -c 100000 "$LOG" >small
  # What a sanitizer keeps of what was freed is not the program's.
  export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}quarantine_size_mb=0:thread_local_quarantine_size_kb=0"
  peak() { { command time -f %M dl-stats -q "$@" >/dev/null; } 2>&1; }
  small=$(peak small) large=$(peak "$LOG")
  [ "$large" -lt $((small + 1500)) ] || complain "$small kB became $large kB"
}

# ---- the audit ----

@test "--audit prints the events that have changed something, or may have, as they stand in the log" {
  event '{}' '{operation: "cancel", mutated: true, changed: [{name: "https://x/1", how: "POST", status: 202}]}' \
    '{operation: "rerun", changed: [{name: "https://x/2", how: "POST", status: null}]}' '{operation: "jobs"}'
  try dl-stats --audit
  assert_status 0
  [ "$output" = "$(sed -n 2,3p "$LOG")" ]
  try dl-stats --audit -F operation,changed
  assert_line $'cancel\t[{"name":"https://x/1","how":"POST","status":202}]'
  sed -i 2,3d "$LOG"
  try dl-stats --audit
  assert_status 5
}

# ---- metrics ----

@test "promtool finds nothing to say of the metrics, whatever stands in the log" {
  event '{}' '{duration_s: 3, class: "network", rate_remaining: 7}' '{provider: null, host: null, operation: "gate", waited_s: 2}' \
    '{provider: "a\"b\\c\nd{}", host: "h\u00e9", operation: "x y#\u202e"}'
  try dl-stats --openmetrics
  assert_status 0
  promtool check metrics <<<"$output"
  refute grep -q $'\u202e' <<<"$output"
  assert_line 'devloop_operations{provider="github",host="github.com",operation="runs",class="network"} 1'
  assert_line 'devloop_operation_duration_seconds_count{provider="github",host="github.com",operation="runs"} 2'
  assert_line 'devloop_operation_duration_seconds_sum{provider="github",host="github.com",operation="runs"} 3.100'
  assert_line 'devloop_operation_duration_seconds{provider="github",host="github.com",operation="runs",quantile="0.5"} 0.100'
  assert_line 'devloop_hook_waited_seconds{provider="",host="",operation="gate"} 2.000'
  assert_line 'devloop_quota_remaining{provider="github",host="github.com",operation="runs"} 7'
  assert_line "devloop_last_failure_timestamp_seconds{provider=\"github\",host=\"github.com\",operation=\"runs\"} $(date -ud 2026-01-14T10:30:00Z +%s)"
  assert_line '# EOF'
  # What is read as OpenMetrics needs times to be stored.
  sed -E '/^#/!s/$/ 1768386600/' <<<"$output" >metrics
  promtool tsdb create-blocks-from openmetrics metrics blocks >/dev/null
  [ -n "$(ls blocks)" ]
}

@test "metrics of an empty log are metrics, too" {
  try dl-stats --openmetrics
  assert_status 0
  promtool check metrics <<<"$output"
  assert_line 'devloop_log_damaged_lines 0'
}

# ---- the alert ----

@test "--alert: who has done nothing but fail for so long" {
  event "{time: \"$(ago 9000)\"}" "{time: \"$(ago 7200)\", class: \"network\", detail: \"no route\"}" "{time: \"$(ago 100)\", class: \"limited\"}" \
    "{time: \"$(ago 90)\", provider: \"gitlab\", host: \"gitlab.com\", class: \"auth\"}"
  try dl-stats --alert 1h
  assert_status 1
  assert_json 'map([.type, .name, .status]) == [["check", "github at github.com", "fail"], ["check", "gitlab at gitlab.com", "warn"]]'
  assert_json '.[0].message | test("^has failed for 2h, since 20.*Z: limited, 2 times$")'
  try dl-stats --alert 3h
  assert_status 0
  assert_json 'map(.status) == ["warn", "warn"]'
  event "{time: \"$(ago 10)\", class: \"no\"}"
  try dl-stats --alert 1s
  assert_status 1
  assert_json 'map([.name, .status]) == [["gitlab at gitlab.com", "fail"], ["github at github.com", "pass"]]'
}

@test "--alert: a sync, by its own measure" {
  event "{time: \"$(ago 5000)\", provider: null, operation: \"sync\", class: \"no\"}" "{time: \"$(ago 40)\", provider: null, operation: \"sync\", class: \"pending\"}"
  try dl-stats --alert 1h
  assert_status 1
  assert_json '.[0] | .name == "sync" and .status == "fail" and .command == "dl-sync --status"'
  event "{time: \"$(ago 10)\", provider: null, operation: \"sync\"}"
  try dl-stats --alert 1h
  assert_status 0
  assert_json '.[0].status == "pass"'
}

@test "--alert: what never got to a server says nothing of it; a refusal is an answer" {
  event "{time: \"$(ago 9000)\", class: \"usage\"}" "{time: \"$(ago 9000)\", class: \"config\"}" "{time: \"$(ago 9000)\", class: \"refused\"}"
  try dl-stats --alert 1h
  assert_status 0
  assert_json 'length == 1 and .[0].status == "pass"'
  rm "$LOG"
  try dl-stats --alert 1h
  assert_status 0
  assert_output ''
}

@test "one of --audit, --openmetrics and --alert" {
  try dl-stats --audit --alert 1h
  assert_status 2
  assert_stderr '^dl-stats: --audit, --openmetrics and --alert exclude each other$'
}
