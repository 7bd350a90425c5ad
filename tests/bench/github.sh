# Sourced by the benchmarks that compare with gh, which speaks plain http only to github.localhost on port 80, and asks
# api.github.localhost: that takes root, and a private /etc/hosts.
# shellcheck shell=sh

[ "$(id -u)" -eq 0 ] || { echo 'left out: port 80 needs root'; exit 0; }

# serve OPTION... CASSETTE...: the test server on port 80; stops when the benchmark ends.
serve() {
	[ -p "$BENCH/url" ] || mkfifo "$BENCH/url"
	"$SERVE" -p 80 -l "$BENCH/requests" "$@" >"$BENCH/url" &
	server=$!
	trap 'kill $server' EXIT
	read -r GITHUB_API_URL <"$BENCH/url"
	GITHUB_API_URL=${GITHUB_API_URL%:80}
	export GITHUB_API_URL
}

# inside: runs standard input as a script where gh finds the server.
inside() {
	{ cat /etc/hosts; echo '127.0.0.1 github.localhost api.github.localhost'; } >"$BENCH/hosts"
	{ echo "mount --bind $BENCH/hosts /etc/hosts"; cat; } >"$BENCH/inside"
	export GH_TOKEN=x GITHUB_TOKEN=x GH_HOST=github.localhost GH_NO_UPDATE_NOTIFIER=1
	unshare -m sh -eu "$BENCH/inside"
}

# recorded PATTERN: the body of the exchange of a recorded run whose request line matches.
recorded() {
	awk -v pattern="$1" '/^>>> /{on = $0 ~ pattern; body = 0} on && body; on && /^$/{body = 1}' tests/cassette/github/runs-one.http
}

# exchange REQUEST WORDS: the head of an exchange, whose body is standard input.
exchange() {
	printf '>>> %s\n<<< %s\nContent-Type: application/json; charset=utf-8\n\n' "$1" "$2"
	cat
	echo
}

# timed NAME COMMAND...: how long it takes, its processor time, its memory and how many requests it makes.
timed() {
	name=$1
	shift
	: >"$BENCH/requests"
	/usr/bin/time -o "$BENCH/time" -f '%e %U %S %M' "$@" >/dev/null 2>"$BENCH/stderr" || { echo "  it failed:"; tail -n 2 "$BENCH/stderr"; }
	# shellcheck disable=SC2046 # four words; a status is no matter here
	set -- $(tail -n 1 "$BENCH/time")
	printf '%-44s %7.2f s, processor %6.2f s, %6d KiB, %5d requests\n' "$name" "$1" \
		"$(echo "$2 $3" | awk '{print $1 + $2}')" "$4" "$(grep -c . "$BENCH/requests")"
}
