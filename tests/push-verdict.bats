# dl-push-watch and CI: which run it finds, what it tells of it, and to whom.
# shellcheck disable=SC2030,SC2031,SC2154 # each test is a subshell of its own; `try` sets $stderr
load helper
load github
load push
load watched

# ---- CI ----

@test "the run of the commit is found and watched, and dl-prompt has it" {
  use_ci
  serve "$(ci "$(git rev-parse main)" "$RUNNING" "$GREEN")"
  git push -q origin main
  watched "main .*: $MOVED: success: CI$"
  [ "$(head -n 1 "$TOLD" | sed 's/.* //')" = success ]
  [ "$(sed -n 2p "$TOLD" | jq -r '.verdict, .ref, .branch')" = "$(printf '%s\n' success "$(ref run 7)" main)" ]
  [ "$(dl-prompt -F verdict,branch)" = $'success\tmain' ]
  jq -se 'map(select(.operation == "push")) | .[0] | .provider == "github" and .class == "ok" and (.duration_s | tonumber) >= 2' "$EVENTS"
}

@test "a run that fails" {
  use_ci
  serve "$(ci "$(git rev-parse main)" "$RED")"
  git push -q origin main
  watched "main .*: $MOVED: failure: Tests$"
  [ "$(head -n 1 "$TOLD" | sed 's/.* //')" = failure ]
}

@test "a run that appears late, and an annotated tag: CI knows the commit" {
  local sha
  use_ci
  mkdir -p .github/workflows
  echo 'on: push' >.github/workflows/ci.yml
  git add .github
  git commit -qm workflow
  git tag -a -m release v1
  sha=$(git rev-parse main)
  serve "$({
    for list in "$(gh_runs)" "$(gh_runs)" "$(gh_runs "id: 7, head_sha: \"$sha\"")"; do
      answer "GET /repos/*/actions/runs?head_sha=$sha&*" "$list"
    done
    answer "GET /repos/*/commits/$sha/check-runs?*" "$(hub_list check_runs '{}')"
    answer "GET /repos/*/commits/$sha/status?*" "$(hub_list statuses '{}')"
    answer 'GET /repos/o/r/actions/*runs?*' "$(gh_runs)"
  } | cassette late)"
  git push -q origin v1
  watched "refs/tags/v1 $(git rev-parse v1): pushed .*: success: CI$"
  [ "$(requests "head_sha=$sha")" -ge 3 ]
}

@test "the network is gone for a while" {
  use_ci
  local port
  serve "$(ci "$(git rev-parse main)" "$RUNNING")"
  port=${URL##*:}
  git push -q origin main
  eventually requested "head_sha=$(git rev-parse main)"
  stop_servers
  eventually grep -q '"class":"network"' "$EVENTS"
  serve -p "$port" "$(ci "$(git rev-parse main)" "$GREEN")"
  watched "main .*: $MOVED: success: CI$"
}

@test "a newer push of the same branch takes the older watcher's place" {
  local old
  use_ci
  old=$(git rev-parse main)
  git commit -q --allow-empty -m three
  serve "$({
    answer "GET /repos/*/actions/runs?head_sha=$old&*" "$(gh_runs "id: 7, head_sha: \"$old\", $RUNNING")"
    answer "GET /repos/*/commits/$old/check-runs?*" "$(hub_list check_runs '{}')"
    answer "GET /repos/*/commits/$old/status?*" "$(hub_list statuses '{}')"
  } | cassette old)" "$(ci "$(git rev-parse main)" "$RUNNING" "$RUNNING" "$RUNNING" "$GREEN")"
  git push -q origin "$old:refs/heads/main"
  eventually requested "head_sha=$old"
  git push -q origin main
  watched "main $old: $MOVED: pending: a newer push is watched in its place" "main $(git rev-parse main): $MOVED: success"
  [ "$(grep -c '^origin ' "$TOLD")" = 1 ]
}

@test "what takes too long is given up" {
  use_ci
  serve "$(ci "$(git rev-parse main)" "$RUNNING")"
  rm ../hooks/pre-push
  printf '#!/bin/sh\nexec "%s/dl-push-watch" --timeout 3s "$@"\n' "$DL_BIN" >../dl-push-watch
  chmod +x ../dl-push-watch
  mkdir ../bin
  cp "$DL_BIN"/dl-{gate,status} ../bin/
  mv ../dl-push-watch ../bin/
  hook pre-push "exec '$BATS_TEST_TMPDIR/bin/dl-gate' \"\$@\""
  git push -q origin main
  watched "main .*: $MOVED: pending: gave up: CI$"
  [ "$(head -n 1 "$TOLD" | sed 's/.* //')" = pending ]
  jq -se 'map(select(.operation == "push")) | .[0].class == "pending"' "$EVENTS"
}

@test "local: the runs that the gate has waited for" {
  git config --global --unset devloop.prepush
  git config devloop.ci local
  local_workflow 'exit 0'
  try git push origin main
  refute grep -q 'will be watched' <<<"$stderr"
  watched "main .*: $MOVED: success: build$"
}

@test "local workflows that nobody has allowed to run are not said to be watched" {
  local_workflow 'touch ../executed'
  try git push origin main
  assert_status 0
  assert_stderr '^dl-gate: nothing runs the workflows in \.devloop/ci: git config devloop\.ci local allows it$'
  refute grep -q 'will be watched' <<<"$stderr"
  [ ! -e ../executed ]
  # Where another CI is meant, that one is watched.
  git config devloop.ci github
  try git push origin main:two
  assert_stderr '^dl-gate: CI of [0-9a-f]{10} will be watched$'
}

@test "ci-monitor: a repository that switches it off is not watched, and nothing else is said" {
  use_ci
  serve "$(ci "$(git rev-parse main)" "$GREEN")"
  echo '{"agents": {"ci-monitor": {"enabled": false}}}' >.devloop/agents.json
  try git push origin main
  assert_status 0
  [[ $stderr != *dl-gate* ]] || complain 'it says something'
  unwatched
  grep -q 'not watched: the repository switches ci-monitor off' "$EVENTS"
  [ ! -e "$TOLD" ]
  rm .devloop/agents.json
  printf 'agents:\n  ci-monitor: {enabled: false}\n' >.devloop/agents.yaml
  try git push origin main:two
  [[ $stderr != *dl-gate* ]] || complain 'it says something'
  unwatched
  # What cannot be read forbids nothing.
  echo '{' >.devloop/agents.json
  try git push origin main:three
  assert_stderr '^dl-gate: CI of [0-9a-f]{10} will be watched$'
  eventually over
}

@test "local: without the gate nothing starts the workflows, and nothing is waited for" {
  local begun=$SECONDS
  rm ../hooks/pre-push
  git config devloop.ci local
  local_workflow 'exit 0'
  try dl-push origin main
  assert_status 5
  assert_json '.[0] | .outcome == "pushed" and .verdict == "none"'
  assert_stderr '^dl-push: main: its workflows have not been started: dl-trigger starts one, the hook of dl-hooks all$'
  [ $((SECONDS - begun)) -lt 30 ] || complain "it took $((SECONDS - begun)) s"
  # A commit without workflows has no CI.
  git rm -qr .devloop
  git commit -qm none
  try dl-push origin main
  assert_status 5
  assert_stderr '^dl-push: main: nothing here starts a run of it$'
}

# ---- the hooks ----

@test "commands of the configuration come first, in their order, each with all lines; one can be switched off" {
  local name
  for name in one two three; do
    git config "hook.$name.event" post-push
    git config "hook.$name.command" "cat >>'$BATS_TEST_TMPDIR/$name'; echo $name \"\$#\" >>'$TOLD'; :"
  done
  git config hook.two.enabled false
  git config --add hook.three.event pre-push
  git config --global hook.zero.event post-push
  git config --global hook.zero.command "'$BATS_TEST_TMPDIR/hooks/a command'"
  hook 'a command' "echo \"zero \$*\" >>'$TOLD'" 'exit 3'
  git config --global hook.gone.event post-push
  git config --global hook.gone.command /nonexistent/program
  git config --global hook.back.event post-push
  git config --global hook.back.command "echo back >>'$TOLD'"
  git config --add hook.back.event ''
  git push -q origin main
  eventually over
  # ":" gets what git puts behind a command; echo had none of it.
  [ "$(grep -E '^(one|two|three|zero|back|origin)' "$TOLD" | cut -d ' ' -f 1-2 | tr '\n' ,)" = 'zero origin,one 3,three 3,origin '"$PWD/../origin.git"',' ] ||
    complain "$(cat "$TOLD")"
  cmp ../one ../three
  [ "$(jq -r .sha ../one)" = "$(git rev-parse main)" ]
  details post-push | grep -qx 'hook.zero.command: exit code 3'
  details post-push | grep -qx 'hook.gone.command: exit code 127'
}

@test "a file that is not executable is no hook; one that hangs on to nothing else" {
  chmod -x ../hooks/post-push
  git push -q origin main
  watched "$MOVED"
  [ ! -e "$TOLD" ]
  [ "$(details post-push | sed 's/:.*//')" = "${DL_BIN%/bin}/libexec/devloop/hooks/post-push" ]
}

# notices COMMAND...: runs it with a desktop whose notices go to the file "notices".
notices() {
  mkdir -p ../desktop
  printf '#!/bin/sh\nprintf "<%%s>" "$@" >>"%s/notices"\n' "$BATS_TEST_TMPDIR" >../desktop/notify-send
  chmod +x ../desktop/notify-send
  PATH=$PWD/../desktop:$PATH DISPLAY=:0 "$@"
}

# verdict WORD [NAME]: what the hook reads.
verdict() {
  jq -nc --arg verdict "$1" --arg name "${2:-CI}" '{type: "verdict", branch: "main", verdict: $verdict, name: $name, url: "https://ci/7"}'
}

@test "our own hook: a notice on failure, and when it took long; or as the configuration says" {
  local when word seconds wanted
  while read -r when word seconds wanted; do
    rm -f ../notices
    [ "$when" = - ] || git config devloop.postpush.notify "$when"
    verdict "$word" | DL_PUSH_SECONDS=$seconds notices "$ROOT/hooks/post-push" origin url "$word"
    [ "$(test -e ../notices && echo yes || echo no)" = "$wanted" ] || complain "$when $word $seconds"
  done <<'END'
- success 5 no
- success 61 yes
- none 5 no
- unknown 5 no
- failure 5 yes
- cancelled 5 yes
- action_required 5 yes
- dropped 5 yes
failure success 61 no
failure failure 5 yes
never failure 61 no
always success 1 yes
END
}

@test "our own hook: what it tells is text, and nothing else" {
  local escape
  escape=$(printf '\033')
  verdict failure "<b>&amp${escape}[31m" | notices "$ROOT/hooks/post-push" origin url failure
  [ "$(cat ../notices)" = '<-a><DevLoop><--><CI of the push to origin: failure><main failure &lt;b&gt;&amp;amp https://ci/7>' ] ||
    complain "$(cat ../notices)"
  rm ../notices
  jq -nc '{type: "push", remote_ref: "refs/heads/main", how: "push again"}' | notices "$ROOT/hooks/post-push" origin url dropped
  grep -q '<refs/heads/main push again>' ../notices
}

@test "our own hook: a line on the terminal that was pushed from, where that is wanted" {
  rm ../hooks/post-push
  git config devloop.postpush.tty true
  at_terminal 'sh -c "git push -q origin main; read key"'
  press '\n' 'CI of the push to origin: none'
  eventually over
  refute grep -q "$(printf '\033')" screen
}
