# Completion, asked of the shells themselves: each reads what --completion prints, and says what it would offer.
load helper

SEEN=

setup_file() {
  local program
  hermetic
  cd "$BATS_FILE_TMPDIR" && mkdir bash zsh fish rc seen seen/zsh seen/fish || return
  for program in $(programs); do
    "$program" --completion bash >"bash/$program"
    "$program" --completion zsh >"zsh/_$program"
    "$program" --completion fish >"fish/$program.fish"
  done
  # Zsh at a wide terminal, with a note of what it adds to its list and of what it shows there, and keys that end a line
  # and all.
  cat >rc/.zshrc <<'END'
bindkey -e
PROMPT=
stty columns 400
COLUMNS=400
fpath=($BATS_FILE_TMPDIR/zsh $fpath)
autoload -Uz compinit && compinit -u -C -d $BATS_FILE_TMPDIR/rc/dump
compadd() {
  local -a hits flags=("${(@)@[1,(i)(-|--)]}")
  local shown=${flags[$flags[(i)-d]+1]-}
  [[ -z $shown ]] || print -rl -- 'shown: '${^${(P)shown}} >>$NOTES
  if [[ ${@[1,(i)(-|--)]} != *-(O|A|D)\ * ]]; then
    builtin compadd -O hits "$@"
    [[ -z $hits ]] || print -rl -- $IPREFIX$^hits >>$NOTES
  fi
  builtin compadd "$@"
}
finish() {
  print -r -- "line: $BUFFER" >>$NOTES
  BUFFER=
}
leave() {
  exit
}
zle -N finish
zle -N leave
bindkey '^]' finish '^_' leave
END
  see zsh
  see fish
}

# see SHELL: asks it, once it is started, for the options of every program; at_SHELL has the answers for `PROGRAM -`.
see() {
  local lines
  command -v "$1" >/dev/null || return 0
  mapfile -t lines < <(programs | sed 's/$/ -/')
  "type_$1" "${lines[@]}" | awk -v all="$(printf '%s\n' "${lines[@]}")" -v folder="seen/$1/" '
    BEGIN { split(all, line, "\n"); n = 1 }
    { print >(folder line[n]) }
    /^line: / { n++ }'
}

programs() {
  basename -a -s .c "$ROOT"/bin/dl-*.c
}

# shells: the shells that are here.
shells() {
  local shell
  for shell in bash zsh fish; do
    ! command -v "$shell" >/dev/null || echo "$shell"
  done
}

# in_bash LINE: what bash offers for the last word of LINE, one on each line. It hands over the words of the line, taken
# apart at every `=`, and puts what it gets in the place of the last one.
in_bash() {
  local words begin='' program=${1%% *}
  read -ra words <<<"${1//=/ = }"
  case $1 in *' ') words+=('') ;; esac
  case ${1##* } in *=*) begin=${1##* } && begin=${begin%=*}= ;; esac
  # shellcheck disable=SC2016 # for that bash, not for this one
  bash --norc -uc '. "$1" && shift
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 2)) && COMP_WORDS=("${COMP_WORDS[@]:1}")
    "_${2//-/_}"
    [ ${#COMPREPLY[@]} -eq 0 ] || printf -- "$1%s\n" "${COMPREPLY[@]}"' - "$BATS_FILE_TMPDIR/bash/$program" "$begin" "${words[@]}"
}

# type_zsh LINE...: types each LINE and a tab at the terminal of a zsh; prints what it offers, `shown: ` with what it
# shows about that, and `line: ` with what LINE is then.
type_zsh() {
  export NOTES BATS_FILE_TMPDIR ZDOTDIR=$BATS_FILE_TMPDIR/rc
  NOTES=$(mktemp "$BATS_FILE_TMPDIR/notes.XXXXXX")
  # shellcheck disable=SC2016
  timeout 120 zsh -fc 'zmodload zsh/zpty
    zpty -b shell zsh -d -i
    for line; do zpty -n -w shell $line$'"'\\t\\x1d'"'; done
    zpty -n -w shell $'"'\\x1f'"'
    while zpty -t shell; do zpty -r -t shell output || sleep 0.02; done' - "$@" || return
  cat "$NOTES"
}

# at_zsh LINE, at_fish LINE: the same for one line; with SEEN, what was seen in the beginning.
at_zsh() {
  if [ -n "$SEEN" ]; then cat "$BATS_FILE_TMPDIR/seen/zsh/$1"; else type_zsh "$1"; fi
}

at_fish() {
  if [ -n "$SEEN" ]; then cat "$BATS_FILE_TMPDIR/seen/fish/$1"; else type_fish "$1"; fi | sed '$d'
}

in_zsh() {
  at_zsh "$1" | grep -vE '^((line|shown): .*)?$'
}

# type_fish LINE...: prints what fish offers for the last word of each LINE, and what it means, with a tab between; then
# `line: `.
type_fish() {
  # shellcheck disable=SC2016
  fish --no-config -c 'set fish_complete_path $argv[1]
    for line in $argv[2..-1]
      complete -C $line
      echo line: $line
    end' "$BATS_FILE_TMPDIR/fish" "$@"
}

# What the word begins; fish 4 offers also what has its letters somewhere.
in_fish() {
  at_fish "$1" | cut -f 1 | WORD=${1##* } awk 'index($0, ENVIRON["WORD"]) == 1'
}

# offers LINE WORD...: for the last word of LINE every shell offers these words in its place, and no others.
offers() {
  local shell got line=$1
  shift
  for shell in $(shells); do
    got=$("in_$shell" "$line" 2>&1 | sed 's|/$||' | sort -u)
    [ "$got" = "$(printf '%s\n' "$@" | sort -u)" ] || complain "$shell offers for '$line': $got"
  done
}

# make_place: a repository `place` with branches, a tag and workflows, which say so when they are run.
make_place() {
  make_repo place
  git -C place branch feature/one
  git -C place tag v1
  git -C place update-ref refs/remotes/origin/theirs HEAD
  git -C place symbolic-ref refs/remotes/origin/HEAD refs/remotes/origin/theirs
  mkdir -p place/.devloop/ci place/.github/workflows place/sub
  printf '#!/bin/sh\ntouch "%s/executed"\n' "$PWD" | tee place/.devloop/ci/build >place/.github/workflows/release.yml
  chmod +x place/.devloop/ci/build
}

@test "every option of --help is offered, with both its spellings, and no other" {
  local SEEN=yes
  for program in $(programs); do
    mapfile -t options < <("$program" --help | grep -E '^  (-.|  )' | grep -oE -- ' (-.|--[a-z-]+)' | grep -oE -- '-.*')
    [ ${#options[@]} -gt 5 ] || complain "$program: ${options[*]}"
    offers "$program -" "${options[@]}"
  done
}

# meanings PROGRAM: what --help says of each option, one on each line, sorted.
meanings() {
  "$1" --help | awk '
    function finish() { if (text != "") print text; text = "" }
    /^  (-.,|   ) --/ { finish(); text = $0; sub(/^ +(-., +)?--[a-z-]+( [A-Z=]+)? */, "", text); inside = 1; next }
    /^ / && inside { sub(/^ +/, ""); text = text (text == "" ? "" : " ") $0; next }
    { finish(); inside = 0 }' | sort -u
}

@test "zsh and fish show what --help says of an option" {
  local SEEN=yes
  for program in $(programs); do
    [ "$(meanings "$program" | wc -l)" -gt 2 ]
    if command -v zsh >/dev/null; then
      diff <(meanings "$program") <(at_zsh "$program -" | sed -n 's/ *$//; s/^shown: -- //p' | sort -u)
    fi
    if command -v fish >/dev/null; then
      diff <(meanings "$program") <(at_fish "$program -" | cut -f 2 | sort -u)
    fi
  done
}

@test "an option is completed" {
  offers 'dl-runs --st' --status
  offers 'dl-runs -s failure --dry' --dry-run
  offers 'dl-status -c HEAD --re' --register-timeout --require --reserve
  # What zsh says of operands must not keep it from putting the option there.
  if command -v zsh >/dev/null; then
    at_zsh 'dl-runs --st' | grep -qx 'line: dl-runs --status='
    at_zsh 'dl-trigger --in' | grep -qx 'line: dl-trigger --input='
  fi
}

@test "a value is completed, next to its option, behind a = and in a bundle" {
  offers 'dl-runs --status fa' failure
  offers 'dl-runs --status=fa' --status=failure
  offers 'dl-runs -s fa' failure
  offers 'dl-runs -sfa' -sfailure
  offers 'dl-runs -qs fa' failure
  offers 'dl-runs -qsfa' -qsfailure
  offers 'dl-runs -R o/n -n5 --since 3d -s fa' failure
}

@test "a list is completed word by word" {
  offers 'dl-runs -s failure,canc' failure,cancelled
  offers 'dl-runs --status=failure,stale,canc' --status=failure,stale,cancelled
  offers 'dl-runs -qsfailure,canc' -qsfailure,cancelled
  offers 'dl-jobs -F ref,ru' ref,run_id ref,runner
  offers 'dl-runs -p github,jen' github,jenkins
  offers 'dl-prompt -F verdict,concl' verdict,conclusion
}

@test "states, fields and providers are those that the programs take" {
  try dl-runs -R o/n -p github -s nonsense
  IFS=', ' read -ra states <<<"${stderr##*states are }"
  offers 'dl-runs -s ' "${states[@]}"
  mapfile -t fields < <(dl-show --fields | sed -n 's/^job\t\([^\t]*\).*/\1/p')
  offers 'dl-jobs --field=' "${fields[@]/#/--field=}" --field=type
  offers 'dl-prompt --shell ' bash zsh fish
  offers 'dl-hooks un' uninstall
  mapfile -t fields < <(dl-show --fields | cut -f 2)
  offers 'dl-show -F ' "${fields[@]}" type
  for shell in $(shells); do
    "in_$shell" 'dl-runs -p ' >of-ci
    "in_$shell" 'dl-publish -p ' >of-registries
    for name in $(dl-providers -q | jq -r 'select(.kind | contains("ci")).name') github-actions; do
      grep -qxF "$name" of-ci || complain "$shell has not: $name"
    done
    for name in $(dl-providers -q | jq -r 'select(.kind | contains("registry")).name'); do
      grep -qxF "$name" of-registries || complain "$shell has not: $name"
    done
  done
}

@test "nothing is offered where nothing is known" {
  for line in 'dl-runs ' 'dl-runs -n ' 'dl-runs --timeout=' 'dl-jobs gi' 'dl-providers x' 'dl-runs -b ' 'dl-trigger ' \
    'dl-runs -C nowhere -b ' 'dl-trigger -C nowhere '; do
    for shell in $(shells); do
      [ -z "$("in_$shell" "$line" 2>&1)" ] || complain "$shell offers for '$line': $("in_$shell" "$line" 2>&1)"
    done
  done
}

@test "branches, commits and workflows are those of this repository, or of the one that -C names" {
  make_place
  ln -s "$PWD/place" "$HOME/place"
  for place in '-C place' '--directory place' '--directory=place' '-Cplace' '-C place/sub' '-C ~/place' "-qC $PWD/place"; do
    offers "dl-status $place -b " feature/one main theirs v1
    offers "dl-trigger $place " build release.yml
  done
  cd place/sub
  offers 'dl-runs --branch=fea' --branch=feature/one
  offers 'dl-runs -c ' HEAD feature/one main origin/HEAD origin/theirs v1
  offers 'dl-trigger -b main -f version=1 rel' release.yml
  offers 'dl-trigger -f version=rel'
  [ ! -e ../../executed ]
}

@test "folders are completed" {
  mkdir one two
  touch other
  offers 'dl-runs -C o' one
  offers 'dl-runs --directory=o' --directory=one
}

@test "a name is never expanded or run, and is inserted quoted" {
  make_place
  cd place
  # shellcheck disable=SC2016
  for name in '$(touch${IFS}executed)' '`touch${IFS}executed`' ";touch\${IFS}executed;'"; do
    git update-ref "refs/heads/$name" HEAD
    cp .devloop/ci/build ".devloop/ci/$name"
  done
  cp .devloop/ci/build .devloop/ci/--force
  git config core.pager 'touch executed'
  git config pager.for-each-ref 'touch executed'
  git config core.fsmonitor 'touch executed'
  for shell in $(shells); do
    for line in 'dl-trigger ' 'dl-runs -b ' 'dl-runs -c '; do
      # shellcheck disable=SC2016
      "in_$shell" "$line" | tr -d '\\' | grep -qxF '$(touch${IFS}executed)' || complain "$shell does not offer it for $line"
    done
    [ -z "$("in_$shell" 'dl-trigger -' | grep -x -- '--force')" ] || complain "$shell takes a file for an option"
  done
  in_bash 'dl-runs -b ' | grep -qxF '\$\(touch\$\{IFS\}executed\)'
  if command -v zsh >/dev/null; then
    at_zsh 'dl-runs -b \$' | grep -qxF 'line: dl-runs -b \$\(touch\$\{IFS\}executed\) '
  fi
  [ ! -e executed ] && [ ! -e ../executed ]
}

@test "bash completes at a terminal" {
  command -v script >/dev/null || skip "there is no script(1)"
  mkdir 'a folder' && touch a-file
  {
    printf '. %s\n' "$BATS_FILE_TMPDIR/bash/dl-runs"
    # shellcheck disable=SC2016
    echo 'run() { printf "<%s>" "$@" >>ran; echo >>ran; }; complete -F _dl_runs run; PS1=; echo ready >started'
  } >bashrc
  mkfifo keys
  script -qec 'bash --noprofile --rcfile bashrc -i' /dev/null <keys >screen 3>&- &
  exec 4>keys
  printf '\n' >&4
  for _ in {1..100}; do [ -e started ] && break || sleep 0.1; done
  for line in 'run --status=fa' 'run -qsfa' 'run -s failure,canc' 'run -C a' 'run --directory=a' 'run --fie' 'run >a-'; do
    printf '%s\t\n' "$line" >&4
  done
  printf 'exit\n' >&4
  for _ in {1..100}; do kill -0 $! 2>/dev/null && sleep 0.1 || break; done
  exec 4>&-
  wait $!
  [ "$(cat ran)" = '<--status=failure>
<-qsfailure>
<-s><failure,cancelled>
<-C><a folder/>
<--directory=a folder/>
<--field>
<>' ]
  [ "$(echo a-file*)" = a-file ]
}

@test "zsh and fish need no installation either" {
  for shell in $(shells); do
    case $shell in
    bash) continue ;;
    zsh) zsh -fc 'autoload -Uz compinit && compinit -D -u; . <(dl-runs --completion zsh); [[ $_comps[dl-runs] = _dl-runs ]]' ;;
    fish) [ "$(fish --no-config -c 'dl-runs --completion fish | source; complete -C "dl-runs -sfa"' | cut -f 1)" = -sfailure ] ;;
    esac
  done
}

@test "make puts the scripts where the shells look, below share" {
  cd "${DL_BIN%/bin}/share"
  for program in $(programs); do
    cmp "bash-completion/completions/$program" "$BATS_FILE_TMPDIR/bash/$program"
    cmp "zsh/site-functions/_$program" "$BATS_FILE_TMPDIR/zsh/_$program"
    cmp "fish/vendor_completions.d/$program.fish" "$BATS_FILE_TMPDIR/fish/$program.fish"
  done
}

@test "another shell is refused, a script that cannot be written is an error, and printing one is no event" {
  try dl-runs --completion tcsh
  assert_status 2
  assert_output ''
  assert_stderr "--completion: 'tcsh' is not a known shell"
  assert_stderr 'hint: these are known: bash, zsh, fish'
  run sh -c 'dl-runs --completion zsh >/dev/full'
  [ "$status" -eq 12 ]
  rm -f "$XDG_STATE_HOME/devloop/events.jsonl"
  dl-runs --completion bash >/dev/null
  [ ! -e "$XDG_STATE_HOME/devloop/events.jsonl" ]
}
