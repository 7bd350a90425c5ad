# Registries of OCI artifacts, for tests: the real one, and answers of another. Loaded after helper and github.

OCI_EMPTY=44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a # of "{}", the configuration of an artifact
BLOBS=/v2/tiny/core/blobs TAG=/v2/tiny/core/manifests/1.2

# ---- the real one ----

# oci_registry [locked]: starts docker-registry with nothing in it; sets OCI_HOST, its host and port, and OCI_REGISTRY. A
# locked one lets in only the user ada with the password "secret".
oci_registry() {
  local folder
  command -v docker-registry >/dev/null || skip 'no docker-registry here'
  folder=$(mktemp -d "$BATS_TEST_TMPDIR/registry.XXXXXX")
  {
    printf 'version: 0.1\nlog: {accesslog: {disabled: true}}\nhttp: {addr: "127.0.0.1:0", secret: x}\n'
    printf 'storage: {filesystem: {rootdirectory: %s/store}}\n' "$folder"
    [ "$1" != locked ] || printf 'auth: {htpasswd: {realm: x, path: %s/passwords}}\n' "$folder"
  } >"$folder/config.yml"
  # shellcheck disable=SC2016 # it is a hash
  echo 'ada:$2y$04$NNTcMTu0Y1630KRphMuh2uzwrrBptfh6qF7Z5iOwNQHJvRV9I66Xe' >"$folder/passwords"
  docker-registry serve "$folder/config.yml" >"$folder/log" 2>&1 3>&- &
  SERVERS+=" $!"
  eventually grep -q 'listening on' "$folder/log"
  OCI_HOST=$(sed -n 's/.*listening on \([0-9.:]*\).*/\1/p' "$folder/log")
  export OCI_REGISTRY=http://$OCI_HOST
}

# oci_manifest NAME:TAG: prints it as the registry has it.
oci_manifest() {
  curl -sf -H 'Accept: application/vnd.oci.image.manifest.v1+json' "http://$OCI_HOST/v2/${1%:*}/manifests/${1##*:}"
}

# oci_titles: the names of the files of the manifest on standard input, in its order. oci_digest FILE: the digest of one.
oci_titles() {
  jq -r '.layers[].annotations["org.opencontainers.image.title"]'
}

oci_digest() {
  jq -r --arg file "$1" '.layers[] | select(.annotations["org.opencontainers.image.title"] == $file).digest'
}

# ---- answers ----

# oci_one FILE: the manifest of the artifact that has that file and no other, which is of no known type.
oci_one() {
  jq -nc --arg sha "$(sha256sum <"$1" | cut -d ' ' -f 1)" --argjson size "$(stat -c %s "$1")" --arg name "${1##*/}" \
    --arg empty "sha256:$OCI_EMPTY" '{
      schemaVersion: 2, mediaType: "application/vnd.oci.image.manifest.v1+json",
      artifactType: "application/vnd.unknown.artifact.v1",
      config: {mediaType: "application/vnd.oci.empty.v1+json", digest: $empty, size: 2, data: "e30="},
      layers: [{mediaType: "application/octet-stream", digest: "sha256:\($sha)", size: $size,
        annotations: {"org.opencontainers.image.title": $name}}]}'
}

# oci_open [NEED...]: its front door.
oci_open() {
  answer 'GET /v2/' '{}' 200 "$@"
}

# oci_put [NEED...]: core.tcz is not there, and is taken whole.
oci_put() {
  answer "HEAD $BLOBS/sha256:$SHA" '' 404 "$@"
  answer "POST $BLOBS/uploads/" '' 202 'Location: {{base}}/u/b1' "$@"
  answer "PUT /u/b1?digest=sha256:$SHA" '' 201 'need body: an image*' "$@"
}

# oci_rest [NEED...]: all else about tiny/core:1.2, which is there when its manifest was put.
oci_rest() {
  answer "HEAD $TAG" '' 404 "$@"
  answer "HEAD $BLOBS/sha256:$OCI_EMPTY" '' 200 "$@"
  answer "PUT $TAG" '' 201 'need content-type: application/vnd.oci.image.manifest.v1+json' "$@"
  answer "GET $TAG" "$(oci_one core.tcz)" 200 "$@"
}
