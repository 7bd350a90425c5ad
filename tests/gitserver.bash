# Loaded by tests of dl-sync: real servers of git repositories, on this machine.
#
#   git_repo o/one            srv/o/one.git with one commit on main, and the working tree src/o/one
#   git_push o/one TEXT       one more commit there, with TEXT in the file "file"
#   start_https               serves srv by nginx over TLS and HTTP/2: $HTTPS; and without TLS: $HTTP
#   start_sshd                serves it by ssh: $SSH, and $SSH_DIR/config for `ssh -F`
#
# Each server is the one that people run, for the user who runs this, and ends with the test.

# git_repo PROJECT [OPTION]: a repository on the server, made with that option of git init.
git_repo() {
  git init -q --bare -b main "${@:2}" "srv/$1.git"
  git -C "srv/$1.git" config http.receivepack true
  git init -q -b main "${@:2}" "src/$1"
  git -C "src/$1" remote add origin "$PWD/srv/$1.git"
  git_push "$1" one
}

# git_push PROJECT TEXT [FILE]
git_push() {
  echo "$2" >"src/$1/${3:-file}"
  git -C "src/$1" add -A
  git -C "src/$1" commit -q -m "$2"
  git -C "src/$1" push -q origin HEAD
}

# tip DIR [REVISION]: the full hash.
tip() {
  git -C "$1" rev-parse "${2:-HEAD}"
}

# free_port: below those that the system gives to clients, which come and go.
free_port() {
  local port
  for port in $(shuf -i 15000-32000 -n 50); do
    (exec 9<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port" && return; }
  done
  return 1
}

# until_open PORT: waits until something listens there.
until_open() {
  local i
  for i in {1..100}; do
    ! (exec 9<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null || return 0
    sleep 0.05
  done
  return 1
}

# start_nginx NGINX DIR: fails when somebody else has taken one of its ports meanwhile.
start_nginx() {
  local dir=$2 pid
  HTTPS_PORT=$(free_port) HTTP_PORT=$(free_port)
  cat >"$dir/config" <<END
$([ "$(id -u)" != 0 ] || echo 'user root;')
daemon off; pid $dir/pid; error_log $dir/errors; worker_processes 1;
events { worker_connections 512; }
http {
  client_max_body_size 0; keepalive_requests 100000;
  client_body_temp_path $dir/tmp; fastcgi_temp_path $dir/tmp; proxy_temp_path $dir/tmp;
  uwsgi_temp_path $dir/tmp; scgi_temp_path $dir/tmp;
  log_format full '\$connection \$server_protocol \$request_method \$uri \$status \$remote_user';
  access_log $dir/access full;
  server {
    listen 127.0.0.1:$HTTPS_PORT ssl http2; listen 127.0.0.1:$HTTP_PORT;
    ssl_certificate $dir/cert; ssl_certificate_key $dir/key;
    include $dir/extra;
    location / { include $dir/git; }
    location @git { include $dir/git; }
  }
}
END
  "$1" -p "$dir" -e "$dir/errors" -c "$dir/config" >"$dir/log" 2>&1 3>&- &
  pid=$!
  until_open "$HTTPS_PORT" && until_open "$HTTP_PORT" && kill -0 $pid && SERVERS+=" $pid"
}

# start_https [auth]: with "auth" for the user ada alone, whose password is "secret".
start_https() {
  local nginx fcgiwrap auth='' dir=$PWD/nginx
  nginx=$(PATH=$PATH:/usr/sbin command -v nginx) || skip 'no nginx here'
  fcgiwrap=$(PATH=$PATH:/usr/sbin command -v fcgiwrap) || skip 'no fcgiwrap here'
  mkdir -p "$dir/tmp" srv
  [ -z "${1:-}" ] || auth="auth_basic git; auth_basic_user_file $dir/users;"
  echo "ada:$(openssl passwd -apr1 secret)" >"$dir/users"
  openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 \
    -keyout "$dir/key" -out "$dir/cert" 2>/dev/null
  cat >"$dir/git" <<END
$auth
fastcgi_pass unix:$dir/socket; fastcgi_buffering off;
fastcgi_param SCRIPT_FILENAME $(git --exec-path)/git-http-backend;
fastcgi_param GIT_PROJECT_ROOT $PWD/srv; fastcgi_param GIT_HTTP_EXPORT_ALL 1;
fastcgi_param PATH_INFO \$uri; fastcgi_param QUERY_STRING \$query_string;
fastcgi_param REQUEST_METHOD \$request_method; fastcgi_param CONTENT_TYPE \$content_type;
fastcgi_param CONTENT_LENGTH \$content_length; fastcgi_param REMOTE_USER \$remote_user;
fastcgi_param REMOTE_ADDR \$remote_addr;
END
  : >"$dir/extra"
  "$fcgiwrap" -c 4 -s "unix:$dir/socket" >"$dir/fcgi" 2>&1 3>&- &
  SERVERS+=" $!"
  until [ -S "$dir/socket" ]; do sleep 0.02; done
  for _ in 1 2 3; do
    start_nginx "$nginx" "$dir" && break
  done || complain "nginx does not start: $(cat "$dir/log" "$dir/errors")"
  export HTTPS=https://localhost:$HTTPS_PORT HTTP=http://localhost:$HTTP_PORT
  git config --global http.sslCAInfo "$dir/cert"
}

# serve_also: lines of nginx's configuration, on standard input, for the same server; @git is what it does else.
serve_also() {
  cat >nginx/extra
  kill -HUP "$(cat nginx/pid)"
  sleep 0.5
}

# served [PATTERN]: how many requests (that match) nginx has seen: CONNECTION PROTOCOL METHOD URI STATUS USER.
served() {
  grep -cE -- "${1:-}" nginx/access || :
}

# start_sshd [NAME]: $SSH is the beginning of a URL. NAME, by default ssh, is the folder of its files.
start_sshd() {
  local sshd
  sshd=$(PATH=$PATH:/usr/sbin:/sbin command -v sshd) || skip 'no sshd here'
  SSH_DIR=$PWD/${1:-ssh} SSH_PORT=$(free_port)
  mkdir "$SSH_DIR" && chmod 700 "$SSH_DIR"
  ssh-keygen -q -t ed25519 -N '' -f "$SSH_DIR/host" && ssh-keygen -q -t ed25519 -N '' -f "$SSH_DIR/user"
  cp "$SSH_DIR/user.pub" "$SSH_DIR/authorized"
  [ "$(id -u)" != 0 ] || mkdir -p /run/sshd
  cat >"$SSH_DIR/sshd" <<END
Port $SSH_PORT
ListenAddress 127.0.0.1
HostKey $SSH_DIR/host
AuthorizedKeysFile $SSH_DIR/authorized
StrictModes no
UsePAM no
PidFile none
LogLevel VERBOSE
PermitUserEnvironment no
AcceptEnv GIT_PROTOCOL HOME GIT_CONFIG_GLOBAL PATH XDG_STATE_HOME XDG_RUNTIME_DIR
PermitRootLogin yes
END
  echo "[127.0.0.1]:$SSH_PORT $(cut -d ' ' -f 1,2 "$SSH_DIR/host.pub")" >"$SSH_DIR/known"
  cat >"$SSH_DIR/config" <<END
Host *
  IdentityFile $SSH_DIR/user
  IdentitiesOnly yes
  UserKnownHostsFile $SSH_DIR/known
  StrictHostKeyChecking yes
  SendEnv GIT_PROTOCOL HOME GIT_CONFIG_GLOBAL PATH XDG_STATE_HOME XDG_RUNTIME_DIR
END
  "$sshd" -D -e -f "$SSH_DIR/sshd" 2>"$SSH_DIR/log" 3>&- &
  SERVERS+=" $!"
  until_open "$SSH_PORT" || skip "sshd does not start: $(cat "$SSH_DIR/log")"
  SSH=ssh://$(id -un)@127.0.0.1:$SSH_PORT$PWD/srv
  export SSH
  git config --global core.sshCommand "ssh -F $SSH_DIR/config"
}
