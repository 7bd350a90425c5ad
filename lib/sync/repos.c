/* A file is read piece by piece, and what it says of a repository is kept as one small struct, so that a
 * hundred thousand of them take some tens of megabytes. `defaults` may come last: what an entry does not say
 * is left open until all have been read. */
#include "lib/sync/repos.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/path.h"
#include "lib/base/text.h"
#include "lib/base/url.h"
#include "lib/data/config.h"
#include "lib/data/line.h"
#include "lib/git/remote.h"
#include "lib/git/repo.h"

enum { MOST_PROBLEMS = 100, MOST_DEPTH = 1000000000, LONGEST_NAME = 255, SHALLOW = 1 };

/* An entry as it is written. */
struct raw {
	const char *name, *owner, *repo, *path, *ref, *url, *host, *tier;
	struct dl_repos_how how;
	size_t line;
};

enum kind { TEXT, COUNT, FLAG };

static const struct key {
	const char *name;
	enum kind kind;
	size_t offset;
	bool single; /* it can be no default for all */
} keys[] = {
	{"name", TEXT, offsetof(struct raw, name), true},
	{"owner", TEXT, offsetof(struct raw, owner), false},
	{"repo", TEXT, offsetof(struct raw, repo), true},
	{"path", TEXT, offsetof(struct raw, path), true},
	{"ref", TEXT, offsetof(struct raw, ref), false},
	{"url", TEXT, offsetof(struct raw, url), true},
	{"host", TEXT, offsetof(struct raw, host), false},
	{"depth", COUNT, offsetof(struct raw, how.depth), false},
	{"filter", TEXT, offsetof(struct raw, how.filter), false},
	{"submodules", FLAG, offsetof(struct raw, how.submodules), false},
	{"lfs", FLAG, offsetof(struct raw, how.lfs), false},
	{"bare", FLAG, offsetof(struct raw, how.bare), false},
	{"mirror", FLAG, offsetof(struct raw, how.mirror), false},
	{.name = NULL},
};

static const struct dl_repos_how nothing = {
	.depth = -1, .submodules = -1, .lfs = -1, .bare = -1, .mirror = -1};

void dl_repos_open(struct dl_repos *repos, struct dl_scope *scope, const char *host,
		   const struct dl_opt_list *allowed)
{
	*repos = (struct dl_repos){.scope = scope, .host = host, .allowed = allowed,
				   .how = nothing, .fallback = nothing};
}

/* ------------------------------------------------------------------ problems */

static const char *quote(const struct dl_repos *repos, const char *text)
{
	return dl_text_quote(&repos->scope->arena, text);
}

/* Notes what is wrong on LINE. */
__attribute__((format(printf, 3, 4))) static void object(struct dl_repos *repos, size_t line,
							 const char *format, ...)
{
	const char *where = repos->source ? quote(repos, repos->source) : NULL;
	struct dl_arena *arena = &repos->scope->arena;
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	if (!repos->problems)
		repos->problems = dl_arena_array(arena, MOST_PROBLEMS + 1, sizeof *repos->problems);
	if (repos->problem_count++ >= MOST_PROBLEMS)
		return;
	repos->problems[repos->problem_count - 1] =
		where && line ? dl_arena_format(arena, "%s:%zu: %s", where, line, text)
		: line	      ? dl_arena_format(arena, "line %zu: %s", line, text)
			      : dl_arena_string(arena, text);
}

/* Notes the failure of ATTEMPT, and closes it. */
static void object_failure(struct dl_repos *repos, size_t line, const char *what, struct dl_scope *attempt)
{
	struct dl_error error = dl_fail_take(attempt, &attempt->arena);

	object(repos, line, "%s: %s", what, error.message);
}

/* ------------------------------------------------------------------ what an entry says */

/* What is wrong with REF, the name of a branch or tag, short or full; NULL: nothing. */
static const char *judge_ref(const struct dl_repos *repos, const char *ref)
{
	const char *full = dl_text_starts(ref, "refs/")
				   ? ref
				   : dl_arena_format(&repos->scope->arena, "refs/heads/%s", ref);

	if (*ref == '-' || *ref == '+')
		return "begins like an option";
	if (!dl_repo_is_ref_name(full))
		return "is no name of a branch or tag";
	if (dl_text_starts(ref, "refs/") && !dl_text_starts(ref, "refs/heads/") &&
	    !dl_text_starts(ref, "refs/tags/"))
		return "is neither a branch nor a tag";
	if (dl_text_is_sha(ref) || strcmp(ref, "HEAD") == 0)
		return "is neither a branch nor a tag";
	return strlen(ref) > LONGEST_NAME ? "is too long" : NULL;
}

static void check_ref(struct dl_repos *repos, size_t line, const char *ref)
{
	const char *problem = ref ? judge_ref(repos, ref) : NULL;

	if (problem)
		object(repos, line, "ref: '%s' %s", quote(repos, ref), problem);
}

/* Whether a part of PATH is a folder that git or DevLoop takes orders from, however it is spelt. */
static bool takes_orders(const char *path)
{
	const char *part = path, *end;
	size_t len;

	for (; part; part = *end ? end + 1 : NULL) {
		end = strchrnul(part, '/');
		for (len = (size_t)(end - part); len && strchr(". ", part[len - 1]); len--)
			;
		if ((len == 4 && strncasecmp(part, ".git", 4) == 0) || strncasecmp(part, "git~", 4) == 0 ||
		    strncasecmp(part, ".git:", 5) == 0 || (len == 8 && strncasecmp(part, ".devloop", 8) == 0))
			return true;
	}
	return false;
}

static void check_path(struct dl_repos *repos, const struct dl_repos_entry *entry)
{
	struct dl_scope attempt;

	dl_scope_open(&attempt, NULL);
	if (dl_path_check(&attempt, entry->path))
		object_failure(repos, entry->line, "path", &attempt);
	else if (takes_orders(entry->path))
		object(repos, entry->line, "path: '%s' lies where others are given orders",
		       quote(repos, entry->path));
	else if (*entry->path == '-')
		object(repos, entry->line, "path: '%s' begins like an option", quote(repos, entry->path));
	dl_scope_close(&attempt);
}

static bool is_allowed(const struct dl_repos *repos, const char *scheme)
{
	size_t i;

	if (strcmp(scheme, "https") == 0 || strcmp(scheme, "ssh") == 0)
		return true;
	for (i = 0; repos->allowed && i < repos->allowed->count; i++)
		if (dl_text_in(scheme, repos->allowed->items[i]))
			return true;
	return false;
}

static bool has_control(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return true;
	return false;
}

/* `file:///PATH`. */
static bool take_file_url(struct dl_repos *repos, struct dl_repos_entry *entry, const char *url)
{
	const char *path = url + strlen("file://");

	if (*path != '/' || has_control(url) || !path[1]) {
		object(repos, entry->line, "url: '%s' names no folder", quote(repos, url));
		return false;
	}
	entry->url = url;
	entry->host = "";
	entry->project = dl_remote_project(&repos->scope->arena, path);
	return true;
}

/* The user information of an http URL is a credential, which is taken out; that of ssh is a name. */
static void take_login(struct dl_repos *repos, struct dl_repos_entry *entry, const struct dl_url *url)
{
	struct dl_arena *arena = &repos->scope->arena;

	if (!url->user || strcmp(url->scheme, "ssh") == 0)
		return;
	entry->login = dl_url_decode(arena, url->user, strlen(url->user));
	if (!entry->login || has_control(entry->login))
		object(repos, entry->line, "url: the credential in it is malformed");
	entry->url = dl_arena_format(arena, "%s%s", dl_url_origin(arena, url), url->path);
}

/* Whether what ssh would be told can be taken for an option of it, or of the program on the other side. */
static bool is_option(const char *url, const struct dl_remote *remote)
{
	const char *at = strstr(url, "://") ? strstr(url, "://") + 3 : url;

	return *at == '-' || *remote->host == '-' || *remote->path == '-';
}

/* Takes URL apart. False: a problem has been noted. */
static bool take_url(struct dl_repos *repos, struct dl_repos_entry *entry, const char *url)
{
	const char *end = strstr(url, "://"), *scheme = "ssh";
	struct dl_scope attempt;
	struct dl_remote remote;
	struct dl_url parsed;
	bool good;

	if (strstr(url, "::")) {
		object(repos, entry->line, "url: it names a program, not a server");
		return false;
	}
	if (end)
		scheme = dl_arena_copy(&repos->scope->arena, url, (size_t)(end - url));
	if (end && !is_allowed(repos, scheme)) {
		object(repos, entry->line, "url: '%s' is not used unless --allow %s says so",
		       quote(repos, scheme), quote(repos, scheme));
		return false;
	}
	if (end && strcmp(scheme, "file") == 0)
		return take_file_url(repos, entry, url);
	dl_scope_open(&attempt, NULL);
	good = !has_control(url) && dl_remote_parse(&attempt, url, &remote) == 0 &&
	       (!end || dl_url_parse(&attempt, url, &parsed) == 0) && *remote.path &&
	       !is_option(url, &remote);
	if (!good && attempt.error.class != DL_OK)
		object_failure(repos, entry->line, "url", &attempt);
	else if (!good)
		object(repos, entry->line, "url: it names no repository");
	if (good) {
		entry->url = url;
		entry->host = dl_arena_string(&repos->scope->arena, remote.host);
		entry->project = dl_arena_string(&repos->scope->arena, remote.path);
		if (end)
			take_login(repos, entry, &parsed);
	}
	dl_scope_close(&attempt);
	return good;
}

/* Whether TEXT is one or more (DEEP) names that a server may give to owners and repositories. */
static bool is_project_name(const char *text, bool deep)
{
	const char *part = text, *byte;

	for (byte = text;; byte++) {
		if (*byte == '/' || !*byte) {
			if (byte == part || *part == '-' ||
			    (*part == '.' && byte - part <= 2 && byte[-1] == '.'))
				return false;
			part = byte + 1;
			if (!*byte)
				return true;
			if (!deep)
				return false;
		} else if (!strchr("._~-", *byte) && !(*byte >= '0' && *byte <= '9') &&
			   !((*byte | 0x20) >= 'a' && (*byte | 0x20) <= 'z')) {
			return false;
		}
	}
}

/* Takes OWNER and REPO of HOST. False: problems have been noted. */
static bool take_project(struct dl_repos *repos, struct dl_repos_entry *entry, const struct raw *raw)
{
	const char *host = raw->host ? raw->host : repos->host;
	struct dl_arena *arena = &repos->scope->arena;
	size_t before = repos->problem_count;

	if (!raw->owner || !raw->repo)
		object(repos, entry->line, "it has neither owner and repo nor url");
	if (raw->owner && !is_project_name(raw->owner, true))
		object(repos, entry->line, "owner: '%s' is no name", quote(repos, raw->owner));
	if (raw->repo && !is_project_name(raw->repo, false))
		object(repos, entry->line, "repo: '%s' is no name", quote(repos, raw->repo));
	if (strpbrk(host, "/@\\?#"))
		object(repos, entry->line, "host: '%s' is no host", quote(repos, host));
	if (repos->problem_count > before)
		return false;
	return take_url(repos, entry,
			dl_arena_format(arena, "https://%s/%s/%s.git", host, raw->owner, raw->repo));
}

static void check_how(struct dl_repos *repos, const struct dl_repos_entry *entry)
{
	const char *filter = entry->how.filter;

	if (filter && (*filter == '-' || filter[strspn(filter, "abcdefghijklmnopqrstuvwxyz0123456789:=+,.")]))
		object(repos, entry->line, "filter: '%s' is none: blob:none, blob:limit=1m, tree:0, ...",
		       quote(repos, filter));
	if (entry->how.mirror == 1 && (entry->ref || entry->how.depth > 0 || entry->how.submodules == 1))
		object(repos, entry->line,
		       "mirror: it has every ref and all history, so ref, depth and submodules do not go "
		       "with it");
}

static void take_name(struct dl_repos *repos, struct dl_repos_entry *entry, const char *name)
{
	entry->name = dl_arena_string(&repos->scope->arena, name);
	if (!*entry->name || *entry->name == '-' || has_control(entry->name) ||
	    strlen(entry->name) > LONGEST_NAME || strpbrk(entry->name, ":\\ "))
		object(repos, entry->line, "name: '%s' is none", quote(repos, entry->name));
}

static void keep(struct dl_repos *repos, struct dl_repos_entry *entry)
{
	size_t count = repos->count, size = sizeof *repos->entries;

	/* Doubled whenever the count is a power of two. */
	if ((count & (count - 1)) == 0)
		repos->entries = dl_arena_grow(&repos->scope->arena, repos->entries, count * size,
					       (count ? count * 2 : 1) * size);
	repos->entries[repos->count++] = entry;
}

/* Makes an entry of RAW and keeps it, also when something is wrong with it: all else that is, is told, too.
 * What cannot be known of it is NULL. */
static void add(struct dl_repos *repos, const struct raw *raw)
{
	struct dl_arena *arena = &repos->scope->arena;
	struct dl_repos_entry *entry = dl_arena_alloc(arena, sizeof *entry);
	bool found;

	*entry = (struct dl_repos_entry){.line = raw->line, .tier = raw->tier, .how = raw->how};
	entry->ref = dl_arena_string(arena, raw->ref);
	entry->how.filter = dl_arena_string(arena, raw->how.filter);
	found = raw->url ? take_url(repos, entry, dl_arena_string(arena, raw->url))
			 : take_project(repos, entry, raw);
	if (raw->name || found)
		take_name(repos, entry, raw->name ? raw->name : dl_path_last(entry->project));
	entry->path = dl_arena_string(arena, raw->path ? raw->path : entry->project);
	if (entry->path)
		check_path(repos, entry);
	check_ref(repos, entry->line, entry->ref);
	keep(repos, entry);
}

/* ------------------------------------------------------------------ configuration files */

static const struct key *find_key(const char *name)
{
	const struct key *key = keys;

	while (key->name && strcmp(key->name, name) != 0)
		key++;
	return key->name ? key : NULL;
}

static void take_value(struct dl_repos *repos, struct raw *raw, const struct key *key,
		       const struct dl_json *node)
{
	char *value = (char *)raw + key->offset;
	const char *text = dl_json_string(node);
	int64_t count = dl_json_int(node);
	int flag = dl_json_bool(node);
	size_t line = dl_config_line(node);

	if (node->type == DL_JSON_NULL)
		return;
	switch (key->kind) {
	case TEXT:
		if (!text || !*text)
			object(repos, line, "%s: a text was expected", key->name);
		else
			*(const char **)(void *)value = text;
		return;
	case COUNT:
		if (node->type != DL_JSON_NUMBER || count < 0 || count > MOST_DEPTH)
			object(repos, line, "%s: a count was expected", key->name);
		else
			*(long *)(void *)value = (long)count;
		return;
	case FLAG:
		if (flag < 0)
			object(repos, line, "%s: true or false was expected", key->name);
		else
			*(int *)(void *)value = flag;
		return;
	}
}

/* Reads the mapping NODE into RAW. False: it is none. */
static bool read_raw(struct dl_repos *repos, struct raw *raw, const struct dl_json *node, bool single)
{
	const struct dl_json *member;
	const struct key *key;

	raw->line = dl_config_line(node);
	if (node->type != DL_JSON_OBJECT) {
		object(repos, raw->line, "a mapping of name, owner, repo, path, ... was expected");
		return false;
	}
	for (member = node->child; member; member = member->next) {
		key = find_key(member->key);
		if (!key || (key->single && !single))
			object(repos, dl_config_line(member), "'%s' is no key here",
			       quote(repos, member->key));
		else
			take_value(repos, raw, key, member);
	}
	return true;
}

static void read_defaults(struct dl_repos *repos, const struct dl_json *node)
{
	struct dl_arena *arena = &repos->scope->arena;
	struct raw raw = {.how = nothing};

	if (!read_raw(repos, &raw, node, false))
		return;
	repos->fallback = raw.how;
	repos->fallback.filter = dl_arena_string(arena, raw.how.filter);
	repos->fallback_ref = dl_arena_string(arena, raw.ref);
	repos->owner = raw.owner ? dl_arena_string(arena, raw.owner) : repos->owner;
	repos->host = raw.host ? dl_arena_string(arena, raw.host) : repos->host;
	check_ref(repos, raw.line, raw.ref);
}

/* What reads a file: in the first round its defaults, in the second all else. */
struct reading {
	struct dl_config_visitor visitor;
	struct dl_repos *repos;
	const char *tier; /* of the last one: shared by all its entries */
	bool defaults;
};

static const char *tier_of(struct reading *reading, const char *key)
{
	if (!dl_text_same(reading->tier, key))
		reading->tier = dl_arena_string(&reading->repos->scope->arena, key);
	return reading->tier;
}

static void read_entry(struct reading *reading, const char *tier, const struct dl_json *node)
{
	struct dl_repos *repos = reading->repos;
	struct raw raw = {.how = nothing, .tier = tier_of(reading, tier)};

	if (!read_raw(repos, &raw, node, true))
		return;
	if (!raw.owner)
		raw.owner = repos->owner;
	if (!raw.repo)
		raw.repo = raw.name;
	if (raw.url && raw.host)
		object(repos, raw.line, "host: the URL names one already");
	add(repos, &raw);
}

static int take_piece(struct dl_config_visitor *visitor, struct dl_scope *scope, const char *key,
		      const struct dl_json *node, bool element)
{
	struct reading *reading = (struct reading *)visitor;
	bool defaults = strcmp(key, "defaults") == 0;

	(void)scope;
	if (defaults != reading->defaults)
		return 0;
	if (defaults)
		read_defaults(reading->repos, node);
	else if (element)
		read_entry(reading, key, node);
	else if (node->type != DL_JSON_NULL)
		object(reading->repos, dl_config_line(node), "%s: a list of repositories was expected",
		       quote(reading->repos, key));
	return 0;
}

int dl_repos_read(struct dl_repos *repos, const char *path)
{
	struct reading reading = {.visitor.take = take_piece, .repos = repos, .defaults = true};
	int result;

	repos->source = path;
	result = dl_config_each(repos->scope, path, &reading.visitor);
	reading.defaults = false;
	return result == 1 ? dl_config_each(repos->scope, path, &reading.visitor) : result;
}

/* ------------------------------------------------------------------ lines and arguments */

static const char *text_of(const struct dl_line *line, const char *key)
{
	return dl_json_text(line->node, key);
}

static void add_line(struct dl_repos *repos, const struct dl_line *line)
{
	const char *project = line->node ? text_of(line, "project") : line->ref;
	const char *path = line->node ? text_of(line, "path") : NULL;
	struct raw raw = {.how = nothing, .line = (size_t)line->number};

	if (!line->node) {
		dl_repos_add(repos, project, NULL, NULL);
		return;
	}
	raw.url = text_of(line, "clone_url") ? text_of(line, "clone_url") : text_of(line, "ssh_url");
	raw.name = path ? text_of(line, "name") : project;
	raw.tier = dl_arena_string(&repos->scope->arena, text_of(line, "tier"));
	raw.ref = path ? text_of(line, "default_branch") : NULL;
	raw.path = path ? path : project;
	if (!raw.url)
		object(repos, raw.line, "it has no clone_url");
	else
		add(repos, &raw);
}

int dl_repos_read_lines(struct dl_repos *repos, struct dl_lines *lines)
{
	struct dl_line line;
	struct dl_scope scope;
	int result;

	do {
		dl_scope_open(&scope, repos->scope);
		result = dl_line_next(&scope, lines, &line);
		if (result > 0 && line.node && dl_text_same(line.type, "error"))
			dl_fail(&scope, dl_fail_class(text_of(&line, "class")), "%s",
				dl_text_quote(&scope.arena, text_of(&line, "message")));
		else if (result > 0 && line.node && !dl_text_same(line.type, "repo"))
			object(repos, (size_t)line.number, "it is no line of type repo");
		else if (result > 0)
			add_line(repos, &line);
		if (dl_scope_close(&scope))
			return -1;
	} while (result > 0);
	return 0;
}

bool dl_repos_is_named(const char *what)
{
	return !strpbrk(what, "/:");
}

void dl_repos_add(struct dl_repos *repos, const char *what, const char *path, const char *ref)
{
	const char *slash = strrchr(what, '/');
	struct raw raw = {.how = nothing, .path = path, .ref = ref};

	if (strchr(what, ':')) {
		raw.url = what;
	} else {
		raw.owner = slash ? dl_arena_copy(&repos->scope->arena, what, (size_t)(slash - what)) : "";
		raw.repo = slash ? slash + 1 : what;
		raw.name = what;
	}
	add(repos, &raw);
}

/* ------------------------------------------------------------------ all of them */

static long first_given(long own, long options, long file, long otherwise)
{
	return own >= 0 ? own : options >= 0 ? options : file >= 0 ? file : otherwise;
}

/* Fills in what ENTRY does not say. */
static void fill_in(const struct dl_repos *repos, struct dl_repos_entry *entry)
{
	const struct dl_repos_how *options = &repos->how, *file = &repos->fallback;
	struct dl_repos_how *own = &entry->how;

	own->mirror = (int)first_given(own->mirror, options->mirror, file->mirror, 0);
	own->bare = own->mirror || first_given(own->bare, options->bare, file->bare, 0);
	own->submodules = (int)first_given(own->submodules, options->submodules, file->submodules, 0);
	own->lfs = (int)first_given(own->lfs, options->lfs, file->lfs, -1);
	own->depth = first_given(own->depth, own->mirror ? 0 : options->depth, own->mirror ? 0 : file->depth,
				 SHALLOW);
	if (!own->filter)
		own->filter = options->filter ? options->filter : file->filter;
	if (!entry->ref && !own->mirror)
		entry->ref = repos->fallback_ref;
}

static int compare_names(const void *left, const void *right)
{
	const struct dl_repos_entry *const *a = left, *const *b = right;
	int order = strcmp((*a)->name, (*b)->name);

	return order ? order : ((*a)->line > (*b)->line) - ((*a)->line < (*b)->line);
}

/* By path, with what lies below a folder right behind it, and names that differ in case together. */
static int compare_paths(const void *left, const void *right)
{
	const struct dl_repos_entry *const *a = left, *const *b = right;
	const unsigned char *one = (const unsigned char *)(*a)->path,
			    *other = (const unsigned char *)(*b)->path;
	int x, y;

	for (;; one++, other++) {
		x = *one == '/' ? 1 : *one >= 'A' && *one <= 'Z' ? *one | 0x20 : *one;
		y = *other == '/' ? 1 : *other >= 'A' && *other <= 'Z' ? *other | 0x20 : *other;
		if (x != y)
			return x - y;
		if (!x)
			return ((*a)->line > (*b)->line) - ((*a)->line < (*b)->line);
	}
}

/* Whether INNER is OUTER or lies below it, by COMPARE, as strncmp does. */
static bool contains(const char *outer, const char *inner, int compare(const char *, const char *, size_t))
{
	size_t len = strlen(outer);

	return compare(outer, inner, len) == 0 && (inner[len] == '/' || !inner[len]);
}

/* Whether the file system of ROOT takes names that differ in case for the same. */
static bool folds_case(struct dl_scope *scope, const char *root)
{
	char *name = dl_arena_format(&scope->arena, "%s/.dl-case-XXXXXX", root);
	int fd = mkostemp(name, O_CLOEXEC);
	struct stat st;
	bool folds;

	if (fd < 0)
		return false;
	close(fd);
	folds = stat(dl_arena_format(&scope->arena, "%s/.DL-CASE-%s", root, name + strlen(name) - 6), &st) ==
		0;
	unlink(name);
	return folds;
}

static const char *place_of(struct dl_repos *repos, const struct dl_repos_entry *entry)
{
	return entry->line ? dl_arena_format(&repos->scope->arena, " of line %zu", entry->line) : "";
}

/* Puts those that have a name, or a path, into LIST, which has room for all; returns how many that are. */
static size_t list_known(const struct dl_repos *repos, size_t member, struct dl_repos_entry **list)
{
	size_t count = 0, i;

	for (i = 0; i < repos->count; i++)
		if (*(const char *const *)(const void *)((const char *)repos->entries[i] + member))
			list[count++] = repos->entries[i];
	return count;
}

static void check_names(struct dl_repos *repos, struct dl_repos_entry **sorted)
{
	size_t count = list_known(repos, offsetof(struct dl_repos_entry, name), sorted), i;

	qsort(sorted, count, sizeof *sorted, compare_names);
	for (i = 1; i < count; i++)
		if (strcmp(sorted[i - 1]->name, sorted[i]->name) == 0)
			object(repos, sorted[i]->line, "name: '%s' is that%s, too",
			       quote(repos, sorted[i]->name), place_of(repos, sorted[i - 1]));
}

/* What lies below a folder stands right behind it, but for others that do: so each is compared with the last
 * that contained none. */
static void check_paths(struct dl_repos *repos, struct dl_repos_entry **sorted, const char *root)
{
	size_t count = list_known(repos, offsetof(struct dl_repos_entry, path), sorted), i;
	const struct dl_repos_entry *outer = NULL, *entry;
	int folds = -1;
	bool same;

	qsort(sorted, count, sizeof *sorted, compare_paths);
	for (i = 0; i < count; i++) {
		entry = sorted[i];
		if (!outer || !contains(outer->path, entry->path, strncasecmp)) {
			outer = entry;
			continue;
		}
		same = contains(outer->path, entry->path, strncmp);
		if (!same && folds < 0)
			folds = folds_case(repos->scope, root);
		if (same || folds > 0)
			object(repos, entry->line, "path: '%s' is or lies in the folder%s",
			       quote(repos, entry->path), place_of(repos, outer));
	}
}

int dl_repos_finish(struct dl_repos *repos, const char *root)
{
	struct dl_scope scratch;
	struct dl_repos_entry **sorted;
	size_t i;

	for (i = 0; i < repos->count; i++) {
		fill_in(repos, repos->entries[i]);
		check_how(repos, repos->entries[i]);
		repos->entries[i]->selected = true;
	}
	dl_scope_open(&scratch, NULL);
	sorted = dl_arena_array(&scratch.arena, repos->count, sizeof *sorted);
	check_names(repos, sorted);
	check_paths(repos, sorted, root);
	dl_scope_close(&scratch);
	if (!repos->problem_count)
		return 0;
	return dl_fail(repos->scope, DL_CONFIG, "%zu problem%s%s%s: nothing was done", repos->problem_count,
		       repos->problem_count > 1 ? "s" : "", repos->source ? " in " : "",
		       repos->source ? quote(repos, repos->source) : "");
}

/* ------------------------------------------------------------------ selecting */

static bool has_tier(const struct dl_repos *repos, const char *tier)
{
	size_t i;

	for (i = 0; i < repos->count; i++)
		if (dl_text_same(repos->entries[i]->tier, tier))
			return true;
	return false;
}

static int check_tiers(struct dl_scope *scope, const struct dl_repos *repos, const char *tiers)
{
	const char *end, *tier;

	for (; tiers; tiers = *end ? end + 1 : NULL) {
		end = strchrnul(tiers, ',');
		tier = dl_arena_copy(&scope->arena, tiers, (size_t)(end - tiers));
		if (!has_tier(repos, tier))
			return dl_fail(scope, DL_MISSING, "no repository is in the tier %s",
				       dl_text_quote(&scope->arena, tier));
	}
	return 0;
}

/* The entry of the sorted list that is called NAME; NULL: none is. */
static struct dl_repos_entry *find_name(struct dl_repos_entry **sorted, size_t count, const char *name)
{
	size_t low = 0, high = count, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (strcmp(sorted[middle]->name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < count && strcmp(sorted[low]->name, name) == 0 ? sorted[low] : NULL;
}

static int select_names(struct dl_scope *scope, struct dl_repos *repos, const struct dl_opt_list *names)
{
	struct dl_repos_entry **sorted = dl_arena_array(&scope->arena, repos->count, sizeof *sorted), *found;
	size_t i;

	for (i = 0; i < repos->count; i++) {
		sorted[i] = repos->entries[i];
		sorted[i]->selected = false;
	}
	qsort(sorted, repos->count, sizeof *sorted, compare_names);
	for (i = 0; i < names->count; i++) {
		found = find_name(sorted, repos->count, names->items[i]);
		if (!found) {
			dl_fail(scope, DL_MISSING, "there is no repository called %s",
				dl_text_quote(&scope->arena, names->items[i]));
			return dl_fail_hint(scope, "--list prints all; OWNER/NAME is one that is in no file");
		}
		found->selected = true;
	}
	return 0;
}

int dl_repos_select(struct dl_scope *scope, struct dl_repos *repos, const char *tiers,
		    const struct dl_opt_list *names)
{
	size_t i;

	if (check_tiers(scope, repos, tiers) || (names->count && select_names(scope, repos, names)))
		return -1;
	for (i = 0; tiers && i < repos->count; i++)
		if (!dl_text_in(repos->entries[i]->tier, tiers))
			repos->entries[i]->selected = false;
	return 0;
}
