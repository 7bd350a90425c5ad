# What holds for every forge: the same scenarios, each over all of them: dl-repos, dl-ls, dl-cat, dl-releases.
# A forge NAME is a file tests/forge/NAME.bash with a function as_NAME that serves the repository o/r, with the
# files README.md, dir/run (three bytes, one of them 0), dir/sub/module, dir-link, and the releases below, and
# sets
#
#   HERE         options that name it
#   IN           what refs to what it has begin with
#   SHA          the commit of its releases, if it is another one than that of tests/github.bash
#   OWNER        whose repositories are r, f (a fork) and s (archived, private, on the second page); empty: it has no owners,
#                and knows of a repository no more than git does
#   PRERELEASES, DRAFTS   their tags; the stable ones are v1.1.0 and v1.2.0, of which the first came later
# shellcheck disable=SC2154,SC2086,SC2153 # `try` sets $stderr; $HERE are words, set by as_NAME
load helper
load github

FORGES=
for forge in "$ROOT"/tests/forge/*.bash; do
  # shellcheck source=/dev/null
  source "$forge"
  FORGES+=" $(basename "$forge" .bash)"
done

setup() {
  hermetic
  export DL_RETRIES=0
}

# each SCENARIO: over all forges. What it prints is shown when it fails.
each() {
  local FORGE HERE AT IN OWNER PRERELEASES DRAFTS SHA=$SHA
  for FORGE in $FORGES; do
    echo "forge: $FORGE"
    mkdir "$BATS_TEST_TMPDIR/$FORGE"
    cd "$BATS_TEST_TMPDIR/$FORGE" || return
    "as_$FORGE"
    "$1"
    stop_servers
  done
}

tells_of_a_repository() {
  try dl-repos $HERE
  assert_status 0
  assert_json ".[0] | .ref == \"$IN/repo\" and .name == \"r\" and .default_branch == \"main\" and .fork == false"
  [ -z "$OWNER" ] || assert_json '.[0] | .owner == "o" and .topics == "c,cli" and .size_bytes == 2048 and
    .pushed_at == "2026-01-14T10:30:00Z" and .private == false and .clone_url == "https://example.com/o/r.git" and
    .ssh_url == "git@example.com:o/r.git"'
  dl-repos $HERE | dl-repos - >again
  [ "$output" = "$(cat again)" ]
}

@test "dl-repos: a repository, and its ref leads back to it" {
  each tells_of_a_repository
}

lists_an_owner() {
  local options
  [ -n "$OWNER" ] || return 0
  options=${HERE% -R*}
  try dl-repos $options -o "$OWNER" -F name
  assert_status 0
  assert_output $'r\nf\ns'
  while IFS='|' read -r filter names; do
    try dl-repos $options -o "$OWNER" -F name $filter
    [ "${output//$'\n'/ }" = "$names" ] || complain "$filter: $names"
  done <<'END'
--archived|s
--no-archived|r f
--forks|f
--no-forks|r s
--private|s
--public|r f
--topic cli --topic c|r
--topic cli --topic go|
--name [rs]|
--name r --name s|r s
--no-forks --no-archived|r
-n 1|r
END
  try dl-repos $options -o nobody
  assert_status 5
  assert_output ''
  assert_stderr "knows no user or .* 'nobody'"
}

@test "dl-repos -o: an owner's repositories, page by page, filtered" {
  each lists_an_owner
}

asks_whether_it_exists() {
  try dl-repos --exists $HERE
  assert_status 0
  assert_output ''
  [ -n "$OWNER" ] || return 0
  try dl-repos --exists ${HERE%/r}/none
  assert_status 1
  [ -z "$output$stderr" ]
  try dl-repos ${HERE%/r}/none
  assert_status 5
}

@test "dl-repos --exists: 0 or 1, and nothing else" {
  each asks_whether_it_exists
}

lists_trees() {
  try dl-ls $HERE -F path,kind
  assert_status 0
  assert_output $'README.md\tfile\ndir\tfolder\ndir-link\tlink'
  try dl-ls $HERE --deep -F path,kind,mode
  assert_output $'README.md\tfile\t100644\ndir\tfolder\t040000\ndir-link\tlink\t120000\ndir/run\tfile\t100755\ndir/sub\tfolder\t040000\ndir/sub/module\tmodule\t160000'
  try dl-ls $HERE ./dir/ -F path
  assert_output $'dir/run\ndir/sub'
  try dl-ls $HERE dir/run -F path,ref
  [[ $output =~ ^dir/run$'\t'$IN/entry/[a-zA-Z]+%3Adir%2Frun$ ]] || complain 'one file'
  try dl-ls $HERE none
  assert_status 5
  assert_stderr "there is no 'none' at"
  try dl-ls $HERE dir/run --path dir -F path
  assert_output $'dir/run\ndir/run\ndir/sub'
  try dl-ls $HERE dir dir/run -n 2 -F path
  assert_output $'dir/run\ndir/sub'
  try dl-ls $HERE --deep -n 1 -F path
  assert_output README.md
  try dl-ls $HERE ../x
  assert_status 2
}

@test "dl-ls: the top, a folder, a file, and all below" {
  each lists_trees
}

prints_files() {
  printf 'a\0b' >expected
  dl-cat $HERE dir/run | cmp - expected
  dl-cat $HERE dir/run dir//run | cmp - <(cat expected expected)
  dl-ls $HERE dir/run | dl-cat - | cmp - expected
  dl-repos $HERE | dl-cat --path dir/run - | cmp - expected
  try dl-cat $HERE none
  assert_status 5
  assert_output ''
  assert_stderr '^dl-cat: none: '
  try dl-cat $HERE
  assert_status 2
  try dl-cat "$IN/repo"
  assert_status 2
  assert_stderr 'hint: --path'
}

@test "dl-cat: bytes, of paths and of refs" {
  each prints_files
}

lists_releases() {
  try dl-releases $HERE -F tag
  assert_status 0
  assert_output "$(printf '%s\n' $DRAFTS $PRERELEASES v1.1.0 v1.2.0)"
  while IFS='|' read -r filter tags; do
    try dl-releases $HERE -F tag $filter
    [ "${output//$'\n'/ }" = "$tags" ] || complain "$filter: $tags"
  done <<END
--latest|v1.2.0
--latest --sort date|v1.1.0
--latest --prerelease|v1.3.0-rc.1
--latest --prerelease --stable --sort date|v1.3.0-rc.1
--stable|v1.1.0 v1.2.0
--stable --sort version|v1.2.0 v1.1.0
--prerelease|$PRERELEASES
--draft|$DRAFTS
--range ^1.2|$PRERELEASES v1.2.0
--range <1.2|v1.1.0
--range >=3|
--tag v1.1*|v1.1.0
--tag v1.1.0|v1.1.0
-n 1 --stable|v1.1.0
END
  try dl-releases $HERE --range nonsense
  assert_status 2
  try dl-releases $HERE --sort size
  assert_status 2
  try dl-releases $HERE --tag v9
  assert_status 5
  assert_stderr " no release 'v9'"
}

@test "dl-releases: by kind, version, range, tag; the latest by version and by date" {
  each lists_releases
}

has_records() {
  try dl-releases $HERE --tag v1.2.0
  assert_status 0
  assert_json ".[0] | .ref == \"$IN/release/v1.2.0\" and .name == \"One two\" and .latest == true and .draft == false and
    .prerelease == false and .sha == \"$SHA\" and .published_at == \"2026-01-14T10:31:00Z\" and .body == \"- better\" and
    (.assets | length) == 1 and .assets[0].name == \"tool.tgz\" and .assets[0].ref == \"$IN/asset/v1.2.0%2Ftool.tgz\""
  dl-releases "$IN/release/v1.2.0" | cmp - <(echo "$output")
  try dl-releases $HERE
  assert_json 'map(select(.latest) | .tag) == ["v1.2.0"]'
  try dl-releases "$IN/asset/v1.2.0%2Ftool.tgz" -F type,name,state
  assert_output $'asset\ttool.tgz\tuploaded'
  try dl-releases $HERE --assets -F name
  assert_output tool.tgz
  try dl-releases $HERE --name 'x*'
  assert_status 5
}

@test "dl-releases: what a release and an asset are, and their refs" {
  each has_records
}

downloads() {
  try dl-releases $HERE --latest -d out -F path
  assert_status 0
  assert_output out/tool.tgz
  [ "$(cat out/tool.tgz)" = tool ]
  try dl-releases "$IN/asset/v1.2.0%2Ftool.tgz" -d . --by-tag -F path
  assert_output ./v1.2.0/tool.tgz
  echo other >out/tool.tgz
  try dl-releases $HERE --latest -d out
  assert_status 6
  assert_stderr 'hint: --overwrite replaces it'
  [ "$(cat out/tool.tgz)" = other ]
  try dl-releases $HERE --latest -d out --overwrite -F path
  [ "$(cat out/tool.tgz)" = tool ]
  try dl-releases $HERE --tag v1.1.0 -d out
  assert_status 5
}

@test "dl-releases -d: the bytes, by redirects that get no token" {
  each downloads
}

@test "refs of another kind, and options without what they need, are refused before anybody is asked" {
  serve "$(cassette nobody </dev/null)"
  while IFS='|' read -r command words; do
    try $command
    [ "$status" -eq 2 ] || complain "$command"
    assert_output ''
    assert_stderr "$words"
  done <<'END'
dl-repos github:o/r/run/1|is no repository
dl-repos -p github -o o github:o/r/repo|-o takes no refs
dl-releases github:o/r/run/1|has no releases
dl-releases -R o/r --by-tag|need -d
dl-releases -R o/r --overwrite|need -d
dl-ls github:o/r/run/1|has no files
dl-cat github:o/r/run/1|has no files
END
  [ "$(requests)" = 0 ]
}

# ---- pipes ----

@test "an owner's repositories go into dl-sync and dl-status" {
  export GITHUB_TOKEN=a-token
  git init -q --bare -b main "$HOME/r.git"
  make_repo work "$HOME/r.git"
  git -C work push -q origin main
  serve "$(
    {
      answer 'GET /orgs/o/repos?*' "[$(hub_repo r)]"
      answer 'GET /repos/o/r' "$(hub_repo r)"
      answer 'GET /repos/o/r/commits/HEAD' "$SHA" 200
      commit_answers "$(gh_runs '')"
    } | cassette pipes
  )"
  git config --global "url.$HOME/.insteadOf" https://example.com/o/
  try sh -c "dl-repos -p github -o o | dl-sync -d mirror --mirror --allow file -"
  assert_status 0
  assert_json '.[0].action == "cloned" and (.[0].path | contains("r"))'
  [ -n "$(find mirror -name packed-refs -o -name HEAD)" ]
  try sh -c "dl-repos -p github -o o | dl-status - -F verdict"
  assert_output success
}

# ---- particular to GitHub ----

@test "GitHub: one's own repositories are listed with the private ones" {
  export GITHUB_TOKEN=a-token
  serve "$(
    {
      answer 'GET /orgs/ada/repos?*' '{"message":"Not Found"}' 404
      answer 'GET /user' '{"login":"Ada"}'
      answer 'GET /user/repos?affiliation=owner&*' "[$(hub_repo mine 'private: true')]"
    } | cassette mine
  )"
  try dl-repos -o ada -F name
  assert_output mine
}

@test "GitHub: a file beyond the limit of the API comes from where its folder says; a folder is no file" {
  printf 'large' >large
  serve "$(
    {
      answer 'GET /repos/o/r/contents/d/big?ref=v1' '{"message":"This API returns blobs up to 100 MB in size. The requested blob is too large to fetch via the API","errors":[{"code":"too_large"}]}' 403
      answer 'GET /repos/o/r/contents/d?ref=v1' '[{"path":"d/big","download_url":"{{base2}}/raw/big?token=x"}]'
      answer 'GET /raw/big?token=x' large 200 'deny authorization'
      answer 'GET /repos/o/r/contents/d' '[]' 200
    } | cassette large
  )"
  try dl-cat -R o/r -r v1 d/big
  assert_status 0
  assert_output large
  try dl-cat -R o/r d
  assert_status 2
  assert_stderr "'d' is no file"
}

@test "GitHub: a tree that is cut short is read folder by folder; one that stays cut is an error" {
  local cut
  cut=$(hub_tree '100644 a 1 x' | jq -c '.truncated = true')
  serve "$(
    {
      answer 'GET /repos/o/r/git/trees/HEAD?recursive=1' "$cut"
      answer 'GET /repos/o/r/git/trees/HEAD' "$(hub_tree '040000 b 0 dir' '100644 a 1 x')"
      answer "GET /repos/o/r/git/trees/$(printf 'b%.0s' {1..40})?recursive=1" "$cut"
      answer "GET /repos/o/r/git/trees/$(printf 'b%.0s' {1..40})" "$(hub_tree '100644 a 1 in' '040000 c 0 sub')"
      answer "GET /repos/o/r/git/trees/$(printf 'c%.0s' {1..40})?recursive=1" "$(hub_tree '100644 a 1 deep/er')"
      answer 'GET /repos/o/r/git/trees/huge*' "$cut"
    } | cassette cut
  )"
  try dl-ls -R o/r --deep -F path
  assert_output $'dir\ndir/in\ndir/sub\ndir/sub/deep/er\nx'
  try dl-ls -R o/r -r huge
  assert_status 9
  assert_output ''
}

@test "recorded answers of GitHub and GitLab" {
  serve github/releases github/tree github/repository
  try dl-releases -R octokit/octokit.rb --tag v3.7.0 -F tag,name,draft,published_at
  assert_output $'v3.7.0\t\tfalse\t2014-12-03T20:43:46Z'
  try dl-releases -R octokit/octokit.rb --latest -F latest
  assert_output true
  try dl-ls -R sferik/rails_admin -r 3cdfabd973bc3caac209cba903cfdb3bf6636bcd -F path,size_bytes -n 1
  assert_output $'.gitignore\t279'
  try dl-repos -R octokit-fixture-org/hello-world -F ref
  assert_output "github@${URL#http://}:octokit-fixture-org/hello-world/repo"
  gitlab gitlab/releases
  try dl-releases -p gitlab -R g/s/p -F tag,sha,latest
  assert_output $'v0.2\t079e90101242458910cccd35eab0e211dfc359c0\ttrue\nv0.1\tf8d3d94cbd347e924aa7b715845e439d00e80ca4\tfalse'
  try dl-releases -p gitlab -R g/s/p --tag v0.1 --assets -F name
  assert_output $'awesome-v0.2.msi\nawesome-v0.2.dmg'
}

# ---- the repository as its own forge ----

@test "local: files, trees and no releases, without any server; a remote on a server comes first" {
  git init -q -b main here
  mkdir -p here/dir
  printf 'a\0b' >here/dir/run
  chmod +x here/dir/run
  ln -s run here/dir/link
  git -C here add .
  git -C here commit -q -m one
  cd here || return
  try dl-ls --deep -F path,kind,size_bytes
  assert_output $'dir\tfolder\t\ndir/link\tlink\t3\ndir/run\tfile\t3'
  try dl-ls dir/run -F path
  assert_output dir/run
  dl-ls dir/run | dl-cat - | cmp - dir/run
  try dl-cat none
  assert_status 5
  try dl-ls -r nothing
  assert_status 5
  try dl-repos -F ref,name,default_branch
  assert_output $'local:/repo\there\tmain'
  try dl-releases
  assert_status 5
  assert_stderr 'no such releases'
  try dl-repos -o x -p local
  assert_status 10
  git remote add origin https://github.com/o/r.git
  serve "$(answer 'GET /repos/o/r' "$(hub_repo r)" | cassette here)"
  try dl-repos -F provider
  assert_output github
  DL_FORGE=local try dl-repos -F provider
  assert_output local
  try dl-repos -p jenkins
  assert_status 10
  assert_stderr 'jenkins is no forge'
  git remote set-url origin https://nowhere.invalid/o/r.git
  try dl-repos
  assert_status 11
  assert_stderr 'git config devloop.forge PROVIDER \(github, gitlab, gitea, local\)$'
}
