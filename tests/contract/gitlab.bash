# GitLab, for tests/contract.bats.
# shellcheck shell=bash disable=SC2034 # what is set here is read there
# shellcheck source=tests/gitlab.bash
source "$ROOT/tests/gitlab.bash"

as_gitlab() {
  local failed='id: 1, status: "failed"' newest="id: 2, iid: 2, sha: \"${GL_SHA//7/8}\", created_at: \"2026-01-14T11:30:00Z\""
  gitlab "$(
    {
      answer "GET $GL/pipelines/1" "$(gl_pipelines "$failed" | jq '.[0]')"
      answer "GET $GL/pipelines/2" "$(gl_pipelines "$newest" | jq '.[0]')"
      gl_tree 1 "$(gl_jobs 'status: "failed"')"
      answer "GET $GL/jobs/11/trace" 'it broke'
      answer "GET $GL/jobs/12" "$(gl_jobs 'id: 12, status: "running"' | jq '.[0]')"
      answer "GET $GL/jobs/12" "$(gl_jobs 'id: 12' | jq '.[0]')"
      answer "GET $GL/jobs/12/trace" $'one\ntw' 200 'deny range'
      answer "GET $GL/jobs/12/trace" $'o\nthree' 206 'need range: bytes=6-' 'Content-Range: bytes 6-12/13'
      answer "GET $GL/pipelines/9*" '{"message":"404 Not found"}' 404
      answer "GET $GL/pipelines?sha=$GL_SHA&*" "$(gl_pipelines "$failed")"
      answer "GET $GL/pipelines?status=failed&*" "$(gl_pipelines "$failed")"
      answer "GET $GL/pipelines?*" "$(gl_pipelines "$newest" "$failed")"
      answer 'GET /api/v4/projects/g%2Fnone/pipelines?*' '[]'
    } | cassette gitlab
  )"
  HERE='-p gitlab -R g/s/p' EMPTY='-p gitlab -R g/none' REFS="$(gl_ref run 2) $(gl_ref run 1)" FAILED=$(gl_ref run 1)
  SHA=$GL_SHA LOG='it broke' UNKNOWN=$(gl_ref run 9) LACKS='' LACK='' OWNERS=''
}

follow_gitlab() {
  try dl-logs -f "$(gl_ref job 12)"
}
