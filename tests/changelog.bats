# dl-changelog, in real repositories that the real git has made.
load helper

setup() {
  hermetic
  git init -q -b main repo
  cd repo || return
  TIME=1768386600 # 2026-01-14T10:30:00Z
}

# ---- making histories ----

# say MESSAGE [OPTION...]: an empty commit, a minute after the last one.
say() {
  local message=$1
  shift
  TIME=$((TIME + 60))
  GIT_AUTHOR_DATE="@$TIME +0000" GIT_COMMITTER_DATE="@$TIME +0000" \
    git commit -q --allow-empty --cleanup=verbatim -m "$message" "$@"
}

# write FILE MESSAGE: a commit that changes FILE.
write() {
  echo "$TIME" >>"$1"
  git add "$1"
  say "$2"
}

# import: a stream for git fast-import on standard input, in which each line "C MESSAGE" is a commit on main, a
# minute after the last, each "T NAME" a tag of it, and each "A NAME" an annotated one.
import() {
  awk -v time="$TIME" '
    function data(text) { printf "data %d\n%s\n", length(text), text }
    /^C / {
      time += 60
      printf "commit refs/heads/main\nmark :%d\ncommitter Ada <ada@example.com> %d +0000\n", ++mark, time
      data(substr($0, 3))
      if (mark > 1) printf "from :%d\n", mark - 1
    }
    /^T / { printf "reset refs/tags/%s\nfrom :%d\n\n", substr($0, 3), mark }
    /^A / {
      printf "tag %s\nfrom :%d\ntagger Ada <ada@example.com> %d +0000\n", substr($0, 3), mark, time + 86400
      data("a tag")
    }' | LC_ALL=C git fast-import --quiet --force
}

sha() {
  git rev-parse "$1^{commit}"
}

# markdown OPTION...: without hashes, which are (0000000).
markdown() {
  dl-changelog -m "$@" | sed -E 's/\([0-9a-f]{7}\)/(0000000)/; s/\[[0-9a-f]{7}\]\([^)]*\)/0000000/'
}

# ---- what is told ----

@test "types have headings, other commits one of their own, chores none" {
  import <<'END'
C feat(parser): read lists
C fix: an empty list is one
C Fix(ui)!: buttons are square
C chore: tidy up
C area: this is no type
C whatever I did
C perf : a space too many
C docs: say so
END
  try markdown
  assert_status 0
  assert_output '## Unreleased

### Breaking changes

- **ui:** buttons are square (0000000)

### Features

- **parser:** read lists (0000000)

### Bug fixes

- an empty list is one (0000000)

### Other changes

- perf : a space too many (0000000)
- whatever I did (0000000)
- area: this is no type (0000000)'
  try markdown --no-others
  refute grep -q Other <<<"$output"
  try markdown --headings keep
  assert_line '## [Unreleased]'
  assert_line '### Added'
  assert_line '### Fixed'
  assert_line '- **Breaking:** **ui:** buttons are square (0000000)'
  try dl-changelog --headings both
  assert_status 2
  assert_stderr 'there are: plain, keep'
}

@test "where nothing has a type, nothing is other" {
  say 'area: this is no type'
  say 'whatever'
  try markdown
  assert_output $'## Unreleased\n\n### Changes\n\n- whatever (0000000)\n- area: this is no type (0000000)'
  try markdown --headings keep
  assert_line '### Changed'
  say 'feat: a'
  try markdown
  assert_line '### Other changes'
  mkdir .devloop
  echo '{"agents": {"changelog": {"config": {"others": "Misc"}}}}' >.devloop/agents.json
  try markdown HEAD~1
  assert_line '### Features'
  try markdown HEAD~2..HEAD~1
  assert_line '### Misc'
}

@test "in a pipe: a release line for each group, a change for each commit, told or not" {
  say 'feat(parser)!: read lists (#12)

Lists are read, see #7, and this fixes #8 and #9.

BREAKING CHANGE: a list is no word
any more
Refs: #3, PROJ-7
Co-authored-by: Grace <grace@example.com>
Signed-off-by: Ada <ada@example.com>'
  git tag v1.0.0
  say 'chore: x'
  try dl-changelog --all
  assert_status 0
  assert_json 'length == 4 and map(.type) == ["release", "change", "release", "change"]'
  assert_json '.[0] | .tag == null and .name == "Unreleased" and .ref == null'
  assert_json '.[1] | .kind == "chore" and .section == null and .tag == null'
  assert_json '.[2] | .tag == "v1.0.0" and .name == "1.0.0" and .prerelease == false and
    .created_at == "2026-01-14T10:31:00Z"'
  assert_json '.[3] | .kind == "feat" and .scope == "parser" and .breaking and .subject == "read lists" and
    .pr == "12" and .refs == "#7,#8,#9,#3,PROJ-7" and .tag == "v1.0.0" and .author == "Ada" and
    .co_authors == [{name: "Grace", email: "grace@example.com"}] and
    .breaking_text == "a list is no word\nany more" and .section == "Breaking changes" and
    (.footers | map(.token)) == ["BREAKING CHANGE", "Refs", "Co-authored-by", "Signed-off-by"]'
  assert_json ".[3].sha == \"$(sha v1.0.0)\" and .[3].ref == \"local:/commit/$(sha v1.0.0)\""
  dl-changelog --all | dl-show >shown
  grep -q 'read lists' shown
  try dl-changelog --all -F kind,subject
  assert_output $'chore\tx\nfeat\tread lists'
}

@test "prose that looks like a footer is none" {
  say 'fix: x

Note: this is prose.
And this, too.

See-also: nobody'
  try dl-changelog
  assert_json '.[1].footers == [{token: "See-also", value: "nobody"}] and
    (.[1].body | startswith("Note: this is prose."))'
}

@test "links are those of the forge of the remote, and are made without asking it" {
  say 'fix: mend #5 (#12)'
  git remote add origin git@github.com:owner/repo.git
  try dl-changelog -m
  assert_line "- mend [#5](https://github.com/owner/repo/issues/5)\
 ([#12](https://github.com/owner/repo/pull/12))\
 ([$(git rev-parse --short=7 HEAD)](https://github.com/owner/repo/commit/$(sha HEAD)))"
  git remote set-url origin https://gitlab.com/group/sub/repo
  try dl-changelog -m
  grep -qF 'https://gitlab.com/group/sub/repo/-/merge_requests/12' <<<"$output"
  git remote set-url origin ssh://git@codeberg.org/owner/repo.git
  try dl-changelog -m
  grep -qF 'https://codeberg.org/owner/repo/pulls/12' <<<"$output"
  # A host of one's own is known when the user says so.
  git remote set-url origin https://git.example.com/owner/repo
  try dl-changelog -m
  assert_line "- mend #5 (#12) ($(git rev-parse --short=7 HEAD))"
  git config devloop.host.git.example.com.provider forgejo
  try dl-changelog
  assert_json '.[1].url | startswith("https://git.example.com/owner/repo/commit/")'
  assert_json '.[1].ref | startswith("gitea@git.example.com:owner/repo/commit/")'
  # url.*.insteadOf, and a remote that is a folder.
  git config --remove-section remote.origin
  git remote add origin gh:owner/repo
  git config url.https://github.com/.insteadOf gh:
  git config url.https://gitlab.com/.insteadOf g
  try dl-changelog
  assert_json '.[1].url | startswith("https://github.com/owner/repo/commit/")'
  git remote set-url origin /srv/repo.git
  try dl-changelog
  assert_json '.[1] | .url == null and .provider == null'
}

@test "a revert cancels its commit, a revert of the revert restores it" {
  write one 'feat: one'
  write two 'feat: two'
  git revert --no-edit HEAD >/dev/null
  try dl-changelog -F subject,section
  assert_output $'Revert "feat: two"\t\ntwo\t\none\tFeatures'
  git revert --no-edit HEAD >/dev/null
  try markdown
  assert_output '## Unreleased

### Features

- two (0000000)
- one (0000000)'
  # What was released before is taken back by a change of its own.
  git tag v1.0.0
  say "revert: one

Refs: $(git rev-parse --short=8 HEAD~3)"
  try markdown
  assert_line '### Reverts'
}

@test "a pull request that a forge has reverted takes what came by it with it" {
  say 'feat: kept (#11)'
  say 'feat: squashed (#12)'
  say 'Revert "feat: squashed" (#13)

Reverts owner/repo#12'
  git checkout -q -b topic
  say 'feat: a step'
  say 'fix: another'
  git checkout -q main
  git merge -q --no-ff -m "Merge branch 'topic' into 'main'

See merge request group/project!14" topic
  say 'Revert "Merge branch '"'topic' into 'main'"'"

This reverts merge request !14'
  say 'docs!: prose only

Reverts owner/repo#11'
  try markdown
  assert_output '## Unreleased

### Breaking changes

- prose only (0000000)

### Features

- kept (#11) (0000000)'
  # A revert of the revert restores it.
  say 'Revert "Revert "feat: squashed"" (#15)

Reverts owner/repo#13'
  try markdown
  assert_line '- squashed (#12) (0000000)'
  refute grep -q Revert <<<"$output"
}

@test "a merge that is reverted takes what came by it with it" {
  write base 'feat: base'
  git checkout -q -b topic
  write topic 'feat: on topic'
  write topic 'fix: on topic, too'
  git checkout -q main
  write main 'feat: on main'
  git merge -q --no-ff -m "Merge branch 'topic'" topic
  git revert --no-edit -m 1 HEAD >/dev/null
  try dl-changelog -F subject,section
  assert_line $'on main\tFeatures'
  assert_line $'base\tFeatures'
  assert_line $'on topic\t'
  assert_line $'on topic, too\t'
}

@test "merges: what they merge, or with --first-parent the pull request" {
  say 'chore: base'
  git checkout -q -b topic
  say 'feat: a step'
  git checkout -q main
  git merge -q --no-ff -m "Merge pull request #7 from ada/topic

feat(ui): the whole thing" topic
  try markdown
  assert_output '## Unreleased

### Features

- a step (#7) (0000000)'
  try markdown --first-parent
  assert_output '## Unreleased

### Features

- **ui:** the whole thing (#7) (0000000)'
  try dl-changelog --first-parent -F sha
  assert_output "$(git rev-list --first-parent HEAD)"
}

@test "a commit has the number of the pull request whose merge brought it" {
  say 'feat: base'
  git checkout -q -b develop
  say 'feat: on develop'
  git checkout -q -b topic
  say 'feat: on topic'
  say 'feat: squashed (#3)'
  git checkout -q develop
  say 'feat: on develop, too'
  git merge -q --no-ff -m 'Merge pull request #5 from ada/topic' topic
  git checkout -q main
  say 'feat: on main'
  git checkout -q develop
  git merge -q --no-ff -m "Merge branch 'main' into develop" main
  git checkout -q main
  git merge -q --no-ff -m "Merge branch 'develop' into 'main'

See merge request group/project!9" develop
  try dl-changelog -F subject,pr
  assert_line $'on topic\t5'
  assert_line $'Merge pull request #5 from ada/topic\t5'
  assert_line $'squashed\t3'
  assert_line $'on develop\t9'
  assert_line $'on develop, too\t9'
  assert_line $'on main\t'
  assert_line $'base\t'
  # So it is where the range does not reach back to what was merged into.
  try dl-changelog main~1..main -F subject,pr
  assert_line $'on topic\t5'
  assert_line $'on develop, too\t9'
}

@test "authors are who .mailmap says" {
  say 'fix: x' --author 'A. Lovelace <ada@old.example.com>'
  echo 'Ada Lovelace <ada@example.com> <ada@old.example.com>' >.mailmap
  try dl-changelog
  assert_json '.[1] | .author == "Ada Lovelace" and .email == "ada@example.com"'
  git config mailmap.file "$PWD/elsewhere"
  echo 'Countess <ada@example.com> <ada@old.example.com>' >elsewhere
  try dl-changelog -F author
  assert_output Countess
}

@test "co-authors are, too: git is asked once about all of them" {
  say 'fix: x

Co-Authored-By: G. Hopper <grace@old.example.com>
co-authored-by: <ada@old.example.com>
Co-authored-by: Nobody
Co-authored-by: Odd > One <odd<1@example.com>
Co-authored-by: Zoe <zoe@example.com>'
  for n in 1 2 3; do
    say "fix: $n

Co-authored-by: G. Hopper <grace@old.example.com>"
    git tag "v$n.0.0"
  done
  cat >.mailmap <<'END'
Grace Hopper <grace@example.com> <grace@old.example.com>
Ada Lovelace <ada@example.com> <ada@old.example.com>
END
  mkdir sub bin
  printf '#!/bin/sh\necho "$1" >>%q\nexec %q "$@"\n' "$PWD/asked" "$(command -v git)" >bin/git
  chmod +x bin/git
  cd sub
  PATH=$OLDPWD/bin:$PATH try dl-changelog --all
  assert_status 0
  [ "$(grep -c check-mailmap ../asked)" = 1 ]
  assert_json '.[-1].co_authors == [{name: "Grace Hopper", email: "grace@example.com"},
    {name: "Ada Lovelace", email: "ada@example.com"}, {name: "Nobody", email: null},
    {name: "Odd > One", email: "odd<1@example.com"}, {name: "Zoe", email: "zoe@example.com"}]'
  assert_json '[.[] | select(.type == "change")] | length == 4 and all(.co_authors[0].name == "Grace Hopper")'
  try dl-changelog v1.0.0..v2.0.0 --format '{co_authors}\n'
  assert_output 'Grace Hopper'
  # Where nobody has helped, git is asked nothing.
  say 'fix: y'
  rm ../asked
  PATH=$OLDPWD/bin:$PATH try dl-changelog HEAD~1..HEAD
  assert_status 0
  refute grep -q check-mailmap ../asked
}

@test "what was picked to another branch and merged back stands there once" {
  say 'chore: base'
  git checkout -q -b stable
  say 'fix: a leak (#3)'
  git checkout -q main
  say 'fix: a leak (#3) (#4)'
  git merge -q --no-ff -m "Merge branch 'stable'" stable
  try markdown
  assert_output '## Unreleased

### Bug fixes

- a leak (#4) (0000000)'
}

@test "a note replaces a message after the fact; an empty one takes the commit out" {
  say 'feet: wrong'
  say 'feat: secret'
  git notes --ref changelog add -m 'feat(api): right' HEAD~1
  git notes --ref changelog add --allow-empty -m '' HEAD
  try markdown
  assert_output '## Unreleased

### Features

- **api:** right (0000000)'
}

@test "the configuration names types, headings and templates, and is only data" {
  mkdir .devloop
  cat >.devloop/agents.json <<'END'
{"agents": {"changelog": {"config": {
  "types": {"docs": "Documentation", "feat": "New", "fix": null, "area": "Areas"},
  "others": null,
  "templates": {"slack": {"release": "*{version!next}*\n", "change": "• {subject}\n"}, "one": "{kind} {short:line}\n"}
}}}}
END
  import <<'END'
C feat: a
C fix: b
C docs: c
C area: d
C other: e
END
  try markdown
  assert_output '## Unreleased

### Documentation

- c (0000000)

### New

- a (0000000)

### Areas

- d (0000000)'
  try dl-changelog --format slack
  assert_output '*next*
• c
• a
• d'
  try dl-changelog --format '{kind}: {subject:json}{scope? in {scope}}{pr! !}\n'
  assert_line 'docs: c !'
  try dl-changelog --format nope
  assert_status 2
  assert_stderr "no template called 'nope'"
  assert_stderr 'keep, slack, one'
  try dl-changelog --format '{nope}'
  assert_status 2
  assert_stderr 'there are: tag, version'
  echo '{"agents": {"changelog": {"config": {"types": {"feat": 7}}}}}' >.devloop/agents.json
  try dl-changelog
  assert_status 11
  echo '{"agents": {"changelog": {"config": {"templates": {"x": "{"}}}}}' >.devloop/agents.json
  try dl-changelog --format x
  assert_status 11
  echo '{' >.devloop/agents.json
  try dl-changelog
  assert_status 11
}

# ---- from where to where ----

@test "the range begins at the last release by precedence, not by text or date" {
  import <<'END'
C feat: 1
T v0.9.0
C feat: 2
T v0.10.0
C feat: 3
T v0.10.1-rc.2
C feat: 4
T v0.10.1-rc.10
C feat: 5
END
  try dl-changelog -F subject
  assert_output $'5\n4\n3'
  try dl-changelog --pre rc -F subject
  assert_output 5
  # A pre-release is compared with the last of any kind, a final one with the last final one.
  git checkout -q v0.10.1-rc.10
  try dl-changelog -F tag,subject
  assert_output $'v0.10.1-rc.10\t4'
  git tag v0.10.1
  try dl-changelog -F tag,subject
  assert_output $'v0.10.1\t4\nv0.10.1\t3'
  try dl-changelog --unreleased -F subject
  assert_status 0
  assert_output ''
  git checkout -q main
  try dl-changelog -F subject
  assert_output 5
  try dl-changelog ..v0.10.0 -F subject
  assert_output 2
  try dl-changelog v0.9.0 v0.10.0 -F subject
  assert_output 2
  try dl-changelog v0.10.0.. -F subject
  assert_output $'5\n4\n3'
}

@test "a release on another line of history is no release here" {
  say 'feat: 1'
  git tag v1.0.0
  git checkout -q -b maint
  say 'fix: 2'
  for n in 1 2 3; do git tag v1.0.$n; done
  git checkout -q main
  say 'feat: 3'
  try dl-changelog -F subject
  assert_output 3
  # So it is with more of them than are looked at first.
  git checkout -q maint
  for n in $(seq 4 60); do git tag v1.0.$n; done
  git checkout -q main
  try dl-changelog -F subject
  assert_output 3
  git tag v1.0.0.1
  say 'feat: 4'
  try dl-changelog -F subject
  assert_output 4
  git merge -q --no-ff -m 'Merge maint' maint
  try dl-changelog -F subject
  assert_output $'Merge maint\n4\n3'
}

@test "without a release it is the whole history, and an empty FROM is no empty range" {
  import <<'END'
C feat: 1
C fix: 2
END
  try dl-changelog -F subject
  assert_status 0
  assert_output $'2\n1'
  # What a script makes of a `git describe` that has failed.
  try dl-changelog "$(git describe 2>/dev/null)..HEAD" -F subject
  assert_output $'2\n1'
  try dl-changelog HEAD~1..HEAD -F subject
  assert_output 2
  try dl-changelog HEAD..HEAD
  assert_status 0
  assert_json 'length == 1 and .[0].type == "release"'
}

@test "a terminal gets Markdown, unless lines or fields are asked for" {
  say 'feat: 1'
  try script -qec 'dl-changelog' /dev/null </dev/null
  assert_status 0
  grep -q '^### Features' <<<"$output"
  try script -qec 'dl-changelog -F kind' /dev/null </dev/null
  assert_output $'feat\r'
  try script -qec 'dl-changelog -j' /dev/null </dev/null
  grep -q '^{"type":"release"' <<<"$output"
}

@test "what asks for different things is refused, and nothing is written" {
  say 'feat: 1'
  for options in '-m --next' '--check --next' '--next --prepend F' '--check --prepend F' '-m --format {sha}' \
    '--bump major' '--all --next'; do
    # shellcheck disable=SC2086 # words
    try dl-changelog $options
    assert_status 2
    assert_output ''
    refute test -e F
  done
}

@test "names that are none, and ranges that are none" {
  say one
  try dl-changelog nope
  assert_status 2
  assert_stderr 'no such commit: nope'
  assert_stderr 'git fetch --tags'
  try dl-changelog -- --output=x
  assert_status 2
  refute test -e x
  try dl-changelog a...b
  assert_status 2
  try dl-changelog a b c
  assert_status 2
  try dl-changelog --all nope
  assert_status 2
  git init -q "$BATS_TEST_TMPDIR/empty"
  try dl-changelog -C "$BATS_TEST_TMPDIR/empty"
  assert_status 5
  assert_stderr 'no commits yet'
  mkdir "$BATS_TEST_TMPDIR/none"
  try dl-changelog -C "$BATS_TEST_TMPDIR/none"
  assert_status 11
  assert_stderr 'no git repository'
}

@test "the whole history by the release that first contains each commit" {
  say 'feat: 1'
  git tag v1.0.0
  git checkout -q -b long
  say 'feat: long ago begun'
  git checkout -q main
  say 'feat: 2'
  git tag v1.1.0
  git merge -q --no-ff -m 'Merge long' long
  git tag v1.2.0
  say 'feat: 3'
  try dl-changelog --all -F tag,subject
  assert_output $'\t3
v1.2.0\tMerge long
v1.2.0\tlong ago begun
v1.1.0\t2
v1.0.0\t1'
  # A higher version that was made before keeps what it has.
  git tag v9.0.0 v1.0.0
  try dl-changelog --all -F tag,subject
  assert_line $'v9.0.0\t1'
  assert_line $'v1.1.0\t2'
}

@test "releases whose versions fall with time keep what they were made of" {
  import <<'END'
C feat: 1
T v3.0.0
C feat: 2
T v2.0.0
C feat: 3
T v1.0.0
END
  try dl-changelog --all -F tag,subject
  assert_output $'v3.0.0\t1\nv2.0.0\t2\nv1.0.0\t3'
}

@test "every commit is in exactly one group, children before parents, twice the same" {
  # A history with merges, tags here and there, and clocks that go wrong.
  awk 'BEGIN {
    srand(7)
    for (i = 1; i <= 400; i++) {
      branch = i < 5 ? 0 : int(rand() * 3)
      printf "commit refs/heads/b%d\nmark :%d\ncommitter A <a@b> %d +0000\ndata 3\nc%02d\n", branch, i,
        1700000000 + i * 60 + int(rand() * 100000), i % 90
      if (last[branch]) printf "from :%d\n", last[branch]
      else if (i > 1) printf "from :%d\n", last[0]
      other = int(rand() * 3)
      if (i > 9 && rand() < .2 && other != branch && last[other]) printf "merge :%d\n", last[other]
      last[branch] = i
      if (rand() < .15) printf "reset refs/tags/v%d.%d.%d\nfrom :%d\n\n", rand() * 3, rand() * 4, i, i
    }
    printf "commit refs/heads/main\nmark :999\ncommitter A <a@b> 1800000000 +0000\ndata 1\nm\n"
    printf "from :%d\nmerge :%d\nmerge :%d\n", last[0], last[1], last[2]
  }' | git fast-import --quiet
  try dl-changelog --all -F sha
  [ "$(sort <<<"$output")" = "$(git rev-list main | sort)" ] || complain "not the commits of git rev-list"
  first=$(dl-changelog --all)
  [ "$first" = "$(dl-changelog --all)" ]
  # Each commit's release contains it, and no release that is older does.
  dl-changelog --all -F sha,tag >map
  while read -r commit tag; do
    [ -z "$tag" ] || git merge-base --is-ancestor "$commit" "$tag"
  done <map
  for tag in $(git tag --merged main | head -12); do
    # What a tag has alone of all tags that contain it, it has here.
    git rev-list "$tag" | while read -r commit; do
      [ "$(git tag --merged main --contains "$commit" | wc -l)" != 1 ] || grep -q "$commit.$tag" map || echo "$commit $tag"
    done
  done >wrong
  [ ! -s wrong ] || complain "$(cat wrong)"
  for range in b0..b1 b1..main "$(git tag --merged main | sed 5q | tail -1)..main"; do
    [ "$(dl-changelog "$range" -F sha | sort)" = "$(git rev-list "$range" | sort)" ]
  done
  # Children first.
  dl-changelog --all -F sha | head -1 | grep -q "$(sha main)"
  dl-changelog b0..main -F sha >order
  while read -r commit; do
    for parent in $(git rev-parse "$commit^@"); do
      ! grep -q "$parent" seen 2>/dev/null || complain "$parent stands before its child $commit"
    done
    echo "$commit" >>seen
  done <order
}

@test "monorepos: paths and prefixes" {
  mkdir a b
  for n in 1 2 3; do
    folder=$([ $n = 2 ] && echo b || echo a)
    echo $n >$folder/file
    git add .
    say "feat: $n in $folder"
  done
  git tag a@1.0.0 HEAD~2
  git tag b@7.0.0 HEAD~1
  git tag v9.9.9 HEAD
  try dl-changelog --all --path a -F subject
  assert_output $'3 in a\n1 in a'
  try dl-changelog --all --exclude-path a -F subject
  assert_output '2 in b'
  try dl-changelog --all --path a --path b --exclude-path b/file -F subject
  assert_output $'3 in a\n1 in a'
  try dl-changelog --tag-prefix a@ --path a -F subject
  assert_output '3 in a'
  try dl-changelog --tag-prefix a@ --path a -m
  assert_line '### Features'
  try dl-changelog --tag-prefix b@ --next
  assert_output b@7.1.0
  # From the top of the tree, wherever it is run; and what looks like magic is a path.
  cd a
  try dl-changelog --all --path a -F subject
  assert_output $'3 in a\n1 in a'
  try dl-changelog --all --path ':(exclude)a' -F subject
  assert_output ''
  GIT_LITERAL_PATHSPECS=1 try dl-changelog --all --path a -F subject
  assert_output $'3 in a\n1 in a'
}

@test "pre-releases can be left out of the whole history" {
  import <<'END'
C feat: 1
T v1.0.0-rc.1
C fix: 2
T v1.0.0
END
  try dl-changelog --all --final -F tag,subject
  assert_output $'v1.0.0\t2\nv1.0.0\t1'
}

@test "tags as people have them: curl's, four numbers, rc1 without a hyphen" {
  import <<'END'
C fix: 1
T curl-8_9_0
C fix: 2
T curl-8_10_0
C fix: 3
T 1.2.3.4
T 1.2.3.4rc1
T v1
T latest
END
  try dl-changelog --tag-prefix curl- -F subject
  assert_output 3
  try dl-changelog --all --tag-prefix curl- -m
  assert_line '## 8.10.0 (2026-01-14)'
  try dl-changelog --all -F tag,subject
  assert_line $'1.2.3.4\t3'
  try dl-changelog --next --tag-prefix curl-
  assert_output curl-8_10_1
  try dl-changelog --next --tag-prefix curl- --bump minor --pre rc -j
  assert_json '.[0] | [.tag, .name] == ["curl-8_11_0-rc.1", "8.11.0-rc.1"]'
}

# ---- the next version ----

# next_is VERSION [OPTION...]
next_is() {
  local version=$1
  shift
  try dl-changelog --next "$@"
  assert_status 0
  assert_output "$version"
}

@test "the next version is what the changes ask for" {
  try dl-changelog --next
  assert_status 5
  say 'chore: begin'
  next_is v0.1.0
  git tag v1.2.3
  try dl-changelog --next
  assert_status 1
  assert_output ''
  say 'chore: x'
  next_is v1.2.4
  say 'feat: x'
  next_is v1.3.0
  next_is v1.3.0-rc.1 --pre rc
  try dl-changelog --next -j
  assert_json '.[0] | .tag == "v1.3.0" and .name == "1.3.0" and .action == "planned"'
  git tag v1.3.0-rc.1
  say 'fix: y'
  next_is v1.3.0-rc.2 --pre rc
  next_is v1.3.0-beta.1 --pre beta
  next_is v1.3.0-r.1 --pre r
  next_is v1.3.0-rc.1.1 --pre rc.1
  # Without a dot text comes before number, but the last one is still the one with the highest number.
  for n in 1 2 9 10; do git tag "v1.3.0-beta$n"; done
  say 'fix: z'
  next_is v1.3.0-beta11 --pre beta
  next_is v1.3.0-rc.2 --pre rc
  next_is v1.3.0
  say 'refactor!: y'
  next_is v2.0.0
  next_is v2.0.0-rc.1 --pre rc
  next_is v1.3.0 --bump patch # of which there is a pre-release already
  try dl-changelog --next --bump huge
  assert_status 2
  try dl-changelog --next --pre 'r c'
  assert_status 2
}

@test "before 1.0.0 what breaks is minor; digits have no end; other lines of history are seen" {
  say 'feat!: x'
  git tag 0.3.9
  say 'feat!: y'
  next_is 0.4.0
  next_is 1.0.0 --bump major
  git tag 20260114103000000000009.0.99999999999999999999999
  say 'fix: z'
  next_is 20260114103000000000009.0.100000000000000000000000
  git checkout -q -b other HEAD~1
  say 'fix: elsewhere'
  git tag 20260114103000000000009.0.100000000000000000000000
  git checkout -q main
  try dl-changelog --next
  assert_status 6
  assert_stderr 'another line of history'
}

@test "what was reverted asks for nothing" {
  say 'fix: 1'
  git tag v1.0.0
  write file 'feat: 2'
  git revert --no-edit HEAD >/dev/null
  next_is v1.0.1
}

# ---- a file ----

@test "--prepend: the second time changes nothing, and what people wrote stays" {
  import <<'END'
C feat: 1
T v1.0.0
C fix: 2
T v1.1.0
C feat: 3
END
  try dl-changelog --all --prepend CHANGELOG.md
  assert_status 0
  assert_output ''
  [ "$(grep '^## ' CHANGELOG.md)" = $'## Unreleased\n## 1.1.0 (2026-01-14)\n## 1.0.0 (2026-01-14)' ]
  [ "$(head -1 CHANGELOG.md)" = '# Changelog' ]
  cp CHANGELOG.md before
  dl-changelog --all --prepend CHANGELOG.md
  cmp CHANGELOG.md before
  # By hand: a remark in a section, and one at the end.
  sed -i 's/^## 1.1.0.*/&\n\nThe *one* with the `leak`.  /; $a\\n[1.0.0]: https://example.com' CHANGELOG.md
  cp CHANGELOG.md before
  dl-changelog --all --prepend CHANGELOG.md
  cmp CHANGELOG.md before
  say 'fix: 4'
  dl-changelog --unreleased --prepend CHANGELOG.md
  run diff before CHANGELOG.md
  assert_status 1
  [ "$(grep -c '^[<>]' <<<"$output")" = 4 ]
  grep -q '^> - 4' <<<"$output"
  # What was not released gets its version, and its remarks go along.
  sed -i 's/^## Unreleased/&\n\nWritten by hand./' CHANGELOG.md
  dl-changelog --as v1.2.0 --prepend CHANGELOG.md
  [ "$(grep '^## ' CHANGELOG.md | head -2)" = $'## Unreleased\n## 1.2.0 (2026-01-14)' ]
  awk '/^## 1.2.0/ { in_it = 1 } /^## 1.1.0/ { in_it = 0 } in_it' CHANGELOG.md >section
  grep -q 'Written by hand.' section
  grep -q '^- 4' section
  [ "$(grep -c '^- 4' CHANGELOG.md)" = 1 ]
  cp CHANGELOG.md before
  dl-changelog --as v1.2.0 --prepend CHANGELOG.md
  cmp CHANGELOG.md before
}

@test "--prepend: mode, line ends and order stay; links are not followed; -N shows it" {
  import <<'END'
C feat: 1
T v1.0.0
C feat: 2
T v1.10.0
C feat: 3
T v1.9.1
END
  printf '# Changes\r\n\r\nSaid first.\r\n\r\n## 1.10.0\r\n\r\n- by hand\r\n\r\n```\r\n## 9.9.9\r\n```\r\n\r\n## 1.0.0\r\n' >CHANGELOG.md
  chmod 640 CHANGELOG.md
  cp CHANGELOG.md before
  try dl-changelog v1.10.0..v1.9.1 --prepend CHANGELOG.md -N
  assert_status 0
  cmp CHANGELOG.md before
  [ "$(grep '^## ' <<<"$output" | tr -d '\r')" = $'## 1.10.0\n## 9.9.9\n## 1.9.1 (2026-01-14)\n## 1.0.0' ]
  dl-changelog v1.10.0..v1.9.1 --prepend CHANGELOG.md
  [ "$(stat -c %a CHANGELOG.md)" = 640 ]
  refute grep -qv $'\r$' CHANGELOG.md
  cmp <(head -c "$(($(wc -c <before) - 10))" before) <(head -c "$(($(wc -c <before) - 10))" CHANGELOG.md)
  cp CHANGELOG.md before
  dl-changelog v1.10.0..v1.9.1 --prepend CHANGELOG.md
  cmp CHANGELOG.md before
  # A section that people wrote is theirs.
  try dl-changelog ..v1.10.0 --prepend CHANGELOG.md
  assert_status 6
  assert_stderr 'written by hand'
  cmp CHANGELOG.md before
  sed -i 's/- by hand/<!-- dl-changelog -->/' CHANGELOG.md
  dl-changelog ..v1.10.0 --prepend CHANGELOG.md
  grep -q '^- 2' CHANGELOG.md
  ln -s "$HOME/.bashrc" LINK.md
  try dl-changelog --prepend LINK.md
  assert_status 6
  refute test -e "$HOME/.bashrc"
  mkdir DIR.md
  try dl-changelog --prepend DIR.md
  refute test "$status" = 0
  # A template whose heading cannot be found again.
  try dl-changelog --format '{subject}\n' --prepend CHANGELOG.md
  assert_status 2
}

@test "--prepend: more than a file may hold is an error, not the beginning of it" {
  mkdir .devloop
  echo '{"agents":{"changelog":{"config":{"templates":{"t":{"release":"## {tag?{version}}{tag!Unreleased}\n","change":"{body}\n"}}}}}}' \
    >.devloop/agents.json
  awk 'BEGIN { line = sprintf("%99s", ""); gsub(/ /, "x", line); for (i = 0; i < 650; i++) text = text line "\n"
    for (i = 0; i < 520; i++) { text_i = "feat: " i "\n\n" text
      printf "commit refs/heads/large\ncommitter A <a@b> %d +0000\ndata %d\n%s", 1768386600 + i, length(text_i), text_i } }' |
    git fast-import --quiet
  echo before >CHANGELOG.md
  try dl-changelog --format t --prepend CHANGELOG.md ..large
  assert_status 9
  assert_stderr 'the changelog is larger than'
  [ "$(cat CHANGELOG.md)" = before ]
}

@test "the log has a line for each run, and what --prepend has changed" {
  say 'feat: 1'
  dl-changelog >/dev/null
  dl-changelog --next >/dev/null
  dl-changelog --prepend CHANGELOG.md
  run dl-changelog --check
  try dl-stats --audit
  assert_json 'length == 1 and .[0].program == "dl-changelog" and .[0].mutated and
    (.[0].changed | map(.how, .name)) == ["write", "CHANGELOG.md"]'
  [ "$(grep -c '"program":"dl-changelog"' "$XDG_STATE_HOME/devloop/events.jsonl")" = 4 ]
  DL_EVENTS=0 dl-changelog >/dev/null
  [ "$(grep -c '"program":"dl-changelog"' "$XDG_STATE_HOME/devloop/events.jsonl")" = 4 ]
}

# ---- checking messages ----

@test "--check: one line for each fault, and exit 1" {
  import <<'END'
C feat: good
C feet: bad
C no type
C fix:no space
C fix: ends.
C fixup! feat: good
C Revert "feat: good"
END
  try dl-changelog --check
  assert_status 1
  [ "${#lines[@]}" = 5 ] || complain 'five faults'
  assert_line "$(git rev-parse --short=12 HEAD~5):1: 'feet' is no type; there are: feat, fix, perf,\
 security, deprecate, remove, revert, refactor, docs, style, test, build, ci, chore"
  try dl-changelog --check -j
  assert_status 1
  assert_json 'length == 5 and all(.type == "check" and .status == "fail")'
  try dl-changelog --check HEAD~1..HEAD
  assert_status 0
  assert_output ''
}

@test "--check is a commit-msg hook" {
  printf '#!/bin/sh\nexec dl-changelog --check "$1"\n' >.git/hooks/commit-msg
  chmod +x .git/hooks/commit-msg
  try git commit -q --allow-empty -m 'feat(x): good' -m 'A body.'
  assert_status 0
  try git commit -q --allow-empty -m 'wip'
  assert_status 1
  grep -q 'COMMIT_EDITMSG:1: the first line has no type' <<<"$output$stderr"
  try git commit -q --allow-empty -m 'fixup! feat(x): good'
  assert_status 0
  printf 'feat: x\n# a comment: y\n\nbody\n# ------------------------ >8 ------------------------\nwip.\n' >message
  try dl-changelog --check message
  assert_status 0
  printf 'feat: x\nat once\n\nBreaking change: y\n' >message
  try dl-changelog --check message
  assert_status 1
  assert_line 'message:2: the second line is not empty'
  assert_line 'message:4: a footer that says what breaks is written BREAKING CHANGE'
  printf '# nothing\n' >message
  try dl-changelog --check message
  assert_line 'message:1: the message is empty'
  printf 'feat: \351\n' >message
  try dl-changelog --check message
  assert_status 1
  printf 'feat: a\0b\n' >message
  try dl-changelog --check message
  assert_status 9
}

@test "--check: a comment is what git takes for one" {
  printf 'feat: x\n;at once.\n' >message
  try dl-changelog --check message
  assert_status 1
  git config core.commentChar ';'
  try dl-changelog --check message
  assert_status 0
  printf 'feat: x\n// at once.\n' >message
  try dl-changelog --check message
  assert_status 1
  git config core.commentString //
  try dl-changelog --check message
  assert_status 0
}

@test "files count from the folder that -C names" {
  say 'feat: 1'
  cd ..
  dl-changelog -C repo --prepend CHANGELOG.md
  refute test -e CHANGELOG.md
  grep -q '^- 1' repo/CHANGELOG.md
  echo 'feet: x' >repo/message
  try dl-changelog -C repo --check message
  assert_status 1
  grep -qF "repo/message:1: 'feet' is no type" <<<"$output"
  dl-changelog -C repo --prepend "$PWD/OTHER.md"
  grep -q '^- 1' OTHER.md
}

# ---- what is odd ----

@test "a shallow clone is said to be shallow, with the command that helps" {
  import <<'END'
C feat: 1
T v1.0.0
C feat: 2
C feat: 3
C feat: 4
END
  git clone -q --depth 2 "file://$PWD" ../shallow 2>/dev/null
  cd ../shallow
  for range in '' --all v1.0.0..HEAD; do
    # shellcheck disable=SC2086 # nothing is no argument
    try dl-changelog $range
    assert_status 11
    assert_output ''
    assert_stderr 'shallow'
    assert_stderr 'hint: git fetch --unshallow --tags$'
  done
  try dl-changelog HEAD~1..HEAD -F subject
  assert_output 4
  eval "$(dl-changelog 2>&1 | sed -n 's/.*hint: //p')"
  try dl-changelog -F subject
  assert_output $'4\n3\n2'
  # Deep enough is good enough.
  git clone -q --depth 4 "file://$BATS_TEST_TMPDIR/repo" ../deeper
  cd ../deeper
  git fetch -q --tags
  try dl-changelog -F subject
  assert_status 0
  assert_output $'4\n3\n2'
  git clone -q --no-tags "file://$BATS_TEST_TMPDIR/repo" ../tagless
  cd ../tagless
  try dl-changelog
  assert_status 11
  assert_stderr 'git fetch --tags'
}

@test "encodings, control characters, NUL and a megabyte in a message" {
  git config i18n.commitEncoding ISO-8859-1
  say "$(printf 'fix: \344\366\374')"
  git config i18n.commitEncoding nonsense//../x
  say "$(printf 'fix: \344 odd')"
  git config --unset i18n.commitEncoding
  say "$(printf 'fix: a \033[31mred\033[0m <b> `<i>` \302\233 \342\200\256end')"
  printf 'tree %s\nparent %s\nauthor A > B <a@b> 99999999999999999999 +0000\ncommitter C <c@d> -5 +0000\n\nfix: a\0b\n' \
    "$(git rev-parse 'HEAD^{tree}')" "$(sha HEAD)" >raw
  git update-ref refs/heads/main "$(git hash-object -t commit -w --literally raw)"
  { printf 'fix: '; head -c 1048576 /dev/zero | tr '\0' x; } >long
  git commit -q --allow-empty -F long
  try dl-changelog -F subject
  assert_status 0
  assert_line 'äöü'
  assert_line '� odd'
  assert_line a
  [ "${#lines[0]}" -gt 60000 ] && [ "${#lines[0]}" -lt 70000 ]
  try dl-changelog
  assert_json 'length == 6'
  try dl-changelog -m
  refute grep -q $'\033' <<<"$output"
  refute grep -q "$(printf '\342\200\256')" <<<"$output"
  grep -qF '&lt;b> `<i>`' <<<"$output"
  awk 'length($0) > 1000 { exit 1 }' <<<"$output"
  try dl-changelog --format '{author}|{day}|{subject:line}\n'
  assert_status 0
  assert_line 'A > B||a' # git takes a date before 1970 for none
}

@test "tags on trees and blobs, nested tags, two tags on one commit, a date to come" {
  say 'fix: 1'
  git tag v1.0.0-rc.1
  git tag -a -m x v1.0.0
  git tag -a -m x v1.0.0+build v1.0.0
  git tag v9.0.0 'HEAD^{tree}'
  git tag v8.0.0 "$(echo x | git hash-object -w --stdin)"
  git tag -a -m x v7.0.0 'HEAD^{tree}'
  TIME=4102444800
  say 'fix: 2'
  git tag v1.1.0
  say 'fix: 3'
  try dl-changelog --all -F tag,subject
  assert_output $'\t3\nv1.1.0\t2\nv1.0.0+build\t1'
  try dl-changelog -F subject
  assert_output 3
  try dl-changelog --next
  assert_output v1.1.1
  try dl-changelog -m v1.0.0..v1.1.0
  assert_line '## 1.1.0 (2100-01-01)'
}

@test "grafts and replacements are honoured" {
  import <<'END'
C feat: 1
C feat: 2
C feat: 3
END
  git cat-file commit HEAD~1 | sed 's/feat: 2/fix: two/' >replaced
  git replace "$(sha HEAD~1)" "$(git hash-object -t commit -w replaced)"
  try dl-changelog -F kind,subject
  assert_output $'feat\t3\nfix\ttwo\nfeat\t1'
  GIT_NO_REPLACE_OBJECTS=1 try dl-changelog -F subject
  assert_output $'3\n2\n1'
  git replace -d "$(sha HEAD~1)" >/dev/null
  git replace --graft HEAD
  try dl-changelog -F subject
  assert_output 3
  git replace -d "$(sha HEAD)" >/dev/null
  mkdir -p .git/info
  sha HEAD >.git/info/grafts
  try dl-changelog -F subject
  assert_output 3
}

@test "a damaged commit is said to be one, and is not taken for none" {
  local name file
  say 'fix: 1'
  say 'fix: 2'
  for name in HEAD~1 HEAD; do
    file=.git/objects/$(sha $name | sed 's,..,&/,')
    cp "$file" ../whole
    chmod u+w "$file"
    truncate -s 60 "$file"
    try dl-changelog
    assert_status 9
    assert_output ''
    assert_stderr corrupt
    try dl-changelog --next
    assert_status 9
    cp ../whole "$file"
  done
  try dl-changelog -F subject
  assert_output $'2\n1'
}

@test "a hundred thousand tags" {
  awk 'BEGIN {
    print "C feat: 1"
    for (i = 0; i < 100000; i++) printf "T v%d.%d.%d\n", i / 10000, i / 100 % 100, i % 100
    print "C feat: 2"
    print "A v10.0.0"
    print "C feat: 3"
  }' | import
  git pack-refs --all
  try timeout 20 dl-changelog -F subject
  assert_output 3
  try timeout 20 dl-changelog --all -F tag,subject
  assert_output $'\t3\nv10.0.0\t2\nv9.99.99\t1'
  try timeout 20 dl-changelog --next
  assert_output v10.1.0
}

@test "packs with deltas, loose objects, alternates, SHA-256, linked working trees, partial clones" {
  {
    for n in $(seq 300); do echo "C fix: number $n of a message that is long enough for a delta to be worth it"; done
  } | import
  git gc -q --aggressive
  say 'fix: loose'
  want=$(git log --format=%H)
  [ "$(dl-changelog -F sha)" = "$want" ]
  git clone -q --shared . ../borrowed
  [ "$(dl-changelog -C ../borrowed -F sha)" = "$want" ]
  git worktree add -q ../tree
  [ "$(dl-changelog -C ../tree -F sha)" = "$want" ]
  git config uploadpack.allowFilter true
  git clone -q --filter=tree:0 --no-checkout "file://$PWD" ../partial
  [ "$(dl-changelog -C ../partial -F sha)" = "$want" ]
  git repack -qad
  git -c pack.indexVersion=1 repack -qadf
  [ "$(dl-changelog -F sha)" = "$want" ]
  git init -q --object-format=sha256 ../longer
  cd ../longer
  say 'feat: sha256'
  git tag v1.0.0
  say 'feat: two'
  try dl-changelog -F sha,subject
  assert_output "$(sha HEAD)"$'\ttwo'
  try dl-changelog --all -F tag,subject
  assert_output $'\ttwo\nv1.0.0\tsha256'
}

@test "an object that is damaged or gone is an error, and nothing is printed" {
  import <<'END'
C feat: 1
C feat: 2
END
  one=$(sha HEAD~1)
  file=.git/objects/${one:0:2}/${one:2}
  chmod +w "$file"
  printf 'garbage' >"$file"
  try dl-changelog --all
  assert_status 9
  assert_output ''
  rm -f "$file"
  try dl-changelog --all
  refute test "$status" = 0
  assert_output ''
}

@test "byte for byte the same in any language and time zone, at any time" {
  say 'feat: 1'
  git tag -a -m x v1.0.0
  say 'fix: ä'
  try dl-changelog -m --all --as v2.0.0
  assert_line '## 2.0.0 (2026-01-14)'
  [ "$(LC_ALL=C.UTF-8 LANGUAGE=de TZ=Asia/Tokyo dl-changelog -m --all --as v2.0.0)" = "$output" ]
  SOURCE_DATE_EPOCH=1700000000 try dl-changelog -m --as v2.0.0
  assert_line '## 2.0.0 (2023-11-14)'
}

@test "a branch that is called as a tag is not taken for it" {
  say 'feat: 1'
  git tag v1.0.0
  say 'feat: 2'
  git branch v1.0.0
  git branch refs/tags/v1.0.0
  say 'feat: 3'
  try dl-changelog -F subject
  assert_output $'3\n2'
}

@test "nothing of the tree is executed, and git's configuration changes no answer" {
  say 'fix: ä'
  mkdir .devloop
  echo '{"agents": {"changelog": {"config": {"templates": {"x": "$(touch ran){subject}`touch ran`\n"}}}}}' >.devloop/agents.json
  try dl-changelog --format x
  assert_output '$(touch ran)ä`touch ran`'
  refute test -e ran
  git config log.showSignature true
  git config format.pretty oneline
  git config color.ui always
  git config log.decorate full
  git config core.pager 'touch ran'
  git config i18n.logOutputEncoding ISO-8859-1
  git config log.follow true
  git config notes.displayRef 'refs/notes/*'
  git notes add -m 'a note of another kind'
  GIT_NOTES_DISPLAY_REF='refs/notes/*' GIT_TRACE=1 try dl-changelog -F subject,body
  assert_output $'ä\t'
  refute test -e ran
}

@test "a full disk and a closed pipe" {
  say 'fix: 1'
  [ -e /dev/full ] || skip "no /dev/full"
  run bash -c 'dl-changelog >/dev/full'
  assert_status 12
  run bash -c 'dl-changelog | true; exit ${PIPESTATUS[0]}'
  assert_status 0
}
