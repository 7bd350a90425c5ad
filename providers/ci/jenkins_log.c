/* A log can be read while it grows, from offsets that count what the server keeps. What it sends is less, or
 * more: whole lines only, and 10000 at most; each with two bytes at its end, whatever it had; and, from
 * servers before 2.509, without the notes in the log that make links on the server's pages. Where to go on is
 * in the header X-Text-Size. But servers since 2.509 say there how long the log is, also when they sent less
 * of it. So the size is believed where a line ends there; else the text is counted. (Lines that were kept
 * with two bytes at their ends may then come twice, in part.)
 *
 * Notes are for nobody else, and left out.
 *
 * A step of a pipeline has a log of its own, which is read in the same way; which steps a stage has is told
 * by the plugin that also tells the stages.
 *
 * https://github.com/jenkinsci/stapler, LargeText.java; https://github.com/jenkinsci/jenkins,
 * AnnotatedLargeText.java */
#include "providers/ci/jenkins_log.h"

#include <string.h>

#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/writer.h"
#include "lib/data/json.h"
#include "lib/data/record.h"
#include "lib/data/sink.h"
#include "lib/provider/rest.h"
#include "providers/ci/jenkins_build.h"
#include "providers/ci/jenkins_queue.h"
#include "providers/ci/jenkins_stage.h"

enum {
	LINES_AT_ONCE = 10000, /* of a log that grows, in one answer */
	STEP_SHIFT = 40,  /* where a stage's log goes on: the step is above, the offset in its log below */
	MOST_STEPS = 100, /* of a stage that are told */
	OUT_SIZE = 4096,
};

static const char note_begin[] = "\033[8mha:", note_end[] = "\033[0m";

static const struct dl_route build_log = {
	.path = "/job/{+job}/{id}/logText/progressiveText{?start}", .accept = "text/plain",
};
static const struct dl_route step_log = {
	.path = "/job/{+job}/{id}/execution/node/{step}/log/logText/progressiveText{?start}",
	.accept = "text/plain",
};
static const struct dl_route get_steps = {.path = "/job/{+job}/{id}/execution/node/{step}/wfapi/describe"};

/* ------------------------------------------------------------------ text */

/* Counts what comes, and passes it on without notes. */
struct text {
	struct dl_writer writer;
	struct dl_writer *next;
	int64_t bytes;           /* that came */
	int64_t lines, ends;     /* line ends; of them those that are two bytes */
	int64_t notes;
	char last;               /* the byte before */
	bool inside;             /* a note */
	size_t matched;          /* how many bytes of its beginning, or its end */
	char out[OUT_SIZE];
	size_t fill;
};

static int flush_text(struct text *text, struct dl_scope *scope)
{
	size_t fill = text->fill;

	text->fill = 0;
	return fill ? text->next->write(text->next, scope, text->out, fill) : 0;
}

static int put_bytes(struct text *text, struct dl_scope *scope, const char *data, size_t len)
{
	int result = text->fill + len > sizeof text->out ? flush_text(text, scope) : 0;

	memcpy(text->out + text->fill, data, len);
	text->fill += len;
	return result;
}

/* The marks begin with a byte that is not in them again, so what does not go on may only begin anew. */
static int put_byte(struct text *text, struct dl_scope *scope, char byte)
{
	const char *mark = text->inside ? note_end : note_begin;
	size_t held = text->matched;
	int result = 0;

	if (byte == mark[held]) {
		text->matched++;
		if (!mark[text->matched]) {
			text->notes += !text->inside;
			text->inside = !text->inside;
			text->matched = 0;
		}
		return 0;
	}
	text->matched = byte == mark[0];
	if (!text->inside && held)
		result = put_bytes(text, scope, note_begin, held);
	if (!text->inside && !text->matched && result == 0)
		result = put_bytes(text, scope, &byte, 1);
	return result;
}

static int write_text(struct dl_writer *writer, struct dl_scope *scope, const char *data, size_t len)
{
	struct text *text = (struct text *)writer;
	int result = 0;
	size_t i;

	for (i = 0; i < len && result == 0; i++) {
		text->bytes++;
		text->lines += data[i] == '\n';
		text->ends += data[i] == '\n' && text->last == '\r';
		text->last = data[i];
		result = put_byte(text, scope, data[i]);
	}
	return result == 0 ? flush_text(text, scope) : result;
}

/* ------------------------------------------------------------------ one answer */

/* A log on the server. */
struct source {
	const struct dl_target *target;
	const struct dl_route *route;
	const char *id;   /* of the build */
	const char *step; /* whose log it is; NULL: the build's own */
};

static int ask(struct dl_scope *scope, const struct source *source, int64_t start,
	       struct dl_writer *writer, struct dl_res *res)
{
	const struct dl_var vars[] = {
		{"job", dl_jenkins_build_job(scope, source->target)},
		{"id", source->id},
		{"step", source->step},
		{"start", dl_arena_format(&scope->arena, "%lld", (long long)start)},
		{NULL, NULL},
	};

	return dl_rest_stream(scope, source->target, source->route, vars, writer, res);
}

/* Keeps the first byte. */
struct peek {
	struct dl_writer writer;
	char byte;
	bool full;
};

static int write_peek(struct dl_writer *writer, struct dl_scope *scope, const char *data, size_t len)
{
	struct peek *peek = (struct peek *)writer;

	(void)scope;
	if (len && !peek->full) {
		peek->byte = *data;
		peek->full = true;
	}
	return 0;
}

/* Whether the first SIZE bytes that the server keeps end with a line. 1, 0, or -1: failed. */
static int ends_line(struct dl_scope *scope, const struct source *source, int64_t size)
{
	struct peek peek = {.writer.write = write_peek};
	struct dl_res res;

	if (size < 1)
		return 1;
	if (ask(scope, source, size - 1, &peek.writer, &res) < 0)
		return -1;
	return peek.byte == '\n' || peek.byte == '\r';
}

/* Where to go on after TEXT, which began at START, in a log that grows and whose answer said SIZE; -1:
 * failed. With as many lines as one answer can have, the size ends a line and says nothing: there the text is
 * believed if it can only be that of a newer server, or ends a line. */
static int64_t next_start(struct dl_scope *scope, const struct source *source, const struct text *text,
			  int64_t start, int64_t size)
{
	int64_t counted = start + text->bytes - text->ends;
	int whole;

	/* In another encoding than UTF-8 the server keeps less than it sends. */
	if (size <= counted)
		return size;
	if (text->lines < LINES_AT_ONCE) {
		whole = ends_line(scope, source, size);
		return whole < 0 ? -1 : whole ? size : counted;
	}
	whole = text->notes ? 1 : ends_line(scope, source, counted);
	return whole < 0 ? -1 : whole ? counted : size;
}

/* Reads on from CURSOR. */
static int read_part(struct dl_scope *scope, const struct source *source, struct dl_log_cursor *cursor,
		     struct dl_writer *writer)
{
	struct text text = {.writer.write = write_text, .next = writer};
	const char *host = source->target->host;
	struct dl_res res;
	int result = ask(scope, source, cursor->offset, &text.writer, &res);
	int64_t size;

	if (result < 0)
		return -1;
	size = dl_text_int(dl_http_header(&scope->arena, &res, "x-text-size"));
	if (size < 0)
		return dl_fail(scope, DL_DATA, "%s sent a part of a log without X-Text-Size", host);
	cursor->more = dl_text_same(dl_http_header(&scope->arena, &res, "x-more-data"), "true");
	if (result == 0 && !text.inside && text.matched)
		result = writer->write(writer, scope, note_begin, text.matched);
	if (result == 0 && cursor->more && size >= cursor->offset)
		size = next_start(scope, source, &text, cursor->offset, size);
	cursor->offset = size < 0 ? cursor->offset : size;
	return size < 0 ? -1 : result;
}

/* The same, from the beginning when the log has become shorter than what was read of it. */
static int read_part_again(struct dl_scope *scope, const struct source *source, struct dl_log_cursor *cursor,
			   struct dl_writer *writer)
{
	struct dl_scope attempt;
	int result;

	dl_scope_open(&attempt, scope);
	result = read_part(&attempt, source, cursor, writer);
	if (result < 0 && attempt.error.status == 416 && cursor->offset) {
		dl_fail_take(&attempt, &attempt.arena);
		cursor->offset = 0;
		result = read_part(&attempt, source, cursor, writer);
	}
	return dl_scope_close(&attempt) ? -1 : result;
}

/* All that there is. That many lines have at least as many bytes: less is the end for now. */
static int read_all(struct dl_scope *scope, const struct source *source, struct dl_log_cursor *cursor,
		    struct dl_writer *writer)
{
	int64_t start;
	int result;

	do {
		start = cursor->offset;
		result = read_part_again(scope, source, cursor, writer);
	} while (result == 0 && cursor->more && cursor->offset - start >= LINES_AT_ONCE);
	return result;
}

/* ------------------------------------------------------------------ builds */

/* A log that is not there is promised for ever, also when the build is over and the log was removed. */
static int check_promise(struct dl_scope *scope, const struct dl_target *target, const char *id)
{
	const struct dl_run *run = dl_jenkins_build_read(scope, target, id);

	if (!run)
		return -1;
	if (run->status != DL_COMPLETED)
		return 0;
	return dl_fail(scope, DL_MISSING, "%s has no log of build %s any more", target->host, id);
}

static int read_build(struct dl_scope *scope, const struct dl_target *target, const char *id,
		      struct dl_log_cursor *cursor, struct dl_writer *writer)
{
	const struct source source = {.target = target, .route = &build_log, .id = id};
	int result;

	if (dl_jenkins_build_check(scope, id))
		return -1;
	result = read_all(scope, &source, cursor, writer);
	if (result == 0 && cursor->more && !cursor->offset)
		result = check_promise(scope, target, id);
	return result;
}

/* ------------------------------------------------------------------ stages */

/* The error that STEP ended with, as the log of the whole build has it. */
static int write_error(struct dl_scope *scope, const struct dl_json *step, struct dl_writer *writer)
{
	const char *message = dl_json_text(step, "error.message");

	if (!message || !dl_text_same(dl_json_text(step, "status"), "FAILED"))
		return 0;
	message = dl_arena_format(&scope->arena, "ERROR: %s\n", message);
	return writer->write(writer, scope, message, strlen(message));
}

/* A step that has written nothing has no log. */
static int read_step(struct dl_scope *scope, const struct source *source, struct dl_log_cursor *cursor,
		     struct dl_writer *writer)
{
	struct dl_scope attempt;
	int result;

	dl_scope_open(&attempt, scope);
	result = read_all(&attempt, source, cursor, writer);
	if (result < 0 && attempt.error.status == 404) {
		dl_fail_take(&attempt, &attempt.arena);
		cursor->more = false;
		result = 0;
	}
	return dl_scope_close(&attempt) ? -1 : result;
}

/* Steps come one after the other; one that goes on is waited for. */
static int read_steps(struct dl_scope *scope, const struct source *stage, const struct dl_json *root,
		      struct dl_log_cursor *cursor, struct dl_writer *writer)
{
	const struct dl_json *list = dl_json_get(root, "stageFlowNodes"), *step = list ? list->child : NULL;
	struct dl_log_cursor part = {.offset = cursor->offset & (((int64_t)1 << STEP_SHIFT) - 1)};
	int64_t index = cursor->offset >> STEP_SHIFT, i;
	struct source source = *stage;
	int result = 0;

	source.route = &step_log;
	for (i = 0; step && i < index; i++)
		step = step->next;
	for (; step && result == 0; step = step->next, i++) {
		source.step = dl_json_text(step, "id");
		if (!source.step || dl_text_int(source.step) < 0)
			return dl_fail(scope, DL_DATA, "%s: a step without a number", stage->target->host);
		result = read_step(scope, &source, &part, writer);
		if (part.more || dl_jenkins_stage_open(step))
			break;
		if (result == 0)
			result = write_error(scope, step, writer);
		part.offset = 0;
	}
	cursor->offset = i << STEP_SHIFT | part.offset;
	cursor->more = step || dl_jenkins_stage_open(root);
	if (result == 0 && i >= MOST_STEPS) {
		dl_fail(scope, DL_UNSUPPORTED, "%s tells no more than the first %d steps of a stage",
			stage->target->host, MOST_STEPS);
		return dl_fail_hint(scope, "dl-logs %s has all of the build",
				    dl_provider_ref(&scope->arena, stage->target, "run", stage->id));
	}
	return result;
}

static int read_stage(struct dl_scope *scope, const struct dl_target *target, const char *id,
		      struct dl_log_cursor *cursor, struct dl_writer *writer)
{
	struct dl_jenkins_stage_id stage;
	const struct dl_json *root;

	if (dl_jenkins_stage_split(scope, id, &stage))
		return -1;
	const struct dl_var vars[] = {{"job", dl_jenkins_build_job(scope, target)},
				      {"id", stage.build},
				      {"step", stage.node},
				      {NULL, NULL}};
	const struct source source = {.target = target, .id = stage.build};

	root = dl_rest_get(scope, target, &get_steps, vars);
	if (root && root->type != DL_JSON_OBJECT)
		return dl_fail(scope, DL_MISSING, "%s has no stage %s", target->host, id);
	return root ? read_steps(scope, &source, root, cursor, writer) : -1;
}

int dl_jenkins_log_read(struct dl_scope *scope, const struct dl_target *target, const char *id,
			struct dl_log_cursor *cursor, struct dl_writer *writer)
{
	if (*id == 'q') {
		id = dl_jenkins_queue_build(scope, target, id);
		cursor->more = id && !*id;
		if (!id || !*id)
			return id ? 0 : -1;
	}
	return strchr(id, '.') ? read_stage(scope, target, id, cursor, writer)
			       : read_build(scope, target, id, cursor, writer);
}
