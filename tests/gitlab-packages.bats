# GitLab's package registry: generic packages, Python packages, credentials. What it has in common with the others is in
# registry.bats. Composed after the vendor's API description, where nothing else is said.
# shellcheck disable=SC2154 # `try` sets $stderr
load helper
load github
load gitlab
load packages

setup() {
  hermetic
  export DL_RETRIES=0
  PYPI=$GL/packages/pypi
  WHL=demo-1.0-py3-none-any.whl
}

# publish [OPTION...] FILE...
publish() {
  try dl-publish -p gitlab -R g/s/p "$@"
}

# page FILE: what the index of Python packages shows when it has FILE.
page() {
  printf '<!DOCTYPE html><html><body><h1>Links</h1><a href="../../files/%s/%s#sha256=%s" data-requires-python="">%s</a><br></body></html>' \
    "$(sha256sum <"$1" | cut -d ' ' -f 1)" "$1" "$(sha256sum <"$1" | cut -d ' ' -f 1)" "$1"
}

# pages REQUEST TEXT: the exchange that shows it.
pages() {
  answer "$@" | sed 's|application/json|text/html|'
}

@test "versions are read page after page; other kinds, other packages and hidden ones are left out" {
  local base='{package_type: "pypi", status: "default", created_at: "2026-01-14T10:30:00Z"}'
  gitlab "$({
    answer "GET $GL/packages?*&page=2" "$(gl_list "$base" 'id: 7, name: "demo.Pkg", version: "1.9"' \
      'id: 8, name: "demo-pkg", version: "3.0", status: "hidden"' \
      'id: 9, name: "demo-pkg", version: "4.0", package_type: "npm"' \
      'id: 10, name: "Demo_Pkg", version: "5.0", package_type: "generic"')"
    answer "GET $GL/packages?package_name=demo-pkg&per_page=100" "$(gl_list "$base" \
      'id: 1, name: "Demo_Pkg", version: "1.10", _links: {web_path: "/g/s/p/-/packages/1"}' \
      'id: 2, name: "demo-pkg-more", version: "9.0"' 'id: 3, name: "demo-pkg", version: "1.2", package_type: "generic"')" \
      200 "Link: <{{base}}$GL/packages?package_name=demo-pkg&per_page=100&page=2>; rel=\"next\""
  } | cassette versions)"
  try dl-versions -p gitlab -R g/s/p demo-pkg -F version,released_at,url
  local page=$URL/g/s/p/-/packages
  assert_line "1.10"$'\t'"2026-01-14T10:30:00Z"$'\t'"$page/1"
  [ "$(cut -f 1,3 <<<"$output")" = "1.10"$'\t'"$page/1"$'\n1.9\t'"$page?search%5B%5D=demo-pkg"$'\n1.2\t'"$page?search%5B%5D=demo-pkg" ]
  [ "$(requests)" = 2 ]
}

@test "recorded answers: packages of other kinds are none of ours; a file is known by its hash" {
  gitlab gitlab/packages
  try dl-versions -p gitlab -R g/s/p com/mycompany/my-app
  assert_status 5
  echo other >maven-metadata.xml
  publish --name my-app --release 1.5 maven-metadata.xml
  assert_status 6
  assert_json '.[0].action == "conflict"'
  refute requested '^PUT'
}

@test "a wheel goes to the index of the project, with its fields, and is looked for there" {
  wheel demo 1.0 'Requires-Python: >=3.6'
  gitlab "$({
    answer "GET $PYPI/simple/demo/" '{"message":"404 Package Not Found"}' 404
    pages "GET $PYPI/simple/demo/" "$(page "$WHL")"
    answer "POST $PYPI" '{"message":"201 Created"}' 201 'need authorization: Bearer a-token'
  } | cassette wheel)"
  publish "$WHL"
  assert_status 0
  assert_json '.[0] | .action == "uploaded" and .name == "demo" and .version == "1.0"'
  for field in ':action' sha256_digest md5_digest requires_python metadata_version; do
    grep -q "name=\"$field\"" "$BODIES/1" || complain "no $field"
  done
  publish "$WHL" -F action
  assert_output skipped
  [ "$(requests '^POST')" = 1 ]
  wheel demo 1.0 'Summary: another one'
  publish "$WHL"
  assert_status 6
  assert_json '.[0].action == "conflict"'
  [ "$(requests '^POST')" = 1 ]
}

@test "who asks for a package that is not there is sent to the public index, and does not go" {
  wheel demo 1.0
  gitlab "$({
    answer "GET $PYPI/simple/demo/" '' 302 'Location: {{base2}}/simple/demo/'
    pages "GET $PYPI/simple/demo/" "$(page "$WHL")"
    pages 'GET /simple/demo/' "$(page "$WHL")"
    answer "POST $PYPI" '{"message":"201 Created"}' 201
  } | cassette forward)"
  publish "$WHL" -F action
  assert_status 0
  assert_output uploaded
  refute requested '^GET /simple/demo/' authorization:
}

@test "in a CI job its token is shown as it may be: as a header for files, as a password to the index" {
  wheel demo 1.0
  echo an image >core.tcz
  serve "$({
    answer "GET $PYPI/simple/demo/" '' 404
    answer "POST $PYPI" '{"message":"201 Created"}' 201 \
      "need authorization: Basic $(printf gitlab-ci-token:j0b | base64)" 'deny job-token'
    answer "GET $GL/packages?*" '[]' 200 'need job-token: j0b' 'deny authorization'
    answer "PUT $GL/packages/generic/core/1.2/core.tcz?select=package_file" \
      '{"id":7,"package_id":1,"file_name":"core.tcz","size":9}' 201 'need job-token: j0b'
  } | cassette job)"
  export CI_API_V4_URL=$URL/api/v4 CI_JOB_TOKEN=j0b
  publish -v --no-verify "$WHL" -F action
  assert_output uploaded
  refute grep -qE "j0b|$(printf gitlab-ci-token:j0b | base64)" <<<"$stderr"
  publish --no-verify --name core --release 1.2 core.tcz -F action
  assert_output uploaded
  CI_API_V4_URL='' publish -R "$URL/g/s/p" --no-verify "$WHL"
  [ "$status" -ne 0 ]
  [ "$(requests '^POST.*authorization')" = 1 ]
}

@test "a deploy token is shown in a header of its own" {
  echo an image >core.tcz
  gitlab "$({
    answer "GET $GL/packages?*" '[]' 200 'need deploy-token: gldt-x' 'deny authorization'
    answer "PUT $GL/packages/generic/core/1.2/core.tcz?select=package_file" \
      '{"id":7,"package_id":1,"file_name":"core.tcz","size":9}' 201 'need deploy-token: gldt-x' 'deny authorization'
  } | cassette deploy)"
  GITLAB_TOKEN=gldt-x publish --no-verify --name core --release 1.2 core.tcz -F action
  assert_output uploaded
}

@test "a file whose name GitLab does not take is refused before anything is asked" {
  local name
  export CI_API_V4_URL=http://127.0.0.1:1/api/v4
  for name in 'a b' '~x' 'x@' 'ü'; do
    echo x >"$name"
    publish --name core --release 1 "$name"
    assert_status 2
    assert_stderr 'takes no file of that name'
  done
  echo x >x
  publish --name 'a b' --release 1 x
  assert_status 2
  assert_stderr "'a b' is no name of a generic package"
}

@test "a project on GitLab has its registry there, unless its tree says more" {
  unset DL_REGISTRY
  make_repo repo https://gitlab.com/g/s/p.git && cd repo || return
  try dl-versions --url x -F provider,project,url
  assert_output $'gitlab\tg/s/p\thttps://gitlab.com/g/s/p/-/packages?search%5B%5D=x'
  touch pyproject.toml
  try dl-versions --url x -F provider
  assert_output pypi
}
