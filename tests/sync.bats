# dl-sync: what it does with clones in every state, with servers of every kind, and with configurations that
# nobody should trust. Nothing is ever lost: that is asserted wherever something could be.
load helper
load gitserver

setup() {
  hermetic
  export XDG_RUNTIME_DIR=$BATS_TEST_TMPDIR/run
  mkdir -p here
}

# sync ARGUMENT...: in the folder "here", where repositories of srv are reached as files.
sync() {
  try dl-sync -C here --allow file "$@"
}

# config PROJECT...: here/repos.yaml with these in the tier "main"; further lines of each on standard input.
config() {
  local project more
  more=$(sed 's/^/    /' <&0)
  echo 'main:'
  for project in "$@"; do
    printf '  - url: file://%s/srv/%s.git\n    path: %s\n' "$PWD" "$project" "${project#*/}"
    [ -z "$more" ] || echo "$more"
  done
}

# cloned PROJECT...: made, configured and cloned, with all history.
cloned() {
  local project
  for project in "$@"; do git_repo "$project"; done
  config "$@" <<<'depth: 0' >here/repos.yaml
  sync -q
  assert_status 0
  clean
}

# clean: nothing of a clone under way is left anywhere.
clean() {
  [ -z "$(find here -name '.dl-sync-*')" ] || complain "left behind: $(find here -name '.dl-sync-*')"
}

# is NAME ACTION [REASON]: what the line of NAME says.
is() {
  assert_json "map(select(.type == \"sync\" and .name == \"$1\")) | length == 1 and .[0].action == \"$2\" and
    .[0].reason == ${3:+\"}${3:-null}${3:+\"}"
}

# until_true COMMAND...: waits until it succeeds.
until_true() {
  local i
  for i in {1..100}; do
    ! "$@" 2>/dev/null || return 0
    sleep 0.1
  done
  complain "never true: $*"
}

# ---- the configuration ----

@test "the file of the manual: tiers of owner, repo, path and ref; --list prints them" {
  cat >here/repos.yaml <<'END'
ucode:
  - name: "my-repo"
    owner: "my-org"
    repo: "my-repo"
    path: "library/ucode/my-repo"
    ref: "main"

wizard:
  - name: "dev-repo"
    owner: "my-org"
    repo: "dev-repo"
    path: "library/wizard/dev-repo"
    ref: "develop"
END
  try dl-sync -C here --list
  assert_status 0
  assert_json 'length == 2 and all(.type == "repo")'
  assert_json '.[0] | .ref == "github:my-org/my-repo/repo" and .project == "my-org/my-repo" and .tier == "ucode" and
    .clone_url == "https://github.com/my-org/my-repo.git" and .path == "library/ucode/my-repo" and
    .default_branch == "main" and .name == "my-repo"'
  try dl-sync -C here --list --tier wizard -F name
  assert_output dev-repo
  try dl-sync -C here --list -t
  assert_line 'NAME      TIER    REF      PATH                     URL'
  assert_line 'dev-repo  wizard  develop  library/wizard/dev-repo  https://github.com/my-org/dev-repo.git'
  try dl-sync -C here --list my-repo -F path
  assert_output library/ucode/my-repo
  try dl-sync -C here --tier nothing
  assert_status 5
  try dl-sync -C here nobody
  assert_status 5
  assert_stderr 'no repository called nobody'
}

@test "JSON, defaults wherever they stand, and other hosts" {
  cat >here/repos.json <<'END'
{
  "a": [{"name": "one"}, {"repo": "two", "depth": 3, "host": "git.example.com:8443"},
        {"url": "git@example.org:group/sub/three.git"}],
  "defaults": {"owner": "org", "host": "gitlab.com", "ref": "dev", "filter": "blob:none"}
}
END
  try dl-sync -C here --list -F name,project,path,default_branch,clone_url,ssh_url,ref
  assert_status 0
  assert_line $'one\torg/one\torg/one\tdev\thttps://gitlab.com/org/one.git\t\tgitlab:org/one/repo'
  assert_line $'two\torg/two\torg/two\tdev\thttps://git.example.com:8443/org/two.git\t\t'
  assert_line $'three\tgroup/sub/three\tgroup/sub/three\tdev\t\tgit@example.org:group/sub/three.git\t'
  mkdir here/.devloop
  echo 'a: [{owner: first, repo: found}]' >here/.devloop/repos.yaml
  try dl-sync -C here --list -F project
  assert_output first/found
  try dl-sync -C here -f repos.json --list -F name
  [ "${#lines[@]}" = 3 ]
}

@test "everything that is wrong with a file is told at once, with its line, and nothing is done" {
  cat >here/repos.yaml <<'END'
tier:
  - {owner: o, repo: a, path: ../a}
  - {owner: o, repo: b, path: /etc/b}
  - {owner: o, repo: c, path: c/.GIT/hooks}
  - {owner: o, repo: d, path: git~1/d}
  - {owner: o, repo: e, ref: --upload-pack=touch x}
  - {owner: o, repo: f, ref: +main}
  - {owner: o, repo: -g}
  - {owner: -o, repo: h}
  - {url: "ext::sh -c touch% x", path: i}
  - {url: "--upload-pack=touch x:y", path: j}
  - {url: "file:///srv/k", path: k}
  - {url: "http://example.com/o/l", path: l}
  - {url: "ssh://-oProxyCommand=touch x/o/m", path: m}
  - {url: "https://example.com/o/n\nhost=evil", path: n}
  - {owner: o, repo: p, path: same}
  - {owner: o, repo: q, path: same/below}
  - {owner: o, repo: r, name: twice, path: r1}
  - {owner: o, repo: s, name: twice, path: r2}
  - {owner: o, repo: t, depht: 1}
  - {owner: o, repo: u, depth: many}
  - {owner: o, repo: v, lfs: perhaps}
  - {owner: o, repo: w, filter: "--x"}
  - {owner: o, repo: x, path: .devloop}
  - {owner: o, repo: y, path: "a\\b"}
  - {owner: o, repo: z, mirror: true, ref: main}
  - {path: nothing}
  - just words
other: words

defaults: {name: no, depth: 1}
END
  try dl-sync -C here
  assert_status 11
  [ -z "$output" ]
  local line
  for line in {2..15} 17 {19..29} 31; do
    assert_stderr "^dl-sync: repos.yaml:$line: "
  done
  assert_stderr '^dl-sync: [0-9]+ problems in repos.yaml: nothing was done$'
  [ "$(find here -mindepth 1)" = here/repos.yaml ]
}

@test "of several problems on one line all are told" {
  cat >here/repos.yaml <<'END'
defaults: {ref: a..b, filter: "-x"}
a:
  - {owner: -o, repo: -r, name: "a b", path: ../x, ref: -f, filter: "--y", host: a/b, mirror: true}
  - {name: twice, path: p, ref: "x~1"}
  - {url: "ext::x", name: twice, path: p/q, ref: HEAD}
END
  try dl-sync -C here
  assert_status 11
  [ "$(sed -n 's/^dl-sync: repos.yaml:\([0-9]*: [a-z]*\).*/\1/p' <<<"$stderr" | sort)" = "$(sort <<'END'
1: ref
3: owner
3: repo
3: name
3: path
3: ref
3: filter
3: host
3: mirror
4: it
4: ref
4: filter
5: url
5: name
5: path
5: ref
5: filter
END
  )" ]
}

@test "of very many problems the first hundred are told" {
  { echo a: && for _ in {1..300}; do echo '  - {owner: o, repo: -x}'; done; } >here/repos.yaml
  try dl-sync -C here
  assert_status 11
  assert_stderr '^dl-sync: 300 problems in'
  [ "$(grep -c '^dl-sync: repos.yaml:' <<<"$stderr")" = 100 ]
}

@test "a file that cannot be read, or is none, says where" {
  echo 'a: [{owner: o' >here/repos.yaml
  try dl-sync -C here
  assert_status 11
  assert_stderr 'repos.yaml:[0-9]+:[0-9]+: '
  echo '[1, 2]' >here/repos.yaml
  try dl-sync -C here
  assert_status 11
  assert_stderr 'no mapping'
  printf 'a: []\na: []\n' >here/repos.yaml
  try dl-sync -C here
  assert_status 11
  assert_stderr ':2:1: a key that was there before'
  rm here/repos.yaml
  try dl-sync -C here
  assert_status 11
  assert_stderr 'no .devloop/repos.yaml'
  try dl-sync -C here -f other.yaml
  assert_status 11
}

@test "names that differ in case alone may stand side by side where the file system tells them apart" {
  git_repo o/one
  printf 'a:\n- {url: "file://%s/srv/o/one.git", name: x, path: One}\n- {url: "file://%s/srv/o/one.git", name: y, path: one}\n' \
    "$PWD" "$PWD" >here/repos.yaml
  sync
  if [ -e here/repos.YAML ]; then assert_status 11; else assert_status 0; fi
}

# ---- cloning ----

@test "what is missing is cloned, shallow; the next run finds nothing to do" {
  git_repo o/one
  git_push o/one two
  git_repo o/two
  config o/one o/two </dev/null >here/repos.yaml
  sync
  assert_status 0
  is one cloned
  is two cloned
  assert_json '.[-1] | .type == "summary" and .action == "sync_all" and .total == 2 and .succeeded == 2'
  assert_json "map(select(.name == \"one\"))[0] | .new_sha == \"$(tip src/o/one)\" and .old_sha == null and .tier == \"main\""
  [ "$(git -C here/one rev-list --count HEAD)" = 1 ]
  git -C here/one fsck --no-progress
  [ -z "$(git -C here/one status --porcelain)" ]
  clean
  sync
  assert_status 0
  is one unchanged
  is two unchanged
}

@test "--clone clones only, --pull pulls only, names and tiers select" {
  git_repo o/one
  git_repo o/two
  config o/one o/two </dev/null >here/repos.yaml
  sync --pull
  assert_status 0
  assert_json 'length == 1 and .[0].total == 0 and .[0].action == "pull_all"'
  sync two
  assert_json 'length == 2 and .[0].name == "two"'
  git_push o/two more
  sync --clone
  assert_json 'length == 2 and .[0].name == "one" and .[1].action == "clone_all"'
  sync --pull two
  is two updated
}

@test "depth, bare, mirror and filter" {
  git_repo o/one
  local i=0 how
  git_push o/one two
  git_push o/one three
  git -C src/o/one push -q origin HEAD:refs/heads/side HEAD:refs/notes/x
  git -C srv/o/one.git config uploadpack.allowFilter true
  {
    config o/one <<<'depth: 2'
    for how in 'bare: true' 'mirror: true' 'depth: 0, filter: "blob:none"' 'ref: side'; do
      printf '  - {url: "file://%s/srv/o/one.git", name: n%s, path: p%s, %s}\n' "$PWD" "$((++i))" "$i" "$how"
    done
  } >here/repos.yaml
  sync
  assert_status 0
  [ "$(git -C here/one rev-list --count HEAD)" = 2 ]
  [ "$(git -C here/p1 rev-parse --is-bare-repository)" = true ]
  git -C here/p2 rev-parse -q --verify refs/notes/x
  [ "$(git -C here/p3 config remote.origin.partialclonefilter)" = blob:none ]
  [ "$(git -C here/p3 rev-list --count HEAD)" = 3 ]
  [ "$(git -C here/p4 symbolic-ref HEAD)" = refs/heads/side ]
  sync
  assert_json 'map(select(.action == "unchanged")) | length == 5'
  git_push o/one four
  sync
  is one updated
  is n1 updated
  is n2 updated
  is n3 updated
  is n4 unchanged
  [ "$(tip here/p1)" = "$(tip src/o/one)" ]
  [ "$(tip here/p2)" = "$(tip src/o/one)" ]
}

@test "one repository: OWNER/NAME or a URL, a folder anywhere, a branch; its failure is the program's" {
  git_repo o/one
  git -C src/o/one push -q origin HEAD:refs/heads/dev
  try dl-sync --allow file "file://$PWD/srv/o/one.git" "$PWD/else/where" --ref dev
  assert_status 0
  [ "$(git -C else/where symbolic-ref HEAD)" = refs/heads/dev ]
  try dl-sync -C else --allow file -d below "file://$PWD/srv/o/one.git" in/there
  assert_status 0
  [ -e else/below/in/there/file ]
  try dl-sync --allow file "file://$PWD/srv/o/none.git"
  assert_status 5
  assert_json '.[0].action == "failed" and .[0].error.class == "missing"'
  assert_stderr '^dl-sync: none: there is no such repository'
  try dl-sync --allow file "file://$PWD/srv/o/one.git" dir --ref nothing
  assert_status 5
  assert_stderr "no branch or tag 'nothing'"
  [ ! -e dir ]
  try dl-sync --allow file "file://$PWD/srv/o/one.git" .
  assert_status 2
  try dl-sync --allow file "file://$PWD/srv/o/one.git" a b
  assert_status 2
  git -C src/o/one tag -a -m tag v1
  git -C src/o/one push -q origin v1
  try dl-sync --allow file "file://$PWD/srv/o/one.git" tagged --ref v1
  assert_status 0
  try dl-sync --allow file "file://$PWD/srv/o/one.git" tagged --ref v1
  assert_json '.[0].action == "unchanged"'
  git_push o/one two
  git -C src/o/one tag -f -a -m tag v1
  git -C src/o/one push -q -f origin v1
  try dl-sync --allow file "file://$PWD/srv/o/one.git" tagged --ref v1
  assert_status 1
  assert_json '.[0].reason == "rewritten"'
  (cd tagged && eval "$(jq -r 'select(.error) | .error.hint | sub("^[^:]*: "; "")' <<<"$output")")
  try dl-sync --allow file "file://$PWD/srv/o/one.git" tagged --ref v1
  assert_json '.[0].action == "unchanged"'
  [ "$(tip tagged)" = "$(tip src/o/one)" ]
}

@test "a hundred thousand repositories, of a file or of lines, are read in less than 100 MiB" {
  # What a sanitizer keeps of what was freed is not the program's.
  export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}quarantine_size_mb=0:thread_local_quarantine_size_kb=0"
  awk 'BEGIN { print "all:"; for (i = 1; i <= 100000; i++) printf "- {name: r%d, owner: o, repo: r%d, host: git.example.com}\n", i, i }' >repos.yaml
  command time -o peak -f %M dl-sync -f repos.yaml -d clones --list >list
  [ "$(wc -l <list)" = 100000 ]
  [ "$(tail -n 1 list | jq -r .path)" = o/r100000 ]
  [ "$(cat peak)" -lt 102400 ] || complain "a file took $(cat peak) kB"
  command time -o peak -f %M dl-sync -d clones --list - <list >again
  [ "$(wc -l <again)" = 100000 ]
  [ "$(cat peak)" -lt 102400 ] || complain "lines took $(cat peak) kB"
}

@test "lines of type repo from another program: owner/name below -d; --list feeds another dl-sync" {
  git_repo o/one
  printf '{"type":"repo","project":"my-org/one","name":"one","clone_url":"file://%s/srv/o/one.git","default_branch":"main"}\n' \
    "$PWD" >in
  try dl-sync --allow file -d mirror - <in
  assert_status 0
  assert_json '.[0].name == "my-org/one" and .[0].path == "my-org/one"'
  [ -e mirror/my-org/one/file ]
  config o/one <<<'ref: main' >here/repos.yaml
  dl-sync -C here --allow file --list >list
  # What a hook has set says nothing of these.
  GIT_DIR=$PWD/src/o/one/.git GIT_INDEX_FILE=none GIT_WORK_TREE=/ try dl-sync -d copy --allow file - <list
  assert_status 0
  [ -e copy/one/file ]
  assert_json '.[0].tier == "main" and .[0].name == "one"'
  git_push o/one two
  try dl-sync -d whole --allow file --mirror - <in
  assert_status 0
  [ "$(git -C whole/my-org/one rev-list --count HEAD) $(git -C whole/my-org/one rev-parse --is-bare-repository)" = '2 true' ]
  try dl-sync - </dev/null
  assert_status 5
  try dl-sync - <<<'{"type":"run","ref":"x"}'
  assert_status 11
  assert_stderr 'line 1: it is no line of type repo'
  try dl-sync - <<<'{"type":"error","class":"auth","message":"no token"}'
  assert_status 4
}

# ---- nothing is lost ----

@test "new commits move the branch forward, and are counted; changes elsewhere stay" {
  cloned o/one
  local old
  old=$(tip here/one)
  git_push o/one two
  git_push o/one three other
  echo mine >here/one/mine
  echo staged >here/one/staged
  git -C here/one add staged
  sync
  assert_status 0
  is one updated
  assert_json ".[0] | .commits == 2 and .old_sha == \"$old\" and .new_sha == \"$(tip src/o/one)\" and .duration_s > 0"
  [ "$(cat here/one/file) $(cat here/one/other) $(cat here/one/mine)" = 'two three mine' ]
  [ "$(git -C here/one diff --cached --name-only)" = staged ]
}

@test "a changed file that the server changes, too, an untracked and an ignored one in the way: skipped, kept" {
  cloned o/dirty o/untracked o/ignored
  echo mine >here/dirty/file
  echo mine >here/untracked/new
  echo new >here/ignored/.git/info/exclude
  echo mine >here/ignored/new
  git_push o/dirty two
  git_push o/untracked two new
  git_push o/ignored two new
  sync
  assert_status 1
  is dirty skipped dirty
  is untracked skipped untracked
  is ignored skipped untracked
  [ "$(cat here/dirty/file) $(cat here/untracked/new) $(cat here/ignored/new)" = 'mine mine mine' ]
  assert_stderr '^dl-sync: dirty: file has been changed here'
  assert_stderr '^dl-sync: ignored: new is not git.s'
  assert_json '.[-1] | .skipped == 3 and .succeeded == 0 and .failed == 0'
  # Again: what was fetched is no reason to think that all is well.
  sync
  is dirty skipped dirty
  git -C here/dirty checkout -q file
  sync dirty
  is dirty updated
}

@test "local commits, a detached head, another branch, unfinished work: skipped with a word, never touched" {
  cloned o/ahead o/parted o/detached o/other o/merging o/rebasing o/rewritten o/shallow
  local name state
  commit() { (cd "here/$1" && echo "$2" >"$3" && git add -A && git commit -q -m "$2"); }
  commit ahead mine mine
  commit parted mine mine
  git_push o/parted two
  git -C here/detached switch -q --detach
  git -C here/other switch -q -c mine
  git -C here/merging switch -q -c side
  commit merging side file
  git -C here/merging switch -q main
  commit merging main file
  git -C here/merging merge side >/dev/null || :
  git -C here/rebasing switch -q -c side
  commit rebasing side file
  git -C here/rebasing switch -q main
  commit rebasing main file
  git -C here/rebasing rebase side >/dev/null 2>&1 || :
  git -C src/o/rewritten commit -q --amend -m other
  git -C src/o/rewritten push -q -f origin HEAD
  for name in ahead parted detached other merging rebasing rewritten; do
    state+=$(cd "here/$name" && git rev-parse HEAD && git status --porcelain && cat .git/HEAD)
  done
  sync
  assert_status 1
  is ahead skipped local-commits
  is parted skipped diverged
  is detached skipped detached
  is other skipped other-branch
  is merging skipped unfinished
  is rebasing skipped unfinished
  is rewritten skipped rewritten
  is shallow unchanged
  for name in ahead parted detached other merging rebasing rewritten; do
    now+=$(cd "here/$name" && git rev-parse HEAD && git status --porcelain && cat .git/HEAD)
  done
  [ "$state" = "$now" ]
  assert_stderr '^dl-sync: merging: a merge has been begun'
  assert_stderr '^dl-sync: rebasing: a rebase has been begun'
  assert_stderr '^dl-sync: hint: git push'
}

@test "a shallow clone whose upstream was rewritten stays as it is" {
  git_repo o/one
  config o/one </dev/null >here/repos.yaml
  sync
  git -C src/o/one commit -q --amend -m other
  git -C src/o/one push -q -f origin HEAD
  local old
  old=$(tip here/one)
  sync
  assert_status 1
  is one skipped rewritten
  [ "$(tip here/one)" = "$old" ]
}

@test "mirrors follow what moves forward; what was rewritten or deleted only when told" {
  git_repo o/one
  git -C src/o/one push -q origin HEAD:refs/heads/side HEAD:refs/heads/gone
  config o/one <<<'mirror: true' >here/repos.yaml
  sync
  assert_status 0
  local old
  old=$(tip here/one side)
  git -C src/o/one commit -q --amend -m other
  git -C src/o/one push -q -f origin HEAD:refs/heads/side
  git -C src/o/one push -q origin :refs/heads/gone HEAD:refs/heads/new
  sync
  assert_status 1
  is one skipped rewritten
  [ "$(tip here/one side)" = "$old" ] && git -C here/one rev-parse -q --verify gone
  [ "$(tip here/one new)" = "$(tip src/o/one)" ]
  sync --force-mirror
  assert_status 0
  is one updated
  [ "$(tip here/one side)" = "$(tip src/o/one)" ]
  refute git -C here/one rev-parse -q --verify gone
  sync --force-mirror
  is one unchanged
}

@test "a remote of several URLs is fetched from the first; insteadOf may name it otherwise" {
  cloned o/one o/two
  git -C here/one remote set-url --add origin git@backup.example:o/one.git
  git -C here/two config extensions.worktreeConfig true # which makes git be asked
  git -C here/two config core.repositoryFormatVersion 1
  git -C here/two remote set-url --add origin git@backup.example:o/two.git
  sync
  assert_status 0
  is one unchanged
  is two unchanged
  git config --global "url.file://$PWD/srv/.insteadOf" my:
  git -C here/two remote set-url --delete origin backup.example
  git -C here/two remote set-url origin my:o/two.git
  git_push o/two new
  sync
  assert_status 0
  is two updated
  git -C here/one remote set-url --delete origin file:
  git -C here/one remote set-url --add origin "file://$PWD/srv/o/one.git"
  sync
  assert_status 1
  is one skipped other-origin
}

@test "the hint for a branch that was renamed leads to where it is now" {
  git_repo o/one
  git_repo o/two
  config o/one </dev/null >here/repos.yaml
  sync -q
  sync -q --bare "file://$PWD/srv/o/two.git" two
  local name hint
  for name in one two; do
    git -C "srv/o/$name.git" branch -m main "it's;\$(id)"
    git -C "srv/o/$name.git" symbolic-ref HEAD "refs/heads/it's;\$(id)"
  done
  sync
  is one skipped renamed
  hint=$(jq -r 'select(.error) | .error.hint' <<<"$output")
  (cd here/one && eval "$hint")
  sync
  assert_status 0
  is one unchanged
  sync --bare "file://$PWD/srv/o/two.git" two
  is two skipped renamed
  hint=$(jq -r 'select(.error) | .error.hint' <<<"$output")
  (cd here/two && eval "$hint")
  sync --bare "file://$PWD/srv/o/two.git" two
  assert_status 0
  is two unchanged
}

@test "an untracked file in the way of the first commit, and a folder of them in the way of a file: untracked" {
  cloned o/folder
  git_repo o/unborn
  config o/folder o/unborn <<<'depth: 0' >here/repos.yaml
  git init -q -b main here/unborn
  git -C here/unborn remote add origin "file://$PWD/srv/o/unborn.git"
  echo mine >here/unborn/file
  mkdir here/folder/new
  echo mine >here/folder/new/mine
  git_push o/folder two new
  sync
  assert_status 1
  is unborn skipped untracked
  is folder skipped untracked
  assert_stderr '^dl-sync: unborn: file is not git.s'
  assert_stderr '^dl-sync: folder: new is not git.s'
  [ "$(cat here/unborn/file here/folder/new/mine)" = $'mine\nmine' ]
}

@test "a branch that is gone, or renamed, an empty repository" {
  cloned o/renamed o/gone
  git init -q --bare -b main srv/o/empty.git
  printf '  - {url: "file://%s/srv/o/empty.git", path: empty}\n' "$PWD" >>here/repos.yaml
  sync empty
  is empty cloned empty
  sync empty
  assert_status 0
  is empty unchanged empty
  git -C srv/o/renamed.git branch -m main trunk
  git -C srv/o/renamed.git symbolic-ref HEAD refs/heads/trunk
  git -C srv/o/gone.git update-ref refs/heads/trunk main
  git -C srv/o/gone.git update-ref -d refs/heads/main
  sync
  assert_status 1
  is renamed skipped renamed
  assert_stderr "^dl-sync: renamed: the server has no branch 'main' any more; its default one is 'trunk'"
  is gone skipped gone
  [ -e here/renamed/file ] && [ -e here/gone/file ]
  git clone -q srv/o/empty.git src/o/empty 2>/dev/null
  git -C src/o/empty symbolic-ref HEAD refs/heads/main
  git_push o/empty first
  sync empty
  is empty updated
  [ "$(cat here/empty/file)" = first ]
}

@test "tracking refs that are in the way of new names" {
  cloned o/one
  git -C src/o/one push -q origin HEAD:refs/heads/x/y
  git -C here/one fetch -q
  git -C src/o/one push -q origin :refs/heads/x/y HEAD:refs/heads/x
  git_push o/one two
  git -C src/o/one push -q origin HEAD:refs/heads/x
  sed -i 's/depth: 0/ref: x/' here/repos.yaml
  git -C here/one switch -q -c x
  sync
  assert_status 0
  is one updated
}

@test "what is there already, and is no clone of this: skipped, never touched" {
  git_repo o/one
  git_repo o/two
  mkdir -p here/plain here/nothing
  echo mine >here/plain/file
  echo mine >here/file
  git clone -q srv/o/two.git here/other
  git init -q here/local
  git clone -q --bare "file://$PWD/srv/o/one.git" here/bare
  ln -s other here/link
  git -C src/o/two worktree add -q "$PWD/here/tree" -b tree
  local name
  for name in plain file other local bare link tree nothing; do
    printf -- '- {url: "file://%s/srv/o/one.git", name: %s, path: %s}\n' "$PWD" "$name" "$name"
  done >list
  { echo a: && cat list; } >here/repos.yaml
  cp -a here before
  sync
  assert_status 1
  is plain skipped not-a-repository
  is file skipped not-a-repository
  is tree skipped other-origin
  is other skipped other-origin
  is local skipped other-origin
  is bare skipped other-kind
  is link failed refused
  is nothing cloned
  rm -r here/nothing before/nothing
  diff -r here before
}

# follows NAME PROJECT: what NAME, a clone of it, does with what is new.
follows() {
  sync "$1"
  is "$1" unchanged
  git_push "$2" two
  sync "$1"
  assert_status 0
  is "$1" updated
  [ "$(cat "here/$1/file")" = two ]
  sync "$1"
  is "$1" unchanged
}

@test "linked worktrees, and what libgit2 cannot read, are kept in step as well" {
  git_repo o/tree
  git clone -q "file://$PWD/srv/o/tree.git" main
  git -C main branch -m main side
  git -C main worktree add -q --track -b main "$PWD/here/tree" origin/main
  git_repo o/long --object-format=sha256
  git clone -q "file://$PWD/srv/o/long.git" here/long
  config o/tree o/long </dev/null >here/repos.yaml
  follows tree o/tree
  follows long o/long
  git -C here/long switch -q --detach
  sync long
  is long skipped detached
  if git init -q --ref-format=reftable here/table 2>/dev/null; then
    rm -r here/table
    git_repo o/table
    git clone -q --ref-format=reftable "file://$PWD/srv/o/table.git" here/table
    config o/table </dev/null >here/repos.yaml
    follows table o/table
  fi
}

@test "what git refuses, as another user's for example, is told" {
  [ "$(id -u)" = 0 ] || skip 'only root can give a folder away'
  cloned o/one o/two
  chown -R 12345 here/one
  sync
  assert_status 1
  is one failed config
  is two unchanged
  assert_json 'map(select(.name == "one"))[0].error.class == "config"'
  assert_stderr '^dl-sync: one: git: detected dubious ownership'
  assert_stderr '^dl-sync: hint: if you trust it: git config --global --add safe.directory '
  sh -c "$(sed -n 's/^.*if you trust it: //p' <<<"$stderr")"
  sync one
  is one unchanged
}

@test "a bare repository that is kept in a working tree is not trusted" {
  git_repo o/one
  git init -q here
  printf 'a: [{url: "file://%s/srv/o/one.git", path: in/one, bare: true}]\n' "$PWD" >here/repos.yaml
  sync
  assert_status 0
  sync
  is one unchanged
  git -C here/in/one config remote.origin.uploadpack "touch $PWD/ran; false"
  touch here/in/one/{objects,refs}/keep
  git -C here add -f in/one/{HEAD,config,objects,refs}
  git_push o/one two
  sync
  assert_status 1
  is one failed refused
  assert_stderr "^dl-sync: one: it is kept by the repository $PWD/here,"
  [ ! -e ran ]
}

@test "links on the way are not followed" {
  git_repo o/one
  mkdir outside
  ln -s ../outside here/in
  printf 'a: [{url: "file://%s/srv/o/one.git", path: in/one}]\n' "$PWD" >here/repos.yaml
  sync
  assert_status 1
  assert_stderr 'in is no folder, or a symbolic link'
  [ -z "$(ls outside)" ]
}

@test "a stale lock is named with its age, and stays" {
  cloned o/one
  git_push o/one two
  : >here/one/.git/index.lock
  touch -d '2 hours ago' here/one/.git/index.lock
  sync
  assert_status 1
  is one failed system
  assert_stderr 'a lock that is 2h.* old is in the way'
  [ -e here/one/.git/index.lock ]
  rm here/one/.git/index.lock
  sync
  is one updated
}

@test "a folder that cannot be written, a disk that is full: told, and nothing half is left" {
  [ "$(id -u)" = 0 ] || skip 'only root can mount a small disk'
  git_repo o/one
  head -c 3000000 /dev/urandom >src/o/one/large
  git_push o/one large
  git_repo o/two
  mkdir here/disk
  mount -t tmpfs -o size=1m tmpfs here/disk 2>/dev/null || skip 'no disk can be mounted here'
  printf 'a:\n- {url: "file://%s/srv/o/one.git", path: disk/one}\n- {url: "file://%s/srv/o/two.git", path: disk/two}\n' \
    "$PWD" "$PWD" >here/repos.yaml
  sync
  mount -o remount,ro here/disk
  local left first=$output first_status=$status first_error=$stderr
  left=$(ls -A here/disk)
  sync
  umount here/disk
  [ "$first_status" = 1 ] && [ "$left" = two ]
  jq -es 'map(select(.name == "one"))[0] | .error.message == "the disk is full" and .error.class == "system"' <<<"$first"
  jq -es 'map(select(.name == "two"))[0].action == "cloned"' <<<"$first"
  assert_status 1
  assert_stderr '^dl-sync: one: .*[Rr]ead-only file system'
  is two unchanged
}

# killed_at STEP: whether dl-sync is killed in place of that step (see tests/preload/steps.c); else it has succeeded.
killed_at() {
  local status=0
  head -c 16 /dev/zero >steps
  # A path with a space in it would be two to LD_PRELOAD. The braces keep the shell from telling of every kill.
  {
    LD_LIBRARY_PATH=${SERVE%/serve} LD_PRELOAD=steps.so ASAN_OPTIONS=${ASAN_OPTIONS:-}:verify_asan_link_order=0 \
      STEPS_OF=dl-sync STEPS_FILE=$PWD/steps STEPS_LAST=$1 dl-sync -C here --allow file -q >/dev/null 2>errors 3>&-
  } 2>/dev/null || status=$?
  [ $status = 0 ] || [ $status = 137 ] || complain "neither whole nor killed: $status, $(cat errors)"
  [ $status = 137 ]
}

# left_alone DIR: no process, no git that goes on, is in it.
left_alone() {
  ! readlink /proc/[0-9]*/cwd | grep -qF "$PWD/$1"
}

# end_stuck: ends every git whose handler of SIGTERM waits for ever for the memory that git was just allocating.
end_stuck() {
  local pid
  for pid in $(left_processes); do
    ! grep -qs '^SigBlk:.*4000$' "/proc/$pid/status" || kill -KILL "$pid"
  done
}

# whole: the clone here/one is sound, and has what its server has.
whole() {
  git -C here/one fsck --no-progress
  [ "$(tip here/one)" = "$(tip src/o/one)" ]
  [ -z "$(git -C here/one status --porcelain)" ]
}

@test "killed with its git at each step of a clone: nothing or a whole clone is there, and the next run cleans up" {
  git_repo o/one
  config o/one <<<'depth: 0' >here/repos.yaml
  local step=1 found=0
  while killed_at $step; do
    if [ -e here/one ]; then
      whole
      found=$((found + 1))
    fi
    sync
    assert_status 0
    clean
    whole
    rm -rf here/one
    step=$((step + 1))
  done
  end_stuck
  [ $step -gt 40 ] && [ $found -gt 0 ] || complain "$step steps, $found of them behind the last"
}

@test "killed at each step of a pull: what is under way comes to its end, and the next run goes on" {
  cloned o/one
  export STEPS_SPARE=1
  local step=1
  git_push o/one 'text 0'
  while killed_at $step; do
    until_true left_alone here/one
    # A fetch that is ended right after it has made a lock, before it has noted that, leaves it to the user.
    find here/one/.git -name '*.lock' -delete
    git -C here/one fsck --no-progress
    [ -z "$(git -C here/one status --porcelain)" ]
    sync
    assert_status 0
    whole
    git_push o/one "text $step"
    step=$((step + 1))
  done
  whole
  [ $step -gt 20 ]
}

@test "a merge goes on when dl-sync is killed and git is told to end" {
  git_repo o/one
  echo 'file* filter=slow' >src/o/one/.gitattributes
  git_push o/one slow
  config o/one </dev/null >here/repos.yaml
  sync -q
  git config --global filter.slow.smudge "touch '$PWD/merging'; until [ -e '$PWD/killed' ]; do sleep 0.05; done; cat"
  git_push o/one two
  git_push o/one three file2
  dl-sync -C here --allow file -q >out 2>&1 3>&- &
  local pid=$!
  until_true [ -e merging ]
  kill -TERM "$(pgrep -P $pid)"
  kill -KILL $pid
  wait $pid || :
  : >killed
  until_true grep -q three here/one/file2
  until_true git -C here/one diff-index --quiet HEAD
  sync
  is one unchanged
}

@test "what a git that was killed has written is no hindrance, nor is a change that was copied by hand" {
  cloned o/same o/mixed o/staged o/linked
  local name
  for name in same mixed staged linked; do
    printf 'b\r\n' >"src/o/$name/new  name"
    echo '*name* text' >"src/o/$name/.gitattributes"
    ln -s file "src/o/$name/link"
    mkdir "src/o/$name/dir" && echo run >"src/o/$name/dir/run" && chmod +x "src/o/$name/dir/run"
    git_push "o/$name" two
    cp -a "src/o/$name"/{*name,file,link,dir} "here/$name/"
  done
  echo mine >here/mixed/dir/run
  echo mine >here/staged/file
  git -C here/staged add file
  echo two >here/staged/file
  ln -sf other here/linked/link
  sync
  assert_status 1
  is same updated
  [ -z "$(git -C here/same status --porcelain)" ] && [ "$(tip here/same)" = "$(tip src/o/same)" ]
  is mixed skipped untracked
  is staged skipped dirty
  is linked skipped untracked
  assert_stderr '^dl-sync: mixed: dir/run is not git'
  assert_stderr '^dl-sync: staged: file has been changed'
  assert_stderr '^dl-sync: linked: link is not git'
  [ "$(cat here/mixed/dir/run) $(git -C here/staged show :file) $(readlink here/linked/link)" = 'mine mine other' ]
  [ -z "$(git -C here/mixed diff --cached --name-only)$(git -C here/linked diff --cached --name-only)" ]
  [ -z "$(find here -name 'dl-sync*')" ]
}

# ---- submodules, large files, hooks ----

@test "submodules come when they are wanted" {
  git_repo o/inner
  git_repo o/outer
  git -C src/o/outer -c protocol.file.allow=always submodule --quiet add "file://$PWD/srv/o/inner.git" inner
  git_push o/outer with
  config o/outer <<<'submodules: true' >here/repos.yaml
  sync
  assert_status 0
  [ "$(cat here/outer/inner/file)" = one ]
  git_push o/inner two
  git -C src/o/outer/inner fetch -q && git -C src/o/outer/inner checkout -q origin/main
  git_push o/outer newer
  sync
  is outer updated
  [ "$(cat here/outer/inner/file)" = two ]
  # Killed between the merge and the submodules.
  git_push o/inner three
  git -C src/o/outer/inner fetch -q && git -C src/o/outer/inner checkout -q origin/main
  git_push o/outer newest
  mkdir bin
  printf '#!/bin/sh\ncase " $* " in *" submodule update "*) kill -KILL $PPID; sleep 1 ;; esac\nexec %s "$@"\n' \
    "$(command -v git)" >bin/git
  chmod +x bin/git
  PATH=$PWD/bin:$PATH dl-sync -C here --allow file -q >out 2>&1 || :
  [ "$(tip here/outer)" = "$(tip src/o/outer)" ] && [ "$(cat here/outer/inner/file)" = two ]
  sync
  is outer updated
  [ "$(cat here/outer/inner/file)" = three ]
  sync
  is outer unchanged
  sed -i 's/submodules: true/depth: 1/; s/path: outer/path: without/' here/repos.yaml
  sync
  assert_status 0
  [ ! -e here/without/inner/file ]
}

@test "a commit in a submodule that is on no branch of it is not left behind" {
  git_repo o/inner
  git_repo o/outer
  git -C src/o/outer -c protocol.file.allow=always submodule --quiet add "file://$PWD/srv/o/inner.git" 'in ner'
  git_push o/outer with
  config o/outer <<<'submodules: true' >here/repos.yaml
  sync -q
  git -C 'here/outer/in ner' commit -q --allow-empty -m mine
  local mine hint
  mine=$(tip 'here/outer/in ner')
  git_push o/inner two
  git -C 'src/o/outer/in ner' fetch -q && git -C 'src/o/outer/in ner' checkout -q origin/main
  git_push o/outer newer
  sync
  assert_status 1
  is outer skipped dirty
  [ "$(tip 'here/outer/in ner')" = "$mine" ] && [ -z "$(find here -name 'dl-sync*')" ]
  hint=$(jq -r 'select(.error) | .error.hint' <<<"$output")
  (cd here/outer && eval "${hint#*: }")
  sync
  is outer updated
  [ "$(cat 'here/outer/in ner/file')" = two ] && [ "$(tip 'here/outer/in ner' NAME)" = "$mine" ]
}

@test "large files: pointers are told of; lfs says what is wanted" {
  git_repo o/one
  printf 'version https://git-lfs.github.com/spec/v1\noid sha256:%064d\nsize 5\n' 0 >src/o/one/large
  echo 'large filter=lfs' >src/o/one/.gitattributes
  git_push o/one pointers
  config o/one </dev/null >here/repos.yaml
  sync
  assert_status 0
  is one cloned lfs-pointers
  rm -rf here/one
  config o/one <<<'lfs: false' >here/repos.yaml
  sync
  is one cloned
  rm -rf here/one
  config o/one <<<'lfs: true' >here/repos.yaml
  mkdir bin
  ln -s "$(command -v git)" "$(command -v sh)" bin/
  try env PATH="$DL_BIN:$PWD/bin" dl-sync -C here --allow file
  assert_status 1
  assert_stderr 'there is no git-lfs'
  [ ! -e here/one ]
  sync
  assert_status 1
  [ ! -e here/one ]
}

@test "large files of a real git-lfs: their content, or pointers, as the file or the user says" {
  command -v git-lfs >/dev/null || skip 'no git-lfs here'
  git_repo o/one
  git -C src/o/one lfs install --local >/dev/null
  git -C src/o/one lfs track large >/dev/null
  git -C src/o/one remote set-url origin "file://$PWD/srv/o/one.git"
  git_push o/one first large 2>/dev/null
  local how
  {
    echo a:
    for how in true false; do
      echo "- {url: \"file://$PWD/srv/o/one.git\", name: n$how, path: n$how, lfs: $how}"
    done
    echo "- {url: \"file://$PWD/srv/o/one.git\", name: unsaid, path: unsaid}"
  } >here/repos.yaml
  sync
  assert_status 0
  is ntrue cloned
  is nfalse cloned
  is unsaid cloned lfs-pointers
  [ "$(cat here/ntrue/large)" = first ] && grep -q '^oid sha256' here/nfalse/large
  git_push o/one second large 2>/dev/null
  git config --global filter.lfs.smudge 'git-lfs smudge -- %f'
  git config --global filter.lfs.process 'git-lfs filter-process'
  sync
  assert_status 0
  [ "$(cat here/ntrue/large) $(cat here/unsaid/large)" = 'second second' ] && grep -q '^oid sha256' here/nfalse/large
  [ -z "$(git -C here/ntrue status --porcelain)" ]
}

@test "hooks of the user run only when told" {
  git_repo o/one
  mkdir hooks
  printf '#!/bin/sh\ntouch %s/ran\n' "$PWD" >hooks/post-checkout
  cp hooks/post-checkout hooks/post-merge
  chmod +x hooks/*
  git config --global core.hooksPath "$PWD/hooks"
  config o/one </dev/null >here/repos.yaml
  sync
  git_push o/one two
  sync
  is one updated
  [ ! -e ran ]
  git_push o/one three
  sync --hooks
  [ -e ran ]
}

# ---- telling ----

@test "a dry run changes nothing and says what would be done" {
  git_repo o/one
  cloned o/two
  git_push o/two more
  config o/one o/two </dev/null >here/repos.yaml
  local before
  before=$(find . -path ./home/.local -prune -o -type f -newer here/repos.yaml -print | sort)
  sync -N
  assert_status 0
  assert_stderr 'would clone file:.*one.git into \./one'
  assert_stderr 'would fetch .* for \./two'
  [ -z "$output" ]
  [ ! -e here/one ] && [ "$(cat here/two/file)" = one ]
}

@test "the status file says how it went, in one piece; --status prints it" {
  git_repo o/one
  config o/one o/none </dev/null >here/repos.yaml
  sync --status-file "$PWD/status/now.json"
  assert_status 1
  jq -e '(keys_unsorted[:4] == ["timestamp", "action", "results", "summary"]) and (.timestamp | test("^2.*Z$")) and
    .action == "sync_all" and .results.one.success == true and .results.one.message == "Cloned" and
    .results.none.success == false and (.results.none.message | test("no such repository")) and
    .summary.total == 2 and .summary.succeeded == 1 and .summary.failed == 1' status/now.json
  [ "$(ls status)" = $'now.json\nnow.json.lock' ]
  try dl-sync --status --status-file status/now.json
  assert_status 1
  is one cloned
  is none failed missing
  assert_json '.[-1].type == "summary" and .[-1].failed == 1 and .[0].error.class == "missing"'
  try dl-sync --status --status-file status/now.json -F name,reason
  assert_output $'none\tmissing\none\t'
  try dl-sync --status --status-file status/now.json -t
  assert_stderr "^dl-sync: status/now.json is of $(jq -r .timestamp status/now.json)"
  assert_stderr '^dl-sync: 1 in step, 0 skipped, 1 failed$'
  sync one
  assert_status 0
  jq -e '.results | keys == ["one"]' "$XDG_STATE_HOME/devloop/sync-status.json"
  try dl-sync --status
  assert_status 0
  try dl-sync --status --status-file nothing
  assert_status 5
  echo '{"results": {"micro": {"success": true, "message": "Updated"}, "ollama": {"success": false, "message": "Network error"}}}' >old
  try dl-sync --status --status-file old
  assert_status 1
  assert_json '.[1].error.message == "Network error" and .[0].action == "unchanged"'
}

@test "a second run says so, or waits" {
  git_repo o/one
  config o/one </dev/null >here/repos.yaml
  mkdir -p "$XDG_STATE_HOME/devloop"
  mkfifo held go
  (flock 8 && echo >held && cat go) 8>"$XDG_STATE_HOME/devloop/sync-status.json.lock" 3>&- &
  cat held
  sync
  assert_status 3
  assert_stderr 'another dl-sync is at work'
  [ ! -e here/one ]
  (sleep 0.2 && echo >go) 3>&- &
  sync --wait
  assert_status 0
  is one cloned
}

@test "--on-failure gets the lines of what is not in step" {
  git_repo o/one
  config o/one o/none </dev/null >here/repos.yaml
  sync --on-failure "cat >'$PWD/told'; exit 3"
  assert_status 1
  jq -es 'length == 1 and .[0].name == "none" and .[0].error.class == "missing"' told
  assert_stderr 'on-failure: the command ended with 3'
  rm told
  sync one --on-failure "cat >'$PWD/told'"
  [ ! -e told ]
}

@test "a table, fields, and a reader that goes away" {
  cloned o/one
  sync -t
  assert_line 'ACTION     NAME  PATH  SHA         COMMITS  SECONDS  REASON'
  sync -F name,action
  assert_output $'one\tunchanged'
  dl-sync -C here --allow file | head -n 0
  try sh -c 'dl-sync -C here --allow file >/dev/full'
  assert_status 12
}

# ---- for ever, and on many machines ----

# heard TEXT: whether the service has said so.
heard() {
  grep -aqF "$1" notified
}

@test "--every: round after round, at once on SIGHUP, with the file as it is then; SIGTERM ends it with 0" {
  git_repo o/one
  config o/one </dev/null >here/repos.yaml
  dl-sync -C here --allow file --every 1h -F action >lines 2>errors 3>&- &
  local pid=$!
  SERVERS+=" $pid"
  until_true grep -q cloned lines
  git_push o/one two
  git_repo o/two
  config o/one o/two </dev/null >here/repos.yaml
  sleep 0.2
  kill -HUP $pid
  until_true grep -q updated lines
  until_true [ -e here/two ]
  echo 'a: [' >here/repos.yaml
  until_true sh -c 'test "$(wc -l <lines)" -ge 3'
  sleep 0.3
  kill -HUP $pid
  until_true grep -q 'repos.yaml:' errors
  kill -TERM $pid
  local status=0
  wait $pid || status=$?
  SERVERS=
  [ "$status" = 0 ]
  [ "$(sort lines | uniq -c | tr -s ' ' | tr '\n' ',')" = ' 2 cloned, 1 updated,' ]
}

@test "--every comes again after its time; one alone of a status file; it tells systemd" {
  git_repo o/one
  config o/one </dev/null >here/repos.yaml
  if command -v python3 >/dev/null; then
    python3 - "$PWD/notify" 3>&- <<'END' &
import os, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
while True:
    with open("notified", "ab") as f:
        f.write(s.recv(4096) + b"\n")
END
    SERVERS+=" $!"
    until_true [ -S notify ]
  fi
  NOTIFY_SOCKET=$PWD/notify dl-sync -C here --allow file --every 1s -F action >lines 3>&- &
  local pid=$!
  SERVERS+=" $pid"
  until_true grep -q cloned lines
  sync
  assert_status 3
  until_true sh -c 'test "$(grep -c unchanged lines)" -ge 2'
  if command -v python3 >/dev/null; then
    until_true heard READY=1
    until_true heard 'STATUS=all in step'
  fi
  kill -INT $pid
  wait $pid
  SERVERS=${SERVERS%" $pid"}
  try dl-sync --every 1h - </dev/null
  assert_status 2
}

@test "shards are disjoint, all together, and stay where they are when another comes" {
  local i
  {
    echo a:
    for i in {1..400}; do echo "  - {owner: o, repo: r$i}"; done
  } >here/repos.yaml
  for i in 0 1 2 3; do dl-sync -C here --list --shard $i/4 -F name | sed "s/$/ $i/"; done | sort >four
  for i in 0 1 2 3 4; do dl-sync -C here --list --shard $i/5 -F name | sed "s/$/ $i/"; done | sort >five
  [ "$(wc -l <four)" = 400 ] && [ "$(cut -d ' ' -f 1 four | uniq | wc -l)" = 400 ]
  [ "$(wc -l <five)" = 400 ]
  # What has moved is in the new part.
  [ -z "$(join four five | awk '$2 != $3 && $3 != 4')" ]
  [ "$(join four five | awk '$2 != $3' | wc -l)" -lt 130 ]
  for i in 4/4 -1/4 x 1/0 0/ 1/; do
    try dl-sync -C here --list "--shard=$i"
    assert_status 2
  done
}

@test "status files of many machines are joined: the newest counts" {
  git_repo o/one
  git_repo o/two
  config o/one o/two o/none </dev/null >here/repos.yaml
  local i
  for i in 0 1 2; do try dl-sync -C here -q --allow file --shard $i/3 --status-file "$PWD/part-$i.json"; done
  echo '{"timestamp":"2001-01-01T00:00:00Z","results":{"one":{"success":false,"message":"old"},"gone":{"success":true}}}' >old
  try dl-sync --merge --status-file all.json old part-0.json part-1.json part-2.json
  assert_status 1
  assert_json '.[:-1] | map(.name) == ["gone", "none", "one", "two"]'
  assert_json '.[2].action == "cloned" and .[-1].total == 4 and .[-1].failed == 1'
  jq -e '.summary.total == 4 and .results.two.success == true and .results.none.success == false' all.json
  try dl-sync --merge nothing.json
  assert_status 5
}

@test "GNU parallel over two servers: the recipe of the manual" {
  command -v parallel >/dev/null || skip 'no GNU parallel here'
  local i hosts=''
  mkdir status
  ln -s "$DL_BIN/dl-sync" tool # its folder may have a space in its name
  for i in {1..6}; do git_repo "o/r$i"; done
  {
    echo a:
    for i in {1..6}; do echo "  - {url: \"file://$PWD/srv/o/r$i.git\", path: r$i}"; done
  } >here/repos.yaml
  for i in one two; do
    start_sshd "$i"
    hosts+=",1/ssh -F $SSH_DIR/config -p $SSH_PORT 127.0.0.1"
  done
  ssh -F "$SSH_DIR/config" -p "$SSH_PORT" 127.0.0.1 true || skip 'this user cannot log in'
  mkdir -p ~/.parallel && : >~/.parallel/will-cite
  try sh -c "dl-sync -C here --allow file --list | parallel --pipe -N 3 -S '${hosts#,}' '$PWD/tool' --allow file \
    -d '$PWD/clones' --status-file '$PWD/status/{#}.json' -"
  assert_status 0
  [ "$(grep -c '"action":"cloned"' <<<"$output")" = 6 ]
  [ "$(ls clones)" = "$(printf 'r%d\n' {1..6})" ]
  for i in one two; do grep -q 'Accepted publickey' "$i/log" || complain "nothing ran on $i"; done
  try dl-sync --merge status/1.json status/2.json
  assert_status 0
  assert_json '.[-1].total == 6'
}
