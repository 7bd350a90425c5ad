# The plugin tests/plugins/dl-provider-shop, for tests/registry.bats.
# shellcheck shell=bash disable=SC2034 # what is set here is read there

as_shop() {
  export SHOP=$PWD/shop DL_TOKEN_SHOP=t0ken DL_PROVIDER_PATH=$ROOT/tests/plugins
  HERE='-p shop -R o/all' PACKAGE=core PRE=2.0.0-rc.1 PAGE="^file://$SHOP/core/(1\.9\.0|1\.2\.0)?$" SECRET=$DL_TOKEN_SHOP
}

make_shop() {
  mkdir -p "$1"
  FILE=$1/core.tcz NAMED="--name $PACKAGE --release $1"
  echo "${2:-an image}" >"$FILE"
}

stock_shop() {
  local file
  rm -rf "$SHOP"
  mkdir "$SHOP"
  echo "$SECRET" >"$SHOP/.key"
  for file in "${OLD[@]}"; do
    mkdir -p "$SHOP/$PACKAGE/${file%/*}"
    cp "$file" "$SHOP/$PACKAGE/$file"
  done
}

state_shop() {
  find "$SHOP" -type f -exec sha256sum {} + | sort
}

locked_shop() {
  stock
  echo another >"$SHOP/.key"
}

nowhere_shop() {
  rm -rf "$SHOP"
}

slow_shop() {
  stock
  touch "$SHOP/.closed"
}
