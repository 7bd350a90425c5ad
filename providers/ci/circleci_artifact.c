#include "providers/ci/circleci_artifact.h"

#include <string.h>

#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/data/json.h"
#include "lib/data/record.h"
#include "lib/data/sink.h"
#include "lib/provider/gather.h"
#include "lib/provider/range.h"
#include "lib/provider/rest.h"
#include "providers/ci/circleci_job.h"
#include "providers/ci/circleci_run.h"

static const struct dl_map artifact_map[] = {
	{"name", "path", DL_AS_IS},
	{"id", "node_index", DL_AS_IS},
	{"url", "url", DL_AS_IS},
	{NULL, NULL, DL_AS_IS},
};

static int finish_artifact(struct dl_scope *scope, const struct dl_target *target, const struct dl_json *node,
			   void *record)
{
	struct dl_artifact *artifact = record;

	(void)node;
	if (!artifact->name || !*artifact->name || !artifact->url)
		return dl_fail(scope, DL_DATA, "%s: an artifact without a path or URL", target->host);
	if (!artifact->id)
		artifact->id = "0";
	return 0;
}

static const struct dl_route list_artifacts = {
	.path = "/api/v2/project/{+slug}/{number}/artifacts{?page-token}",
	.items = "items", .next = "next_page_token", .next_var = "page-token",
	.schema = &dl_record_artifact, .map = artifact_map, .finish = finish_artifact,
};
static const struct dl_route get_job = {.path = "/api/v2/project/{+slug}/job/{number}"};
static const struct dl_route get_file = {
	.path = "",
	.accept = "*/*",
	.page = true,
	.headers = dl_range_headers,
};

/* ------------------------------------------------------------------ lists */

/* A job that may have left files. */
struct source {
	const char *number, *name, *run_id;
};

/* Adds to artifacts what they do not say: whose they are. */
struct labelling {
	struct dl_sink sink;
	struct dl_sink *next;
	const struct dl_target *target;
	const struct source *job;
	const char *only; /* the id of the one that is wanted; NULL: all */
};

static int put_labelled(struct dl_sink *sink, struct dl_scope *scope, const struct dl_schema *schema,
			const void *record)
{
	struct labelling *labelling = (struct labelling *)sink;
	const struct source *job = labelling->job;
	struct dl_artifact artifact = *(const struct dl_artifact *)record;
	const char *machine = artifact.id, *path = artifact.name + strspn(artifact.name, "/");

	artifact.id = dl_arena_format(&scope->arena, "%s/%s/%s", job->number, machine, artifact.name);
	if (labelling->only && strcmp(artifact.id, labelling->only) != 0)
		return DL_MORE;
	artifact.head = dl_provider_head(&scope->arena, labelling->target, "artifact", artifact.id);
	artifact.run_id = job->run_id;
	if (strcmp(machine, "0") == 0)
		artifact.name = dl_arena_format(&scope->arena, "%s/%s", job->name, path);
	else
		artifact.name = dl_arena_format(&scope->arena, "%s/%s/%s", job->name, machine, path);
	return dl_sink_put(labelling->next, scope, schema, &artifact);
}

static int list_of_job(struct dl_scope *scope, const struct dl_target *target, const struct source *job,
		       const char *only, struct dl_sink *sink)
{
	const char *slug = dl_circleci_run_project(scope, target);
	const struct dl_var vars[] = {{"slug", slug}, {"number", job->number}, {NULL, NULL}};
	struct labelling labelling = {
		.sink.put = put_labelled, .next = sink, .target = target, .job = job, .only = only};

	return slug ? dl_rest_list(scope, target, &list_artifacts, vars, &labelling.sink) : -1;
}

/* The jobs of a run, whose artifacts are asked for at once. */
struct sources {
	const struct dl_target *target;
	struct source *items;
	size_t count;
};

static int ask_job(struct dl_scope *scope, void *arg, size_t index, struct dl_sink *sink)
{
	const struct sources *jobs = arg;

	return list_of_job(scope, jobs->target, &jobs->items[index], NULL, sink);
}

int dl_circleci_artifact_list(struct dl_scope *scope, const struct dl_target *target, const char *id,
			      struct dl_sink *sink)
{
	struct sources jobs = {.target = target};
	const struct dl_job *job;
	struct dl_sink_list list;
	const char *number;
	size_t i;

	dl_sink_list(&list, scope, 0);
	if (dl_circleci_job_list(scope, target, id, 0, &list.sink) < 0)
		return -1;
	jobs.items = dl_arena_array(&scope->arena, list.count, sizeof *jobs.items);
	for (i = 0; i < list.count; i++) {
		job = dl_sink_item(&list, i);
		number = dl_circleci_job_number(scope, job);
		if (number)
			jobs.items[jobs.count++] = (struct source){number, job->name, job->run_id};
	}
	return dl_gather_lists(scope, jobs.count, ask_job, &jobs, sink);
}

int dl_circleci_artifact_one(struct dl_scope *scope, const struct dl_target *target, const char *id,
			     struct dl_sink *sink)
{
	const char *number = dl_arena_copy(&scope->arena, id, strcspn(id, "/")), *slug;
	struct source job = {.number = number};
	const struct dl_json *root;
	struct dl_sink_list found;

	slug = dl_circleci_run_project(scope, target);
	if (!slug)
		return -1;
	if (dl_text_int(number) < 1)
		return dl_fail(scope, DL_USAGE, "'%s' is not the id of an artifact",
			       dl_text_quote(&scope->arena, id));
	root = dl_rest_get(scope, target, &get_job,
			   (const struct dl_var[]){{"slug", slug}, {"number", number}, {NULL, NULL}});
	job.name = dl_json_text(root, "name");
	job.run_id = dl_json_text(root, "latest_workflow.id");
	dl_sink_list(&found, scope, 1);
	if (!root || list_of_job(scope, target, &job, id, &found.sink) < 0)
		return -1;
	if (!found.count)
		return dl_fail(scope, DL_MISSING, "%s has no such artifact", target->host);
	return dl_sink_put(sink, scope, &dl_record_artifact, dl_sink_item(&found, 0));
}

/* ------------------------------------------------------------------ bytes */

/* The credential is for the API. Files of the cloud are on hosts of their own, which ask for it all the same,
 * and send on to a store that must not see it. */
static bool is_ours(const struct dl_target *target, const struct dl_url *url)
{
	return target->own_host && strcmp(url->scheme, "https") == 0 && url->port == 443 &&
	       (dl_text_ends(url->host, ".circle-artifacts.com") || dl_text_ends(url->host, ".circleci.com"));
}

int dl_circleci_artifact_download(struct dl_scope *scope, const struct dl_target *target,
				  const struct dl_artifact *artifact, int64_t *offset,
				  struct dl_writer *writer)
{
	struct dl_target link;
	struct dl_res res = {0};
	struct dl_url url;

	if (!artifact->url)
		return dl_fail(scope, DL_MISSING, "the artifact has no URL");
	if (dl_rest_link(scope, target, artifact->url, &link) || dl_url_parse(scope, artifact->url, &url))
		return -1;
	if (is_ours(target, &url))
		link.auth.origin = dl_url_origin(&scope->arena, &url);
	return dl_range_download(scope, &link, &get_file, (const struct dl_var[]){{NULL, NULL}}, offset,
				 writer, &res);
}
