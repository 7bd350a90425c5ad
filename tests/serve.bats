# The test server and the helpers themselves: a test that passes by accident would begin here.
load helper

# cassette NAME: writes standard input as a cassette below the test's folder and prints its path.
cassette() {
  { echo '# source: written for this test' && echo && cat; } >"$BATS_TEST_TMPDIR/$1.http"
  echo "$BATS_TEST_TMPDIR/$1.http"
}

@test "an answer comes with its status, headers and body" {
  serve "$(cassette one <<'END'
>>> GET /a
<<< 201
# a remark
X-One: 1
Location: {{base2}}/b?{{base}}

{"a": "{{base}}", "b": "{{other}}"}
END
)"
  try curl -si "$URL/a"
  assert_status 0
  assert_line $'HTTP/1.1 201 \r'
  assert_line $'X-One: 1\r'
  assert_line $'Location: '"$URL2/b?$URL"$'\r'
  assert_line "{\"a\": \"$URL\", \"b\": \"{{other}}\"}"
  refute grep -q remark <<<"$output"
}

@test "parameters match in any order, wildcards stand for values, paths and further parameters" {
  serve "$(cassette match <<'END'
>>> GET /strict?a=1&b=*
<<< 200

strict
>>> GET /open?a=1&*
<<< 200

open
>>> GET /tree/*
<<< 200

tree
>>> GET /none
<<< 200

none
END
)"
  allow_unmatched
  for target in 'strict?b=x&a=1' 'open?z=9&a=1' 'open?a=1' 'tree/a/b?c=d' none; do
    try curl -s "$URL/$target"
    assert_output "${target%%[/?]*}"
  done
  for target in 'strict?a=1' 'strict?a=1&b=2&c=3' 'strict?a=2&b=x' strict 'open?z=9' tree 'none?a=1' nonex; do
    try curl -so /dev/null -w '%{http_code}' "$URL/$target"
    assert_output 599
  done
}

@test "an unmatched request gets 599 and fails the test" {
  serve "$(cassette one <<<$'>>> GET /a\n<<< 200\n')"
  try curl -s -w '%{http_code}' -X POST "$URL/a"
  assert_output $'no exchange of the cassettes matches this request\n599'
  run stop_servers
  [ "$status" -ne 0 ]
  allow_unmatched
}

@test "conditions on headers and on the body choose the exchange" {
  serve "$(cassette conditions <<'END'
>>> POST /a
need authorization: Bearer *
deny private-token
need body: *"ref":"main"*
<<< 200

yes
>>> POST /a
<<< 200

no
END
)"
  for answer in 'yes Bearer x X-A:1 {"ref":"main"}' 'no Bearer x PRIVATE-TOKEN:1 {"ref":"main"}' \
    'no Basic x X-A:1 {"ref":"main"}' 'no Bearer x X-A:1 {"ref":"dev"}'; do
    read -r expected scheme token other body <<<"$answer"
    try curl -s -H "Authorization: $scheme $token" -H "$other" -d "$body" "$URL/a"
    assert_output "$expected"
  done
}

@test "exchanges with one head answer in sequence, and the last repeats" {
  serve "$(cassette sequence <<'END'
>>> GET /a
<<< 200

one
>>> GET /b
<<< 200

other
>>> GET /a
<<< 503
>>> GET /a
<<< 200

three
END
)"
  try curl -s -w ' %{http_code}\n' "$URL/a" "$URL/a" "$URL/b" "$URL/a" "$URL/a"
  assert_output $'one 200\n 503\nother 200\nthree 200\nthree 200'
}

@test "one connection carries many requests, and many run at once" {
  serve -d 200 "$(cassette many <<<$'>>> GET /*\n<<< 200\n')"
  try curl -s -w '%{num_connects}\n' "$URL/a" "$URL/b"
  assert_output $'1\n0'
  started=${EPOCHREALTIME/./}
  try curl -sZ "$URL/[1-8]"
  assert_status 0
  [ $((${EPOCHREALTIME/./} - started)) -lt 800000 ]
  [ "$(requests)" = 10 ]
}

@test "the log tells what was asked, of which host, with which headers" {
  serve "$(cassette log <<<$'>>> * /*\n<<< 200\n')"
  [ "$(requests)" = 0 ]
  curl -s -H 'Authorization: Bearer x' "$URL/a?b=c"
  curl -s -H 'X-Odd:  two  words' -d $'x\ty' "$URL2/b"
  [ "$(requests)" = 2 ]
  [ "$(requests '^GET /a')" = 1 ]
  requested '^GET /a\?b=c -> 200' 'host: 127\.0\.0\.1' 'authorization: Bearer x$'
  requested '^POST /b -> 200' 'host: localhost:[0-9]' 'x-odd: two  words' 'body: x\\x09y$'
  refute requested 'host: localhost' authorization:
  refute requested '^GET /a' body:
}

@test "a conditional answer is 304 for its own ETag only" {
  serve "$(cassette etag <<'END'
>>> GET /a
<<< 200 conditional
ETag: W/"abc"

body
>>> GET /b
<<< 200
ETag: "abc"
END
)"
  try curl -s -w '%{http_code} %{size_download}' -H 'If-None-Match: W/"abc"' "$URL/a"
  assert_output '304 0'
  try curl -s -w '%{http_code}' -H 'If-None-Match: W/"abd"' "$URL/a"
  assert_output body200
  try curl -s -w '%{http_code}' -H 'If-None-Match: "abc"' "$URL/b"
  assert_output 200
}

@test "bodies: chunked, slow, generated, from a file, absent" {
  printf 'a\0b' >"$BATS_TEST_TMPDIR/raw.bin"
  serve "$(cassette bodies <<'END'
>>> GET /chunked
<<< 200 chunked slow=30

0123456789abcdef
>>> GET /size
<<< 200 size=10

abc
>>> GET /big
<<< 200 size=5000000
>>> GET /file
<<< 200 file=raw.bin
>>> GET /none
<<< 204
>>> HEAD /size
<<< 200
Content-Length: 123
END
)"
  try curl -s -w ' %{time_total}' "$URL/chunked"
  [[ $output == '0123456789abcdef 0.'[2-9]* ]]
  try curl -s "$URL/size"
  assert_output abcabcabca
  try curl -so /dev/null -w '%{size_download}' "$URL/big"
  assert_output 5000000
  curl -s "$URL/file" | cmp - "$BATS_TEST_TMPDIR/raw.bin"
  try curl -s -w '%{http_code}' "$URL/none" --next -sI "$URL/size"
  assert_line $'204HTTP/1.1 200 \r'
  assert_line $'Content-Length: 123\r'
}

@test "faults: no answer, too short, reset, delay" {
  serve "$(cassette faults <<'END'
>>> GET /close
<<< close
>>> GET /cut
<<< 200 cut=4

0123456789
>>> GET /cutchunked
<<< 200 chunked cut=4

0123456789
>>> GET /reset
<<< 200 reset=4

0123456789
>>> GET /delay
<<< 200 delay=400
END
)"
  try curl -s "$URL/close"
  assert_status 52
  try curl -s "$URL/cut"
  assert_status 18
  assert_output 0123
  try curl -s "$URL/cutchunked"
  assert_status 18
  assert_output 0123
  try curl -s "$URL/reset"
  assert_status 56
  assert_output 0123
  try curl -s -m 0.2 "$URL/delay"
  assert_status 28
}

@test "a body of no bytes leaves nothing behind on the connection" {
  serve "$(cassette nothing <<<$'>>> GET /a\n<<< 200 size=0\n\nx\n>>> GET /b\n<<< 200\n\nb')"
  try curl -sS "$URL/a" "$URL/b"
  assert_status 0
  assert_output b
}

@test "times are relative to now" {
  serve "$(cassette times <<<$'>>> GET /a\n<<< 200\nRetry-After: {{date+60}}\n\n{{now+60}} {{time}}')"
  try curl -si "$URL/a"
  read -r seconds time <<<"${lines[-1]}"
  [ $((seconds - EPOCHSECONDS)) -ge 58 ] && [ $((seconds - EPOCHSECONDS)) -le 60 ]
  [ $((seconds - $(date -d "$time" +%s))) = 60 ]
  date=$(grep -i '^retry-after' <<<"$output" | tr -d '\r')
  [ "$(date -d "${date#*: }" +%s)" = "$seconds" ]
}

@test "a cassette with a mistake is refused" {
  for mistake in $'\n<<< 200 dely=3' $'\nneeds x\n<<< 200' $'\n' $'\n<<< ok'; do
    try "$SERVE" -l "$REQUESTS" "$(cassette wrong <<<">>> GET /a$mistake")"
    assert_status 1
    assert_stderr 'wrong.http: '
  done
  echo '>>> GET /a' >nosource.http
  try "$SERVE" -l "$REQUESTS" nosource.http
  assert_stderr 'does not name the source'
}

@test "every cassette can be loaded, and its files are there" {
  serve "$ROOT"/tests/cassette/*/*.http
  cd "$ROOT/tests/cassette"
  grep -ho '^<<< .* file=.*' ./*/*.http | sed 's/.*file=//; s/ .*//' | while read -r name; do
    ls ./*/"$name" >/dev/null || complain "$name"
  done
}

@test "the helpers can fail" {
  try printf '%s\n' '{"a":1,"b":{"c":"x"}}' '{"a":2}'
  assert_status 0
  [ "$(field 0 b.c)" = x ]
  [ "$(field 1 a)" = 2 ]
  assert_json 'length == 2 and .[1].a == 2'
  assert_line '{"a":2}'
  refute assert_json '.[0].a == 2'
  refute assert_json 'null'
  refute assert_status 1
  refute assert_line '{"a"'
  refute assert_output '{"a":2}'
  refute assert_stderr .
  run refute true
  [ "$status" -eq 1 ]
}

@test "the environment is empty" {
  compgen -e >names
  refute grep -iE 'token|proxy|^(GITHUB|GITLAB|JENKINS)_' names
  [ "$HOME" = "$BATS_TEST_TMPDIR/home" ]
  make_repo repo
  track repo main 0123456789012345678901234567890123456789
  [ "$(git -C repo rev-parse refs/remotes/origin/main)" = 0123456789012345678901234567890123456789 ]
  [ "$(git -C repo log --format=%an%ad --date=unix)" = Ada1768386600 ]
  [ "$(git -C repo remote get-url origin)" = https://github.com/PyGithub/PyGithub.git ]
}
