# Answers of GitLab's API that no recording shows, composed for one test, about the project g/s/p. Loaded after
# helper and github, whose `cassette` and `answer` it needs:
#
#   gitlab "$(answer "GET $GL/pipelines?*" "$(gl_pipelines 'id: 7' 'id: 8, status: "failed"')" | cassette two)"
#
# What an object does not say, it has from the base below; what it says is jq.

GL=/api/v4/projects/g%2Fs%2Fp
GL_SHA=742affb88a297a6b34201ad61c8b5b72ec6eb679

# gitlab CASSETTE...: serves them as a GitLab whose token is in the environment. AT is its name in refs.
gitlab() {
  serve "$@"
  export CI_API_V4_URL=$URL/api/v4 GITLAB_TOKEN=a-token
  AT=${URL#http://}
}

# gl_list BASE OBJECT...: a list of the OBJECTs, each put upon BASE.
gl_list() {
  local base=$1
  shift
  [ $# -eq 0 ] || set -- "$(printf "($base) * {%s}," "$@")"
  jq -nc "[${1%,}]"
}

# shellcheck disable=SC2120 # tests pass some
gl_pipelines() {
  gl_list "{id: 1, iid: 1, project_id: 3, status: \"success\", source: \"push\", ref: \"main\", sha: \"$GL_SHA\",
    name: null, web_url: \"https://gitlab.com/g/s/p/-/pipelines/1\",
    created_at: \"2026-01-14T10:30:00.123Z\", updated_at: \"2026-01-14T10:40:00.456Z\"}" "$@"
}

# gl_pipeline OBJECT: a single one, with what the list does not tell.
gl_pipeline() {
  gl_pipelines "${1:-id: 1}" | jq -c '.[0] | {user: {username: "ada"}, started_at: "2026-01-14T10:31:00.000Z",
    finished_at: "2026-01-14T10:40:00.000Z", duration: 540, coverage: null, yaml_errors: null} + .'
}

# shellcheck disable=SC2120
gl_jobs() {
  gl_list '{id: 11, name: "build", stage: "test", status: "success", allow_failure: false,
    created_at: "2026-01-14T10:30:00.000Z", started_at: "2026-01-14T10:31:00.000Z",
    finished_at: "2026-01-14T10:40:00.000Z", duration: 540.123, runner: {description: "r1"},
    pipeline: {id: 1, project_id: 3}, artifacts_file: null, artifacts: [], artifacts_expire_at: null,
    web_url: "https://gitlab.com/g/s/p/-/jobs/11"}' "$@"
}

# gl_bridges OBJECT...: trigger jobs. `child: {id: 5, ...}` is the pipeline in the same project that one has started.
# shellcheck disable=SC2120
gl_bridges() {
  gl_list "{id: 21, name: \"teaspoon\", stage: \"test\", status: \"success\", allow_failure: false,
    created_at: \"2026-01-14T10:30:00.000Z\", started_at: \"2026-01-14T10:31:00.000Z\",
    finished_at: \"2026-01-14T10:40:00.000Z\", duration: 540.123, pipeline: {id: 1, project_id: 3},
    user: {username: \"ada\"}, downstream_pipeline: null, web_url: \"https://gitlab.com/g/s/p/-/jobs/21\"}" "$@" |
    jq -c "map(if .child then .downstream_pipeline = ({id: 5, iid: 2, project_id: 3, status: \"success\",
      source: \"parent_pipeline\", ref: \"main\", sha: \"$GL_SHA\", created_at: \"2026-01-14T10:31:00.000Z\",
      updated_at: \"2026-01-14T10:40:00.000Z\", web_url: \"https://gitlab.com/g/s/p/-/pipelines/5\"} + .child) |
      del(.child) else . end)"
}

# gl_tree ID [JOBS [BRIDGES]]: the exchanges about the jobs of pipeline ID.
gl_tree() {
  answer "GET $GL/pipelines/$1/jobs?*" "${2:-[]}"
  answer "GET $GL/pipelines/$1/bridges?*" "${3:-[]}"
}

# gl_ref KIND ID: the ref of a thing on the test server.
gl_ref() {
  echo "gitlab@$AT:g/s/p/$1/$2"
}
