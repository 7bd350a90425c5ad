# dl-workflows: what a project defines, and what each workflow takes.
# shellcheck disable=SC2154 # `try` sets $stderr
load helper
load github

setup() {
  hermetic
  export GITHUB_TOKEN=a-token DL_RETRIES=0
}

LIST='GET /repos/o/r/actions/workflows?*'

# gh_workflows OBJECT...
gh_workflows() {
  hub_list workflows '{id: 5, name: "Build", path: ".github/workflows/build.yml", state: "active", html_url: "https://github.com/o/r/blob/main/.github/workflows/build.yml"}' "$@"
}

# three: a workflow that can be started by hand, one that cannot, and one that lives elsewhere.
three() {
  gh_workflows '' 'id: 6, name: "Release", path: ".github/workflows/release.yml", state: "disabled_manually"' \
    'id: 7, name: "Pages", path: "dynamic/pages/pages-build-deployment"'
}

build_file() {
  printf '%s\n' 'on: [push, pull_request]'
}

release_file() {
  printf '%s\n' 'on:' '  schedule: [{cron: "0 5 * * 1"}]' '  workflow_dispatch:' '    inputs:' \
    '      version: {description: What, required: true}' '      dry_run: {type: boolean, default: false}'
}

# clone: a clone of o/r in the folder w with these files, that knows where the remote's default branch stands.
clone() {
  make_repo w https://github.com/o/r.git
  mkdir -p w/.github/workflows
  build_file >w/.github/workflows/build.yml
  release_file >w/.github/workflows/release.yml
  git -C w add .
  git -C w commit -q -m workflows
  HEAD=$(git -C w rev-parse HEAD)
  track w main "$HEAD"
  git -C w symbolic-ref refs/remotes/origin/HEAD refs/remotes/origin/main
}

@test "workflows are listed, page after page, as far as the limit needs" {
  serve github/workflows-paged
  try dl-workflows -R lab-login/lab-test-repository -F path,state
  assert_status 0
  assert_output $'.github/workflows/main.yml\tactive\n.github/workflows/workflow.yml\tactive'
  try dl-workflows -R lab-login/lab-test-repository
  assert_json 'length == 2 and all(.type == "workflow" and .provider == "github" and .inputs == [] and .triggers == null)'
  assert_json ".[0] | .ref == \"$(ref workflow main.yml lab-login/lab-test-repository)\" and .id == \"36269301\" and .name == \"CI\""
  : >"$REQUESTS"
  try dl-workflows -R lab-login/lab-test-repository -n 1 -F ref
  [ "${#lines[@]}" = 1 ]
  [ "$(requests)" = 1 ]
}

@test "a table on a terminal" {
  serve "$(answer "$LIST" "$(three)" | cassette three)"
  try dl-workflows -R o/r -t
  assert_status 0
  [[ ${#lines[@]} = 4 && ${lines[0]} == 'STATE '*'NAME '*'PATH '*REF && ${lines[2]} == disabled_manually*/workflow/release.yml ]]
}

@test "no workflows: exit 5 and nothing on stdout" {
  serve github/workflows-empty
  for options in '' -t --inputs '-F ref'; do
    # shellcheck disable=SC2086 # words
    try dl-workflows -R o/r $options
    assert_status 5
    assert_output ''
    [ "$stderr" = 'dl-workflows: no workflows' ]
  done
}

@test "in a clone the triggers are told, without another request" {
  clone
  serve "$(answer "$LIST" "$(three)" | cassette three)"
  try dl-workflows -C w -F name,triggers
  assert_output $'Build\tpush,pull_request\nRelease\tschedule,workflow_dispatch\nPages\t'
  [ "$(requests)" = 1 ]
  git -C w symbolic-ref -d refs/remotes/origin/HEAD
  try dl-workflows -C w -F triggers
  assert_output ''
}

@test "--inputs reads what each takes, offline where the commit is here" {
  clone
  serve "$({
    answer "$LIST" "$(three)"
    answer 'GET /repos/o/r/commits/HEAD' "$HEAD"
  } | cassette three)"
  try dl-workflows -C w --inputs
  assert_status 0
  assert_json '[.[].inputs | length] == [0, 2, 0]'
  assert_json '.[1].inputs == [
    {name: "version", kind: "string", required: true, value: null, choices: null, text: "What"},
    {name: "dry_run", kind: "boolean", required: false, value: "false", choices: "true,false", text: null}]'
  [ "$(requests)" = 2 ]
  try dl-workflows -C w --inputs -t
  [[ ${lines[0]} == *' TRIGGERS '*' INPUTS '* && ${lines[1]} == *' push,pull_request '*' - '* ]]
  [[ ${lines[2]} == *' schedule,workflow_dispa… '*' version,dry_run '* ]]
}

@test "--inputs asks the server for the files, of one commit, where it is not here" {
  serve "$({
    answer "$LIST" "$(gh_workflows '' 'id: 6, name: "Release", path: ".github/workflows/release.yml"' \
      'id: 8, path: ".github/workflows/gone.yml"')"
    answer 'GET /repos/o/r/commits/HEAD' "$SHA"
    answer "GET /repos/o/r/contents/.github/workflows/build.yml?ref=$SHA" "$(build_file)"
    answer "GET /repos/o/r/contents/.github/workflows/release.yml?ref=$SHA" "$(release_file)"
    answer "GET /repos/o/r/contents/.github/workflows/gone.yml?ref=$SHA" '{"message":"Not Found"}' 404
  } | cassette files)"
  try dl-workflows -R o/r -i
  assert_status 0
  assert_json '[.[].inputs | map(.name)] == [[], ["version", "dry_run"], []]'
  try dl-workflows -R o/r
  assert_json 'all(.inputs == [])'
}

@test "a commit that is not told is a failure with --inputs, and matters not without" {
  serve "$({
    answer "$LIST" "$(three)"
    answer 'GET /repos/o/r/commits/HEAD' '{"message":"Resource not accessible by integration"}' 403
  } | cassette forbidden)"
  try dl-workflows -R o/r --inputs
  assert_status 4
  assert_output ''
  try dl-workflows -R o/r
  assert_status 0
}

@test "refs: a repository, a workflow by its file or id; others have none" {
  serve "$(answer "$LIST" "$(three)" | cassette three)"
  for ref in "$(ref workflow release.yml)" "$(ref workflow 6)"; do
    try dl-workflows "$ref" -F name
    assert_output Release
  done
  try dl-workflows "$(ref workflow none.yml)"
  assert_status 5
  assert_stderr '^dl-workflows: no such workflow$'
  try dl-workflows "$(ref run 1)"
  assert_status 2
  assert_stderr '^dl-workflows: a run has no workflows$'
  try dl-workflows - -F name <<END
{"type":"repo","ref":"$(ref repo '')"}
$(ref workflow build.yml)
END
  assert_output $'Build\nRelease\nPages\nBuild'
}

@test "a line of it starts a workflow" {
  local dispatch='POST /repos/o/r/actions/workflows/build.yml/dispatches'
  serve "$({
    answer "$LIST" "$(three)"
    answer 'GET /repos/o/r' '{"default_branch":"main"}'
    answer 'GET /repos/o/r/contents/.github/workflows/build.yml?*' 'on: workflow_dispatch'
    answer "$dispatch" '{"workflow_run_id":1}'
    answer 'GET /repos/o/r/actions/runs/1?*' "$(gh_runs | jq '.workflow_runs[0]')"
    answer 'GET /repos/o/r/actions/runs/1?*' "$(gh_runs '' | jq '.workflow_runs[0]')"
  } | cassette pipe)"
  try dl-trigger "$(dl-workflows -R o/r -F ref | head -n 1)" -F branch
  assert_status 0
  requested '^POST ' 'body: \{"ref":"main"'
}

@test "the executable files of .devloop/ci are the workflows of the local provider" {
  make_repo w
  mkdir -p w/.devloop/ci
  printf '#!/bin/sh\necho building\n' >w/.devloop/ci/build
  chmod +x w/.devloop/ci/build
  touch w/.devloop/ci/notes
  git -C w add .
  git -C w commit -q -m ci
  try dl-workflows -C w -p local --inputs
  assert_status 0
  assert_json 'length == 1 and .[0].ref == "local:/workflow/build" and .[0].path == ".devloop/ci/build" and .[0].inputs == []'
  cd w
  try dl-trigger local:/workflow/build -F workflow
  assert_status 0
  assert_output build
}
