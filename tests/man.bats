# The manual and the programs say the same, and every example in the manual works.
#
# In a section EXAMPLES a remark before each display says what it is; a display without one is a mistake:
#
#   .\" test: WORD... exit=N [prints=TEXT]   a command line (.Dl) or script (.Bd -literal). It is run by sh as
#                                            it stands, exits with N, and prints TEXT on stdout or stderr
#   .\" test: ... needs=COMMAND ...          it is left out where there is no such command
#   .\" test: ... crontab ...                the lines of a crontab, run without their times in ~/src/app
#   .\" output                               what the example before it has printed; ... is what is left out
#   .\" file: PATH                           a file that the next example finds in its repository
#
# The WORDs say where an example is run: always in a repository on branch main;
#
#   github/NAME    with the cassette of that name; it is a clone of the project that the cassette is about
#   local          with the workflows below in .devloop/ci
#   local/NAME     the same, and workflow NAME has been run
#   running/NAME   the same, and workflow NAME is running
load helper

MAN=$ROOT/man

# ---- what the programs say ----

programs() {
  basename -a -s .c "$ROOT"/bin/dl-*.c
}

# summary PROGRAM
summary() {
  "$1" --help | sed -n 2p
}

# options_of_help PROGRAM: a line "-x, --name ARG" for each option, sorted.
options_of_help() {
  "$1" --help | grep -oE '^  (-.,|   ) --[a-z-]+( [A-Z][^ ]*)?( |$)' | sed 's/^ *//; s/ *$//' | sort
}

# ---- what the pages say ----

# options_of_page PAGE: the same from its `.It Fl` lines.
options_of_page() {
  sed -n 's/^\.It Fl //p' "$MAN/$1" |
    sed -E 's/^(.) , Fl -/-\1, --/; t arg; s/^-/--/; :arg; s/ Ar / /' | sort
}

# section TITLE PAGE: the lines below the heading of that section or subsection.
section() {
  awk -v title="$1" '
    /^\.S[hs] / { inside = substr($0, 5) == title; next }
    inside' "$MAN/$2"
}

# terms MACRO TITLE PAGE: what the `.It MACRO` lines of a section name, one on each line, sorted.
terms() {
  section "$2" "$3" | sed -n "s/^\.It $1 //p" | sed 's/ , /\n/g' | sort
}

# ---- what the sources say ----

# classes: a line "CODE WORD<tab>MEANING" for each row of the table of exit codes.
classes() {
  local class word meaning
  sed -nE 's/^\t\{(DL_[A-Z]+), "([a-z]+)", "(.*)"\},$/\1\t\2\t\3/p' "$ROOT/lib/base/fail.c" |
    while IFS=$'\t' read -r class word meaning; do
      printf '%s %s\t%s\n' "$(sed -nE "s/^\t$class = ([0-9]+),$/\1/p" "$ROOT/lib/base/fail.h")" "$word" "$meaning"
    done
}

# sources: the lines of all sources, without comments.
sources() {
  find "$ROOT"/{lib,providers,bin} -name '*.c' -exec cat {} + | sed 's|/\*.*\*/||; s|^ \*.*||'
}

# variables_read: the names of variables that the sources read. A name with an underscore that stands alone
# in a string is taken for one, however it gets to getenv(3). Those on the lines of a table of states are a
# provider's words; what is put into a workflow's environment, or taken away from a child's, is not read.
variables_read() {
  # What is only taken away from git, and files of its folder.
  local not_read='SSH_ASKPASS|GIT_(ALTERNATE_OBJECT_DIRECTORIES|INDEX_FILE|NAMESPACE|OBJECT_DIRECTORY)'
  not_read+='|GIT_(PREFIX|QUARANTINE_PATH|(LITERAL|GLOB|NOGLOB|ICASE)_PATHSPECS)|(MERGE|CHERRY_PICK|REVERT)_HEAD|BISECT_LOG'
  {
    sources | grep -vE 'setenv\(|DL_(QUEUED|IN_PROGRESS|COMPLETED),' |
      grep -oE '"[A-Z][A-Z0-9]*_[A-Z0-9_]*[A-Z0-9]"'
    sources | grep -oE '(getenv|env|is_true)\("[A-Z]+"\)' | grep -oE '"[A-Z]+"'
  } | tr -d '"' | grep -vxE "$not_read" | sort -u
}

# members STRUCT HEADER: the names of its members, sorted.
members() {
  sed -zE 's:/\*([^*]|\*+[^*/])*\*+/::g' "$ROOT/$2" | awk -v struct="$1" '
    $0 == "struct " struct " {" { inside = 1; next }
    /^}/ { inside = 0 }
    inside' | tr '\n;' ' \n' | sed -E '/\(/!s/, /\n /g' | sed -nE 's/.*\(\*([a-z_]+)\)\(.*/\1/p; t; s/.*[ *]([a-z_]+)$/\1/p' | sort
}

# same WHAT EXPECTED ACTUAL: fails with the difference unless the two texts are the same and not empty.
same() {
  [ -n "$2" ] || complain "$1: there is nothing to compare"
  diff <(echo "$2") <(echo "$3") >&2 || complain "$1: < the program, > the page"
}

# ---- comparing ----

@test "every program has a page, every page a program, and dl(7) lists them all" {
  same "pages" "$(programs)" "$(basename -a -s .1 "$MAN"/*.1)"
  same "dl(7)" "$(programs | sort)" "$(section Programs dl.7 | sed -n 's/^\.It Xr \(.*\) 1$/\1/p' | sort)"
}

@test "a page's NAME line is the program's summary, and so is its line in dl(7)" {
  for program in $(programs); do
    same "$program(1)" "$(summary "$program")" "$(sed -n 's/^\.Nd //p' "$MAN/$program.1")"
    same "dl(7)" "$(summary "$program")" "$(grep -A 1 "^\.It Xr $program 1$" "$MAN/dl.7" | sed -n 2p)"
  done
}

@test "a page has the options of --help, and no others" {
  for program in $(programs); do
    same "$program" "$(options_of_help "$program")" "$(options_of_page "$program.1")"
  done
}

@test "the common options read the same in every page; who can be told whom to ask has them all" {
  # items PAGE: the common options that the page has, each with its text on one line.
  items() {
    section "Common options" "$1" | awk '
      /^\.It |^\.El/ { if (text != "") print text; text = "" }
      /^\.El/ { exit }
      /^\.It / { text = $0; next }
      text != "" { text = text " " $0 }'
  }
  for program in $(programs); do
    if "$program" --help | grep -q -- ' --provider '; then
      same "$program(1)" "$(items dl.7)" "$(items "$program.1")"
    else
      same "$program(1)" "$(items dl.7 | grep -xFf <(items "$program.1"))" "$(items "$program.1")"
    fi
  done
}

@test "every example of --help stands in a page" {
  for program in $(programs); do
    example=$("$program" --help | sed -n 's/^example: //p')
    grep -qF -- "$example" "$MAN/$program.1" || complain "$program(1) has not: $example"
  done
}

@test "dl(7) has every exit code with its word and meaning" {
  same "exit codes" "$(classes)" \
    "$(section 'EXIT STATUS' dl.7 | sed -n '/^\.It /{s/^\.It //;N;s/\n/\t/;p;}')"
}

@test "a page's exit codes are those of the table, with its words" {
  rows=$(classes | cut -f 1)
  for program in $(programs); do
    codes=$(section 'EXIT STATUS' "$program.1" | sed -n 's/^\.It //p')
    [ -n "$codes" ] || complain "$program(1) has no exit status"
    while read -r code; do
      grep -qxF "$code" <<<"$rows" || complain "$program(1): there is no '$code'"
    done <<<"$codes"
  done
}

@test "dl-lines(5) has the fields of dl-show --fields, with their kind and words" {
  same "fields" "$(dl-show --fields)" "$(awk '
    /^\.S[hs] / { type = /^\.Ss The record / ? $4 : "" }
    type && /^\.It Va / {
      head = type "\t" $3 "\t" $5
      getline
      gsub(/\\-/, "-")
      print head "\t" $0
    }
  ' "$MAN/dl-lines.5")"
}

@test "dl-config(5) has the variables that are read, and no others" {
  same "variables" "$(variables_read)" "$(
    awk '/^\.Sh / { inside = $2 == "ENVIRONMENT" } inside && sub(/^\.It Ev /, "")' "$MAN/dl-config.5" |
      sed 's/ , /\n/g' | sort
  )"
}

@test "the variables that a page names are in dl-config(5)" {
  for program in $(programs); do
    for name in $(terms Ev ENVIRONMENT "$program.1"); do
      grep -qE "^\.It Ev (.* )?$name( |$)" "$MAN/dl-config.5" || complain "$program(1): $name"
    done
  done
}

@test "dl-trigger(1) has the variables that a workflow of the local provider finds" {
  same "variables" "$({
    sources | sed -n 's/.*[^n]setenv("\([A-Z_]*\)".*/\1/p'
    sources | grep -o '"DL_INPUT_%s"' | sed 's/"DL_INPUT_%s"/DL_INPUT_NAME/'
  } | sort)" "$(terms Ev 'Workflows of the local provider' dl-trigger.1)"
}

@test "dl-provider(7) has the members of the tables that a provider fills in" {
  same "dl_ci" "$(members dl_ci lib/provider/provider.h)" "$(terms Va Operations dl-provider.7)"
  same "dl_registry" "$(members dl_registry lib/provider/provider.h)" "$(terms Va 'Package registries' dl-provider.7)"
  same "dl_forge" "$(members dl_forge lib/provider/provider.h)" "$(terms Va Forges dl-provider.7)"
  same "dl_provider" "$(members dl_provider lib/provider/provider.h)" "$(terms Va Identity dl-provider.7)"
  same "dl_dialect" "$(members dl_dialect lib/provider/provider.h)" \
    "$(terms Va 'Hosts, credentials, refusals' dl-provider.7)"
  same "dl_route" "$(members dl_route lib/provider/rest.h)" "$(terms Va Routes dl-provider.7)"
}

@test "what dl-provider(7) shows of the sources stands there" {
  found=0
  while IFS= read -r line; do
    case $line in
    '.\" source: '*) source=${line#*: } ;;
    .Bd* | '') ;;
    .Ed) source= ;;
    *)
      [ -n "$source" ] || continue
      line=${line//\\e/\\}
      line=${line#"${line%%[![:space:]]*}"}
      grep -qF -- "$line" "$ROOT/$source" || complain "$source has not: $line"
      found=$((found + 1))
      ;;
    esac
  done <"$MAN/dl-provider.7"
  [ "$found" -gt 10 ] || complain "only $found lines were compared"
}

@test "the pages are sound mdoc" {
  command -v mandoc >/dev/null || skip "there is no mandoc"
  try mandoc -T lint -W warning "$MAN"/*
  [ -z "$output" ] || complain "mandoc has something to say"
  assert_status 0
}

# ---- examples ----

# workflow NAME: makes .devloop/ci/NAME from standard input.
workflow() {
  mkdir -p .devloop/ci
  cat >".devloop/ci/$1"
  chmod +x ".devloop/ci/$1"
}

workflows() {
  workflow build <<'END'
#!/bin/sh
echo building
END
  workflow test <<'END'
#!/bin/sh
echo "error: the price should be 42"
exit 1
END
  workflow release <<'END'
#!/bin/sh
echo "releasing ${DL_INPUT_VERSION:?}"
END
  workflow deploy <<'END'
#!/bin/sh
echo deploying
sleep 60
END
  workflow flaky <<'END'
#!/bin/sh
[ "$DL_RUN_ATTEMPT" -gt 1 ] || { echo "the network is down"; exit 1; }
END
}

# project CASSETTE: OWNER/NAME, which its first request is about.
project() {
  sed -nE 's|^>>> [A-Z]+ /repos/([^/]+/[^/?]+).*|\1|p;T;q' "$ROOT/tests/cassette/$1.http"
}

# make_place URL WORD...: the folders home, work (whose origin is URL) and origin.git, in the current one.
make_place() {
  local url=$1 word
  mkdir -p home
  git init -q --bare -b main origin.git
  make_repo work "$url"
  cd work || return
  case " $*" in
  *" local"* | *" running"*) workflows && git add .devloop && git commit -q --amend -m 'first commit' ;;
  esac
  [ "$url" != ../origin.git ] || git push -q -u origin main || return
  for word in "$@"; do
    case $word in local/*) dl-trigger -p local "${word#*/}" | dl-logs -f >/dev/null || return ;; esac
  done
}

# place WORD...: makes the repository that an example is run in, and changes to it. One that has been made
# before is copied.
place() {
  local word cassettes=() url=../origin.git made=$BATS_FILE_TMPDIR/${*//\//-}
  for word in "$@"; do
    case $word in github/*) cassettes+=("$word") && url=https://github.com/$(project "$word").git ;; esac
  done
  cd "$BATS_TEST_TMPDIR" && rm -rf home work origin.git
  if [ -d "$made" ]; then
    cp -a "$made/." .
  else
    (make_place "$url" "$@") && mkdir "$made" && cp -a home work origin.git "$made" || return
  fi
  cd work || return
  [ -z "${cassettes[*]}" ] || serve "${cassettes[@]}" || return
  for word in "$@"; do
    case $word in running/*) dl-trigger -p local "${word#*/}" >/dev/null || return ;; esac
  done
}

# leave: ends what was started in the repository. Fails when a cassette had no answer.
leave() {
  dl-runs -p local -s queued,in_progress -F ref 2>/dev/null | dl-cancel --force >/dev/null 2>&1 || :
  cd "$BATS_TEST_TMPDIR" || return
  unset URL URL2 GITHUB_API_URL
  stop_servers || { rm -f "$REQUESTS" && return 1; }
}

# displays PAGE FOLDER: takes the section EXAMPLES apart: for its display number N writes N.remark and N.text.
displays() {
  awk -v folder="$2" '
    function begin() {
      file = sprintf("%s/%03d", folder, ++count)
      print remark >(file ".remark")
      remark = ""
    }
    function text(line) {
      gsub(/\\e/, "\\", line)
      gsub(/\\&/, "", line)
      print line >(file ".text")
    }
    /^\.Sh / { inside = $0 == ".Sh EXAMPLES"; next }
    !inside { next }
    /^\.\\" / { remark = substr($0, 5); next }
    /^\.Dl / { begin(); text(substr($0, 5)); next }
    /^\.Bd / { begin(); literal = 1; next }
    /^\.Ed/ { literal = 0; next }
    literal { text($0) }' "$1"
}

# holds TEXT PIECES: whether PIECES, a text with ... for gaps, stand in TEXT in that order.
holds() {
  local text=$1 piece pieces
  pieces=$(sed 's/^ *//' <<<"$2" | tr -d '\n' | sed 's/\.\.\./\n/g')
  while IFS= read -r piece; do
    [[ $text == *"$piece"* ]] || return
    text=${text#*"$piece"}
  done <<<"$pieces"
}

# run_example PAGE REMARK SCRIPT FOLDER: runs the script in the place that the remark asks for, with the files
# in FOLDER in its repository. Says what is wrong.
run_example() {
  local word words=() expected='' prints='' crontab='' code=0
  for word in ${2#test: }; do
    case $word in
    exit=*) expected=${word#*=} ;;
    prints=*) prints=${word#*=} ;;
    crontab) crontab=yes ;;
    needs=*) command -v "${word#*=}" >/dev/null || return 0 ;;
    *) words+=("$word") ;;
    esac
  done
  place "${words[@]}" || { echo "$1: cannot make a place for: $2" && return; }
  [ ! -d "$4" ] || cp -R "$4/." .
  if [ "$crontab" ]; then
    mkdir ~/src && ln -s "$PWD" ~/src/app
    sed -i -E 's/^([^ ]+ +){5}//' "$3"
  fi
  timeout 60 sh "$3" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" </dev/null || code=$?
  [ "$code" = "$expected" ] || echo "$1: exit $code instead of $expected:"
  [ -z "$prints" ] || grep -qF -- "$prints" "$BATS_TEST_TMPDIR"/{out,err} ||
    echo "$1: '$prints' is not printed:"
  leave || echo "$1: no cassette answers:"
}

# try_page PAGE: tries every display of its EXAMPLES; prints what is wrong, and counts in $tried.
try_page() {
  local name=${1##*/} folder=$BATS_TEST_TMPDIR/displays files=$BATS_TEST_TMPDIR/files display remark wrong
  rm -rf "$folder" "$files"
  mkdir "$folder"
  displays "$1" "$folder"
  for display in "$folder"/*.text; do
    [ -e "$display" ] || continue
    remark=$(cat "${display%.text}.remark") wrong=
    case $remark in
    'file: '*)
      mkdir -p "$(dirname "$files/${remark#*: }")"
      cp "$display" "$files/${remark#*: }"
      ;;
    'test: '*)
      wrong=$(run_example "$name" "$remark" "$display" "$files")
      rm -rf "$files"
      tried=$((tried + 1))
      ;;
    output)
      holds "$(cat "$BATS_TEST_TMPDIR/out")" "$(cat "$display")" ||
        wrong="$name: the output is another one:"
      ;;
    *) wrong="$name: an example without a test:" ;;
    esac
    [ -z "$wrong" ] || { echo "$wrong" && cat "$display" "$BATS_TEST_TMPDIR"/{out,err} | sed 's/^/    /'; }
  done
}

@test "every example works, and every program has one" {
  for page in "$MAN"/*; do
    tried=0
    try_page "$page" >>"$BATS_TEST_TMPDIR/wrong"
    case $page in *.1) [ "$tried" -gt 0 ] || complain "$page has no example" ;; esac
  done
  [ ! -s "$BATS_TEST_TMPDIR/wrong" ] || complain "$(cat "$BATS_TEST_TMPDIR/wrong")"
}

@test "an example that does not do what its page says is found" {
  cat >page.1 <<'END'
.Sh DESCRIPTION
.Dl not an example
.Sh EXAMPLES
.\" test: local exit=0
.Dl false
.\" test: local exit=0 prints=green
.Dl echo red
.Dl true
.\" test: local/build exit=0
.Dl dl-runs -F ref
.\" output
.Bd -literal
local:/run/...
12
.Ed
.\" test: local/nothing exit=0
.Dl true
.\" test: github/runs exit=0
.Bd -literal
curl -s "$URL/nothing"
.Ed
.\" file: a/b
.Dl right
.\" test: local exit=0 prints=right\
.Bd -literal
cat a/b &&
echo 'right\e'
.Ed
END
  tried=0
  try_page "$PWD/page.1" >wrong
  [ "$tried" = 6 ]
  same "wrong" 'page.1: exit 1 instead of 0:
page.1: '\''green'\'' is not printed:
page.1: an example without a test:
page.1: the output is another one:
page.1: cannot make a place for: test: local/nothing exit=0
page.1: no cassette answers:' "$(grep '^page' wrong)"
}

@test "an example is shown as it is run" {
  command -v mandoc >/dev/null || skip "there is no mandoc"
  for page in "$MAN"/*; do
    rm -rf shown && mkdir shown
    displays "$page" shown
    mandoc -T ascii -O width=78 "$page" | sed 's/.\x08//g; s/^ *//' >text
    for display in shown/*.text; do
      [ -e "$display" ] || continue
      while IFS= read -r line; do
        line=${line#"${line%%[![:space:]]*}"}
        [ -z "$line" ] || grep -qxF -- "$line" text || complain "${page##*/} does not show: $line"
      done <"$display"
    done
  done
}
