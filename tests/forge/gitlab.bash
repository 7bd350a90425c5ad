# GitLab, for tests/forge.bats.
# shellcheck shell=bash disable=SC2034 # what is set here is read there
# shellcheck source=tests/gitlab.bash
source "$ROOT/tests/gitlab.bash"

# gl_repo NAME [MEMBER...]: a project.
gl_repo() {
  local name=$1
  shift
  jq -nc "{id: 7, name: \"$name\", path: \"$name\", path_with_namespace: \"o/$name\", namespace: {full_path: \"o\"},
    default_branch: \"main\", visibility: \"public\", archived: false, description: \"what it is\", topics: [],
    last_activity_at: \"2026-01-14T10:30:00.123Z\", http_url_to_repo: \"https://example.com/o/$name.git\",
    ssh_url_to_repo: \"git@example.com:o/$name.git\", web_url: \"https://example.com/o/$name\",
    statistics: {repository_size: 2048}} * {${*:-}}"
}

gl_release() {
  jq -nc "{tag_name: \"v1.2.0\", name: \"One two\", description: \"- better\", created_at: \"2026-01-14T10:30:00Z\",
    released_at: \"2026-01-14T10:31:00Z\", commit: {id: \"$SHA\"}, upcoming_release: false,
    _links: {self: \"https://example.com/o/r/-/releases/v1.2.0\"},
    assets: {count: 1, sources: [], links: [{id: 11, name: \"tool.tgz\", url: \"{{base}}/tool\",
      direct_asset_url: \"{{base}}/o/r/-/releases/v1.2.0/downloads/tool.tgz\", link_type: \"package\"}]}} * {$*}"
}

as_gitlab() {
  local at=/api/v4/projects/o%2Fr none='assets: {links: []}'
  local pre="tag_name: \"v1.3.0-rc.1\", released_at: \"2026-01-16T10:30:00Z\", $none"
  local old="tag_name: \"v1.1.0\", released_at: \"2026-01-15T10:30:00Z\", $none"
  local top='{"id":"a","path":"README.md","mode":"100644"},{"id":"b","path":"dir","mode":"040000"},{"id":"e","path":"dir-link","mode":"120000"}'
  local below='{"id":"c","path":"dir/run","mode":"100755"},{"id":"d","path":"dir/sub","mode":"040000"}'
  printf 'a\0b' >"$BATS_TEST_TMPDIR/bytes"
  printf 'tool' >"$BATS_TEST_TMPDIR/tool"
  gitlab "$(
    {
      answer "GET $at?*" "$(gl_repo r 'topics: ["c", "cli"]')"
      answer 'GET /api/v4/projects/o%2Fnone*' '{"message":"404 Project Not Found"}' 404
      answer 'GET /api/v4/groups/o/projects?*&page=2' "[$(gl_repo s 'archived: true, visibility: "private"')]"
      answer 'GET /api/v4/groups/o/projects?*' "[$(gl_repo r 'topics: ["c", "cli"]'),$(gl_repo f 'forked_from_project: {id: 1}')]" \
        200 'Link: <{{base}}/api/v4/groups/o/projects?per_page=100&page=2>; rel="next"'
      answer 'GET /api/v4/groups/nobody/projects?*' '{"message":"404 Group Not Found"}' 404
      answer 'GET /api/v4/users/nobody/projects?*' '{"message":"404 User Not Found"}' 404
      printf '>>> GET %s/repository/files/dir%%2Frun/raw?ref=*\n<<< 200 file=bytes\nContent-Type: text/plain\n\n' "$at"
      answer "GET $at/repository/files/none/raw?*" '{"message":"404 File Not Found"}' 404
      answer "GET $at/repository/tree?path=dir%2Frun&*" '{"message":"404 invalid revision or path Not Found"}' 404
      answer "GET $at/repository/tree?path=none&*" '[]'
      answer "GET $at/repository/tree?path=dir&*" "[$below]"
      answer "GET $at/repository/tree?recursive=true&page_token=x" \
        "[$below,{\"id\":\"f\",\"path\":\"dir/sub/module\",\"mode\":\"160000\"}]"
      answer "GET $at/repository/tree?recursive=true&*" "[$top]" 200 \
        "Link: <{{base}}$at/repository/tree?recursive=true&page_token=x>; rel=\"next\""
      answer "GET $at/repository/tree?*" "[$top]"
      answer "GET $at/releases/permalink/latest" "$(gl_release '')"
      answer "GET $at/releases/v1.2.0" "$(gl_release '')"
      answer "GET $at/releases/v1.1.0" "$(gl_release "$old")"
      answer "GET $at/releases/v9" '{"message":"404 Not Found"}' 404
      answer "GET $at/releases?*" "$(printf '%s\n' "$(gl_release "$pre")" "$(gl_release "$old")" "$(gl_release '')" | jq -sc .)"
      printf '>>> GET /o/r/-/releases/v1.2.0/downloads/tool.tgz\nneed authorization: Bearer *\n<<< 302\nLocation: {{base2}}/signed\n\n'
      printf '>>> GET /signed\ndeny authorization\n<<< 200 file=tool\nContent-Type: application/octet-stream\n\n'
    } | cassette gitlab
  )"
  HERE='-p gitlab -R o/r' IN=gitlab@$AT:o/r OWNER=o PRERELEASES=v1.3.0-rc.1 DRAFTS=
}
