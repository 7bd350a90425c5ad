/* Refs are taken in windows of up to WINDOW: each is resolved to its target here, in order, because looking
 * up credentials is no work for threads; then the window is worked on in WIDTH threads, each ref with a
 * scope, a list for its records and a file for its text; then the results are printed in order. A ref that
 * stands alone in its window, the common case, skips all that and prints as it goes. */
#include "lib/program/tool.h"

#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/path.h"
#include "lib/base/pool.h"
#include "lib/base/spool.h"
#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/base/url.h"
#include "lib/base/writer.h"
#include "lib/data/event.h"
#include "lib/data/line.h"
#include "lib/data/record.h"
#include "lib/net/cache.h"
#include "lib/program/complete.h"
#include "lib/provider/fallback.h"

enum { WINDOW = 64, WIDTH = 16, TIMEOUT_S = 30, RETRIES = 3 };

static int print_completion(struct dl_tool *tool)
{
	const char *script = dl_complete_script(&tool->scope, tool->program, dl_provider_table,
						tool->common.completion);

	return script && dl_out_text(&tool->scope, &tool->out, script, strlen(script)) >= 0 ? 1 : -1;
}

void dl_tool_note(struct dl_tool *tool, const char *format, ...)
{
	va_list args;

	if (tool->common.quiet)
		return;
	dl_tool_progress(tool, NULL);
	fprintf(stderr, "%s: ", tool->program->name);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

void dl_tool_progress(struct dl_tool *tool, const char *format, ...)
{
	va_list args;

	if (tool->common.quiet || !isatty(STDERR_FILENO))
		return;
	if (atomic_exchange(&tool->progress, format != NULL))
		fputs("\r\033[K", stderr);
	if (!format)
		return;
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fflush(stderr);
}

const char *dl_tool_path(struct dl_scope *scope, const struct dl_tool *tool, const char *path)
{
	return dl_path_from(&scope->arena, tool->common.dir, path);
}

struct dl_opt_list dl_tool_paths(struct dl_scope *scope, const struct dl_tool *tool,
				 const struct dl_opt_list *paths)
{
	const char **items = dl_arena_array(&scope->arena, paths->count + 1, sizeof *items);
	size_t i;

	for (i = 0; i < paths->count; i++)
		items[i] = dl_tool_path(scope, tool, paths->items[i]);
	return (struct dl_opt_list){items, paths->count};
}

bool dl_tool_expired(const struct dl_tool *tool, int64_t pause_ms)
{
	return tool->deadline_ms && dl_time_clock_ms() + pause_ms >= tool->deadline_ms;
}

/* The number in the first of NAMES that is set; OTHERWISE when none is. */
static int env_count(struct dl_scope *scope, const char *const *names, int otherwise)
{
	const char *text = NULL;
	int64_t number;

	for (; *names && !(text && *text); names++)
		text = getenv(*names);
	if (!text || !*text)
		return otherwise;
	number = dl_text_int(text);
	if (number < 0 || number > 86400)
		dl_fail(scope, DL_CONFIG, "%s: '%s' is not a count", names[-1],
			dl_text_quote(&scope->arena, text));
	return (int)number;
}

/* DL_TIMEOUT, or what a provider's own variable says. */
static int request_timeout(struct dl_scope *scope)
{
	const char *names[32] = {"DL_TIMEOUT"};
	const struct dl_provider *const *row;
	size_t count = 1;
	int seconds;

	for (row = dl_provider_table; *row && count < 31; row++)
		if ((*row)->timeout_env)
			names[count++] = (*row)->timeout_env;
	seconds = env_count(scope, names, TIMEOUT_S);
	return seconds ? seconds : TIMEOUT_S;
}

static int prepare(struct dl_tool *tool)
{
	struct dl_scope *scope = &tool->scope;
	static const char *const retries[] = {"DL_RETRIES", NULL};
	struct dl_http_options options = {
		.program = tool->program->name,
		.trace = tool->common.trace,
		.dry_run = tool->common.dry_run,
		.cache = tool->program->traceless ? NULL : dl_cache_folder(scope),
		.traceless = tool->program->traceless,
		.max_age_s = tool->common.max_age_s,
		.reserve = tool->common.reserve,
	};

	if (tool->common.timeout_s)
		tool->deadline_ms = tool->started_ms + tool->common.timeout_s * 1000;
	options.deadline_ms = tool->deadline_ms;
	options.timeout_s = request_timeout(scope);
	options.retries = env_count(scope, retries, RETRIES);
	if (scope->error.class != DL_OK)
		return -1;
	dl_out_close(&tool->out);
	if (dl_program_out(scope, &tool->common, &tool->out))
		return -1;
	tool->http = dl_http_open(scope, &options);
	tool->finder = (struct dl_finder){
		.scope = scope, .http = tool->http, .dir = tool->common.dir, .project = tool->common.project,
		.provider = tool->common.provider, .kind = tool->program->kind,
		.dry_run = tool->common.dry_run,
	};
	return 0;
}

/* Takes the place of standard files that are closed, or the first connection would be standard output.
 * Reading and writing them fails as before. */
static int fill_standard_files(struct dl_scope *scope)
{
	int fd;

	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) < 0)
			return dl_fail_errno(scope, "/dev/null");
	return 0;
}

int dl_tool_begin(struct dl_tool *tool, const struct dl_program *program, int argc, char **argv,
		  void *options)
{
	int result;

	memset(tool, 0, sizeof *tool);
	tool->program = program;
	tool->options = options;
	tool->started_ms = dl_time_clock_ms();
	tool->done = true;
	dl_scope_open(&tool->scope, NULL);
	dl_out_open(&tool->out, &tool->scope, stdout, DL_OUT_LINES, NULL);
	srandom((unsigned int)(tool->started_ms ^ getpid()));
	/* A reader that goes away shows as a failed write, so that the event line is still written. */
	signal(SIGPIPE, SIG_IGN);
	if (fill_standard_files(&tool->scope))
		return -1;
	result = dl_program_parse(&tool->scope, program, argc, argv, &tool->common, options, &tool->operands);
	if (result)
		return result;
	if (tool->common.completion)
		return print_completion(tool);
	if (prepare(tool))
		return -1;
	tool->done = false;
	return 0;
}

/* ------------------------------------------------------------------ one item after the other */

/* Text straight to standard output. */
struct direct_text {
	struct dl_writer writer;
	struct dl_out *out;
};

static int write_direct(struct dl_writer *writer, struct dl_scope *scope, const char *data, size_t len)
{
	struct dl_out *out = ((struct direct_text *)writer)->out;
	int result = dl_out_text(scope, out, data, len);

	return result == DL_MORE ? dl_out_flush(scope, out) : result;
}

/* One ref and what became of it. */
struct item {
	struct dl_scope scope;
	struct dl_ref ref;
	struct dl_call call;
	enum dl_class answer;
	struct dl_sink_list list;
	struct dl_spool spool;
	struct item *next; /* that is kept for later */
};

struct batch {
	struct dl_tool *tool;
	int (*work)(struct dl_scope *scope, const struct dl_call *call);
	struct item items[WINDOW];
	size_t count;
	bool keep;            /* what comes in is kept for later: nothing is worked on yet */
	struct item *first, **last;
	struct dl_sink *sink; /* of what prints as it goes */
	bool alone; /* its one item is all that was asked for: a failure is the program's */
	enum dl_class failure; /* of the item that failed last */
};

static void print_error(struct dl_tool *tool, const char *about, const struct dl_error *error)
{
	dl_tool_progress(tool, NULL);
	if (!tool->discreet || !tool->common.quiet)
		dl_program_error(tool->program, about, error);
}

/* A failure as a line in the place of what it failed to say. */
static int put_error_line(struct dl_scope *scope, const struct dl_call *call, const struct dl_error *error)
{
	struct dl_error_line *line = dl_schema_new(scope, &dl_record_error);

	line->ref = call->about;
	line->provider = call->ref ? call->ref->provider : NULL;
	line->host = call->target ? call->target->host : call->ref ? call->ref->host : NULL;
	line->project = call->ref ? call->ref->project : NULL;
	line->class = dl_fail_word(error->class);
	line->exit = error->class;
	line->message = error->message;
	line->hint = error->hint;
	if (error->class == DL_LIMITED && error->retry_after_s)
		line->retry_after_s = error->retry_after_s;
	if (error->status)
		line->status = error->status;
	return call->tool->program->text || call->tool->discreet
		       ? DL_MORE
		       : dl_sink_put(&call->tool->out.sink, scope, &dl_record_error, line);
}

int dl_tool_tell(struct dl_scope *scope, const struct dl_call *call, const struct dl_error *error)
{
	print_error(call->tool, call->about ? dl_text_quote(&scope->arena, call->about) : NULL, error);
	return put_error_line(scope, call, error);
}

/* The answer over all items: no before pending before missing. A failure of what came in outlives them
 * all. */
static void answer(struct dl_tool *tool, enum dl_class class)
{
	bool ours = tool->answer == DL_NO || tool->answer == DL_PENDING || tool->answer == DL_MISSING;

	if (class != DL_OK &&
	    (tool->answer == DL_OK || (ours && (class < tool->answer || class > DL_MISSING))))
		tool->answer = class;
}

/* The same for something that failed outside of the work: in a discreet program that is no answer. */
static void fall_short(struct dl_tool *tool, enum dl_class class)
{
	if (tool->discreet)
		tool->failure = class;
	else
		answer(tool, class);
}

static void work_on(void *arg, size_t index)
{
	struct batch *batch = arg;
	struct item *item = &batch->items[index];

	if (item->scope.error.class == DL_OK)
		batch->work(&item->scope, &item->call);
}

/* Prints what ITEM has kept. */
static int print_kept(struct dl_tool *tool, struct item *item)
{
	struct direct_text text = {.writer.write = write_direct, .out = &tool->out};
	int result = DL_MORE;
	size_t i;

	for (i = 0; i < item->list.count && result == DL_MORE; i++)
		result = dl_sink_put(&tool->out.sink, &tool->scope, item->list.schema,
				     dl_sink_item(&item->list, i));
	if (result == DL_MORE)
		result = dl_spool_replay(&tool->scope, &item->spool, &text.writer);
	return result == DL_MORE ? dl_out_flush(&tool->scope, &tool->out) : result;
}

/* Prints and counts what became of ITEM. */
static void finish(struct batch *batch, struct item *item)
{
	struct dl_tool *tool = batch->tool;
	struct dl_error error;

	DL_BUG_IF(print_kept(tool, item) < 0 && tool->scope.error.class == DL_OK);
	answer(tool, item->answer);
	if (item->scope.error.class != DL_OK && batch->alone) {
		if (tool->scope.error.class == DL_OK)
			tool->scope.error = dl_fail_take(&item->scope, &tool->scope.arena);
	} else if (item->scope.error.class != DL_OK) {
		error = dl_fail_take(&item->scope, &item->scope.arena);
		batch->failure = error.class;
		if (dl_tool_tell(&item->scope, &item->call, &error) >= 0)
			fall_short(tool, tool->discreet ? error.class : DL_NO);
	}
	dl_spool_close(&item->spool);
	dl_scope_close(&item->scope);
}

/* A serverless provider may fork, which is safe only where there are no other threads. */
static size_t width_of(const struct batch *batch)
{
	const struct dl_target *target;
	size_t i;

	for (i = 0; i < batch->count; i++) {
		target = batch->items[i].call.target;
		if (target && target->provider->serverless)
			return 1;
	}
	return WIDTH;
}

/* Puts what is in the window aside; what failed already is told now. */
static void keep_window(struct batch *batch)
{
	struct item *item;
	size_t i;

	for (i = 0; i < batch->count; i++) {
		if (batch->items[i].scope.error.class != DL_OK) {
			finish(batch, &batch->items[i]);
			continue;
		}
		item = dl_arena_alloc(&batch->tool->scope.arena, sizeof *item);
		*item = batch->items[i];
		item->call.ref = &item->ref;
		item->call.answer = &item->answer;
		item->call.sink = batch->sink;
		*batch->last = item;
		batch->last = &item->next;
	}
	batch->count = 0;
}

/* Works on the window. What stands in it alone prints as it goes: that may take hours when a log is
 * followed. */
static void run_window(struct batch *batch)
{
	struct direct_text text = {.writer.write = write_direct, .out = &batch->tool->out};
	size_t i;

	if (batch->keep) {
		keep_window(batch);
		return;
	}
	for (i = 0; i < batch->count; i++) {
		struct item *item = &batch->items[i];

		dl_spool_open(&item->spool);
		dl_sink_list(&item->list, &item->scope, 0);
		item->call.answer = &item->answer;
		item->call.sink = batch->count == 1 ? batch->sink : &item->list.sink;
		item->call.text = batch->count == 1 ? &text.writer : &item->spool.writer;
	}
	dl_pool_map(batch->count, width_of(batch), work_on, batch);
	for (i = 0; i < batch->count; i++)
		finish(batch, &batch->items[i]);
	batch->count = 0;
}

/* Keeps in mind who is asked: of several what they have in common. */
static void note_target(struct dl_tool *tool, const struct dl_target *target)
{
	struct dl_arena *arena = &tool->scope.arena;
	const struct dl_target *before = tool->about;
	struct dl_target *about;

	if (!target)
		return;
	if (before && before->provider == target->provider && dl_text_same(before->host, target->host) &&
	    dl_text_same(before->project, target->project))
		return;
	about = dl_arena_alloc(arena, sizeof *about);
	if (!before) {
		about->provider = target->provider;
		about->host = dl_arena_string(arena, target->host);
		about->project = dl_arena_string(arena, target->project);
	} else if (before->provider && before->provider == target->provider) {
		about->provider = before->provider;
		about->host = dl_text_same(before->host, target->host) ? before->host : NULL;
	}
	tool->about = about;
}

/* Adds the ref in TEXT to the window, resolved; runs the window when it is full. */
static void add_ref(struct batch *batch, const char *text)
{
	struct dl_tool *tool = batch->tool;
	struct item *item = &batch->items[batch->count];

	memset(item, 0, sizeof *item);
	dl_scope_open(&item->scope, NULL);
	item->call.about = strstr(text, "://") ? dl_url_redact(&item->scope.arena, text)
					       : dl_arena_string(&item->scope.arena, text);
	item->call.tool = tool;
	item->call.options = tool->options;
	item->call.ref = &item->ref;
	if (dl_ref_parse(&item->scope, text, &item->ref) == 0)
		item->call.target = dl_target_of(&item->scope, &tool->finder, &item->ref);
	else
		item->call.ref = NULL;
	tool->answered++;
	note_target(tool, item->call.target);
	if (++batch->count == WINDOW)
		run_window(batch);
}

/* ------------------------------------------------------------------ where refs come from */

/* An `error` line from upstream is passed on, and its class is what we exit with. */
static void pass_error_on(struct batch *batch, struct dl_scope *scope, const struct dl_line *line)
{
	struct dl_error_line *record = dl_schema_new(scope, &dl_record_error);

	run_window(batch);
	if (dl_schema_decode(scope, &dl_record_error, line->node, record))
		return;
	if (batch->tool->program->text || batch->tool->discreet ||
	    dl_sink_put(&batch->tool->out.sink, scope, &dl_record_error, record) >= 0)
		fall_short(batch->tool, dl_fail_class(record->class));
}

/* What is no ref is a malformed line here, not a mistake on the command line. */
static int check_ref(struct dl_scope *scope, const struct dl_line *line)
{
	struct dl_ref ref;

	if (!line->ref)
		return dl_fail(scope, DL_DATA, "line %ld: it has no ref", line->number);
	if (dl_ref_parse(scope, line->ref, &ref) == 0)
		return 0;
	scope->error.class = DL_DATA;
	return dl_fail_prefix(scope, "line %ld", line->number);
}

/* One line: a ref to work on, an error to pass on, or a mistake to tell. False at the end. */
static bool read_line(struct batch *batch, struct dl_lines *lines)
{
	struct dl_tool *tool = batch->tool;
	struct dl_error error;
	struct dl_line line;
	struct dl_scope scope;
	int result;
	bool going;

	dl_scope_open(&scope, NULL);
	result = dl_line_next(&scope, lines, &line);
	going = result != 0 && scope.error.class != DL_SYSTEM;
	if (result > 0 && dl_text_same(line.type, "error"))
		pass_error_on(batch, &scope, &line);
	else if (result > 0 && check_ref(&scope, &line) == 0)
		add_ref(batch, line.ref);
	if (scope.error.class != DL_OK) {
		run_window(batch);
		error = dl_fail_take(&scope, &scope.arena);
		print_error(tool, NULL, &error);
		/* Who reads lines learns of it; among bare values it would be an empty line. */
		if (tool->common.fields ||
		    put_error_line(&scope, &(struct dl_call){.tool = tool}, &error) >= 0)
			fall_short(tool, error.class);
	}
	dl_scope_close(&scope);
	return going && tool->scope.error.class == DL_OK && !tool->out.closed;
}

static void read_refs(struct batch *batch)
{
	struct dl_tool *tool = batch->tool;
	struct dl_lines lines;

	dl_line_open(&lines, &tool->scope.arena, STDIN_FILENO);
	/* A program that writes now and then is answered as it writes. */
	while (read_line(batch, &lines))
		if (!dl_line_ready(&lines))
			run_window(batch);
	run_window(batch);
	if (tool->answered == 1 && tool->answer == DL_NO && batch->failure)
		tool->answer = batch->failure;
	if (!tool->answered && tool->answer == DL_OK) {
		dl_fail(&tool->scope, DL_MISSING, "nothing came in on standard input");
		dl_fail_hint(&tool->scope,
			     "the program before this one in the pipe found nothing, or failed");
	}
}

/* Whether TARGET, who has failed or could not even be found, is to be followed by the next of the chain: it
 * is unavailable, and nothing has been printed. */
static bool is_next_due(const struct dl_tool *tool, const struct dl_target *target)
{
	return tool->finder.chain && dl_fallback_due(target, &tool->scope.error) && !tool->out.count &&
	       !dl_http_stats(tool->http).acted;
}

/* Takes note of why the one before was asked in vain, and finds the next of the chain. */
static const struct dl_target *fall_back(struct dl_tool *tool, struct dl_fallback *fallback)
{
	const char *name = tool->finder.chosen;
	struct dl_error error = dl_fail_take(&tool->scope, &tool->scope.arena);

	dl_tool_note(tool, "%s is unavailable: %s; asking %.*s", name, error.message,
		     (int)strcspn(tool->finder.chain, ","), tool->finder.chain);
	dl_fallback_add(fallback, name, &error);
	return dl_target_next(&tool->finder);
}

void dl_tool_here(struct dl_tool *tool, int (*work)(struct dl_scope *scope, const struct dl_call *call))
{
	struct batch *batch = dl_arena_alloc(&tool->scope.arena, sizeof *batch);
	const struct dl_target *target = dl_target_here(&tool->finder);
	struct dl_fallback fallback;

	dl_fallback_open(&fallback, &tool->scope.arena, &tool->out.sink);
	for (;;) {
		*batch = (struct batch){.tool = tool, .work = work, .sink = &fallback.sink, .alone = true};
		if (target) {
			tool->about = NULL;
			batch->items[0].call = (struct dl_call){
				.tool = tool, .options = tool->options, .target = target};
			batch->count = 1;
			note_target(tool, target);
			run_window(batch);
		}
		if (!is_next_due(tool, target))
			break;
		target = fall_back(tool, &fallback);
	}
}

/* Takes in the refs that are due. False when none are: this place is meant. */
static bool take_in(struct batch *batch)
{
	struct dl_tool *tool = batch->tool;
	const struct dl_opt_list *operands = &tool->operands;
	bool dash = operands->count == 1 && strcmp(operands->items[0], "-") == 0;
	size_t i;

	batch->sink = &tool->out.sink;
	batch->alone = operands->count == 1;
	if (!operands->count && tool->program->takes == DL_TAKES_REFS && isatty(STDIN_FILENO)) {
		dl_fail(&tool->scope, DL_USAGE, "about what? give refs as arguments or on standard input");
		dl_fail_hint(&tool->scope, "%s", tool->program->example);
	} else if (dash || (!operands->count && tool->program->takes == DL_TAKES_REFS)) {
		batch->alone = false;
		read_refs(batch);
	} else {
		for (i = 0; i < operands->count; i++)
			add_ref(batch, operands->items[i]);
		run_window(batch);
		return operands->count > 0;
	}
	return true;
}

void dl_tool_each(struct dl_tool *tool, int (*work)(struct dl_scope *scope, const struct dl_call *call))
{
	struct batch *batch = dl_arena_alloc(&tool->scope.arena, sizeof *batch);

	batch->tool = tool;
	batch->work = work;
	if (!take_in(batch))
		dl_tool_here(tool, work);
}

void dl_tool_all(struct dl_tool *tool,
		 int (*work)(struct dl_scope *scope, const struct dl_call *calls, size_t count))
{
	struct batch *batch = dl_arena_alloc(&tool->scope.arena, sizeof *batch);
	struct dl_call *calls;
	struct item *item;
	size_t count = 0;

	batch->tool = tool;
	batch->keep = true;
	batch->last = &batch->first;
	DL_BUG_IF(!take_in(batch) && tool->program->takes != DL_TAKES_REFS);
	for (item = batch->first; item; item = item->next)
		count++;
	calls = dl_arena_array(&tool->scope.arena, count, sizeof *calls);
	for (item = batch->first, count = 0; item; item = item->next)
		calls[count++] = item->call;
	if (count && tool->scope.error.class == DL_OK)
		DL_BUG_IF(work(&tool->scope, calls, count) < 0 && tool->scope.error.class == DL_OK);
	for (item = batch->first; item; item = item->next) {
		answer(tool, item->answer);
		dl_scope_close(&item->scope);
	}
}

/* ------------------------------------------------------------------ the end */

/* One line in the event log. */
static void write_event(struct dl_tool *tool, enum dl_class class)
{
	struct dl_http_stats stats = tool->http ? dl_http_stats(tool->http)
						: (struct dl_http_stats){.rate_remaining = DL_INT_NONE};
	struct dl_arena *arena = &tool->scope.arena;
	struct dl_event *event = dl_schema_new(&tool->scope, &dl_record_event);

	if (tool->about && tool->about->provider)
		event->head = dl_provider_head(arena, tool->about, NULL, NULL);
	event->time = dl_time_now();
	event->program = tool->program->name;
	event->operation = tool->program->name + strlen("dl-");
	event->class = dl_fail_word(class);
	event->duration_s = dl_event_seconds(arena, dl_time_clock_ms() - tool->started_ms);
	event->requests = stats.requests;
	event->not_modified = stats.not_modified;
	event->from_disk = stats.from_disk;
	event->sent_bytes = stats.sent_bytes;
	event->received_bytes = stats.received_bytes;
	event->retries = stats.retries;
	event->waited_s = dl_event_seconds(arena, stats.waited_ms);
	event->rate_remaining = stats.rate_remaining;
	event->mutated = stats.mutated;
	if (tool->http)
		event->changed = dl_http_changes(tool->http);
	event->detail = tool->detail;
	dl_event_write(event);
}

int dl_tool_end(struct dl_tool *tool)
{
	bool wrong = tool->done && tool->scope.error.class != DL_OK, printed = tool->done && !wrong;
	enum dl_class class;

	dl_tool_progress(tool, NULL);
	if (tool->scope.error.class == DL_OK && dl_out_flush(&tool->scope, &tool->out) < 0)
		tool->answer = DL_OK;
	class = tool->scope.error.class != DL_OK ? tool->scope.error.class
		: tool->answer != DL_OK		 ? tool->answer
						 : tool->failure;
	if (tool->scope.error.class != DL_OK) {
		fflush(stdout);
		print_error(tool, NULL, &tool->scope.error);
		tool->detail = tool->scope.error.message;
		if (tool->out.count && !tool->program->text && tool->out.mode == DL_OUT_LINES)
			put_error_line(&tool->scope, &(struct dl_call){.tool = tool},
				       &tool->scope.error);
	}
	if (!printed && !tool->program->traceless)
		write_event(tool, class);
	dl_target_close(&tool->finder);
	dl_http_close(tool->http);
	dl_out_close(&tool->out);
	dl_scope_close(&tool->scope);
	return (int)class;
}
