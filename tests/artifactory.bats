# Artifactory: files deployed by checksum or as a whole, and the versions that they make.
# shellcheck disable=SC2154 # `try` sets $stderr
load helper
load github

setup() {
  hermetic
  export DL_REGISTRY=artifactory ARTIFACTORY_TOKEN=t0ken ARTIFACTORY_REPO=tools-local
  printf 'an image\n' >core.tcz
  SHA=$(sha256sum <core.tcz | cut -d ' ' -f 1)
}

# shop CASSETTE: serves it as the Artifactory that the user has named.
shop() {
  serve "$1"
  export ARTIFACTORY_URL=$URL/artifactory
}

FILE=/artifactory/tools-local/tiny/core/1.2/core.tcz
INFO="GET /artifactory/api/storage/tools-local/tiny/core/1.2/core.tcz"

# info SHA256: what the server says of the file.
info() {
  jq -nc --arg sha "$1" '{repo: "tools-local", path: "/tiny/core/1.2/core.tcz", size: "9", checksums: {sha1: "x", sha256: $sha}}'
}

publish() {
  try dl-publish --name tiny/core --release 1.2 "$@" core.tcz
}

absent() {
  answer "$INFO" '{"errors":[{"status":404,"message":"Unable to find item"}]}' 404
}

@test "what the server has anywhere is deployed by its checksum, and no byte is sent" {
  shop "$({
    absent
    answer "$INFO" "$(info "$SHA")"
    answer "PUT $FILE" '{"repo":"tools-local"}' 201 'need x-checksum-deploy: true' "need x-checksum-sha256: $SHA" \
      'need authorization: Bearer t0ken' 'need content-length: 0'
  } | cassette known)"
  publish
  assert_status 0
  assert_json '.[0] | .action == "uploaded" and .project == "tools-local" and (.ref | endswith(":tools-local/package/tiny%2Fcore%401.2"))'
  [ "$(requests '^PUT')" = 1 ]
  [ "$(field 0 url)" = "$URL/artifactory/tools-local/tiny/core/1.2/" ]
  publish -F action
  assert_output skipped
}

@test "what it has not is sent once, with its checksums" {
  shop "$({
    absent
    answer "$INFO" "$(info "$SHA")"
    answer "PUT $FILE" '{"errors":[{"status":404,"message":"no such checksum"}]}' 404 'need x-checksum-deploy: true'
    answer "PUT $FILE" '{}' 201 'deny x-checksum-deploy' "need x-checksum-sha256: $SHA" \
      "need x-checksum-md5: $(md5sum <core.tcz | cut -d ' ' -f 1)" "need x-checksum-sha1: $(sha1sum <core.tcz | cut -d ' ' -f 1)" \
      'need body: an image*'
  } | cassette new)"
  publish -F action
  assert_status 0
  assert_output uploaded
  [ "$(requests '^PUT')" = 2 ]
}

@test "another file of that name is a conflict, whatever the server would say to who may not overwrite" {
  shop "$(answer "$INFO" "$(info 0000)" | cassette other)"
  publish
  assert_status 6
  assert_json '.[0].action == "conflict"'
  refute requested '^PUT'
}

@test "a refusal is told in the server's words; user and password are another credential" {
  shop "$({
    absent
    answer "PUT $FILE" '{"errors":[{"status":403,"message":"Not enough permissions to deploy"}]}' 403
  } | cassette no)"
  ARTIFACTORY_USER=ada publish
  assert_status 4
  assert_stderr 'Not enough permissions to deploy'
  requested '^PUT' "authorization: Basic $(printf ada:t0ken | base64)"
}

@test "versions are the folders that hold files, newest first" {
  shop "$({
    answer 'POST /artifactory/api/search/aql' '{"results":[
      {"path":"tiny/core/1.9","name":"a","created":"2026-01-14T10:30:00.000Z"},
      {"path":"tiny/core/1.10","name":"a","created":"2026-01-15T10:30:00.000Z"},
      {"path":"tiny/core/1.10","name":"b","created":"2026-01-14T10:30:00.000Z"},
      {"path":"tiny/core/1.10/deep","name":"c"},{"path":"tiny/core-x/7.0","name":"a"},
      {"path":"tiny/core/2.0-rc.1","name":"a"}]}' 200 'need content-type: text/plain' \
      'need body: *"repo":"tools-local","path":{"$match":"tiny/core/*"}*'
    answer 'POST /artifactory/api/search/aql' '{"results":[]}'
  } | cassette versions)"
  try dl-versions tiny/core -F version,released_at
  assert_output $'1.10\t2026-01-14T10:30:00Z\n1.9\t2026-01-14T10:30:00Z'
  try dl-versions -1 --pre tiny/core -F version
  assert_output 2.0-rc.1
  try dl-versions -p artifactory none
  assert_status 5
  try dl-versions 'tiny/*'
  assert_status 2
}

@test "which server and which repository is said by the user" {
  try dl-versions x
  assert_status 11
  assert_stderr 'artifactory: which server'
  unset ARTIFACTORY_REPO
  ARTIFACTORY_URL=https://example.com/artifactory try dl-versions x
  [ "$status" -ne 0 ]
  assert_stderr 'hint: name it: -R REPOSITORY, or set ARTIFACTORY_REPO'
}
