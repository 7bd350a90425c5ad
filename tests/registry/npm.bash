# An npm registry, for tests/registry.bats.
# shellcheck shell=bash disable=SC2034 # what is set here is read there

as_npm() {
  HERE='-p npm' PACKAGE=@ada/demo PRE=2.0.0-rc.1 PAGE='^http://127.0.0.1:[0-9]+/@ada%2Fdemo(/1\.[0-9]+\.0)?$' SECRET=npm-s3cret
  export NPM_TOKEN=$SECRET
}

make_npm() {
  mkdir -p "$1"
  (cd "$1" && packed "$PACKAGE" "$1" "description: \"${2:-nothing}\"")
  FILE=$1/demo-$1.tgz NAMED=
}

# npm_document FILE...: what the registry says of the package, which has them.
npm_document() {
  local file
  for file in "$@"; do
    jq -nc --arg version "${file%%/*}" --arg sri "$(sri "$file")" '{($version): {dist: {integrity: $sri}}}'
  done | jq -sc '{"dist-tags": {latest: "1.10.0"}, versions: add}'
}

# shop_npm ANSWERS: serves them as a registry that the user has named.
shop_npm() {
  serve "$({ echo "$1" && answer 'GET /@ada%2Fdemonone' '{"error":"not_found"}' 404; } | cassette npm)"
  export NPM_CONFIG_REGISTRY=$URL
}

stock_npm() {
  shop_npm "$(
    if [ ${#OLD[@]} -gt 0 ]; then
      at_first answer 'GET /@ada%2Fdemo' "$(npm_document "${OLD[@]}")"
    else
      at_first answer 'GET /@ada%2Fdemo' '{"error":"not_found"}' 404
    fi
    answer 'GET /@ada%2Fdemo' "$(npm_document "${OLD[@]}" "${NEW[@]}")"
    answer 'PUT /@ada%2Fdemo' '{}' 201 "need authorization: Bearer $SECRET"
  )"
}

locked_npm() {
  shop_npm "$(answer 'GET /@ada%2Fdemo' '{}' 404 && answer 'PUT /@ada%2Fdemo' '{"error":"not yours"}' 403)"
}

nowhere_npm() {
  export NPM_CONFIG_REGISTRY=http://127.0.0.1:1
}

slow_npm() {
  shop_npm "$(answer 'GET /@ada%2Fdemo' '{}' 404 && answer 'PUT /@ada%2Fdemo' '{}' 201)"
}
