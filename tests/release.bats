# dl-release: a release is made in steps that converge, on GitHub, GitLab, Gitea and in the repository itself.
# shellcheck disable=SC2154,SC2016 # `try` sets $stderr; jq's variables
load helper
load github
# shellcheck source=tests/forge/github.bash
source "$ROOT/tests/forge/github.bash"
# shellcheck source=tests/gitlab.bash
source "$ROOT/tests/gitlab.bash"

setup() {
  hermetic
  export GITHUB_TOKEN=a-token DL_RETRIES=1
  make_repo work https://github.com/o/r.git
  cd work || return
  git config user.name Ada
  mkdir dist
  printf tool >dist/tool.tgz
  printf notes >dist/read.md
  HEAD=$(git rev-parse HEAD)
}

R=/repos/o/r

# sum TEXT: its SHA-256.
sum() {
  printf %s "$1" | sha256sum | cut -d ' ' -f 1
}

# asset ID NAME TEXT [MEMBER...]: an asset that has TEXT.
asset() {
  jq -nc --arg name "$2" --arg digest "sha256:$(sum "$3")" --argjson id "$1" --argjson size "${#3}" \
    '{id: $id, name: $name, label: null, size: $size, state: "uploaded", digest: $digest, content_type: "x/y",
      browser_download_url: "{{base}}/x"} * {'"${*:4}"'}'
}

# ready [TAG]...: what GitHub knows before a release of v1.0.0 is made at HEAD; which is the latest, by `latest`: at
# first none, then that.
ready() {
  answer "GET $R/commits/tags%2Fv*" '{"message":"No commit found for SHA: tags/v1.0.0"}' 422
  answer "GET $R/commits/$HEAD" "{\"sha\":\"$HEAD\"}"
  if [ $# -eq 0 ]; then latest '' v1.0.0; else latest "$@"; fi
}

# latest TAG...: which release is the latest, whenever that is asked; '': none is.
latest() {
  local tag
  for tag; do
    if [ -n "$tag" ]; then
      answer "GET $R/releases/latest" "$(hub_release "tag_name: \"$tag\"")"
    else
      answer "GET $R/releases/latest" '{"message":"Not Found"}' 404
    fi
  done
}

draft() {
  hub_release 'id: 9, tag_name: "v1.0.0", draft: true, published_at: null, assets: []' "${1:+, $1}"
}

published() {
  hub_release 'id: 9, tag_name: "v1.0.0"'
}

# ends: the end of the draft, and how it is listed then.
ends() {
  answer "PATCH $R/releases/9" "$(published)"
  answer "GET $R/releases?*" "[$(published)]"
}

@test "the whole way without a server: made, completed, replaced, discarded" {
  git remote remove origin
  export DL_FORGE=local
  try dl-release v1.0.0 --changelog --checksums dist/* -F type,action,name
  assert_status 0
  assert_output $'asset\tuploaded\tread.md\nasset\tuploaded\ttool.tgz\nasset\tuploaded\tSHA256SUMS\nrelease\tcreated\t'
  [ "$(git rev-parse v1.0.0)" = "$HEAD" ]
  try dl-release v1.0.0 --checksums dist/* -F action
  assert_output $'skipped\nskipped\nskipped\nskipped'
  printf other >dist/tool.tgz
  try dl-release v1.0.0 dist/* -F name,action
  assert_status 6
  assert_output $'tool.tgz\tconflict'
  assert_stderr 'hint: --clobber replaces it'
  try dl-release v1.0.0 --clobber --checksums dist/* -F name,action
  assert_output $'read.md\tskipped\ntool.tgz\tupdated\nSHA256SUMS\tupdated\n\tupdated'
  dl-releases -d out >/dev/null
  (cd out && sha256sum -c SHA256SUMS)
  [ "$(cat out/tool.tgz)" = other ]
  git commit -q --allow-empty -m 'fix: two'
  try sh -c "dl-changelog v1.0.0.. | dl-release v1.1.0 --notes -"
  assert_json '.[0] | .latest and (.body | contains("### Bug fixes") and contains("two"))'
  try dl-release v1.0.1 -F latest
  assert_output false
  try dl-release v1.0.2 --latest
  assert_status 6
  assert_stderr 'v1.1.0 is higher'
  try dl-release v2.0.0-rc.1 --notes <(printf 'by hand') -F prerelease,latest,body
  assert_output $'true\tfalse\tby hand'
  # What is one stays one when it is completed.
  dl-release v2.1.0 --prerelease >/dev/null
  dl-release v2.2.0 --prerelease --draft >/dev/null
  try dl-release v2.1.0 dist/read.md -F prerelease,latest
  assert_output $'\t\ntrue\tfalse'
  try dl-release v2.2.0 dist/read.md -F prerelease,latest
  assert_output $'\t\ntrue\tfalse'
  try dl-release v2.1.0 --latest -F prerelease,latest,action
  assert_output $'false\ttrue\tupdated'
  dl-release v3.0.0 --draft >/dev/null
  refute git rev-parse -q --verify v3.0.0
  try dl-releases --draft -F tag
  assert_output v3.0.0
  dl-release v3.0.0 --discard
  try dl-releases --draft
  assert_status 5
  try dl-release v1.1.0 --discard
  assert_status 6
  try dl-release v1.1.0 --draft
  assert_status 6
  try dl-releases -F tag --sort version
  assert_output $'v2.2.0\nv2.1.0\nv2.0.0-rc.1\nv1.1.0\nv1.0.1\nv1.0.0'
}

@test "GitHub: a draft first, the assets, their checksums last, then the end of the draft; little is asked" {
  printf signed >dist/a.asc
  local sums
  sums=$(printf '%s  %s\n' "$(sum signed)" a.asc "$(sum notes)" read.md "$(sum tool)" tool.tgz)$'\n'
  serve "$(
    {
      ready v0.9.0 v1.0.0
      answer "GET $R/releases?*" "[$(hub_release 'tag_name: "v0.9.0"')]"
      answer "POST $R/releases" "$(draft)" 201 "need body: *\"target_commitish\":\"$HEAD\"*\"draft\":true*"
      answer "POST $R/releases/9/assets?name=a.asc" "$(asset 4 a.asc signed)" 201 'need content-type: application/pgp-signature'
      answer "POST $R/releases/9/assets?name=read.md" "$(asset 1 read.md notes)" 201 'need content-type: text/markdown'
      answer "POST $R/releases/9/assets?name=tool.tgz" "$(asset 2 tool.tgz tool)" 201 \
        'need content-type: application/gzip' 'need content-length: 4' 'need body: tool'
      answer "POST $R/releases/9/assets?name=SHA256SUMS" "$(asset 3 SHA256SUMS "$sums")" 201 'need content-type: text/plain'
      ends
    } | cassette make
  )"
  try dl-release v1.0.0 --checksums --name One dist/* -F type,action,name,latest
  assert_status 0
  assert_output $'asset\tuploaded\ta.asc\t\nasset\tuploaded\tread.md\t\nasset\tuploaded\ttool.tgz\t\nasset\tuploaded\tSHA256SUMS\t\nrelease\tcreated\tOne two\ttrue'
  requested "^PATCH $R/releases/9" '"draft":false' '"make_latest":"true"' '"name":"One"'
  [ "$(grep -oE '^(POST|PATCH) [^ ?]+(\?name=SHA256SUMS)?' "$REQUESTS" | sed -n '1p;$p' | tr '\n' ' ')" = "POST $R/releases PATCH $R/releases/9 " ]
  [ "$(grep -oE '^POST .*name=[^ ]+' "$REQUESTS" | tail -n 2 | sed 's/.*=//' | sort | tr '\n' ' ')" = 'SHA256SUMS a.asc ' ]
  # The tag, HEAD, the latest and the list; then those two once more. A new draft has no assets, and each answer says
  # what has arrived.
  [ "$(requests '^GET ')" = 6 ]
}

@test "GitHub: -N asks, and sends nothing" {
  serve "$(
    {
      ready
      answer "GET $R/releases?*" '[]'
    } | cassette dry
  )"
  try dl-release -N v1.0.0 dist/*
  assert_status 0
  assert_json "map(.action) == [\"planned\", \"planned\", \"planned\"] and .[1].digest == \"sha256:$(sum tool)\" and
    .[2].sha == \"$HEAD\" and .[1].path == \"dist/tool.tgz\""
  [ "$(requests '^(POST|PATCH|PUT|DELETE) ')" = 0 ]
}

@test "GitHub: what a failure has left is completed: the same is kept, a half is replaced, of two drafts the older" {
  serve "$(
    {
      ready
      answer "GET $R/releases?*" "[$(draft 'id: 10'),$(draft)]"
      answer "GET $R/releases/9/assets?*" "[$(asset 1 read.md notes),$(asset 2 tool.tgz '' 'state: "starter", digest: null')]"
      answer "GET $R/releases/9/assets?*" "[$(asset 1 read.md notes),$(asset 3 tool.tgz tool)]"
      answer "DELETE $R/releases/assets/2" '' 204
      answer "POST $R/releases/9/assets?name=tool.tgz" "$(asset 3 tool.tgz tool)" 201
      ends
    } | cassette complete
  )"
  try dl-release v1.0.0 dist/* -F name,action
  assert_status 0
  assert_output $'read.md\tskipped\ntool.tgz\tupdated\nOne two\tcreated'
  [ "$(requests '^POST ')" = 1 ]
}

# after ANSWER [ASSETS...]: a release of tool.tgz alone, whose first upload is answered with ANSWER, an exchange's;
# then the list of assets says ASSETS, one after the other.
after() {
  local first=$1 list
  shift
  {
    ready
    answer "GET $R/releases?*" "[$(draft)]"
    answer "GET $R/releases/9/assets?*" '[]'
    for list in "$@"; do answer "GET $R/releases/9/assets?*" "$list"; done
    printf '>>> POST %s/releases/9/assets?name=tool.tgz\n%s\n' "$R" "$first"
    answer "POST $R/releases/9/assets?name=tool.tgz" "$(asset 3 tool.tgz tool)" 201
    answer "DELETE $R/releases/assets/2" '' 204
    ends
  } | cassette after
}

@test "GitHub: 502 after the server took the file: it is not sent again" {
  serve "$(after $'<<< 502\n\nbad gateway' "[$(asset 3 tool.tgz tool)]")"
  try dl-release v1.0.0 dist/tool.tgz -F action
  assert_status 0
  assert_output $'uploaded\ncreated'
  [ "$(requests '^POST ')" = 1 ]
}

@test "GitHub: 502 that left a half: it is removed, and the file sent again" {
  serve "$(after $'<<< 502\n\nbad gateway' "[$(asset 2 tool.tgz '' 'state: "starter", digest: null')]" "[$(asset 3 tool.tgz tool)]")"
  try dl-release v1.0.0 dist/tool.tgz -F action
  assert_status 0
  [ "$(requests '^POST ')" = 2 ]
  [ "$(requests "^DELETE $R/releases/assets/2 ")" = 1 ]
}

@test "GitHub: a connection that is cut amid the upload: the file is sent again when it has not arrived" {
  head -c 3000000 /dev/zero >dist/tool.tgz
  local there
  there=$(asset 3 tool.tgz x "size: 3000000, digest: \"sha256:$(sha256sum <dist/tool.tgz | cut -d ' ' -f 1)\"")
  serve "$(after $'<<< close take=1000000\n' '[]' "[$there]")"
  try dl-release v1.0.0 dist/tool.tgz -F action
  assert_status 0
  assert_output $'uploaded\ncreated'
  [ "$(requests '^POST ')" = 2 ]
}

@test "GitHub: on a connection that dies without an answer a file is not sent again before it was looked for" {
  serve "$(after $'<<< close\n' "[$(asset 3 tool.tgz tool)]")"
  try dl-release v1.0.0 dist/tool.tgz -F action
  assert_status 0
  assert_output $'uploaded\ncreated'
  [ "$(requests '^POST ')" = 1 ]
}

@test "GitHub: 422, another one has put it there: the same is a success, another file is refused" {
  local exists=$'<<< 422\nContent-Type: application/json\n\n{"message":"Validation Failed","errors":[{"resource":"ReleaseAsset","code":"already_exists","field":"name"}]}'
  serve "$(after "$exists" "[$(asset 3 tool.tgz tool)]")"
  try dl-release v1.0.0 dist/tool.tgz -F action
  assert_status 0
  assert_output $'skipped\ncreated'
  stop_servers
  serve "$(after "$exists" "[$(asset 3 tool.tgz loot)]")"
  try dl-release v1.0.0 dist/tool.tgz -F action
  assert_status 6
  assert_output failed
  assert_stderr 'another file of that name is there'
  assert_stderr 'hint: the same command goes on'
  [ "$(requests '^PATCH ')" = 1 ]
}

@test "GitHub: what is there afterwards is looked at; what is wrong is not published" {
  serve "$(after $'<<< 201\nContent-Type: application/json\n\n'"$(asset 3 tool.tgz tooL)" "[$(asset 3 tool.tgz tooL)]")"
  try dl-release v1.0.0 dist/tool.tgz
  assert_status 9
  assert_stderr 'what is there is not what was sent'
  [ "$(requests '^PATCH ')" = 0 ]
}

@test "GitHub: another file is refused before anything is sent; --clobber replaces it" {
  replaced() {
    {
      answer "GET $R/commits/tags%2Fv1.0.0" "{\"sha\":\"$HEAD\"}"
      answer "GET $R/commits/$HEAD" "{\"sha\":\"$HEAD\"}"
      answer "GET $R/releases?*" "[$(hub_release 'id: 9, tag_name: "v1.0.0"')]"
      latest v1.0.0
      answer "GET $R/releases/9/assets?*" "[$(asset 2 tool.tgz old)]"
      answer "GET $R/releases/9/assets?*" "[$(asset 1 read.md notes),$(asset 3 tool.tgz tool)]"
      answer "DELETE $R/releases/assets/2" '' 204
      answer "POST $R/releases/9/assets?name=*" "$(asset 3 x x)" 201
      ends
    } | cassette replaced
  }
  serve "$(replaced)"
  try dl-release v1.0.0 dist/* -F name,action
  assert_status 6
  assert_output $'tool.tgz\tconflict'
  [ "$(requests '^(POST|PATCH|DELETE) ')" = 0 ]
  stop_servers
  serve "$(replaced)"
  try dl-release v1.0.0 --clobber dist/* -F action
  assert_status 0
  assert_output $'uploaded\nupdated\nupdated'
}

@test "GitHub: names that it rewrites are recognised, and kept as labels" {
  printf x >'dist/a (1) b.txt'
  serve "$(
    {
      ready
      answer "GET $R/releases?*" "[$(draft)]"
      answer "GET $R/releases/9/assets?*" "[$(asset 2 tool.tgz tool)]"
      answer "GET $R/releases/9/assets?*" "[$(asset 2 tool.tgz tool),$(asset 3 a.1.b.txt x)]"
      answer "GET $R/commits/v1.0.0" "{\"sha\":\"$HEAD\"}"
      answer "POST $R/releases/9/assets?name=a%20%281%29%20b.txt&label=a%20%281%29%20b.txt" "$(asset 3 a.1.b.txt x)" 201
      ends
    } | cassette names
  )"
  try dl-release v1.0.0 dist/tool.tgz 'dist/a (1) b.txt' -F name,action
  assert_status 0
  assert_output $'a.1.b.txt\tuploaded\ntool.tgz\tskipped\nOne two\tcreated'
  try dl-release v1.0.0 dist/tool.tgz 'dist/a (1) b.txt' -F action
  assert_output $'skipped\nskipped\nskipped'
  [ "$(requests '^POST ')" = 1 ]
  mkdir other
  printf y >other/a.1.b.txt
  try dl-release v1.0.0 'dist/a (1) b.txt' other/a.1.b.txt
  assert_status 2
  assert_stderr 'would have one name there'
}

@test "GitHub: an immutable release says what it is" {
  serve "$(
    {
      answer "GET $R/commits/tags%2Fv1.0.0" "{\"sha\":\"$HEAD\"}"
      answer "GET $R/commits/$HEAD" "{\"sha\":\"$HEAD\"}"
      answer "GET $R/releases?*" "[$(hub_release 'id: 9, tag_name: "v1.0.0", immutable: true')]"
      latest v1.0.0
      answer "GET $R/releases/9/assets?*" '[]'
      answer "POST $R/releases/9/assets?name=*" '{"message":"Cannot upload assets to an immutable release."}' 422
    } | cassette immutable
  )"
  try dl-release v1.0.0 dist/tool.tgz
  assert_status 6
  assert_stderr 'the release is immutable'
  assert_stderr 'hint: give the next release another tag'
}

# backport LATEST...: v1.0.0 is released where v1.10.0 and v1.9.0 are; which is the latest, by `latest`.
backport() {
  local others
  others="$(hub_release 'id: 5, tag_name: "v1.10.0"'),$(hub_release 'id: 6, tag_name: "v1.9.0"')"
  {
    ready "$@"
    answer "GET $R/releases?*" "[$(draft),$others]"
    answer "GET $R/releases?*" "[$(published),$others]"
    answer "GET $R/releases/9/assets?*" '[]'
    answer "PATCH $R/releases/9" "$(published)"
    answer "PATCH $R/releases/5" "$(hub_release 'id: 5, tag_name: "v1.10.0"')"
    answer "PATCH $R/releases/6" "$(hub_release 'id: 6, tag_name: "v1.9.0"')"
  } | cassette backport
}

@test "GitHub: a backport does not become the latest release" {
  serve "$(backport v1.10.0)"
  try dl-release v1.0.0 --latest
  assert_status 6
  assert_stderr 'v1.10.0 is higher'
  [ "$(requests '^PATCH ')" = 0 ]
  stop_servers
  serve "$(backport v1.10.0)"
  try dl-release v1.0.0 -F latest
  assert_status 0
  assert_output false
  requested '^PATCH ' '"make_latest":"false"'
  [ "$(requests '^PATCH ')" = 1 ]
}

@test "GitHub: a backport that the forge itself has made the latest gives that back" {
  serve "$(backport v1.10.0 v1.0.0 v1.10.0)"
  try dl-release v1.0.0 -F latest
  assert_status 0
  assert_output false
  [ "$(requests '^PATCH ')" = 2 ]
  requested "^PATCH $R/releases/5 " '"tag_name":"v1.10.0"' '"make_latest":"true"'
  refute requested "^PATCH $R/releases/5 " '"body"'
  stop_servers
  # It goes to who had it, were that not the highest.
  serve "$(backport v1.9.0 v1.0.0 v1.9.0)"
  try dl-release v1.0.0 --no-latest -F latest
  assert_output false
  requested "^PATCH $R/releases/6 " '"make_latest":"true"'
}

@test "GitHub: a forge that insists on a backport as the latest is told of, with exit 6" {
  serve "$(backport v1.10.0 v1.0.0)"
  try dl-release v1.0.0
  assert_status 6
  assert_json '.[0] | .type == "release" and .action == "created" and .latest'
  assert_stderr 'it is published, and .* made it the latest release'
  assert_stderr 'hint: dl-release v1.10.0 --latest'
}

@test "GitHub: a higher release that was published meanwhile becomes the latest; one that is there can be made it" {
  serve "$(
    {
      ready '' v1.0.0 v1.10.0
      answer "GET $R/releases?*" "[$(draft)]"
      answer "GET $R/releases?*" "[$(hub_release 'id: 5, tag_name: "v1.10.0"'),$(published)]"
      answer "GET $R/releases/9/assets?*" '[]'
      answer "PATCH $R/releases/9" "$(published)"
      answer "PATCH $R/releases/5" "$(published)"
    } | cassette meanwhile
  )"
  try dl-release v1.0.0 -F latest
  assert_status 0
  assert_output false
  requested "^PATCH $R/releases/9 " '"make_latest":"true"'
  requested "^PATCH $R/releases/5 " '"make_latest":"true"'
  stop_servers
  serve "$(
    {
      ready v0.9.0 v1.0.0
      answer "GET $R/releases?*" "[$(hub_release 'id: 4, tag_name: "v0.9.0"'),$(published)]"
      answer "GET $R/releases/9/assets?*" '[]'
      answer "GET $R/commits/v1.0.0" "{\"sha\":\"$HEAD\"}"
      answer "PATCH $R/releases/9" "$(published)"
    } | cassette regain
  )"
  try dl-release v1.0.0 --latest -F action,latest
  assert_output $'updated\ttrue'
  try dl-release v1.0.0 --latest -F action,latest
  assert_output $'skipped\ttrue'
}

# ---- plans ----

@test "a dry run prints a plan, which is carried out exactly" {
  git remote remove origin
  export DL_FORGE=local
  dl-release -N v1.0.0 --name One --notes <(printf 'by hand') --checksums dist/* >../plan
  git commit -q --allow-empty -m two
  [ "$(jq -r .action ../plan | sort -u)" = planned ]
  try dl-release -N - <../plan
  [ "$output" = "$(cat ../plan)" ]
  [ -z "$(dl-releases 2>/dev/null)" ]
  try dl-release - -F type,action,name <../plan
  assert_status 0
  assert_output $'asset\tuploaded\tread.md\nasset\tuploaded\ttool.tgz\nasset\tuploaded\tSHA256SUMS\nrelease\tcreated\tOne'
  # HEAD has moved on; the plan has not.
  [ "$(git rev-parse v1.0.0)" = "$HEAD" ]
  try dl-releases
  assert_json '.[0] | .body == "by hand" and .latest and (.assets | length) == 3'
  # What was planned is there: it is not the release any more that was to be made.
  try dl-release - <../plan
  assert_status 6
  assert_stderr 'v1.0.0 is there by now'
  # Two of three stay, one is replaced, as long as it is the one that was there.
  printf more >dist/tool.tgz
  dl-release -N v1.0.0 --clobber dist/* >../plan
  [ "$(jq -r .action ../plan | tr '\n' ' ')" = 'skipped planned planned ' ]
  try dl-release - -F action <../plan
  assert_output $'skipped\nupdated\nupdated'
  # A plan of a draft, and of a release that never becomes the latest.
  dl-release -N v2.0.0 --draft | dl-release - >/dev/null
  [ "$(dl-releases --draft -F tag)" = v2.0.0 ]
  dl-release -N v3.0.0 --no-latest | dl-release - >/dev/null
  [ "$(dl-releases --tag v3.0.0 -F latest)" = false ]
  cd ..
  dl-release -C work -N v3.1.0 dist/tool.tgz >from
  [ "$(jq -r '.path // empty' from)" = work/dist/tool.tgz ]
  dl-release -C work - -F action <from | grep -qx uploaded
}

@test "a plan that was overtaken, or is none, is refused, and nothing is sent" {
  local line
  serve "$(
    {
      ready ''
      answer "GET $R/releases?*" '[]'
      answer "GET $R/releases?*" '[]'
      answer "GET $R/releases?*" "[$(draft)]"
      answer "GET $R/releases/9/assets?*" "[$(asset 3 tool.tgz loot)]"
    } | cassette overtaken
  )"
  dl-release -N v1.0.0 dist/* >../plan
  printf tooL >dist/tool.tgz
  try dl-release - <../plan
  assert_status 6
  assert_stderr 'tool.tgz is another file by now'
  assert_stderr 'hint: nothing was sent; make a new plan: -N'
  printf tool >dist/tool.tgz
  try dl-release - <../plan
  assert_status 6
  assert_stderr 'v1.0.0 is there by now'
  # Of the draft that is there now: an asset has come, one has become another, one has gone.
  while IFS='|' read -r line words; do
    try dl-release - < <(jq -c "def on(it; change): if it then change else . end; on(.type == \"release\"; .id = \"9\") | $line" ../plan)
    [ "$status" -eq "${words%% *}" ] || complain "$line: $words"
    assert_output ''
    assert_stderr "${words#* }"
  done <<'END'
.|6 tool.tgz would take the place of something else
on(.name == "tool.tgz"; .id = "2")|6 tool.tgz would take the place of something else
on(.name == "read.md"; .action = "skipped")|6 read.md is not there any more
on(.type == "release"; .id = "8")|6 v1.0.0 is not the one that was there
on(.type == "release"; .project = "o/other")|6 would be somewhere else now
on(.name == "read.md"; .action = "conflict")|6 read.md is not planned
on(.type == "release"; .action = "created")|6 the release is not planned
select(.type == "asset")|9 about 0 releases, and not one
., select(.type == "release")|9 about 2 releases, and not one
.type = "package"|9 line 1: it is no part of a plan
on(.type == "release"; .sha = null)|9 no tag, or no commit
on(.name == "read.md"; .digest = null)|9 no name, or no digest
empty|5 nothing came in
END
  for line in '- dist/tool.tgz' '- --draft' '- --latest' '- --notes x'; do
    # shellcheck disable=SC2086 # words
    try dl-release $line <../plan
    assert_status 2
  done
  [ "$(requests '^(POST|PATCH|PUT|DELETE) ')" = 0 ]
}

@test "the tag: only here, somewhere else, at a commit that is not there" {
  serve "$(
    {
      answer "GET $R/commits/tags%2Fv1.0.0" "{\"sha\":\"$SHA\"}"
      answer "GET $R/commits/*" '{"message":"No commit found"}' 422
      answer "GET $R/releases?*" '[]'
      latest ''
    } | cassette tags
  )"
  try dl-release v2.0.0
  assert_status 6
  assert_stderr "does not have the commit $HEAD"
  assert_stderr 'hint: push it first'
  git tag v3.0.0
  try dl-release v3.0.0
  assert_status 6
  assert_stderr "the tag 'v3.0.0' is only here"
  assert_stderr 'hint: git push origin v3.0.0'
  try dl-release v1.0.0 --target HEAD
  assert_status 6
  assert_stderr "the tag 'v1.0.0' is at $SHA"
  [ "$(requests '^(POST|PATCH) ')" = 0 ]
}

@test "files and notes are looked for where -C leads, as git does" {
  git remote remove origin
  export DL_FORGE=local
  printf 'by hand' >notes
  cd ..
  try dl-release -C work v1.0.0 --notes notes dist/tool.tgz -F path,body
  assert_status 0
  assert_output $'work/dist/tool.tgz\t\n\tby hand'
  try dl-release -C work v1.0.0 --notes - "$PWD/work/dist/tool.tgz" -F type,action,body < <(printf 'on standard input')
  assert_line $'release\tupdated\ton standard input'
  try dl-release -C work v1.1.0 work/dist/tool.tgz
  assert_status 5
}

@test "nothing is sent when a file cannot be read, or the command line is wrong" {
  serve "$(
    {
      ready
      answer "GET $R/releases?*" '[]'
    } | cassette wrong
  )"
  for words in '' 'v1.0.0 none' 'v1.0.0 dist' 'v1.0.0 --notes none' 'v1.0.0 --latest --draft' \
    'v1.0.0 --notes x --changelog' 'v1.0.0 --discard dist/tool.tgz' 'v1.0.0-rc.1 --latest'; do
    # shellcheck disable=SC2086 # words
    try dl-release $words
    [ "$status" -ne 0 ] || complain "$words"
    assert_output ''
  done
  [ "$(requests '^(POST|PATCH|PUT|DELETE) ')" = 0 ]
}

@test "GitLab: the files are a package, and the release is made with links to them" {
  local at=/api/v4/projects/g%2Fs%2Fp package
  package="$at/packages/generic/p/v1.0.0"
  file() {
    jq -nc --arg name "$2" --arg sum "$(sum "$3")" "{id: $1, package_id: 7, file_name: \$name, size: ${#3}, file_sha256: \$sum}"
  }
  gitlab "$(
    {
      answer "GET $at/repository/commits/$HEAD" "{\"id\":\"$HEAD\"}"
      answer "GET $at/repository/commits/*" '{"message":"404 Commit Not Found"}' 404
      answer "GET $at/releases/v1.0.0" '{"message":"404 Not Found"}' 404
      answer "GET $at/releases/v1.0.0" "$(jq -nc "{tag_name: \"v1.0.0\", name: \"One\", commit: {id: \"$HEAD\"}, assets: {links: []}}")"
      answer "GET $at/releases/permalink/latest" '{"tag_name":"v1.0.0"}'
      answer "GET $at/packages?*" '[]'
      answer "GET $at/packages?*" '[{"id":6,"name":"p","version":"v1.0.0-rc.1","package_type":"generic"},{"id":8,"name":"p","version":"v1.0.0","package_type":"pypi"},{"id":7,"name":"p","version":"v1.0.0","package_type":"generic"}]'
      answer "GET $at/packages/7/package_files?*" "[$(file 1 tool.tgz old),$(file 2 read.md notes),$(file 3 tool.tgz tool)]"
      answer "PUT $package/tool.tgz?select=package_file" "$(file 3 tool.tgz tool)" 201 'need body: tool'
      answer "PUT $package/read.md?select=package_file" "$(file 2 read.md notes)" 201
      answer "POST $at/releases" '{"tag_name":"v1.0.0"}' 201
    } | cassette gitlab
  )"
  git remote set-url origin "$URL/g/s/p.git"
  try dl-release -p gitlab -R g/s/p v1.0.0 --name One dist/* -F name,action
  assert_status 0
  assert_output $'read.md\tuploaded\ntool.tgz\tuploaded\nOne\tcreated'
  requested "^POST $at/releases " "\"ref\":\"$HEAD\"" '"direct_asset_path":"/tool.tgz"' "\"url\":\"$URL$package/tool.tgz\""
  [ "$(grep -o '"direct_asset_path"' "$REQUESTS" | wc -l)" = 2 ]
  [ "$(grep -nE '^(PUT|POST) ' "$REQUESTS" | tail -n 1 | grep -c POST)" = 1 ]
  try dl-release -p gitlab -R g/s/p v1.0.0 --draft
  assert_status 10
}

@test "GitLab: a release that lacks links to its files, of which there are many, gets them from the same command" {
  local at=/api/v4/projects/g%2Fs%2Fp file links
  file=$(jq -nc --arg sum "$(sum tool)" '{id: 3, package_id: 7, file_name: "tool.tgz", size: 4, file_sha256: $sum}')
  release() { # LINKS
    jq -nc --argjson links "$1" "{tag_name: \"v1.0.0\", name: \"One\", commit: {id: \"$HEAD\"}, assets: {links: \$links}}"
  }
  links=$(jq -nc '[range(100) | {id: ., name: "f\(.)", url: "http://x/\(.)"}]')
  server() { # LINKS MORE: on the second page of the list
    gitlab "$(
      {
        answer "GET $at/repository/commits/*" "{\"id\":\"$HEAD\"}"
        answer "GET $at/releases/v1.0.0" "$(release "$1")"
        answer "GET $at/releases/permalink/latest" '{"tag_name":"v1.0.0"}'
        answer "GET $at/packages?*" '[{"id":7,"name":"p","version":"v1.0.0","package_type":"generic"}]'
        answer "GET $at/packages/7/package_files?*" "[$file]"
        answer "GET $at/releases/v1.0.0/assets/links?per_page=100" "$links" 200 \
          "Link: <{{base}}$at/releases/v1.0.0/assets/links?page=2>; rel=\"next\""
        answer "GET $at/releases/v1.0.0/assets/links?page=2" "$2"
        answer "POST $at/releases/v1.0.0/assets/links" '{}' 201
        answer "PUT $at/releases/v1.0.0" '{}'
      } | cassette "$3"
    )"
    git remote set-url origin "$URL/g/s/p.git"
  }
  server '[]' '[]' bare
  try dl-release -p gitlab -R g/s/p v1.0.0 dist/tool.tgz -F name,action
  assert_status 0
  assert_output $'tool.tgz\tskipped\nOne\tupdated'
  requested "^POST $at/releases/v1.0.0/assets/links " '"name":"tool.tgz"' "\"url\":\"$URL$at/packages/generic/p/v1.0.0/tool.tgz\""
  # What another program has called otherwise is a link to it, too, on the second page as on the first.
  server '[{"id":1,"name":"Tool","url":"{{base}}/api/v4/projects/g%2Fs%2Fp/packages/generic/p/v1.0.0/tool.tgz"}]' '[]' linked
  : >"$REQUESTS"
  try dl-release -p gitlab -R g/s/p v1.0.0 dist/tool.tgz -F name,action
  assert_output $'tool.tgz\tskipped\nOne\tskipped'
  server '[]' '[{"id":1,"name":"tool.tgz","url":"http://x/y"}]' long
  : >"$REQUESTS"
  try dl-release -p gitlab -R g/s/p v1.0.0 dist/tool.tgz --name Two -F name,action
  assert_status 0
  [ "$(requests '^POST ')" = 0 ]
}

@test "Gitea: a form; assets without a digest are compared by their bytes, and never doubled" {
  local at=/api/v1/repos/o/r
  gt_asset() {
    jq -nc "{id: $1, name: \"$2\", size: $3, browser_download_url: \"{{base}}/o/r/releases/download/v1.0.0/$2\"}"
  }
  gitea "$(
    {
      answer "GET $at/git/commits/$HEAD" "{\"sha\":\"$HEAD\"}"
      answer "GET $at/git/commits/*" '{"message":"not found"}' 404
      answer "GET $at/releases/latest" '{"message":"Not Found"}' 404
      answer "GET $at/releases?*" "[$(draft)]"
      answer "GET $at/releases/9/assets?*" "[$(gt_asset 1 read.md 5)]"
      answer "GET $at/releases/9/assets?*" "[$(gt_asset 1 read.md 5),$(gt_asset 2 tool.tgz 4)]"
      printf '>>> GET /o/r/releases/download/v1.0.0/read.md\n<<< 200\nContent-Type: text/markdown\n\nnotes\n'
      answer "POST $at/releases/9/assets?name=tool.tgz" "$(gt_asset 2 tool.tgz 4)" 201 \
        'need content-type: multipart/form-data; *' 'need body: *name="attachment"; filename="tool.tgz"*tool*'
      answer "PATCH $at/releases/9" "$(published)"
    } | cassette gitea
  )"
  try dl-release -p gitea -R o/r v1.0.0 dist/* -F name,action
  assert_status 0
  assert_output $'read.md\tskipped\ntool.tgz\tuploaded\nOne two\tcreated'
  requested "^PATCH $at/releases/9" '"draft":false'
}
