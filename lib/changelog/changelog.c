/* The release before this one is a candidate until it is seen: the highest version is taken for it, the range
 * is read, and when the candidate is an ancestor, some commit of the range has it for a parent. So the common
 * case costs no walk of its own. */
#include "lib/changelog/changelog.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/changelog/merges.h"
#include "lib/data/agents.h"
#include "lib/data/json.h"
#include "lib/data/semver.h"
#include "lib/git/checkout.h"
#include "lib/git/git.h"

enum { CANDIDATES = 32 };

/* What is collected on the way to the groups. */
struct making {
	struct dl_scope *scope;
	struct dl_changelog *log;
	const struct dl_changelog_query *query;
	struct dl_git_config git;
	const char *to, *from;       /* in full; .from is NULL until there is one */
	const char *previous;        /* what people call .from */
	const struct dl_tag *at_to;  /* the release that .to is; NULL: it is none */
};

int dl_changelog_range(struct dl_scope *scope, const struct dl_opt_list *operands,
		       struct dl_changelog_query *query)
{
	const char *first = operands->count ? operands->items[0] : "", *dots = strstr(first, "..");

	if (operands->count > 2 || (dots && (operands->count > 1 || dots[2] == '.')))
		return dl_fail(scope, DL_USAGE, "one range is due: FROM..TO, FROM TO, or FROM");
	query->from = dots ? dl_arena_copy(&scope->arena, first, (size_t)(dots - first)) : first;
	query->to = dots ? dots + 2 : operands->count > 1 ? operands->items[1] : NULL;
	query->from = *query->from ? query->from : NULL;
	query->to = query->to && *query->to ? query->to : NULL;
	return 0;
}

/* ------------------------------------------------------------------ what is there */

static int open_revisions(struct making *making)
{
	const struct dl_changelog_query *query = making->query;
	const char *const names[] = {query->to ? query->to : "HEAD", query->from};
	struct dl_revision found[2] = {{.sha = NULL}};

	if (dl_revisions_open(making->scope, query->dir, names, query->from ? 2 : 1, &making->log->revisions,
			      found))
		return -1;
	making->to = found[0].sha;
	making->from = found[1].sha;
	making->previous = query->from;
	return 0;
}

static int read_config(struct making *making)
{
	struct dl_changelog *log = making->log;
	const struct dl_json *agents = NULL;
	const char *prefix = making->query->prefix;

	if (log->revisions.top)
		agents = dl_agents_read(making->scope, log->revisions.top);
	if (making->scope->error.class != DL_OK)
		return -1;
	log->config = dl_json_get(agents, "agents.changelog.config");
	if (!prefix)
		prefix = dl_json_text(log->config, "tag_prefix");
	log->prefix = prefix ? prefix : "";
	return dl_kinds_read(making->scope, log->config, making->query->headings, !making->query->no_others,
			     &log->kinds);
}

static int read_git_config(struct making *making)
{
	struct dl_checkout checkout = {.branch = NULL};
	const char *comment;

	if (dl_git_config(making->scope, making->query->dir, &making->git))
		return -1;
	comment = dl_git_get(&making->git, "core.commentstring");
	if (!comment)
		comment = dl_git_get(&making->git, "core.commentchar");
	making->log->comment = comment && *comment && strcmp(comment, "auto") != 0 ? comment : "#";
	dl_checkout_find(making->scope, making->query->dir, &checkout);
	dl_links_find(making->scope, &making->git, checkout.branch, &making->log->links);
	return 0;
}

static int read_tags(struct making *making)
{
	struct dl_changelog *log = making->log;
	struct dl_tags_query query = {log->prefix, making->query->finals};
	struct dl_revision_list tags;

	if (dl_revisions_tags(making->scope, &log->revisions, &tags))
		return -1;
	dl_tags_parse(making->scope, &tags, &query, &log->tags);
	if (!making->query->unreleased)
		making->at_to = dl_tags_at(&log->tags, making->to);
	return 0;
}

/* ------------------------------------------------------------------ the release before */

/* Reads what is behind FROM; NULL: everything. */
static int read_behind(struct making *making, const char *from)
{
	struct dl_changelog *log = making->log;
	struct dl_history_range range = {making->to, from, making->query->first_parent};

	dl_history_close(&log->history);
	return dl_history_read(making->scope, &log->history, &log->revisions, &range);
}

/* Whether TAG may be the release before what is asked about: a final one is compared with the last final one,
 * a pre-release with the last of any kind. */
static bool is_candidate(const struct making *making, const struct dl_tag *tag)
{
	bool any = making->at_to ? making->at_to->version.pre.len > 0 : making->query->pre;

	if (making->at_to && (strcmp(tag->sha, making->to) == 0 ||
			      dl_semver_compare(&tag->version, &making->at_to->version) >= 0))
		return false;
	return any || !tag->version.pre.len;
}

static const struct dl_tag **collect_candidates(const struct making *making)
{
	const struct dl_tags *tags = &making->log->tags;
	const struct dl_tag **candidates;
	size_t i, count = 0;

	candidates = dl_arena_array(&making->scope->arena, tags->count + 1, sizeof *candidates);
	for (i = 0; i < tags->count; i++)
		if (is_candidate(making, &tags->items[i]))
			candidates[count++] = &tags->items[i];
	return candidates;
}

static int by_rest(const void *name, const void *item)
{
	return strcmp(name, ((const struct dl_revision *)item)->rest);
}

/* The first of CANDIDATES among the tags that match NAMES and that .to contains; NULL: there is none, or
 * SCOPE has failed. */
static const struct dl_tag *find_merged(struct making *making, const struct dl_tag *const *candidates,
					const char *const *names)
{
	struct dl_arena *arena = &making->scope->arena;
	struct dl_revision_list list;

	if (dl_revisions_merged(making->scope, &making->log->revisions, making->to, names, &list))
		return NULL;
	for (; *candidates; candidates++)
		if (bsearch(dl_arena_format(arena, "refs/tags/%s", (*candidates)->name), list.items,
			    list.count, sizeof *list.items, by_rest))
			return *candidates;
	return NULL;
}

/* What to do when the highest release is on another line of history: the next ones are looked for at once,
 * then all. */
static const struct dl_tag *search_candidates(struct making *making, const struct dl_tag *const *candidates)
{
	static const char *const all[] = {"refs/tags", NULL};
	const char *names[CANDIDATES + 1] = {NULL};
	const struct dl_tag *found;
	size_t i;

	for (i = 0; i < CANDIDATES && candidates[i]; i++)
		names[i] = dl_arena_format(&making->scope->arena, "refs/tags/%s", candidates[i]->name);
	found = find_merged(making, candidates, names);
	if (!found && i == CANDIDATES && making->scope->error.class == DL_OK)
		found = find_merged(making, candidates, all);
	return found;
}

static void begin_at(struct making *making, const struct dl_tag *tag)
{
	making->from = tag->sha;
	making->previous = tag->name;
}

/* Reads the range behind the last release; without one, nothing, or what does not count. */
static int read_last(struct making *making)
{
	const struct dl_tag *const *candidates = collect_candidates(making), *found = *candidates;

	if (!found)
		return 0;
	if (read_behind(making, found->sha))
		return -1;
	if (strcmp(found->sha, making->to) == 0 || dl_history_follows(&making->log->history, found->sha)) {
		begin_at(making, found);
		return 0;
	}
	if (!(found = search_candidates(making, candidates)))
		return making->scope->error.class == DL_OK ? 0 : -1;
	begin_at(making, found);
	return read_behind(making, found->sha);
}

/* ------------------------------------------------------------------ the history */

/* A shallow history is as good as a whole one where it reaches back to the release before. A commit without
 * parents is where it is cut off; perhaps it is where it began, but that cannot be seen. */
static int check_shallow(struct making *making)
{
	const struct dl_history *history = &making->log->history;
	size_t i;

	for (i = 0; making->log->revisions.shallow && i < history->count; i++)
		if (!*history->commits[i].parent_shas)
			return dl_revisions_shallow(making->scope, &making->log->revisions,
						    "the changelog would be cut off");
	return 0;
}

/* A clone that was told to fetch no tags knows of no release. */
static int check_tags(struct making *making)
{
	size_t i;

	for (i = 0; !making->log->tags.count && i < making->git.count; i++) {
		const struct dl_git_entry *entry = &making->git.entries[i];

		if (!dl_text_starts(entry->key, "remote.") || !dl_text_ends(entry->key, ".tagopt") ||
		    strcmp(entry->value, "--no-tags") != 0)
			continue;
		dl_fail(making->scope, DL_CONFIG, "this clone has no tags: it was made with --no-tags");
		return dl_fail_hint(making->scope, "git fetch --tags");
	}
	return 0;
}

static int read_history(struct making *making)
{
	if (making->from && read_behind(making, making->from))
		return -1;
	if (!making->from && !making->query->all && read_last(making))
		return -1;
	if (!making->from && (check_tags(making) || read_behind(making, NULL)))
		return -1;
	return check_shallow(making);
}

/* Marks the commits that do not touch the paths. */
static int filter_paths(struct making *making)
{
	const struct dl_changelog_query *query = making->query;
	struct dl_history *history = &making->log->history;
	size_t room = query->paths.count + query->excluded.count + 8, count = 0, i;
	struct dl_arena *arena = &making->scope->arena;
	const char **argv = dl_arena_array(arena, room, sizeof *argv);
	struct dl_revision_list list;
	struct dl_commit *commit;

	argv[count++] = "--full-history";
	argv[count++] = query->first_parent ? "--first-parent" : "--no-merges";
	argv[count++] = making->to;
	if (making->from)
		argv[count++] = dl_arena_format(arena, "^%s", making->from);
	argv[count++] = "--";
	if (!query->paths.count)
		argv[count++] = ":(top)";
	for (i = 0; i < query->paths.count; i++)
		argv[count++] = dl_arena_format(arena, ":(top)%s", query->paths.items[i]);
	for (i = 0; i < query->excluded.count; i++)
		argv[count++] = dl_arena_format(arena, ":(top,exclude)%s", query->excluded.items[i]);
	if (dl_revisions_list(making->scope, &making->log->revisions, argv, &list))
		return -1;
	for (i = 0; i < history->count; i++)
		history->commits[i].unwanted = true;
	for (i = 0; i < list.count; i++)
		if ((commit = dl_history_find(history, list.items[i].sha)))
			commit->unwanted = false;
	return 0;
}

static int apply_notes(struct making *making)
{
	struct dl_history *history = &making->log->history;
	struct dl_arena *arena = &making->scope->arena;
	struct dl_revision_list list;
	struct dl_git_object *notes;
	struct dl_commit **commits;
	size_t i, count = 0;

	if (!making->log->revisions.noted)
		return 0;
	if (dl_revisions_notes(making->scope, &making->log->revisions, &list))
		return -1;
	notes = dl_arena_array(arena, list.count, sizeof *notes);
	commits = dl_arena_array(arena, list.count, sizeof *commits);
	for (i = 0; i < list.count; i++)
		if ((commits[count] = dl_history_find(history, list.items[i].rest)))
			notes[count++].sha = list.items[i].sha;
	if (dl_git_objects(making->scope, making->query->dir, notes, count))
		return -1;
	for (i = 0; i < count; i++) {
		if (!notes[i].text)
			return dl_fail(making->scope, DL_MISSING, "the note of %s is not here",
				       commits[i]->sha);
		dl_history_note(history, commits[i], notes[i].text);
	}
	return 0;
}

/* ------------------------------------------------------------------ groups */

static void name_group(const struct making *making, struct dl_changelog_group *group,
		       const struct dl_tag *tag)
{
	group->tag = tag->name;
	group->version = dl_tags_version(making->scope, tag);
	group->pre = tag->version.pre.len > 0;
	group->sha = tag->sha;
	group->tag_sha = tag->own_sha;
}

/* What is not released yet may have a name already. */
static int name_unreleased(struct making *making, struct dl_changelog_group *group)
{
	const char *as = making->query->as, *epoch = getenv("SOURCE_DATE_EPOCH");
	struct dl_tag tag = {.name = as};

	if (!as)
		return 0;
	if (!dl_semver_parse_tag(as, making->log->prefix, &tag.version))
		return dl_fail(making->scope, DL_USAGE, "'%s' is no version%s%s",
			       dl_text_quote(&making->scope->arena, as),
			       *making->log->prefix ? " behind " : "",
			       dl_text_quote(&making->scope->arena, making->log->prefix));
	group->tag = as;
	group->version = dl_tags_version(making->scope, &tag);
	group->pre = tag.version.pre.len > 0;
	if (epoch && dl_text_int(epoch) >= 0)
		group->date = dl_text_int(epoch);
	return 0;
}

/* Puts the commits into their groups; .group of a commit is an index of GROUPS here. */
static void fill_groups(struct making *making, struct dl_changelog_group *groups, size_t count)
{
	const struct dl_history *history = &making->log->history;
	const struct dl_commit *commit;
	struct dl_changelog_group *group;
	size_t i;

	for (i = 0; i < history->count; i++)
		if (!history->commits[i].unwanted)
			groups[history->commits[i].group].count++;
	for (i = 0; i < count; i++) {
		groups[i].commits = dl_arena_array(&making->scope->arena, groups[i].count,
						   sizeof *groups[i].commits);
		groups[i].count = 0;
	}
	for (i = 0; i < history->count; i++) {
		commit = &history->commits[history->order[i]];
		group = &groups[commit->group];
		if (!commit->unwanted)
			group->commits[group->count++] = commit;
	}
}

/* Sets what the tags of the groups say, and then what the commits say of a group whose tag does not. */
static int finish_groups(struct making *making, struct dl_changelog_group *groups, size_t count)
{
	struct dl_arena *arena = &making->scope->arena;
	struct dl_git_object *tags = dl_arena_array(arena, count, sizeof *tags), *tag = tags;
	struct dl_changelog_group *group;

	for (group = groups; group < groups + count; group++)
		if (group->tag_sha)
			tag++->sha = group->tag_sha;
	if (dl_git_objects(making->scope, making->query->dir, tags, (size_t)(tag - tags)))
		return -1;
	for (group = groups, tag = tags; group < groups + count; group++) {
		if (group->tag_sha && tag->text)
			group->date = dl_tags_date(tag->text);
		tag += group->tag_sha != NULL;
		if (group->count && group->date == DL_TIME_NONE)
			group->date = group->commits[0]->date;
		if (group->count && !group->sha)
			group->sha = group->commits[0]->sha;
	}
	return 0;
}

static int make_one_group(struct making *making)
{
	struct dl_changelog_group *group = dl_arena_alloc(&making->scope->arena, sizeof *group);
	struct dl_history *history = &making->log->history;
	size_t i;

	*group = (struct dl_changelog_group){.date = DL_TIME_NONE, .previous = making->previous};
	for (i = 0; i < history->count; i++)
		history->commits[i].group = 0;
	if (making->at_to)
		name_group(making, group, making->at_to);
	else if (name_unreleased(making, group))
		return -1;
	fill_groups(making, group, 1);
	making->log->groups = group;
	making->log->group_count = 1;
	return finish_groups(making, group, 1);
}

/* Groups the whole history: the first is what no release contains, then come the releases from the highest
 * down. Those without a commit that is asked about are left out. */
static int make_groups(struct making *making)
{
	struct dl_changelog *log = making->log;
	struct dl_arena *arena = &making->scope->arena;
	struct dl_changelog_group *groups;
	bool *used = dl_arena_array(arena, log->tags.count, sizeof *used);
	int *places = dl_arena_array(arena, log->tags.count, sizeof *places);
	size_t i, count = 1;

	dl_history_releases(making->scope, &log->history, log->tags.items, log->tags.count, used);
	for (i = 0; i < log->tags.count; i++)
		if (used[i])
			places[i] = (int)count++;
	for (i = 0; i < log->history.count; i++) {
		int *group = &log->history.commits[i].group;

		*group = *group < 0 ? 0 : places[*group];
	}
	groups = dl_arena_array(arena, count, sizeof *groups);
	groups[0].date = DL_TIME_NONE;
	for (i = 0; i < log->tags.count; i++) {
		if (!used[i])
			continue;
		groups[places[i]].date = DL_TIME_NONE;
		name_group(making, &groups[places[i]], &log->tags.items[i]);
		groups[places[i] - 1].previous = log->tags.items[i].name;
	}
	if (name_unreleased(making, &groups[0]))
		return -1;
	fill_groups(making, groups, count);
	if (finish_groups(making, groups, count))
		return -1;
	log->groups = groups;
	for (i = 0; i < count; i++)
		if (groups[i].count)
			log->groups[log->group_count++] = groups[i];
	return 0;
}

/* ------------------------------------------------------------------ all of it */

static int make(struct making *making)
{
	const struct dl_changelog_query *query = making->query;

	if (open_revisions(making) || read_config(making) || read_git_config(making) || read_tags(making) ||
	    read_history(making))
		return -1;
	if ((query->paths.count || query->excluded.count) && filter_paths(making))
		return -1;
	if (apply_notes(making) ||
	    dl_mailmap_read(making->scope, query->dir, &making->log->history, &making->log->mailmap))
		return -1;
	if (!query->first_parent)
		dl_merges_number(making->scope, &making->log->history);
	return query->all ? make_groups(making) : make_one_group(making);
}

int dl_changelog_open(struct dl_scope *scope, const struct dl_changelog_query *query,
		      struct dl_changelog *log)
{
	struct making *making = dl_arena_alloc(&scope->arena, sizeof *making);

	*log = (struct dl_changelog){.query = query};
	*making = (struct making){.scope = scope, .log = log, .query = query};
	return make(making);
}

int dl_changelog_configure(struct dl_scope *scope, const struct dl_changelog_query *query,
			   struct dl_changelog *log)
{
	struct making making = {.scope = scope, .log = log, .query = query};

	*log = (struct dl_changelog){.query = query};
	if (dl_revisions_open(scope, query->dir, NULL, 0, &log->revisions, NULL))
		return -1;
	return read_config(&making) || read_git_config(&making) ? -1 : 0;
}

void dl_changelog_close(struct dl_changelog *log)
{
	dl_history_close(&log->history);
}
