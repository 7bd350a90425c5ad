#include "lib/changelog/lint.h"

#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "lib/base/buf.h"
#include "lib/base/file.h"
#include "lib/base/path.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/changelog/changelog.h"
#include "lib/changelog/message.h"
#include "lib/data/json.h"
#include "lib/data/record.h"
#include "lib/program/out.h"

enum { LONGEST_HEADER = 100, SHORT_SHA = 12 };

struct lint {
	struct dl_scope *scope;
	const struct dl_changelog *log;
	const char *name;
	struct dl_sink *sink;
	int faults;
	int result; /* of the sink */
};

static void complain(struct lint *lint, int line, const char *message, const char *hint)
{
	struct dl_check *check = dl_schema_new(lint->scope, &dl_record_check);

	lint->faults++;
	check->name = dl_arena_format(&lint->scope->arena, "%s:%d", lint->name, line);
	check->status = DL_CHECK_FAIL;
	check->message = message;
	check->hint = hint;
	if (lint->result == DL_MORE)
		lint->result = dl_sink_put(lint->sink, lint->scope, &dl_record_check, check);
}

/* ------------------------------------------------------------------ the first line */

static long longest_header(const struct dl_changelog *log)
{
	int64_t most = dl_json_int(dl_json_get(log->config, "longest_header"));

	return most > 0 && most < 100000 ? (long)most : LONGEST_HEADER;
}

static size_t count_characters(const char *text)
{
	size_t count = 0;

	for (; *text; text++)
		count += (*text & 0xC0) != 0x80;
	return count;
}

/* Why HEADER is not "type(scope): subject". */
static const char *explain_header(const char *header)
{
	const char *colon = strchr(header, ':');

	if (!colon)
		return "the first line has no type: it should be 'type: subject' or 'type(scope): subject'";
	if (!colon[1 + strspn(colon + 1, " \t")])
		return "there is nothing behind the type";
	if (colon[1] != ' ')
		return "a space is due behind the colon of the type";
	return "what stands before the colon is no type: that is one word, perhaps a scope in parentheses, "
	       "perhaps an exclamation mark";
}

/* Messages that git makes, and that are gone when they have served. */
static bool is_temporary(const char *header)
{
	return dl_text_starts(header, "fixup! ") || dl_text_starts(header, "squash! ") ||
	       dl_text_starts(header, "amend! ");
}

static bool is_from_git(const char *header)
{
	return dl_text_starts(header, "Merge ") || dl_text_starts(header, "Revert \"") ||
	       dl_text_starts(header, "Reapply \"");
}

static void check_type(struct lint *lint, const struct dl_message *message)
{
	struct dl_scope *scope = lint->scope;
	const char *names = dl_kinds_names(scope, &lint->log->kinds);

	if (!message->kind)
		complain(lint, 1, explain_header(message->whole),
			 "for example 'fix(parser): accept an empty list'");
	else if (!dl_kinds_find(&lint->log->kinds, message->kind))
		complain(lint, 1,
			 dl_arena_format(&scope->arena, "'%s' is no type",
					 dl_text_quote(&scope->arena, message->kind)),
			 dl_arena_format(&scope->arena, "there are: %s", names));
}

static void check_header(struct lint *lint, const struct dl_message *message)
{
	long most = longest_header(lint->log);
	size_t len = strlen(message->subject);

	check_type(lint, message);
	if (count_characters(message->header) > (size_t)most)
		complain(lint, 1,
			 dl_arena_format(&lint->scope->arena, "the first line is longer than %ld characters",
					 most),
			 "say the rest below an empty line");
	if (message->kind && len > 1 && message->subject[len - 1] == '.' && message->subject[len - 2] != '.')
		complain(lint, 1, "the first line ends with a full stop", NULL);
}

/* ------------------------------------------------------------------ the rest */

static void check_lines(struct lint *lint, const char *text)
{
	static const char breaking[] = "BREAKING CHANGE";
	const char *line = text, *end;
	int number;

	for (number = 1; *line; number++, line = *end ? end + 1 : end) {
		end = strchrnul(line, '\n');
		if (number == 2 && end > line && strspn(line, " \t\r") != (size_t)(end - line))
			complain(lint, number, "the second line is not empty", NULL);
		if (strncasecmp(line, breaking, strlen(breaking)) == 0 && line[strlen(breaking)] == ':' &&
		    strncmp(line, breaking, strlen(breaking)) != 0)
			complain(lint, number, "a footer that says what breaks is written BREAKING CHANGE",
				 NULL);
	}
}

static bool is_utf8(const char *text)
{
	size_t len = strlen(text), size;

	for (; len; text += size, len -= size)
		if (!(size = dl_text_utf8(text, len)))
			return false;
	return true;
}

static int lint_message(struct dl_scope *scope, const struct dl_changelog *log, const char *name,
		    const char *text, bool draft, struct dl_sink *sink)
{
	struct lint lint = {.scope = scope, .log = log, .name = name, .sink = sink};
	struct dl_message message;

	text += strspn(text, " \t\r\n");
	dl_message_parse(scope, text, false, &message);
	if (!*message.header)
		complain(&lint, 1, "the message is empty", NULL);
	else if (is_temporary(message.header) && !draft)
		complain(&lint, 1, "this was to be melted into another commit", "git rebase -i --autosquash");
	else if (!is_temporary(message.header) && !is_from_git(message.header))
		check_header(&lint, &message);
	check_lines(&lint, text);
	if (!is_utf8(text))
		complain(&lint, 1, "the message is not UTF-8",
			 "git config i18n.commitEncoding says what it is");
	return lint.result < 0 ? -1 : lint.faults;
}

/* ------------------------------------------------------------------ where messages come from */

/* Leaves out what git will: comments, and all below the scissors. */
static const char *strip(struct dl_scope *scope, const char *text, const char *comment)
{
	static const char scissors[] = " ------------------------ >8 ------------------------";
	size_t len = strlen(comment);
	const char *line, *end;
	struct dl_buf kept;

	dl_buf_init(&kept, &scope->arena, DL_CAP_BODY);
	for (line = text; *line; line = *end ? end + 1 : end) {
		end = strchrnul(line, '\n');
		if (strncmp(line, comment, len) != 0)
			dl_buf_add(&kept, line, (size_t)(end - line) + (*end != '\0'));
		else if (dl_text_starts(line + len, scissors))
			break;
	}
	return kept.data;
}

static int lint_file(struct dl_scope *scope, const struct dl_changelog *log, const char *path,
		 struct dl_sink *sink)
{
	size_t len = 0;
	const char *text = dl_file_read(scope, path, DL_CAP_BODY, &len);
	int faults;

	if (!text)
		return -1;
	faults = lint_message(scope, log, path, strip(scope, text, log->comment), true, sink);
	if (faults < 0 || strlen(text) == len)
		return faults;
	return dl_fail(scope, DL_DATA, "%s has a NUL in it", dl_text_quote(&scope->arena, path));
}

static int lint_commits(struct dl_scope *scope, const struct dl_changelog *log, struct dl_sink *sink)
{
	const struct dl_commit *commit;
	int faults = 0, more = 0;
	struct dl_scope one;
	size_t i, n;

	for (i = 0; i < log->group_count; i++)
		for (n = log->groups[i].count; n > 0 && more >= 0; n--) {
			commit = log->groups[i].commits[n - 1];
			if (commit->merge)
				continue;
			dl_scope_open(&one, scope);
			more = lint_message(&one, log, dl_arena_copy(&one.arena, commit->sha, SHORT_SHA),
					    commit->message, false, sink);
			faults += more > 0 ? more : 0;
			if (dl_scope_close(&one))
				return -1;
		}
	return more < 0 ? -1 : faults;
}

/* ------------------------------------------------------------------ all of it */

/* Where faults go as text. */
struct printer {
	struct dl_sink sink;
	struct dl_out *out;
};

static int put_text(struct dl_sink *sink, struct dl_scope *scope, const struct dl_schema *schema,
		    const void *record)
{
	struct dl_out *out = ((struct printer *)sink)->out;
	const struct dl_check *check = record;
	const char *line = dl_arena_format(&scope->arena, "%s: %s%s%s\n",
					   dl_text_quote(&scope->arena, check->name), check->message,
					   check->hint ? "; " : "", check->hint ? check->hint : "");

	(void)schema;
	return dl_out_text(scope, out, line, strlen(line));
}

int dl_lint_run(struct dl_scope *scope, const struct dl_changelog_query *query,
		const struct dl_opt_list *operands, struct dl_out *out)
{
	const char *path = operands->count == 1 ? operands->items[0] : NULL;
	struct printer printer = {.sink.put = put_text, .out = out};
	struct dl_sink *sink = out->mode == DL_OUT_LINES ? &out->sink : &printer.sink;
	struct dl_changelog log;
	struct stat st;
	int faults = -1;

	path = dl_path_from(&scope->arena, query->dir, path);
	if (path && stat(path, &st) == 0 && S_ISREG(st.st_mode))
		return dl_changelog_configure(scope, query, &log) ? -1 : lint_file(scope, &log, path, sink);
	if (dl_changelog_open(scope, query, &log) == 0)
		faults = lint_commits(scope, &log, sink);
	dl_changelog_close(&log);
	return faults;
}
