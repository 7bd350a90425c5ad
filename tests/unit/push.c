#include "lib/data/push.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/scope.h"
#include "lib/data/json.h"
#include "lib/data/record.h"
#include "tests/unit/check.h"

#define A "3a6235b56eecc0e193c1e267b064c155c6ebc022"
#define Z "0000000000000000000000000000000000000000"
#define A64 "3a6235b56eecc0e193c1e267b064c155c6ebc0223a6235b56eecc0e193c1e267"
#define Z64 "0000000000000000000000000000000000000000000000000000000000000000"

static struct dl_scope scope;

static void test_parse(void)
{
	static const struct {
		const char *line, *local_ref, *remote_ref;
		bool gated, armed;
	} rows[] = {
		{"refs/heads/main " A " refs/heads/main " Z, "refs/heads/main", "refs/heads/main", true,
		 true},
		{"HEAD^{/aa bb} " A " refs/heads/x " A, "HEAD^{/aa bb}", "refs/heads/x", true, true},
		{"a refs/x " A " refs/heads/y " A " refs/heads/x " A, "a refs/x " A " refs/heads/y",
		 "refs/heads/x", true, true},
		{"(delete) " Z " refs/heads/x " A, "(delete)", "refs/heads/x", false, false},
		{"refs/tags/v1 " A " refs/tags/v1 " Z, "refs/tags/v1", "refs/tags/v1", false, true},
		{"HEAD " A " refs/for/main " Z, "HEAD", "refs/for/main", false, true},
		{"HEAD " A " refs/headsx " Z, "HEAD", "refs/headsx", false, true},
		{"HEAD " A64 " refs/heads/main " Z64, "HEAD", "refs/heads/main", true, true},
		{"(delete) " Z64 " refs/heads/main " A64, "(delete)", "refs/heads/main", false, false},
		{"", NULL, NULL, false, false},
		{"refs/heads/main", NULL, NULL, false, false},
		{A " refs/heads/x " A, NULL, NULL, false, false},
		{" " A " refs/heads/x " A, NULL, NULL, false, false},
		{"x " A " refs/heads/x ", NULL, NULL, false, false},
		{"x 3a62 refs/heads/x " A, NULL, NULL, false, false},
		{"x " A " main " A, NULL, NULL, false, false},
		{"x " A " refs/heads/x " A " ", NULL, NULL, false, false},
	};
	struct dl_push push;
	size_t i;

	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		int result = dl_push_parse(&scope, rows[i].line, memset(&push, 0, sizeof push));

		check_int("parse", rows[i].line, result, rows[i].local_ref ? 0 : -1);
		check_text("parse", rows[i].line, push.local_ref, rows[i].local_ref);
		check_text("parse", rows[i].line, push.remote_ref, rows[i].remote_ref);
		if (result == 0) {
			check_int("gated", rows[i].line, dl_push_is_gated(&push), rows[i].gated);
			check_int("armed", rows[i].line, dl_push_is_armed(&push), rows[i].armed);
		} else {
			check_int("parse", rows[i].line, dl_fail_take(&scope, &scope.arena).class, DL_DATA);
		}
	}
}

static void test_zero(void)
{
	check_int("zero", "40", dl_push_is_zero(Z), 1);
	check_int("zero", "64", dl_push_is_zero(Z64), 1);
	check_int("zero", "41", dl_push_is_zero(Z "0"), 0);
	check_int("zero", "one digit", dl_push_is_zero("0"), 0);
	check_int("zero", "an object", dl_push_is_zero(A), 0);
}

/* Reads what a process writes: COUNT times LINE, then END. */
static int read_from(const char *line, int count, const char *end, struct dl_push_list *list)
{
	int ends[2], result;
	pid_t pid;

	if (pipe(ends) || (pid = fork()) < 0)
		abort();
	if (pid == 0) {
		close(ends[0]);
		while (count-- > 0)
			if (write(ends[1], line, strlen(line)) < 0)
				_exit(1);
		if (write(ends[1], end, strlen(end)) < 0)
			_exit(1);
		_exit(0);
	}
	close(ends[1]);
	result = dl_push_read(&scope, ends[0], 2000, list);
	close(ends[0]);
	return result;
}

static void test_read(void)
{
	static const char line[] = "refs/heads/main " A " refs/heads/main " A "\n";
	struct dl_push_list list;
	int ends[2];

	check_int("read", "nothing", read_from("", 0, "", &list), 0);
	check_int("read", "nothing", (int)list.count, 0);
	check_int("read", "three lines", read_from(line, 3, "", &list), 0);
	check_int("read", "three lines", (int)list.count, 3);
	check_int("read", "last without an end", read_from(line, 1, "HEAD " A " refs/heads/b " Z, &list), 0);
	check_int("read", "last without an end", (int)list.count, 2);
	check_text("read", "last without an end", list.items[1].remote_ref, "refs/heads/b");
	check_int("read", "a wrong line", read_from(line, 2, "oops\n", &list), -1);
	check_text("read", "a wrong line", dl_fail_take(&scope, &scope.arena).message,
		   "line 3: 'oops' is no line for a pre-push hook");
	check_int("read", "10 MB", read_from(line, 10 * 1024 * 1024 / (int)strlen(line), "", &list), 0);
	check_int("read", "10 MB", (int)list.count, DL_PUSH_INPUT_CAP / (int)strlen(line));
	check_true("read", "10 MB is cut", list.cut);
	/* A pipe that stays open, without a word. */
	if (pipe(ends))
		abort();
	check_int("read", "silence", dl_push_read(&scope, ends[0], 50, &list), 0);
	check_int("read", "silence", (int)list.count, 0);
	check_int("read", "no descriptor", dl_push_read(&scope, -1, 50, &list), 0);
	check_int("read", "a folder", dl_push_read(&scope, open("/", O_RDONLY), 50, &list), -1);
	check_int("read", "a folder", dl_fail_take(&scope, &scope.arena).class, DL_SYSTEM);
}

static void test_porcelain(void)
{
	static const struct {
		const char *line, *from, *to;
		enum dl_push_outcome outcome;
	} rows[] = {
		{" \trefs/heads/main:refs/heads/main\t1..2", "refs/heads/main", "refs/heads/main",
		 DL_PUSH_PUSHED},
		{"*\tHEAD^{/a: b}:refs/heads/x\t[new branch]", "HEAD^{/a: b}", "refs/heads/x",
		 DL_PUSH_PUSHED},
		{"+\trefs/heads/main:refs/heads/main\t1...2 (forced update)", "refs/heads/main",
		 "refs/heads/main", DL_PUSH_PUSHED},
		{"-\t:refs/heads/x\t[deleted]", "", "refs/heads/x", DL_PUSH_DELETED},
		{"=\tmain:refs/heads/main\t[up to date]", "main", "refs/heads/main", DL_PUSH_UP_TO_DATE},
		{"!\tmain:refs/heads/main\t[rejected] (fetch first)", "main", "refs/heads/main",
		 DL_PUSH_REJECTED},
	};
	static const char *const others[] = {
		"To ../origin.git", "Done", "", "*", "*\tmain", "*\tmain\tx"};
	struct dl_push push;
	size_t i;

	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		check_int("porcelain", rows[i].line,
			  dl_push_porcelain(&scope, rows[i].line, memset(&push, 0, sizeof push)),
			  1);
		check_text("porcelain", rows[i].line, push.local_ref, rows[i].from);
		check_text("porcelain", rows[i].line, push.remote_ref, rows[i].to);
		check_int("porcelain", rows[i].line, push.outcome, rows[i].outcome);
	}
	for (i = 0; i < sizeof others / sizeof *others; i++)
		check_int("porcelain", others[i], dl_push_porcelain(&scope, others[i], &push), 0);
}

static void test_url(void)
{
	static const struct {
		const char *url, *plain;
		enum dl_push_transport transport;
		int patience; /* of 600 s */
	} rows[] = {
		{"https://github.com/o/r.git", "https://github.com/o/r.git", DL_PUSH_HTTP, 600},
		{"https://me:secret@host/o/r", "https://host/o/r", DL_PUSH_HTTP, 600},
		{"https://me:sec@ret@host/o/r@x", "https://host/o/r@x", DL_PUSH_HTTP, 600},
		{"http://host:8080/o/r", "http://host:8080/o/r", DL_PUSH_HTTP, 600},
		{"ssh://git@github.com/o/r", "ssh://github.com/o/r", DL_PUSH_SSH, 120},
		{"ssh://git@ssh.github.com:443/o/r", "ssh://ssh.github.com:443/o/r", DL_PUSH_SSH, 120},
		{"git@github.com:o/r.git", "git@github.com:o/r.git", DL_PUSH_SSH, 120},
		{"github.com:o/r.git", "github.com:o/r.git", DL_PUSH_SSH, 120},
		{"git@github.com.example.com:o/r", "git@github.com.example.com:o/r", DL_PUSH_SSH, 50},
		{"git@git.example.com:github.com/r", "git@git.example.com:github.com/r", DL_PUSH_SSH, 50},
		{"git://host/o/r", "git://host/o/r", DL_PUSH_OTHER, 50},
		{"codecommit::x://y", "codecommit::x://y", DL_PUSH_OTHER, 50},
		{"/srv/r.git", "/srv/r.git", DL_PUSH_FOLDER, 600},
		{"../r.git", "../r.git", DL_PUSH_FOLDER, 600},
		{"./a:b", "./a:b", DL_PUSH_FOLDER, 600},
		{"file:///srv/r.git", "file:///srv/r.git", DL_PUSH_FOLDER, 600},
	};
	size_t i;

	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		check_text("url", rows[i].url, dl_push_url(&scope.arena, rows[i].url), rows[i].plain);
		check_int("transport", rows[i].url, dl_push_transport(rows[i].url), rows[i].transport);
		check_int("patience", rows[i].url, dl_push_patience(rows[i].url, 600), rows[i].patience);
		check_int("patience", rows[i].url, dl_push_patience(rows[i].url, 5), 5);
	}
}

/* A record on disk comes back as it was. */
static void test_record(void)
{
	struct dl_push *push = dl_schema_new(&scope, &dl_push_schema), *back;
	const struct dl_json *node;
	struct dl_buf line, again;

	dl_buf_init(&line, &scope.arena, DL_CAP_LINE);
	dl_buf_init(&again, &scope.arena, DL_CAP_LINE);
	check_int("record", "parse", dl_push_parse(&scope, "HEAD " A " refs/heads/a\"b " Z, push), 0);
	push->remote = "origin";
	push->outcome = DL_PUSH_PUSHED_LATE;
	push->verdict = DL_VERDICT_FAILURE;
	dl_schema_encode(&dl_push_schema, push, &line);
	check_true("record", "words", strstr(line.data, "\"outcome\":\"pushed_late\",") &&
					      strstr(line.data, "\"verdict\":\"failure\""));
	node = dl_json_parse(&scope, dl_arena_string(&scope.arena, line.data), line.len);
	back = dl_schema_new(&scope, &dl_push_schema);
	check_int("record", "decode", dl_schema_decode(&scope, &dl_push_schema, node, back), 0);
	dl_schema_encode(&dl_push_schema, back, &again);
	check_text("record", "there and back", again.data, line.data);
}

int main(void)
{
	dl_scope_open(&scope, NULL);
	test_parse();
	test_zero();
	test_read();
	test_porcelain();
	test_url();
	test_record();
	dl_scope_close(&scope);
	return check_end("push");
}
