# What tests of pushes have in common: CI of a commit, an sshd and an httpd of one's own. Loaded after github. They stand
# in the folder of a repository, beside which is origin.git.
# shellcheck disable=SC2154

# ci SHA RUN...: serves what CI says of SHA, each time the next RUN (jq: what a run of it says); the last stays.
ci() {
  local sha=$1 run
  shift
  {
    for run in "$@"; do
      answer "GET /repos/*/actions/runs?head_sha=$sha&*" "$(gh_runs "id: 7, head_sha: \"$sha\", $run")"
      answer 'GET /repos/*/actions/workflows/*/runs?*' "$(gh_runs "id: 7, head_sha: \"$sha\", $run")"
    done
    answer "GET /repos/*/commits/$sha/check-runs?*" "$(hub_list check_runs '{}')"
    answer "GET /repos/*/commits/$sha/status?*" "$(hub_list statuses '{}')"
    answer 'GET /repos/*/actions/runs/7/*jobs?*' \
      "$(gh_jobs 'id: 1, run_id: 7, name: "lint"' 'id: 2, run_id: 7, name: "unit", conclusion: "failure"')"
    answer 'GET /repos/*/actions/runs?*' "$(gh_runs)"
    answer 'GET /repos/*/contents/.github/workflows?ref=*' '{"message":"Not Found"}' 404
  } | cassette "ci-${sha:0:10}"
}

RED='conclusion: "failure", name: "Tests"'
GREEN='conclusion: "success"'
RUNNING='status: "in_progress", conclusion: null'

# answers PORT: there is a server.
answers() {
  (: <>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# at_terminal COMMAND: runs it at a terminal of its own, whose screen is the file `screen`; Ctrl-C reaches it, which
# what a shell runs in the background ignores otherwise.
at_terminal() {
  mkfifo keys
  TERM=xterm script -qec "env --default-signal=INT $1" /dev/null <keys >screen 3>&- &
  TERMINAL=$!
  exec 4>keys
}

# press KEYS [PATTERN]: presses them at that terminal, when it shows PATTERN, and waits for the end.
press() {
  [ $# -lt 2 ] || eventually grep -q -- "$2" screen
  printf '%b' "$1" >&4
  wait "$TERMINAL" || :
  exec 4>&-
}

# host_is HOST: the CI of that host is the server at $URL.
host_is() {
  git config --global "devloop.host.$1.provider" github
  git config --global "devloop.host.$1.url" "$URL"
}

# start_sshd: a server of one's own at $PORT, with throwaway keys, for the user who runs this.
start_sshd() {
  local sshd
  sshd=$(PATH=$PATH:/usr/sbin:/sbin command -v sshd) || skip 'no sshd here'
  mkdir ../ssh
  ssh-keygen -q -t ed25519 -N '' -f ../ssh/host
  ssh-keygen -q -t ed25519 -N '' -f ../ssh/user
  cp ../ssh/user.pub ../ssh/authorized
  chmod 600 ../ssh/*
  [ "$(id -u)" != 0 ] || mkdir -p /run/sshd
  PORT=$((15000 + RANDOM % 17000)) # no port that a client gets
  printf '%s\n' "Port $PORT" 'ListenAddress 127.0.0.1' "HostKey $PWD/../ssh/host" "AuthorizedKeysFile $PWD/../ssh/authorized" \
    "PidFile $PWD/../ssh/pid" 'StrictModes no' 'UsePAM no' 'PasswordAuthentication no' 'PermitRootLogin yes' >../ssh/config
  "$sshd" -D -e -f "$PWD/../ssh/config" 2>../ssh/log 3>&- &
  echo $! >>"$BATS_TEST_TMPDIR/pids"
  eventually answers "$PORT" || complain "sshd does not start: $(cat ../ssh/log)"
  export GIT_SSH_COMMAND="ssh -F none -i $PWD/../ssh/user -o IdentitiesOnly=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR"
}

# start_httpd: git over http at $PORT, for the repositories beside this one: /cgi-bin/git/NAME.
start_httpd() {
  command -v busybox >/dev/null && busybox --list | grep -qx httpd || skip 'no httpd of busybox here'
  [ -x "$(git --exec-path)/git-http-backend" ] || skip 'no git http-backend here'
  mkdir -p ../www/cgi-bin
  printf '#!/bin/sh\nGIT_PROJECT_ROOT=%s GIT_HTTP_EXPORT_ALL=1 exec git http-backend\n' "$BATS_TEST_TMPDIR" >../www/cgi-bin/git
  chmod +x ../www/cgi-bin/git
  git -C ../origin.git config http.receivepack true
  PORT=$((15000 + RANDOM % 17000)) # no port that a client gets
  busybox httpd -f -p "127.0.0.1:$PORT" -h ../www 3>&- &
  echo $! >>"$BATS_TEST_TMPDIR/pids"
  eventually answers "$PORT"
}
