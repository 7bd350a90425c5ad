#include "lib/git/remote.h"

#include "lib/base/scope.h"
#include "tests/unit/check.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void test_remotes(void)
{
	static const struct {
		const char *url, *host, *path;
		bool ssh;
	} rows[] = {
		{"https://github.com/owner/repo.git", "github.com", "owner/repo", false},
		{"https://github.com/owner/repo/", "github.com", "owner/repo", false},
		{"https://user:secret@GitHub.com/owner/repo", "github.com", "owner/repo", false},
		{"http://127.0.0.1:3000/owner/repo.git/", "127.0.0.1:3000", "owner/repo", false},
		{"https://git.example.com:8443/group/sub/project.git", "git.example.com:8443",
		 "group/sub/project", false},
		{"ssh://git@git.example.com:2222/group/project.git", "git.example.com", "group/project",
		 true},
		{"git@github.com:owner/repo.git", "github.com", "owner/repo", true},
		{"github.com:owner/repo", "github.com", "owner/repo", true},
		{"git@work:/owner/repo.git", "work", "owner/repo", true},
		{"git@work:owner/repo/.git/", "work", "owner/repo", true},
		{"git://git.example.com/owner/repo", "git.example.com", "owner/repo", false},
		{"https://github.com/owner/r%C3%A9po", "github.com", "owner/r\xC3\xA9po", false},
	};
	struct dl_remote remote;
	struct dl_scope scope;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		dl_scope_open(&scope, NULL);
		check_int("remote", rows[i].url, dl_remote_parse(&scope, rows[i].url, &remote), 0);
		check_text("host", rows[i].url, remote.host, rows[i].host);
		check_text("path", rows[i].url, remote.path, rows[i].path);
		check_int("ssh", rows[i].url, remote.ssh, rows[i].ssh);
		dl_scope_close(&scope);
	}
}

static void test_no_remotes(void)
{
	static const char *const rows[] = {
		"",
		"/srv/git/repo.git",
		"../repo",
		"./a:b/c",
		"repo",
		"file:///srv/git/repo",
		"https:///x",
		"host:",
		"-oProxyCommand=x:y/z",
		"ext::sh -c touch% /tmp/x",
		"https://h\\@evil/o/r",
		"https://h/%zz",
		"a b:c/d",
	};
	struct dl_remote remote;
	struct dl_scope scope;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		dl_scope_open(&scope, NULL);
		check_int("no remote", rows[i], dl_remote_parse(&scope, rows[i], &remote), -1);
		check_int("class", rows[i], scope.error.class, DL_CONFIG);
		dl_scope_close(&scope);
	}
}

int main(void)
{
	test_remotes();
	test_no_remotes();
	return check_end("remote");
}
