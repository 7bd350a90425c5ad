# Artifactory, for tests/registry.bats.
# shellcheck shell=bash disable=SC2034 # what is set here is read there

as_artifactory() {
  HERE='-p artifactory -R shop' PACKAGE=tiny/core PRE=2.0.0-rc.1 SECRET=t0ken
  PAGE='^http://127.0.0.1:[0-9]+/artifactory/shop/tiny/core/(1\.[0-9]+\.0/)?$'
  export ARTIFACTORY_TOKEN=$SECRET
}

make_artifactory() {
  mkdir -p "$1"
  FILE=$1/core.tcz NAMED="--name $PACKAGE --release $1"
  echo "${2:-an image}" >"$FILE"
}

# shop_artifactory ANSWERS: serves them; it has nothing else.
shop_artifactory() {
  serve "$({
    echo "$1"
    answer 'GET /artifactory/api/storage/*' '{"errors":[{"status":404,"message":"Unable to find item"}]}' 404
    answer 'POST /artifactory/api/search/aql' '{"results":[]}'
  } | cassette artifactory)"
  export ARTIFACTORY_URL=$URL/artifactory
}

# artifactory_info FILE: what the server says of it.
artifactory_info() {
  answer "GET /artifactory/api/storage/shop/$PACKAGE/$1" \
    "$(jq -nc --arg sha "$(sha256sum <"$1" | cut -d ' ' -f 1)" '{repo: "shop", checksums: {sha256: $sha}}')"
}

stock_artifactory() {
  local file
  shop_artifactory "$(
    for file in "${OLD[@]}"; do artifactory_info "$file"; done
    for file in "${NEW[@]}"; do
      at_first answer "GET /artifactory/api/storage/shop/$PACKAGE/$file" '{"errors":[{"status":404,"message":"not there"}]}' 404
      artifactory_info "$file"
      answer "PUT /artifactory/shop/$PACKAGE/$file" '{"errors":[{"status":404,"message":"no such checksum"}]}' 404 \
        'need x-checksum-deploy: true'
      answer "PUT /artifactory/shop/$PACKAGE/$file" '{}' 201 'deny x-checksum-deploy' "need authorization: Bearer $SECRET"
    done
    for file in "${OLD[@]}"; do
      jq -nc --arg path "$PACKAGE/${file%/*}" '{path: $path, name: "core.tcz", created: "2026-01-14T10:30:00.000Z"}'
    done | answer 'POST /artifactory/api/search/aql' "$(jq -sc '{results: .}')" 200 "need body: *\"$PACKAGE/*\"*"
  )"
}

locked_artifactory() {
  shop_artifactory "$(answer "GET /artifactory/*" '{"errors":[{"status":401,"message":"Bad credentials"}]}' 401)"
}

nowhere_artifactory() {
  export ARTIFACTORY_URL=http://127.0.0.1:1/artifactory
}

slow_artifactory() {
  shop_artifactory "$(answer "PUT /artifactory/shop/$PACKAGE/$1" '{}' 201)"
}
