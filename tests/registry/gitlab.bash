# The packages of a GitLab project, for tests/registry.bats: generic ones. Composed after the vendor's API description.
# shellcheck shell=bash disable=SC2034 # what is set here is read there
# shellcheck source=tests/gitlab.bash
source "$ROOT/tests/gitlab.bash"

as_gitlab() {
  HERE='-p gitlab -R g/s/p' PACKAGE=tiny-core PRE=2.0.0-rc.1 PAGE='/g/s/p/-/packages(/[0-9]+|\?search%5B%5D=tiny-core)$' SECRET=a-token
}

make_gitlab() {
  mkdir -p "$1"
  FILE=$1/core.tcz NAMED="--name $PACKAGE --release $1"
  echo "${2:-an image}" >"$FILE"
}

# gitlab_packages FILE...: what the server lists of those of the package, and one that is called nearly so.
gitlab_packages() {
  {
    jq -nc --arg name "$PACKAGE-more" '{id: 99, name: $name, version: "9.0.0", package_type: "generic", status: "default"}'
    printf '%s\n' "$@" | sed '/^$/d; s|/.*||' | sort -u | jq -Rc --arg name "$PACKAGE" '{
      id: input_line_number, name: $name, version: ., package_type: "generic", status: "default",
      _links: {web_path: "/g/s/p/-/packages/\(input_line_number)"}, created_at: "2026-01-14T10:30:00.123Z"}'
  } | jq -sc .
}

# gitlab_files FILE...: the files of package 1, after one of the first one's name that it has replaced.
gitlab_files() {
  local file
  [ $# -eq 0 ] || jq -nc --arg name "${1##*/}" '{id: 6, package_id: 1, file_name: $name, size: 1, file_sha256: "00"}'
  for file in "$@"; do
    jq -nc --arg name "${file##*/}" --arg sha "$(sha256sum <"$file" | cut -d ' ' -f 1)" --argjson size "$(stat -c %s "$file")" \
      '{id: 7, package_id: 1, file_name: $name, size: $size, file_sha256: $sha}'
  done
}

stock_gitlab() {
  local file
  gitlab "$({
    at_first answer "GET $GL/packages?*package_version=1.2.0&*" "$(gitlab_packages "${OLD[@]}")"
    answer "GET $GL/packages?*package_version=1.2.0&*" "$(gitlab_packages "${OLD[@]}" "${NEW[@]}")"
    answer "GET $GL/packages?*" "$(gitlab_packages "${OLD[@]}")"
    answer "GET $GL/packages/1/package_files?*" "$(gitlab_files "${OLD[@]}" "${NEW[@]}" | jq -sc .)"
    for file in "${NEW[@]}"; do
      answer "PUT $GL/packages/generic/$PACKAGE/$file?select=package_file" "$(gitlab_files "$file" | tail -n 1)" 201
    done
  } | cassette stock)"
}

locked_gitlab() {
  gitlab "$(answer "GET $GL/packages?*" '{"message":"401 Unauthorized"}' 401 | cassette locked)"
}

nowhere_gitlab() {
  export CI_API_V4_URL=http://127.0.0.1:1/api/v4 GITLAB_TOKEN=$SECRET
}

slow_gitlab() {
  gitlab "$({
    answer "GET $GL/packages?*" "[]"
    answer "PUT $GL/packages/generic/$PACKAGE/$1?select=package_file" "$(gitlab_files "$1" | tail -n 1)" 201
  } | cassette slow)"
}
