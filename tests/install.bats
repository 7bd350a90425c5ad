# install.sh, on a small tree of its own whose programs are scripts, with commands of the system replaced where needed.
# bats file_tags=no-program
load helper

setup() {
  hermetic
  mkdir -p "a tree/bin" "a tree/man" "a tree/hooks"
  cd "a tree" || return
  cp "$ROOT/install.sh" .
  printf '#!/bin/sh\necho %s\n' one >bin/dl-one.c
  printf '#!/bin/sh\necho %s\n' two >bin/dl-two.c
  printf '#!/bin/sh\necho %s\n' watch >bin/dl-push-watch.c
  printf 'pre-push\n' >hooks/pre-push
  printf '.Dd $Mdocdate$\n' >man/dl.7
  cat >Makefile <<'END'
all: $(patsubst bin/%.c,build/release/bin/%,$(wildcard bin/dl-*.c)) build/release/share/zsh/site-functions/_dl-two
build/release/bin/%: bin/%.c
	@mkdir -p $(@D)
	@grep -q '^#!' $<
	@cp $< $@
build/release/share/zsh/site-functions/_dl-two:
	@mkdir -p $(@D)
	@echo two >$@
END
  prefix="$BATS_TEST_TMPDIR/a prefix"
}

# installed: the files below the prefix, in one line.
installed() {
  (cd "$prefix" && find . -type f | sort | tr '\n' ' ')
}

ALL='./bin/dl-one ./bin/dl-two ./libexec/devloop/dl-push-watch ./libexec/devloop/hooks/pre-push ./share/devloop/manifest ./share/man/man7/dl.7 '
ALL+='./share/zsh/site-functions/_dl-two '

# system NAME...: from now on PATH has what install.sh itself uses and these commands, which only write to the file
# `calls` how they were called. The compiler finds no header until a package manager was called to install something.
system() {
  local name tools=$BATS_TEST_TMPDIR/tools
  system=$BATS_TEST_TMPDIR/system calls=$PWD/calls
  mkdir "$tools" "$system"
  for name in basename cat chmod comm cp cut dirname env find getconf git grep ls make mkdir mktemp mv pkg-config readlink \
    rm rmdir sed sh sort tr; do
    ln -s "$(command -v "$name")" "$tools"
  done
  PATH=$system:$tools
  : >"$calls"
  stub id 'echo 0'
  stub cc "grep -qE ' (install|add|-S) ' '$calls'"
  for name in "$@"; do
    stub "$name" "echo \"$name \$*\" >>'$calls'"
  done
}

# stub NAME LINE...: puts a script into the system.
stub() {
  printf '%s\n' '#!/bin/sh' "${@:2}" >"$system/$1"
  chmod +x "$system/$1"
}

@test "installs into a prefix, and removes exactly that" {
  mkdir -p "$prefix/bin"
  echo mine >"$prefix/bin/mine"
  try ./install.sh --prefix "$prefix"
  assert_status 0
  [ "$("$prefix/bin/dl-two")" = two ]
  [ -x "$prefix/libexec/devloop/hooks/pre-push" ] && [ ! -x "$prefix/share/man/man7/dl.7" ]
  assert_stderr "hint: $prefix/bin is not on PATH"
  rm "$prefix/bin/mine"
  [ "$(installed)" = "$ALL" ]
  echo mine >"$prefix/share/mine"
  try ./install.sh --uninstall --prefix="$prefix"
  assert_status 0
  [ "$(cd "$prefix" && find . | sort | tr '\n' ' ')" = '. ./bin ./share ./share/mine ' ]
  try ./install.sh --uninstall --prefix "$prefix"
  assert_status 1
  assert_stderr 'nothing is installed in'
}

@test "works through a symlink, from another folder, with a relative prefix, with and without a PATH hint" {
  ln -s "a tree/install.sh" ../link
  ln -s "../link" ../home/other
  cd ../home
  PATH=$PWD/relative/bin:$PATH try sh ./other --prefix relative
  assert_status 0
  refute assert_stderr 'not on PATH'
  prefix=relative
  [ "$(installed)" = "$ALL" ]
}

@test "an upgrade removes what is gone" {
  ./install.sh --prefix "$prefix"
  rm bin/dl-two.c
  try ./install.sh --prefix "$prefix"
  assert_status 0
  [ "$(installed)" = "$(sed 's/[^ ]*dl-two //g' <<<"$ALL")" ]
  ./install.sh --uninstall --prefix "$prefix"
  [ -z "$(ls "$prefix")" ]
}

@test "a build that fails changes nothing" {
  ./install.sh --prefix "$prefix"
  echo 'no program' >bin/dl-one.c
  printf '#!/bin/sh\necho three\n' >bin/dl-three.c
  try ./install.sh --prefix "$prefix"
  assert_status 1
  assert_stderr 'the build failed'
  [ "$(installed)" = "$ALL" ]
  [ "$("$prefix/bin/dl-one")" = one ]
}

@test "a file that cannot be written is named, and nothing half written stays" {
  mkdir -p "$prefix/share"
  echo file >"$prefix/bin"
  try ./install.sh --prefix "$prefix"
  assert_status 1
  assert_stderr "cannot write $prefix/bin/dl-one"
  assert_stderr 'hint: with --prefix'
  [ -z "$(find "$prefix" -name '.devloop*')" ]
}

@test "a replaced program is a new file: the old one runs on" {
  ./install.sh --prefix "$prefix"
  exec 5<"$prefix/bin/dl-one"
  printf '#!/bin/sh\necho newer\n' >bin/dl-one.c
  ./install.sh --prefix "$prefix"
  [ "$("$prefix/bin/dl-one")" = newer ]
  grep -q one <&5
}

@test "DESTDIR comes before the prefix and is not recorded" {
  DESTDIR=$BATS_TEST_TMPDIR/staged try ./install.sh --prefix /opt/x
  assert_status 0
  refute assert_stderr 'not on PATH'
  prefix=$BATS_TEST_TMPDIR/staged/opt/x
  [ "$(installed)" = "$ALL" ]
  refute grep -q "$BATS_TEST_TMPDIR" "$prefix/share/devloop/manifest"
}

@test "the default prefix is ~/.local, for root /usr/local" {
  system
  stub cc true
  stub id 'echo 1000'
  DESTDIR=$BATS_TEST_TMPDIR/staged try ./install.sh
  assert_status 0
  [ -x "$BATS_TEST_TMPDIR/staged$HOME/.local/bin/dl-one" ]
  stub id 'echo 0'
  DESTDIR=$BATS_TEST_TMPDIR/staged try ./install.sh
  [ -x "$BATS_TEST_TMPDIR/staged/usr/local/bin/dl-one" ]
}

@test "with --prefix no home is needed, and a slash at its end changes nothing" {
  system
  stub id 'echo 1000'
  stub cc ''
  try env -u HOME ./install.sh --help
  assert_status 0
  PATH="$prefix/bin:$PATH" try env -u HOME ./install.sh --prefix "$prefix//"
  assert_status 0
  [ "$(installed)" = "$ALL" ]
  refute assert_stderr 'not on PATH'
  try env -u HOME ./install.sh --uninstall --prefix "$prefix/"
  assert_status 0
  [ ! -e "$prefix/bin" ]
  try env -u HOME ./install.sh
  assert_stderr 'name a folder with --prefix'
}

@test "only what is missing is installed, unasked, and once" {
  system apt-get sudo
  try ./install.sh --prefix "$prefix"
  assert_status 0
  try ./install.sh --prefix "$prefix"
  assert_status 0
  [ "$(cat calls)" = "apt-get update
apt-get install -y --no-install-recommends libc6-dev libjsmn-dev" ]
}

@test "sudo is used when a user is not root, and missed when it is not there" {
  system apt-get
  stub id 'echo 1000'
  # shellcheck disable=SC2016 # for the script, not for here
  stub sudo 'echo sudo >>calls' 'shift' 'exec "$@"'
  try ./install.sh --prefix "$prefix"
  assert_status 0
  [ "$(grep -c sudo calls)" = 2 ]
  rm "$system/sudo"
  : >calls
  try ./install.sh --prefix "$prefix"
  assert_status 1
  assert_stderr 'there is no sudo: libc6-dev libjsmn-dev$'
  assert_stderr 'hint: as root, run: apt-get install .* libc6-dev libjsmn-dev$'
  [ ! -s calls ]
}

@test "Fedora has all, Alpine and Arch have no jsmn, an unknown system has no manager" {
  system dnf
  try ./install.sh --prefix "$prefix"
  assert_status 0
  [ "$(cat calls)" = 'dnf install -y --setopt=install_weak_deps=False glibc-devel jsmn-devel' ]
  rm "$system/dnf"
  for manager in 'apk add musl-dev' 'pacman -S --needed --noconfirm glibc' none; do
    stub "${manager%% *}" "echo \"${manager%% *} \$*\" >>calls"
    # shellcheck disable=SC2016
    stub cc 'read -r include' 'case $include in *jsmn*) exit 1 ;; esac' 'test -s calls'
    : >calls
    try ./install.sh --prefix "$prefix"
    assert_status 1
    [ "$manager" = none ] || grep -qxF "$manager" calls
    assert_stderr 'missing: (header:stdio.h )?header:jsmn.h $'
    assert_stderr 'hint: put jsmn.h of https://github.com/zserge/jsmn .* /usr/local/include'
    rm "$system/${manager%% *}"
  done
}

@test "a package that cannot be installed is an error that says what to do" {
  system
  # shellcheck disable=SC2016
  stub apt-get 'echo "E: no such package"' '[ "$1" = update ]'
  try ./install.sh --prefix "$prefix"
  assert_status 1
  assert_stderr 'E: no such package'
  assert_stderr 'apt-get could not install: libc6-dev libjsmn-dev'
  assert_stderr 'hint: run: apt-get install'
  [ ! -e "$prefix" ]
}

@test "--help is on stdout, a wrong option is status 2" {
  try ./install.sh --help
  assert_status 0
  [[ $output == usage:* ]]
  for wrong in --prefx x --prefix; do
    try ./install.sh "$wrong"
    assert_status 2
    assert_output ''
    [ -n "$stderr" ]
  done
}
