# A disk that is full while files are fetched or published: nothing half is left, and the same command completes it later.
# shellcheck disable=SC2154 # `try` sets $stderr
load helper
load github
load packages

setup() {
  hermetic
  export GITHUB_TOKEN=a-token DL_RETRIES=0 DL_EVENTS=0 DL_CACHE=0
  head -c 100000 /dev/zero >big
  SUM=$(sha256sum <big | cut -d ' ' -f 1)
}

# small COMMAND...: tries it where no file may grow beyond 8 KiB.
small() {
  # shellcheck disable=SC2016 # what sh sees
  try sh -c 'trap "" XFSZ; ulimit -f 16; exec "$@"' - "$@"
}

# left: what stands in the folder out, but for what the next transfer goes on from.
left() {
  find out -mindepth 1 ! -name '.dl-*.part'
}

@test "an asset of a release" {
  local release
  release=$(jq -nc --arg digest "sha256:$SUM" '{id: 1, tag_name: "v1", assets: [{id: 7, name: "big", size: 100000,
    state: "uploaded", digest: $digest, browser_download_url: "https://example.com/big"}]}')
  serve "$({
    answer 'GET /repos/o/r/commits/v1' "{\"sha\":\"$SHA\"}"
    printf '>>> GET /repos/o/r/releases/assets/7\n<<< 200 file=big\nContent-Type: application/octet-stream\n\n'
    answer 'GET /repos/o/r/releases/*' "$release"
  } | cassette asset)"
  small dl-releases -R o/r --tag v1 -d out
  assert_status 12
  assert_output ''
  [ -z "$(left)" ]
  try dl-releases -R o/r --tag v1 -d out -F path
  assert_status 0
  cmp out/big big
  [ "$(left)" = out/big ]
}

@test "an artifact of a run" {
  good_zip
  python3 -c 'import zipfile; z = zipfile.ZipFile("big.zip", "w"); z.writestr("inside", bytes(100000)); z.close()'
  serve "$({
    answer 'GET /repos/o/r/actions/runs/1/artifacts?*' "$(hub_list artifacts "{id: 7, name: \"dist\", size_in_bytes: 100000,
      expired: false, created_at: \"2026-01-14T10:40:00Z\", workflow_run: {id: 1},
      digest: \"sha256:$(sha256sum <big.zip | cut -d ' ' -f 1)\"}" '')"
    printf '>>> GET /repos/o/r/actions/artifacts/7/zip\n<<< 200 file=big.zip\nContent-Type: application/zip\n\n'
  } | cassette artifact)"
  small dl-artifacts "github@${URL#http://}:o/r/run/1" -d out
  assert_status 12
  assert_output ''
  [ -z "$(left)" ]
  try dl-artifacts "github@${URL#http://}:o/r/run/1" -d out -F path
  assert_status 0
  cmp out/dist/inside big
}

@test "a package for the folder that is a registry" {
  make_repo repo && cd repo || return
  small dl-publish -p local --name core --release 1 ../big
  assert_status 12
  assert_json '.[0] | .action == "failed" and .error.class == "system"'
  refute grep -q . <(find .git/devloop/packages -name 'big*' -o -name '*.part')
  try dl-versions -p local core
  assert_status 5
  try dl-publish -p local --name core --release 1 ../big -F action
  assert_output uploaded
}

@test "a file on standard output" {
  serve "$(printf '>>> GET /repos/o/r/contents/big\n<<< 200 file=big\nContent-Type: application/vnd.github.raw+json\n\n' | cassette file)"
  try sh -c 'exec dl-cat -R o/r big >/dev/full'
  assert_status 12
}
