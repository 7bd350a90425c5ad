# The registry that needs no server, for tests/registry.bats.
# shellcheck shell=bash disable=SC2034 # what is set here is read there

as_local() {
  make_repo repo
  cd repo || return
  HERE='-p local' PACKAGE=demo PRE=2.0.0rc1 PAGE='^file:///.*/demo/index\.html$' SECRET=
}

make_local() {
  python_wheel "$@"
}

stock_local() {
  rm -rf .git/devloop/packages
  [ ${#OLD[@]} -eq 0 ] || dl-publish -p local "${OLD[@]}" >/dev/null
}

state_local() {
  find .git/devloop/packages -type f -exec sha256sum {} + 2>/dev/null | sort
}
