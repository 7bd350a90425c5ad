/* What git makes of its configuration, and how a stub is known again. */
#include "lib/hooks/hooks_config.h"

#include <string.h>

#include "lib/base/scope.h"
#include "lib/git/git.h"
#include "lib/hooks/hooks_stub.h"
#include "tests/unit/check.h"

static struct dl_scope scope;

/* The hooks for pre-push in a configuration as git prints it: their names, commas between, "-" before those
 * that are off, "?" behind those without a command. */
static const char *names_in(const char *text, size_t len)
{
	struct dl_hooks_entries entries;
	struct dl_git_config config;
	const char *names = "";
	size_t i;

	dl_git_parse(&scope, text, len, &config);
	entries = dl_hooks_config_read(&scope, &config, "pre-push");
	for (i = 0; i < entries.count; i++)
		names = dl_arena_format(&scope.arena, "%s%s%s%s%s", names, i ? "," : "",
					entries.items[i].enabled ? "" : "-", entries.items[i].name,
					entries.items[i].command ? "" : "?");
	return names;
}

#define NAMES_IN(text) names_in(text, sizeof(text) - 1)
#define SET(key, value) "local\0file:c\0hook." key "\n" value "\0"

/* As git 2.55 lists them. */
static void test_configured(void)
{
	check_text("configured", "none", NAMES_IN(SET("a.command", "x")), "");
	check_text("configured", "in the order of their events",
		   NAMES_IN(SET("b.command", "x") SET("a.command", "x") SET("a.event", "pre-push")
				    SET("b.event", "pre-push")), "a,b");
	check_text("configured", "the last event of a hook counts",
		   NAMES_IN(SET("a.command", "x") SET("a.event", "pre-push") SET("b.command", "x")
				    SET("b.event", "pre-push") SET("a.event", "pre-push")), "b,a");
	check_text("configured", "other events",
		   NAMES_IN(SET("a.command", "x") SET("a.event", "pre-commit") SET("b.event", "pre-pushed")),
		   "");
	check_text("configured", "an empty event takes all back",
		   NAMES_IN(SET("a.command", "x") SET("a.event", "pre-push") SET("b.command", "x")
				    SET("b.event", "pre-push") SET("a.event", "")), "b");
	check_text("configured", "switched off, and on again",
		   NAMES_IN(SET("a.command", "x") SET("a.event", "pre-push") SET("a.enabled", "no")
				    SET("b.command", "x") SET("b.event", "pre-push") SET("b.enabled", "0")
					    SET("b.enabled", "yes")), "-a,b");
	check_text("configured", "without a command", NAMES_IN(SET("a.event", "pre-push")), "a?");
	check_text("configured", "a name with dots",
		   NAMES_IN(SET("a.event.b.command", "x") SET("a.event.b.event", "pre-push")), "a.event.b");
	check_text("configured", "no name", NAMES_IN(SET("event", "pre-push")), "");
}

static void check_stub(const char *name, const char *text, enum dl_hooks_stub_kind want)
{
	check_int("stub", name, (int)dl_hooks_stub_match(&scope, text), (int)want);
}

static void test_stub(void)
{
	static const char program[] = "/it's a/'\\''b ] || /dl-gate";
	struct dl_hooks_stub stub = {.program = program};
	const char *text = dl_hooks_stub_text(&scope, &stub), *line = strchr(text, '\n') + 1;
	char *edited = dl_arena_string(&scope.arena, text);

	check_stub("as it was made", text, DL_HOOKS_STUB_INTACT);
	check_text("stub", "its program", dl_hooks_stub_program(&scope, text), program);
	check_true("stub", "not chained", !dl_hooks_stub_is_chained(text));
	check_stub("with more", dl_arena_format(&scope.arena, "%s# more\n", text), DL_HOOKS_STUB_EDITED);
	check_stub("cut off", dl_arena_copy(&scope.arena, text, strlen(text) - 1), DL_HOOKS_STUB_EDITED);
	check_stub("another interpreter", dl_arena_format(&scope.arena, "#!/bin/bash\n%s", line),
		   DL_HOOKS_STUB_EDITED);
	strstr(edited, "sha256")[8] ^= 1;
	check_stub("without its mark", edited, DL_HOOKS_STUB_NONE);
	check_stub("a script of others", "#!/bin/sh\n# of DevLoop\nexit 0\n", DL_HOOKS_STUB_NONE);
	check_stub("nothing", "", DL_HOOKS_STUB_NONE);
	check_stub("one line", "#!/bin/sh", DL_HOOKS_STUB_NONE);
	stub.chained = true;
	check_true("stub", "chained", dl_hooks_stub_is_chained(dl_hooks_stub_text(&scope, &stub)));
}

static void test_command(void)
{
	static const char program[] = "/it's a/'\\''b ] || /dl-gate";
	const char *command = dl_hooks_stub_command(&scope, program);

	check_true("command", "as it was made", dl_hooks_stub_is_command(&scope, command));
	check_text("command", "its program", dl_hooks_stub_program(&scope, command), program);
	check_true("command", "with more", !dl_hooks_stub_is_command(
						   &scope, dl_arena_format(&scope.arena, "%s -q", command)));
	check_true("command", "another", !dl_hooks_stub_is_command(&scope, "/usr/bin/dl-gate"));
	check_true("command", "cut off", !dl_hooks_stub_is_command(&scope, "gate() { [ ! -x '/usr"));
	check_true("command", "cut off before", !dl_hooks_stub_is_command(&scope, "gate() { [ ! -x "));
}

int main(void)
{
	dl_scope_open(&scope, NULL);
	test_configured();
	test_stub();
	test_command();
	dl_scope_close(&scope);
	return check_end("hooks");
}
