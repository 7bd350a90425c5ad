# dl-artifacts: listing and downloading, from GitHub and from the local provider.
load helper
load github

DIGEST=sha256:cdf4957459c2341eda390d2f41a2efb478e721f0aaeacc372ce69cd1be12a71c # of good.zip

setup() {
  hermetic
  export GITHUB_TOKEN=a-token DL_RETRIES=0
  good_zip
}

# gh_artifacts OBJECT...: the answer that lists them; one is called dist and has the id 7.
gh_artifacts() {
  hub_list artifacts "{
    id: 7, name: \"dist\", size_in_bytes: 235, expired: false, digest: \"$DIGEST\",
    created_at: \"2026-01-14T10:40:00Z\", expires_at: \"2026-04-14T10:40:00Z\", workflow_run: {id: 1}}" "$@"
}

# redirect ID: the API sends us on to where the bytes are, with a signature.
redirect() {
  printf '>>> GET /repos/o/r/actions/artifacts/%s/zip\nneed authorization: Bearer a-token\n' "$1"
  printf '<<< 302\nLocation: {{base2}}/blob/%s?sig=secret\n\n\n' "$1"
}

# blob ID ANSWER [CONDITION]: what the storage answers, which may not see the token.
blob() {
  printf '>>> GET /blob/%s?sig=secret\ndeny authorization\n' "$1"
  [ -z "${3:-}" ] || echo "$3"
  printf '<<< %s\nContent-Type: application/zip\n\n\n' "$2"
}

# serve_artifacts OBJECT...: run 1 has these; what follows on standard input are more exchanges.
serve_artifacts() {
  serve "$({ answer 'GET /repos/o/r/actions/runs/1/artifacts?*' "$(gh_artifacts "$@")" && cat; } | cassette artifacts)"
}

# serve_good: run 1 has the one artifact.
serve_good() {
  serve_artifacts '' < <(redirect 7 && blob 7 '200 file=good.zip')
}

# left: all that stands in the folder out, without folders that have something in them; hidden files, too.
left() {
  find out -mindepth 1 ! \( -type d ! -empty \) 2>/dev/null | sort
}

# ---- listing ----

@test "the artifacts of a run, the newest of each name, without a download" {
  serve_artifacts 'id: 5, created_at: "2026-01-14T10:00:00Z"' '' 'id: 8, name: "report", expired: true' </dev/null
  try dl-artifacts "$(ref run 1)"
  assert_status 0
  assert_json "map(.id) == [\"7\", \"8\"] and .[0].digest == \"$DIGEST\" and all(.path == null and .run_id == \"1\")"
  assert_json '.[0] | .type == "artifact" and .size_bytes == 235 and .expired == false and .expires_at == "2026-04-14T10:40:00Z"'
  try dl-artifacts "$(ref run 1)" -n 1 -F name
  assert_output dist
  try dl-artifacts "$(ref run 1)" --name 'rep*' --name nothing -F name,expired
  assert_output $'report\ttrue'
  refute requested '/zip'
}

@test "one artifact by its ref, and through a pipe" {
  serve_artifacts '' < <(answer 'GET /repos/o/r/actions/artifacts/7' "$(gh_artifacts '' | jq '.artifacts[0]')")
  try sh -c "dl-artifacts $(ref run 1) | dl-artifacts -F ref"
  assert_status 0
  assert_output "$(ref artifact 7)"
}

@test "none is 5, also when no name matches; 3 when the run is not over" {
  serve "$({
    answer 'GET /repos/o/r/actions/runs/1/artifacts?*' "$(gh_artifacts)"
    answer 'GET /repos/o/r/actions/runs/1?*' "$(gh_runs '' | jq '.workflow_runs[0]')"
    answer 'GET /repos/o/r/actions/runs/2/artifacts?*' "$(gh_artifacts)"
    answer 'GET /repos/o/r/actions/runs/2?*' "$(gh_runs 'id: 2, status: "in_progress", conclusion: null' | jq '.workflow_runs[0]')"
  } | cassette none)"
  try dl-artifacts "$(ref run 1)" -d out
  assert_status 5
  assert_stderr '^dl-artifacts: no artifacts$'
  [ ! -e out ]
  try dl-artifacts "$(ref run 2)"
  assert_status 3
  assert_stderr 'run 2 is not over'
  try dl-artifacts "$(ref run 1)" --name 'x*'
  assert_status 5
  assert_stderr 'no artifact is called so'
}

@test "mistakes on the command line" {
  try dl-artifacts "$(URL=http://x ref branch main)"
  assert_status 2
  make_repo .
  try dl-artifacts --zip local:/run/1
  assert_status 2
  assert_stderr 'need -d$'
  try dl-artifacts </dev/null
  assert_status 5
}

# ---- downloading ----

@test "an archive becomes a folder; the storage never sees the token" {
  serve_good
  try dl-artifacts "$(ref run 1)" -d out
  assert_status 0
  assert_json 'length == 1 and .[0].path == "out/dist"'
  [ "$(left)" = $'out/dist/bin/tool\nout/dist/x-1.whl' ]
  [ "$(out/dist/bin/tool)" = tool ]
  [ ! -x out/dist/x-1.whl ] && [ ! -u out/dist/bin/tool ]
  requested 'GET /blob/7\?sig=secret -> 200'
  refute requested 'GET /blob' authorization
}

@test "--zip keeps the archive as it is" {
  serve_good
  try dl-artifacts "$(ref run 1)" -d out --zip -F path
  assert_status 0
  assert_output out/dist.zip
  cmp out/dist.zip good.zip
}

@test "-d is relative to -C; --by-run has a folder for each run" {
  mkdir here
  serve_good
  try dl-artifacts -C here "$(ref run 1)" -d out --by-run -F path
  assert_status 0
  assert_output here/out/1/dist
  [ -x here/out/1/dist/bin/tool ]
}

@test "-N writes nothing and says what it would" {
  serve_artifacts '' 'id: 8, name: "sub/report"' </dev/null
  try dl-artifacts "$(ref run 1)" -d out -N
  assert_status 0
  assert_json 'length == 2 and all(.path == null)'
  assert_stderr '^dl-artifacts: would download dist to out/dist$'
  assert_stderr '^dl-artifacts: would download sub/report to out/sub/report$'
  [ ! -e out ]
}

@test "what is there and the same stays; something else is refused until --overwrite" {
  serve_good
  try dl-artifacts "$(ref run 1)" -d out
  touch -d 2020-01-01 out/dist/x-1.whl
  try dl-artifacts "$(ref run 1)" -d out -F path
  assert_status 0
  assert_output out/dist
  assert_stderr 'out/dist is there already'
  [ "$(stat -c %Y out/dist/x-1.whl)" -lt 1600000000 ]
  echo more >out/dist/more
  try dl-artifacts "$(ref run 1)" -d out
  assert_status 6
  assert_output ''
  assert_stderr '^dl-artifacts: dist: out/dist exists, and differs$'
  assert_stderr '^dl-artifacts: hint: --overwrite'
  [ "$(left)" = $'out/dist/bin/tool\nout/dist/more\nout/dist/x-1.whl' ]
  try dl-artifacts "$(ref run 1)" -d out --overwrite -F path
  assert_status 0
  [ "$(left)" = $'out/dist/bin/tool\nout/dist/x-1.whl' ]
}

@test "a difference in content, in a right to execute or in a name is one" {
  serve_good
  try dl-artifacts "$(ref run 1)" -d out
  for change in 'chmod -x bin/tool' 'sed -i s/wheel/whale/ x-1.whl' 'rm x-1.whl' 'mv x-1.whl y' 'mkdir empty' 'ln -sf bin/tool x-1.whl'; do
    cp -a out/dist kept
    (cd out/dist && $change)
    try dl-artifacts "$(ref run 1)" -d out
    assert_status 6
    rm -r out/dist
    mv kept out/dist
  done
  try dl-artifacts "$(ref run 1)" -d out
  assert_status 0
}

@test "a file that has the digest is not fetched again; one that has another is refused before" {
  serve_good
  try dl-artifacts "$(ref run 1)" -d out --zip
  try dl-artifacts "$(ref run 1)" -d out --zip -F path
  assert_output out/dist.zip
  [ "$(requests '/blob/')" = 1 ]
  echo other >out/dist.zip
  try dl-artifacts "$(ref run 1)" -d out --zip
  assert_status 6
  [ "$(requests '/blob/')" = 1 ]
  try dl-artifacts "$(ref run 1)" -d out --zip --overwrite
  assert_status 0
  cmp out/dist.zip good.zip
  [ "$(left)" = out/dist.zip ]
}

@test "an empty folder is no obstacle, a file is one" {
  serve_good
  mkdir -p out/dist
  try dl-artifacts "$(ref run 1)" -d out
  assert_status 0
  rm -r out/dist
  echo mine >out/dist
  try dl-artifacts "$(ref run 1)" -d out
  assert_status 6
  [ "$(cat out/dist)" = mine ]
  try dl-artifacts "$(ref run 1)" -d out --overwrite
  assert_status 0
  [ -x out/dist/bin/tool ]
}

@test "several at once keep their order; a failure does not stop the others" {
  local id
  serve_artifacts 'id: 1, name: "a"' 'id: 2, name: "b", digest: "sha256:00"' 'id: 3, name: "c"' 'id: 4, name: "d", expired: true' < <(
    for id in 1 2 3; do redirect $id && blob $id "200 file=good.zip delay=$((400 - 100 * id))"; done
  )
  try dl-artifacts "$(ref run 1)" -d out
  assert_status 9
  assert_json 'map(.type) == ["artifact", "artifact", "error"] and map(.path) == ["out/a", "out/c", null]'
  assert_stderr 'b: its content is not what its digest says; 1 more failed$'
  assert_stderr '^dl-artifacts: d: it expired at '
  assert_stderr "^dl-artifacts: hint: dl-rerun $(ref run 1) makes it anew\$"
  [ "$(left | grep -c tool)" = 2 ]
}

@test "what has expired is 5, and the hint says how to get it" {
  serve_artifacts 'expired: true' </dev/null
  try dl-artifacts "$(ref run 1)" -d out
  assert_status 5
  assert_stderr '^dl-artifacts: dist: it expired at 2026-04-14T10:40:00Z$'
  assert_stderr "^dl-artifacts: hint: dl-rerun $(ref run 1) makes it anew$"
  [ ! -e out ]
}

@test "runs come in on standard input, commits stand for theirs" {
  serve "$({
    answer "GET /repos/o/r/actions/runs?head_sha=$SHA&*" "$(gh_runs '' 'id: 2, path: "lint.yml"')"
    answer 'GET /repos/o/r/actions/runs?*' "$(gh_runs '' 'id: 2, path: "lint.yml"')"
    answer 'GET /repos/o/r/actions/runs/1/artifacts?*' "$(gh_artifacts '')"
    answer 'GET /repos/o/r/actions/runs/2/artifacts?*' "$(gh_artifacts 'id: 8, workflow_run: {id: 2}')"
    for id in 7 8; do redirect $id && blob $id '200 file=good.zip'; done
  } | cassette pipe)"
  try sh -c 'dl-runs -R o/r | dl-artifacts -d out --by-run -F path'
  assert_status 0
  assert_output $'out/1/dist\nout/2/dist'
  try dl-artifacts "$(ref commit $SHA)" -d other --by-run -F path
  assert_output $'other/1/dist\nother/2/dist'
  try dl-artifacts "$(ref commit $SHA)" -d other -F path
  assert_status 6
  assert_stderr 'another one has this name, too; 1 more failed$'
  # The same name and the same content is no clash.
  try dl-artifacts "$(ref run 1)" "$(ref run 2)" -d third -F path
  assert_status 0
  assert_output $'third/dist\nthird/dist'
}

@test "a terminal sees how far it is; nobody else does" {
  serve_artifacts '' < <(redirect 7 && blob 7 '200 file=good.zip slow=100')
  try script -qec "dl-artifacts $(ref run 1) -d out -F path" /dev/null </dev/null
  assert_status 0
  [[ $output =~ [0-9]+\ B\ of\ 235\ B,\ [0-9]+\ B/s ]]
  # It is gone before the result is printed.
  [[ $output == *$'\r\e[Kout/dist'* ]]
  try dl-artifacts "$(ref run 1)" -d other -F path
  [ -z "$stderr" ]
}

# ---- transfers that are cut ----

@test "a transfer that is cut goes on where it stopped, at the storage, too" {
  serve_artifacts '' < <(redirect 7 && blob 7 '206 file=good.zip.tail' 'need range: bytes=100-' && blob 7 '200 file=good.zip cut=100')
  try dl-artifacts "$(ref run 1)" -d out -F path
  assert_status 0
  assert_stderr 'dist: .* going on at byte 100$'
  [ "$(left)" = $'out/dist/bin/tool\nout/dist/x-1.whl' ]
  [ "$(requests 'GET /blob/')" = 2 ]
  refute requested 'GET /blob' authorization
}

@test "a later program continues the part; nothing is seen under the name before" {
  serve_artifacts '' < <(
    redirect 7
    blob 7 '503' 'need range: bytes=100-'
    blob 7 '206 file=good.zip.tail' 'need range: bytes=100-'
    blob 7 '200 file=good.zip cut=100'
  )
  try dl-artifacts "$(ref run 1)" -d out
  assert_status 8
  [[ $(left) =~ ^out/\.dl-[0-9a-f]{32}\.part$ ]]
  [ "$(stat -c %s out/.dl-*)" = 100 ]
  # Another artifact begins at its beginning: the name of the part says what it is of.
  try dl-artifacts "$(ref run 1)" -d out -F path
  assert_status 0
  assert_output out/dist
  [ "$(left)" = $'out/dist/bin/tool\nout/dist/x-1.whl' ]
}

@test "a part that somebody has spoilt is fetched anew" {
  serve_artifacts '' < <(
    redirect 7
    blob 7 '503' 'need range: bytes=100-'
    blob 7 '206 file=good.zip.tail' 'need range: bytes=100-'
    blob 7 '200 file=good.zip cut=100'
    blob 7 '200 file=good.zip'
  )
  try dl-artifacts "$(ref run 1)" -d out --zip
  assert_status 8
  printf 'spoilt' | dd of="$(echo out/.dl-*)" conv=notrunc status=none
  try dl-artifacts "$(ref run 1)" -d out --zip
  assert_status 0
  cmp out/dist.zip good.zip
  [ "$(left)" = out/dist.zip ]
}

@test "a server that has no ranges begins at the beginning" {
  serve_artifacts '' < <(redirect 7 && blob 7 '200 file=good.zip cut=100' && blob 7 '200 file=good.zip')
  try dl-artifacts "$(ref run 1)" -d out --zip -F path
  assert_status 0
  requested 'GET /blob/.*range: bytes=100-'
  cmp out/dist.zip good.zip
}

@test "a server that has nothing where the part ends, or sends another part" {
  serve_artifacts '' < <(
    redirect 7
    blob 7 '416' 'need range: bytes=100-'
    blob 7 '200 file=good.zip cut=100'
    blob 7 '200 file=good.zip'
  )
  try dl-artifacts "$(ref run 1)" -d out --zip -F path
  assert_status 0
  assert_stderr 'dist: .* going on at byte 0$'
  cmp out/dist.zip good.zip
  stop_servers
  serve_artifacts '' < <(
    redirect 7
    blob 7 '206 file=good.zip.tail' 'need range: bytes=100-' | sed 's|^Content-Type.*|Content-Range: bytes 120-234/235|'
    blob 7 '200 file=good.zip cut=100'
  )
  try dl-artifacts "$(ref run 1)" -d other --zip
  assert_status 9
  assert_stderr 'another part than it was asked for'
  [ -z "$(find other -type f)" ]
}

@test "a program that is killed leaves no half of it, and its part goes on" {
  local tries=100
  serve_artifacts '' < <(redirect 7 && blob 7 '206 file=good.zip.tail' 'need range: bytes=*' && blob 7 '200 file=good.zip slow=200')
  dl-artifacts "$(ref run 1)" -d out 3>&- &
  until [ -n "$(find out -name '.dl-*.part' -size +0 2>/dev/null)" ]; do
    [ $((tries -= 1)) -gt 0 ] || complain "no part"
    sleep 0.05
  done
  kill -9 $!
  wait $! || :
  [[ $(left) =~ ^out/\.dl-[0-9a-f]{32}\.part$ ]]
  head -c 100 good.zip >"$(left)"
  try dl-artifacts "$(ref run 1)" -d out -F path
  assert_status 0
  assert_output out/dist
}

@test "of two programs at the same thing one is refused" {
  serve_artifacts '' < <(redirect 7 && blob 7 '200 file=good.zip slow=100')
  dl-artifacts "$(ref run 1)" -d out >first 3>&- &
  until [ -n "$(find out -name '.dl-*.part' -size +0 2>/dev/null)" ]; do sleep 0.05; done
  try dl-artifacts "$(ref run 1)" -d out
  wait $!
  assert_status 6
  assert_stderr 'another program is downloading it'
  [ "$(left)" = $'out/dist/bin/tool\nout/dist/x-1.whl' ]
}

@test "--timeout stops a transfer, and what came stays" {
  serve_artifacts '' < <(redirect 7 && blob 7 '200 file=good.zip slow=300')
  try dl-artifacts "$(ref run 1)" -d out --timeout 1s
  assert_status 3
  assert_stderr 'the time is up'
  [[ $(left) =~ ^out/\.dl-[0-9a-f]{32}\.part$ ]]
}

# ---- what is not what it should be ----

@test "a wrong digest is refused, and nothing is left" {
  serve_artifacts 'digest: "sha256:cdf4957459c2341eda390d2f41a2efb478e721f0aaeacc372ce69cd1be12a71d"' < <(redirect 7 && blob 7 '200 file=good.zip')
  try dl-artifacts "$(ref run 1)" -d out
  assert_status 9
  assert_output ''
  assert_stderr 'its content is not what its digest says'
  [ -z "$(left)" ]
}

# hostile SED: run 1 has an archive that the sed script has made from good.zip.
hostile() {
  LC_ALL=C sed -E "$1" good.zip >bad.zip
  refute cmp -s good.zip bad.zip
  serve_artifacts 'digest: null' < <(redirect 7 && blob 7 '200 file=bad.zip')
}

@test "an archive that leads elsewhere is refused with the entry's name, and nothing is left" {
  hostile 's|bin/tool|../xtool|g'
  try dl-artifacts "$(ref run 1)" -d out
  assert_status 9
  assert_stderr "^dl-artifacts: dist: the archive is not unpacked: '../xtool' leads elsewhere$"
  assert_stderr '^dl-artifacts: hint: --zip keeps the archive as it is$'
  [ -z "$(left)" ] && [ ! -e xtool ]
  try dl-artifacts "$(ref run 1)" -d out --zip
  assert_status 0
  cmp out/dist.zip bad.zip
}

@test "an archive with a checksum that is wrong leaves nothing" {
  hostile 's|echo tool|echo fool|'
  try dl-artifacts "$(ref run 1)" -d out
  assert_status 9
  assert_stderr "^dl-artifacts: dist: the archive is not unpacked: 'bin/tool': "
  [ -z "$(left)" ]
}

@test "half an archive is none" {
  head -c 200 good.zip >bad.zip
  serve_artifacts 'digest: null' < <(redirect 7 && blob 7 '200 file=bad.zip')
  try dl-artifacts "$(ref run 1)" -d out
  assert_status 9
  assert_stderr 'it is no zip archive, or is cut off'
  [ -z "$(left)" ]
}

@test "what is no archive though it should be is a file, when its digest is right" {
  echo report >report.txt
  serve_artifacts "id: 8, name: \"report.txt\", digest: \"sha256:$(sha256sum <report.txt | cut -d' ' -f1)\"" \
    'id: 9, name: "other.txt", digest: null' < <(for id in 8 9; do redirect $id && blob $id '200 file=report.txt'; done)
  try dl-artifacts "$(ref run 1)" -d out -F path
  assert_status 9
  assert_output out/report.txt
  [ "$(cat out/report.txt)" = report ]
  [ "$(left)" = out/report.txt ]
}

@test "a name that leads elsewhere is refused before anything is fetched" {
  local name
  serve_artifacts 'name: "../up"' 'id: 8, name: "/etc/x"' 'id: 9, name: "a/../b"' 'id: 10, name: ".GIT/hooks"' \
    'id: 11, name: "a\u0000b"' 'id: 12, name: "a\\b"' 'id: 13, name: "a\nb"' </dev/null
  for name in '*up' '/etc*' 'a/*' '.GIT*' 'a\b' $'a\nb'; do
    try dl-artifacts "$(ref run 1)" -d out --name "$name"
    assert_status 9
    assert_output ''
  done
  [ ! -e up ] && [ -z "$(left)" ]
}

@test "no link below the folder is followed" {
  mkdir -p out elsewhere
  ln -s ../elsewhere out/sub
  serve_artifacts 'name: "sub/dist"' </dev/null
  try dl-artifacts "$(ref run 1)" -d out
  assert_status 6
  assert_stderr 'sub is no folder, or a symbolic link'
  [ -z "$(ls elsewhere)" ]
}

@test "a folder that cannot be written to is the system's failure" {
  mkdir out && chmod 500 out
  serve_artifacts '' </dev/null
  try unprivileged dl-artifacts "$(ref run 1)" -d out
  chmod 700 out
  assert_status 12
}

# ---- the local provider ----

# workflow SCRIPT: the repository's only workflow, called build, does this.
workflow() {
  make_repo repo
  cd repo || return
  mkdir -p .devloop/ci
  printf '#!/bin/sh\n%s\n' "$1" >.devloop/ci/build
  chmod +x .devloop/ci/build
  git add .devloop && git commit -q -m 'a workflow'
}

@test "local: the files in DL_ARTIFACTS are the artifacts, when the run is over" {
  workflow 'mkdir -p "$DL_ARTIFACTS/dist" && echo wheel >"$DL_ARTIFACTS/dist/x 1.whl" && echo log >"$DL_ARTIFACTS/b.log"
ln -s /etc/passwd "$DL_ARTIFACTS/link"; mkfifo "$DL_ARTIFACTS/fifo"; until [ -e "$GO" ]; do sleep 0.05; done'
  export GO=$BATS_TEST_TMPDIR/go
  dl-trigger -p local build
  try dl-artifacts local:/run/1
  assert_status 3
  touch "$GO"
  dl-logs -f local:/run/1
  try dl-artifacts local:/run/1
  assert_status 0
  assert_json 'map(.name) == ["b.log", "dist/x 1.whl"] and .[1].ref == "local:/artifact/1%2Fdist%2Fx%201.whl"'
  assert_json 'map(.size_bytes) == [4, 6] and all(.expired == false and .run_id == "1" and .created_at != null)'
  try dl-artifacts local:/artifact/1%2Fdist%2Fx%201.whl -d out -F path
  assert_output 'out/dist/x 1.whl'
  [ "$(cat "$output")" = wheel ]
  try dl-artifacts local:/run/1 -d out
  assert_status 0
  [ "$(left)" = $'out/b.log\nout/dist/x 1.whl' ]
}

@test "local: a new attempt begins with nothing; a run that leaves nothing is 5" {
  workflow '[ "$DL_RUN_ATTEMPT" != 1 ] || echo x >"$DL_ARTIFACTS/x"; ls "$DL_ARTIFACTS"'
  dl-trigger -p local build | dl-logs -f
  try dl-artifacts local:/run/1 -F name
  assert_output x
  [ "$(dl-rerun -p local local:/run/1 | dl-logs -f)" = '' ]
  try dl-artifacts local:/run/1
  assert_status 5
  assert_stderr '^dl-artifacts: no artifacts$'
}

@test "local: ids lead nowhere else, and odd names are told" {
  workflow 'echo x >"$DL_ARTIFACTS/x"; mkdir "$DL_ARTIFACTS/sub"; ln -s ../.. "$DL_ARTIFACTS/up"'
  dl-trigger -p local build | dl-logs -f
  for id in 1%2F..%2Frecord 1%2Fup%2Frecord 1%2Fsub 1 1%2F 1%2Fnothing; do
    try dl-artifacts "local:/artifact/$id" -d out
    assert_status 5
  done
  try dl-artifacts local:/artifact/x%2Fx
  assert_status 2
  printf x >"$(printf '.git/devloop/runs/1/artifacts/a\nb')"
  try dl-artifacts local:/run/1
  assert_status 9
  assert_stderr "what run 1 has left: 'a.x0ab' has a control character in its name"
}
