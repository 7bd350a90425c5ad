# What the programs say, and how they end, when a server or the way to it does not do what it should. On GitHub.
# shellcheck disable=SC2154 # `try` sets $stderr
load helper
load github

setup() {
  hermetic
  export GITHUB_TOKEN=s3cr3t-t0ken DL_RETRIES=0 DL_TIMEOUT=1
}

# assert_failed CODE MESSAGE [HINT]: nothing on stdout; on stderr one line, or two when a HINT (extended regular expression) is given.
# It returns at once, for where `||` follows, nothing else would stop it.
assert_failed() {
  assert_status "$1" || return
  assert_output '' || return
  assert_stderr "^dl-[a-z]+: $2$" || return
  [ -z "${3:-}" ] || assert_stderr "^dl-[a-z]+: hint: $3$" || return
  [ "$(wc -l <<<"$stderr")" = $((${3:+1} + 1)) ] || complain 'expected another number of lines on stderr' || return
  refute grep -q 's3cr3t' <<<"$stderr"
}

@test "answers that say no" {
  local name code message hint token='the credential came from GITHUB_TOKEN'
  while IFS='|' read -r name code message hint; do
    serve "github/error-$name"
    try dl-runs -R o/r
    assert_failed "$code" "127\.0\.0\.1:[0-9]+ $message" "$hint" || complain "in error-$name"
    [ "$(requests)" = 1 ]
    rm "$REQUESTS"
    stop_servers
  done <<END
401|4|does not accept the credential: Bad credentials|$token
403-permission|4|forbids that: Must have admin rights to Repository\.|$token
403-sso|4|wants the token to be authorised for the organisation's single sign-on|authorise it: https://github\.com/orgs/acme/sso\?.*
403-limit|7|limits requests|try again in 1[12][0-9] s
403-secondary|7|limits requests|try again in 60 s
403-secondary-silent|7|limits requests: You have exceeded a secondary rate limit.*|try again in a minute.*
404|5|has no such thing in o/r|or the token from GITHUB_TOKEN may not see it
410|5|does not have that any more: Gone|
422|6|refuses that: Validation Failed: Label color invalid|
429|7|limits requests|try again in 60 s
429-date|7|limits requests|try again in [89][0-9] s
500|8|is broken at the moment: Server Error|
503|8|is broken at the moment: .*|
END
}

@test "without a credential the hints name the variable, and do not speak of a token" {
  unset GITHUB_TOKEN
  serve github/error-404
  try dl-runs -R o/r
  assert_failed 5 '.* has no such thing in o/r' 'a private repository needs a token: set GITHUB_TOKEN, .*'
  stop_servers
  serve github/error-403-limit
  try dl-runs -R o/r
  assert_failed 7 '.* limits requests' 'try again in 1[0-9]+ s; with a credential the limit is higher'
  stop_servers
  serve github/error-403-permission
  try dl-runs -R o/r
  assert_failed 4 '.* forbids that.*' 'there is no credential for 127\.0\.0\.1:[0-9]+: set GITHUB_TOKEN, .*'
}

@test "connections that end too early" {
  for name in closed cut reset; do
    serve "github/error-$name"
    try dl-runs -R o/r
    assert_failed 8 '127\.0\.0\.1:[0-9]+ closed the connection before the end of its answer'
    stop_servers
  done
}

@test "nobody there" {
  GITHUB_API_URL=http://127.0.0.1:1 try dl-runs -R o/r
  assert_failed 8 '127\.0\.0\.1:1 cannot be reached: .*'
  serve github/runs
  GITHUB_API_URL=${URL/http:/https:} try dl-runs -R o/r # which speaks no TLS
  assert_status 8
  assert_output ''
}

@test "silence, and an answer that trickles, end with DL_TIMEOUT" {
  local name
  for name in delay slow; do
    serve "github/error-$name"
    try dl-runs -R o/r
    assert_failed 8 '127\.0\.0\.1:[0-9]+ did not answer within 1 s' 'DL_TIMEOUT=SECONDS waits longer'
    stop_servers
  done
}

@test "a log that stalls ends with DL_TIMEOUT, one that only takes long does not" {
  serve "$({
    answer 'GET /repos/o/r/actions/jobs/11/logs' 'a line' '200 slow=4000'
    answer 'GET /repos/o/r/actions/jobs/12/logs' 'another line' '200 slow=250'
  } | cassette logs)"
  try dl-logs "$(ref job 11)"
  assert_failed 8 '127\.0\.0\.1:[0-9]+ did not answer within 1 s' 'DL_TIMEOUT=SECONDS waits longer'
  try dl-logs "$(ref job 12)"
  assert_status 0
  assert_output 'another line'
}

@test "--timeout ends the whole run, with retries" {
  serve github/error-503
  DL_RETRIES=20 DL_TIMEOUT=30 try dl-runs -R o/r --timeout 1s
  assert_failed 8 '.* is broken at the moment: .*'
  [ "$(requests)" -ge 2 ]
  [ "$(requests)" -le 4 ]
}

@test "what may pass is asked again, what will not is not" {
  export DL_RETRIES=2
  serve github/error-5xx-then-ok
  try dl-runs -R o/r
  assert_failed 5 'no such runs'
  [ "$(requests)" = 3 ]
  rm "$REQUESTS"
  stop_servers
  serve github/error-429-once
  try dl-runs -R o/r
  assert_failed 5 'no such runs'
  [ "$(requests)" = 2 ]
  stop_servers
  for name in 401 403-limit 404 410 422 429 json login; do
    rm "$REQUESTS"
    serve "github/error-$name"
    try dl-runs -R o/r
    [ "$(requests)" = 1 ]
    stop_servers
  done
}

@test "a login page where data was due is a matter of credentials" {
  serve github/error-login
  try dl-runs -R o/r
  assert_failed 4 '.* answered with a web page where data was due: a login is in front of it' '.*GITHUB_TOKEN'
  stop_servers
  serve "$({ answer 'GET /repos/*' '' 302 'Location: {{base2}}/login?to=x' && answer 'GET /login?*' '<html></html>' |
    sed 's|application/json|text/html; charset=utf-8|'; } | cassette sso)"
  try dl-runs -R o/r
  assert_failed 4 '.* web page .*' '.*'
}

@test "what is not JSON, or not the JSON that was due" {
  local name message
  while IFS='|' read -r name message; do
    serve "github/error-$name"
    try dl-runs -R o/r
    assert_failed 9 "127\.0\.0\.1:[0-9]+: $message" || complain "in error-$name"
    stop_servers
  done <<'END'
json|malformed JSON at line 1, column 61: .*
json-empty|malformed JSON at line 1, column 1: .*
json-utf8|malformed JSON at line 1, column 58: .*
json-deep|malformed JSON at line [0-9]+, column [0-9]+: too many levels
json-array|expected a list in workflow_runs
json-type|expected a list in workflow_runs
END
}

@test "members of a wrong type are refused, not guessed" {
  local object message
  while IFS='|' read -r object message; do
    serve "$(answer 'GET /repos/o/r/actions/runs?*' "$(gh_runs "$object")" | cassette type)"
    try dl-runs -R o/r
    assert_failed 9 "127\.0\.0\.1:[0-9]+: $message" || complain "for $object"
    stop_servers
  done <<'END'
id: null|a run without an id
id: {a: 1}|id: expected a string
run_number: "many"|number: expected an integer
run_number: [1]|number: expected an integer
created_at: "yesterday"|created_at: expected a time
head_branch: ["main"]|branch: expected a string
END
}

@test "an answer, an error's body and headers that never end are cut off" {
  local block
  block=$(printf '%065536d' 0)
  serve "$({
    answer 'GET /repos/o/big/*' "$block" '200 size=34000000'
    answer 'GET /repos/o/chunked/*' "$block" '200 chunked size=34000000'
    answer 'GET /repos/o/error/*' "$block" '422 size=34000000'
    answer 'GET /repos/o/head/*' '{}' 200 "X-Long: $block"
  } | cassette big)"
  export DL_TIMEOUT=20
  try dl-runs -R o/big
  assert_failed 9 '.* sent an answer of more than 33554432 bytes'
  try dl-runs -R o/chunked
  assert_failed 9 '.* sent an answer of more than 33554432 bytes'
  try dl-runs -R o/error
  assert_failed 6 '.* refuses that: HTTP status 422'
  try dl-runs -R o/head
  assert_failed 9 '.* sent more than 65536 bytes of headers'
}

@test "redirects: round and round, out of the web, and into the clear" {
  serve github/redirect-loop
  try dl-runs -R a/b
  assert_failed 9 '127\.0\.0\.1:[0-9]+ redirects more than 5 times'
  [ "$(requests)" = 6 ]
  stop_servers
  serve github/redirect-odd
  try dl-runs -R a/b
  assert_failed 9 '127\.0\.0\.1:[0-9]+ redirects wrongly: .*'
  refute grep -q root: <<<"$stderr"
  stop_servers
  serve "$({
    answer 'GET /repos/o/clear/*' '' 301 'Location: http://192.0.2.1/repos/o/r'
    answer 'GET /repos/o/lost/*' '' 302
  } | cassette clear)"
  try dl-runs -R o/clear
  assert_failed 9 '127\.0\.0\.1:[0-9]+ redirects to http, which anybody can read'
  try dl-runs -R o/lost
  assert_failed 9 '127\.0\.0\.1:[0-9]+ answered 302 without a location'
}

@test "a redirect to another host goes without the credential" {
  serve github/redirect-other
  try dl-runs -R o/r
  assert_status 0
  requested '^GET /repos/o/r' 'authorization: Bearer s3cr3t-t0ken'
  refute requested '^GET /repositories/' 'authorization'
}

@test "a next page on another host is not asked for" {
  serve "$(answer 'GET /repos/o/r/actions/runs?*' "$(gh_runs 'id: 1')" 200 'Link: <{{base2}}/repos/o/r/actions/runs?page=2>; rel="next"' | cassette pages)"
  try dl-runs -R o/r -n 5
  assert_status 9
  assert_stderr '^dl-runs: 127\.0\.0\.1:[0-9]+ says that the next page is on another host$'
  [ "$(requests)" = 1 ]
}

@test "a list that breaks off ends with an error line" {
  serve "$({
    answer 'GET /repos/o/r/actions/runs?page=2' '{"message":"Server Error"}' 500
    answer 'GET /repos/o/r/actions/runs?*' "$(gh_runs 'id: 1')" 200 'Link: <{{base}}/repos/o/r/actions/runs?page=2>; rel="next"'
  } | cassette half)"
  try dl-runs -R o/r -n 5
  assert_status 8
  assert_json 'length == 2 and .[0].type == "run" and .[1].type == "error" and .[1].class == "network" and .[1].exit == 8 and .[1].status == 500'
  try sh -c 'dl-runs -R o/r -n 5 2>/dev/null | dl-show -j'
  assert_json '.[1].type == "error"'
}

@test "a limit says in an error line when to come back" {
  serve github/error-429
  try dl-runs "$(ref run 1)" "$(ref run 2)"
  assert_status 1
  assert_json 'length == 2 and all(.class == "limited" and .exit == 7 and .retry_after_s == 60 and .status == 429)'
}

@test "who waits leaves a server alone for a minute whose limit does not say when it ends" {
  serve "$(answer 'GET /*' '{"message":"slow down"}' 429 | cassette untold)"
  DL_RETRIES=0 try dl-watch --timeout 8 "$(ref run 1)"
  assert_status 3
  [ "$(requests)" = 1 ]
}

@test "a server's words do not drive the terminal" {
  serve "$(answer 'GET /*' '{"message":"\u001b]0;x\u0007bad\r\nthing \u202e"}' 422 | cassette words)"
  try dl-runs -R o/r
  assert_failed 6 '.* refuses that: \\x1b\]0;x\\x07bad\\x0d\\x0athing \\xe2\\x80\\xae'
}

@test "no credential is printed or written, whatever happens" {
  local name
  export GITHUB_TOKEN=s3cr3t-t0ken
  mkdir home/seen
  allow_unmatched
  for name in runs run error-401 error-403-permission error-422 error-login error-cut redirect-loop redirect-other; do
    serve "github/$name"
    dl-runs -v -R o/r >"home/seen/$name.out" 2>"home/seen/$name.err" || true
    dl-runs -v -R "http://user:s3cr3t-password@${URL#http://}/o/r" >"home/seen/$name.out2" 2>"home/seen/$name.err2" || true
    dl-runs -v "http://user:s3cr3t-password@${URL#http://}/o/r" "$(ref run 1)" >"home/seen/$name.out5" 2>"home/seen/$name.err5" || true
    GITHUB_API_URL=http://user:s3cr3t-password@${URL#http://} dl-runs -v -R o/r >"home/seen/$name.out6" 2>"home/seen/$name.err6" || true
    dl-logs -v "$(ref run 4205440316 PyGithub/PyGithub)" >"home/seen/$name.out3" 2>"home/seen/$name.err3" || true
    dl-providers -v -R o/r >"home/seen/$name.out4" 2>"home/seen/$name.err4" || true
    stop_servers
  done
  grep -q 'GET http' home/seen/runs.err
  [ -s home/.local/state/devloop/events.jsonl ]
  grep -q 'Bearer s3cr3t-t0ken' requests
  refute grep -rE 's3cr3t|abcdefghijklmn' home
}

# damage KIND FILE: what may become of an object when a disk is full or a machine goes down.
damage() {
  case $1 in
  cut) truncate -s 60 "$2" ;;
  empty) : >"$2" ;;
  garbage) echo garbage >"$2" ;;
  other) cp ".git/objects/$(git rev-parse HEAD~1 | sed 's,..,&/,')" "$2" ;;
  changed) printf '\377\377' | dd of="$2" bs=1 seek=40 conv=notrunc 2>/dev/null ;;
  esac
}

@test "a damaged commit is told as one, and nobody waits for the rest of it" {
  local kind file
  # libgit2 1.5 leaks where an object is damaged, for which LeakSanitizer would end the programs.
  export ASAN_OPTIONS=${ASAN_OPTIONS:-}:detect_leaks=0
  make_repo r
  cd r
  git commit -q --allow-empty -m 'a second one, with so many words that its file can be cut off somewhere'
  git tag -a -m 'release 1' v1
  file=$PWD/.git/objects/$(git rev-parse HEAD | sed 's,..,&/,')
  chmod u+w "$file"
  cp "$file" ../whole
  for kind in cut empty garbage other changed; do
    damage "$kind" "$file"
    try timeout -s KILL 20 dl-status -c HEAD
    assert_failed 9 'HEAD cannot be read: .*' 'git fsck .*'
    try timeout -s KILL 20 dl-status -c v1
    assert_failed 9 'v1 cannot be read: .*' 'git fsck .*'
    try timeout -s KILL 20 dl-preflight 1.0.0
    assert_failed 9 'HEAD cannot be read: .*' 'git fsck .*'
    cp ../whole "$file"
  done
  rm "$file"
  try dl-status -c v1
  assert_failed 2 'no such commit: v1' 'fetch it, .*'
}
