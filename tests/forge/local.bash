# The repository as its own forge, for tests/forge.bats.
# shellcheck shell=bash disable=SC2034 # what is set here is read there

# local_release TAG TIME [OPTION...] [FILE]: a release that was made at that time.
local_release() {
  local tag=$1 time=$2 record=.git/devloop/releases/$1/record
  shift 2
  git tag "$tag"
  dl-release -p local "$tag" "$@" >/dev/null
  jq -c --arg time "$time" '.created_at = $time | if .published_at then .published_at = $time else . end' "$record" >changed
  mv changed "$record"
}

as_local() {
  make_repo r
  cd r || return
  git mv README README.md
  mkdir -p dir/sub
  printf 'a\0b' >dir/run
  chmod +x dir/run
  ln -s run dir-link
  git add .
  git update-index --add --cacheinfo "160000,$SHA,dir/sub/module"
  git commit -q -m files
  mkdir dir/sub/module
  SHA=$(git rev-parse HEAD)
  printf tool >../tool.tgz
  printf %s '- better' >../notes
  local_release v1.2.0 2026-01-14T10:31:00Z --name 'One two' --notes ../notes ../tool.tgz
  local_release v1.1.0 2026-01-15T10:30:00Z
  local_release v1.3.0-rc.1 2026-01-16T10:30:00Z
  local_release v2.0.0 2026-01-17T10:30:00Z --draft
  HERE='-p local' IN=local: OWNER='' PRERELEASES=v1.3.0-rc.1 DRAFTS=v2.0.0
}
