#!/bin/sh
# Sets DevLoop up: finds what is missing, installs it, builds, and puts the programs in place (see --help).
# Runs in any POSIX shell, from any folder, through symlinks.
#
# Three rules: nothing is asked; what is there is found by trying the thing itself, not its package; and an
# installation changes only after the build has succeeded, one whole file at a time.
set -eu
unset CDPATH
umask 022
export LC_ALL=C

usage() {
	cat <<'END'
usage: ./install.sh [--prefix DIR] [--uninstall | --demo | --test | --help]

  (no option)   set up, build, and install into DIR
  --prefix DIR  default: ~/.local, for root /usr/local
  --uninstall   remove from DIR exactly what was installed there
  --demo        set up, build, and run the main job in a temporary folder: no account, no network
  --test        set up with the test tools, build, and run every test

What is missing comes from apt, dnf, apk, pacman or brew. sudo is used for that alone, and only when
something is missing. DESTDIR is put before DIR when files are written.
END
}

# What is needed and which packages have it. The columns: needed for, probe (see present), and the packages of
# apt, dnf, apk, pacman and brew; a comma joins several, a dash says that there is none.
needs() {
	cat <<'TABLE'
build command:cc         gcc                  gcc                gcc             gcc             -
build header:stdio.h     libc6-dev            glibc-devel        musl-dev        glibc           -
build command:make       make                 make               make            make            make
build command:pkg-config pkg-config           pkgconf-pkg-config pkgconf         pkgconf         pkgconf
build library:libcurl    libcurl4-openssl-dev libcurl-devel      curl-dev        curl            curl
build library:libgit2    libgit2-dev          libgit2-devel      libgit2-dev     libgit2         libgit2
build library:yaml-0.1   libyaml-dev          libyaml-devel      yaml-dev        libyaml         libyaml
build library:libarchive libarchive-dev       libarchive-devel   libarchive-dev  libarchive      libarchive
build library:libcrypto  libssl-dev           openssl-devel      openssl-dev     openssl         openssl
build library:libxml-2.0 libxml2-dev          libxml2-devel      libxml2-dev     libxml2         libxml2
build library:libb2      libb2-dev            libb2-devel        libb2-dev       libb2           libb2
build library:zlib       zlib1g-dev           zlib-devel         zlib-dev        zlib            zlib
build header:jsmn.h      libjsmn-dev          jsmn-devel         -               -               jsmn
build command:git        git                  git-core           git             git             git
build certificates       ca-certificates      ca-certificates    ca-certificates ca-certificates -
test  command:bats       bats                 bats               bats            bats            bats-core
test  command:jq         jq                   jq                 jq              jq              jq
test  command:curl       curl                 curl               curl            curl            curl
test  command:mandoc     mandoc               mandoc             mandoc          mandoc          mandoc
test  command:shellcheck shellcheck           ShellCheck         shellcheck      shellcheck      shellcheck
test  command:openssl    openssl              openssl            openssl         openssl         openssl
test  command:python3    python3              python3            python3         python          python
test  command:pip3       python3-pip          python3-pip        py3-pip         python-pip      python
test  command:twine      twine                python3-twine      py3-twine       python-twine    twine-pypi
test  command:docker-registry docker-registry -             docker-registry -               -
test  command:skopeo     skopeo               skopeo             skopeo          skopeo          skopeo
test  server:sshd        openssh-server       openssh-server     openssh-server  openssh         -
test  server:nginx       nginx                nginx              nginx           nginx           -
test  server:fcgiwrap    fcgiwrap             fcgiwrap           fcgiwrap        fcgiwrap        -
test  command:busybox    busybox              busybox            busybox         busybox         -
test  command:parallel   parallel             parallel           parallel        parallel        parallel
test  command:git-lfs    git-lfs              git-lfs            git-lfs         git-lfs         git-lfs
test  command:pre-commit pre-commit           pre-commit         pre-commit      pre-commit      pre-commit
test  command:npm        npm                  npm                npm             npm             npm
test  command:gh         gh                   gh                 github-cli      github-cli      gh
test  command:zsh        zsh                  zsh                zsh             zsh             zsh
test  command:fish       fish                 fish               fish            fish            fish
test  command:chromium   chromium             chromium           chromium        chromium        -
test  command:/usr/bin/time time             time               -               time            -
test  command:promtool   prometheus           -                  prometheus      prometheus      prometheus
test  valgrind           valgrind             valgrind           valgrind        valgrind        -
test  sanitizers         gcc                  libasan,libubsan   -               gcc             -
test  command:clang      clang                clang              -               clang           -
test  libfuzzer          libclang-rt-dev      compiler-rt        -               compiler-rt     -
TABLE
}

# present PROBE: is it there, and does it work?
present() {
	case $1 in
		command:*) command -v "${1#*:}" ;;
		library:*) pkg-config --exists "${1#*:}" ;;
		header:*) echo "#include <${1#*:}>" | cc -E - ;;
		certificates)
			for file in ssl/certs/ca-certificates.crt ssl/cert.pem pki/tls/cert.pem; do
				[ ! -s "/etc/$file" ] || return 0
			done
			return 1 ;;
		server:*) PATH=$PATH:/usr/sbin:/sbin command -v "${1#*:}" ;;
		valgrind) valgrind -q true ;; # without the C library's symbols it is there but cannot start
		sanitizers) echo 'int main() {}' | cc -xc -fsanitize=address,undefined -o "$scratch/a" - ;;
		libfuzzer)
			echo 'int LLVMFuzzerTestOneInput(void) { return 0; }' |
				clang -xc -fsanitize=fuzzer,address,undefined -o "$scratch/a" - ;;
	esac >/dev/null 2>&1
}

say() { echo "install.sh: $*" >&2; }

# die MESSAGE [HINT...]
die() {
	say "$1"
	shift
	[ $# -eq 0 ] || say "hint: $*"
	exit 1
}

# Sets manager, its commands, and its column in the table of needs.
find_manager() {
	for manager in apt-get dnf apk pacman brew none; do
		! command -v "$manager" >/dev/null || break
	done
	refresh=true
	case $manager in
		apt-get)
			column=3 refresh="apt-get update"
			install="apt-get install -y --no-install-recommends" ;;
		dnf) column=4 install="dnf install -y --setopt=install_weak_deps=False" ;;
		apk) column=5 install="apk add" refresh="apk update" ;;
		# Not refreshed: without an upgrade of the whole system Arch does not support that.
		pacman) column=6 install="pacman -S --needed --noconfirm" ;;
		brew) column=7 install="env HOMEBREW_NO_AUTO_UPDATE=1 brew install" ;;
		none) column=8 install="install" ;;
	esac
}

# unmet WHEN...: a line "PROBE PACKAGES" for each need of these kinds that is not met.
unmet() {
	needs | tr -s ' ' | cut -d ' ' -f "1,2,$column" | while read -r when probe packages; do
		case " $* " in *" $when "*) ;; *) continue ;; esac
		# Without a test tool that the system does not have, tests/run says what it leaves out.
		[ "$when $packages" != "test -" ] || continue
		present "$probe" || echo "$probe ${packages:--}"
	done
}

# quietly COMMAND...: the output is shown only when the command fails.
quietly() {
	if "$@" >"$scratch/log" 2>&1 </dev/null; then return; fi
	cat "$scratch/log" >&2
	return 1
}

# install_packages PACKAGE...
install_packages() {
	by_hand="run: $install $*" as_root=
	if [ "$manager" != brew ] && [ "$(id -u)" -ne 0 ]; then
		by_hand="as root, $by_hand"
		command -v sudo >/dev/null || die "packages are missing, and there is no sudo: $*" "$by_hand"
		# Where there is no terminal nobody can type a password.
		if [ -t 2 ]; then as_root=sudo; else as_root="sudo -n"; fi
	fi
	say "installing with $manager: $*"
	# The commands are split into words. A list of packages that cannot be refreshed may still do.
	# shellcheck disable=SC2086
	quietly $as_root $refresh || say "the list of packages could not be refreshed"
	# shellcheck disable=SC2086
	quietly $as_root env DEBIAN_FRONTEND=noninteractive $install "$@" ||
		die "$manager could not install: $*" "$by_hand"
}

# set_up WHEN...: afterwards everything that these kinds need is there.
set_up() {
	find_manager
	if [ "$manager" = brew ]; then # the compiler does not look there, and curl is not even linked there
		brew=$(brew --prefix)
		export CPATH="$brew/include${CPATH:+:$CPATH}"
		export LIBRARY_PATH="$brew/lib${LIBRARY_PATH:+:$LIBRARY_PATH}"
		export PKG_CONFIG_PATH="$brew/opt/curl/lib/pkgconfig:$brew/opt/libarchive/lib/pkgconfig${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}"
	fi
	packages=$(unmet "$@" | sed -e '/ -$/d' -e 's/.* //' -e 's/,/ /g' | sort -u)
	# shellcheck disable=SC2086 # one word for each package
	[ -z "$packages" ] || install_packages $packages
	missing=$(unmet "$@" | sed 's/ .*//' | tr '\n' ' ')
	case $missing in
		*command:cc*) set -- "install a C compiler (on macOS: xcode-select --install)" ;;
		*header:jsmn.h*) set -- "put jsmn.h of https://github.com/zserge/jsmn (v1.1.0) into" \
			"/usr/local/include, or install jsmn from edge/testing (Alpine) or the AUR (Arch)" ;;
		*) set -- "install these, then run this again" ;;
	esac
	[ -z "$missing" ] || die "missing: $missing" "$@"
}

build() {
	say "building"
	make -s -j"$(getconf _NPROCESSORS_ONLN || echo 2)" >&2 ||
		die "the build failed" "the message is above; what was installed before is untouched"
}

# A line "MODE FILE TARGET" for each file to install; TARGET is relative to the prefix.
contents() {
	for source in bin/dl-*.c; do
		name=$(basename "$source" .c)
		case $name in
			dl-push-watch) # programs run it, people do not
				echo "755 build/release/bin/$name libexec/devloop/$name"
				continue ;;
		esac
		echo "755 build/release/bin/$name bin/$name"
		for file in "bash-completion/completions/$name" "zsh/site-functions/_$name" \
			"fish/vendor_completions.d/$name.fish"; do
			echo "644 build/release/share/$file share/$file"
		done
	done
	for page in man/*.[1-9]; do echo "644 $page share/man/man${page##*.}/${page##*/}"; done
	for hook in hooks/*; do echo "755 $hook libexec/devloop/$hook"; done
	[ ! -d libexec ] || find libexec -type f | sed 's|^libexec/\(.*\)|755 & libexec/devloop/\1|'
}

# make_folders PATH: makes PATH in the prefix; prints each level that was not there, with a slash at its end.
make_folders() {
	case $1 in */*) make_folders "${1%/*}" ;; esac
	[ -d "$root/$1" ] || { mkdir "$root/$1" && echo "$1/"; }
}

# place MODE FILE TARGET: writes beside the target, then renames, so nobody ever meets half a file.
place() {
	temporary=$root/${3%/*}/.devloop.$$
	if cp "$2" "$temporary" && chmod "$1" "$temporary" && mv -f "$temporary" "$root/$3"; then return; fi
	rm -f "$temporary"
	die "cannot write $root/$3" "with --prefix name a folder that you may write"
}

install_files() {
	mkdir -p "$root" || die "cannot make $root" "with --prefix name a folder that you may write"
	contents | while read -r mode file target; do
		[ ! -f "$file" ] || echo "$mode $file $target"
	done >"$scratch/contents"
	grep -q ' bin/' "$scratch/contents" || die "the build made no program"
	if [ -f "$manifest" ]; then cp "$manifest" "$scratch/old"; else : >"$scratch/old"; fi
	{
		sed 's/.* //' "$scratch/contents"
		grep '/$' "$scratch/old" || :
		make_folders share/devloop
		while read -r mode file target; do make_folders "${target%/*}"; done <"$scratch/contents"
	} | sort -u >"$scratch/new"

	# First the old and the new names together, so that --uninstall finds all even if this is interrupted.
	sort -u "$scratch/old" "$scratch/new" >"$scratch/both"
	place 644 "$scratch/both" share/devloop/manifest
	while read -r mode file target; do place "$mode" "$file" "$target"; done <"$scratch/contents"
	comm -23 "$scratch/old" "$scratch/new" | while read -r gone; do rm -f "$root/$gone"; done
	place 644 "$scratch/new" share/devloop/manifest
	say "installed $(grep -c '^bin/.' "$scratch/new") programs in $root/bin"
	case ":$PATH:${DESTDIR:+$prefix/bin:}" in
		*":$prefix/bin:"*) ;;
		*) say "hint: $prefix/bin is not on PATH; add to ~/.profile: PATH=\"$prefix/bin:\$PATH\"" ;;
	esac
}

uninstall_files() {
	[ -f "$manifest" ] || die "nothing is installed in $root" "with --prefix name where it is"
	cp "$manifest" "$scratch/old"
	grep -v '/$' "$scratch/old" | while read -r file; do rm -f "$root/$file" || exit 1; done ||
		die "cannot remove what is in $root" "run this as the user who installed it"
	rm -f "$manifest"
	# Deepest first; a folder that holds something else stays.
	grep '/$' "$scratch/old" | sort -r | while read -r dir; do rmdir "$root/$dir"; done 2>/dev/null || :
	say "removed DevLoop from $root"
}

action=install prefix=
while [ $# -gt 0 ]; do
	case $1 in
		--prefix=?*) prefix=${1#*=} ;;
		--prefix) prefix=${2:?"--prefix needs a folder"} && shift ;;
		--uninstall | --demo | --test) action=${1#--} ;;
		-h | --help) usage && exit ;;
		*) usage >&2 && exit 2 ;;
	esac
	shift
done
if [ -z "$prefix" ]; then
	prefix=/usr/local
	[ "$(id -u)" -eq 0 ] || prefix=${HOME:?"it is not set: name a folder with --prefix"}/.local
fi
case $prefix in /*) ;; *) prefix=$PWD/$prefix ;; esac
while case $prefix in ?*/) ;; *) false ;; esac do prefix=${prefix%/}; done
root=${DESTDIR:-}$prefix
manifest=$root/share/devloop/manifest

# The sources are where this file really is.
self=$0
while [ -h "$self" ]; do
	link=$(readlink "$self")
	case $link in /*) self=$link ;; *) self=$(dirname "$self")/$link ;; esac
done
cd "$(dirname "$self")"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' HUP INT TERM

case $action in
	install) set_up build; build; install_files ;;
	uninstall) uninstall_files ;;
	demo) set_up build; build; tests/demo build/release/bin ;;
	test) set_up build test; FUZZ_S="${FUZZ_S:-60}" tests/run ;;
esac
