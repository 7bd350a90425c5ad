# dl-publish and dl-versions, with the registry that needs no server, and what is refused before anybody is asked.
# shellcheck disable=SC2154 # `try` sets $stderr
load helper
load packages

setup() {
  hermetic
  make_repo repo
  cd repo || return
  export DL_REGISTRY=local
  SHOP=$PWD/.git/devloop/packages
}

# fetch INDEX PACKAGE: pip fetches it from there, to out.
fetch() {
  pip3 download -q --no-deps --disable-pip-version-check --index-url "$1" -d out "$2"
}

@test "files are published, found again by pip, and skipped the next time" {
  wheel Demo.Pkg 1.0 'Requires-Python: >=3.6' 'Summary: <a> & "b"'
  sdist Demo.Pkg 1.0 'Requires-Python: >=3.6'
  try dl-publish Demo_Pkg-1.0*
  assert_status 0
  assert_json 'length == 2 and all(.action == "uploaded" and .name == "Demo.Pkg" and .version == "1.0" and .error == null)'
  assert_json '.[0] | .ref == "local:/package/Demo.Pkg%401.0" and .file == "Demo_Pkg-1.0-py3-none-any.whl" and .path == .file'
  [ "$(field 1 sha256)" = "$(sha256sum <Demo_Pkg-1.0.tar.gz | cut -d ' ' -f 1)" ]
  [ "$(field 1 size_bytes)" = "$(stat -c %s Demo_Pkg-1.0.tar.gz)" ]
  [ "$(field 0 url)" = "file://$SHOP/demo-pkg/index.html" ]
  cmp Demo_Pkg-1.0.tar.gz "$SHOP/demo-pkg/Demo_Pkg-1.0.tar.gz"
  fetch "file://$SHOP" demo-pkg
  cmp Demo_Pkg-1.0-py3-none-any.whl out/Demo_Pkg-1.0-py3-none-any.whl
  try dl-publish Demo_Pkg-1.0* -F action
  assert_status 0
  assert_output $'skipped\nskipped'
  [ -z "$(find "$SHOP" -name '*.part')" ]
}

@test "what has changed since it was published by whoever holds the folder is not what pip is told" {
  wheel demo 1.0
  dl-publish demo-1.0-py3-none-any.whl
  echo more >>"$SHOP/demo/demo-1.0-py3-none-any.whl"
  run fetch "file://$SHOP" demo
  [ "$status" -ne 0 ]
  [[ $output = *"DO NOT MATCH THE HASHES"* ]]
}

@test "the same name with other bytes is a conflict, and then nothing is sent" {
  wheel demo 1.0
  dl-publish demo-1.0-py3-none-any.whl
  cp "$SHOP/demo/demo-1.0-py3-none-any.whl" first
  wheel demo 1.0 'Summary: another one'
  wheel demo 1.1
  try dl-publish demo-1.*.whl
  assert_status 6
  assert_json 'map(.action) == ["conflict", "planned", null] and .[2].class == "refused"'
  assert_stderr '^dl-publish: 1 of 2 files is there already with other content$'
  assert_stderr '^dl-publish: hint: nothing was sent;'
  cmp "$SHOP/demo/demo-1.0-py3-none-any.whl" first
  [ ! -e "$SHOP/demo/demo-1.1-py3-none-any.whl" ]
  try dl-publish --skip-existing demo-1.*.whl -F action
  assert_status 0
  assert_output $'skipped\nuploaded'
  assert_stderr 'demo-1.0-py3-none-any.whl is there already, and may be another one'
  cmp "$SHOP/demo/demo-1.0-py3-none-any.whl" first
}

@test "one file that is no good stops all, before anything is sent" {
  wheel demo 1.0
  for bad in missing-1.0-py3-none-any.whl . demo-1.0-py3-none-any.zip; do
    try dl-publish demo-1.0-py3-none-any.whl "$bad"
    [ "$status" -ne 0 ] || complain "$bad was taken"
    assert_output ''
    [ ! -e "$SHOP" ] || complain "$bad: something was sent"
  done
  try dl-publish missing.whl
  assert_status 5
  assert_stderr '^dl-publish: missing.whl: there is no such file$'
  try dl-publish .
  assert_status 6
  assert_stderr 'it is no regular file'
  try dl-publish
  assert_status 2
}

@test "a dry run prints a plan, which is carried out exactly or not at all" {
  wheel demo 1.0
  wheel demo 1.1
  dl-publish demo-1.0-py3-none-any.whl
  try dl-publish -N demo-1.*.whl
  assert_status 0
  assert_json 'map(.action) == ["skipped", "planned"] and all(.sha256 | length == 64)'
  [ ! -e "$SHOP/demo/demo-1.1-py3-none-any.whl" ]
  echo "$output" >plan
  try dl-publish - demo-1.1-py3-none-any.whl <plan
  assert_status 6
  assert_stderr 'the plan is about 2 files, and these are 1'
  cp demo-1.1-py3-none-any.whl kept
  wheel demo 1.1 'Summary: changed'
  try dl-publish - <plan
  assert_status 6
  assert_output ''
  assert_stderr '^dl-publish: demo-1.1-py3-none-any.whl is another file by now$'
  [ ! -e "$SHOP/demo/demo-1.1-py3-none-any.whl" ]
  mv kept demo-1.1-py3-none-any.whl
  jq -c '.project = "other"' plan >elsewhere
  try dl-publish - <elsewhere
  assert_status 6
  assert_stderr 'would go elsewhere now'
  jq -c '.action = "conflict"' plan >conflict
  try dl-publish - <conflict
  assert_status 6
  assert_stderr 'is not planned'
  try dl-publish - <plan
  assert_status 0
  assert_json 'map(.action) == ["skipped", "uploaded"]'
  try dl-publish - </dev/null
  assert_status 5
  for line in '{"type":"run"}' '{"type":"package","path":"x"}' 'local:/run/1'; do
    try dl-publish - <<<"$line"
    assert_status 9
    assert_stderr 'line 1:|a package of the plan names no file'
  done
}

@test "a plan that has been overtaken is refused" {
  wheel demo 1.0
  dl-publish -N demo-1.0-py3-none-any.whl >plan
  mv demo-1.0-py3-none-any.whl ours
  wheel demo 1.0 'Summary: theirs'
  dl-publish demo-1.0-py3-none-any.whl
  mv ours demo-1.0-py3-none-any.whl
  try dl-publish - <plan
  assert_status 6
  assert_stderr 'is there by now, another one'
}

@test "a file that does not say what it is needs a name and a version" {
  echo 'an image' >core.tcz
  try dl-publish core.tcz
  assert_status 2
  assert_stderr 'core.tcz does not say what it is'
  assert_stderr 'hint: name the package and its version: --name NAME --release VERSION'
  try dl-publish --name Tiny.Core --release 1.2 core.tcz -F name,version,action
  assert_output $'Tiny.Core\t1.2\tuploaded'
  try dl-versions Tiny.Core -F name,version
  assert_output $'Tiny.Core\t1.2'
  wheel demo 1.0
  for wrong in '--name other' '--release 1.1'; do
    # shellcheck disable=SC2086 # an option and its value
    try dl-publish $wrong demo-1.0-py3-none-any.whl
    assert_status 2
    assert_stderr 'it is demo 1.0'
  done
  try dl-publish --name Demo --release 1.0.0 demo-1.0-py3-none-any.whl -F name,version
  assert_output $'demo\t1.0'
  try dl-publish --name ../up --release 1 core.tcz
  assert_status 2
  assert_stderr "'../up' is no name of a package"
  mkdir a b && echo 1 >a/x && echo 2 >b/x
  try dl-publish --name x --release 1 a/x b/x
  assert_status 2
  assert_stderr "b/x: 'a/x' would have the same name there"
}

@test "versions come newest first by PEP 440; pre-releases and other spellings have their place" {
  for version in 1.10 1.9 1.0.dev1 1!0.1 2.0rc1 1.10.post1 20201231235959999999999; do
    wheel demo "$version"
  done
  dl-publish demo-*.whl
  try dl-versions --pre demo -F version
  assert_output $'1!0.1\n20201231235959999999999\n2.0rc1\n1.10.post1\n1.10\n1.9\n1.0.dev1'
  try dl-versions Demo -F version -n 2
  assert_output $'1!0.1\n20201231235959999999999'
  try dl-versions -1 demo -F version
  assert_output '1!0.1'
  try dl-versions demo@1.10.0 demo@v1.0dev1 -F version
  assert_output $'1.10\n1.0.dev1'
  try dl-versions demo@7
  assert_status 5
  try dl-versions nothing
  assert_status 5
  assert_stderr "no package 'nothing' has been published in "
  try dl-versions --url demo -F url
  assert_output "file://$SHOP/demo/index.html"
  try dl-versions
  assert_status 2
}

@test "the folder may be another one" {
  wheel demo 1.0
  DL_LOCAL_REGISTRY=elsewhere/shop try dl-publish demo-1.0-py3-none-any.whl -F url
  assert_output "file://$PWD/elsewhere/shop/demo/index.html"
  fetch "file://$PWD/elsewhere/shop" demo
}

@test "several programs may publish into one package at once" {
  local version pids=()
  for version in 1 2 3 4 5 6 7 8; do
    wheel demo "$version"
    dl-publish "demo-$version-py3-none-any.whl" >/dev/null &
    pids+=($!)
  done
  for version in "${pids[@]}"; do wait "$version"; done
  try dl-versions demo -F version
  assert_output $'8\n7\n6\n5\n4\n3\n2\n1'
  [ "$(grep -c '<a href' "$SHOP/demo/index.html")" = 8 ]
}

@test "no name leads out of the package's folder, and none is one of the registry's own" {
  echo x >index.html
  try dl-publish --name x --release 1 index.html
  assert_status 6
  echo x >.hidden
  try dl-publish --name x --release 1 .hidden
  assert_status 6
  echo x >'a\b'
  try dl-publish --name x --release 1 'a\b'
  assert_status 9
  [ ! -e "$SHOP/x/index.html" ]
}

# refuses WORDS FILE: dl-publish refuses FILE with 9 and WORDS, and sends nothing.
refuses() {
  try dl-publish "$2"
  assert_status 9
  assert_output ''
  assert_stderr "$1"
  [ ! -e "$SHOP" ] || complain "$2: something was sent"
}

# hostile FILE CODE: python makes the archive FILE by CODE.
hostile() {
  python3 - "$1" <<END
import io, sys, tarfile, zipfile
path = sys.argv[1]
meta = b'Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n'
def add(archive, name, data, **more):
    entry = tarfile.TarInfo(name)
    entry.size = len(data)
    for key in more: setattr(entry, key, more[key])
    archive.addfile(entry, io.BytesIO(data))
$2
END
}

@test "hostile archives are refused, and nothing is sent" {
  local whl=demo-1.0-py3-none-any.whl tar=demo-1.0.tar.gz zip="z = zipfile.ZipFile(path, 'w', zipfile.ZIP_DEFLATED)"
  local begin="$zip; z.writestr('demo-1.0.dist-info/METADATA', meta)" tgz="t = tarfile.open(path, 'w:gz')"
  hostile $whl "$begin; z.writestr('../../evil', b'x'); z.close()"
  refuses "'../../evil'" $whl
  hostile $whl "$begin; z.writestr('/etc/evil', b'x'); z.close()"
  refuses "'/etc/evil'" $whl
  hostile $whl "$begin; z.writestr('big', bytes(260 << 20)); z.close()"
  refuses 'unpacks, with what comes before it, to more than is allowed' $whl
  hostile $whl "import warnings; warnings.simplefilter('ignore'); $begin; z.writestr('demo-1.0.dist-info/METADATA', meta + b'Summary: two\n'); z.close()"
  refuses 'stands there twice' $whl
  hostile $whl "$zip; z.writestr('demo-1.0.dist-info/METADATA', meta + b'Summary: ' + b'x' * (3 << 20)); z.close()"
  refuses 'is larger than' $whl
  hostile $whl "$begin; z.close(); data = open(path, 'rb').read(); open(path, 'wb').write(data[:-30])"
  refuses 'it is no zip archive, or is cut off' $whl
  hostile $whl "$zip; z.writestr('a', b''); z.close()"
  refuses 'it has no \*.dist-info/METADATA' $whl
  hostile $tar "$tgz; add(t, 'demo-1.0/PKG-INFO', meta); add(t, '../evil', b'x'); t.close()"
  refuses "'../evil'" $tar
  hostile $tar "$tgz; add(t, 'demo-1.0/PKG-INFO', meta); add(t, 'demo-1.0/dev', b'', type=tarfile.CHRTYPE); t.close()"
  refuses 'is no file, folder or symbolic link' $tar
  hostile $tar "$tgz; add(t, 'demo-1.0/PKG-INFO', meta); add(t, 'demo-1.0/l', b'', type=tarfile.SYMTYPE, linkname='../../x'); t.close()"
  refuses 'leads out of the archive' $tar
  hostile $tar "$tgz; add(t, 'demo-1.0/PKG-INFO', meta); add(t, 'demo-2.0/PKG-INFO', meta); t.close()"
  refuses 'stands there twice, or is one of two' $tar
  hostile $tar "$tgz; add(t, 'big', bytes(260 << 20)); t.close()"
  refuses 'unpacks, with what comes before it, to more than is allowed' $tar
  hostile $tar "open(path, 'wb').write(b'not gzip')"
  refuses '.' $tar
}

@test "metadata that cannot be is refused, and nothing is sent" {
  local line
  wheel demo 1.0 $'Summary: a\x01b' && mv demo-1.0-py3-none-any.whl good.whl
  refuses 'it is not called as wheels are' good.whl
  mkdir -p w/demo-1.0.dist-info
  while IFS=$'\t' read -r words line; do
    printf '%b' "$line" >w/demo-1.0.dist-info/METADATA
    zipped demo-1.0-py3-none-any.whl w
    refuses "$words" demo-1.0-py3-none-any.whl
  done <<'END'
is of the version '\(none\)', which is unknown	Name: demo\nVersion: 1.0\n
is of the version '9.9', which is unknown	Metadata-Version: 9.9\nName: demo\nVersion: 1.0\n
'\(none\)' is no name	Metadata-Version: 2.1\nVersion: 1.0\n
'-demo' is no name	Metadata-Version: 2.1\nName: -demo\nVersion: 1.0\n
'a b' is no name	Metadata-Version: 2.1\nName: a b\nVersion: 1.0\n
'one' is no version	Metadata-Version: 2.1\nName: demo\nVersion: one\n
has several Version	Metadata-Version: 2.1\nName: demo\nVersion: 1.0\nVersion: 1.1\n
another one by its name	Metadata-Version: 2.1\nName: other\nVersion: 1.0\n
another one by its name	Metadata-Version: 2.1\nName: demo\nVersion: 1.1\n
line that is no header: 'nothing'	Metadata-Version: 2.1\nName: demo\nVersion: 1.0\nnothing\n
has a NUL, or is not in UTF-8	Metadata-Version: 2.1\nName: demo\nVersion: 1.0\nSummary: a\x00b\n
has a NUL, or is not in UTF-8	Metadata-Version: 2.1\nName: demo\nVersion: 1.0\nSummary: a\xffb\n
has two descriptions	Metadata-Version: 2.1\nName: demo\nVersion: 1.0\nDescription: a\n\nb\n
END
}

@test "what is no registry is told, with those that are" {
  wheel demo 1.0
  try dl-publish -p jenkins demo-1.0-py3-none-any.whl
  assert_status 10
  assert_stderr 'jenkins is no package registry'
  assert_stderr 'hint: these are: .*local'
}
