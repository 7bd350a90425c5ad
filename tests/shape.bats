# The rules that hold for the whole tree, kept by machine: awk, grep, sed and nm are all it takes. What breaks
# a rule is printed as FILE:LINE, with the rule. Exceptions stand in their rule, with a reason.
# bats file_tags=no-program
load helper

BUILD=${DL_BIN%/bin}
WIDEST=110 # columns of a line

setup_file() {
  cd "$ROOT" || return
  export LC_ALL=C FACTS=$BATS_FILE_TMPDIR
  find bin lib providers tests -name '*.[ch]' | sort | xargs awk -v FACTS="$FACTS" -f tests/shape.awk
}

setup() {
  hermetic
  export LC_ALL=C
  cd "$ROOT" || return
  # All files, but for recordings of what others wrote, and inputs that are meant to be odd.
  mapfile -t FILES < <(find . \( -name .git -o -path ./build -o -path ./tests/cassette -o -path ./tests/fuzz/corpus \) -prune -o \
    -type f -print | sed 's|^\./||' | sort)
  SYMBOLS=$BATS_TEST_TMPDIR/symbols
}

# holds RULE COMMAND...: COMMAND prints no place where RULE is broken. FILE:?: NAME is where it first stands.
holds() {
  local rule=$1 places status=0 file line what
  shift
  places=$("$@") || status=$?
  [ "$status" -le 1 ] || places+="$1 ended with status $status"
  [ -n "$places" ] || return 0
  while IFS=: read -r file line what; do
    [ "$line" != '?' ] || line=$(grep -nw "$(awk '{ print $1 }' <<<"$what")" "$file" | sed 's/:.*//;q')
    echo "$file:$line:$what"
  done <<<"$places"
  echo "rule: $rule"
  return 1
} >&2

# finds PATTERN PATHS [EXCEPT]: places in the code of files whose path begins as PATHS says, where a line
# begins as PATTERN says, but not where FILE:LINE:TEXT has EXCEPT: extended regular expressions. FACT=text:
# strings are not empty.
finds() {
  grep -E "^($2)[^:]*:[0-9]+:$1" "$FACTS/${FACT:-code}" | grep -vE "${3:-^$}"
}

# calls NAMES PATHS [EXCEPT]: the same for calls of functions. A member that is so called is none.
calls() {
  finds "(.*[^A-Za-z0-9_.>])?($1) *\(" "$2" "${3:-}"
}

# read_symbols: what the objects of bin, lib and providers define and need, as FILE NAME CLASS SECTION of nm.
read_symbols() {
  local source objects=()
  for source in bin/*.c lib/*/*.c providers/*.c providers/*/*.c; do
    [ -e "$BUILD/${source%.c}.o" ] || holds "make tests comes first" echo "$source:1: is not in $BUILD"
    objects+=("$BUILD/${source%.c}.o")
  done
  if grep -q __asan_ "$BUILD/lib/base/arena.o"; then skip "sanitizers add symbols of their own"; fi
  nm -A -f sysv "${objects[@]}" | awk -F '|' -v skip="${#BUILD}" 'NF == 7 {
    split($1, at, /\.o:/)
    gsub(/ /, "", at[2])
    gsub(/ /, "", $3)
    gsub(/ /, "", $7)
    print substr(at[1], skip + 2) ".c", at[2], $3, $7
  }' >"$SYMBOLS"
  [ -s "$SYMBOLS" ]
}

# ---- size and form ----

@test "functions have at most 60 lines, a main 25, programs 150, hooks 60" {
  holds "a function has at most 60 lines" awk '$1 > 60 { print $2 ": " $3 " has " $1 }' "$FACTS/functions"
  holds "main has at most 25" awk '$1 > 25 && $2 ~ /^bin/ && $3 == "main" { print $2 ": " $1 }' \
    "$FACTS/functions"
  holds "a program has at most 150 lines" awk 'FNR == 151 { print FILENAME ":151" }' bin/*.c
  holds "a hook has at most 60 lines" awk 'FNR == 61 && FILENAME ~ /^hooks/ { print FILENAME ":61" }' \
    "${FILES[@]}"
  holds "the brace that opens a function stands in column 0" finds '[A-Za-z_][^=]*\) *\{' '[a-z]'
}

@test "lines are at most $WIDEST columns wide, end without white space, and C is indented with tabs" {
  holds "a line has at most $WIDEST columns, tabs to every eighth" awk -v widest="$WIDEST" '
    FILENAME !~ /\.[ch]$/ { next }
    {
      line = $0
      gsub(/[\200-\277]/, "", line) # all but the first byte of a character
      count = split(line, parts, "\t")
      for (i = columns = 0; i++ < count; )
        columns += length(parts[i]) + (i < count ? 8 - (columns + length(parts[i])) % 8 : 0)
    }
    columns > widest { print FILENAME ":" FNR ": " columns }' "${FILES[@]}"
  holds "a line ends without white space and carriage return" grep -nE '[[:space:]]$' "${FILES[@]}"
  holds "C is indented with tabs" finds ' ' '[a-z]'
}

@test "nothing is left to do, and nothing speaks of where it was written" {
  holds "no marks of unfinished work" grep -nE 'TO[D]O|FIX[M]E|(^|[^X])X[X]X([^X]|$)' "${FILES[@]}"
  holds "no documents that are not here, no circumstances" grep -nEi \
    '(^|[^a-z])((design|models|brief|ci)\.md|see[d]s|this[ ]session|sub-?agen[t]|package[ ]mirror)' \
    "${FILES[@]}"
  # In tests/unit/config.c a user has the home /home/u.
  holds "no paths of one machine" grep -nE \
    '(^|[^A-Za-z0-9._~}-])/((work|root|Users)/|home/([^u]|u[^/".]))' "${FILES[@]}"
}

# ---- exports and contracts ----

@test "a file exports what begins with its name, and only what others use" {
  # table.c: the list of all providers, and what plugins are made from. repo.c: takes the place of what would read every certificate there is, and read for ever.
  local allowed=' providers/table.c:dl_provider_table providers/table.c:dl_provider_plugin lib/git/repo.c:mbedtls_x509_crt_parse_file lib/git/repo.c:inflate '
  read_symbols
  holds "X.c exports dl_X and dl_X_*, a program main" awk -v allowed="$allowed" '
    $3 !~ /^[A-TV-Z]$/ || index(allowed, " " $1 ":" $2 " ") || ($1 ~ /^bin/ && $2 == "main") { next }
    {
      stem = $1
      gsub(/.*\/|\.c$/, "", stem)
      if ($1 ~ /^bin/ || index($2 "_", "dl_" stem "_") != 1)
        print $1 ":?: " $2
    }' "$SYMBOLS"
  holds "what is exported is used by another file, or tested by a unit program" awk '
    FILENAME ~ /symbols$/ && $3 == "U" { used[$2] }
    FILENAME ~ /symbols$/ && $3 ~ /^[A-TV-Z]$/ && $2 ~ /^dl_/ { exports[$2] = $1 }
    FILENAME ~ /^tests/ {
      while (match($0, /dl_[a-z0-9_]+/)) {
        used[substr($0, RSTART, RLENGTH)]
        $0 = substr($0, RSTART + RLENGTH)
      }
    }
    END { for (name in exports) if (!(name in used)) print exports[name] ":?: " name }' \
    "$SYMBOLS" tests/unit/*.c
}

@test "no data in lib and providers can change" {
  read_symbols
  holds "no mutable data outside functions, no static data inside: there are threads" awk '
    $1 !~ /^bin/ && $3 ~ /^[bBdDsScCu]$/ && $4 !~ /^\.data\.rel\.ro/ {
      sub(/\.[0-9]+$/, "", $2)
      print $1 ":?: " $2 " in " $4
    }' "$SYMBOLS"
}

@test "a header says what it is for, and is read once" {
  holds "X.h begins with /* X: ..., then comes the guard DL_X_H" awk '
    function finish() { if (file && (step != 2 || last != "#endif")) print file ":1: its guard" }
    FNR == 1 {
      finish()
      stem = file = FILENAME
      gsub(/.*\/|\.h$/, "", stem)
      step = 0
      if (index($0, "/* " stem ": ") != 1)
        print file ":1: " $0
    }
    step == 0 && /^#ifndef DL_/ && ("_" $2) ~ ("_" toupper(stem) "_H$") { step = 1; guard = $2 }
    step == 1 && $0 == "#define " guard { step = 2 }
    { last = $0 }
    END { finish() }' lib/*/*.h providers/*.h providers/*/*.h tests/unit/*.h
}

@test "every prototype has its contract right above it" {
  holds "the comment above a prototype, or above its group, names it" awk -F '\t' '
    $3 == "bare" { print $1 ": " $2 }' "$FACTS/prototypes"
  holds "its parameters are called there what they are called here" awk -F '\t' '
    $3 ~ /^\(/ { print $1 ": " $2 $3 }' "$FACTS/prototypes"
  # dl_fail_*, dl_provider_lacks: always -1, to be returned. dl_scope_close: the parent knows. dl_repo_ahead:
  # -1 is no failure.
  holds "what can fail is DL_MUST_CHECK" awk -F '\t' '
    $2 ~ /^dl_(fail|fail_(errno|hint|prefix)|provider_lacks|scope_close|repo_ahead)$/ { next }
    $4 ~ /^int [a-z0-9_]+\(struct dl_scope \*/ { print $1 ": " $2 }' "$FACTS/prototypes"
}

@test "structs go by their tags, and are filled in or returned" {
  holds "no typedef of a struct, union or enum" finds '.*typedef +(const +)?(struct|union|enum)' '[a-z]'
  holds "no pointer to a pointer as a parameter, but argv" awk -F '\t' '
    { sub(/char \*\*argv/, "", $4) }
    $4 ~ /\*\*/ { print $1 ": " $2 }' "$FACTS/prototypes"
}

# ---- who uses what ----

@test "each outside library has one includer" {
  local header files
  # http_many.c is the other way to send a request.
  # pool.c starts threads, http.c guards what they share, proc.c masks the signals of one.
  while read -r header files; do
    holds "only $files includes <$header>" finds "# *include *<$header" '(bin|lib|providers)/' "^$files:"
  done <<'END'
curl/ lib/net/http(_many)?\.c
git2[./] lib/git/repo\.c
yaml\.h lib/data/config\.c
jsmn\.h lib/data/json\.c
archive(_entry)?\.h lib/base/archive\.c
libxml/ lib/data/anchors\.c
blake2\.h lib/base/digest\.c
openssl/ lib/base/digest\.c
pthread\.h lib/(base/(pool|proc)|net/http)\.c
END
}

@test "layers point down, and the library knows no provider by name" {
  local FACT=text
  holds "bin and lib include \"lib/...\" alone" finds '# *include *"([^l]|l[^i])' '(bin|lib)/'
  holds "providers include \"lib/...\" and \"providers/...\"" finds '# *include *"([^lp]|l[^i])' 'providers/'
  holds "a folder of lib includes none that README.md tells of below it" climbers
  # Hints show what a ref looks like. push.c: servers whose connections bear to wait.
  holds "no provider is named in lib" finds \
    '.*([Gg]it([Hh]ub|[Ll]ab)|[Jj]enkins|[Cc]ircle[Cc][Ii]|[Gg]itea)' \
    'lib/' 'dl_fail_hint\(.*[ "]github:owner/|^lib/data/push\.c:[0-9]+:.\{"(ssh\.)?github\.com", 120\},'
}

# climbers: includes in lib of what is above, by the order of the table in README.md; folders that are not in it.
climbers() {
  sed -n 's/^| `\(lib\/[a-z]*\)` |.*/\1/p' README.md | awk -F '[:"]' '
    FILENAME == "-" { place[$1] = NR; next }
    { folder = $1; sub(/\/[^\/]*$/, "", folder) }
    folder ~ /^lib/ && !(folder in place) { print $1 ":" $2 ": " folder " is not in README.md"; place[folder] = NR }
    folder ~ /^lib/ && $3 ~ /^# *include/ {
      other = $4
      sub(/\/[^\/]*$/, "", other)
      if (other ~ /^lib/ && place[other] > place[folder]) print $1 ":" $2 ": " $4
    }' - "$FACTS/text"
}

@test "memory is the arena's, standard output the sink's, and the end main's" {
  # What realpath returns is to be freed.
  holds "nothing but the arena allocates and frees" calls \
    '(m|c|re)alloc|(m|re)allocarray|aligned_alloc|free|strn?dup|v?asprintf|getline|getdelim|open_memstream' \
    '(bin|lib|providers)/' '^lib/base/arena\.c:|^lib/git/repo\.c:[0-9]+:.free\(start\);'
  # tool.c and dl-prompt.c give stdout to the sink; program.c prints --help and --version.
  holds "nothing but the sink prints to standard output" finds \
    '(.*[^A-Za-z0-9_.>])?(stdout([^A-Za-z0-9_]|$)|(v?printf|puts|putchar) *\()' \
    '(bin|lib|providers)/' '^(lib/program/(tool|program)|bin/dl-prompt)\.c:'
  # No memory is left, an invariant is broken; _exit ends children after a fork.
  holds "nothing ends the program but the return of main" calls \
    '_?exit|_Exit|quick_exit|abort|v?errx?|assert' '(bin|lib|providers)/' \
    '^lib/base/(arena|fail)\.c:[0-9]+:._Exit\(|^(lib/base/(proc|detach)|providers/ci/local_run)\.c:[0-9]+:.*[^A-Za-z0-9_]_exit\('
}

@test "no function is called that cannot be called safely" {
  holds "these are banned" calls \
    'gets|strcpy|strcat|stpcpy|v?sprintf|strtok|ato[if]|system|popen|te?mpnam|mktemp|alloca|s?rand' '[a-z]'
}

# ---- what goes together ----

@test "scripts say what runs them and can be run; test files load the helper" {
  holds "#! and the right to be run go together, in scripts they must" scripts
  holds "a .bats file loads the helper" grep -L '^load helper$' tests/*.bats
}

scripts() {
  local file begin
  for file in "${FILES[@]}"; do
    IFS= read -rn 2 begin <"$file"
    case $begin$([ -x "$file" ] && echo +)$file in
    '#!+'* | '#!'*.bench) ;; # tests/bench/run runs the latter
    '#!'* | ??+* | *.sh | ??hooks/* | ??.ci/*) echo "$file:1" ;;
    esac
  done
}

@test "a program has its page, its lines in dl(7) and README, and a test; a provider has a test" {
  holds "one goes with the other" strays
}

# strays: programs that lack something, or are spoken of and not there; providers that no test asks.
strays() {
  local name commands
  commands=$(grep -hvE '^ *#|^@test' tests/*.bats)
  for name in $(basename -s .c bin/dl-*.c); do
    [ -e "man/$name.1" ] || echo "bin/$name.c:1: has no man/$name.1"
    grep -q "^\.It Xr $name 1\$" man/dl.7 || echo "bin/$name.c:1: is not in man/dl.7"
    grep -q "^| \`$name\` |" README.md || echo "bin/$name.c:1: is not in README.md"
    grep -q "^/\* $name: " "bin/$name.c" || echo "bin/$name.c:1: does not begin with /* $name: ..."
    grep -qE "(^|[^A-Za-z0-9_./-])$name([^A-Za-z0-9_.-]|\$)" <<<"$commands" ||
      echo "bin/$name.c:1: is in no test"
  done
  for name in $(grep -hoE '^(\| `|\.It Xr )dl-[a-z-]+' README.md man/dl.7 | grep -oE 'dl-[a-z-]+') \
    $(basename -s .1 man/dl-*.1); do
    [ -e "bin/$name.c" ] || echo "bin/$name.c:1: is not there, but is spoken of"
  done
  for name in $(sed -n 's/^const struct dl_provider dl_\([a-z0-9_]*\) = .*/\1/p' providers/*/*.c); do
    grep -qE "(-p |serve )$name([^a-z0-9_-]|\$)" <<<"$commands" ||
      echo "providers/table.c:?: dl_$name is in no test"
  done
}

@test "no program gives a common option another meaning" {
  holds "an option is either common or a program's own, and once" awk -F : '
    match($0, /\{(\047.\047|0), "[a-z-]+", DL_OPT_/) && split(substr($0, RSTART + 1), cell, ", ") {
      for (i = 1; i <= 2; i++)
        if ($1 == "lib/program/options.c")
          common[cell[i]]
        else if (cell[i] != "0" && (cell[i] in common || seen[$1, cell[i]]++))
          print $1 ":" $2 ": " cell[i]
    }' <(grep '^lib/' "$FACTS/text") <(grep '^bin/' "$FACTS/text")
}

# ---- figures ----

# figure WHAT: how many numbers come in, their ninetieth percentile and the greatest: a remark in the results.
figure() {
  sort -n | awk -v what="$1" '{ n[NR] = $1 }
    END { print "# figure: " what ": " NR ", p90 " n[int((NR * 9 + 9) / 10)] " lines, longest " n[NR] }' >&3
}

@test "nine functions of ten have at most 30 lines" {
  awk '$2 !~ /^tests/ { print $1 }' "$FACTS/functions" | figure functions
  awk '$2 ~ /^tests/ { print $1 }' "$FACTS/functions" | figure "functions of tests"
  awk '$2 ~ /^bin/ && $3 == "main" { print $1 }' "$FACTS/functions" | figure main
  wc -l bin/*.c | sed '/ total$/d' | figure programs
  awk -F '\t' '$3 == "documented" { n++ }
    END { print "# figure: prototypes: " NR ", documented " int(100 * n / NR) " %" }' "$FACTS/prototypes" >&3
  holds "nine functions of ten have at most 30 lines" awk '$1 > 30 { long++; places = places $2 ": " $1 "\n" }
    END { if (long * 10 > NR) print places }' "$FACTS/functions"
}
