# Gitea, for tests/forge.bats.
# shellcheck shell=bash disable=SC2034 # what is set here is read there

as_gitea() {
  printf 'a\0b' >"$BATS_TEST_TMPDIR/bytes"
  printf 'tool' >"$BATS_TEST_TMPDIR/tool"
  gitea "$(
    {
      hub /api/v1/repos/o/r main
      answer 'GET /api/v1/repos/o/r/git/commits/v1*' "{\"sha\":\"$SHA\"}"
      answer 'GET /api/v1/users/o/repos?*&page=2' "[$(hub_repo s 'archived: true, private: true')]"
      answer 'GET /api/v1/users/o/repos?*' "[$(hub_repo r 'topics: ["c", "cli"]'),$(hub_repo f 'fork: true')]" 200 \
        'Link: <{{base}}/api/v1/users/o/repos?limit=50&page=2>; rel="next"'
      answer 'GET /api/v1/users/nobody/repos?*' '{"message":"Not Found"}' 404
      printf '>>> GET /api/v1/repos/o/r/raw/dir/run?*\n<<< 200 file=bytes\nContent-Type: text/plain\n\n'
      answer 'GET /api/v1/repos/o/r/raw/none?*' '{"message":"Not Found"}' 404
      printf '>>> GET /o/r/releases/download/v1.2.0/tool.tgz\nneed authorization: token *\n<<< 200 file=tool\n'
      printf 'Content-Type: application/gzip\n\n'
    } | cassette gitea
  )"
  HERE='-p gitea -R o/r' IN=$AT:o/r OWNER=o PRERELEASES=v1.3.0-rc.1 DRAFTS=v2.0.0
}
