# Packages for tests: distributions of Python, made of nothing but their metadata, and tarballs of npm.

# metadata NAME VERSION [LINE...]: the core metadata of a package.
metadata() {
  local name=$1 version=$2
  shift 2
  printf '%s\n' 'Metadata-Version: 2.1' "Name: $name" "Version: $version" "$@"
}

# wheel NAME VERSION [LINE...]: makes NAME-VERSION-py3-none-any.whl.
wheel() {
  local stem=${1//[-.]/_}-$2
  mkdir -p "w/$stem.dist-info"
  metadata "$@" >"w/$stem.dist-info/METADATA"
  printf 'Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n' >"w/$stem.dist-info/WHEEL"
  printf '%s,,\n' "$stem.dist-info/METADATA" "$stem.dist-info/WHEEL" "$stem.dist-info/RECORD" >"w/$stem.dist-info/RECORD"
  zipped "$stem-py3-none-any.whl" w
  rm -r w
}

# zipped FILE DIR: FILE is a zip archive of what DIR holds.
zipped() {
  python3 - "$1" "$2" <<'END'
import os, sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_DEFLATED) as archive:
    for folder, _, names in sorted(os.walk(sys.argv[2])):
        for name in sorted(names):
            path = os.path.join(folder, name)
            archive.write(path, os.path.relpath(path, sys.argv[2]))
END
}

# sdist NAME VERSION [LINE...]: makes NAME-VERSION.tar.gz.
sdist() {
  local stem=${1//[-.]/_}-$2
  mkdir -p "s/$stem"
  metadata "$@" >"s/$stem/PKG-INFO"
  tar -czf "$stem.tar.gz" -C s "$stem"
  rm -r s
}

# source_of NAME VERSION [MEMBERS]: the folder "package" is that package; MEMBERS are JSON for its package.json.
source_of() {
  mkdir -p package
  jq -n --arg name "$1" --arg version "$2" "{name: \$name, version: \$version} + {${3:-}}" >package/package.json
  printf '#!/usr/bin/env node\nconsole.log("it runs")\n' >package/cli.js
}

# packed NAME VERSION [MEMBERS]: a tarball of it, whose path goes to TGZ, as `npm pack` would make it.
packed() {
  source_of "$@"
  TGZ=$PWD/${1##*/}-$2.tgz
  tar -czf "$TGZ" package
}

# sri FILE: its integrity.
sri() {
  echo "sha512-$(openssl dgst -sha512 -binary "$1" | base64 -w 0)"
}

# python_index [FILE...]: the JSON of the Python index of demo, with these files.
python_index() {
  local file
  for file in "$@"; do
    jq -nc --arg name "${file##*/}" --arg hash "$(sha256sum <"$file" | cut -d ' ' -f 1)" '
      {filename: $name, url: $name, hashes: {sha256: $hash}, "upload-time": "2026-01-14T10:30:00.5Z", yanked: false}'
  done | jq -nc '{meta: {"api-version": "1.4"}, name: "demo", files: [inputs]}'
}

# jwt AUDIENCE [MARK]: the identity of a CI job for AUDIENCE, as JSON; MARK tells one from another.
jwt() {
  printf 'e30.%s.%s' "$(printf '{"sub":"~~~???","aud":%s}' "$1" | base64 | tr '+/' '-_' | tr -d '\n=')" "${2:-c2ln}"
}
