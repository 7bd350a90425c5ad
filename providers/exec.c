/* A record of a plugin is trusted with nothing that can be known better: what the request was about is filled
 * in, and must not be contradicted; the ref is made here. */
#include "providers/exec.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/base/url.h"
#include "lib/data/json.h"
#include "lib/data/record.h"
#include "lib/data/ref.h"
#include "lib/data/sink.h"
#include "lib/data/state.h"
#include "lib/git/repo.h"
#include "lib/net/http.h"
#include "providers/providers.h"

enum { TIMEOUT_MS = 30000 };

/* The question */

void dl_exec_begin(struct dl_scope *scope, struct dl_exec *exec, const struct dl_target *target,
		   const char *operation)
{
	memset(exec, 0, sizeof *exec);
	exec->target = target;
	exec->operation = operation;
	dl_buf_init(&exec->query, &scope->arena, DL_CAP_LINE);
}

static void add_text(struct dl_buf *buf, const char *name, const char *value)
{
	dl_buf_printf(buf, "%s\"%s\":", buf->len && buf->data[buf->len - 1] != '{' ? "," : "", name);
	if (value)
		dl_json_quote(buf, value, strlen(value));
	else
		dl_buf_puts(buf, "null");
}

void dl_exec_text(struct dl_exec *exec, const char *name, const char *value)
{
	add_text(&exec->query, name, value);
}

void dl_exec_number(struct dl_exec *exec, const char *name, int64_t value)
{
	if (value == DL_INT_NONE)
		dl_exec_text(exec, name, NULL);
	else
		dl_buf_printf(&exec->query, "%s\"%s\":%" PRId64, exec->query.len ? "," : "", name, value);
}

void dl_exec_flag(struct dl_exec *exec, const char *name, bool value)
{
	dl_buf_printf(&exec->query, "%s\"%s\":%s", exec->query.len ? "," : "", name,
		      value ? "true" : "false");
}

/* The whole request; NULL: failed. */
static const char *write_request(struct dl_scope *scope, const struct dl_exec *exec)
{
	const struct dl_target *target = exec->target;
	struct dl_buf text;

	dl_buf_init(&text, &scope->arena, DL_CAP_LINE);
	dl_buf_printf(&text, "{\"op\":\"%s\",\"v\":%d,\"target\":{", exec->operation, DL_PLUGIN_VERSION);
	add_text(&text, "provider", target->provider->name);
	add_text(&text, "host", target->host);
	add_text(&text, "project", target->project);
	add_text(&text, "dir", target->repo ? dl_repo_root(target->repo) : NULL);
	dl_buf_printf(&text, "},\"query\":{%s}", exec->query.data);
	add_text(&text, "token", target->auth.header);
	dl_buf_putc(&text, '}');
	text.overflow |= exec->query.overflow;
	return dl_buf_check(scope, &text, "the request to the plugin") ? NULL : text.data;
}

/* What a call of the plugin may take: what a request may, and no longer than the program has. */
static int time_left(const struct dl_http_options *options)
{
	int64_t most = options ? options->timeout_s * INT64_C(1000) : TIMEOUT_MS, left = most;

	if (options && options->deadline_ms)
		left = options->deadline_ms - dl_time_clock_ms();
	if (left < 1)
		left = 1;
	return (int)(left < most ? left : most);
}

static int tell_instead(const struct dl_exec *exec, const struct dl_http_options *options)
{
	const char *who = options ? options->program : "dl";

	fprintf(stderr, "%s: would run %s %s\n", who, exec->target->provider->program, exec->operation);
	fprintf(stderr, "%s: with {%s}\n", who, exec->query.data);
	return 1;
}

/* Asks; one of READER and WRITER gets the reply. */
static int ask(struct dl_scope *scope, struct dl_exec *exec, struct dl_plugin_reader *reader,
	       struct dl_writer *writer)
{
	const struct dl_target *target = exec->target;
	const struct dl_http_options *options = target->http ? dl_http_options(target->http) : NULL;
	struct dl_plugin_call call = {
		.provider = target->provider,
		.operation = exec->operation,
		.request = write_request(scope, exec),
		.secret = target->auth.header,
		.timeout_ms = time_left(options),
		.trace = options && options->trace ? options->program : NULL,
		.reader = reader,
		.writer = writer,
	};
	int result;

	if (!call.request)
		return -1;
	if (exec->acts && target->dry_run)
		return tell_instead(exec, options);
	result = dl_plugin_run(scope, &call);
	if (exec->acts && result >= 0)
		dl_http_changed(target->http, exec->operation,
				dl_provider_ref(&scope->arena, target, "repo", NULL), DL_INT_NONE);
	exec->answer = call.answer;
	if (result == 0 &&
	    ((call.answer == DL_NO && !exec->no) || (call.answer == DL_PENDING && !exec->pending)))
		return dl_fail(scope, DL_DATA, "%s: '%s' ended with exit code %d, which is no answer to it",
			       target->provider->name, exec->operation, (int)call.answer);
	return result;
}

/* Records */

/* What becomes of the records of a reply. */
struct receiver {
	struct dl_plugin_reader reader;
	const struct dl_exec *exec;
	const struct dl_schema *schema;
	struct dl_sink *sink;
	const char *id;  /* of the one that is due; NULL: any */
	bool single;     /* there must be no more than one */
	long count;
};

/* A record, and what is known of it. */
struct thing {
	const struct dl_target *target;
	const struct dl_schema *schema;
	char *record;
};

/* Where the text NAME of THING is kept; NULL: it has no such member. */
static const char **text_at(const struct thing *thing, const char *name)
{
	const struct dl_field *field = dl_schema_field(thing->schema, name);

	return field && field->type == DL_TYPE_TEXT ? (const char **)(void *)(thing->record + field->offset)
						    : NULL;
}

static const char *text_of(const struct thing *thing, const char *name)
{
	const char **text = text_at(thing, name);

	return text ? *text : NULL;
}

/* The number in the member NAME, a word of WORDS; -1: THING has no such member. */
static int word_of(const struct thing *thing, const char *name, const char *const *words)
{
	const struct dl_field *field = dl_schema_field(thing->schema, name);

	return field && field->words == words ? (int)dl_schema_int(field, thing->record) : -1;
}

/* A member that says nothing gets VALUE, one that says something must say that. */
static int fill_in(struct dl_scope *scope, const struct thing *thing, const char *name, const char *value)
{
	const char **text = text_at(thing, name);

	if (text && !*text)
		*text = value;
	if (text && !dl_text_same(*text, value))
		return dl_fail(scope, DL_DATA, "%s: it is '%s' and not '%s'", name,
			       dl_text_quote(&scope->arena, *text), dl_text_quote(&scope->arena, value));
	return 0;
}

/* The ID in the ref of THING: a release is known by its tag, a package by name and version. */
static const char *id_of(struct dl_scope *scope, const struct thing *thing)
{
	const char *name = text_of(thing, "name"), *version = text_of(thing, "version");

	if (thing->schema == &dl_record_release)
		return text_of(thing, "tag");
	if (thing->schema == &dl_record_check)
		return name;
	if (thing->schema == &dl_record_package)
		return name && version ? dl_arena_format(&scope->arena, "%s@%s", name, version) : name;
	return text_of(thing, "id");
}

/* Repositories name their own project; other things are of the one that was asked about, unless they say that
 * they are of another. */
static const char *project_of(struct dl_scope *scope, const struct thing *thing)
{
	const char *project = text_of(thing, "project"), *owner = text_of(thing, "owner");
	const char *name = text_of(thing, "name");

	if (!project && thing->schema == &dl_record_repo && owner && name)
		project = dl_arena_format(&scope->arena, "%s/%s", owner, name);
	return project ? project : thing->target->project;
}

/* Fills in who THING is, and makes its ref. */
static int name_thing(struct dl_scope *scope, const struct thing *thing)
{
	struct dl_target named = *thing->target;
	const char *id = id_of(scope, thing), *kind = thing->schema->type, *ref;
	struct dl_ref parts;

	if (!dl_schema_field(thing->schema, "ref"))
		return 0;
	named.project = project_of(scope, thing);
	if (fill_in(scope, thing, "provider", named.provider->name) ||
	    fill_in(scope, thing, "host", named.host) || fill_in(scope, thing, "project", named.project))
		return -1;
	if (thing->schema == &dl_record_entry)
		return fill_in(scope, thing, "ref", NULL);
	if (thing->schema != &dl_record_repo && (!id || !*id))
		return dl_fail(scope, DL_DATA, "a %s without an id", kind);
	ref = dl_provider_ref(&scope->arena, &named, kind, thing->schema == &dl_record_repo ? NULL : id);
	if (dl_ref_parse(scope, ref, &parts)) {
		scope->error.class = DL_DATA;
		return -1;
	}
	return fill_in(scope, thing, "ref", ref);
}

/* A conclusion goes with an end, and only with that. */
static int check_state(struct dl_scope *scope, const struct thing *thing)
{
	int status = word_of(thing, "status", dl_state_status_words);
	int conclusion = word_of(thing, "conclusion", dl_state_conclusion_words);

	if (status < 0)
		return 0;
	if (status == DL_STATUS_NULL && thing->schema != &dl_record_step)
		return dl_fail(scope, DL_DATA, "a %s without a status", thing->schema->type);
	if ((status == DL_COMPLETED) != (conclusion != DL_CONCLUSION_NULL))
		return dl_fail(scope, DL_DATA, "status and conclusion do not go together");
	return 0;
}

static int complete(struct dl_scope *scope, const struct thing *thing, const struct dl_json *node);

/* Completes the records of the list in FIELD, which NODE spells. */
static int complete_list(struct dl_scope *scope, const struct thing *thing, const struct dl_field *field,
			 const struct dl_json *node)
{
	struct dl_list *list = (struct dl_list *)(void *)(thing->record + field->offset);
	char *items = dl_arena_array(&scope->arena, list->count, field->sub->size);
	struct thing item = {.target = thing->target, .schema = field->sub, .record = items};
	const struct dl_json *child = node->child;

	if (list->count)
		memcpy(items, list->items, list->count * field->sub->size);
	list->items = items;
	for (; child; child = child->next, item.record += field->sub->size)
		if (complete(scope, &item, child))
			return dl_fail_prefix(scope, "%s", field->name);
	return 0;
}

/* Of members with one name the record has the last. */
static bool is_repeated(const struct dl_json *value)
{
	const struct dl_json *later;

	for (later = value->next; later; later = later->next)
		if (strcmp(later->key, value->key) == 0)
			return true;
	return false;
}

/* What can be said of a member by its kind alone. VALUE is not null. */
static int check_member(struct dl_scope *scope, const struct thing *thing, const struct dl_field *field,
			const struct dl_json *value)
{
	if (is_repeated(value))
		return dl_fail(scope, DL_DATA, "%s: it is there twice", field->name);
	if (field->type == DL_TYPE_WORD && !dl_schema_int(field, thing->record))
		return dl_fail(scope, DL_DATA, "%s: there is no word '%s'", field->name,
			       dl_text_quote(&scope->arena, value->text));
	if (field->type == DL_TYPE_NUMBER && dl_schema_int(field, thing->record) < 0 &&
	    !dl_schema_null(field, thing->record))
		return dl_fail(scope, DL_DATA, "%s: it is negative", field->name);
	if (field->type == DL_TYPE_JSON && value->type != DL_JSON_OBJECT)
		return dl_fail(scope, DL_DATA, "%s: expected an object", field->name);
	if (strcmp(field->name, "sha") == 0 && !dl_text_is_sha(dl_json_string(value)))
		return dl_fail(scope, DL_DATA, "sha: '%s' is no full hash",
			       dl_text_quote(&scope->arena, dl_json_string(value)));
	return field->type == DL_TYPE_LIST ? complete_list(scope, thing, field, value) : 0;
}

/* Checks and completes THING, which NODE spells. */
static int complete(struct dl_scope *scope, const struct thing *thing, const struct dl_json *node)
{
	const struct dl_field *field, *action = dl_schema_field(thing->schema, "needs_action");
	const struct dl_json *value;

	for (value = node->child; value; value = value->next) {
		field = dl_schema_field(thing->schema, value->key);
		if (field && value->type != DL_JSON_NULL && check_member(scope, thing, field, value))
			return -1;
	}
	if (action && dl_schema_null(action, thing->record))
		*(int *)(void *)(thing->record + action->offset) = 0;
	return check_state(scope, thing) ? -1 : name_thing(scope, thing);
}

static int read_record(struct dl_scope *scope, const struct receiver *receiver, const struct thing *thing,
		       const struct dl_json *node)
{
	const char *type = dl_json_text(node, "type"), *id;

	if (!dl_text_same(type, thing->schema->type))
		return dl_fail(scope, DL_DATA, "its type is '%s' and not '%s'",
			       dl_text_quote(&scope->arena, type), thing->schema->type);
	if (receiver->single && receiver->count)
		return dl_fail(scope, DL_DATA, "one %s was asked for, and here is another",
			       thing->schema->type);
	if (dl_schema_decode(scope, thing->schema, node, thing->record) || complete(scope, thing, node))
		return -1;
	id = receiver->id ? id_of(scope, thing) : NULL;
	if (!dl_text_same(id, receiver->id))
		return dl_fail(scope, DL_DATA, "%s '%s' was asked for, and not '%s'", thing->schema->type,
			       dl_text_quote(&scope->arena, receiver->id), dl_text_quote(&scope->arena, id));
	return 0;
}

static int receive(struct dl_plugin_reader *reader, struct dl_scope *scope, const struct dl_json *node)
{
	struct receiver *receiver = (struct receiver *)reader;
	struct thing thing = {
		.target = receiver->exec->target,
		.schema = receiver->schema,
		.record = dl_schema_new(scope, receiver->schema),
	};

	if (read_record(scope, receiver, &thing, node))
		return dl_fail_prefix(scope, "%s: line %ld", thing.target->provider->name, reader->number);
	receiver->count++;
	return dl_sink_put(receiver->sink, scope, thing.schema, thing.record);
}

int dl_exec_list(struct dl_scope *scope, struct dl_exec *exec, const struct dl_schema *schema,
		 struct dl_sink *sink)
{
	struct receiver receiver = {.reader.take = receive, .exec = exec, .schema = schema, .sink = sink};

	return ask(scope, exec, &receiver.reader, NULL);
}

int dl_exec_one(struct dl_scope *scope, struct dl_exec *exec, const struct dl_schema *schema, const char *id,
		struct dl_sink *sink)
{
	struct receiver receiver = {.reader.take = receive,
				    .exec = exec,
				    .schema = schema,
				    .sink = sink,
				    .id = id,
				    .single = true};
	int result = ask(scope, exec, &receiver.reader, NULL);

	if (result == 0 && !receiver.count)
		return dl_fail(scope, DL_DATA, "%s: '%s' printed no %s", exec->target->provider->name,
			       exec->operation, schema->type);
	return result;
}

/* What is no record */

struct value {
	struct dl_plugin_reader reader;
	const struct dl_exec *exec;
	struct dl_scope *keep;
	const char *name; /* of the member; NULL: there must be no line */
	const char *text;
};

static int take_value(struct dl_plugin_reader *reader, struct dl_scope *scope, const struct dl_json *node)
{
	struct value *value = (struct value *)reader;
	const char *who = value->exec->target->provider->name, *operation = value->exec->operation;

	if (!value->name || value->text)
		return dl_fail(scope, DL_DATA, "%s: line %ld: '%s' has no such reply", who, reader->number,
			       operation);
	value->text = dl_arena_string(&value->keep->arena, dl_json_text(node, value->name));
	if (!value->text || !*value->text)
		return dl_fail(scope, DL_DATA, "%s: line %ld: it has no %s", who, reader->number,
			       value->name);
	return 0;
}

int dl_exec_none(struct dl_scope *scope, struct dl_exec *exec)
{
	struct value value = {.reader.take = take_value, .exec = exec, .keep = scope};

	return ask(scope, exec, &value.reader, NULL);
}

const char *dl_exec_value(struct dl_scope *scope, struct dl_exec *exec, const char *name)
{
	struct value value = {.reader.take = take_value, .exec = exec, .keep = scope, .name = name};
	int result = ask(scope, exec, &value.reader, NULL);

	if (result == 0 && !value.text)
		dl_fail(scope, DL_DATA, "%s: '%s' printed no %s", exec->target->provider->name,
			exec->operation, name);
	return result == 0 ? value.text : NULL;
}

int dl_exec_bytes(struct dl_scope *scope, struct dl_exec *exec, struct dl_writer *writer)
{
	return ask(scope, exec, NULL, writer);
}

/* Publishing */

void dl_exec_edition(struct dl_exec *exec, const struct dl_edition *edition)
{
	if (edition->package)
		dl_exec_text(exec, "package", edition->package);
	dl_exec_text(exec, edition->package ? "version" : "tag", edition->version);
	dl_exec_text(exec, "id", edition->id);
	if (edition->package)
		return;
	dl_exec_text(exec, "sha", edition->sha);
	dl_exec_text(exec, "name", edition->name);
	dl_exec_text(exec, "body", edition->body);
	dl_exec_flag(exec, "prerelease", edition->prerelease);
	dl_exec_flag(exec, "latest", edition->latest);
	dl_exec_flag(exec, "draft", edition->draft);
}

/* One step towards EDITION, with UPLOAD or without. */
static void begin_step(struct dl_scope *scope, struct dl_exec *exec, const struct dl_target *target,
		       const char *operation, const struct dl_edition *edition,
		       const struct dl_upload *upload)
{
	dl_exec_begin(scope, exec, target, operation);
	dl_exec_edition(exec, edition);
	if (!upload)
		return;
	dl_exec_text(exec, "file", upload->name);
	dl_exec_text(exec, "path", upload->path);
	dl_exec_number(exec, "size_bytes", upload->size_bytes);
	dl_exec_text(exec, "sha256", upload->sha256);
	dl_exec_text(exec, "content_type", upload->content_type);
	dl_exec_text(exec, "label", upload->label);
}

int dl_exec_open(struct dl_scope *scope, const struct dl_target *target, const char *operation,
		 struct dl_edition *edition)
{
	struct dl_exec exec;

	begin_step(scope, &exec, target, operation, edition, NULL);
	exec.acts = true;
	edition->id = dl_exec_value(scope, &exec, "id");
	if (scope->error.class != DL_OK)
		return -1;
	return edition->id ? 0 : 1;
}

int dl_exec_put(struct dl_scope *scope, const struct dl_target *target, const char *operation,
		const struct dl_edition *edition, const struct dl_upload *upload,
		const struct dl_schema *schema, struct dl_sink *sink)
{
	struct dl_exec exec;

	begin_step(scope, &exec, target, operation, edition, upload);
	exec.acts = true;
	return dl_exec_one(scope, &exec, schema, NULL, sink);
}

int dl_exec_end(struct dl_scope *scope, const struct dl_target *target, const char *operation,
		const struct dl_edition *edition)
{
	struct dl_exec exec;

	begin_step(scope, &exec, target, operation, edition, NULL);
	exec.acts = true;
	return dl_exec_none(scope, &exec);
}

struct comparison {
	struct dl_sink sink;
	const struct dl_upload *upload;
	enum dl_presence presence;
};

/* A record of another file, which the plugin could not leave out, does not count. */
static int compare(struct dl_sink *sink, struct dl_scope *scope, const struct dl_schema *schema,
		   const void *record)
{
	struct comparison *comparison = (struct comparison *)sink;
	const struct dl_upload *upload = comparison->upload;
	const struct dl_package *package = record;
	const struct dl_asset *asset = record;
	bool packaged = schema == &dl_record_package;
	const char *hash = packaged ? package->sha256 : asset->digest;
	int64_t size = packaged ? package->size_bytes : asset->size_bytes;

	(void)scope;
	if (!dl_text_same(packaged ? package->file : asset->name, upload->name))
		return DL_MORE;
	if (!packaged)
		hash = dl_text_starts(hash, "sha256:") ? hash + strlen("sha256:") : NULL;
	if (size != DL_INT_NONE && size != upload->size_bytes)
		comparison->presence = DL_PRESENCE_DIFFERENT;
	else if (!hash)
		comparison->presence = DL_PRESENCE_UNKNOWN;
	else
		comparison->presence = dl_text_same(hash, upload->sha256) ? DL_PRESENCE_SAME
									  : DL_PRESENCE_DIFFERENT;
	return DL_ENOUGH;
}

int dl_exec_compare(struct dl_scope *scope, const struct dl_target *target, const char *operation,
		    const struct dl_edition *edition, const struct dl_upload *upload,
		    const struct dl_schema *schema)
{
	struct comparison comparison = {
		.sink.put = compare, .upload = upload, .presence = DL_PRESENCE_ABSENT};
	struct dl_exec exec;

	begin_step(scope, &exec, target, operation, edition, upload);
	return dl_exec_list(scope, &exec, schema, &comparison.sink) < 0 ? -1 : (int)comparison.presence;
}

/* Identity */

static const char *base(struct dl_scope *scope, const char *host)
{
	return dl_arena_format(&scope->arena, "https://%s", host);
}

static const char *host_of(struct dl_scope *scope, const char *url)
{
	struct dl_url parsed;

	return dl_url_parse(scope, url, &parsed) ? NULL : dl_url_authority(&scope->arena, &parsed);
}

/* The token itself: it is no header that a plugin gets. */
static const char *authorize(struct dl_arena *arena, const char *user, const char *token)
{
	(void)user;
	return dl_arena_string(arena, token);
}

const struct dl_provider dl_exec = {
	.title = "a plugin",
	.remote = true,
	.base = base,
	.host_of = host_of,
	.authorize = authorize,
	.ci = &dl_exec_ci,
	.registry = &dl_exec_registry,
	.forge = &dl_exec_forge,
};
