# Registries of OCI artifacts: the real one that Debian has as docker-registry, with skopeo as another client of it; and,
# for what that does not do, answers composed from the specification.
# shellcheck disable=SC2154 # `try` sets $stderr
load helper
load github
load oci

setup() {
  hermetic
  export DL_REGISTRY=oci
  printf 'an image\n' >core.tcz
  SHA=$(sha256sum <core.tcz | cut -d ' ' -f 1)
}

publish() {
  try dl-publish --name "${NAME:-tiny/core}" --release 1.2 "$@"
}

# ---- the real one ----

@test "files are one artifact, of their names and bytes alone" {
  oci_registry
  head -c 3000 /dev/urandom >"a b.bin"
  : >empty.txt
  publish core.tcz 'a b.bin' empty.txt -F action,file,url
  assert_status 0
  assert_output "$(printf 'uploaded\t%s\t'"http://$OCI_HOST/v2/tiny/core/manifests/1.2\n" core.tcz 'a b.bin' empty.txt)"
  oci_manifest tiny/core:1.2 >manifest
  jq -e '.mediaType == "application/vnd.oci.image.manifest.v1+json" and .artifactType and
    .config.mediaType == "application/vnd.oci.empty.v1+json" and (.layers | length == 3)' manifest
  [ "$(oci_titles <manifest)" = $'a b.bin\ncore.tcz\nempty.txt' ]
  for file in core.tcz 'a b.bin' empty.txt; do
    curl -sf "http://$OCI_HOST/v2/tiny/core/blobs/$(oci_digest "$file" <manifest)" | cmp - "$file"
  done
  touch -d 2020-01-01 core.tcz
  NAME=other publish empty.txt core.tcz 'a b.bin'
  assert_status 0
  oci_manifest other:1.2 | cmp - manifest
}

@test "skopeo takes what was published, and finds its digests right" {
  command -v skopeo >/dev/null || skip 'no skopeo here'
  oci_registry
  publish core.tcz
  assert_status 0
  skopeo copy -q --src-tls-verify=false "docker://$OCI_HOST/tiny/core:1.2" dir:copy
  cmp "copy/$SHA" core.tcz
  oci_manifest tiny/core:1.2 | cmp - copy/manifest.json
}

@test "what is there is not sent: the whole artifact, or those of its blobs" {
  oci_registry
  publish core.tcz
  publish -v core.tcz -F action
  assert_status 0
  assert_output skipped
  refute grep -qE ': (POST|PUT|PATCH) ' <<<"$stderr"
  echo more >more.txt
  publish -v --release 1.3 core.tcz more.txt -F action
  assert_output $'uploaded\nuploaded'
  [ "$(grep -c ': POST ' <<<"$stderr")" = 1 ]
}

@test "a tag with another artifact is a conflict, and stays" {
  oci_registry
  publish core.tcz
  oci_manifest tiny/core:1.2 >before
  echo more >more.txt
  publish core.tcz more.txt -F action
  assert_status 6
  assert_line conflict
  assert_stderr 'there already with other content'
  publish --skip-existing more.txt -F action
  assert_status 0
  assert_output skipped
  oci_manifest tiny/core:1.2 | cmp - before
}

@test "a large file goes in chunks" {
  oci_registry
  head -c 2500 /dev/urandom >large.bin
  DL_OCI_CHUNK=1000 publish -v large.bin
  assert_status 0
  [ "$(grep -c ': PATCH ' <<<"$stderr")" = 3 ]
  curl -sf "http://$OCI_HOST/v2/tiny/core/blobs/sha256:$(sha256sum <large.bin | cut -d ' ' -f 1)" | cmp - large.bin
  DL_OCI_CHUNK=none publish --release 1.3 core.tcz
  assert_status 11
}

@test "versions are tags, by semver" {
  oci_registry
  for version in 1.9.0 1.10.0 latest v2.0.0-rc.1 1.2; do
    dl-publish -q --name tiny/core --release "$version" core.tcz >/dev/null
  done
  try dl-versions -p oci tiny/core --pre -F version
  assert_output $'v2.0.0-rc.1\n1.10.0\n1.9.0\n1.2\nlatest'
  try dl-versions "$OCI_HOST/tiny/core" -1 -F name,version
  assert_output $'tiny/core\t1.10.0'
  try dl-versions tiny/none
  assert_status 5
}

@test "the name says where, as with other programs, or the project does" {
  oci_registry
  unset OCI_REGISTRY
  publish core.tcz
  assert_status 11
  assert_stderr 'which server'
  NAME=$OCI_HOST/tiny/core publish core.tcz -F name,host
  assert_status 0
  assert_output "tiny/core"$'\t'"$OCI_HOST"
  NAME=core publish -R "oci@$OCI_HOST:tiny" core.tcz -F project,name,action
  assert_output $'tiny\tcore\tskipped'
  try dl-versions "$OCI_HOST/tiny/core" example.com/tiny/core
  assert_status 2
  assert_stderr "is not at $OCI_HOST"
}

@test "a name or a tag that is none: exit 2, and nobody is asked" {
  export OCI_REGISTRY=http://127.0.0.1:1
  for name in Tiny tiny/ /tiny tiny//core tiny..core tiny:1 'tiny core' -x ../x "$(printf 'a%.0s' {1..256})"; do
    try dl-publish "--name=$name" --release 1 core.tcz
    assert_status 2
  done
  for version in '' .1 1/2 1+2 'a b' -- "$(printf '1%.0s' {1..129})"; do
    try dl-publish --name tiny "--release=$version" core.tcz
    assert_status 2
  done
  try dl-publish --name tiny --release 1.0+7 core.tcz
  assert_stderr "hint: a tag has no '\+'"
  printf x >$'a\nb'
  try dl-publish --name tiny --release 1 $'a\nb'
  assert_status 9
}

@test "passwords: none, wrong, and from each place that has one" {
  oci_registry locked
  publish core.tcz
  assert_status 4
  assert_stderr 'there is no credential for '
  OCI_USER=ada OCI_TOKEN=wrong publish core.tcz
  assert_status 4
  assert_stderr 'hint: the credential came from OCI_TOKEN'
  refute grep -q wrong <<<"$stderr"
  OCI_USER=ada OCI_TOKEN=secret publish core.tcz -F action
  assert_output uploaded

  if command -v skopeo >/dev/null; then
    skopeo login --tls-verify=false --authfile auth -u ada -p secret "$OCI_HOST" >login
  else
    jq -n --arg host "$OCI_HOST" '{auths: {($host): {auth: ("ada:secret" | @base64)}}}' >auth
  fi
  REGISTRY_AUTH_FILE=$PWD/auth publish core.tcz -F action
  assert_output skipped
  mkdir -p "$HOME/.docker" "$XDG_RUNTIME_DIR/containers" docker
  mv auth "$XDG_RUNTIME_DIR/containers/auth.json"
  publish core.tcz -F action
  assert_output skipped
  mv "$XDG_RUNTIME_DIR/containers/auth.json" "$HOME/.docker/config.json"
  publish core.tcz -F action
  assert_output skipped
  mv "$HOME/.docker/config.json" docker
  DOCKER_CONFIG=$PWD/docker publish core.tcz -F action
  assert_output skipped

  CI_REGISTRY=$OCI_HOST CI_REGISTRY_USER=ada CI_REGISTRY_PASSWORD=secret publish core.tcz -F action
  assert_output skipped
  CI_REGISTRY=example.com CI_REGISTRY_USER=ada CI_REGISTRY_PASSWORD=secret publish core.tcz
  assert_status 4
}

@test "dl-preflight: the version is not there, and who publishes is let in" {
  # told NAME: what the check of that name says.
  told() {
    dl-preflight --package "$OCI_HOST/tiny/core" 1.2.0 -F name,status,message 2>/dev/null | grep "^$1"$'\t'
  }
  make_repo repo
  git -C repo remote remove origin
  oci_registry locked
  cd repo
  told credential | grep -q 'fail.*does not accept the credential'
  export OCI_USER=ada OCI_TOKEN=secret
  told registry | grep -q 'pass.*does not have it'
  told credential | grep -q 'pass.*takes the one from OCI_TOKEN'
  NAME=tiny/core publish --release 1.2.0 ../core.tcz
  told registry | grep -q 'fail.*has 1.2.0 already'
  oci_registry
  unset OCI_USER OCI_TOKEN
  told credential | grep -q 'pass.*asks for none'
  serve "$({ door; answer 'GET /token?*' '{"token":"t"}'; answer 'GET /v2/*' '{}' 404; } | cassette any)"
  OCI_HOST=${URL#http://}
  told credential | grep -q 'warn.*there is none'
}

@test "a helper of docker's is asked, for the registry it is for" {
  oci_registry locked
  mkdir -p "$HOME/.docker" bin
  cat >bin/docker-credential-vault <<'SH'
#!/bin/sh
[ "$1" = get ] && read -r server || [ -n "$server" ] || exit 1
echo "$server" >>asked
echo '{"ServerURL":"x","Username":"ada","Secret":"secret"}'
SH
  chmod +x bin/docker-credential-vault
  PATH=$PWD/bin:$PATH
  jq -n --arg host "$OCI_HOST" '{credHelpers: {($host): "vault", "example.com": "other"}}' >"$HOME/.docker/config.json"
  publish core.tcz -F action
  assert_output uploaded
  [ "$(sort -u asked)" = "$OCI_HOST" ]
  echo '{"credsStore": "vault", "auths": {}}' >"$HOME/.docker/config.json"
  publish core.tcz -F action
  assert_output skipped
  echo '{"credsStore": "../x"}' >"$HOME/.docker/config.json"
  publish core.tcz
  assert_status 4
  echo '{"auths": [' >"$HOME/.docker/config.json"
  publish core.tcz
  assert_status 11
}

@test "a file is never in memory" {
  case $DL_BIN in *address*) skip "sanitizers keep what was freed" ;; esac
  oci_registry
  truncate -s 100M large.bin
  [ "$({ command time -f %M dl-publish -q --name tiny/core --release 1.2 large.bin >/dev/null; } 2>&1)" -lt 24000 ]
}

# ---- tokens ----

# door: the front door of a registry that wants a token from the realm at localhost, another host.
door() {
  answer 'GET /v2/' '{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}' 401 \
    'WWW-Authenticate: Bearer realm="{{base2}}/token?x=1",service="the \"one\"",scope="repository:all:*"'
}

TOKEN_OF='GET /token?x=1&service=the%20%22one%22&scope=repository%3Atiny%2Fcore%3Apull%2Cpush'

@test "a token is got for the password, from where the registry says, for this repository alone" {
  serve "$({
    door
    answer "$TOKEN_OF" '{"token":"t1"}' 200 "need authorization: Basic $(printf ada:secret | base64)"
    oci_put 'need authorization: Bearer t1'
    oci_rest 'need authorization: Bearer t1'
  } | cassette token)"
  export OCI_REGISTRY=$URL OCI_USER=ada OCI_TOKEN=secret
  publish -v core.tcz -F action
  assert_status 0
  assert_output uploaded
  [ "$(requests '/token')" = 1 ]
  refute grep -q t1 <<<"$stderr"
}

@test "a token that has expired is got anew, and one for reading is no more than that" {
  serve "$({
    door
    answer "$TOKEN_OF" '{"access_token":"t1"}' 200 'deny authorization'
    answer "$TOKEN_OF" '{"access_token":"t2"}' 200 'deny authorization'
    answer "POST $BLOBS/uploads/" '' 401 'need authorization: Bearer t1' \
      'WWW-Authenticate: Bearer service="the \"one\"", realm="{{base2}}/token?x=1"'
    oci_put 'need authorization: Bearer t*'
    oci_rest 'need authorization: Bearer t*'
    answer 'GET /token?x=1&service=*&scope=repository%3Atiny%2Fcore%3Apull' '{"token":"r"}'
    answer 'GET /v2/tiny/core/tags/list?*' '{"tags":["1.2"]}' 200 'need authorization: Bearer r'
  } | cassette expired)"
  export OCI_REGISTRY=$URL
  publish core.tcz -F action
  assert_status 0
  requested '^PUT .*/b1' 'authorization: Bearer t2'
  try dl-versions tiny/core -F version
  assert_output 1.2
}

@test "an identity token is exchanged, and not sent where a password would be" {
  serve "$({
    door
    answer 'POST /token?x=1' '{"access_token":"t1"}' 200 'deny authorization' \
      'need content-type: application/x-www-form-urlencoded' \
      'need body: grant_type=refresh_token&client_id=devloop&refresh_token=id%2F1&service=*&scope=repository%3Atiny%2Fcore%3Apull%2Cpush'
    oci_put 'need authorization: Bearer t1'
    oci_rest 'need authorization: Bearer t1'
  } | cassette identity)"
  mkdir -p "$HOME/.docker"
  jq -n --arg host "${URL#http://}" '{auths: {("https://" + $host + "/v2/"): {identitytoken: "id/1"}}}' >"$HOME/.docker/config.json"
  export OCI_REGISTRY=$URL
  publish core.tcz -F action
  assert_status 0
  assert_output uploaded
}

@test "a realm that must not see a password is not asked" {
  for realm in http://example.com/token ftp://x/ http://u:p@127.0.0.1:1/ ''; do
    serve "$(answer 'GET /v2/' '{}' 401 "WWW-Authenticate: Bearer realm=\"$realm\",service=\"s\"" | cassette "bad")"
    OCI_REGISTRY=$URL OCI_USER=ada OCI_TOKEN=secret publish core.tcz
    assert_status 9
    assert_stderr 'token|link|host|URL'
  done
  [ "$(requests)" = 4 ]
  serve "$({
    answer 'GET /v2/' '{}' 401 'WWW-Authenticate: Basic realm="x"' 'WWW-Authenticate: Bearer realm={{base}}/token'
    answer 'GET /token?*' '{"token":"a\r\nX-Other: b"}'
    answer 'GET /token?*' '{"errors":[{"code":"DENIED","message":"not yours"}]}' 401
  } | cassette bent)"
  OCI_REGISTRY=$URL publish core.tcz
  assert_status 9
  assert_stderr 'gives no token'
  OCI_REGISTRY=$URL publish core.tcz
  assert_status 4
  assert_stderr 'not yours'
}

# ---- faults ----

# push CASSETTE [OPTION...]: publishes core.tcz to the registry of CASSETTE, in chunks of four bytes.
push() {
  serve "$1"
  OCI_REGISTRY=$URL OCI_USER=ada OCI_TOKEN=secret DL_OCI_CHUNK=4 publish core.tcz "${@:2}"
}

# chunk FROM TO STATUS [HEADER...]: the answer to the chunk of those bytes.
chunk() {
  answer 'PATCH /u/1?_state=a%2Fb=' '' "$3" "need content-range: $1-$2" "${@:4}"
}

# chunks_begin: a blob is not there, and its upload goes on at a relative URL, which must stay as it is.
chunks_begin() {
  oci_open
  answer "HEAD $BLOBS/sha256:$SHA" '' 404
  answer "POST $BLOBS/uploads/" '' 202 'Location: /u/1?_state=a%2Fb='
  oci_rest
}

chunks_end() {
  answer "PUT /u/1?_state=a%2Fb=&digest=sha256:$SHA" '' 201 'need content-length: 0'
}

@test "after a cut the rest is sent, from where the registry is" {
  push "$({
    chunks_begin
    chunk 0 3 202 'Range: 0-3'
    chunk 4 7 'close take=2'
    answer 'GET /u/1?_state=a%2Fb=' '' 204 'Range: 0-5'
    chunk 6 8 202
    chunks_end
  } | cassette cut)"
  assert_status 0
  requested '^PATCH' 'content-range: 6-8' 'body: ge'
  [ "$(requests '^POST')" = 1 ]
}

@test "a limit is waited for; an upload that was forgotten begins anew" {
  push "$({
    chunks_begin
    chunk 0 3 '429' 'Retry-After: 1'
    answer 'GET /u/1?_state=a%2Fb=' '' 204 'Range: 0-0'
    chunk 0 3 202 'Range: 0-3'
    chunk 4 7 404
    answer 'GET /u/1?_state=a%2Fb=' '' 404
    chunk 0 3 202 'Range: 0-3'
    chunk 4 7 202 'Range: 0-7'
    chunk 8 8 202 'Range: 0-8'
    chunks_end
  } | cassette again)"
  assert_status 0
  [ "$(requests '^POST')" = 2 ]
}

@test "a registry that keeps nothing, or has what cannot be, is left" {
  DL_RETRIES=1 push "$({
    chunks_begin
    chunk 0 3 202 'Range: 0-0'
    answer 'GET /u/1?_state=a%2Fb=' '' 204 'Range: 0-0'
  } | cassette never)"
  assert_status 8
  push "$({
    chunks_begin
    chunk 0 3 202 'Range: 0-99'
  } | cassette much)"
  assert_status 9
  refute requested '^PUT'
}

@test "chunks are no smaller than the registry wants them" {
  push "$({
    oci_open
    answer "HEAD $BLOBS/sha256:$SHA" '' 404
    answer "POST $BLOBS/uploads/" '' 202 'Location: /u/1?_state=a%2Fb=' 'OCI-Chunk-Min-Length: 6'
    oci_rest
    chunk 0 5 202
    chunk 6 8 202
    chunks_end
  } | cassette least)"
  assert_status 0
}

@test "an answer that was lost: what has arrived is not sent again" {
  serve "$({
    oci_open
    answer "HEAD $TAG" '' 404
    answer "HEAD $BLOBS/sha256:$SHA" '' 404
    answer "HEAD $BLOBS/sha256:$SHA" ''
    answer "HEAD $BLOBS/sha256:$OCI_EMPTY" ''
    answer "POST $BLOBS/uploads/" '' 202 'Location: /u/1'
    answer "PUT /u/1?digest=sha256:$SHA" '' 502
    answer "PUT $TAG" '' 502
    answer "GET $TAG" "$(oci_one core.tcz)"
  } | cassette lost)"
  OCI_REGISTRY=$URL publish core.tcz -F action
  assert_status 0
  assert_output uploaded
  [ "$(requests "^PUT /u/1")" = 1 ]
  [ "$(requests "^PUT $TAG")" = 1 ]
}

@test "a manifest that was not taken is put again; a tag that was made meanwhile stays" {
  serve "$({
    oci_open
    answer "HEAD $BLOBS/*" ''
    answer "HEAD $TAG" '' 404
    answer "PUT $TAG" '' 503
    answer "PUT $TAG" '' 201
    answer "GET $TAG" '' 404
    answer "GET $TAG" "$(oci_one core.tcz)"
  } | cassette later)"
  OCI_REGISTRY=$URL publish core.tcz -F action
  assert_status 0
  [ "$(requests '^PUT')" = 2 ]
  : >"$REQUESTS"
  serve "$({
    oci_open
    answer "HEAD $BLOBS/*" ''
    answer "HEAD $TAG" '' 404
    answer "HEAD $TAG" '' 200 'Docker-Content-Digest: sha256:00'
  } | cassette race)"
  OCI_REGISTRY=$URL publish core.tcz
  assert_status 6
  assert_stderr 'another artifact by now'
  refute requested '^PUT'
}

# ---- what a registry might say ----

@test "no other host gets the credential: not of an upload, not of a blob, not of the next page" {
  serve "$({
    oci_open 'need authorization: Basic *'
    answer "HEAD $BLOBS/sha256:$SHA" '' 307 'Location: {{base2}}/store' 'need authorization: Basic *'
    answer 'HEAD /store' '' 404 'deny authorization'
    answer "POST $BLOBS/uploads/" '' 202 'Location: {{base2}}/u/1'
    answer "PUT /u/1?digest=sha256:$SHA" '' 201 'deny authorization'
    oci_rest
    answer 'GET /v2/tiny/core/tags/list?*' '{"tags":["1.1"]}' 200 'Link: </v2/tiny/core/tags/list?n=1&last=1.1>; rel="next"'
    answer 'GET /v2/tiny/core/tags/list?*' '{"tags":["1.10"]}' 200 'Link: <{{base2}}/more>; rel="next"'
    answer 'GET /v2/tiny/core/tags/list?*' '{"tags":["1.2","1.10","sha256-'"$SHA"'"]}' 200 'Link: </v2/tiny/core/tags/list?last=x>; rel="next"'
    answer 'GET /v2/tiny/core/tags/list?*' '{"name":"tiny/core","tags":null}'
  } | cassette away)"
  export OCI_REGISTRY=$URL OCI_USER=ada OCI_TOKEN=secret
  publish core.tcz -F action
  assert_status 0
  assert_output uploaded
  try dl-versions tiny/core
  assert_status 9
  assert_stderr 'the next page is on another host'
  refute requested '^GET /more'
  try dl-versions tiny/core -F version
  assert_output $'1.10\n1.2'
}

@test "nobody but the registry says where tokens are got" {
  serve "$({
    oci_open
    answer "HEAD $BLOBS/sha256:$SHA" '' 404
    answer "POST $BLOBS/uploads/" '' 202 'Location: {{base2}}/u/1'
    answer "PUT /u/1?digest=sha256:$SHA" '' 401 'WWW-Authenticate: Bearer realm="{{base2}}/token"'
    oci_rest
  } | cassette stranger)"
  OCI_REGISTRY=$URL OCI_USER=ada OCI_TOKEN=secret publish core.tcz
  assert_status 4
  refute requested '/token'
}

@test "a digest is computed, not believed" {
  local lies='Docker-Content-Digest: sha256:00'
  serve "$({
    oci_open
    oci_put
    answer "PUT $TAG" '' 201 "$lies"
    oci_rest
  } | cassette lie)"
  OCI_REGISTRY=$URL publish core.tcz
  assert_status 9
  assert_stderr 'something else than what it has sent'
  serve "$({
    oci_open
    oci_put
    answer "GET $TAG" "$(oci_one core.tcz)" 200 "$lies"
    oci_rest
  } | cassette lie)"
  OCI_REGISTRY=$URL publish core.tcz
  assert_status 9
  serve "$({
    oci_open
    oci_put
    answer "GET $TAG" '{"schemaVersion":2}'
    oci_rest
  } | cassette other)"
  OCI_REGISTRY=$URL publish core.tcz
  assert_status 6
  assert_stderr 'what is there now is another file'
  # Some say nothing of it to who asks for the head.
  serve "$({
    oci_open
    answer "HEAD $TAG" ''
    answer "GET $TAG" "$(oci_one core.tcz)"
  } | cassette mute)"
  OCI_REGISTRY=$URL publish core.tcz -F action
  assert_output skipped
}

@test "a manifest without end, and tags that are none, are refused" {
  serve "$({
    oci_open
    answer "HEAD $TAG" ''
    answer "GET $TAG" 'x' '200 size=5000000'
    answer 'GET /v2/tiny/core/tags/list?*' '{"tags":["a\u001b[2Jb"]}'
    answer 'GET /v2/tiny/core/tags/list?*' '{"tags":[{"name":"1.2"}]}'
  } | cassette huge)"
  export OCI_REGISTRY=$URL
  publish core.tcz
  assert_status 9
  assert_stderr 'more than 4194304 bytes'
  for _ in 1 2; do
    try dl-versions tiny/core
    assert_status 9
    assert_output ''
    refute grep -q $'\e' <<<"$stderr"
  done
}
