# OCI registries, for tests/registry.bats: docker-registry itself.
# shellcheck shell=bash disable=SC2034 # what is set here is read there

as_oci() {
  HERE='-p oci' PACKAGE=tiny/core PRE=2.0.0-rc.1 SECRET=hush BESIDE=conflict
  PAGE='^http://127.0.0.1:[0-9]+/v2/tiny/core/(tags/list|manifests/1\.[0-9]+\.0)$'
  export OCI_USER=ada OCI_TOKEN=$SECRET
}

make_oci() {
  mkdir -p "$1"
  FILE=$1/core.tcz NAMED="--name $PACKAGE --release $1"
  echo "${2:-an image}" >"$FILE"
}

stock_oci() {
  local file
  oci_registry
  for file in "${OLD[@]}"; do
    dl-publish -q $HERE --name "$PACKAGE" --release "${file%/*}" "$file" >/dev/null
  done
}

state_oci() {
  find "$BATS_TEST_TMPDIR"/registry.*/store -type f -exec sha256sum {} + | sort
}

locked_oci() {
  oci_registry locked
}

nowhere_oci() {
  export OCI_REGISTRY=http://127.0.0.1:1
}

slow_oci() {
  serve "$({
    oci_open
    answer 'HEAD /v2/tiny/core/manifests/1.2.0' '' 404
    answer 'HEAD /v2/tiny/core/blobs/*' ''
    answer 'PUT /v2/tiny/core/manifests/1.2.0' '' 201
    answer 'GET /v2/tiny/core/manifests/1.2.0' '' 404
  } | cassette oci)"
  export OCI_REGISTRY=$URL
}
