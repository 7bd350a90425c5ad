# What holds for every package registry: the same scenarios, each over all of them: dl-publish and dl-versions. A registry
# NAME is a file tests/registry/NAME.bash with these functions, which are called in a folder of its own for each scenario:
#
#   as_NAME                     makes it ready, and sets
#
#     HERE      options that name it
#     PACKAGE   the package, and PRE, one of its versions before 2.0.0, as the registry writes it
#     PAGE      what the URL of its page matches (extended regular expression)
#     SECRET    the credential in use; empty: there are none
#     BESIDE    what becomes of a new file beside one whose name is taken, by default planned
#
#   make_NAME VERSION [WORDS]   writes a file of that version, with WORDS in it, into the folder VERSION. Sets FILE, its path,
#                               and NAMED, the options that say what it is where the file does not
#   stock_NAME                  the registry has the files in the array OLD, which were made so, and takes those in NEW; there
#                               are no others. `at_first` is for answers from before NEW was there
#
# and, when it can be done,
#
#   state_NAME                  prints what changes with every change there; by default, how many requests could change something
#   locked_NAME                 from now on it refuses the credential
#   nowhere_NAME                from now on it cannot be reached
#   slow_NAME NEW               it has nothing and takes NEW, but nobody sees it
# shellcheck disable=SC2034,SC2154,SC2086,SC2153 # `try` sets $stderr; $HERE are words, set by as_NAME
load helper
load github
load packages
load oci

REGISTRIES=
for registry in "$ROOT"/tests/registry/*.bash; do
  # shellcheck source=/dev/null
  source "$registry"
  REGISTRIES+=" $(basename "$registry" .bash)"
done

setup() {
  hermetic
  export DL_RETRIES=0
}

# each SCENARIO: over all registries. What it prints is shown when it fails.
each() {
  local REGISTRY HERE PACKAGE PRE PAGE SECRET BESIDE FILE NAMED OLD NEW ASKED
  for REGISTRY in $REGISTRIES; do
    echo "registry: $REGISTRY"
    mkdir "$BATS_TEST_TMPDIR/$REGISTRY"
    cd "$BATS_TEST_TMPDIR/$REGISTRY" || return
    BESIDE=planned
    "as_$REGISTRY"
    "$1"
    stop_servers
  done
}

# can WHAT: whether the registry at hand has that function.
can() {
  declare -F "$1_$REGISTRY" >/dev/null
}

make() {
  "make_$REGISTRY" "$@"
}

# stock [-a ASKED] OLD... [-- NEW...]: as stock_NAME. NEW is asked for ASKED times, or once, before it is sent.
stock() {
  ASKED=1
  if [ "$1" = -a ]; then
    ASKED=$2
    shift 2
  fi
  OLD=()
  while [ $# -gt 0 ] && [ "$1" != -- ]; do
    OLD+=("$1")
    shift
  done
  NEW=("${@:2}")
  "stock_$REGISTRY"
}

# at_first COMMAND...: runs it as often as NEW is asked for before it is sent.
at_first() {
  local _
  for _ in $(seq "$ASKED"); do "$@"; done
}

state() {
  if can state; then "state_$REGISTRY"; else requests '^(PUT|POST|PATCH|DELETE) '; fi
}

# publish [OPTION...] FILE...
publish() {
  try dl-publish $HERE $NAMED "$@"
}

# second: sets SECOND, the path of a file that is published together with FILE: of another version, or of the same one.
second() {
  if [ -n "$NAMED" ]; then
    SECOND=1.2.0/second.bin
    echo second >$SECOND
  else
    local FILE
    make 1.3.0
    SECOND=$FILE
  fi
}

publishes_once() {
  local before
  make 1.2.0
  stock -- "$FILE"
  publish "$FILE"
  assert_status 0
  assert_json "length == 1 and (.[0] | .type == \"package\" and .provider == \"$REGISTRY\" and .action == \"uploaded\" and
    .name == \"$PACKAGE\" and .version == \"1.2.0\" and .path == \"$FILE\" and .error == null and
    .sha256 == \"$(sha256sum <"$FILE" | cut -d ' ' -f 1)\" and .size_bytes == $(stat -c %s "$FILE"))"
  [[ $(field 0 url) =~ $PAGE ]] || complain "its page is not $PAGE"
  before=$(state)
  publish "$FILE" -F action
  assert_status 0
  assert_output skipped
  [ "$(state)" = "$before" ] || complain 'what is there was sent again'
}

@test "a file is published, and skipped by its hash the next time" {
  each publishes_once
}

keeps_what_is_there() {
  local before SECOND
  make 1.2.0
  second
  stock "$FILE"
  make 1.2.0 changed
  before=$(state)
  publish "$FILE" "$SECOND"
  assert_status 6
  assert_json "map(.action) == [\"conflict\", \"$BESIDE\", null] and .[2].class == \"refused\""
  assert_stderr '^dl-publish: hint: nothing was sent;'
  publish --skip-existing "$FILE" -F action
  assert_status 0
  assert_output skipped
  [ "$(state)" = "$before" ] || complain 'something was sent'
}

@test "other bytes under the name of a file: exit 6, and nothing is sent" {
  each keeps_what_is_there
}

carries_out_a_plan() {
  local before
  make 1.2.0
  stock -a 3 -- "$FILE"
  before=$(state)
  publish -N "$FILE"
  assert_status 0
  assert_json 'map(.action) == ["planned"]'
  [ "$(state)" = "$before" ] || complain 'something was sent'
  echo "$output" >plan
  mv "$FILE" kept
  make 1.2.0 changed
  publish - <plan
  assert_status 6
  assert_output ''
  assert_stderr 'is another file by now'
  [ "$(state)" = "$before" ] || complain 'something was sent'
  mv kept "$FILE"
  publish - -F action <plan
  assert_status 0
  assert_output uploaded
}

@test "a plan is carried out as it is, or refused" {
  each carries_out_a_plan
}

lists_versions() {
  local version files=() before
  for version in 1.9.0 1.10.0 "$PRE" 1.2.0; do
    make "$version"
    files+=("$FILE")
  done
  stock "${files[@]}"
  try dl-versions $HERE "$PACKAGE"
  assert_status 0
  assert_json "map(.version) == [\"1.10.0\", \"1.9.0\", \"1.2.0\"] and
    all(.type == \"package\" and .provider == \"$REGISTRY\" and .name == \"$PACKAGE\" and .file == null)"
  try dl-versions $HERE --pre "$PACKAGE" -F version
  assert_output "$PRE"$'\n1.10.0\n1.9.0\n1.2.0'
  try dl-versions $HERE -1 "$PACKAGE" -F version
  assert_output 1.10.0
  try dl-versions $HERE -n 2 "$PACKAGE" -F version
  assert_output $'1.10.0\n1.9.0'
  try dl-versions $HERE "$PACKAGE@1.9.0" -F version
  assert_output 1.9.0
  try dl-versions $HERE "$PACKAGE@7.0.0"
  assert_status 5
  before=$(requests)
  try dl-versions $HERE --url "$PACKAGE" "$PACKAGE@1.9.0" -F url
  assert_status 0
  [[ ${lines[0]} =~ $PAGE && ${lines[1]} =~ $PAGE ]] || complain "expected $PAGE"
  [ "$(requests)" = "$before" ]
}

@test "versions, newest first; the latest; one of them; the page" {
  each lists_versions
}

misses_a_package() {
  make 1.2.0
  stock "$FILE"
  try dl-versions $HERE "${PACKAGE}none"
  assert_status 5
  assert_output ''
  assert_stderr "^dl-versions: .*'${PACKAGE}none'"
}

@test "a package that does not exist: exit 5, and nothing on stdout" {
  each misses_a_package
}

tells_of_a_credential() {
  can locked || return 0
  make 1.2.0
  "locked_$REGISTRY"
  publish "$FILE"
  assert_status 4
  [ -z "$output" ] || assert_json '.[0] | .action == "failed" and .error.class == "auth"'
  assert_stderr '^dl-publish: '
  [ -n "$SECRET" ]
  refute grep -qF "$SECRET" <<<"$output$stderr"
}

@test "a credential that is refused: exit 4, and it is shown to nobody" {
  each tells_of_a_credential
}

cannot_reach() {
  can nowhere || return 0
  make 1.2.0
  "nowhere_$REGISTRY"
  publish "$FILE"
  assert_status 8
  assert_output ''
  try dl-versions $HERE "$PACKAGE"
  assert_status 8
  assert_output ''
}

@test "a server that cannot be reached: exit 8, and nothing on stdout" {
  each cannot_reach
}

looks_for_what_it_sent() {
  can slow || return 0
  make 1.2.0
  "slow_$REGISTRY" "$FILE"
  publish --patience 1s "$FILE"
  assert_status 3
  assert_json '.[0] | .action == "uploaded" and .error.class == "pending"'
  assert_stderr 'it was taken, and cannot be seen yet'
  "slow_$REGISTRY" "$FILE"
  publish --no-verify "$FILE" -F action
  assert_status 0
  assert_output uploaded
}

@test "what was sent and cannot be seen: exit 3, unless nobody looks" {
  each looks_for_what_it_sent
}

@test "every registry has its row" {
  dl-providers -q >all
  jq -r 'select(.kind | split(",") | index("registry")).name' all | sort >there
  [ -s there ]
  for registry in $REGISTRIES; do echo "$registry"; done | sort >rows
  [ -z "$(comm -23 there rows)" ]
}
