#include "lib/provider/plugin.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/folder.h"
#include "lib/base/proc.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/base/url.h"
#include "lib/base/writer.h"
#include "lib/data/json.h"
#include "lib/data/record.h"
#include "lib/provider/provider.h"

enum {
	PATH_CAP = 64 << 10,
	REPLY_CAP = 64 << 20,
	ERRORS_CAP =
		4 << 10, /* of standard error, whose last line is a message where there is no better one */
	TRACE_CAP = 64 << 10, /* the same when all of it is shown */
	CAPS_TIMEOUT_MS = 5000,
	SIGNALLED = 128, /* an exit code of so much and more: a signal's number above it */
};

static const char program_prefix[] = "dl-provider-", token_prefix[] = "DL_TOKEN_";

/* Finding */

/* A folder with a ':' in its name cannot stand on a path. */
static void add_folder(struct dl_buf *path, const char *folder)
{
	if (folder && *folder == '/' && !strchr(folder, ':'))
		dl_buf_printf(path, "%s:", folder);
}

/* libexec/devloop/providers beside the folder "bin" that the running program stands in; NULL: it stands
 * elsewhere, or the system does not tell. */
static const char *own_folder(struct dl_scope *scope)
{
	char *self = dl_arena_alloc(&scope->arena, PATH_CAP), *slash;
	ssize_t len = readlink("/proc/self/exe", self, PATH_CAP - 1);

	slash = len > 0 ? strrchr(self, '/') : NULL;
	if (!slash)
		return NULL;
	*slash = '\0';
	if (!dl_text_ends(self, "/bin"))
		return NULL;
	return dl_arena_format(&scope->arena, "%.*slibexec/devloop/providers", (int)(strlen(self) - 3), self);
}

/* All folders where a plugin may be, as a path. */
static const char *search_path(struct dl_scope *scope)
{
	const char *named = getenv("DL_PROVIDER_PATH"), *data = dl_folder_data(scope);
	struct dl_buf path;

	dl_buf_init(&path, &scope->arena, PATH_CAP);
	if (named)
		dl_buf_printf(&path, "%s:", named);
	if (data)
		add_folder(&path, dl_arena_format(&scope->arena, "%s/providers", data));
	add_folder(&path, own_folder(scope));
	dl_buf_puts(&path, dl_proc_path());
	return path.data;
}

static const char *find_program(struct dl_scope *scope, const char *path, const char *name)
{
	if (!dl_text_is_name(name))
		return NULL;
	return dl_proc_find_in(scope, path, dl_arena_format(&scope->arena, "%s%s", program_prefix, name));
}

/* The names found so far, in order. */
struct list {
	const char **items;
	size_t count, room;
};

static void add_name(struct dl_scope *scope, struct list *list, const char *name)
{
	size_t room = list->room ? list->room * 2 : 16, at = 0;

	while (at < list->count && strcmp(list->items[at], name) < 0)
		at++;
	if (at < list->count && strcmp(list->items[at], name) == 0)
		return;
	if (list->count == list->room) {
		list->items = dl_arena_grow(&scope->arena, list->items, list->room * sizeof *list->items,
					    room * sizeof *list->items);
		list->room = room;
	}
	memmove(list->items + at + 1, list->items + at, (list->count++ - at) * sizeof *list->items);
	list->items[at] = dl_arena_string(&scope->arena, name);
}

/* Adds the plugins in FOLDER. */
static void look_in(struct dl_scope *scope, const char *folder, struct list *list)
{
	const struct dirent *entry;
	const char *name;
	DIR *stream = opendir(folder);

	while (stream && (entry = readdir(stream))) {
		name = entry->d_name + strlen(program_prefix);
		if (dl_text_starts(entry->d_name, program_prefix) && !dl_provider_find(name) &&
		    find_program(scope, folder, name))
			add_name(scope, list, name);
	}
	if (stream)
		closedir(stream);
}

struct dl_names dl_plugin_names(struct dl_scope *scope)
{
	const char *path = search_path(scope);
	struct list list = {0};
	size_t len;

	for (;; path += len + 1) {
		len = strcspn(path, ":");
		if (*path == '/')
			look_in(scope, dl_arena_copy(&scope->arena, path, len), &list);
		if (!path[len])
			return (struct dl_names){.items = list.items, .count = list.count};
	}
}

/* Asking */

/* A reply on its way from the pieces that come to lines. */
struct reply {
	struct dl_writer writer;
	struct dl_plugin_call *call;
	struct dl_buf line;
	const struct dl_error_line *error; /* the last line, of type error; NULL: none came */
	size_t bytes;
};

/* TEXT with *** in place of each SECRET. */
static const char *replace(struct dl_scope *scope, const char *text, const char *secret)
{
	struct dl_buf masked;
	const char *at;

	dl_buf_init(&masked, &scope->arena, DL_CAP_LINE);
	for (; (at = strstr(text, secret)); text = at + strlen(secret)) {
		dl_buf_add(&masked, text, (size_t)(at - text));
		dl_buf_puts(&masked, "***");
	}
	dl_buf_puts(&masked, text);
	return masked.data;
}

/* The same, also where it stands as it does in the request: as JSON. */
static const char *mask(struct dl_scope *scope, const char *text, const char *secret)
{
	struct dl_buf json;

	if (!text || !secret || !*secret)
		return text;
	dl_buf_init(&json, &scope->arena, DL_CAP_LINE);
	dl_json_quote(&json, secret, strlen(secret));
	text = replace(scope, text, dl_arena_copy(&scope->arena, json.data + 1, json.len - 2));
	return replace(scope, text, secret);
}

/* The same, safe for a message. */
static const char *show(struct dl_scope *scope, const char *text, const char *secret)
{
	return dl_text_quote(&scope->arena, mask(scope, text, secret));
}

static int fail_line(struct dl_scope *scope, const struct dl_plugin_call *call)
{
	return dl_fail_prefix(scope, "%s: line %ld", call->provider->name, call->reader->number);
}

/* Keeps the error line NODE for the program's end. */
static int keep_error(struct dl_scope *scope, struct reply *reply, const struct dl_json *node)
{
	struct dl_error_line *error = dl_schema_new(scope, &dl_record_error);

	if (dl_schema_decode(scope, &dl_record_error, node, error))
		return fail_line(scope, reply->call);
	reply->error = dl_schema_copy(scope->parent, &dl_record_error, error);
	return 0;
}

/* Takes the line that is complete. */
static int take_line(struct dl_scope *scope, struct reply *reply)
{
	struct dl_plugin_reader *reader = reply->call->reader;
	const struct dl_json *node;

	reader->number++;
	if (!reply->line.data[strspn(reply->line.data, " \t\r")] &&
	    strlen(reply->line.data) == reply->line.len)
		return 0;
	node = dl_json_parse(scope, reply->line.data, reply->line.len);
	if (node && node->type != DL_JSON_OBJECT)
		dl_fail(scope, DL_DATA, "it is no JSON object");
	else if (node && reply->error)
		dl_fail(scope, DL_DATA, "something comes after the error");
	if (scope->error.class != DL_OK)
		return fail_line(scope, reply->call);
	if (dl_text_same(dl_json_text(node, "type"), "error"))
		return keep_error(scope, reply, node);
	return reader->take(reader, scope, node);
}

/* The same with memory of its own. */
static int end_line(struct dl_scope *scope, struct reply *reply)
{
	struct dl_scope own;
	int result;

	dl_scope_open(&own, scope);
	result = take_line(&own, reply);
	if (dl_scope_close(&own))
		result = -1;
	dl_buf_reset(&reply->line);
	return result;
}

static int add_piece(struct dl_scope *scope, struct reply *reply, const char *data, size_t len)
{
	dl_buf_add(&reply->line, data, len);
	if (!reply->line.overflow)
		return 0;
	reply->call->reader->number++;
	dl_fail(scope, DL_DATA, "it is longer than %zu bytes", reply->line.cap);
	return fail_line(scope, reply->call);
}

static int read_lines(struct dl_writer *writer, struct dl_scope *scope, const char *data, size_t len)
{
	struct reply *reply = (struct reply *)writer;
	const char *end;
	int result = 0;
	size_t part;

	reply->bytes += len;
	for (; len && result == 0; data += part, len -= part) {
		end = memchr(data, '\n', len);
		part = end ? (size_t)(end - data) : len;
		result = add_piece(scope, reply, data, part);
		if (end && result == 0) {
			result = end_line(scope, reply);
			part++;
		}
	}
	return result;
}

static int pass_bytes(struct dl_writer *writer, struct dl_scope *scope, const char *data, size_t len)
{
	struct reply *reply = (struct reply *)writer;

	reply->bytes += len;
	return reply->call->writer->write(reply->call->writer, scope, data, len);
}

/* What a plugin's environment has not: every variable with a token. */
static const char *const *withheld(struct dl_scope *scope)
{
	const struct dl_provider *const *row;
	const char *const *name;
	const char **list;
	size_t count = 1, used = 0, i;

	for (i = 0; environ[i]; i++)
		count++;
	for (row = dl_provider_table; *row; row++)
		for (name = (*row)->token_env; name && *name; name++)
			count++;
	list = dl_arena_array(&scope->arena, count, sizeof *list);
	for (i = 0; environ[i]; i++)
		if (dl_text_starts(environ[i], token_prefix))
			list[used++] = dl_arena_copy(&scope->arena, environ[i], strcspn(environ[i], "="));
	for (row = dl_provider_table; *row; row++)
		for (name = (*row)->token_env; name && *name; name++)
			list[used++] = *name;
	return list;
}

/* The last line of TEXT that is not blank; NULL: there is none. */
static const char *last_line(struct dl_scope *scope, const char *text)
{
	size_t len = strlen(text), start;

	while (len && strchr(" \t\r\n", text[len - 1]))
		len--;
	for (start = len; start && text[start - 1] != '\n'; start--)
		;
	return len ? dl_arena_copy(&scope->arena, text + start, len - start) : NULL;
}

static bool is_failure(int code)
{
	const struct dl_fail_row *row;

	for (row = dl_fail_table; row->word; row++)
		if ((int)row->class == code)
			return code != DL_OK && code != DL_NO && code != DL_PENDING && code != DL_BUG;
	return false;
}

static int fail_hint(struct dl_scope *scope, const struct dl_plugin_call *call)
{
	const struct dl_provider *provider = call->provider;

	if (scope->error.class == DL_AUTH && !call->secret && provider->token_env)
		return dl_fail_hint(scope, "there is no token for %s: set %s", provider->name,
				    provider->token_env[0]);
	if (provider->doc)
		return dl_fail_hint(scope, "see %s", show(scope, provider->doc, call->secret));
	return -1;
}

/* Fails for an error line, which goes with an exit code that says the same. */
static int fail_as_told(struct dl_scope *scope, const struct dl_plugin_call *call,
			const struct dl_error_line *error, int code)
{
	const char *name = call->provider->name;

	if (!is_failure(code))
		return dl_fail(scope, DL_DATA, "%s: '%s' ended with exit code %d and an error: %s", name,
			       call->operation, code, show(scope, error->message, call->secret));
	dl_fail(scope, (enum dl_class)code, "%s: %s", name, show(scope, error->message, call->secret));
	if (error->hint)
		dl_fail_hint(scope, "%s", show(scope, error->hint, call->secret));
	if (error->retry_after_s > 0 && error->retry_after_s <= INT32_MAX)
		scope->error.retry_after_s = (long)error->retry_after_s;
	if (error->status > 0 && error->status < 1000)
		scope->error.status = (int)error->status;
	return fail_hint(scope, call);
}

/* Fails for an exit code alone. */
static int fail_as_ended(struct dl_scope *scope, const struct dl_plugin_call *call,
			 const struct dl_proc_result *result)
{
	const char *said = last_line(scope, result->errors), *name = call->provider->name;
	const char *how = result->status > SIGNALLED
				  ? dl_arena_format(&scope->arena, "signal %d", result->status - SIGNALLED)
				  : dl_arena_format(&scope->arena, "exit code %d", result->status);
	enum dl_class class = is_failure(result->status) ? (enum dl_class)result->status : DL_DATA;

	dl_fail(scope, class, "%s: '%s' ended with %s%s%s", name, call->operation, how, said ? ": " : "",
		said ? show(scope, said, call->secret) : "");
	return fail_hint(scope, call);
}

/* After a failure of ours: the program cannot be executed, it is late, or its reply is not taken. */
static int fail_to_run(struct dl_scope *scope, const struct reply *reply)
{
	if (scope->error.class == DL_MISSING && !reply->bytes)
		scope->error.class = DL_SYSTEM;
	if (scope->error.class == DL_NETWORK && reply->call->timeout_ms != CAPS_TIMEOUT_MS)
		dl_fail_hint(scope, "DL_TIMEOUT=SECONDS waits longer");
	return -1;
}

/* Each line of TEXT on standard error, behind the names of who is at work. */
static void trace_text(struct dl_scope *scope, const struct dl_plugin_call *call, const char *text)
{
	const char *line, *end;
	struct dl_buf clean;

	dl_buf_init(&clean, &scope->arena, DL_CAP_LINE);
	dl_text_clean(&clean, text, strlen(text), false);
	for (line = clean.data; *line; line = *end ? end + 1 : end) {
		end = strchrnul(line, '\n');
		fprintf(stderr, "%s: %s: %.*s\n", call->trace, call->provider->name, (int)(end - line), line);
	}
}

static void trace(struct dl_scope *scope, const struct dl_plugin_call *call,
		  const struct dl_proc_result *result, const struct reply *reply, int64_t started_ms)
{
	const char *program = dl_text_quote(&scope->arena, call->provider->program);

	if (!call->trace)
		return;
	fprintf(stderr, "%s: %s %s < %s\n", call->trace, program, call->operation,
		mask(scope, call->request, call->secret));
	if (result->errors)
		trace_text(scope, call, mask(scope, result->errors, call->secret));
	fprintf(stderr, "%s: %s %s: %d, %zu bytes, %.3f s\n", call->trace, program, call->operation,
		result->status, reply->bytes, (double)(dl_time_clock_ms() - started_ms) / 1000);
}

static int judge(struct dl_scope *scope, struct reply *reply, const struct dl_proc_result *result)
{
	struct dl_plugin_call *call = reply->call;

	/* A program that failed may have been cut short in the middle of a line. */
	if (reply->line.len && end_line(scope, reply) < 0) {
		if (scope->error.class != DL_DATA || !is_failure(result->status))
			return -1;
		dl_fail_take(scope, &scope->arena);
	}
	if (reply->error)
		return fail_as_told(scope, call, reply->error, result->status);
	if (result->status != DL_OK && result->status != DL_NO && result->status != DL_PENDING)
		return fail_as_ended(scope, call, result);
	call->answer = (enum dl_class)result->status;
	return 0;
}

int dl_plugin_run(struct dl_scope *scope, struct dl_plugin_call *call)
{
	const char *argv[] = {call->provider->program, call->operation, NULL};
	const char *input = dl_arena_format(&scope->arena, "%s\n", call->request);
	struct reply reply = {.writer.write = call->writer ? pass_bytes : read_lines, .call = call};
	struct dl_proc proc = {
		.argv = argv,
		.env = withheld(scope),
		.input = input,
		.input_len = strlen(input),
		.cap = call->writer ? 0 : REPLY_CAP,
		.timeout_ms = call->timeout_ms,
		.patient = call->writer != NULL,
		.errors_cap = call->trace ? TRACE_CAP : ERRORS_CAP,
	};
	int64_t started_ms = dl_time_clock_ms();
	struct dl_proc_result result;
	int outcome;

	call->answer = DL_OK;
	if (call->reader)
		call->reader->number = 0;
	dl_buf_init(&reply.line, &scope->arena, DL_CAP_LINE);
	outcome = dl_proc_stream(scope, &proc, &reply.writer, &result);
	trace(scope, call, &result, &reply, started_ms);
	if (outcome < 0)
		return fail_to_run(scope, &reply);
	return outcome == 0 ? judge(scope, &reply, &result) : outcome;
}

/* What a plugin can do */

struct caps {
	struct dl_plugin_reader reader;
	struct dl_scope *keep;
	const char *name; /* of the plugin */
	int64_t version;
	const char *kinds, *ops, *title, *doc, *host;
	int remote; /* -1: it does not say */
};

static const char *keep_text(const struct caps *caps, const struct dl_json *node, const char *name)
{
	return dl_arena_string(&caps->keep->arena, dl_json_text(node, name));
}

static int take_caps(struct dl_plugin_reader *reader, struct dl_scope *scope, const struct dl_json *node)
{
	struct caps *caps = (struct caps *)reader;

	if (caps->version)
		return dl_fail(scope, DL_DATA, "%s: line %ld: its caps are one line", caps->name,
			       reader->number);
	caps->version = dl_json_int(dl_json_get(node, "v"));
	caps->kinds = keep_text(caps, node, "kinds");
	caps->ops = keep_text(caps, node, "ops");
	caps->title = keep_text(caps, node, "title");
	caps->doc = keep_text(caps, node, "doc");
	caps->host = keep_text(caps, node, "host");
	caps->remote = dl_json_bool(dl_json_get(node, "remote"));
	return 0;
}

/* A name, and a port at most, as records write a host. */
static bool is_host(struct dl_scope *scope, const char *host)
{
	struct dl_scope attempt;
	struct dl_url url;
	bool valid;

	dl_scope_open(&attempt, NULL);
	valid = dl_url_parse(&attempt, dl_arena_format(&scope->arena, "https://%s", host), &url) == 0 &&
		dl_text_same(dl_url_authority(&attempt.arena, &url), host);
	dl_scope_close(&attempt);
	return valid;
}

static int check_caps(struct dl_scope *scope, const struct caps *caps)
{
	if (!caps->version)
		return dl_fail(scope, DL_DATA, "it printed no caps");
	if (caps->version == DL_INT_NONE || !caps->kinds || !caps->ops)
		return dl_fail(scope, DL_DATA, "its caps lack v, kinds or ops");
	if (caps->version != DL_PLUGIN_VERSION) {
		dl_fail(scope, DL_CONFIG, "it speaks version %lld of the protocol, and not %d",
			(long long)caps->version, DL_PLUGIN_VERSION);
		return dl_fail_hint(scope, "get one that goes with this DevLoop");
	}
	if (caps->host && !is_host(scope, caps->host))
		return dl_fail(scope, DL_DATA, "'%s' is no host", dl_text_quote(&scope->arena, caps->host));
	return 0;
}

/* DL_TOKEN_NAME, as the one variable of a list. */
static const char *const *token_env(struct dl_scope *scope, const char *name)
{
	const char **list = dl_arena_array(&scope->arena, 2, sizeof *list);
	char *variable = dl_arena_format(&scope->arena, "%s%s", token_prefix, name), *byte;

	for (byte = variable + strlen(token_prefix); *byte; byte++) {
		if (*byte >= 'a' && *byte <= 'z')
			*byte = (char)(*byte - ('a' - 'A'));
		else if (*byte == '-' || *byte == '.')
			*byte = '_';
	}
	list[0] = variable;
	return list;
}

static const struct dl_provider *ask_caps(struct dl_scope *scope, const char *name, const char *program)
{
	struct dl_provider unknown = {.name = name, .program = program}, *known;
	struct caps caps = {.reader.take = take_caps, .keep = scope, .name = name};
	struct dl_plugin_call call = {
		.provider = &unknown,
		.operation = "caps",
		.request = dl_arena_format(&scope->arena, "{\"op\":\"caps\",\"v\":%d}", DL_PLUGIN_VERSION),
		.timeout_ms = CAPS_TIMEOUT_MS,
		.reader = &caps.reader,
	};

	if (dl_plugin_run(scope, &call) != 0)
		return NULL;
	if (call.answer != DL_OK)
		dl_fail(scope, DL_DATA, "'caps' ended with exit code %d", (int)call.answer);
	if (scope->error.class != DL_OK || check_caps(scope, &caps)) {
		dl_fail_prefix(scope, "%s", name);
		return NULL;
	}
	known = dl_provider_limit(&scope->arena, dl_provider_plugin, caps.kinds, caps.ops);
	known->name = name;
	known->title = caps.title ? caps.title : name;
	known->program = program;
	known->doc = caps.doc;
	known->host = caps.host;
	known->remote = caps.remote != 0;
	known->token_env = token_env(scope, name);
	return known;
}

const struct dl_provider *dl_plugin_find(struct dl_scope *scope, const char *name)
{
	const char *program = name ? find_program(scope, search_path(scope), name) : NULL;

	return program ? ask_caps(scope, dl_arena_string(&scope->arena, name), program) : NULL;
}
