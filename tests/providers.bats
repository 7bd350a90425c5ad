# dl-providers: who can be asked, what they can do, and who is asked here.
load helper

@test "the built-in providers are listed in their order, each with its kind and operations" {
  try dl-providers -j
  assert_status 0
  assert_json 'map(.name) | index("github") == 0 and (index("local") != null)'
  assert_json 'all(.type == "provider" and .provider == .name and .source == "built-in" and (.title | length) > 0)'
  assert_json 'all(.kind | split(",") | all(IN("ci", "registry", "forge")))'
  assert_json 'all(.ops | split(",") | length == (unique | length))'
  assert_json 'map(select(.kind | split(",") | index("ci"))) | all(.ops | split(",") | index("runs") and index("logs"))'
}

@test "where nobody is asked a note says so; where somebody is, the line says why" {
  try dl-providers -j
  assert_status 0
  assert_stderr '^dl-providers: nobody is asked here: '
  assert_json 'all(.detected == false and .why == null)'
  make_repo repo https://github.com/o/r.git
  cd repo || return
  try dl-providers -j
  assert_json 'map(select(.detected)) | length == 1 and (.[0] |
    .name == "github" and .project == "o/r" and .ref == "github:o/r/repo" and (.why | contains("github.com")))'
  [ -z "$stderr" ]
}

@test "a plugin that is asked here is detected, and its credential told" {
  mkdir plugins
  printf '#!/bin/sh\necho '\''{"v":1,"kinds":"ci","ops":"runs","host":"x.example"}'\''\n' >plugins/dl-provider-x
  chmod +x plugins/dl-provider-x
  export DL_PROVIDER_PATH=$PWD/plugins
  make_repo repo https://x.example/o/r.git
  cd repo || return
  git config devloop.ci x
  DL_TOKEN_X=s3cret try dl-providers -j
  assert_status 0
  assert_json 'map(select(.detected)) == [{type: "provider", ref: "x:o/r/repo", provider: "x", host: "x.example",
    project: "o/r", name: "x", kind: "ci", title: "x", source: "'"$DL_PROVIDER_PATH"'/dl-provider-x", ops: "runs",
    detected: true, why: .[-1].why}]'
  assert_json '.[-1].why | contains("devloop.ci") and endswith("credential: DL_TOKEN_X")'
  refute grep s3cret <<<"$output$stderr"
}
