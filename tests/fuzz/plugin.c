/* Whatever a plugin prints, it is refused with a message that may be shown, or becomes records that are
 * whole: they can be written and read again, and their refs lead to the plugin. This file stands in for
 * lib/base/proc.c: the program is the input. */
#include "lib/provider/plugin.h"

#include "lib/base/proc.h"
#include "lib/base/time.h"
#include "lib/base/writer.h"
#include "lib/data/json.h"
#include "lib/data/record.h"
#include "lib/data/ref.h"
#include "lib/data/sink.h"
#include "lib/provider/provider.h"
#include "lib/provider/query.h"
#include "tests/fuzz/fuzz.h"

/* What the program prints, in pieces of so many bytes, and how it ends. */
static struct {
	struct dl_buf text;
	size_t piece;
	int status;
} program;

static const char caps[] = "{\"v\":1,\"kinds\":\"ci,registry,forge\",\"ops\":\"runs,run,jobs,workflows,"
			   "artifacts,inputs,tip,expected,"
			   "logs,versions,check,url,stat,releases,repos,tree\"}";

int dl_proc_stream(struct dl_scope *scope, const struct dl_proc *proc, struct dl_writer *writer,
		   struct dl_proc_result *result)
{
	size_t at, len;
	int outcome = 0;

	HOLDS(!dl_json_scan(proc->input, proc->input_len).why && proc->input[proc->input_len - 1] == '\n');
	memset(result, 0, sizeof *result);
	result->errors = "first\nlast \xff\x1b\n\n";
	if (strcmp(proc->argv[1], "caps") == 0 && program.piece)
		return writer->write(writer, scope, caps, sizeof caps - 1);
	for (at = 0; outcome == 0 && at < program.text.len; at += len) {
		len = program.text.len - at;
		if (program.piece && program.piece < len)
			len = program.piece;
		outcome = writer->write(writer, scope, program.text.data + at, len);
	}
	result->status = program.status;
	return outcome;
}

int dl_proc_run(struct dl_scope *scope, const struct dl_proc *proc, struct dl_proc_result *result)
{
	(void)proc;
	memset(result, 0, sizeof *result);
	return dl_fail(scope, DL_SYSTEM, "nothing is run");
}

int dl_proc_map(struct dl_scope *scope, const struct dl_proc *proc, struct dl_proc_result *result)
{
	return dl_proc_run(scope, proc, result);
}

void dl_proc_unmap(const char *output, size_t len)
{
	(void)output;
	(void)len;
}

void dl_proc_reset_signals(void)
{
}

void dl_proc_close_from(int first)
{
	(void)first;
}

const char *dl_proc_path(void)
{
	return "/";
}

const char *dl_proc_find_in(struct dl_scope *scope, const char *path, const char *name)
{
	(void)path;
	return dl_arena_format(&scope->arena, "/%s", name);
}

const char *dl_proc_find(struct dl_scope *scope, const char *name)
{
	return dl_proc_find_in(scope, NULL, name);
}

static const char *encode(struct dl_scope *scope, const struct dl_schema *schema, const void *record)
{
	struct dl_buf line;

	dl_buf_init(&line, &scope->arena, FUZZ_CAP);
	dl_schema_encode(schema, record, &line);
	HOLDS(!line.overflow && !dl_json_scan(line.data, line.len).why && !strchr(line.data, '\n'));
	return line.data;
}

static int check_record(struct dl_sink *sink, struct dl_scope *scope, const struct dl_schema *schema,
			const void *record)
{
	const struct dl_field *field = dl_schema_field(schema, "ref");
	const char *line = encode(scope, schema, record), *text;
	void *again = dl_schema_new(scope, schema);
	const struct dl_json *node;
	struct dl_ref ref;

	(void)sink;
	node = dl_json_parse(scope, dl_arena_string(&scope->arena, line), strlen(line));
	HOLDS(node && dl_schema_decode(scope, schema, node, again) == 0);
	HOLDS(strcmp(encode(scope, schema, again), line) == 0);
	if (field && schema != &dl_record_entry) {
		memcpy(&text, (const char *)record + field->offset, sizeof text);
		HOLDS(text && dl_ref_parse(scope, text, &ref) == 0 && strcmp(ref.provider, "x") == 0);
		HOLDS(strcmp(ref.kind, schema->type) == 0);
	}
	return DL_MORE;
}

static int check_bytes(struct dl_writer *writer, struct dl_scope *scope, const char *data, size_t len)
{
	(void)writer;
	(void)scope;
	HOLDS(len && data);
	return 0;
}

static int ask(struct dl_scope *scope, const struct dl_target *target, unsigned int operation)
{
	const struct dl_upload upload = {.name = "f", .path = "/f", .size_bytes = 1, .sha256 = "00"};
	const struct dl_edition edition = {.package = "p", .version = "1"};
	const struct dl_run_query query = {.since = DL_TIME_NONE};
	const struct dl_trigger trigger = {.workflow = "w"};
	const struct dl_registry *registry = target->provider->registry;
	const struct dl_forge *forge = target->provider->forge;
	const struct dl_ci *ci = target->provider->ci;
	struct dl_writer writer = {.write = check_bytes};
	struct dl_sink sink = {.put = check_record};
	struct dl_log_cursor cursor = {.offset = 0};

	switch (operation % 13) {
	case 0: return ci->runs(scope, target, &query, &sink);
	case 1: return ci->run(scope, target, "1", &sink);
	case 2: return ci->jobs(scope, target, "1", 0, &sink);
	case 3: return ci->workflows(scope, target, &sink);
	case 4: return ci->artifacts(scope, target, "1", &sink);
	case 5: return ci->inputs(scope, target, &trigger, &sink);
	case 6: return ci->log(scope, target, "1", &cursor, &writer);
	case 7: return registry->versions(scope, target, "p", &sink);
	case 8: return registry->check(scope, target, "p", &sink);
	case 9: return registry->stat(scope, target, &edition, &upload) < 0 ? -1 : 0;
	case 10: return forge->releases(scope, target, &sink);
	case 11: return forge->repos(scope, target, "o", &sink);
	default: return forge->tree(scope, target, NULL, "", true, &sink);
	}
}

/* Of what a plugin does nothing is a bug of ours, and nothing is a failure without words. */
static void check_failure(struct dl_scope *scope)
{
	const struct dl_error *error = &scope->error;

	HOLDS(error->class != DL_BUG && fuzz_failed(scope, error->class));
	HOLDS(dl_text_starts(error->message, "x: ") || strstr(error->message, " is larger than "));
	HOLDS(!error->hint || fuzz_clean(error->hint, strlen(error->hint)));
}

/* The first bytes: which operation, the exit code, the length of the pieces (0: the whole reply is caps). */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_rest rest = {(const char *)data, size};
	unsigned int operation = fuzz_byte(&rest), status = fuzz_byte(&rest), piece = fuzz_byte(&rest);
	struct dl_target target = {.project = "o/r", .own_host = true};
	struct dl_scope scope;

	dl_scope_open(&scope, NULL);
	dl_buf_init(&program.text, &scope.arena, FUZZ_CAP);
	fuzz_stretch(&program.text, rest);
	program.status = (int)status;
	program.piece = piece;
	target.provider = dl_plugin_find(&scope, "x");
	HOLDS(target.provider || scope.error.class != DL_OK);
	if (piece && ask(&scope, &target, operation) != 0)
		HOLDS(scope.error.class != DL_OK || operation % 13 == 5);
	if (scope.error.class != DL_OK)
		check_failure(&scope);
	dl_scope_close(&scope);
	return 0;
}
