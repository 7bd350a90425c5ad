# The demo that install.sh shows, which ends at its first surprise.
load helper

@test "the demo runs to its end" {
  try "$ROOT/tests/demo" "$DL_BIN"
  assert_status 0
  assert_line "All went as it should. The programs are in $DL_BIN"
}
