# dl-push: git push in the foreground, then CI. Real pushes to real repositories.
# shellcheck disable=SC2154 # `try` sets $stderr
load helper
load github
load push
load watched

# push ARG...: dl-push; $output has its lines.
push() {
  try dl-push "$@"
}

@test "what git says of each ref, as a line, and no watcher beside it" {
  git push -q --no-verify origin main:old HEAD~1:refs/heads/same
  git tag v1
  push origin main v1 :old HEAD~1:refs/heads/same
  assert_status 11 # all is there, and no CI is known
  [ "$(jq -r '[.outcome, .local_ref, .remote_ref, .local_sha, .verdict // "-"] | join(" ")' <<<"$output" | sort)" = "$(
    sort <<END
pushed refs/heads/main refs/heads/main $(git rev-parse main) none
pushed refs/tags/v1 refs/tags/v1 $(git rev-parse main) none
deleted (delete) refs/heads/old $(printf '0%.0s' {1..40}) -
up_to_date HEAD~1 refs/heads/same $BASE none
END
  )" ] || complain "other lines"
  [ "$(jq -r 'select(.remote_ref == "refs/heads/main") | .remote_sha, .tracking, .remote, .url, .how' <<<"$output")" = \
    "$(printf '%s\n' "$BASE" refs/remotes/origin/main origin ../origin.git "${BASE:0:7}..$(git rev-parse --short=7 main)")" ]
  [ -z "$(watchers)" ] && [ ! -e .git/devloop/push ]
  assert_stderr '^dl-push: refs/heads/main -> refs/heads/main at origin: '
  [ "$(grep -c '"program":"dl-push","operation":"push"' "$EVENTS")" = 3 ]
  [ "$(sed -n 1p "$TOLD")" = 'origin ../origin.git none' ]
}

@test "the verdict is the exit code; the runs are there for who comes next" {
  local verdict code
  use_ci
  while read -r verdict code; do
    rm -rf "$XDG_CACHE_HOME"
    git commit -q --allow-empty -m "$verdict"
    serve "$(ci "$(git rev-parse main)" "conclusion: \"$verdict\"")"
    push origin main
    assert_status "$code"
    assert_json ".[0] | .verdict == \"$verdict\" and .ref == \"$(ref run 7)\" and .provider == \"github\""
    stop_servers
  done <<'END'
success 0
failure 1
cancelled 1
END
  # It was there already: the same command once more goes on waiting.
  git commit -q --amend --allow-empty -m again
  git push -q --no-verify origin main:other
  serve "$(ci "$(git rev-parse main)" "$RUNNING" "$GREEN")"
  push origin main:other
  assert_status 0
  assert_json '.[0] | .outcome == "up_to_date" and .verdict == "success"'
}

@test "--timeout, --no-wait, and a dry run ask nobody for long" {
  use_ci
  serve "$(ci "$(git rev-parse main)" "$RUNNING")"
  push -N origin main
  assert_status 0
  [ "$(at main)" = "$BASE" ]
  assert_json '.[0] | .outcome == "pushed" and .verdict == null'
  push -n --dry-run origin main
  assert_status 0
  [ "$(at main)" = "$BASE" ] && [ "$(requests)" = 0 ]
  push --timeout 4s origin main
  assert_status 3
  assert_json '.[0] | .outcome == "pushed" and .verdict == "pending"'
  details | grep -q 'pending: gave up'
  git -C ../origin.git update-ref refs/heads/main "$BASE"
  push --no-wait origin main
  assert_status 0
  assert_json '.[0] | .outcome == "pushed" and .verdict == null'
  [ -n "$(watchers)" ]
}

@test "when git refuses: 1 with what has arrived watched, 6 when nothing could be pushed" {
  # shellcheck disable=SC2016
  server update '[ "$1" != refs/heads/main ]'
  push origin main main:side
  assert_status 1
  assert_json 'map({(.remote_ref): .outcome}) | add == {"refs/heads/main": "rejected", "refs/heads/side": "pushed"}'
  details | grep -q "heads/side .*: pushed"
  push nowhere main
  assert_status 6
  assert_output ''
  assert_stderr "^fatal: 'nowhere' does not appear to be a git repository"
  hook pre-push 'exit 1'
  rm ../origin.git/hooks/update
  push origin main
  assert_status 1
  assert_output ''
  hook pre-push 'kill -9 $PPID'
  push origin main
  assert_status 6
  assert_stderr '^dl-push: git was ended by signal 9; what has become of the refs is not known$'
  cd ..
  push
  assert_status 6
}

@test "the gate stops it as any push" {
  use_ci
  git push -q --no-verify origin main
  git config --global --unset devloop.prepush
  serve "$(ci "$(git rev-parse main)" "$RED")"
  git commit -q --allow-empty -m more
  push origin main
  assert_status 1
  assert_stderr '^dl-gate: CI of main, at [0-9a-f]{10} on the server, says failure$'
  [ "$(at main)" = "$(git rev-parse main~1)" ]
}

@test "--no-verify runs no hook, and watches; DL_HOOKS=0 does, too" {
  push --no-verify origin main
  assert_status 11
  [ ! -e "$TOLD" ]
  details | grep -q "main .*: pushed"
  DL_HOOKS=0 push origin main:two
  [ ! -e "$TOLD" ]
  push origin main:three
  [ -e "$TOLD" ]
}

@test "git's options and its own, in any order; -C, -q, -u, a URL, a review, two pushurls, what git would ask" {
  push -F outcome -fu origin main --atomic -o key
  [ "$status" = 6 ] || [ "$status" = 1 ] # this server takes no such option
  push -F outcome -fu origin main --atomic
  assert_output pushed
  [ "$(git rev-parse --abbrev-ref "main@{upstream}")" = origin/main ]
  git commit -q --allow-empty -m more
  cd ..
  push -C w -qF remote,outcome,how
  assert_output "$(printf 'origin\tpushed\t%s' "$(git -C w rev-parse --short=7 main~1)..$(git -C w rev-parse --short=7 main)")"
  [ -z "$stderr" ]
  cd w
  push -F remote,outcome ../origin.git main:url
  assert_output $'../origin.git\tpushed'
  push -F remote_ref,outcome origin HEAD:refs/for/main
  assert_output $'refs/for/main\tpushed'
  git init -q --bare -b main ../second.git
  git config --add remote.origin.pushurl ../origin.git
  git config --add remote.origin.pushurl "$PWD/../second.git"
  push -F remote,url,outcome -- origin main:two
  assert_output "$(printf '%s\t%s\t%s\n' origin ../origin.git pushed origin "$PWD/../second.git" pushed)"
  push --frobnicate origin main
  assert_status 6
  assert_stderr "unknown option .frobnicate'"
  push -F nothing origin main
  assert_status 2
}

@test "on a terminal a table, and a line that changes" {
  use_ci
  serve "$(ci "$(git rev-parse main)" "$RUNNING" "$GREEN")"
  NO_COLOR=1 TERM=xterm script -qec 'dl-push origin main' /dev/null <<<'' >screen || complain "$(cat screen)"
  grep -q 'dl-push: CI of '"$(git rev-parse main | cut -c 1-10)"': 0 of 1 done, ' screen
  grep -q 'OUTCOME  *VERDICT ' screen || complain "$(cat -v screen)"
  grep -q 'success' screen
}

@test "a password in a URL is not told" {
  DL_RETRIES=0 push 'http://me:secret@127.0.0.1:1/o/r' main
  assert_status 6
  git remote add away "$(echo http://me:secret@127.0.0.1:1/o/r)"
  git config remote.away.pushurl ../origin.git
  push away main
  refute grep -q secret <<<"$output$stderr"
  refute grep -rq secret "$XDG_STATE_HOME"
}
