/* What git has said becomes a failure of its class; the words are those of the C locale. */
#include "lib/sync/sync_git.h"

#include "lib/base/scope.h"
#include "tests/unit/check.h"

static const struct {
	const char *errors;
	enum dl_class class;
	const char *message;
} rows[] = {
	{"fatal: repository 'https://example.com/o/r.git/' not found\n", DL_MISSING,
	 "there is no such repository, or it may not be seen"},
	{"remote: Not Found\nfatal: unable to access 'https://x:y@example.com/': The requested URL returned "
	 "error: 403",
	 DL_AUTH, "the server forbids it"},
	{"fatal: could not read Username for 'https://example.com': terminal prompts disabled\n", DL_AUTH,
	 "the server wants a credential, and none was found"},
	{"fatal: unable to get password from user\n", DL_AUTH,
	 "the server wants a credential, and none was found"},
	{"ada@host: Permission denied (publickey).\r\nfatal: Could not read from remote repository.\n",
	 DL_AUTH, "the server does not accept the ssh key"},
	{"Host key verification failed.\nfatal: Could not read from remote repository.", DL_AUTH,
	 "the server's ssh key is not known"},
	{"fatal: unable to access 'https://h/': Could not resolve host: h\n", DL_NETWORK,
	 "unable to access 'https://h/': Could not resolve host: h"},
	{"error: RPC failed; curl 92 HTTP/2 stream 5 was not closed cleanly\nfatal: early EOF\n", DL_NETWORK,
	 "the connection broke"},
	{"fatal: unable to access 'https://u:secret@h/x/': Failed to connect to h\n", DL_NETWORK,
	 "unable to access 'https://h/x/': Failed to connect to h"},
	{"fatal: write error: No space left on device\nfatal: index-pack failed\n", DL_SYSTEM,
	 "the disk is full"},
	{"fatal: Unable to create '/a/.git/index.lock': File exists.\n", DL_SYSTEM,
	 "Unable to create '/a/.git/index.lock': File exists."},
	{"fatal: transport 'file' not allowed\n", DL_REFUSED, "transport 'file' not allowed"},
	{"remote: Counting: 1%\rremote: Counting: 9%\nerror: something \033[31mnew\n", DL_REFUSED,
	 "git: something \\x1b[31mnew"},
	{"", DL_REFUSED, "git: failed without a word"},
};

int main(void)
{
	struct dl_scope scope;
	size_t i;

	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		dl_scope_open(&scope, NULL);
		check_int(rows[i].errors, "fails", dl_sync_git_explain(&scope, rows[i].errors), -1);
		check_int(rows[i].errors, "class", scope.error.class, rows[i].class);
		check_text(rows[i].errors, "message", scope.error.message, rows[i].message);
		dl_scope_close(&scope);
	}
	return check_end("sync_git");
}
