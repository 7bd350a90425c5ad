# A Python index, for tests/registry.bats.
# shellcheck shell=bash disable=SC2034 # what is set here is read there

# python_wheel VERSION [WORDS]: as make_NAME: a wheel of PACKAGE.
python_wheel() {
  mkdir -p "$1"
  (cd "$1" && wheel "$PACKAGE" "$1" "Summary: ${2:-nothing}")
  FILE=$1/$PACKAGE-$1-py3-none-any.whl NAMED=
}

as_pypi() {
  HERE='-p pypi' PACKAGE=demo PRE=2.0.0rc1 PAGE='^http://127.0.0.1:[0-9]+/simple/demo/$' SECRET=pypi-s3cret
  export PYPI_TOKEN=$SECRET
}

make_pypi() {
  python_wheel "$@"
}

# shop_pypi ANSWERS: serves them as an index that the user has named.
shop_pypi() {
  serve "$({ echo "$1" && answer 'GET /simple/demonone/' '' 404; } | cassette pypi)"
  export TWINE_REPOSITORY_URL=$URL/legacy/
}

stock_pypi() {
  shop_pypi "$(
    if [ ${#OLD[@]} -gt 0 ]; then
      at_first answer 'GET /simple/demo/' "$(python_index "${OLD[@]}")"
    else
      at_first answer 'GET /simple/demo/' '' 404
    fi
    answer 'GET /simple/demo/' "$(python_index "${OLD[@]}" "${NEW[@]}")"
    answer 'POST /legacy/' '' 200 "need authorization: Basic $(printf '__token__:%s' "$SECRET" | base64)"
  )"
}

locked_pypi() {
  shop_pypi "$(
    answer 'GET /simple/demo/' '' 404
    answer 'POST /legacy/' '{"message":"Invalid or non-existent authentication information."}' 403
  )"
}

nowhere_pypi() {
  export TWINE_REPOSITORY_URL=http://127.0.0.1:1/legacy/
}

slow_pypi() {
  shop_pypi "$(answer 'GET /simple/demo/' '' 404 && answer 'POST /legacy/' '')"
}
