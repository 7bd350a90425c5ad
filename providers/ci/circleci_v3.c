#include "providers/ci/circleci_v3.h"

#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/data/json.h"
#include "lib/git/repo.h"
#include "lib/provider/rest.h"

enum { WINDOW_S = 90 * 86400 };

static const struct dl_route find_project = {.path = "/api/v3/projects{?filter%5Bslug%5D}"};
static const struct dl_route search_runs = {
	.method = "POST",
	.path = "/api/v3/runs/search",
	.reads = true,
};

struct dl_target dl_circleci_v3_target(struct dl_scope *scope, const struct dl_target *target)
{
	static const char name[] = "Circle-Token: ";
	struct dl_target other = *target;

	if (dl_text_starts(target->auth.header, name))
		other.auth.header = dl_arena_format(&scope->arena, "Authorization: Bearer %s",
						    target->auth.header + strlen(name));
	return other;
}

/* The question as JSON. */
static const char *question(struct dl_scope *scope, const char *project, const char *sha, int64_t from)
{
	int64_t now = dl_time_now();
	struct dl_buf body;

	dl_buf_init(&body, &scope->arena, DL_CAP_HEAD);
	dl_buf_puts(&body, "{\"scope\":{\"project_ids\":[");
	dl_json_quote(&body, project, strlen(project));
	dl_buf_printf(&body, "],\"from\":\"%s\",\"to\":\"%s\"},\"filter\":",
		      dl_time_format(&scope->arena, from == DL_TIME_NONE ? now - WINDOW_S : from),
		      dl_time_format(&scope->arena, now));
	dl_buf_printf(&body,
		      "\"pipeline.git.revision == \\\"%s\\\"\",\"page\":{\"cursor\":\"\",\"limit\":20}}",
		      sha);
	return body.data;
}

static int search(struct dl_scope *scope, const struct dl_target *target, const char *sha, int64_t from,
		  struct dl_names *ids)
{
	const struct dl_var vars[] = {{"filter%5Bslug%5D", target->project}, {NULL, NULL}};
	const struct dl_json *root = dl_rest_get(scope, target, &find_project, vars), *list, *node;
	const char *project = dl_json_text(root, "data[].id"), **items;
	struct dl_res res;
	size_t count = 0;

	if (!project ||
	    dl_rest_send(scope, target, &search_runs, vars, question(scope, project, sha, from), &res))
		return -1;
	root = dl_json_parse(scope, res.body, res.len);
	list = dl_json_get(root, "data");
	if (!list || list->type != DL_JSON_ARRAY)
		return -1;
	for (node = list->child; node; node = node->next)
		count++;
	items = dl_arena_array(&scope->arena, count, sizeof *items);
	*ids = (struct dl_names){.items = items};
	for (node = list->child; node; node = node->next)
		if (dl_json_text(node, "id"))
			items[ids->count++] = dl_json_text(node, "id");
	return 0;
}

int dl_circleci_v3_search(struct dl_scope *scope, const struct dl_target *target, const char *sha,
			  int64_t from, struct dl_names *ids)
{
	struct dl_target other = dl_circleci_v3_target(scope, target);

	if (!dl_text_is_sha(sha))
		return 1;
	if (search(scope, &other, sha, from, ids) == 0)
		return 0;
	dl_fail_take(scope, &scope->arena);
	return 1;
}
