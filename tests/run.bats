# tests/run: that it sees what fails. On a small tree of its own whose unit programs are scripts.
# bats file_tags=no-program
load helper

setup() {
  hermetic
  mkdir -p tree/tests/unit
  cd tree || return
  cp "$ROOT/tests/run" tests
  printf '#!/bin/sh\nexit 0\n' >tests/unit/good.c
  bats_tests good true later 'skip "for a reason"' >tests/good.bats
  cat >Makefile <<'END'
tests: $(patsubst %.c,build/$(VARIANT)/%,$(wildcard tests/unit/*.c))
build/$(VARIANT)/tests/unit/%: tests/unit/%.c
	@mkdir -p $(@D)
	@sh -n $< && cp $< $@ && chmod +x $@
END
}

# bats_tests NAME COMMAND ...: a bats file with these tests.
bats_tests() {
  while [ $# -gt 0 ]; do
    printf '@test "%s" {\n  %s\n}\n' "$1" "$2"
    shift 2
  done
}

# runs ARG...: tests/run ARG..., as if no bats ran this: its variables are gone, its inner programs not on PATH.
runs() {
  try env -i PATH="${PATH//"$BATS_LIBEXEC":/}" HOME="$HOME" TMPDIR="$BATS_TEST_TMPDIR" VARIANT="${VARIANT-release}" tests/run "$@"
  verdict=${output##*$'\n'}
}

@test "what passes is counted, what is skipped is not" {
  runs bats
  assert_status 0
  [ "$verdict" = '2 passed, 0 failed' ] # one of them is make
  assert_line '1 skipped'
  assert_line '  skip  1: for a reason'
  runs unit good
  assert_status 0
  [[ $verdict =~ ^[23]' passed, 0 failed'$ ]]
}

@test "what fails is shown in full" {
  printf '#!/bin/sh\necho "the reason"; exit 3\n' >tests/unit/bad.c
  runs unit
  assert_status 1
  [[ $verdict == *' passed, '[12]' failed' ]]
  [[ $output == *'FAIL  unit bad'*'the reason'* ]]
  bats_tests bad 'echo "the other reason"; false' good 'echo "no reason"' >tests/bad.bats
  runs bats tests/bad.bats
  assert_status 1
  [ "$verdict" = '2 passed, 1 failed' ]
  [[ $output == *'not ok 1 bad'*'the other reason'* ]]
  [[ $output != *'no reason'* ]]
}

@test "what fails runs once more, alone, and is told also when it passes then" {
  bats_tests shaky "echo why; [ -e $PWD/second ] || { touch $PWD/second; false; }" >tests/shaky.bats
  runs bats tests/shaky.bats
  assert_status 0
  [ "$verdict" = '2 passed, 0 failed' ]
  [[ $output == *'not ok 1 shaky'*why*'again tests/shaky.bats'* ]]
  assert_line '1 files passed only when they ran alone'
}

@test "a bats file that cannot be read, or ends early, has failed" {
  bats_tests good true broken '(' >tests/broken.bats
  runs bats tests/broken.bats
  assert_status 1
  [[ $verdict == *', 1 failed' ]]
  runs bats tests/none.bats
  assert_status 1
  [[ $verdict == *', 1 failed' ]]
}

@test "what cannot be built has failed, and nothing is run" {
  echo '(' >tests/unit/good.c
  runs bats
  assert_status 1
  [ "$verdict" = '0 passed, 1 failed' ]
  refute assert_line '1 skipped'
}

@test "a report of a sanitizer is a failure, whatever the test says" {
  # shellcheck disable=SC2016 # for the test file, not for here
  bats_tests 'looks away' 'echo "heap-use-after-free" >"${ASAN_OPTIONS##*log_path=}.7"' >tests/good.bats
  VARIANT=address,undefined runs bats
  assert_status 1
  [ "$verdict" = '2 passed, 1 failed' ]
  [[ $output == *heap-use-after-free* ]]
}

@test "a target has failed that fails for a kept input, or finds one that it fails for" {
  mkdir -p bin tests/fuzz/corpus/good
  echo kept >tests/fuzz/corpus/good/input
  sed 's|unit|fuzz|g; s|^tests:|fuzzers:|' Makefile >fuzz.mk
  echo 'include fuzz.mk' >>Makefile
  # A compiler that has libFuzzer, and a target that says what it was called for.
  # shellcheck disable=SC2016 # for the scripts, not for here
  printf '%s\n' '#!/bin/sh' 'while [ "$1" != -o ]; do shift; done' 'echo "#!/bin/sh" >"$2"; chmod +x "$2"' >bin/clang
  chmod +x bin/clang
  PATH=$PWD/bin:$PATH
  # shellcheck disable=SC2016
  printf '%s\n' '#!/bin/sh' 'case $* in' '*-max_total_time=10*) echo stat::number_of_executed_units: 5 ;;' \
    '*) grep kept "$@" ;;' 'esac' >tests/fuzz/good.c
  runs fuzz
  assert_status 0
  assert_line '  ok    fuzz good: 5 inputs in 10 s'
  [ "$verdict" = '4 passed, 0 failed' ] # two of them are make
  sed -i 's/kept/none/' tests/fuzz/good.c
  runs fuzz good
  assert_status 1
  assert_line '  FAIL  corpus good'
  [ "$verdict" = '3 passed, 1 failed' ]
  sed -i 's/none/kept/; s/ ;;$/; exit 77 ;;/' tests/fuzz/good.c
  runs fuzz
  assert_status 1
  [[ $output == *'FAIL  fuzz good'*'stat::number_of_executed_units'* ]]
}

@test "nothing run is not a success" {
  rm tests/unit/good.c tests/good.bats
  runs bats
  assert_status 1
  runs nonsense
  assert_status 2
}

@test "standard input may be closed" {
  runs bats <&-
  assert_status 0
}
