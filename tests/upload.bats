# Bodies that are read as they are sent (lib/net/body.c, lib/net/http.c), by tests/upload.c.
# shellcheck disable=SC2154 # `try` sets $stderr
load helper

UPLOAD=${DL_BIN%/bin}/tests/upload

# answer WORDS [HEADER]: a server that answers every PUT and POST to /a so.
answer() {
  serve "$(
    {
      echo '# source: written for this test'
      for method in PUT POST; do
        printf '\n>>> %s /a\n<<< %s\n%s\n\ntaken\n' "$method" "$1" "${2:-}"
      done
    } >"$BATS_TEST_TMPDIR/upload.http"
    echo "$BATS_TEST_TMPDIR/upload.http"
  )"
}

# bytes COUNT: a file of that many bytes of every kind.
bytes() {
  head -c "$1" /dev/zero | openssl enc -aes-128-ctr -K 00 -iv 00 2>/dev/null >file
}

@test "a file arrives as it is, with its length told beforehand" {
  answer 201
  for size in 0 1 65536 1048577; do
    bytes "$size"
    try "$UPLOAD" "$URL/a" file
    assert_status 0
    assert_line 201
    assert_line taken
    assert_line "moved $size, again 0"
    requested "content-length: $size"$'(\t|$)'
  done
  refute requested transfer-encoding:
  cmp "$BODIES/3" file
}

@test "of more than a megabyte the server is asked first whether it wants it" {
  answer 201
  bytes 1048577
  "$UPLOAD" "$URL/a" file
  bytes 65536
  "$UPLOAD" -m POST "$URL/a" file
  requested '^PUT' 'expect: 100-continue'
  refute requested '^POST' expect:
}

@test "a refusal comes before the bytes where the server says so" {
  answer '401 take=0' 'Content-Type: text/plain'
  bytes 4000000
  try "$UPLOAD" "$URL/a" file
  assert_status 0
  assert_line 401
  assert_line 'moved 0, again 0'
}

@test "base64 between texts is what base64 makes of the file" {
  answer 200
  for size in 0 1 2 3 24575 24576 24577 200000; do
    bytes "$size"
    try "$UPLOAD" -e "$URL/a" file
    assert_status 0
    printf '{"data": "%s"}' "$(base64 -w0 file)" >expected
    cmp "$(find "$BODIES" -type f | sort -V | tail -n1)" expected
  done
}

@test "a form has its fields and the file, and a length" {
  answer 200
  bytes 100000
  try "$UPLOAD" -f -m POST "$URL/a" file
  assert_status 0
  assert_line 'moved 100000, again 0'
  requested 'content-type: multipart/form-data; boundary=' 'content-length: 100[0-9]{3}'
  python3 - "$BODIES/1" <<'END'
import email, sys
raw = open(sys.argv[1], 'rb').read()
boundary = raw.split(b'\r\n', 1)[0][2:]
form = email.message_from_bytes(b'Content-Type: multipart/form-data; boundary=' + boundary + b'\r\n\r\n' + raw)
note, content = form.get_payload()
assert note.get_param('name', header='content-disposition') == 'note'
assert note.get_payload() == '"a" & b'
assert content.get_content_type() == 'text/plain'
assert content.get_param('filename', header='content-disposition') == 'a %22b%22.txt'
assert content.get_payload(decode=True) == open('file', 'rb').read()
END
}

@test "a connection that is cut in mid-upload is a failure of the network, and nothing is sent again" {
  answer 'close take=100000'
  bytes 8000000
  try "$UPLOAD" "$URL/a" file
  assert_status 8
  assert_output ''
  [ "$(requests)" = 1 ]
  bytes 1000
  try "$UPLOAD" "$URL/a" file
  assert_status 8
  [ "$(requests)" = 2 ]
}

@test "a 502 after the file was taken is not answered by sending it again" {
  answer 502
  bytes 2000000
  try "$UPLOAD" "$URL/a" file
  assert_status 0
  assert_line 502
  [ "$(requests)" = 1 ]
}

@test "a redirect of an upload is refused with the place it leads to, and followed by nobody" {
  bytes 1000
  for status in 301 302 303 307 308; do
    answer "$status" 'Location: /b?token=secret'
    for kind in -mPUT -mPOST -f; do
      try "$UPLOAD" "$kind" "$URL/a" file
      assert_status 6
      assert_stderr "redirect to $URL/b\?token"
      refute grep -q secret <<<"$stderr"
      assert_stderr 'hint: if that is the right place, use its URL'
    done
    stop_servers
  done
  refute requested '/b'
}

@test "a server that takes nothing is given up after the time without a byte" {
  answer '201 delay=20000'
  bytes 1000
  try "$UPLOAD" -t 1 "$URL/a" file
  assert_status 8
  assert_stderr 'did not answer within 1 s'
}
