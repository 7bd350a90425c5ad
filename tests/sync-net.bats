# dl-sync over http and ssh, with the servers that people run: what is asked, how often, with which credential,
# and what is made of every odd answer.
load helper
load gitserver

setup() {
  hermetic
  mkdir -p here
}

teardown() {
  [ -z "${RUNTIME:-}" ] || rm -rf "$RUNTIME"
  stop_servers
}

# config URL PROJECT...: here/repos.yaml with these of that server.
config() {
  local url=$1 project
  shift
  echo 'main:'
  for project in "$@"; do printf '  - {url: "%s/%s.git", path: "%s", depth: 0}\n' "$url" "$project" "$project"; done
}

sync() {
  try dl-sync -C here --allow http "$@"
}

# is NAME ACTION [REASON]
is() {
  assert_json "map(select(.type == \"sync\" and .name == \"$1\")) | length == 1 and .[0].action == \"$2\" and
    .[0].reason == ${3:+\"}${3:-null}${3:+\"}"
}

some() {
  local i
  for ((i = 1; i <= $1; i++)); do echo "o/r$i"; done
}

# cloned URL COUNT: o/r1 and so on of that server, made, configured and cloned.
cloned() {
  local projects project
  mapfile -t projects < <(some "$2")
  for project in "${projects[@]}"; do git_repo "$project"; done
  config "$1" "${projects[@]}" >here/repos.yaml
  sync
  assert_status 0
  assert_json "map(select(.action == \"cloned\")) | length == $2"
}

@test "http/2: one request for each on one connection when nothing is new; git only for what is" {
  start_https
  cloned "$HTTPS" 12
  : >nginx/access
  sync
  assert_status 0
  assert_json 'map(select(.action == "unchanged")) | length == 12'
  [ "$(served)" = 12 ]
  [ "$(served 'HTTP/2.0 POST /o/r[0-9]+.git/git-upload-pack 200')" = 12 ]
  [ "$(cut -d ' ' -f 1 nginx/access | sort -u | wc -l)" = 1 ]
  jq -es '.[-1] | .requests == 12 and .received_bytes == 12 * 65' "$XDG_STATE_HOME/devloop/events.jsonl"
  git_push o/r3 more
  git_push o/r7 more
  : >nginx/access
  sync
  is r3 updated
  is r7 updated
  [ "$(served 'GET')" = 2 ]
  [ "$(cat here/o/r3/file)" = more ]
}

@test "http/1.1: connections are kept, and no more than --per-host" {
  start_https
  cloned "$HTTP" 10
  : >nginx/access
  sync --per-host 2
  assert_json 'map(select(.action == "unchanged")) | length == 10'
  [ "$(served 'HTTP/1.1 POST')" = 10 ]
  [ "$(cut -d ' ' -f 1 nginx/access | sort -u | wc -l)" -le 2 ]
}

@test "the token of the environment clones and pulls, and nobody else sees it" {
  start_https auth
  git_repo o/one
  config "$HTTPS" o/one >here/repos.yaml
  sync
  assert_status 1
  assert_json '.[0].error.class == "auth"'
  assert_stderr 'the server wants a credential, and none was found'
  git config --global "devloop.host.localhost:$HTTPS_PORT.provider" gitea
  # nginx does not know tokens: the name that goes with it is that of the user.
  echo "oauth2:$(openssl passwd -apr1 s3cret)" >nginx/users
  export GITEA_TOKEN=s3cret
  sync -v
  assert_status 0
  is one cloned
  refute grep -r s3cret here <<<"$output$stderr"
  refute grep -q s3cret <<<"$output$stderr"
  : >nginx/access
  sync -v
  is one unchanged
  [ "$(served)" = 1 ] && [ "$(served ' 200 oauth2')" = 1 ]
  git_push o/one more
  sync
  is one updated
  unset GITEA_TOKEN
  sync
  is one failed auth
}

@test "the token of a CI job is for the server that has started the job alone" {
  start_https auth
  git_repo o/one
  config "$HTTPS" o/one >here/repos.yaml
  git config --global "devloop.host.localhost:$HTTPS_PORT.provider" gitlab
  echo "gitlab-ci-token:$(openssl passwd -apr1 s3cret)" >nginx/users
  CI_JOB_TOKEN=s3cret sync
  assert_status 1
  [ "$(served ' gitlab-ci-token')" = 0 ]
  CI_JOB_TOKEN=s3cret CI_API_V4_URL=$HTTPS/api/v4 sync
  assert_status 0
  is one cloned
  echo "oauth2:$(openssl passwd -apr1 other)" >nginx/users
  CI_JOB_TOKEN=s3cret GITLAB_TOKEN=other sync
  is one unchanged
}

@test "where git itself is asked, the token reaches git by no argument, variable or file" {
  start_https auth
  git_repo o/one
  config "$HTTPS" o/one >here/repos.yaml
  git config --global "devloop.host.localhost:$HTTPS_PORT.provider" gitea
  echo "oauth2:$(openssl passwd -apr1 s3cret)" >nginx/users
  mkdir bin
  # In the place of git: notes what can be seen of it from outside.
  printf '#!/bin/sh\n{ tr "\\0" "\\n" </proc/$$/cmdline; env; } >>%s/seen\nexec %s "$@"\n' "$PWD" "$(command -v git)" >bin/git
  chmod +x bin/git
  PATH=$PWD/bin:$PATH GITEA_TOKEN=s3cret sync
  assert_status 0
  [ "$(grep -c 's3cret' seen)" = "$(grep -c '^GITEA_TOKEN=s3cret$' seen)" ]
  refute grep -rq s3cret here
}

@test "a credential in a URL is used, neither printed nor stored" {
  start_https auth
  git_repo o/one
  echo "a: [{url: \"${HTTPS/:\/\//:\/\/ada:secret@}/o/one.git\", path: one}]" >here/repos.yaml
  sync -v
  assert_status 0
  is one cloned
  refute grep -q secret <<<"$output$stderr"
  refute grep -rq secret here/one "$XDG_STATE_HOME"
  sync -v
  is one unchanged
  refute grep -q secret <<<"$output$stderr"
  try dl-sync -C here --list
  refute grep -q secret <<<"$output"
  sed -i 's/secret/wrong/' here/repos.yaml
  sync
  assert_status 1
  assert_json '.[0].error.class == "auth"'
  refute grep -q wrong <<<"$output$stderr"
}

@test "a credential that the user has stored is found once, and shown from then on" {
  start_https auth
  git_repo o/one
  git_repo o/two
  config "$HTTPS" o/one o/two >here/repos.yaml
  printf '#!/bin/sh\n[ "$1" != get ] || { echo asked >>%s/asked; printf "username=ada\\npassword=secret\\n"; }\n' "$PWD" >helper
  chmod +x helper
  git config --global credential.helper "$PWD/helper"
  sync
  assert_status 0
  : >asked
  : >nginx/access
  sync
  assert_status 0
  is one unchanged
  [ "$(wc -l <asked)" = 1 ]
  [ "$(served ' 200 ada')" = 2 ] && [ "$(served ' 401 ')" -le 2 ]
}

@test "a repository that has moved is followed, within a server; its name is told" {
  start_https
  git_repo o/new
  serve_also <<<"location ~ ^/old/(.*)\$ { return 301 $HTTPS/o/\$1?\$args; }"
  sed "s|/o/new|/old/new|" <(config "$HTTPS" o/new) >here/repos.yaml
  sync
  assert_status 0
  is new cloned
  serve_also <<<"location ~ ^/old/(.*)\$ { return 301 $HTTPS/o/\$1; }"
  : >nginx/access
  sync
  assert_status 0
  is new unchanged moved
  [ "$(served 'POST /old/')" = 1 ] && [ "$(served 'POST /o/new.git/git-upload-pack 200')" = 1 ] && [ "$(served)" = 2 ]
  assert_stderr "new: it has moved to $HTTPS/o/new.git"
}

@test "a credential does not follow a redirect to another server" {
  start_https auth
  git_repo o/one
  local other
  other=${HTTPS/localhost/127.0.0.1}
  config "$HTTPS" o/one >here/repos.yaml
  sed -i "s|://|://ada:secret@|" here/repos.yaml
  sync
  assert_status 0
  serve_also <<<"location ~ ^/(o/.*git-upload-pack)\$ { if (\$host = localhost) { return 307 $other/\$1; }
    return 200 \$http_authorization; }"
  : >nginx/access
  sync
  [ "$(served ' 307 ada')" -ge 1 ]
  [ "$(served 'POST .* 200 ada')" = 0 ]
}

@test "servers that know no version 2, that talk nonsense, or nothing: git is asked" {
  start_https
  local body type
  cloned "$HTTPS" 6
  for body in 'return 405;' 'return 400;' 'return 200 "";' 'return 200 "hello";' \
    'application/x-git-upload-pack-result return 200 "";' \
    'application/x-git-upload-pack-result return 200 "003dnonsense";' \
    'application/x-git-upload-pack-result return 200 "000bERR no0000";'; do
    # What git itself sends is answered as ever.
    type=text/plain
    [[ $body != application/* ]] || type=${body%% *} body=${body#* }
    serve_also <<END
location ~ upload-pack\$ { default_type $type; error_page 418 = @git;
  if (\$http_user_agent !~ devloop) { return 418; } $body }
END
    git_push o/r2 "$body"
    : >nginx/access
    sync
    assert_status 0
    is r1 unchanged
    is r2 updated
  done
  # After some doubts it is not asked any more.
  [ "$(served 'POST')" -gt 0 ]
}

@test "real servers of version 0, and of files alone" {
  start_https
  git_repo o/one
  git -C srv/o/one.git config core.logAllRefUpdates false
  git -C srv/o/one.git update-server-info
  printf '#!/bin/sh\nexec git update-server-info\n' >srv/o/one.git/hooks/post-update
  chmod +x srv/o/one.git/hooks/post-update
  serve_also <<END
location /v0/ { rewrite ^/v0(/.*)\$ \$1 break; include $PWD/nginx/git; fastcgi_param HTTP_GIT_PROTOCOL ""; }
location /dumb/ { alias $PWD/srv/; default_type application/octet-stream; }
END
  {
    echo a:
    printf -- '- {url: "%s/%s/o/one.git", name: %s, path: %s, depth: 0}\n' "$HTTPS" v0 v0 v0 "$HTTPS" dumb dumb dumb
  } >here/repos.yaml
  sync
  assert_status 0
  : >nginx/access
  sync
  is v0 unchanged
  is dumb unchanged
  # Both have not understood the question, and git has asked again.
  [ "$(served 'POST /o/one.git/git-upload-pack 200')" = 1 ] && [ "$(served 'POST /dumb/.* 404')" = 1 ]
  [ "$(served 'GET /o/one.git/info/refs 200')" = 1 ] && [ "$(served 'GET /dumb/.*info/refs 200')" = 1 ]
  git_push o/one two
  sync
  is v0 updated
  is dumb updated
  [ "$(cat here/v0/file) $(cat here/dumb/file)" = 'two two' ]
}

@test "a repository that is gone, and one that nobody may see: told, and kept" {
  start_https
  cloned "$HTTPS" 3
  rm -rf srv/o/r2.git
  serve_also <<<'location ~ ^/o/r3 { return 403; }'
  sync
  assert_status 1
  is r1 unchanged
  is r2 failed missing
  is r3 failed auth
  assert_json 'map(select(.name == "r2"))[0].error.class == "missing" and map(select(.name == "r3"))[0].error.class == "auth"'
  [ -e here/o/r2/file ] && [ -e here/o/r3/file ]
}

@test "nobody is asked: not by a variable, a setting, a window or ssh" {
  start_https auth
  git_repo o/one
  mkdir bin
  for name in askpass gui ssh-askpass; do
    printf '#!/bin/sh\ntouch %s/asked\necho secret\n' "$PWD" >"bin/$name"
    chmod +x "bin/$name"
  done
  git config --global core.askPass "$PWD/bin/gui"
  config "$HTTPS" o/one >here/repos.yaml
  export DISPLAY=:0 WAYLAND_DISPLAY=wayland-0 GIT_ASKPASS=$PWD/bin/askpass SSH_ASKPASS=$PWD/bin/ssh-askpass
  export SSH_ASKPASS_REQUIRE=force GIT_TERMINAL_PROMPT=1
  sync
  assert_status 1
  assert_stderr 'the server wants a credential, and none was found'
  unset GIT_TERMINAL_PROMPT
  start_sshd
  ssh-keygen -q -p -P '' -N 'a phrase' -f ssh/user
  config "$SSH" o/one >here/repos.yaml
  sync
  assert_status 1
  assert_stderr 'the server does not accept the ssh key'
  [ ! -e asked ]
}

@test "a submodule of a scheme that is not allowed is not fetched" {
  start_https
  git_repo o/inner
  git_repo o/outer
  git -C src/o/outer -c protocol.file.allow=always submodule --quiet add "file://$PWD/srv/o/inner.git" inner
  git_push o/outer with
  printf 'a: [{url: "%s/o/outer.git", path: outer, submodules: true}]\n' "$HTTPS" >here/repos.yaml
  sync
  assert_status 1
  is outer failed refused
  assert_stderr "transport 'file' not allowed"
  [ ! -e here/outer ]
}

@test "too many requests: a pause as long as the server wants, then on" {
  start_https
  git_repo o/one
  git_repo o/two
  config "$HTTPS" o/one o/two >here/repos.yaml
  sync
  : >limited
  serve_also <<END
location ~ upload-pack\$ { error_page 418 = @git; add_header Retry-After 2 always;
  if (-f $PWD/limited) { return 429; } return 418; }
END
  (sleep 1 && rm limited) 3>&- &
  SECONDS=0
  sync
  assert_status 0
  is one unchanged
  is two unchanged
  [ "$SECONDS" -ge 2 ]
  [ "$(served ' 429 ')" -le 4 ]
  serve_also <<<'location ~ upload-pack$ { add_header Retry-After 3600 always; return 429; }'
  sync
  assert_status 1
  assert_json '.[:-1] | length == 2 and all(.error.class == "limited" and .error.retry_after_s == 3600)'
}

@test "a server that is not there fails at once for all of its repositories" {
  git_repo o/one
  local port
  port=$(free_port)
  for i in {1..20}; do
    git clone -q "file://$PWD/srv/o/one.git" "here/o/r$i"
    git -C "here/o/r$i" remote set-url origin "http://127.0.0.1:$port/o/r$i.git"
  done
  mapfile -t projects < <(some 20)
  config "http://127.0.0.1:$port" "${projects[@]}" >here/repos.yaml
  SECONDS=0
  sync
  assert_status 1
  assert_json '.[:-1] | length == 20 and all(.error.class == "network")'
  [ "$SECONDS" -lt 15 ]
}

@test "a certificate that is not trusted: git is asked, for all of the server, and says so" {
  start_https
  git_repo o/r1
  git_repo o/r2
  config "$HTTPS" o/r1 o/r2 </dev/null >here/repos.yaml
  sync -q
  assert_status 0
  git config --global --unset http.sslCAInfo
  sync -v
  assert_status 1
  assert_json '.[:-1] | length == 2 and all(.error.class == "network" and (.error.message | contains("certificate")))'
  # Neither is asked about again by ourselves.
  [ "$(grep -c 'POST .*git-upload-pack: ' <<<"$stderr")" -le 2 ]
  git config --global http.sslVerify false
  sync
  assert_status 0
  is r1 unchanged
}

@test "mirrors are compared ref by ref" {
  start_https
  git_repo o/one
  git -C src/o/one push -q origin HEAD:refs/heads/side HEAD:refs/notes/x
  echo "a: [{url: \"$HTTPS/o/one.git\", path: one, mirror: true}]" >here/repos.yaml
  sync
  : >nginx/access
  sync
  is one unchanged
  [ "$(served)" = 1 ]
  git -C src/o/one push -q origin HEAD:refs/heads/new
  sync
  is one updated
  git -C here/one rev-parse -q --verify refs/heads/new
}

@test "SHA-256, and branches whose names begin alike" {
  start_https
  git_repo o/long --object-format=sha256
  git_repo o/one
  git -C src/o/one push -q origin HEAD:refs/heads/main2
  git -C src/o/one commit -q --allow-empty -m two
  git -C src/o/one push -q origin HEAD:refs/heads/main-x
  config "$HTTPS" o/long o/one >here/repos.yaml
  sync
  assert_status 0
  : >nginx/access
  sync
  is long unchanged
  is one unchanged
  [ "$(served)" = 2 ]
}

# ---- ssh ----

@test "ssh: connections are shared, nobody is prompted" {
  start_sshd
  # Where the name of a socket is short enough.
  XDG_RUNTIME_DIR=$(mktemp -d /tmp/dl-test-XXXXXX)
  RUNTIME=$XDG_RUNTIME_DIR
  local projects
  mapfile -t projects < <(some 6)
  for project in "${projects[@]}"; do git_repo "$project"; done
  config "$SSH" "${projects[@]}" >here/repos.yaml
  sync
  [[ $stderr != *'does not accept the ssh key'* ]] || skip 'this user cannot log in'
  assert_status 0
  assert_json 'map(select(.action == "cloned")) | length == 6'
  git_push o/r2 more
  sync
  is r2 updated
  is r1 unchanged
  [ "$(grep -c 'Accepted publickey' ssh/log)" -le 2 ]
  : >ssh/known
  rm -rf "$XDG_RUNTIME_DIR/dl-sync"
  sync </dev/null
  assert_status 1
  assert_stderr "the server's ssh key is not known"
}
