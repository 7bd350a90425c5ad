# Python indexes: what is sent, compared with twine; what is read; credentials; faults.
# shellcheck disable=SC2154 # `try` sets $stderr
load helper
load github
load packages

setup() {
  hermetic
  export DL_REGISTRY=pypi PYPI_TOKEN=pypi-s3cret
}

# shop CASSETTE: serves it as an index that the user has named.
shop() {
  serve "$1"
  export TWINE_REPOSITORY_URL=$URL/legacy/
}

WHL=demo-1.0-py3-none-any.whl

@test "what is sent of a wheel and an sdist is what twine sends" {
  local more=(
    'Summary: A demo, folded' 'Home-Page: https://example.com/?a=1&b=2' 'Author: Ada' 'Author-email: ada@example.com'
    'Maintainer: Bob' 'Maintainer-email: bob@example.com' 'License: MIT' '   and more' 'Keywords: one , two'
    'Platform: any' 'Platform: linux' 'Supported-Platform: i386' 'Classifier: A :: B' 'Classifier: C :: D'
    'Download-URL: https://example.com/d' 'Project-URL: Docs, https://d.example.com' 'Requires-Python: >=3.6'
    'Requires-External: C' 'Requires-Dist: a (>1)' 'Requires-Dist: b; extra == "x"' 'Provides-Extra: x'
    'Provides-Dist: p' 'Obsoletes-Dist: o' 'Description-Content-Type: text/markdown' '' '# Title' '' 'übër "quoted"' '')
  wheel demo 1.0 "${more[@]}"
  sdist demo 1.0 "${more[@]}"
  shop "$(answer 'POST /legacy/' '' 200 | cat - <(answer 'GET /simple/demo/' '' 404) | cassette twine)"
  dl-publish --no-verify "$WHL" demo-1.0.tar.gz >lines
  TWINE_USERNAME=__token__ TWINE_PASSWORD=pypi-s3cret twine upload --disable-progress-bar --non-interactive \
    --repository-url "$URL/legacy/" "$WHL" demo-1.0.tar.gz >twine.out
  [ "$(requests '^POST /legacy/ -> 200')" = 4 ]
  # Both have shown the same credential.
  [ "$(grep -ao 'authorization: Basic [A-Za-z0-9=]*' "$REQUESTS" | sort -u | wc -l)" = 1 ]
  python3 - "$BODIES"/* <<'END'
import email, sys
def form(path):
    raw = open(path, 'rb').read()
    boundary = raw.split(b'\r\n', 1)[0][2:]
    parts = email.message_from_bytes(b'Content-Type: multipart/form-data; boundary=' + boundary + b'\r\n\r\n' + raw)
    fields = {}
    for part in parts.get_payload():
        name = part.get_param('name', header='content-disposition')
        value = part.get_payload(decode=True)
        if name == 'content':
            value = (part.get_filename(), part.get_content_type(), value)
        fields.setdefault(name, []).append(value)
    return fields
forms = [form(path) for path in sys.argv[1:]] # ours came first
assert len(forms) == 4
for kind in b'bdist_wheel', b'sdist':
    ours, theirs = [f for f in forms if f['filetype'] == [kind]]
    # Old twines send what the server has another name for, nothing for an sdist, keywords as they stand there, and empty fields;
    # new ones folded lines as they stand there.
    if 'provides_extras' in theirs:
        theirs['provides_extra'] = theirs.pop('provides_extras')
    theirs['keywords'] = [b'one, two']
    theirs['license'] = [b' '.join(theirs['license'][0].split())]
    if kind == b'sdist':
        theirs['pyversion'] = [b'source']
    theirs = {k: v for k, v in theirs.items() if v not in ([b''], [b'None'])}
    other = [(name, ours.get(name), theirs.get(name)) for name in sorted(set(ours) | set(theirs))
             if sorted(ours.get(name, [])) != sorted(theirs.get(name, []))]
    assert not other, other
    assert len(ours) > 25, len(ours)
END
}

@test "a file is sent when the index has it not, and looked for until the index has it" {
  wheel demo 1.0
  shop "$({
    answer 'GET /simple/demo/' '' 404
    answer 'GET /simple/demo/' "$(python_index)"
    answer 'GET /simple/demo/' "$(python_index "$WHL")"
    answer 'POST /legacy/' ''
  } | cassette lag)"
  try dl-publish "$WHL"
  assert_status 0
  assert_json '.[0] | .action == "uploaded" and .error == null'
  [ "$(requests '^POST')" = 1 ]
  [ "$(requests '^GET /simple/demo/')" = 3 ]
  requested '^GET' 'cache-control: no-cache'
  try dl-publish "$WHL" -F action
  assert_output skipped
  [ "$(requests '^POST')" = 1 ]
}

@test "what cannot be seen in time is pending, and its line says that it was taken" {
  wheel demo 1.0
  shop "$({ answer 'GET /simple/demo/' '' 404 && answer 'POST /legacy/' ''; } | cassette never)"
  try dl-publish --patience 1s "$WHL"
  assert_status 3
  assert_json '.[0] | .action == "uploaded" and .error.class == "pending"'
  assert_stderr 'it was taken, and cannot be seen yet'
}

@test "a 502 after the file was taken: the index is asked, and nothing is sent again" {
  wheel demo 1.0
  shop "$({
    answer 'GET /simple/demo/' '' 404
    answer 'GET /simple/demo/' "$(python_index "$WHL")"
    answer 'POST /legacy/' '' 502
  } | cassette taken)"
  try dl-publish "$WHL" -F action
  assert_status 0
  assert_output uploaded
  [ "$(requests '^POST')" = 1 ]
}

@test "a connection that is cut in mid-upload: the index has it not, so it is sent again" {
  wheel demo 1.0
  shop "$({
    answer 'GET /simple/demo/' '' 404
    answer 'GET /simple/demo/' '' 404
    answer 'GET /simple/demo/' "$(python_index "$WHL")"
    answer 'POST /legacy/' '' 'close take=100'
    answer 'POST /legacy/' ''
  } | cassette cut)"
  try dl-publish "$WHL" -F action
  assert_status 0
  assert_output uploaded
  assert_stderr 'it has not arrived, trying again'
  [ "$(requests '^POST')" = 2 ]
}

@test "a refusal because it is there: by its hash it is the same, or it is a conflict" {
  wheel demo 1.0
  cp "$WHL" ours
  shop "$({
    answer 'GET /simple/demo/' '' 404
    answer 'GET /simple/demo/' "$(python_index "$WHL")"
    answer 'POST /legacy/' '{"message":"File already exists"}' 400
  } | cassette race)"
  try dl-publish "$WHL" -F action
  assert_status 0
  assert_output skipped
  stop_servers
  wheel demo 1.0 'Summary: theirs' && python_index "$WHL" >theirs && mv ours "$WHL"
  shop "$({
    answer 'GET /simple/demo/' '' 404
    answer 'GET /simple/demo/' "$(<theirs)"
    answer 'POST /legacy/' '{"message":"File already exists"}' 400
  } | cassette other)"
  try dl-publish "$WHL"
  assert_status 6
  assert_json '.[0] | .action == "failed" and .error.class == "refused"'
  assert_stderr 'another file of that name is there: .*File already exists'
}

@test "the words of a refusal are told, a bad token is class auth, a redirect is named" {
  wheel demo 1.0
  while IFS='|' read -r status header body code words; do
    shop "$({ answer 'GET /simple/demo/' '' 404 && answer 'POST /legacy/' "$body" "$status" "$header"; } | cassette "no-$status")"
    DL_RETRIES=0 try dl-publish "$WHL"
    assert_status "$code"
    assert_stderr "$words"
    refute grep -q s3cret <<<"$output$stderr"
    stop_servers
  done <<'END'
400|X: 1|{"code":"400 x","message":"Invalid value for classifiers"}|6|Invalid value for classifiers
403|X: 1|{"message":"Invalid or non-existent authentication information."}|4|Invalid or non-existent
429|Retry-After: 99|{}|7|limits requests
500|X: 1|{}|8|is broken at the moment
308|Location: /legacy/there||6|redirect to http://127.0.0.1:[0-9]+/legacy/there
END
}

@test "versions come from the JSON of an index, or from its links; a version is yanked when all its files are" {
  shop "$({
    answer 'GET /simple/my-demo/' '{"meta":{"api-version":"1.1"},"name":"my-demo","files":[
      {"filename":"my_demo-1.0.tar.gz","yanked":"broken","upload-time":"2026-01-14T10:30:00Z"},
      {"filename":"my_demo-1.0-py3-none-any.whl","yanked":true,"upload-time":"2026-01-13T10:30:00Z"},
      {"filename":"my_demo-1.10-1-py3-none-any.whl","yanked":true},{"filename":"my_demo-1.10.tar.gz","yanked":false},
      {"filename":"my-demo-1.9.tar.gz"},{"filename":"my_demo-2.0rc1.tar.gz"},{"filename":"notes.txt"}]}'
    printf '>>> GET /simple/links/\n<<< 200\nContent-Type: text/html\n\n%s\n' \
      '<html><body><h1>Links<br><a href="../links-1.0.tar.gz#sha256=abc" data-yanked="">links-1.0.tar.gz</a>
       <A HREF="links-1.1-py3-none-any.whl#sha256=def"> links-1.1-py3-none-any.whl </A><a>no link</a>'
  } | cassette index)"
  try dl-versions My.Demo --pre -F version,yanked,released_at
  assert_output $'2.0rc1\tfalse\t\n1.10\tfalse\t\n1.9\tfalse\t\n1.0\ttrue\t2026-01-13T10:30:00Z'
  requested 'accept: application/vnd.pypi.simple.v1\+json'
  try dl-versions -1 My_Demo -F version
  assert_output 1.10
  try dl-versions links -F version,yanked
  assert_output $'1.1\tfalse\n1.0\ttrue'
}

@test "a server that sends us to another one for what it has not has no such package" {
  shop "$({
    answer 'GET /simple/demo/' '' 302 'Location: {{base2}}/simple/other/'
    answer 'GET /simple/other/' "$(python_index)"
    answer 'GET /simple/none/' '' 404
  } | cassette away)"
  try dl-versions demo
  assert_status 5
  assert_stderr "has no package 'demo', and sends who asks to another server"
  try dl-versions none
  assert_status 5
  refute requested '^GET /simple/other/' authorization:
}

@test "a token in the environment is for the server that the user names, not for one that a repository names" {
  make_repo repo && cd repo || return
  wheel demo 1.0
  serve "$({ answer 'GET /simple/demo/' '' 404 && answer 'POST /legacy/' '' && answer 'POST /' ''; } | cassette named)"
  mkdir .devloop
  printf '{"global":{"providers":{"registry":{"provider":"pypi","config":{"index_url":"%s/simple"}}}}}' "$URL" >.devloop/agents.json
  unset DL_REGISTRY
  try dl-publish --no-verify "$WHL"
  assert_status 0
  requested '^POST / -> 200'
  refute requested authorization:
  TWINE_REPOSITORY_URL=$URL/legacy/ try dl-publish --no-verify "$WHL"
  requested '^POST /legacy/' "authorization: Basic $(printf '__token__:pypi-s3cret' | base64)"
}

@test "~/.pypirc names repositories, users and passwords" {
  wheel demo 1.0
  serve "$({ answer 'GET /simple/demo/' '' 404 && answer 'POST /legacy/' ''; } | cassette rc)"
  unset PYPI_TOKEN
  printf '[distutils]\nindex-servers = ours\n\n[ours]\nrepository = %s/legacy/\nusername = ada\npassword = p%%w\n' "$URL" >"$HOME/.pypirc"
  TWINE_REPOSITORY=ours try dl-publish --no-verify "$WHL" -F action
  assert_output uploaded
  requested '^POST /legacy/' "authorization: Basic $(printf 'ada:p%%w' | base64)"
  mkdir -p repo/.devloop && git init -q repo
  printf '{"global":{"providers":{"registry":{"provider":"pypi","config":{"repository_url":"%s/legacy"}}}}}' "$URL" >repo/.devloop/agents.json
  DL_REGISTRY='' try dl-publish -C repo --no-verify ../"$WHL" -F action
  assert_output uploaded
  [ "$(requests "^POST /legacy/ .*authorization: Basic $(printf 'ada:p%%w' | base64)")" = 2 ]
  TWINE_REPOSITORY=theirs try dl-publish "$WHL"
  assert_status 11
  assert_stderr "no repository called 'theirs'"
}

@test "a job of GitHub Actions and one of GitLab CI/CD are given a token by those who trust them" {
  local one two
  one=$(jwt '"pypi"') two=$(jwt '"pypi"' dHdv)
  wheel demo 1.0
  unset PYPI_TOKEN
  shop "$({
    answer 'GET /simple/demo/' '' 404
    answer 'GET /_/oidc/audience' '{"audience":"pypi"}'
    answer 'GET /identity?x=1&audience=pypi' '{"value":"'"$one"'"}' 200 'need authorization: bearer ask-me'
    answer 'POST /_/oidc/mint-token' '{"token":"pypi-minted"}' 200 'need body: {"token":"'"$one"'"}' 'deny authorization'
    answer 'POST /_/oidc/mint-token' '{"message":"no such publisher","errors":[{"code":"invalid-publisher"}]}' 422
    answer 'POST /legacy/' '' 200 "need authorization: Basic $(printf '__token__:pypi-minted' | base64)"
  } | cassette trusted)"
  ACTIONS_ID_TOKEN_REQUEST_URL="$URL/identity?x=1" ACTIONS_ID_TOKEN_REQUEST_TOKEN=ask-me \
    try dl-publish -v --no-verify "$WHL" -F action
  assert_status 0
  assert_output uploaded
  refute grep -qE "$one|minted|ask-me" <<<"$stderr"
  PYPI_ID_TOKEN=$one try dl-publish --no-verify "$WHL" -F action
  assert_output uploaded
  PYPI_ID_TOKEN=$two try dl-publish --no-verify "$WHL"
  assert_status 4
  assert_stderr 'trusted publishing: .*no such publisher'
  PYPI_ID_TOKEN=$one try dl-publish -N "$WHL" -F action
  assert_output planned
  PYPI_ID_TOKEN=$(jwt '"testpypi"') try dl-publish --no-verify "$WHL"
  assert_status 4
  assert_stderr 'PYPI_ID_TOKEN is no identity for pypi'
  [ "$(requests '^POST /_/oidc/mint-token')" = 3 ]
}

@test "where a file goes is told by its name, else by the tree; the pages for people need no request" {
  unset DL_REGISTRY
  wheel demo 1.0
  shop "$(answer 'GET /simple/demo/' '' 404 | cassette place)"
  try dl-publish -N "$WHL" -F provider,action
  assert_output $'pypi\tplanned'
  make_repo repo && cd repo || return
  try dl-versions demo
  assert_status 11
  assert_stderr 'no package registry is known here'
  touch pyproject.toml
  try dl-versions demo
  assert_status 5
  unset TWINE_REPOSITORY_URL
  try dl-versions --url Demo.Pkg Demo.Pkg@1.0 -F url
  assert_output $'https://pypi.org/project/demo-pkg/\nhttps://pypi.org/project/demo-pkg/1.0/'
  echo x >x.txt
  try dl-publish -p pypi --name x --release 1 x.txt
  assert_status 2
  assert_stderr 'it is neither a wheel nor an sdist'
}

@test "pyproject.toml may say where packages go; what the user has for another server does not go there" {
  make_repo repo && cd repo || return
  unset DL_REGISTRY
  wheel demo 1.0
  serve "$({
    answer 'GET /index/simple/demo/' '' 404
    answer 'POST /up/legacy/' ''
    answer 'GET /named/demo/' '' 404
    answer 'GET /theirs/simple/demo/' '' 404
    answer 'POST /named/legacy/' ''
    answer 'POST /theirs/legacy/' ''
  } | cassette project)"
  printf '%s\n' '[project]' 'name = "demo"' '[tool.uv]' "publish-url = \"$URL/up/legacy/\"" "check-url = \"$URL2/index/simple\"" \
    '[[tool.uv.index]]' 'name = "other"' 'url = "https://example.com/simple"' '[[tool.uv.index]]' 'name = "named"' \
    "url = \"$URL/named/simple/\"" "publish-url = \"$URL/named/legacy/\"" >pyproject.toml
  sed -i "s|named/simple/|named|" pyproject.toml
  try dl-publish --no-verify "$WHL" -F action
  assert_output uploaded
  requested '^GET /index/simple/demo/' 'host: localhost'
  requested '^POST /up/legacy/'
  refute requested authorization:
  UV_PUBLISH_INDEX=named try dl-publish --no-verify "$WHL" -F action
  assert_output uploaded
  requested '^POST /named/legacy/'
  refute requested authorization:
  TWINE_REPOSITORY_URL=$URL/theirs/legacy/ try dl-publish --no-verify "$WHL" -F action
  assert_output uploaded
  requested '^GET /theirs/simple/demo/'
  requested '^POST /theirs/legacy/' authorization:
  for index in other none; do
    UV_PUBLISH_INDEX=$index try dl-publish "$WHL"
    assert_status 11
    assert_stderr "no index called '$index' with a publish-url"
  done
  echo '[tool' >pyproject.toml
  try dl-publish "$WHL"
  assert_status 11
  assert_stderr 'pyproject.toml:1:'
}

@test "an identity is shown to no server that a project names" {
  make_repo repo && cd repo || return
  unset DL_REGISTRY PYPI_TOKEN
  wheel demo 1.0
  serve "$({
    answer 'GET /simple/demo/' '' 404
    answer 'GET /_/oidc/audience' '{"audience":"pypi"}'
    answer 'POST /*' '{"token":"x"}'
  } | cassette evil)"
  printf '%s\n' '[project]' 'name = "demo"' '[tool.uv]' "publish-url = \"$URL/legacy/\"" >pyproject.toml
  PYPI_ID_TOKEN=$(jwt '"pypi"') ACTIONS_ID_TOKEN_REQUEST_URL="$URL/identity" ACTIONS_ID_TOKEN_REQUEST_TOKEN=ask-me \
    try dl-publish --no-verify "$WHL" -F action
  assert_output uploaded
  requested '^POST /legacy/'
  refute requested '/_/oidc/'
  refute requested identity
  refute requested authorization:
}

@test "a server that wants a pause gets it, and is not asked meanwhile; one that wants a long one is told to the user" {
  wheel demo 1.0
  shop "$({
    answer 'GET /simple/demo/' '' 404
    answer 'GET /simple/demo/' "$(python_index "$WHL")"
    answer 'POST /legacy/' '{}' 429 'Retry-After: 2'
    answer 'POST /legacy/' ''
  } | cassette pace)"
  local begun=${EPOCHREALTIME/./}
  try dl-publish "$WHL" -F action
  assert_status 0
  assert_output uploaded
  [ $((${EPOCHREALTIME/./} - begun)) -ge 2000000 ]
  [ "$(grep -o '^[A-Z]* ' "$REQUESTS" | tr -d '\n')" = 'GET POST POST GET ' ]
  stop_servers
  rm "$REQUESTS"
  shop "$({ answer 'GET /simple/demo/' '' 404 && answer 'POST /legacy/' '{}' 429 'Retry-After: 99'; } | cassette long)"
  for options in '' '--timeout 20s'; do
    # shellcheck disable=SC2086 # an option and its value
    try dl-publish $options "$WHL"
    assert_status 7
    assert_json '.[0] | .action == "failed" and .error.class == "limited" and .error.retry_after_s == 99'
  done
  [ "$(requests '^POST')" = 2 ]
  [ "$(requests)" = 4 ]
}
