/* What a push starts is decided with three answers: no, maybe and yes. Where a server would need to know more
 * than the commit and the branch say (which files were changed, whether there is a pull request), or where it
 * may read the file otherwise, the answer is maybe. */
#include "providers/ci/actions.h"

#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/data/config.h"
#include "lib/data/json.h"
#include "lib/data/record.h"
#include "lib/data/sink.h"
#include "lib/git/repo.h"
#include "providers/ci/pattern.h"

/* ------------------------------------------------------------------ files */

bool dl_actions_is_file(const char *name)
{
	return dl_text_ends(name, ".yml") || dl_text_ends(name, ".yaml");
}

const struct dl_json *dl_actions_parse(struct dl_scope *scope, const char *text, size_t len)
{
	const struct dl_json *root = dl_config_aliased(scope, "workflow", text, len);

	if (!root)
		dl_fail_take(scope, &scope->arena);
	return root;
}

/* The first of FOLDERS that commit SHA has, with its ENTRIES, which are none where it has none of them. NULL:
 * the commit is not in REPO. */
static const char *find_folder(struct dl_scope *scope, struct dl_repo *repo, const char *sha,
			       const char *const *folders, struct dl_repo_entries *entries)
{
	const char *folder = NULL;

	*entries = (struct dl_repo_entries){0};
	for (; repo && sha && *folders && !entries->found; folders++) {
		if (dl_repo_entries(scope, repo, sha, *folders, entries)) {
			dl_fail_take(scope, &scope->arena);
			return NULL;
		}
		folder = *folders;
	}
	return folder;
}

/* The root of the file NAME in FOLDER of commit SHA; NULL (no failure): it cannot be read. */
static const struct dl_json *read_file(struct dl_scope *scope, struct dl_repo *repo, const char *sha,
				       const char *folder, const char *name)
{
	const struct dl_json *root = NULL;
	struct dl_scope attempt;
	const char *text;
	size_t len;

	dl_scope_open(&attempt, NULL);
	text = dl_repo_file(&attempt, repo, sha, dl_arena_format(&attempt.arena, "%s/%s", folder, name),
			    DL_CAP_CONFIG, &len);
	if (text)
		root = dl_actions_parse(scope, text, len);
	dl_scope_close(&attempt);
	return root;
}

const char *dl_actions_tip(struct dl_scope *scope, struct dl_repo *repo)
{
	const char *remote = repo ? dl_repo_remote(scope, repo) : NULL, *sha = NULL;
	struct dl_scope attempt;

	dl_scope_open(&attempt, NULL);
	if (remote)
		sha = dl_repo_resolve(&attempt, repo,
				      dl_arena_format(&attempt.arena, "refs/remotes/%s/HEAD", remote));
	sha = dl_arena_string(&scope->arena, sha);
	dl_scope_close(&attempt);
	return sha;
}

const struct dl_json *dl_actions_read(struct dl_scope *scope, struct dl_repo *repo, const char *sha,
				      const char *const *folders, const char *file)
{
	struct dl_repo_entries entries;
	const char *folder = find_folder(scope, repo, sha, folders, &entries);

	return folder ? read_file(scope, repo, sha, folder, file) : NULL;
}

int dl_actions_configured(struct dl_scope *scope, struct dl_repo *repo, const char *sha,
			  const char *const *folders)
{
	struct dl_repo_entries entries;
	bool found = false;
	size_t i;

	if (!find_folder(scope, repo, sha, folders, &entries))
		return -1;
	for (i = 0; i < entries.count; i++)
		found |= dl_actions_is_file(entries.items[i].name);
	return found;
}

/* ------------------------------------------------------------------ events */

/* What may stand after `on:`: an event, a list of events, or a mapping of events to their filters. */
struct event {
	const char *name;              /* NULL: what stands there is no event */
	const struct dl_json *filters; /* NULL: it has none */
};

static struct event event_of(const struct dl_json *on, const struct dl_json *node)
{
	if (on->type == DL_JSON_OBJECT)
		return (struct event){node->key, node->type == DL_JSON_NULL ? NULL : node};
	return (struct event){node->type == DL_JSON_STRING ? node->text : NULL, NULL};
}

/* The first node of an event below ON; the others are its siblings. */
static const struct dl_json *first_event(const struct dl_json *on)
{
	return !on ? NULL : on->type == DL_JSON_OBJECT || on->type == DL_JSON_ARRAY ? on->child : on;
}

/* Of an event that stands alone, the sibling is another part of the file. */
static const struct dl_json *next_event(const struct dl_json *on, const struct dl_json *node)
{
	return node == on ? NULL : node->next;
}

static bool has_event(const struct dl_json *root, const char *name, struct event *event)
{
	const struct dl_json *on = dl_json_get(root, "on"), *node;

	for (node = first_event(on); node; node = next_event(on, node)) {
		*event = event_of(on, node);
		if (dl_text_same(event->name, name))
			return true;
	}
	return false;
}

const char *dl_actions_triggers(struct dl_scope *scope, const struct dl_json *root)
{
	const struct dl_json *on = dl_json_get(root, "on"), *node;
	struct dl_buf words;

	dl_buf_init(&words, &scope->arena, DL_CAP_LINE);
	for (node = first_event(on); node; node = next_event(on, node)) {
		const char *name = event_of(on, node).name;

		if (name && *name)
			dl_buf_printf(&words, "%s%s", words.len ? "," : "", name);
	}
	return words.len ? words.data : NULL;
}

/* ------------------------------------------------------------------ inputs */

/* The text of any scalar but null. */
static const char *scalar(const struct dl_json *node)
{
	return node && node->type != DL_JSON_NULL ? node->text : NULL;
}

/* The scalars in LIST, separated by commas; NULL: there are none, or one has a comma itself. */
static const char *join_options(struct dl_scope *scope, const struct dl_json *list)
{
	const struct dl_json *node = list && list->type == DL_JSON_ARRAY ? list->child : NULL;
	struct dl_buf words;

	dl_buf_init(&words, &scope->arena, DL_CAP_LINE);
	for (; node; node = node->next) {
		if (!scalar(node) || strchr(scalar(node), ','))
			return NULL;
		dl_buf_printf(&words, "%s%s", words.len ? "," : "", scalar(node));
	}
	return words.len ? words.data : NULL;
}

static int put_input(struct dl_scope *scope, const struct dl_json *node, struct dl_sink *sink)
{
	struct dl_input_line *input = dl_schema_new(scope, &dl_record_input);
	const char *kind = scalar(dl_json_get(node, "type"));

	input->name = node->key;
	input->kind = kind ? kind : "string";
	input->required = dl_text_same(scalar(dl_json_get(node, "required")), "true");
	input->value = scalar(dl_json_get(node, "default"));
	if (strcmp(input->kind, "choice") == 0)
		input->choices = join_options(scope, dl_json_get(node, "options"));
	else if (strcmp(input->kind, "boolean") == 0)
		input->choices = "true,false";
	input->text = scalar(dl_json_get(node, "description"));
	return dl_sink_put(sink, scope, &dl_record_input, input);
}

int dl_actions_inputs(struct dl_scope *scope, const struct dl_json *root, const char *name,
		      struct dl_sink *sink)
{
	const struct dl_json *inputs, *node;
	struct event event;
	int result = DL_MORE;

	if (!has_event(root, "workflow_dispatch", &event)) {
		dl_fail(scope, DL_REFUSED, "%s cannot be started by hand",
			dl_text_quote(&scope->arena, name));
		return dl_fail_hint(scope, "it can when it has `workflow_dispatch:` below its `on:`");
	}
	inputs = dl_json_get(event.filters, "inputs");
	node = inputs && inputs->type == DL_JSON_OBJECT ? inputs->child : NULL;
	for (; node && result == DL_MORE; node = node->next)
		result = put_input(scope, node, sink);
	return result;
}

/* ------------------------------------------------------------------ what a push starts */

enum answer { NO, MAYBE, YES };

static enum answer lesser(enum answer one, enum answer other)
{
	return one < other ? one : other;
}

static enum answer greater(enum answer one, enum answer other)
{
	return one > other ? one : other;
}

/* Whether BRANCH is one of `branches`: a list, or a single pattern. The last pattern that takes it decides;
 * with none but negative ones the file is malformed. */
static enum answer is_among(struct dl_scope *scope, const struct dl_json *list, const char *branch)
{
	const struct dl_json *node = list->type == DL_JSON_ARRAY ? list->child : list;
	enum answer answer = NO;
	bool positive = false;
	const char *pattern;
	int match;

	for (; node; node = list->type == DL_JSON_ARRAY ? node->next : NULL) {
		pattern = scalar(node);
		match = pattern ? dl_pattern_match(&scope->arena, pattern + (*pattern == '!'), branch) : -1;
		if (match < 0)
			return MAYBE;
		positive |= *pattern != '!';
		if (match)
			answer = *pattern == '!' ? NO : YES;
	}
	return positive ? answer : MAYBE;
}

/* Whether BRANCH passes `branches-ignore`, where a '!' has no meaning that is written down. */
static enum answer is_not_ignored(struct dl_scope *scope, const struct dl_json *list, const char *branch)
{
	const struct dl_json *node = list->type == DL_JSON_ARRAY ? list->child : list;

	for (; node; node = list->type == DL_JSON_ARRAY ? node->next : NULL)
		if (dl_text_starts(scalar(node), "!"))
			return MAYBE;
	switch (is_among(scope, list, branch)) {
	case NO:
		return YES;
	case YES:
		return NO;
	case MAYBE:
		break;
	}
	return MAYBE;
}

/* Whether FILTERS let a push to BRANCH through. Filters on tags alone let no branch through. */
static enum answer passes(struct dl_scope *scope, const struct dl_json *filters, const char *branch)
{
	const struct dl_json *only = dl_json_get(filters, "branches");
	const struct dl_json *ignored = dl_json_get(filters, "branches-ignore");
	bool tags = dl_json_get(filters, "tags") || dl_json_get(filters, "tags-ignore");

	if (!only && !ignored && !tags)
		return YES;
	if (!branch || (only && ignored))
		return MAYBE;
	if (only)
		return is_among(scope, only, branch);
	return ignored ? is_not_ignored(scope, ignored, branch) : NO;
}

static enum answer starts_on_push(struct dl_scope *scope, const struct dl_json *filters, const char *branch)
{
	const struct dl_json *node;
	enum answer answer;

	if (!filters)
		return YES;
	if (filters->type != DL_JSON_OBJECT)
		return MAYBE;
	answer = passes(scope, filters, branch);
	/* A filter on paths, or one that is not known. */
	for (node = filters->child; node; node = node->next)
		if (!dl_text_in(node->key, "branches,branches-ignore,tags,tags-ignore"))
			answer = lesser(answer, MAYBE);
	return answer;
}

/* A push to the branch of a pull request is the event `synchronize` of that, which `types` may leave out. */
static enum answer starts_on_request(const struct dl_json *filters)
{
	const struct dl_json *types = dl_json_get(filters, "types"), *node;

	if (!types || types->type != DL_JSON_ARRAY)
		return !types || dl_text_same(scalar(types), "synchronize") ? MAYBE : NO;
	for (node = types->child; node; node = node->next)
		if (!scalar(node) || strcmp(scalar(node), "synchronize") == 0)
			return MAYBE;
	return NO;
}

static enum answer starts_on(struct dl_scope *scope, struct event event, const char *branch)
{
	if (!event.name)
		return MAYBE;
	if (strcmp(event.name, "push") == 0)
		return starts_on_push(scope, event.filters, branch);
	if (strcmp(event.name, "pull_request") == 0 || strcmp(event.name, "pull_request_target") == 0)
		return starts_on_request(event.filters);
	return strcmp(event.name, "create") == 0 ? MAYBE : NO;
}

/* What a commit's push starts, as far as it was looked at. */
struct search {
	struct dl_scope *scope; /* the names live here */
	const char *branch;
	const char **items;
	size_t count;
	bool more; /* there may be more */
};

/* Adds the workflow of the file NAME with the root ROOT, if it is started. */
static void judge_file(struct search *search, struct dl_scope *scope, const char *name,
		       const struct dl_json *root)
{
	const struct dl_json *on = dl_json_get(root, "on"), *node;
	enum answer most = first_event(on) ? NO : MAYBE, answer;

	for (node = first_event(on); node; node = next_event(on, node)) {
		answer = starts_on(scope, event_of(on, node), search->branch);
		search->more |= answer == MAYBE;
		most = greater(most, answer);
	}
	search->more |= most == MAYBE;
	if (most == YES)
		search->items[search->count++] = dl_arena_string(&search->scope->arena, name);
}

/* Whether the commit's MESSAGE asks that nothing be started.
 * https://docs.github.com/en/actions/how-tos/manage-workflow-runs/skip-workflow-runs */
static enum answer asks_to_skip(const char *message)
{
	static const char *const words[] = {"[skip ci]", "[ci skip]", "[no ci]", "[skip actions]",
					    "[actions skip]"};
	size_t i;

	if (!message)
		return MAYBE;
	for (i = 0; i < sizeof words / sizeof *words; i++)
		if (strstr(message, words[i]))
			return YES;
	/* A trailer that counts at one very place only. */
	return strstr(message, "skip-checks:") ? MAYBE : NO;
}

int dl_actions_expected(struct dl_scope *scope, struct dl_repo *repo, const char *sha, const char *branch,
			const char *const *folders, struct dl_names *names)
{
	struct search search = {.scope = scope, .branch = branch};
	struct dl_repo_entries entries;
	const char *folder = find_folder(scope, repo, sha, folders, &entries);
	enum answer skip;
	struct dl_scope page;
	size_t i;

	*names = (struct dl_names){0};
	if (!folder)
		return -1;
	skip = asks_to_skip(dl_repo_message(scope, repo, sha));
	if (skip != NO)
		return skip == YES;
	search.items = dl_arena_array(&scope->arena, entries.count, sizeof *search.items);
	for (i = 0; i < entries.count; i++) {
		const char *name = entries.items[i].name;

		if (!dl_actions_is_file(name) || entries.items[i].directory)
			continue;
		dl_scope_open(&page, NULL);
		judge_file(&search, &page, name, read_file(&page, repo, sha, folder, name));
		dl_scope_close(&page);
	}
	*names = (struct dl_names){.items = search.items, .count = search.count};
	return !search.more;
}
