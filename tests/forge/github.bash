# GitHub and what was made after it, for tests/forge.bats. BASE is "/repos/o/r" behind the path of the API.
# shellcheck shell=bash disable=SC2034 # what is set here is read there
# shellcheck source=tests/gitea.bash
source "$ROOT/tests/gitea.bash"

# hub_repo NAME [MEMBER...]: a repository.
hub_repo() {
  local name=$1
  shift
  jq -nc "{id: 7, name: \"$name\", full_name: \"o/$name\", owner: {login: \"o\"}, default_branch: \"main\",
    private: false, archived: false, fork: false, description: \"what it is\", size: 2, topics: [],
    pushed_at: \"2026-01-14T10:30:00Z\", updated_at: \"2026-01-14T10:30:00Z\",
    clone_url: \"https://example.com/o/$name.git\", ssh_url: \"git@example.com:o/$name.git\",
    html_url: \"https://example.com/o/$name\"} * {${*:-}}"
}

# hub_release MEMBER...: a release with an asset.
hub_release() {
  jq -nc '{id: 1, tag_name: "v1.2.0", target_commitish: "main", name: "One two", draft: false,
    prerelease: false, created_at: "2026-01-14T10:30:00Z", published_at: "2026-01-14T10:31:00Z",
    html_url: "https://example.com/o/r/releases/tag/v1.2.0", body: "- better",
    assets: [{id: 11, name: "tool.tgz", label: null, size: 4, content_type: "application/gzip",
      state: "uploaded", browser_download_url: "{{base}}/o/r/releases/download/v1.2.0/tool.tgz"}]} * '"{$*}"
}

# hub_tree MEMBER...: a tree of ENTRY... "MODE SHA SIZE PATH".
hub_tree() {
  printf '%s\n' "$@" | jq -Rnc '{sha: "1", truncated: false, tree: [inputs / " " |
    {mode: .[0], sha: (.[1] * 40), size: (.[2] | tonumber), path: .[3]}]}'
}

# hub BASE: what both answer.
hub() {
  local pre='id: 2, tag_name: "v1.3.0-rc.1", prerelease: true, published_at: "2026-01-16T10:30:00Z", assets: []'
  local old='id: 3, tag_name: "v1.1.0", published_at: "2026-01-15T10:30:00Z", assets: []'
  local draft='id: 4, tag_name: "v2.0.0", draft: true, published_at: null, assets: []'
  answer "GET $1" "$(hub_repo r 'topics: ["c", "cli"]')"
  answer "GET ${1%/r}/none" '{"message":"Not Found"}' 404
  answer "GET $1/releases/latest" "$(hub_release '')"
  answer "GET $1/releases?*" "$(printf '%s\n' "$(hub_release "$draft")" "$(hub_release "$pre")" \
    "$(hub_release "$old")" "$(hub_release '')" | jq -sc .)"
  answer "GET $1/releases/tags/v1.1.0" "$(hub_release "$old")"
  answer "GET $1/releases/tags/*" '{"message":"Not Found"}' 404
  answer "GET $1/git/trees/$2" "$(hub_tree '100644 a 6 README.md' '040000 b 0 dir' '120000 e 3 dir-link')"
  answer "GET $1/git/trees/$2?recursive=1" "$(hub_tree '100644 a 6 README.md' '040000 b 0 dir' \
    '120000 e 3 dir-link' '100755 c 3 dir/run' '040000 d 0 dir/sub' '160000 f 0 dir/sub/module')"
  answer "GET $1/git/trees/${B:=$(printf 'b%.0s' {1..40})}" "$(hub_tree '100755 c 3 run' '040000 d 0 sub')"
}

as_github() {
  printf 'a\0b' >"$BATS_TEST_TMPDIR/bytes"
  printf 'tool' >"$BATS_TEST_TMPDIR/tool"
  serve "$(
    {
      hub /repos/o/r HEAD
      answer 'GET /repos/o/r/commits/v1*' "{\"sha\":\"$SHA\"}"
      answer 'GET /orgs/o/repos?*&page=2' "[$(hub_repo s 'archived: true, private: true')]"
      answer 'GET /orgs/o/repos?*' "[$(hub_repo r 'topics: ["c", "cli"]'),$(hub_repo f 'fork: true')]" 200 \
        'Link: <{{base}}/orgs/o/repos?per_page=100&page=2>; rel="next"'
      answer 'GET /orgs/nobody/repos?*' '{"message":"Not Found"}' 404
      answer 'GET /users/nobody/repos?*' '{"message":"Not Found"}' 404
      answer 'GET /user' '{"login":"ada"}'
      printf '>>> GET /repos/o/r/contents/dir/run*\nneed accept: application/vnd.github.raw+json\n<<< 200 file=bytes\n'
      printf 'Content-Type: application/vnd.github.raw+json; charset=utf-8\n\n'
      answer 'GET /repos/o/r/contents/none*' '{"message":"Not Found"}' 404
      printf '>>> GET /repos/o/r/releases/assets/11\nneed accept: application/octet-stream\n<<< 302\nLocation: {{base2}}/signed\n\n'
      printf '>>> GET /signed\ndeny authorization\n<<< 200 file=tool\nContent-Type: application/octet-stream\n\n'
    } | cassette github
  )"
  export GITHUB_TOKEN=a-token
  HERE='-p github -R o/r' IN=github@${URL#http://}:o/r OWNER=o PRERELEASES=v1.3.0-rc.1 DRAFTS=v2.0.0
}
