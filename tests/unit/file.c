#include "lib/base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/scope.h"
#include "tests/unit/scratch.h"

enum { NOBODY = 65534, WRITERS = 4, LINES = 250, LEVELS = 3000, FEW_DESCRIPTORS = 16 };

static void put(const char *name, const char *text, mode_t mode)
{
	int fd = open(at(name), O_WRONLY | O_CREAT | O_TRUNC, mode);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text) || fchmod(fd, mode) < 0 ||
	    close(fd) < 0)
		abort();
}

static bool exists(const char *name)
{
	struct stat st;

	return lstat(at(name), &st) == 0;
}

static unsigned mode_of(const char *name)
{
	struct stat st;

	return stat(at(name), &st) == 0 ? st.st_mode & 07777 : 0;
}

static int count_entries(const char *name)
{
	DIR *stream = opendir(at(name));
	int count = -2;

	if (!stream)
		return -1;
	while (readdir(stream))
		count++;
	closedir(stream);
	return count;
}

static int count_descriptors(void)
{
	int fd, count = 0;

	for (fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

/* The failure of the current test's scope, which is forgotten. */
static int read_result(const char *name, size_t cap)
{
	return dl_file_read(&scope, at(name), cap, NULL) ? 0 : -1;
}

static void test_read(void)
{
	size_t len = 0;
	char *text;

	put("text", "one\ntwo\n", 0644);
	text = dl_file_read(&scope, at("text"), 8, &len);
	check_text("read", "content", text, "one\ntwo\n");
	check_int("read", "length", (int64_t)len, 8);
	text[0] = 'O';
	check_text("read", "writable", text, "One\ntwo\n");
	put("empty", "", 0644);
	check_text("read", "empty", dl_file_read(&scope, at("empty"), 0, &len), "");
	check_int("read", "empty", (int64_t)len, 0);
	check_int("read", "a link is followed", symlink("text", at("link")), 0);
	check_text("read", "link", dl_file_read(&scope, at("link"), 100, NULL), "one\ntwo\n");
	check_failure("read", "over the cap", read_result("text", 7), DL_DATA, "text is larger than 7 bytes");
	check_failure("read", "absent", read_result("absent", 7), DL_MISSING, "no such file: ");
	check_failure("read", "below a file", read_result("text/x", 7), DL_MISSING, "no such file: ");
	check_failure("read", "a folder", read_result("", 7), DL_SYSTEM, "is no regular file");
	check_int("read", "mkfifo", mkfifo(at("fifo"), 0600), 0);
	check_failure("read", "a fifo that nobody writes", read_result("fifo", 7), DL_SYSTEM,
		      "is no regular file");
	check_failure("read", "escaped", read_result("a\033b", 7), DL_MISSING, "/a\\x1bb");
}

/* What only a user who is not root is refused. */
static void test_permission(void)
{
	bool root = geteuid() == 0;

	put("secret", "x", 0);
	if (root && seteuid(NOBODY) < 0)
		abort();
	check_failure("permission", "read", read_result("secret", 7), DL_SYSTEM, "secret: Permission denied");
	if (root && seteuid(0) < 0)
		abort();
}

static void test_write(void)
{
	int before = count_entries("");
	mode_t mask = umask(0077);

	check_int("write", "new", dl_file_write(&scope, at("w"), 0754, "one", 3), 0);
	check_int("write", "mode, whatever the umask", mode_of("w"), 0754);
	check_int("write", "again", dl_file_write(&scope, at("w"), 0600, "two\0!", 5), 0);
	check_int("write", "mode again", mode_of("w"), 0600);
	umask(mask);
	check_true("write", "bytes", memcmp(dl_file_read(&scope, at("w"), 100, NULL), "two\0!", 6) == 0);
	check_int("write", "link", symlink("w", at("to-w")), 0);
	check_int("write", "over a link", dl_file_write(&scope, at("to-w"), 0600, "new", 3), 0);
	check_text("write", "the link's target stays", dl_file_read(&scope, at("w"), 100, NULL), "two");
	check_int("write", "a folder", mkdir(at("d"), 0755), 0);
	check_failure("write", "over a folder", dl_file_write(&scope, at("d"), 0600, "", 0), DL_SYSTEM,
		      "cannot write ");
	check_failure("write", "into no folder", dl_file_write(&scope, at("no/w"), 0600, "", 0), DL_SYSTEM,
		      "beside ");
	check_int("write", "nothing is left over", count_entries(""), before + 3);
	check_int("write", "working directory", chdir(folder), 0);
	check_int("write", "relative", dl_file_write(&scope, "relative", 0600, "r", 1), 0);
	check_text("write", "relative", dl_file_read(&scope, at("relative"), 9, NULL), "r");
	check_int("write", "working directory", chdir("/"), 0);
}

/* A limit on the size of files stands for a full disk. */
static void test_full(void)
{
	struct rlimit limit, old;
	char big[8192];
	int before;

	memset(big, 'x', sizeof big);
	put("full", "old", 0600);
	before = count_entries("");
	getrlimit(RLIMIT_FSIZE, &old);
	limit = old;
	limit.rlim_cur = 4096;
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &limit);
	check_failure("full", "write", dl_file_write(&scope, at("full"), 0600, big, sizeof big), DL_SYSTEM,
		      "File too large");
	check_failure("full", "append in part", dl_file_append(&scope, at("part"), 0600, big, sizeof big),
		      DL_SYSTEM, "only 4096 of 8192 bytes went to ");
	check_failure("full", "append", dl_file_append(&scope, at("part"), 0600, big, 1), DL_SYSTEM,
		      "File too large");
	setrlimit(RLIMIT_FSIZE, &old);
	check_text("full", "untouched", dl_file_read(&scope, at("full"), 100, NULL), "old");
	check_int("full", "nothing is left over", count_entries(""), before + 1);
}

/* In a process of its own: appends LINES lines of 300 times LETTER. */
static void append_lines(char letter)
{
	char line[301];
	int i;

	memset(line, letter, sizeof line - 1);
	line[sizeof line - 1] = '\n';
	for (i = 0; i < LINES; i++)
		if (dl_file_append(&scope, at("lines"), 0600, line, sizeof line) < 0)
			_exit(1);
	_exit(0);
}

static void test_append(void)
{
	int i, status, failed = 0, mixed = 0;
	size_t len = 0, at_byte;
	char *text;

	check_int("append", "new", dl_file_append(&scope, at("log"), 0640, "one\n", 4), 0);
	check_int("append", "again", dl_file_append(&scope, at("log"), 0640, "two\n", 4), 0);
	check_text("append", "content", dl_file_read(&scope, at("log"), 100, NULL), "one\ntwo\n");
	check_int("append", "mode", mode_of("log") & 0637, 0600);
	check_failure("append", "no folder", dl_file_append(&scope, at("no/log"), 0600, "", 0), DL_SYSTEM,
		      "cannot open ");
	check_failure("append", "a fifo that nobody reads", dl_file_append(&scope, at("fifo"), 0600, "x", 1),
		      DL_SYSTEM, "cannot open ");
	for (i = 0; i < WRITERS; i++)
		if (fork() == 0)
			append_lines((char)('a' + i));
	while (wait(&status) > 0)
		failed += status != 0;
	text = dl_file_read(&scope, at("lines"), 1 << 20, &len);
	for (at_byte = 0; at_byte < len; at_byte++)
		mixed += text[at_byte] != (at_byte % 301 == 300 ? '\n' : text[at_byte - at_byte % 301]);
	check_int("append", "writers", failed, 0);
	check_int("append", "all lines", (int64_t)len, WRITERS * LINES * 301);
	check_int("append", "lines of several programs do not mix", mixed, 0);
}

static void test_mkdirs(void)
{
	check_int("mkdirs", "deep", dl_file_mkdirs(&scope, at("m/a/b/c"), 0755), 0);
	check_int("mkdirs", "all of them", count_entries("m/a/b/c"), 0);
	check_int("mkdirs", "again", dl_file_mkdirs(&scope, at("m/a/b/c"), 0755), 0);
	check_int("mkdirs", "slashes", dl_file_mkdirs(&scope, at("m//x///y/"), 0755), 0);
	check_int("mkdirs", "slashes", count_entries("m/x/y"), 0);
	check_int("mkdirs", "the root", dl_file_mkdirs(&scope, "/", 0755), 0);
	check_int("mkdirs", "private", dl_file_mkdirs(&scope, at("p/q/r"), 0500), 0);
	check_int("mkdirs", "private, last", mode_of("p/q/r"), 0500);
	check_int("mkdirs", "private, above", mode_of("p/q"), 0700);
	check_int("mkdirs", "link", symlink("m/a", at("to-a")), 0);
	check_int("mkdirs", "through a link", dl_file_mkdirs(&scope, at("to-a/z"), 0755), 0);
	check_int("mkdirs", "through a link", count_entries("m/a/z"), 0);
	put("plain", "", 0600);
	check_failure("mkdirs", "a file", dl_file_mkdirs(&scope, at("plain"), 0755), DL_SYSTEM,
		      "plain: File exists");
	check_failure("mkdirs", "below a file", dl_file_mkdirs(&scope, at("plain/x/y"), 0755), DL_SYSTEM,
		      "Not a directory");
	check_int("mkdirs", "dangling link", symlink("nowhere", at("dangling")), 0);
	check_failure("mkdirs", "dangling", dl_file_mkdirs(&scope, at("dangling/x"), 0755), DL_SYSTEM,
		      "dangling: File exists");
}

static void test_remove(void)
{
	int i;

	check_int("remove", "absent", dl_file_remove_tree(&scope, at("absent")), 0);
	put("single", "", 0600);
	check_int("remove", "a file", dl_file_remove_tree(&scope, at("single")), 0);
	check_true("remove", "a file is gone", !exists("single"));
	if (dl_file_mkdirs(&scope, at("keep/in"), 0755) < 0 ||
	    dl_file_mkdirs(&scope, at("t/a/b"), 0755) < 0 || dl_file_mkdirs(&scope, at("t/0"), 0755) < 0 ||
	    dl_file_mkdirs(&scope, at("t/a/c/0/1/2"), 0755) < 0)
		abort();
	put("keep/in/file", "kept", 0600);
	put("t/a/b/file", "", 0600);
	put("t/0/full", "", 0600);
	put("t/1", "", 0600);
	put("t/a/c/0/1/2/file", "", 0);
	for (i = 0; i < 500; i++)
		put(dl_arena_format(&scope.arena, "t/a/file-%d", i), "", 0600);
	check_int("remove", "links",
		  symlink("../../keep", at("t/a/link")) | symlink("/nowhere", at("t/dangling")) |
			  symlink("keep", at("root-link")),
		  0);
	check_int("remove", "a tree", dl_file_remove_tree(&scope, at("t//")), 0);
	check_true("remove", "a tree is gone", !exists("t"));
	check_int("remove", "a link", dl_file_remove_tree(&scope, at("root-link/")), 0);
	check_true("remove", "a link is gone", !exists("root-link"));
	check_text("remove", "behind links", dl_file_read(&scope, at("keep/in/file"), 9, NULL), "kept");
}

/* A chain of folders far longer than a path or the number of descriptors may be. */
static void test_remove_deep(void)
{
	struct rlimit limit, old;
	int i, result = mkdir(at("deep"), 0755) | chdir(at("deep"));

	for (i = 0; i < LEVELS && result == 0; i++)
		result = mkdir("level", 0755) | symlink("/", "link") | chdir("level");
	check_int("remove", "a deep tree is made", result | chdir("/"), 0);
	getrlimit(RLIMIT_NOFILE, &old);
	limit = old;
	limit.rlim_cur = FEW_DESCRIPTORS;
	setrlimit(RLIMIT_NOFILE, &limit);
	check_int("remove", "a deep tree", dl_file_remove_tree(&scope, at("deep")), 0);
	setrlimit(RLIMIT_NOFILE, &old);
	check_true("remove", "a deep tree is gone", !exists("deep"));
}

/* In a process without root's rights: 0 when all is as it should be. */
static int remove_locked(void)
{
	const char *message;
	int wrong = 0;

	if (geteuid() == 0 && setuid(NOBODY) < 0)
		return 100;
	if (dl_file_mkdirs(&scope, at("shared/locked/in/deep"), 0755) < 0)
		return 101;
	put("shared/locked/in/file", "", 0);
	wrong |= chmod(at("shared/locked/in/deep"), 0) | chmod(at("shared/locked/in"), 0555) |
		 chmod(at("shared/locked"), 0);
	wrong |= dl_file_remove_tree(&scope, at("shared/locked")) < 0;
	wrong |= exists("shared/locked") << 1;
	wrong |= (dl_file_remove_tree(&scope, at("m")) == 0) << 2;
	wrong |= (failure(&message) != DL_SYSTEM || !strstr(message, "cannot remove ")) << 3;
	return wrong;
}

static void test_remove_locked(void)
{
	int status = -1;
	pid_t pid;

	check_int("remove", "shared", mkdir(at("shared"), 0755) | chmod(at("shared"), 01777), 0);
	if (dl_file_mkdirs(&scope, at("m/foreign"), 0755) < 0)
		abort();
	pid = geteuid() == 0 ? fork() : -1;
	if (pid == 0)
		_exit(remove_locked());
	if (pid > 0)
		waitpid(pid, &status, 0);
	check_int("remove", "folders that their owner may not change", pid > 0 ? status : 0, 0);
}

int main(void)
{
	static void (*const tests[])(void) = {test_read,   test_permission,  test_write,
					      test_full,   test_append,      test_mkdirs,
					      test_remove, test_remove_deep, test_remove_locked};
	int descriptors;
	size_t i;

	if (!mkdtemp(folder) || chmod(folder, 0755) < 0)
		abort();
	descriptors = count_descriptors();
	for (i = 0; i < sizeof tests / sizeof *tests; i++) {
		dl_scope_open(&scope, NULL);
		tests[i]();
		dl_scope_close(&scope);
	}
	dl_scope_open(&scope, NULL);
	check_int("file", "no descriptor is left open", count_descriptors(), descriptors);
	check_int("file", "the whole folder", dl_file_remove_tree(&scope, folder), 0);
	dl_scope_close(&scope);
	return check_end("file");
}
