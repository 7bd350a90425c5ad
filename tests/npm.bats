# npm registries: a real one (verdaccio) with the real npm on both sides; what is sent, compared with npm; npm's
# configuration at its levels, and whose word counts for what; faults.
# shellcheck disable=SC2030,SC2031,SC2154 # each test is a subshell of its own; `try` sets $stderr
load helper
load github
load packages

# ---- the real registry ----

# start_registry DIR: verdaccio, on a port that is free, with all it has in DIR; its URL and process are in files there.
start_registry() {
  local port
  cat >"$1/config.yaml" <<'END'
storage: ./storage
auth: {htpasswd: {file: ./htpasswd, algorithm: sha1}}
packages: {'**': {access: $all, publish: $authenticated, unpublish: $authenticated}}
log: {type: stdout, format: json, level: warn}
END
  for _ in 1 2 3; do
    port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    "$ROOT/build/tools/bin/verdaccio" -c "$1/config.yaml" -l "127.0.0.1:$port" >"$1/log" 2>&1 3>&- &
    echo $! >"$1/pid"
    while kill -0 $! 2>/dev/null; do
      if curl -sf "http://127.0.0.1:$port/-/ping" >/dev/null; then
        echo "http://127.0.0.1:$port" >"$1/url"
        return
      fi
    done
  done
  cat "$1/log"
  return 1
}

setup_file() {
  if ! "$ROOT/tests/tools"; then
    echo '# left out, as verdaccio is not here: what needs a real registry' >&3
    return
  fi
  start_registry "$BATS_FILE_TMPDIR" || return
  # shellcheck disable=SC2155
  export SHOP=$(<"$BATS_FILE_TMPDIR/url")
  curl -sf -X PUT -H 'Content-Type: application/json' -d '{"name": "ada", "password": "s3cret-pw"}' \
    "$SHOP/-/user/org.couchdb.user:ada" | jq -r .token >"$BATS_FILE_TMPDIR/token"
  # shellcheck disable=SC2155
  export TOKEN=$(<"$BATS_FILE_TMPDIR/token")
  [ -n "$TOKEN" ]
}

teardown_file() {
  [ ! -e "$BATS_FILE_TMPDIR/pid" ] || kill "$(<"$BATS_FILE_TMPDIR/pid")"
}

setup() {
  hermetic
  export DL_REGISTRY=npm npm_config_update_notifier=false npm_config_audit=false npm_config_fund=false
  make_repo repo
  cd repo || return
}

# real: this test needs the real registry.
real() {
  [ -n "${SHOP-}" ] || skip 'no verdaccio here, and npm could not install it'
}

# logged_in: the user has a token for the real registry.
logged_in() {
  real
  printf 'registry=%s/\n//%s/:_authToken=%s\n' "$SHOP" "${SHOP#http://}" "$TOKEN" >"$HOME/.npmrc"
}

# ---- packages ----

# npm_packed: `npm pack` makes the tarball of what is in "package".
npm_packed() {
  TGZ=$PWD/$(npm pack --silent ./package)
}

# tags NAME: where its tags lead.
tags() {
  curl -sf "$SHOP/-/package/$1/dist-tags" | jq -r 'to_entries | map("\(.key)=\(.value)") | sort | join(" ")'
}

# tgz FILE [CODE]: python makes the archive FILE, with package/package.json of demo 1.0.0 unless CODE, which has
# `add(PATH, BYTES, ...)`, says otherwise.
tgz() {
  python3 - "$1" <<END
import io, sys, tarfile
archive = tarfile.open(sys.argv[1], 'w:gz', compresslevel=1)
def add(name, data=b'', **more):
    entry = tarfile.TarInfo(name)
    entry.size = len(data)
    for key in more: setattr(entry, key, more[key])
    archive.addfile(entry, io.BytesIO(data))
def manifest(text=b'{"name": "demo", "version": "1.0.0"}'):
    add('package/package.json', text)
${2:-manifest()}
archive.close()
END
}

# document [VERSION FILE]...: what a registry says of demo, which has these versions.
document() {
  local versions='{}'
  while [ $# -gt 0 ]; do
    versions=$(jq -c --arg v "$1" --arg sri "$(sri "$2")" '.[$v] = {name: "demo", version: $v, dist: {integrity: $sri}}' <<<"$versions")
    shift 2
  done
  jq -nc --argjson versions "$versions" '{name: "demo", "dist-tags": {}, versions: $versions}'
}

# shop CASSETTE: serves it as the registry that the user has named.
shop() {
  serve "$1"
  export NPM_CONFIG_REGISTRY=$URL NPM_TOKEN=t0ken
}

# ---- with the real ones ----

@test "what is published is seen by npm view, installed by npm install, and runs" {
  logged_in
  source_of @ada/tool 1.0.0 'bin: "./cli.js", description: "übër <tool>", dependencies: {"@ada/part": "^1"}'
  npm_packed
  tool=$TGZ
  packed @ada/part 1.2.0
  try dl-publish "$TGZ" "$tool"
  assert_status 0
  assert_json 'map(.action) == ["uploaded", "uploaded"] and map(.name) == ["@ada/part", "@ada/tool"]'
  assert_json '.[1] | (.ref | endswith(":/package/%40ada%2Ftool%401.0.0")) and .file == "tool-1.0.0.tgz" and .error == null'
  [ "$(npm view @ada/tool description)" = 'übër <tool>' ]
  [ "$(npm view @ada/tool dist.integrity)" = "$(sri "$tool")" ]
  mkdir ../app && cd ../app
  npm install --silent @ada/tool
  [ "$(node_modules/.bin/tool)" = 'it runs' ]
  [ -e node_modules/@ada/part/package.json ]
  try dl-publish "$tool" -F action
  assert_status 0
  assert_output skipped
}

@test "another tarball of the same version is a conflict, and what is there stays" {
  logged_in
  packed over 1.0.0
  dl-publish "$TGZ"
  before=$(sri "$TGZ")
  packed over 1.0.0 'description: "another one"'
  try dl-publish "$TGZ"
  assert_status 6
  assert_json '.[0].action == "conflict"'
  try dl-publish --skip-existing "$TGZ" -F action
  assert_output skipped
  [ "$(curl -sf "$SHOP/over" | jq -r '.versions[].dist.integrity')" = "$before" ]
}

@test "what npm has published is listed, newest first by semver, and is the same file" {
  logged_in
  for version in 1.9.0 1.10.0 2.0.0-rc.1; do
    packed theirs "$version"
    npm publish --silent --tag "$([ "$version" = 2.0.0-rc.1 ] && echo next || echo latest)" "$TGZ"
  done
  npm deprecate --silent theirs@1.9.0 'it was wrong'
  try dl-versions theirs -F version,yanked
  assert_output $'1.10.0\tfalse\n1.9.0\ttrue'
  try dl-versions --pre theirs -F version,url
  assert_output "2.0.0-rc.1	$SHOP/theirs/2.0.0-rc.1
1.10.0	$SHOP/theirs/1.10.0
1.9.0	$SHOP/theirs/1.9.0"
  try dl-versions theirs@1.9.0
  assert_json '.[0].released_at | fromdate > 1700000000'
  try dl-publish "$TGZ" -F action
  assert_output skipped
  npm dist-tag add theirs@1.9.0 latest --silent
  try dl-versions -1 theirs -F version
  assert_output 1.9.0
  try dl-versions none
  assert_status 5
  try dl-versions '../up'
  assert_status 2
  assert_stderr "'../up' is no name of a package"
}

@test "tags: latest is for the highest release; a pre-release has its own word; --tag names another" {
  logged_in
  for version in 1.0.0 2.0.0 3.0.0-beta.2 3.0.0-1; do
    packed tagged "$version"
    dl-publish "$TGZ"
  done
  [ "$(tags tagged)" = 'beta=3.0.0-beta.2 latest=2.0.0 next=3.0.0-1' ]
  packed tagged 1.0.1
  try dl-publish "$TGZ"
  assert_status 2
  assert_output ''
  assert_stderr '^dl-publish: tagged-1.0.1.tgz: tagged 1.0.1 would become the latest one, and 2.0.0 is higher$'
  assert_stderr 'hint: give it a tag of its own, such as --tag release-1 '
  try dl-publish --tag release-1 "$TGZ" -F action
  assert_output uploaded
  [ "$(tags tagged)" = 'beta=3.0.0-beta.2 latest=2.0.0 next=3.0.0-1 release-1=1.0.1' ]
  # Once it is there nobody asks for a tag again.
  try dl-publish "$TGZ" -F action
  assert_output skipped
  packed tagged 4.0.0 'publishConfig: {tag: "edge"}'
  dl-publish "$TGZ"
  [[ $(tags tagged) = *' edge=4.0.0 latest=2.0.0 '* ]] || complain "$(tags tagged)"
  for tag in 1.x v2 '>=1' 'a b' '*'; do
    try dl-publish --tag "$tag" "$TGZ"
    assert_status 2
    assert_stderr 'is no tag'
  done
  try dl-publish -p local --tag x "$TGZ" --name x --release 1
  assert_status 10
}

@test "the credential is verified before a release, and one that is none is told" {
  logged_in
  git remote remove origin
  try dl-preflight --package @ada/fresh 1.0.0
  assert_json 'any(.name == "registry" and .status == "pass") and any(.name == "credential" and .status == "pass" and (.message | startswith("it is ada")))'
  sed -i 's/_authToken=.*/_authToken=wrong/' "$HOME/.npmrc"
  try dl-preflight --package @ada/fresh 1.0.0
  assert_json 'any(.name == "credential" and .status == "fail")'
  packed @ada/fresh 1.0.0
  try dl-publish "$TGZ"
  assert_status 4
}

# ---- what is sent ----

@test "what is sent is what npm sends, field by field" {
  source_of @ada/demo 1.2.3 'description: "A <demo> \"übër\"", bin: "./cli.js", main: "index.js", keywords: "one, two",
    author: "Ada <ada@example.com> (https://example.com)", contributors: ["Bob <bob@example.com>", {name: "Eve"}],
    repository: "https://git.example.com/ada/demo.git", bugs: "https://example.com/bugs", license: "MIT", files: ["*"],
    dependencies: {b: "^1"}, optionalDependencies: {o: "1"}, peerDependencies: {c: "*"}, engines: {node: ">=6"}, os: ["linux"],
    scripts: {test: "true"}, homepage: "https://h.example.com", unknown: {x: [1, 2.5, null]},
    publishConfig: {access: "public", tag: "edge"}'
  printf '# Read me\n\nübër "quoted"\t\n' >package/README.md
  echo '{}' >package/binding.gyp
  npm_packed
  shop "$({
    answer 'PUT /@ada%2Fdemo' '{}' 201
    answer 'PUT /@ada%2fdemo' '{}' 201
    answer 'GET /@ada%2Fdemo' '{}' 404
    answer 'GET /@ada%2fdemo' '{}' 404
    answer 'GET /npm' '{}' 404
  } | cassette npm)"
  printf '//%s/:_authToken=t0ken\n' "${URL#http://}" >"$HOME/.npmrc"
  dl-publish --no-verify "$TGZ"
  npm publish --silent "$TGZ"
  [ "$(requests '^PUT .* -> 201')" = 2 ]
  [ "$(grep -a ^PUT "$REQUESTS" | grep -ao 'authorization: [^	]*' | sort -u)" = 'authorization: Bearer t0ken' ]
  [ "$(grep -a ^PUT "$REQUESTS" | grep -ac 'content-type: application/json')" = 2 ]
  ours=$(grep -l '"_attachments"' "$BODIES"/* | sort -V | head -n 1)
  theirs=$(grep -l '"_attachments"' "$BODIES"/* | sort -V | tail -n 1)
  [ "$ours" != "$theirs" ]
  # npm adds which one it is, and where it has read the tarball; some put what is optional among the rest, too.
  jq -S '.versions[] |= (del(._nodeVersion, ._npmVersion, ._integrity, ._resolved, ._from) |
    delpaths([.optionalDependencies | keys[] | ["dependencies", .]]))' "$theirs" >theirs
  jq -S . "$ours" >ours
  diff theirs ours
  [ "$(jq '.versions[] | length' "$ours")" -gt 20 ]
  jq -r '._attachments[].data' "$ours" | base64 -d | cmp - "$TGZ"
}

@test "versions are as semver has them, members that are objects already stay, and there may be no readme" {
  tgz v.tgz 'manifest(b"\xef\xbb\xbf" + b"""{"version": "v1.0.0+build.7", "name": "demo", "readme": "mine", "bin": {"x": "./a/b"}, "author": {"name": "A"},
    "bugs": "a@example.com", "scripts": {"preinstall": "true"}, "keywords": ["k"], "repository": {"type": "svn", "url": "u"}}""")
add("package/binding.gyp", b"{}"); add("package/readme.rst", b"rst"); add("package/lib/README.md", b"deep")'
  shop "$({ answer 'GET /demo' '{}' 404 && answer 'PUT /demo' '{}' 201; } | cassette v)"
  dl-publish --no-verify v.tgz
  jq -e '.versions | keys == ["1.0.0"]' "$BODIES"/2 || jq -e '.versions | keys == ["1.0.0"]' "$BODIES"/1
  jq -e '.versions[] | .readme == "mine" and .bin == {x: "a/b"} and .author == {name: "A"} and .bugs == {email: "a@example.com"}
    and .scripts == {preinstall: "true"} and .keywords == ["k"] and .repository == {type: "svn", url: "u"}' "$BODIES"/*
}

@test "a large tarball is sent in little memory" {
  source_of demo 1.0.0
  head -c 16000000 /dev/zero | openssl enc -aes-128-ctr -K 00 -iv 00 >package/big 2>/dev/null
  TGZ=$PWD/demo-1.0.0.tgz
  tar -cf - package | gzip -1 >"$TGZ"
  shop "$({
    answer 'GET /demo' '{}' 404
    answer 'PUT /demo' '{}' 201
  } | cassette big)"
  /usr/bin/time -f %M -o peak dl-publish --no-verify "$TGZ"
  jq -r '._attachments[].data' "$(find "$BODIES" -size +1M)" | base64 -d | cmp - "$TGZ"
  case $DL_BIN in *address*) ;; *) [ "$(<peak)" -lt 24576 ] ;; esac
}

# ---- whose registry, whose credential ----

# goes_to URL [NAME]: where the package NAME is asked for.
goes_to() {
  try dl-versions --url "${2:-demo}" -F url
  assert_status 0
  assert_output "$1/${2:-demo}"
}

@test "the registry is the environment's, the project's, the user's, the installation's, then npm's own" {
  mkdir -p ../node/bin ../node/etc
  printf '#!/bin/sh\necho https://npms.example.com/\n' >../node/bin/npm
  cp "$(type -P true)" ../node/bin/node
  chmod +x ../node/bin/npm
  PATH=$(realpath ../node/bin):$PATH
  goes_to https://npms.example.com
  echo 'registry = "https://global.example.com/npm/"' >../node/etc/npmrc
  goes_to https://global.example.com/npm
  echo 'registry=https://user.example.com' >"$HOME/.npmrc"
  goes_to https://user.example.com
  echo 'registry=https://${WHERE}/npm' >other.npmrc
  NPM_CONFIG_USERCONFIG=$PWD/other.npmrc WHERE=other.example.com goes_to https://other.example.com/npm
  echo 'registry=https://project.example.com' >.npmrc
  goes_to https://project.example.com
  mkdir -p packages/one/lib
  echo '{}' >packages/one/package.json
  echo 'registry=https://one.example.com' >packages/one/.npmrc
  (cd packages/one/lib && goes_to https://one.example.com)
  npm_config_registry=https://env.example.com/ goes_to https://env.example.com
  NPM_CONFIG_REGISTRY=https://env.example.com goes_to https://env.example.com
}

@test "a scope has a registry of its own, and a package may want one" {
  real
  printf '%s\n' 'registry=https://all.example.com' '@ada:registry=https://ada.example.com/npm/' >"$HOME/.npmrc"
  try dl-versions --url @ada/x @bob/x x -F url
  assert_output $'https://ada.example.com/npm/@ada%2Fx\nhttps://all.example.com/@bob%2Fx\nhttps://all.example.com/x'
  try dl-versions --url -p npm -R https://named.example.com/npm/all/ @ada/x -F url,project
  assert_output $'https://named.example.com/npm/all/@ada%2Fx\t'
  echo '@ada:registry=https://project.example.com' >.npmrc
  try dl-versions --url @ada/x -F url
  assert_output 'https://project.example.com/@ada%2Fx'
  tgz wants.tgz 'manifest(b"""{"name": "x", "version": "1.0.0", "publishConfig": {"registry": "%s"}}""" % b"'"$SHOP/"'")'
  try dl-publish -N wants.tgz -F url,action
  assert_status 0
  assert_output "$SHOP/x/1.0.0	planned"
}

@test "which registry is looked for in what is published, and in the tree" {
  logged_in
  unset DL_REGISTRY
  tgz demo-1.0.0.tgz
  try dl-publish -N demo-1.0.0.tgz -F provider,action
  assert_output $'npm\tplanned'
  echo '{}' >package.json
  try dl-providers -C .
  try dl-versions --url demo -F provider
  assert_output npm
  rm package.json
  try dl-versions --url demo
  assert_status 11
  try dl-versions -p npm --url demo -F url
  assert_output "$SHOP/demo"
}

@test "without any word of a registry there is none" {
  PATH=$DL_BIN:/usr/bin:/bin
  mkdir bin && printf '#!/bin/sh\nexit 1\n' >bin/npm && chmod +x bin/npm
  PATH=$PWD/bin:$PATH try dl-versions demo
  assert_status 11
  assert_stderr 'npm: which server'
  assert_stderr 'hint: set NPM_CONFIG_REGISTRY'
}

# asked [HEADER]: demo is asked for with that credential; without any, when HEADER is left out.
asked() {
  : >"$REQUESTS"
  dl-versions demo >/dev/null
  if [ $# = 0 ]; then
    refute requested authorization:
  else
    requested '^GET /' "authorization: $1"$'(\t|$)'
  fi
}

@test "a credential is for the registry that its key names: the longest beginning counts" {
  tgz demo.tgz
  serve "$(answer 'GET /a/npm/demo' "$(document 1.0.0 demo.tgz)" | cassette keys)"
  at=${URL#http://}
  echo "registry=$URL/a/npm/" >"$HOME/.npmrc"
  asked
  echo "//localhost:${at#*:}/:_authToken=other-host" >>"$HOME/.npmrc"
  asked
  echo "//$at/:_authToken=host" >>"$HOME/.npmrc"
  asked 'Bearer host'
  echo "//$at/a/b/:_authToken=sibling" >>"$HOME/.npmrc"
  asked 'Bearer host'
  printf '//%s/a:username=ada\n//%s/a:_password=%s\n' "$at" "$at" "$(printf 'pä ss' | base64)" >>"$HOME/.npmrc"
  asked "Basic $(printf 'ada:pä ss' | base64)"
  echo "//$at/a/npm/:_auth=QUJD" >>"$HOME/.npmrc"
  asked 'Basic QUJD'
  echo "//$at/a/npm/:_authToken=\${MINE}" >>"$HOME/.npmrc"
  asked 'Basic QUJD'
  MINE=m1ne asked 'Bearer m1ne'
  MINE=$'m1ne\r\nx-evil: 1' try dl-versions demo
  assert_status 11
  # What is in the environment goes where the user says that the registry is.
  NPM_TOKEN=t0ken asked 'Bearer t0ken'
  env "npm_config_//$at/a/npm/:_authToken=env" dl-versions demo
  requested 'authorization: Bearer env'
}

@test "a project may name a registry, and has nothing of the user's sent there" {
  tgz demo.tgz
  serve "$(answer 'GET /*' "$(document 1.0.0 demo.tgz)" | cassette evil)"
  at=${URL#http://}
  export NPM_TOKEN=t0ken SECRET=s3cret
  printf 'registry=https://user.example.com\n//user.example.com/:_authToken=user\n' >"$HOME/.npmrc"
  echo "registry=$URL" >.npmrc
  asked
  echo "//$at/:_authToken=\${NPM_TOKEN}" >>.npmrc
  asked
  printf '//%s/:_auth=${SECRET}\n//%s/:username=a\n//%s/:_password=${SECRET}\n' "$at" "$at" "$at" >>.npmrc
  asked
  # Its own words it may have.
  echo "//$at/:_authToken=theirs" >>.npmrc
  asked 'Bearer theirs'
  # The user's key for that very place, and the user's word for it.
  echo "//$at/:_authToken=mine" >>"$HOME/.npmrc"
  asked 'Bearer mine'
  git config --global "devloop.host.$at.provider" npm
  asked 'Bearer t0ken'
  for line in "registry=$URL/\${SECRET}/" "registry=https://\${SECRET}.example.com"; do
    echo "$line" >.npmrc
    : >"$REQUESTS"
    try dl-versions demo
    assert_status 11
    assert_output ''
    assert_stderr '\.npmrc: registry has a variable of the environment in it'
    [ ! -s "$REQUESTS" ]
  done
  echo '@ada:registry=http://evil.example.com' >.npmrc
  try dl-versions @ada/demo
  assert_status 11
  assert_stderr 'by http, which anybody can read'
}

@test "a package that wants another registry takes no credential of the user's there" {
  tgz demo.tgz
  serve "$(answer 'GET /*' '{}' 404 | cat - <(answer 'PUT /demo' '{}' 201) | cassette wants)"
  tgz demo.tgz 'manifest(b"""{"name": "demo", "version": "1.0.0", "publishConfig": {"registry": "%s"}}""" % b"'"$URL"'")'
  echo 'registry=https://user.example.com' >"$HOME/.npmrc"
  export NPM_TOKEN=t0ken
  dl-publish --no-verify demo.tgz
  requested '^PUT /demo -> 201'
  refute requested authorization:
}

# ---- trusted publishing ----

@test "a job of GitHub Actions and one of GitLab CI/CD are given a token by a registry that trusts them" {
  tgz demo.tgz 'manifest(b"""{"name": "@ada/demo", "version": "1.0.0"}""")'
  local place=/-/npm/v1/oidc/token/exchange/package/@ada%2Fdemo one two
  one=$(jwt '"npm:127.0.0.1"') two=$(jwt '"npm:127.0.0.1"' dHdv)
  shop "$({
    answer 'GET /@ada%2Fdemo' '{}' 404 'deny authorization'
    answer 'GET /identity?audience=npm%3A127.0.0.1' '{"value":"'"$one"'"}' 200 'need authorization: bearer ask-me'
    answer "POST $place" '{"token":"npm_minted"}' 201 "need authorization: Bearer $one"
    answer "POST $place" '{"message":"no such publisher"}' 404
    answer 'PUT /@ada%2Fdemo' '{}' 201 'need authorization: Bearer npm_minted'
  } | cassette trusted)"
  unset NPM_TOKEN
  # What actions/setup-node writes is no token.
  echo "//${URL#http://}/:_authToken=\${NODE_AUTH_TOKEN}" >"$HOME/.npmrc"
  NODE_AUTH_TOKEN=XXXXX-XXXXX-XXXXX-XXXXX ACTIONS_ID_TOKEN_REQUEST_URL="$URL/identity" \
    ACTIONS_ID_TOKEN_REQUEST_TOKEN=ask-me try dl-publish -v --no-verify demo.tgz -F action
  assert_status 0
  assert_output uploaded
  refute grep -qE "$one|minted|ask-me" <<<"$stderr"
  NPM_ID_TOKEN=$one try dl-publish --no-verify demo.tgz -F action
  assert_output uploaded
  NPM_ID_TOKEN=$two try dl-publish --no-verify demo.tgz
  assert_status 4
  assert_stderr 'trusted publishing: .*no such publisher'
  assert_stderr "127.0.0.1:[0-9]* says which jobs it trusts"
  NPM_ID_TOKEN=$one try dl-publish -N demo.tgz -F action
  assert_output planned
  [ "$(requests '^POST')" = 3 ]
}

@test "whether a job is trusted is known before a release; one that is not uses the token that there is" {
  tgz demo.tgz
  local one two
  one=$(jwt '["other","npm:127.0.0.1"]') two=$(jwt '"npm:127.0.0.1"')
  shop "$({
    answer 'GET /demo' '{}' 404
    answer 'POST /-/npm/v1/oidc/token/exchange/package/demo' '{"token":"npm_minted"}' 201 "need authorization: Bearer $one"
    answer 'POST /-/npm/v1/oidc/token/exchange/package/demo' '{"message":"no such publisher"}' 404
    answer 'PUT /demo' '{}' 201 'need authorization: Bearer npm_minted'
    answer 'PUT /demo' '{}' 201 'need authorization: Bearer t0ken'
    answer 'GET /-/whoami' '{"username":"ada"}' 200 'need authorization: Bearer t0ken'
  } | cassette trusted)"
  # A token may be good for reading alone, and reads.
  for identity in "$one" "$two"; do
    NPM_ID_TOKEN=$identity try dl-publish --no-verify demo.tgz -F action
    assert_output uploaded
  done
  requested '^GET /demo' 'authorization: Bearer t0ken'
  [ "$(requests '^PUT .*Bearer npm_minted')" = 1 ]
  git remote remove origin
  NPM_ID_TOKEN=$two try dl-preflight --package demo 1.0.0
  assert_json 'any(.name == "credential" and .status == "pass" and (.message | startswith("it is ada")))'
  unset NPM_TOKEN
  NPM_ID_TOKEN=$one try dl-preflight --package demo 1.0.0
  assert_json 'any(.name == "credential" and .status == "pass" and (.message | contains("trusted publishing")))'
  NPM_ID_TOKEN=$two try dl-preflight --package demo 1.0.0
  assert_json 'any(.name == "credential" and .status == "fail" and (.message | contains("no such publisher")))'
}

@test "an identity for others is shown to nobody, and is none" {
  tgz demo.tgz
  shop "$({
    answer 'GET /demo' '{}' 404
    answer 'PUT /demo' '{}' 201 'need authorization: Bearer t0ken'
  } | cassette others)"
  for identity in "$(jwt '"npm:registry.npmjs.org"')" "$(jwt '["npm:127.0.0.10"]')" "$(jwt '{"aud":"npm:127.0.0.1"}')" \
    "$(jwt null)" opaque a.b .; do
    NPM_ID_TOKEN=$identity try dl-publish --no-verify demo.tgz -F action
    assert_output uploaded
    NPM_TOKEN='' NPM_ID_TOKEN=$identity try dl-publish --no-verify demo.tgz
    assert_status 4
    assert_stderr 'NPM_ID_TOKEN is no identity for npm:127.0.0.1'
    assert_stderr "hint: .*NPM_ID_TOKEN: {aud: 'npm:127.0.0.1'}"
  done
  refute requested '^POST'
}

@test "an identity is shown to no registry that a project or a package names" {
  tgz demo.tgz
  serve "$({ answer 'GET /*' '{}' 404 && answer 'POST /*' '{"token":"x"}' 201 && answer 'PUT /demo' '{}' 201; } | cassette evil)"
  echo 'registry=https://user.example.com' >"$HOME/.npmrc"
  NPM_ID_TOKEN=$(jwt '"npm:127.0.0.1"')
  export NPM_ID_TOKEN ACTIONS_ID_TOKEN_REQUEST_URL="$URL/identity" ACTIONS_ID_TOKEN_REQUEST_TOKEN=ask-me
  echo "registry=$URL" >.npmrc
  dl-publish --no-verify demo.tgz
  rm .npmrc
  tgz demo.tgz 'manifest(b"""{"name": "demo", "version": "1.0.0", "publishConfig": {"registry": "%s"}}""" % b"'"$URL"'")'
  dl-publish --no-verify demo.tgz
  [ "$(requests '^PUT /demo')" = 2 ]
  refute requested '^POST'
  refute requested identity
  refute requested authorization:
}

# ---- faults ----

@test "a file is sent when the registry has it not, and looked for until it has" {
  tgz demo.tgz
  shop "$({
    answer 'GET /demo' '{}' 404
    answer 'GET /demo' '{}' 404
    answer 'GET /demo' "$(document 1.0.0 demo.tgz)"
    answer 'PUT /demo' '{}' 201
  } | cassette lag)"
  try dl-publish demo.tgz
  assert_status 0
  assert_json '.[0] | .action == "uploaded" and .error == null'
  [ "$(requests '^PUT')" = 1 ]
  [ "$(requests '^GET')" = 3 ]
  requested '^GET' 'cache-control: no-cache'
}

@test "a 502 after the file was taken: the registry is asked, and nothing is sent again" {
  tgz demo.tgz
  shop "$({
    answer 'GET /demo' '{}' 404
    answer 'GET /demo' "$(document 1.0.0 demo.tgz)"
    answer 'PUT /demo' '' 502
  } | cassette taken)"
  try dl-publish demo.tgz -F action
  assert_status 0
  assert_output uploaded
  [ "$(requests '^PUT')" = 1 ]
}

@test "a connection that is cut in mid-upload: the registry has it not, so it is sent again" {
  tgz demo.tgz
  shop "$({
    answer 'GET /demo' '{}' 404
    answer 'GET /demo' '{}' 404
    answer 'GET /demo' "$(document 1.0.0 demo.tgz)"
    answer 'PUT /demo' '' 'close take=100'
    answer 'PUT /demo' '{}' 201
  } | cassette cut)"
  try dl-publish demo.tgz -F action
  assert_status 0
  assert_output uploaded
  assert_stderr 'it has not arrived, trying again'
  [ "$(requests '^PUT')" = 2 ]
  jq -r '._attachments[].data' "$(ls -t "$BODIES"/* | head -n 1)" | base64 -d | cmp - demo.tgz
}

@test "a refusal because it is there, by whatever status: the same by its hash, or another one" {
  tgz demo.tgz
  tgz other.tgz 'manifest(); add("package/more", b"x")'
  for code in 403 409 400 404; do
    for there in demo other; do
      shop "$({
        answer 'GET /demo' '{}' 404
        answer 'GET /demo' "$(document 1.0.0 $there.tgz)"
        answer 'PUT /demo' '{"error":"You cannot publish over the previously published versions: 1.0.0."}' "$code"
      } | cassette "race-$code-$there")"
      try dl-publish demo.tgz
      if [ $there = demo ]; then
        assert_status 0
        assert_json '.[0].action == "skipped"'
      else
        assert_status 6
        assert_json '.[0] | .action == "failed" and .error.class == "refused"'
        assert_stderr 'another file of that name is there: .*You cannot publish over'
      fi
      stop_servers
    done
  done
}

@test "a refusal that is one is told in the registry's words" {
  tgz demo.tgz
  while IFS='|' read -r status header code words; do
    shop "$({
      answer 'GET /demo' '{}' 404
      answer 'PUT /demo' '{"error":"[FORBIDDEN] not yours"}' "$status" ${header:+"$header"}
    } | cassette "no-$status")"
    DL_RETRIES=0 try dl-publish demo.tgz
    assert_status "$code"
    assert_stderr "$words"
    [ "$(requests '^PUT')" = 1 ]
    stop_servers
    rm "$REQUESTS"
  done <<'END'
403||4|forbids that: \[FORBIDDEN\] not yours
401||4|does not accept the credential
401|WWW-Authenticate: OTP|4|wants a one-time password
404||5|hint: registries say so, too, when the credential may not publish
402||6|refuses that: \[FORBIDDEN\] not yours
503||8|is broken at the moment
307|Location: http://127.0.0.1:1/|6|redirect
END
}

@test "a second factor and who may read it are sent as the user says" {
  tgz demo.tgz 'manifest(b"""{"name": "@ada/demo", "version": "1.0.0"}""")'
  shop "$({ answer 'GET /*' '{}' 404 && answer 'PUT /@ada%2Fdemo' '{}' 201; } | cassette otp)"
  NPM_CONFIG_OTP=123456 NPM_CONFIG_ACCESS=restricted NPM_CONFIG_TAG=edge dl-publish --no-verify demo.tgz
  requested '^PUT' 'npm-otp: 123456' '"access":"restricted"' '"dist-tags":\{"edge":"1.0.0"\}'
  NPM_CONFIG_ACCESS=secret try dl-publish demo.tgz
  assert_status 2
  tgz demo.tgz
  NPM_CONFIG_ACCESS=restricted try dl-publish demo.tgz
  assert_status 2
  assert_stderr 'without a scope cannot be restricted'
}

@test "hashes: of several the SHA-512 counts, else SHA-1; a version without is not judged" {
  tgz demo.tgz
  while IFS='|' read -r dist code action; do
    shop "$(answer 'GET /demo' "{\"versions\":{\"1.0.0\":{\"dist\":$dist}}}" | cassette hashes)"
    try dl-publish demo.tgz
    assert_status "$code"
    assert_json ".[0].action == \"$action\""
    stop_servers
  done <<END
{"integrity":"sha1-xxx $(sri demo.tgz)"}|0|skipped
{"integrity":"$(sri demo.tgz)?opt sha512-AAAA"}|0|skipped
{"integrity":"sha512-AAAA","shasum":"$(sha1sum <demo.tgz | cut -d ' ' -f 1)"}|6|conflict
{"integrity":"sha1-xxx","shasum":"$(sha1sum <demo.tgz | cut -d ' ' -f 1)"}|0|skipped
{"shasum":"0000"}|6|conflict
{}|6|conflict
END
}

@test "a registry that sends elsewhere for what it has not, has not got it" {
  tgz demo.tgz
  serve "$(answer 'GET /demo' "$(document 1.0.0 demo.tgz)" | cassette stranger)"
  stranger=${URL/127.0.0.1/localhost}
  shop "$(answer 'GET /demo' '' 302 "Location: $stranger/demo" | cassette away)"
  try dl-versions demo
  assert_status 5
  assert_stderr 'sends who asks to another server'
}

# ---- hostile ones ----

# refuses STATUS WORDS [CODE]: a tarball is refused, and nobody is asked.
refuses() {
  tgz bad.tgz "${3:-manifest()}"
  try dl-publish bad.tgz
  assert_status "$1"
  assert_output ''
  assert_stderr "$2"
  [ ! -e "$REQUESTS" ] || complain "$2: somebody was asked"
}

@test "hostile archives are refused, and nothing is sent" {
  export NPM_CONFIG_REGISTRY=http://127.0.0.1:1
  refuses 9 "'package/../../evil'" 'manifest(); add("package/../../evil", b"x")'
  refuses 9 "'/etc/evil'" 'manifest(); add("/etc/evil", b"x")'
  refuses 9 'is a hard link' 'manifest(); add("package/l", type=tarfile.LNKTYPE, linkname="package/package.json")'
  refuses 9 'leads out of the archive' 'manifest(); add("package/l", type=tarfile.SYMTYPE, linkname="../../x")'
  refuses 9 'stands there twice, or is one of two' 'manifest(); manifest()'
  refuses 9 'stands there twice, or is one of two' 'manifest(); add("other/package.json", b"{}")'
  refuses 9 'unpacks, with what comes before it, to more than is allowed' 'manifest(); add("package/big", bytes(260 << 20))'
  refuses 9 'is larger than' 'manifest(b"{" + b" " * (2 << 20) + b"}")'
  refuses 9 'no package.json in a folder at its top' 'add("package.json", b"{}")'
  refuses 9 'no package.json in a folder at its top' 'add("package/lib/package.json", b"{}")'
  echo 'not gzip' >bad.tgz
  try dl-publish bad.tgz
  assert_status 9
  tgz cut.tgz 'manifest(); add("package/a", bytes(range(256)) * 400)'
  head -c 300 cut.tgz >bad.tgz
  try dl-publish bad.tgz
  assert_status 9
}

@test "a package.json that cannot be is refused, and nothing is sent" {
  export NPM_CONFIG_REGISTRY=http://127.0.0.1:1
  cat >rows <<'END'
9|malformed JSON|{"name":
9|malformed JSON|{"name": "a\u0000b", "version": "1.0.0"}
9|is no object|[]
9|'\(none\)' is no name|{"version": "1.0.0"}
9|'../up' is no name|{"name": "../up", "version": "1.0.0"}
9|'@a/../b' is no name|{"name": "@a/../b", "version": "1.0.0"}
9|'@a/.b' is no name|{"name": "@a/.b", "version": "1.0.0"}
9|'@/b' is no name|{"name": "@/b", "version": "1.0.0"}
9|'@../b' is no name|{"name": "@../b", "version": "1.0.0"}
9|'a b' is no name|{"name": "a b", "version": "1.0.0"}
9|'.a' is no name|{"name": ".a", "version": "1.0.0"}
9|'_a' is no name|{"name": "_a", "version": "1.0.0"}
9|'-p' is no name|{"name": "-p", "version": "1.0.0"}
9|'a/b' is no name|{"name": "a/b", "version": "1.0.0"}
9|'a%2fb' is no name|{"name": "a%2fb", "version": "1.0.0"}
9|'node_modules' is no name|{"name": "node_modules", "version": "1.0.0"}
9|'one' is no version|{"name": "demo", "version": "one"}
9|'1.0' is no version|{"name": "demo", "version": "1.0"}
9|'\(none\)' is no version|{"name": "demo"}
9|'1.0.0/../2' is no version|{"name": "demo", "version": "1.0.0/../2"}
9|has several 'name'|{"name": "demo", "version": "1.0.0", "name": "other"}
9|has several 'scripts'|{"name": "demo", "version": "1.0.0", "scripts": {}, "scripts": {}}
6|demo is marked as private|{"name": "demo", "version": "1.0.0", "private": true}
2|'1.x' is no tag|{"name": "demo", "version": "1.0.0", "publishConfig": {"tag": "1.x"}}
2|'all' is no access|{"name": "demo", "version": "1.0.0", "publishConfig": {"access": "all"}}
9|is no name of a package|{"name": "LONG", "version": "1.0.0"}
END
  tgz demo.tgz "manifest()
for line, row in enumerate(open('rows', 'rb').read().splitlines(), 1):
    archive.close()
    archive = tarfile.open('%d.tgz' % line, 'w:gz')
    manifest(row.split(b'|', 2)[2].replace(b'LONG', b'a' * 215))"
  line=0
  while IFS='|' read -r code words _; do
    try dl-publish "$((++line)).tgz"
    assert_status "$code"
    assert_output ''
    assert_stderr "$words"
  done <rows
  [ "$line" = 26 ]
  [ ! -e "$REQUESTS" ]
  try dl-publish --name other demo.tgz
  assert_status 2
  assert_stderr 'it is demo 1.0.0'
}
