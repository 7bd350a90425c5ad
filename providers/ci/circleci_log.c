/* Output can be had in two ways. v1.1 names for each step that is over a signed link to all of it: two
 * requests to the API for a whole job, so that is the way for a job that is over. v3 has each step's stdout
 * and stderr, also while it runs, from any byte on: that is the way to follow a job. A log that was begun in
 * one way goes on in it, and a place in it is: the way, the step, whether its stdout has been read, how many
 * bytes, and whether a line is still open. */
#include "providers/ci/circleci_log.h"

#include <string.h>

#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/writer.h"
#include "lib/data/record.h"
#include "lib/data/sink.h"
#include "lib/data/state.h"
#include "lib/net/http.h"
#include "lib/provider/range.h"
#include "lib/provider/rest.h"
#include "providers/ci/circleci_job.h"
#include "providers/ci/circleci_output.h"
#include "providers/ci/circleci_v3.h"

/* How a place is kept in a cursor's offset: the bytes are its lowest part. */
#define STDOUT_BIT ((int64_t)1 << 40)
#define STEP_UNIT  ((int64_t)1 << 41)
#define LINE_BIT   ((int64_t)1 << 61)
#define WAY_BIT	   ((int64_t)1 << 62)

enum { MOST_STEPS = 1 << 20 };

static const struct dl_route get_stdout = {
	.path = "/api/v3/jobs/{uuid}/stdout{?filter%5Bexecution%5D,filter%5Bstep_num%5D}",
	.accept = "*/*",
	.headers = (const char *const[]){"Range: bytes={from}-", NULL}, /* from 0 on, too */
};
static const struct dl_route get_stderr = {
	.path = "/api/v3/jobs/{uuid}/stderr{?filter%5Bexecution%5D,filter%5Bstep_num%5D}",
	.accept = "*/*",
};
static const struct dl_route get_output = {.path = ""};

/* A place in a log. */
struct place {
	bool legacy;
	size_t step;
	bool has_stdout; /* has been read to its end */
	bool midline;    /* what was written last has no newline yet */
	int64_t bytes;   /* of the stream that is read */
};

static struct place place_of(int64_t offset)
{
	return (struct place){
		.legacy = offset & WAY_BIT,
		.step = (size_t)(offset / STEP_UNIT % MOST_STEPS),
		.has_stdout = offset & STDOUT_BIT,
		.midline = offset & LINE_BIT,
		.bytes = offset % STDOUT_BIT,
	};
}

static int64_t offset_of(const struct place *place)
{
	return (place->legacy ? WAY_BIT : 0) + (place->midline ? LINE_BIT : 0) +
	       (int64_t)place->step * STEP_UNIT + (place->has_stdout ? STDOUT_BIT : 0) + place->bytes;
}

/* Stands before a writer while one stream of a step is read. */
struct stream {
	struct dl_writer writer;
	struct dl_writer *next;
	const char *heading; /* what is written before the first byte; NULL: it has been */
	bool *midline;
};

static int write_stream(struct dl_writer *writer, struct dl_scope *scope, const char *data, size_t len)
{
	struct stream *stream = (struct stream *)writer;
	const char *line;
	int result = 0;

	if (stream->heading) {
		line = dl_arena_format(&scope->arena, "> %s\n", stream->heading);
		result = stream->next->write(stream->next, scope, line, strlen(line));
		stream->heading = NULL;
	}
	*stream->midline = data[len - 1] != '\n';
	return result ? result : stream->next->write(stream->next, scope, data, len);
}

/* What is read of a job. */
struct reading {
	const struct dl_target *target;
	const char *uuid;
	struct place place;
	struct dl_writer *writer;
};

/* Goes on to the next step, on a new line. */
static int end_step(struct dl_scope *scope, struct reading *reading)
{
	bool midline = reading->place.midline;

	reading->place = (struct place){.legacy = reading->place.legacy, .step = reading->place.step + 1};
	return midline ? reading->writer->write(reading->writer, scope, "\n", 1) : 0;
}

/* The link is signed: nothing but the link says who asks, whosever host it is at. */
static int read_legacy(struct dl_scope *scope, struct reading *reading, const struct dl_circleci_step *step)
{
	struct dl_circleci_output output;
	struct dl_target link;
	struct dl_res res = {0};
	struct stream stream = {.writer.write = write_stream, .next = reading->writer,
				.heading = step->name, .midline = &reading->place.midline};
	int result = 0;

	if (step->output) {
		if (dl_rest_link(scope, reading->target, step->output, &link))
			return -1;
		link.auth = (struct dl_auth){NULL, NULL};
		dl_circleci_output_open(&output, scope, &stream.writer);
		result = dl_rest_stream(scope, &link, &get_output, (const struct dl_var[]){{NULL, NULL}},
					&output.writer, &res);
		if (result == 0)
			result = dl_circleci_output_close(scope, &output);
	}
	return result ? result : end_step(scope, reading);
}

/* One of the two streams, from reading->place.bytes on. That there is none of that kind (yet) is no failure.
 */
static int read_stream(struct dl_scope *scope, struct reading *reading, const struct dl_route *route,
		       const struct dl_circleci_step *step, struct stream *stream, struct dl_res *res)
{
	const struct dl_target v3 = dl_circleci_v3_target(scope, reading->target);
	int64_t end = reading->place.bytes;
	const struct dl_var vars[] = {
		{"uuid", reading->uuid},
		{"filter%5Bexecution%5D", dl_arena_format(&scope->arena, "%lld", (long long)step->execution)},
		{"filter%5Bstep_num%5D", dl_arena_format(&scope->arena, "%lld", (long long)step->number)},
		{"from", dl_arena_format(&scope->arena, "%lld", (long long)end)},
		{NULL, NULL},
	};
	struct dl_scope attempt;
	int result;

	dl_scope_open(&attempt, scope);
	result = dl_range_follow(&attempt, &v3, route, vars, &end, &stream->writer, res);
	if (result < 0 && attempt.error.status == 404) {
		dl_fail_take(&attempt, &attempt.arena);
		result = 0;
	}
	if (end > reading->place.bytes)
		reading->place.bytes = end;
	return dl_scope_close(&attempt) ? -1 : result;
}

/* Whether RES was all of a stream. */
static bool is_whole(struct dl_scope *scope, const struct dl_res *res)
{
	return res->status >= 400 || dl_text_same(dl_http_header(&scope->arena, res, "x-terminal"), "true");
}

/* OVER: so is the job. */
static int read_step(struct dl_scope *scope, struct reading *reading, const struct dl_circleci_step *step,
		     bool over)
{
	struct dl_res res = {0};
	struct stream stream = {.writer.write = write_stream, .next = reading->writer,
				.midline = &reading->place.midline};
	int result = 0;

	if (!reading->place.bytes && !reading->place.has_stdout)
		stream.heading = step->name;
	if (!reading->place.has_stdout) {
		result = read_stream(scope, reading, &get_stdout, step, &stream, &res);
		if (result || step->status != DL_COMPLETED || !(over || is_whole(scope, &res)))
			return result;
		reading->place.has_stdout = true;
		reading->place.bytes = 0;
	}
	result = read_stream(scope, reading, &get_stderr, step, &stream, &res);
	return result ? result : end_step(scope, reading);
}

/* Reads the steps from the place on, as far as they go. */
static int read_steps(struct dl_scope *scope, struct reading *reading, const struct dl_circleci_steps *steps)
{
	const struct dl_circleci_step *step;
	size_t before;
	int result = 0;

	while (result == 0 && reading->place.step < steps->count) {
		step = &steps->items[reading->place.step];
		before = reading->place.step;
		if (steps->legacy && step->status != DL_COMPLETED && !steps->over)
			break;
		result = steps->legacy ? read_legacy(scope, reading, step)
				       : read_step(scope, reading, step, steps->over);
		if (reading->place.step == before)
			break;
	}
	return result;
}

int dl_circleci_log_read(struct dl_scope *scope, const struct dl_target *target, const char *id,
			 struct dl_log_cursor *cursor, struct dl_writer *writer)
{
	struct reading reading = {.target = target, .place = place_of(cursor->offset), .writer = writer};
	struct dl_circleci_steps steps;
	struct dl_circleci_job job = {.uuid = dl_circleci_job_uuid(id)};
	bool begun = cursor->offset != 0, legacy = reading.place.legacy;
	int result;

	if (!begun || legacy || !job.uuid) {
		if (dl_circleci_job_find(scope, target, id, &job))
			return -1;
		cursor->more = job.record->status != DL_COMPLETED;
		/* One that waits has no log yet, and one that was never due to run has none. */
		if (!job.number)
			return 0;
		legacy = legacy || (!begun && !cursor->more);
	}
	if (dl_circleci_job_steps(scope, target, begun && legacy ? NULL : job.uuid, job.number, legacy,
				  &steps))
		return -1;
	if (steps.count >= MOST_STEPS)
		return dl_fail(scope, DL_DATA, "%s: a job of %zu steps", target->host, steps.count);
	reading.uuid = job.uuid;
	reading.place.legacy = steps.legacy;
	result = read_steps(scope, &reading, &steps);
	cursor->more = result == 0 && !(steps.over && reading.place.step >= steps.count);
	cursor->offset = offset_of(&reading.place);
	return result;
}
