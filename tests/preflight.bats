# dl-preflight: each check, on real repositories, with the local provider, a CI server on this machine, and a registry
# that is a plugin.
# shellcheck disable=SC2154 # `try` sets $stderr
load helper
load github

setup() {
  hermetic
  export GITHUB_TOKEN=a-token DL_RETRIES=0
  git init -q --bare -b main origin.git
  git init -q -b main w
  cd w || return
  mkdir -p .devloop/ci
  printf '#!/bin/sh\ntest ! -e broken\n' >.devloop/ci/test
  chmod +x .devloop/ci/test
  printf '[project]\nname = "demo"\nversion = "1.2.0"\n' >pyproject.toml
  printf '# Changelog\n\n## [1.2.0] - 2026-01-14\n\n- news\n' >CHANGELOG.md
  git add .
  git commit -qm one
  git remote add origin ../origin.git
  git push -q -u origin main
  git config devloop.ci local
  git config devloop.registry local
}

# judge: the workflow runs for the commit at HEAD.
judge() {
  dl-trigger -q -p local test | dl-watch -q >/dev/null || :
}

# amend: what is changed belongs to the commit, and is pushed.
amend() {
  git add -A
  git commit -q --amend -m one
  git push -q -f origin main
}

# remote_is URL: so it is called; git itself finds it in the folder.
remote_is() {
  git remote set-url origin "$1"
  export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0="url.$PWD/../origin.git.insteadOf" GIT_CONFIG_VALUE_0=$1
}

# says VERSION NAME STATUS [PATTERN [OPTION...]]: the check NAME of VERSION has that STATUS, and a message like PATTERN.
says() {
  try dl-preflight "${@:5}" "$1"
  jq -se --arg name "$2" --arg status "$3" --arg pattern "${4:-}" \
    'any(.[]; .type == "check" and .name == $name and .status == $status and (.message | test($pattern)))' \
    <<<"$output" >/dev/null || complain "expected of $2: $3: ${4:-}"
  [ "$3" != fail ] || assert_status 1
}

# ready [OPTION...] VERSION: nothing has failed.
ready() {
  try dl-preflight "$@"
  assert_status 0
  assert_json 'all(.status != "fail")'
}

@test "all is well: a line for each check, and exit 0" {
  judge
  ready 1.2.0
  [ "$(jq -r '[.name, .status] | join(" ")' <<<"$output" | head -n 12)" = 'tree pass
branch pass
upstream pass
version pass
order pass
files pass
changelog pass
tag pass
release pass
forge skip
ci pass
registry pass' ]
  ready v1.2.0
  # Nothing was changed by it.
  [ -z "$(git tag)" ] && [ -z "$(git -C ../origin.git tag)" ]
}

@test "all are asked, whatever they say" {
  touch new
  git commit -q --allow-empty -m two
  try dl-preflight 1.1
  assert_status 1
  [ "$(jq -r 'select(.status == "fail") | .name' <<<"$output" | tr '\n' ' ')" = 'tree upstream files changelog ci ' ]
}

@test "tree: what is changed, staged, or new; not what is ignored" {
  says 1.2.0 tree pass
  touch ignored
  echo ignored >>.git/info/exclude
  says 1.2.0 tree pass
  touch new
  says 1.2.0 tree fail '^1 file is changed or new'
  git add new
  echo x >>CHANGELOG.md
  says 1.2.0 tree fail '^2 files are'
  git clone -q --bare . ../bare
  says 1.2.0 tree skip '' -C ../bare
}

@test "branch: the default one of the remote, the one that is named, none" {
  git switch -q -c side
  git push -q origin side
  says 1.2.0 branch warn '^side, and not main$'
  says 1.2.0 branch pass '' --branch side
  git switch -q main
  says 1.2.0 branch fail '^main, and not side$' --branch side
  git checkout -q --detach
  says 1.2.0 branch fail 'HEAD is on no branch'
  git remote remove origin
  git switch -q side
  says 1.2.0 branch pass
}

# mended NAME [FOLDER]: the command of the check NAME, of 1.2.0, is run as it stands, in FOLDER when that is where
# dl-preflight was asked; the check passes then.
mended() {
  local top=$PWD
  dl-preflight ${2:+-C "$top"} 1.2.0 | jq -r --arg name "$1" 'select(.name == $name and .command) | .command' >../command
  (cd "${2:-.}" && eval "$(cat "$top/../command")")
  says 1.2.0 "$1" pass
}

@test "the command of a check mends it when it is given to a shell, whatever branches are called" {
  # shellcheck disable=SC2016 # no shell shall read it
  local evil='a$(touch${IFS}pwned);touch${IFS}pwned'
  git -C ../origin.git branch "$evil" main
  git -C ../origin.git symbolic-ref HEAD "refs/heads/$evil"
  git fetch -q
  git remote set-head origin -a
  mended branch
  [ "$(git symbolic-ref --short HEAD)" = "$evil" ]
  [ ! -e pwned ]
  git commit -q --allow-empty -m ahead
  mended upstream
  [ "$(git -C ../origin.git rev-parse "$evil")" = "$(git rev-parse HEAD)" ]
  # Neither is there an upstream, nor is it called so.
  git config --unset-all "branch.$evil.merge"
  git commit -q --allow-empty -m ahead
  mended upstream
  git switch -q -c fresh
  mended upstream /
  [ "$(git -C ../origin.git rev-parse fresh)" = "$(git rev-parse HEAD)" ]
  [ "$(git rev-parse --abbrev-ref 'fresh@{upstream}')" = origin/fresh ]
  git reset -q --hard HEAD~1
  mended upstream /
  # The configuration would push it to main, or elsewhere; and its name is a tag's, or an option's.
  git config push.default upstream
  git switch -q -c +1.2 --track origin/main
  git tag +1.2 fresh
  git push -q origin refs/tags/+1.2
  git commit -q --allow-empty -m ahead
  mended upstream
  git config remote.origin.push 'refs/heads/*:refs/for/*'
  git commit -q --allow-empty -m ahead
  mended upstream
  [ "$(git -C ../origin.git rev-parse refs/heads/+1.2)" = "$(git rev-parse HEAD)" ]
  git reset -q --hard HEAD~1
  mended upstream
  [ "$(git -C ../origin.git for-each-ref refs/for)" = '' ]
}

@test "upstream: the remote is asked now, not what was fetched" {
  says 1.2.0 upstream pass 'in step with origin'
  git commit -q --allow-empty -m two
  says 1.2.0 upstream fail '^1 to be pushed to origin, and 0 to be pulled$'
  git clone -q ../origin.git ../other
  git -C ../other commit -q --allow-empty -m theirs
  git -C ../other push -q
  says 1.2.0 upstream fail '^origin has another commit, '
  git fetch -q
  says 1.2.0 upstream fail '^1 to be pushed to origin, and 1 to be pulled$'
  git switch -q -c fresh
  says 1.2.0 upstream fail 'has no branch fresh'
  mv ../origin.git ../gone.git
  says 1.2.0 upstream fail 'cannot be asked: '
  says 1.2.0 tag fail 'cannot be asked'
  git remote remove origin
  says 1.2.0 upstream skip 'there is no remote'
}

@test "version: PEP 440 for Python, Semantic Versioning otherwise, both where there are both" {
  says 1.2 version pass
  says 1.2.0-rc.1 version warn '1.2.0-rc.1 will be 1.2.0rc1'
  says nonsense version fail 'no version of a Python package'
  git mv pyproject.toml package.json
  echo '{"name": "demo", "version": "1.2.0"}' >package.json
  amend
  says 1.2.0-rc.1 version pass
  says 1.2 version fail 'Semantic Versioning'
  says 1.2.0rc1 version fail 'Semantic Versioning'
  says 01.2.0 version fail
  touch setup.py
  amend
  says 1.2 version fail 'Semantic Versioning'
  says 1.2.0-x version fail 'no version of a Python package'
  says 1.2.0 version pass
}

@test "order: after each release that this commit comes after, by version and not by text" {
  says 1.2.0 order pass 'first release'
  git tag v2024_03
  says 1.2.0 order warn 'cannot be compared with the releases before it, such as v2024_03'
  git tag v1.10.0
  git tag v1.9.0
  git tag nonsense
  git commit -q --allow-empty -m two
  says 1.9.5 order fail '1.9.5 does not come after v1.10.0'
  says 1.10.0.post1 order pass '1.10.0.post1 comes after v1.10.0'
  says 1.11.0rc1 order pass
  git tag v1.11.0
  git commit -q --allow-empty -m three
  says 1.11.0rc2 order fail
  says 1.11 order fail
  # What is out on another branch does not count.
  git switch -q -c maintenance v1.10.0
  git commit -q --allow-empty -m backport
  says 1.10.1 order pass '1.10.1 comes after v1.10.0'
  # Releases of another package do not, either.
  git tag tool/2.0.0
  git commit -q --allow-empty -m four
  says 1.9.9 order fail 'tool/2.0.0' --tag-prefix tool/
  assert_json 'any(.command == "dl-changelog --next --tag-prefix \u0027tool/\u0027")'
  says tool/2.0.1 order pass '2.0.1 comes after tool/2.0.0' --tag-prefix tool/
  # What is told to be run works there, and what the configuration says need not be told.
  says 2.0.1 changelog fail '' --tag-prefix tool/
  sh -c "$(jq -r 'select(.name == "changelog").command' <<<"$output")"
  grep -q '^## 2.0.1' CHANGELOG.md
  git checkout -q CHANGELOG.md
  echo '{"agents":{"changelog":{"config":{"tag_prefix":"tool/"}}}}' >.devloop/agents.json
  says 1.9.9 order fail 'tool/2.0.0'
  assert_json 'any(.command == "dl-changelog --next")'
  [ "$(dl-changelog --next)" = tool/2.0.1 ]
  says 2.0.1 tag pass '^tool/2.0.1 is free$'
  rm .devloop/agents.json
  says 1.10.1 order pass
  git clone -q --depth 1 "file://$PWD" ../shallow
  says 9.0.0 order fail 'cut off' -C ../shallow
}

@test "files: every one says the same version, in its own spelling" {
  says 1.2.0 files pass '^pyproject.toml says 1.2.0$'
  says 1.2.1 files fail '^pyproject.toml says 1.2.0, and not 1.2.1$'
  printf '[project]\nname = "demo"\ndynamic = ["version"]\n' >pyproject.toml
  printf '[metadata]\nname = demo\nversion = attr: demo.__version__\n' >setup.cfg
  printf '{"name": "demo", "version": "1.3.0-rc.1"}' >package.json
  printf '[workspace.package]\nversion = "1.3.0-rc.1"\n[package]\nname = "demo"\nversion.workspace = true\n' >Cargo.toml
  echo v1.3.0rc1 >VERSION
  amend
  says 1.3.0rc1 files pass '^package.json says'
  for file in package.json Cargo.toml VERSION; do says 1.3.0rc1 files pass "^$file says"; done
  for file in pyproject.toml setup.cfg; do says 1.3.0rc1 files skip "^$file: the version is made when"; done
  # What is committed counts.
  echo 9 >VERSION
  says 1.3.0-rc.1 files pass '^VERSION says'
  echo '{' >package.json
  amend
  says 1.3.0rc1 files fail '^package.json: '
  says 1.3.0rc1 files fail '^VERSION says 9'
  git rm -q pyproject.toml setup.cfg package.json Cargo.toml VERSION
  amend
  says 1.2.0 files skip 'no file says the version'
}

@test "changelog: a section with something in it" {
  says 1.2.0 changelog pass '^CHANGELOG.md tells of 1.2.0$'
  says 1.2.1 changelog fail '^CHANGELOG.md tells nothing of 1.2.1$'
  assert_json 'any(.command == "dl-changelog --as \u0027v1.2.1\u0027 --prepend \u0027CHANGELOG.md\u0027")'
  printf '# Changelog\n\n## 1.3.0rc1\n\nnews\n\n## 1.2.0\n\n## 1.1.0\n\n```\n## 1.0.0\nold\n```\n' >CHANGELOG.md
  amend
  says 1.2.0 changelog fail
  says 1.0.0 changelog fail
  says 1.1.0 changelog pass
  says 1.3.0-rc.1 changelog pass
  git mv CHANGELOG.md NEWS.md
  amend
  says 1.1.0 changelog pass '^NEWS.md'
  says 1.1.0 changelog fail 'other.md' --changelog other.md
  git rm -q NEWS.md
  amend
  says 1.1.0 changelog skip 'there is none'
}

@test "tag: free here and there, or this very commit" {
  says 1.2.0 tag pass '^v1.2.0 is free$'
  git tag -a -m release v1.2.0
  says 1.2.0 tag pass '^v1.2.0 is this commit already$'
  git push -q origin v1.2.0
  git tag -d v1.2.0 >/dev/null
  says 1.2.0 tag pass 'already'
  git commit -q --allow-empty -m two
  says 1.2.0 tag fail '^v1.2.0 is another commit at origin, '
  git tag v1.3.0
  git commit -q --allow-empty -m three
  says 1.3.0 tag fail '^v1.3.0 is another commit here, '
  # A tag is spelled as the last one.
  git tag 1.4.0
  git commit -q --allow-empty -m four
  says 1.5.0 tag pass '^1.5.0 is free$'
  says v1.5.0 tag pass '^v1.5.0 is free$'
  says 1.5.0 tag pass '^tool-v1.5.0 is free$' --tag-prefix tool-
}

# listed RELEASES [BY-TAG]: a forge on a server that lists them, JSON; and what it has under the tag, if that is
# published.
listed() {
  remote_is https://github.com/o/r.git
  serve "$({
    answer 'GET /repos/o/r/releases/tags/v1.2.0' "${2:-{\}}" "$([ $# -gt 1 ] && echo 200 || echo 404)"
    answer 'GET /repos/o/r/releases?*' "$1"
    answer 'GET /repos/o/r/releases/latest' '{"message":"Not Found"}' 404
    answer 'GET /repos/o/r/commits/v1.2.0' "{\"sha\":\"$(git rev-parse HEAD)\"}"
    answer 'GET /user' '{"login":"ada"}'
  } | cassette release)"
}

@test "release: none yet, or a draft; never one that is there" {
  local release='{"id":1,"tag_name":"v1.2.0","draft":false,"prerelease":false,"assets":[]}'
  listed '[]'
  says 1.2.0 release pass 'has no release v1.2.0'
  assert_json "any(.name == \"release\" and .provider == \"github\" and .project == \"o/r\")"
  stop_servers
  listed "[${release/false/true}]"
  says 1.2.0 release pass '^there is a draft of v1.2.0$'
  stop_servers
  listed "[$release]" "$release"
  says 1.2.0 release fail '^v1.2.0 is released already$'
  GITHUB_API_URL=http://127.0.0.1:1 says 1.2.0 release fail 'cannot be told'
}

@test "forge: a credential that it takes; one it refuses fails, one that cannot be asked about is skipped" {
  listed '[]'
  says 1.2.0 forge pass 'takes the credential from GITHUB_TOKEN'
  stop_servers
  local status word
  while read -r status word; do
    serve "$(answer 'GET /user' '{"message":"no"}' "$status" | cassette user)"
    allow_unmatched
    says 1.2.0 forge "$word"
    stop_servers
  done <<'END'
401 fail
403 skip
500 fail
END
  unset GITHUB_TOKEN
  serve "$(answer 'GET /user' '{}' | cassette user)"
  says 1.2.0 forge warn 'no credential for .*, which a release needs'
}

@test "ci: of exactly this commit; what has not run, runs, or cannot be asked is no success" {
  says 1.2.0 ci fail 'have not been started'
  judge
  says 1.2.0 ci pass '^success of this commit$'
  git commit -q --allow-empty -m two
  says 1.2.0 ci fail 'have not been started'
  touch broken
  amend
  judge
  says 1.2.0 ci fail '^failure of this commit: test$'
  assert_json 'any(.name == "ci" and (.command | test("^dl-logs --failed .local:/run/")))'
  git rm -qr .devloop
  amend
  says 1.2.0 ci skip 'no CI for this commit'
  says 1.2.0 ci fail 'cannot be told|not known who' -p github -R o/r
}

@test "ci: one that is under way is waited for with -w, and fails without" {
  mkfifo ../go
  printf '#!/bin/sh\ncat %s/go\n' "$BATS_TEST_TMPDIR" >.devloop/ci/test
  amend
  dl-trigger -q -p local test >/dev/null
  says 1.2.0 ci fail '^pending of this commit: test$'
  says 1.2.0 ci fail '^pending' -w --timeout 1s
  dl-preflight -w 1.2.0 >../told 3>&- &
  : >../go
  wait $! || complain "$(cat ../told)"
  grep -q '"name":"ci","status":"pass"' ../told
}

# runs RUN...: GitHub's answer about the runs of HEAD; a RUN is ID,WORKFLOW,NUMBER,STATUS,CONCLUSION.
runs() {
  local id name number status conclusion
  for run; do
    IFS=, read -r id name number status conclusion <<<"$run"
    jq -nc --arg sha "$(git rev-parse HEAD)" "{id: $id, name: \"$name\", workflow_id: ${#name}, run_number: $number, run_attempt: 1,
      event: \"push\", status: \"$status\", conclusion: $conclusion, head_sha: \$sha, head_branch: \"main\",
      created_at: \"2026-01-14T10:30:00Z\", updated_at: \"2026-01-14T10:31:00Z\", path: \".github/workflows/$name.yml\"}"
  done | jq -sc '{total_count: length, workflow_runs: .}'
}

@test "ci: in a job the run that it is a part of does not count, nor do those that it replaces" {
  remote_is https://github.com/o/r.git
  git config devloop.ci github
  export GITHUB_RUN_ID=12 GITHUB_REPOSITORY=o/r
  while IFS='|' read -r runs status message; do
    # shellcheck disable=SC2086 # words
    serve "$(commit_answers "$(runs $runs)" "" "" "$(git rev-parse HEAD)" | cassette own)"
    allow_unmatched
    says 1.2.0 ci "$status" "$message"
    stop_servers
  done <<'END'
11,test,1,completed,"success" 12,release,1,in_progress,null|pass|^success of this commit$
11,test,1,completed,"failure" 12,release,1,in_progress,null|fail|^failure of this commit: test$
11,release,1,completed,"failure" 12,release,2,in_progress,null|skip|no CI for this commit but this very run
12,release,1,in_progress,null|skip|no CI for this commit but this very run
11,test,1,in_progress,null 12,release,1,in_progress,null|fail|^pending of this commit: test$
END
  serve "$(commit_answers "$(runs '12,release,1,in_progress,null')" "" "" "$(git rev-parse HEAD)" | cassette own)"
  GITHUB_REPOSITORY=o/other says 1.2.0 ci fail '^pending of this commit: release$'
}

@test "ci: each provider of a chain is asked; only the first has to have something" {
  local dir=../plugins
  mkdir "$dir"
  export DL_PROVIDER_PATH=$BATS_TEST_TMPDIR/plugins
  chmod +x "$(
    cat >"$dir/dl-provider-bay" <<'END'
#!/bin/sh
[ "$1" != caps ] || exec echo '{"v":1,"kinds":"ci","ops":"runs","title":"Bay"}'
cat "$BAY"
END
    echo "$dir/dl-provider-bay"
  )"
  export BAY=$BATS_TEST_TMPDIR/bay
  : >"$BAY"
  remote_is https://bay.example/o/r.git
  judge
  says 1.2.0 ci pass '^local: success of this commit$' -p local,bay
  says 1.2.0 ci skip '^bay: it has nothing for this commit' -p local,bay
  jq -nc --arg sha "$(git rev-parse HEAD)" '{type: "run", id: "7", name: "lint", sha: $sha, status: "completed", conclusion: "failure"}' >"$BAY"
  says 1.2.0 ci fail '^bay: failure of this commit: lint$' -p local,bay
  assert_json 'any(.name == "ci" and .provider == "bay")'
  git commit -q --allow-empty -m two
  : >"$BAY"
  says 1.2.0 ci skip '^local: it has nothing for this commit' -p bay,local
  says 1.2.0 ci fail '^bay: unregistered' -p bay,local
  says 1.2.0 ci fail 'not known who to ask' -p local,nobody
}

@test "ci: a check that is required, and is not there" {
  judge
  says 1.2.0 ci pass '' --require test
  says 1.2.0 ci fail '^unregistered of this commit: lint$' --require lint
}

# registry SCRIPT...: `shop` is the registry; what it answers to versions and to check.
registry() {
  git config devloop.registry shop
  remote_is https://shop.example/o/r.git
  mkdir -p ../plugins
  printf '%s\n' '#!/bin/sh' 'case $1 in' \
    'caps) echo "{\"v\":1,\"kinds\":\"registry\",\"ops\":\"versions,check\",\"title\":\"Shop\"}" ;;' \
    "versions) $1 ;;" "check) $2 ;;" 'esac' >../plugins/dl-provider-shop
  chmod +x ../plugins/dl-provider-shop
  export DL_PROVIDER_PATH=$BATS_TEST_TMPDIR/plugins
}

@test "registry: it does not have the version, and takes the credential" {
  registry 'printf "{\"type\":\"package\",\"name\":\"demo\",\"version\":\"1.1.0\"}\n"' \
    'printf "{\"type\":\"check\",\"name\":\"token\",\"status\":\"pass\",\"message\":\"good\"}\n"'
  says 1.2.0 registry pass 'does not have it'
  says 1.2.0 token pass good
  says 1.1.0 registry fail 'has 1.1.0 already'
  says 1.1 registry fail 'has 1.1.0 already'
  registry 'exit 5' 'printf "{\"type\":\"check\",\"name\":\"token\",\"status\":\"fail\",\"message\":\"bad\"}\n"'
  says 1.2.0 registry pass
  says 1.2.0 token fail bad
  registry 'exit 8' 'exit 10'
  says 1.2.0 registry fail 'cannot be told'
  says 1.2.0 credentials skip 'cannot be verified'
  registry 'exit 5' 'exit 4'
  says 1.2.0 credentials fail
  # A server that is none, and nobody at all.
  git config --unset devloop.registry
  git rm -q pyproject.toml
  git commit -qm 'no package'
  remote_is https://github.com/o/r.git
  says 1.2.0 registry skip 'no registry is known here'
}

@test "command lines, places without a repository or a commit" {
  try dl-preflight
  assert_status 2
  try dl-preflight 1 2
  assert_status 2
  cd ..
  try dl-preflight 1.2.0
  assert_status 11
  git init -q empty
  try dl-preflight -C empty 1.2.0
  assert_status 5
  assert_stderr '^dl-preflight: there are no commits yet$'
}
