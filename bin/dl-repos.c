/* dl-repos: tell about repositories on a forge, and list those of an owner. */
#include <string.h>

#include "lib/base/text.h"
#include "lib/data/record.h"
#include "lib/data/sink.h"
#include "lib/program/tool.h"

struct options {
	struct dl_opt_list owners, names, topics;
	bool exists, archived, no_archived, forks, no_forks, private, public;
};

static const struct dl_opt options[] = {
	{'o', "owner", DL_OPT_LIST, offsetof(struct options, owners), "OWNER",
	 "list the repositories of OWNER, a user, an organisation or a group"},
	{0, "exists", DL_OPT_FLAG, offsetof(struct options, exists), NULL,
	 "print nothing: exit 0 when the repository is there, 1 when not"},
	{0, "name", DL_OPT_LIST, offsetof(struct options, names), "GLOB",
	 "only those called GLOB; `*` and `?` match; may be repeated"},
	{0, "topic", DL_OPT_LIST, offsetof(struct options, topics), "TOPIC",
	 "only those with TOPIC; of several all must be there"},
	{0, "archived", DL_OPT_FLAG, offsetof(struct options, archived), NULL,
	 "only those that are archived"},
	{0, "no-archived", DL_OPT_FLAG, offsetof(struct options, no_archived), NULL,
	 "only those that are not archived"},
	{0, "forks", DL_OPT_FLAG, offsetof(struct options, forks), NULL, "only forks"},
	{0, "no-forks", DL_OPT_FLAG, offsetof(struct options, no_forks), NULL,
	 "only those that are no forks"},
	{0, "private", DL_OPT_FLAG, offsetof(struct options, private), NULL,
	 "only those that not everybody may read"},
	{0, "public", DL_OPT_FLAG, offsetof(struct options, public), NULL,
	 "only those that everybody may read"},
	{.name = NULL},
};

static const struct dl_program program = {
	.name = "dl-repos",
	.summary = "tell about repositories on a forge, or list those of an owner",
	.operands = "[REF...|-]",
	.options = options,
	.schema = &dl_record_repo,
	.takes = DL_TAKES_DASH,
	.kind = DL_PROVIDER_FORGE,
	.example = "dl-repos -o my-org --no-archived | dl-sync -d mirror -N -",
};

/* Passes on the repositories that are asked for. */
struct wanted {
	struct dl_sink sink;
	struct dl_sink *next;
	const struct options *given;
	long count; /* passed on so far */
};

/* Whether a fact, which may be unknown (-1), is one that is asked for. */
static bool suits(int fact, bool only, bool not)
{
	return (!only || fact == 1) && (!not || fact != 1);
}

static bool is_wanted(const struct options *given, const struct dl_repo_line *repo)
{
	size_t i = 0;

	while (i < given->names.count && !dl_text_match(given->names.items[i], repo->name))
		i++;
	if (given->names.count && i == given->names.count)
		return false;
	for (i = 0; i < given->topics.count; i++)
		if (!dl_text_in(given->topics.items[i], repo->topics))
			return false;
	return suits(repo->archived, given->archived, given->no_archived) &&
	       suits(repo->fork, given->forks, given->no_forks) &&
	       suits(repo->private, given->private, given->public);
}

static int put_wanted(struct dl_sink *sink, struct dl_scope *scope, const struct dl_schema *schema,
		      const void *record)
{
	struct wanted *wanted = (struct wanted *)sink;

	if (!is_wanted(wanted->given, record))
		return DL_MORE;
	wanted->count++;
	return wanted->given->exists ? DL_MORE : dl_sink_put(wanted->next, scope, schema, record);
}

static int list(struct dl_scope *scope, const struct dl_call *call, struct dl_sink *sink)
{
	const struct dl_forge *forge = call->target->provider->forge;
	const struct options *given = call->options;
	int result = DL_MORE;
	size_t i;

	if (!given->owners.count)
		return forge->repo ? forge->repo(scope, call->target, sink)
				   : dl_provider_lacks(scope, call->target, "repo");
	if (!forge->repos)
		return dl_provider_lacks(scope, call->target, "repos");
	for (i = 0; i < given->owners.count && result == DL_MORE; i++)
		result = forge->repos(scope, call->target, given->owners.items[i], sink);
	return result;
}

static int work(struct dl_scope *scope, const struct dl_call *call)
{
	const struct options *given = call->options;
	struct wanted wanted = {.sink.put = put_wanted, .given = given};
	struct dl_sink_first first;

	if (call->ref && strcmp(call->ref->kind, "repo") != 0)
		return dl_ref_refuse(scope, call->ref, "is no repository", "its ref ends in /repo");
	dl_sink_first(&first, call->sink, call->tool->common.limit);
	wanted.next = &first.sink;
	if (list(scope, call, &wanted.sink) < 0) {
		if (!given->exists || scope->error.class != DL_MISSING)
			return -1;
		dl_fail_take(scope, &scope->arena);
	}
	if (!wanted.count && given->exists)
		*call->answer = DL_NO;
	return wanted.count || given->exists ? 0 : dl_fail(scope, DL_MISSING, "no such repositories");
}

int main(int argc, char **argv)
{
	struct options given = {.exists = false};
	struct dl_tool tool;

	if (dl_tool_begin(&tool, &program, argc, argv, &given) == 0) {
		tool.finder.anywhere = given.owners.count > 0;
		if (given.owners.count && tool.operands.count)
			dl_fail(&tool.scope, DL_USAGE, "-o takes no refs");
		else
			dl_tool_each(&tool, work);
	}
	return dl_tool_end(&tool);
}
