/* A stub is put together from pieces. The plain one starts no process but the gate: lines from git are copied
 * only where two programs are to read them. What is captured keeps its last newline by a dot behind it. */
#include "lib/hooks/hooks_stub.h"

#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/digest.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"

static const char shebang[] = "#!/bin/sh\n";

/* After "# EVENT" in the second line, and before the checksum. */
static const char mark[] = " of DevLoop ", sum_mark[] = "; sha256 of what follows: ";

static const char about[] =
	"# Asks dl-gate(1) whether the push may go. It is put here, and taken away, by dl-hooks(1).\n";

static const char find[] = "[ -x \"$gate\" ] || gate=$(command -v dl-gate)\n"
			   "case $gate in /*) ;; *) gate= ;; esac\n";

static const char guard[] = "# A git that finds dl-gate in its configuration runs it from there.\n"
			    "case $(git hook list pre-push 2>/dev/null) in *dl-gate*) gate= ;; esac\n";

#define TELL "echo \"pre-push: dl-gate ended with status $code; the push goes on\" >&2"

static const char run[] = "[ \"$gate\" ] || exit 0\n"
			  "\"$gate\" \"$@\"\n"
			  "code=$?\n"
			  "case $code in 0 | 1) exit $code ;; esac\n" TELL "\n"
			  "exit 0\n";

static const char run_both[] =
	"prev=${0%/*}/" DL_HOOKS_STUB_PREVIOUS "\n"
	"lines=$(cat && echo .)\n"
	"lines=${lines%.}\n"
	"if [ \"$gate\" ]; then\n"
	"\tprintf %s \"$lines\" | \"$gate\" \"$@\"\n"
	"\tcode=$?\n"
	"\tcase $code in 0) ;; 1) exit 1 ;; *) " TELL " ;; esac\n"
	"fi\n"
	"# The hook that was here before.\n"
	"[ -f \"$prev\" ] && [ -x \"$prev\" ] || exit 0\n"
	"printf %s \"$lines\" | \"$prev\" \"$@\"\n";

/* What dl_text_shell made WORD of, which must be the beginning of a line or end in a blank; NULL: it is
 * none. */
static const char *unquote(struct dl_scope *scope, const char *word)
{
	struct dl_buf text;

	dl_buf_init(&text, &scope->arena, DL_CAP_LINE);
	if (*word++ != '\'')
		return NULL;
	for (; *word && *word != '\n'; word++) {
		if (*word != '\'') {
			dl_buf_putc(&text, *word);
		} else if (dl_text_starts(word, "'\\''")) {
			dl_buf_putc(&text, '\'');
			word += 3;
		} else {
			return text.data;
		}
	}
	return NULL;
}

/* BODY below the line by which it is known again. */
static const char *seal(struct dl_scope *scope, const char *event, const char *body)
{
	const char *sum = dl_digest_hex(scope, DL_SHA256, body, strlen(body));

	return sum ? dl_arena_format(&scope->arena, "%s# %s%s%s%s%s\n%s", shebang, event, mark, DL_VERSION,
				     sum_mark, sum, body)
		   : NULL;
}

const char *dl_hooks_stub_text(struct dl_scope *scope, const struct dl_hooks_stub *stub)
{
	return seal(scope, "pre-push",
		    dl_arena_format(&scope->arena, "%sgate=%s\n%s%s%s", about,
				    dl_text_shell(&scope->arena, stub->program), find,
				    stub->guarded ? guard : "", stub->chained ? run_both : run));
}

const char *dl_hooks_stub_copy(struct dl_scope *scope, const char *event, const char *script)
{
	return seal(scope, event, script + (dl_text_starts(script, shebang) ? strlen(shebang) : 0));
}

/* TEXT with the line ends of Unix. */
static const char *unix_lines(struct dl_scope *scope, const char *text)
{
	char *copy = dl_arena_string(&scope->arena, text), *to = copy;

	for (; *text; text++)
		if (text[0] != '\r' || text[1] != '\n')
			*to++ = *text;
	*to = '\0';
	return copy;
}

enum dl_hooks_stub_kind dl_hooks_stub_match(struct dl_scope *scope, const char *text)
{
	const char *second, *end, *sum, *is;

	text = unix_lines(scope, text);
	second = strchrnul(text, '\n');
	end = *second ? strchr(second + 1, '\n') : NULL;
	if (!end || !dl_text_starts(second, "\n# "))
		return DL_HOOKS_STUB_NONE;
	second = dl_arena_copy(&scope->arena, second + 1, (size_t)(end - second - 1));
	if (!strstr(second, mark) || !(sum = strstr(second, sum_mark)))
		return DL_HOOKS_STUB_NONE;
	is = dl_digest_hex(scope, DL_SHA256, end + 1, strlen(end + 1));
	return dl_text_same(is, sum + strlen(sum_mark)) && dl_text_starts(text, shebang)
		       ? DL_HOOKS_STUB_INTACT
		       : DL_HOOKS_STUB_EDITED;
}

bool dl_hooks_stub_is_chained(const char *text)
{
	return strstr(text, "\nprev=");
}

static const char *command_of(struct dl_scope *scope, const char *word)
{
	return dl_arena_format(&scope->arena,
			       "gate() { [ ! -x %s ] || %s \"$@\" || [ $? -ne 1 ]; }; gate", word, word);
}

static const char command_begin[] = "gate() { [ ! -x ";

const char *dl_hooks_stub_command(struct dl_scope *scope, const char *program)
{
	return command_of(scope, dl_text_shell(&scope->arena, program));
}

bool dl_hooks_stub_is_command(struct dl_scope *scope, const char *command)
{
	const char *program;

	if (!dl_text_starts(command, command_begin))
		return false;
	program = unquote(scope, command + strlen(command_begin));
	return program && dl_text_same(dl_hooks_stub_command(scope, program), command);
}

const char *dl_hooks_stub_program(struct dl_scope *scope, const char *text)
{
	const char *line = strstr(text, "\ngate=");

	if (dl_text_starts(text, command_begin))
		return unquote(scope, text + strlen(command_begin));
	return line ? unquote(scope, line + strlen("\ngate=")) : NULL;
}
