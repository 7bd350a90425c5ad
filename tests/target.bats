# Who is asked, at which address, and with which credential.
# shellcheck disable=SC2154 # `try` sets $stderr
load helper
load github

setup() {
  hermetic
  export DL_RETRIES=0 DL_TIMEOUT=2
  # Nothing reaches the network: what is not on this machine is sent to a proxy that is not there.
  export http_proxy=http://127.0.0.1:1 https_proxy=http://127.0.0.1:1 no_proxy=127.0.0.1,localhost
  mkdir bin
  PATH=$PWD/bin:$PATH
  program gh 'exit 1'
}

setup_file() {
  meanwhile hang github/runs-empty 'mkdir bin && PATH=$PWD/bin:$PATH && program git-credential-test "sleep 60" &&
    git config --global credential.helper test && GITHUB_TOKEN="" timeout 20 dl-runs -R o/r'
}

# program NAME SCRIPT: a program on PATH, which also logs how it was called.
program() {
  printf '#!/bin/sh\necho "%s $*" >>"%s/calls"\n%s\n' "$1" "$BATS_TEST_TMPDIR" "$2" >"bin/$1"
  chmod +x "bin/$1"
}

# here FIELDS [OPTION...]: the fields of the provider that is asked.
here() {
  local fields=$1
  shift
  try dl-providers -F "detected,$fields" "$@"
  output=$(sed -n $'s/^true\t//p' <<<"$output")
}

# address [OPTION...]: the URL that dl-runs asks for first, without its query.
address() {
  try dl-runs -v "$@"
  output=$(sed -nE 's/^dl-runs: GET ([^ ?]+).*/\1/p' <<<"$stderr" | head -n 1)
}

# agents TEXT: the committed configuration of the repository w.
agents() {
  mkdir -p w/.devloop
  printf '%s\n' "$1" >w/.devloop/agents.json
}

@test "remotes of every form" {
  local url host project
  while read -r url host project; do
    rm -rf w
    make_repo w "$url"
    here host,project -C w
    assert_output "$host"$'\t'"$project" || complain "for $url"
  done <<'END'
https://github.com/o/r github.com o/r
https://github.com/o/r.git github.com o/r
https://github.com/o/r.git/ github.com o/r
https://GitHub.com:443/o/r github.com o/r
https://user:secret@github.com/o/r.git github.com o/r
http://github.com/o/r github.com o/r
git://github.com/o/r.git github.com o/r
git@github.com:o/r.git github.com o/r
github.com:o/r github.com o/r
git@github.com:/o/r.git/ github.com o/r
ssh://git@github.com/o/r.git github.com o/r
ssh://git@github.com:22/o/r github.com o/r
ssh://git@ssh.github.com:443/o/r.git github.com o/r
git@ssh.github.com:o/r github.com o/r
https://acme.ghe.com/o/r acme.ghe.com o/r
git@acme.ghe.com:o/r.git acme.ghe.com o/r
https://github.com/o/r%2Eb github.com o/r.b
END
}

@test "a remote that is nobody's shows nobody" {
  local url
  for url in https://gitlab.example.com/o/r https://github.com.example.net/o/r https://notgithub.com/o/r \
    https://github.com@example.net/o/r /srv/git/o/r ../r file:///srv/r.git -oProxyCommand=x:o/r; do
    rm -rf w
    git init -q -b main w
    git -C w config remote.origin.url "$url"
    try dl-runs -C w
    assert_status 11
    assert_output ''
    assert_stderr '^dl-runs: no CI system is known here'
    assert_stderr '^dl-runs: hint: name it: -p PROVIDER, or git config devloop.ci PROVIDER'
  done
  [ ! -e calls ]
}

@test "an alias of the user's ssh configuration is looked up" {
  program ssh '[ "$1 $2" = "-G --" ] && printf "user git\nhostname github.com\nport 22\n"'
  make_repo w work:o/r.git
  here host,project -C w
  assert_output $'github.com\to/r'
  git -C w remote set-url origin ssh://git@work/o/r
  here host,project -C w
  assert_output $'github.com\to/r'
  [ "$(grep ssh calls | sort -u)" = 'ssh -G -- work' ]
  rm calls
  git -C w remote set-url origin git@github.com:o/r # which can be no alias
  here host -C w
  assert_output github.com
  refute grep ssh calls
}

@test "insteadOf is followed" {
  make_repo w gh:o/r
  git config --global url.https://github.com/.insteadOf gh:
  here host,project -C w
  assert_output $'github.com\to/r'
}

@test "the branch's own remote goes before origin, the only one before none" {
  make_repo w https://gitlab.example.com/x/y
  git -C w remote add upstream https://github.com/o/r
  git -C w config branch.main.remote upstream
  here project -C w
  assert_output o/r
  git -C w remote remove upstream
  git -C w remote remove origin
  git -C w remote add only https://github.com/a/b
  here project -C w
  assert_output a/b
}

@test "each source goes before the next" {
  make_repo w https://git.example.com/o/r
  here name -C w
  assert_output ''
  mkdir -p w/.github/workflows w/.devloop/ci
  here name -C w # an empty folder shows nothing
  assert_output ''
  touch w/.devloop/ci/build
  here name,why -C w
  assert_output $'local\t.devloop/ci/ in the tree'
  agents '{"global": {"providers": {"ci": {"provider": "github-actions"}}}}'
  here name,host,why -C w
  assert_output $'github\tgit.example.com\t.devloop/agents; credential: none'
  git -C w config devloop.host.git.example.com.provider local
  here name,why -C w
  assert_output $'local\tgit config devloop.host.git.example.com.provider'
  git -C w config --unset devloop.host.git.example.com.provider
  git -C w config devloop.ci github
  here name,why -C w
  assert_output $'github\tgit config devloop.ci; credential: none'
  DL_CI=local here name,why -C w
  assert_output $'local\tDL_CI'
  DL_CI=local here name,why -C w -p github
  assert_output $'github\t-p; credential: none'
}

@test "several in the tree: the remote's host settles it, then a credential, then the order" {
  make_repo w https://github.com/o/r
  mkdir -p w/.github/workflows w/.devloop/ci
  touch w/.github/workflows/ci.yml w/.devloop/ci/build w/Jenkinsfile
  here name,why -C w
  assert_output $'github\t.github/workflows/ in the tree; credential: none'
  git -C w remote set-url origin https://git.example.com/o/r
  here name -C w
  assert_output github
  JENKINS_URL=https://ci.example.com JENKINS_TOKEN=x JENKINS_JOB=j here name -C w
  assert_output jenkins
}

@test "the committed configuration, as JSON and as YAML, of the project or of the ci-monitor" {
  local text
  make_repo w
  git -C w remote remove origin
  mkdir w/.devloop
  for text in '{"global": {"providers": {"ci": {"provider": "github", "config": {"repo_url": "https://ghe.example.com/o/r.git"}}}}}' \
    $'global:\n  providers:\n    ci:\n      provider: github\n      config:\n        repo_url: git@ghe.example.com:o/r' \
    $'agents:\n  ci-monitor:\n    config:\n      ci_provider: github\n      ci_config: {repo_url: "https://ghe.example.com/o/r"}'; do
    rm -f w/.devloop/*
    case $text in '{'*) printf '%s' "$text" >w/.devloop/agents.json ;; *) printf '%s' "$text" >w/.devloop/agents.yaml ;; esac
    here name,host,project -C w
    assert_output $'github\tghe.example.com\to/r'
  done
  printf 'global: {providers: {ci: {provider: hudson}}}' >w/.devloop/agents.yaml
  try dl-runs -C w
  assert_status 11
  assert_stderr "^dl-runs: \.devloop/agents: there is no provider 'hudson'$"
  assert_stderr '^dl-runs: hint: there are github, .*, local; a plugin is a program dl-provider-hudson$'
}

@test "-R names the project in every way" {
  local project host name
  while read -r project host name; do
    here host,project -R "$project" -p github
    assert_output "$host"$'\t'"$name" || complain "for $project"
  done <<'END'
o/r github.com o/r
/o/r.git/ github.com o/r
https://ghe.example.com/o/r.git ghe.example.com o/r
https://ghe.example.com:8443/o/r ghe.example.com:8443 o/r
git@ghe.example.com:o/r ghe.example.com o/r
github:o/r github.com o/r
github:o/r/repo github.com o/r
github@ghe.example.com:o/r/run/7 ghe.example.com o/r
END
  for project in nothing '' '///' 'https://github.com' 'https://github.com/'; do
    try dl-runs -R "$project" -p github
    assert_status 2
    assert_output ''
  done
  try dl-runs -R github:o/r -p local
  assert_status 2
  assert_stderr '^dl-runs: -p and -R name different providers$'
  try dl-runs -p hudson
  assert_status 2
  assert_stderr "^dl-runs: -p: there is no provider 'hudson'$"
}

@test "addresses: github.com, data residency, a server of one's own, and GITHUB_API_URL" {
  local options base
  while read -r base options; do
    # shellcheck disable=SC2086 # words
    address -p github $options
    assert_output "$base/repos/o/r/actions/runs"
  done <<'END'
https://api.github.com -R o/r
https://api.github.com -R https://github.com/o/r
https://api.acme.ghe.com -R https://acme.ghe.com/o/r
https://ghe.example.com/api/v3 -R https://ghe.example.com/o/r
https://ghe.example.com:8443/api/v3 -R https://ghe.example.com:8443/o/r
END
  export GITHUB_API_URL=https://ghe.example.com/api/v3/
  address -R o/r
  assert_output https://ghe.example.com/api/v3/repos/o/r/actions/runs
  address -R https://github.com/o/r
  assert_output https://ghe.example.com/api/v3/repos/o/r/actions/runs
  address github@other.example.com:o/r/repo
  assert_output https://other.example.com/api/v3/repos/o/r/actions/runs
  git config --global devloop.host.other.example.com.url https://api.other.example.com
  address github@other.example.com:o/r/repo
  assert_output https://api.other.example.com/repos/o/r/actions/runs
}

@test "a token of the environment goes to the public host, and to hosts that the user names for it" {
  export GITHUB_TOKEN=one GH_TOKEN=two
  here why -R o/r
  assert_output '-R OWNER/NAME; credential: GITHUB_TOKEN'
  GITHUB_TOKEN='' here why -R o/r
  assert_output '-R OWNER/NAME; credential: GH_TOKEN'
  git config --global devloop.host.ghe.example.com.provider github
  here why -R https://ghe.example.com/o/r
  assert_output 'the host in -R; credential: GITHUB_TOKEN'
  GITHUB_API_URL=https://api.example.net here why -R o/r
  assert_output '-R OWNER/NAME; credential: GITHUB_TOKEN'
  serve github/runs-empty
  try dl-runs -R o/r
  requested '^GET /repos/o/r/' 'authorization: Bearer one'
}

@test "a token of the environment goes nowhere else" {
  export GITHUB_TOKEN=one JENKINS_TOKEN=two JENKINS_USER=u
  for options in '-p github -R https://ghe.example.com/o/r' '-p github -R github@ghe.example.com:o/r' '-R https://acme.ghe.com/o/r' \
    '-p github -R https://github.com:8443/o/r' '-p github -R https://api.github.com.example.net/o/r'; do
    # shellcheck disable=SC2086 # words
    here why $options
    [[ $output = *'; credential: none' ]] || complain "with $options"
  done
  # A repository that was cloned names a server of its own: it is asked, but sees no token.
  serve github/runs-empty
  base=$URL
  unset GITHUB_API_URL
  make_repo w
  git -C w remote remove origin
  agents "{\"global\": {\"providers\": {\"ci\": {\"provider\": \"github\", \"config\": {\"base_url\": \"$base\", \"project\": \"o/r\"}}}}}"
  try dl-runs -C w
  assert_status 5
  [ "$(requests '^GET /repos/o/r/')" = 1 ]
  refute requested authorization
  # Lines on standard input name another server than the environment does.
  GITHUB_API_URL=$base try dl-runs - <<<"github@ghe.example.com:o/r/repo"
  assert_stderr 'ghe\.example\.com'
  refute requested authorization
}

@test "a committed file cannot send a token in the clear" {
  export GITHUB_TOKEN=one
  make_repo w
  git -C w remote remove origin
  serve github/runs-empty
  export http_proxy=$URL no_proxy=''
  unset GITHUB_API_URL
  for base in http://api.github.com http://github.com http://ghe.example.com; do
    agents "{\"global\": {\"providers\": {\"ci\": {\"provider\": \"github\", \"config\": {\"base_url\": \"$base\", \"project\": \"o/r\"}}}}}"
    try dl-runs -C w
    assert_status 11
    assert_stderr ' would be asked by http, which anybody can read$'
  done
  [ "$(requests)" = 0 ]
  allow_unmatched
  GITHUB_API_URL=http://ghe.example.com try dl-runs -R o/r # the user's own word counts
  requested '^GET http://ghe.example.com/repos/o/r/' 'authorization: Bearer one'
}

@test "git's stored credential is used for its own host only" {
  program git-credential-test 'cat >>"$HOME/asked"; [ "$1" = get ] && grep -q "host=$(cat "$HOME/host")" "$HOME/asked" && printf "username=u\npassword=stored\n"'
  git config --global credential.helper test
  serve github/runs-empty
  printf '%s' "${URL#http://}" >home/host
  try dl-runs -R o/r
  requested 'authorization: Bearer stored'
  here why -R o/r
  [[ $output = *'credential: git credential fill' ]]
  grep -q '^protocol=http$' home/asked
  rm home/asked
  : >"$REQUESTS"
  GITHUB_API_URL=$URL2 try dl-runs -R o/r
  grep -q "^host=${URL2#http://}$" home/asked
  requested 'GET /repos/o/r'
  refute requested authorization
  GITHUB_TOKEN='env' try dl-runs -R o/r # what is in the environment saves the question
  requested 'authorization: Bearer env'
}

@test "then the gh command is asked, for that host" {
  program gh '[ "$*" = "auth token --hostname ghe.example.com" ] && echo of-gh'
  here why -p github -R https://ghe.example.com/o/r
  [[ $output = *'; credential: gh' ]]
  here why -R o/r
  [[ $output = *'; credential: none' ]]
  [ "$(cat calls)" = $'gh auth token --hostname ghe.example.com\ngh auth token --hostname github.com' ]
}

@test "nothing prompts, on a terminal neither" {
  command -v script >/dev/null || skip 'no script(1) here'
  program askpass 'echo from-askpass'
  export GIT_ASKPASS=askpass SSH_ASKPASS=askpass DISPLAY=:0
  unset GIT_TERMINAL_PROMPT
  serve github/runs-empty
  try timeout 10 script -qec 'dl-runs -R o/r' /dev/null </dev/null
  assert_status 5
  refute grep -qiE 'username|password' <<<"$output"
  refute grep -q askpass calls
  refute requested authorization
}

@test "a helper that hangs is given up" {
  ended hang
  assert_status 5
  [ "$(requests)" = 1 ]
}

@test "a token that would be more than one line, or not one word, is refused" {
  local token
  serve github/runs-empty
  for token in $'a\nX-Evil: 1' $'a\r\nb' 'a b' $'a\x7f' 'tökén'; do
    GITHUB_TOKEN=$token try dl-runs -R o/r
    assert_status 11
    assert_output ''
    [ "$stderr" = 'dl-runs: GITHUB_TOKEN: the token has a space or a control character' ]
  done
  program git-credential-test 'printf "password=a b\n"'
  git config --global credential.helper test
  try dl-runs -R o/r
  requested 'GET /repos/o/r'
  refute requested authorization
}

@test "dl-providers tells who is asked, and why not when nobody is" {
  make_repo w
  try dl-providers -C w
  assert_json 'map(.name) == ["github", "gitlab", "jenkins", "circleci", "gitea", "local", "pypi", "npm", "artifactory", "oci"] and map(select(.detected).name) == ["github"]'
  assert_json '.[0] | .kind == "ci,forge" and .source == "built-in" and (.ops | split(",") | contains(["runs", "logs"]))'
  git -C w remote remove origin
  try dl-providers -C w
  assert_status 0
  assert_json 'all(.detected == false)'
  assert_stderr '^dl-providers: nobody is asked here: no CI system is known here'
}

@test "--why: what each step has seen, and which one decides" {
  make_repo w https://github.com/o/r
  mkdir -p w/.devloop w/.github/workflows
  touch w/.github/workflows/x.yml
  echo 'global: {providers: {ci: jenkins}}' >w/.devloop/agents.yaml
  git -C w config devloop.ci github
  try dl-providers -C w --why -F name,status,message
  assert_status 0
  assert_output "$(printf '%s\t%s\t%s\n' -R skip nothing -p skip nothing DL_CI skip nothing 'git config' pass github \
    'host in -R' skip nothing .devloop/agents warn jenkins tree warn .github/workflows/ remote warn 'origin github.com' probe skip nothing)"
  try dl-providers -C w --why
  assert_json 'map(select(.status == "pass"))[0] | .provider == "github" and .project == "o/r" and (.detail | test("credential: none"))'
}

@test "in a hook GIT_DIR says which repository it is" {
  make_repo w https://github.com/o/r
  GIT_DIR=$PWD/w/.git here project
  assert_output o/r
}
