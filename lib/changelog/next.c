#include "lib/changelog/next.h"

#include <string.h>

#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/changelog/changelog.h"
#include "lib/changelog/changes.h"

static int parse_bump(struct dl_scope *scope, const char *text, enum dl_semver_bump *bump)
{
	static const char *const words[] = {[DL_BUMP_PATCH] = "patch", [DL_BUMP_MINOR] = "minor",
					    [DL_BUMP_MAJOR] = "major"};

	for (*bump = DL_BUMP_PATCH; *bump <= DL_BUMP_MAJOR; ++*bump)
		if (strcmp(words[*bump], text) == 0)
			return 0;
	return dl_fail(scope, DL_USAGE, "--bump is major, minor or patch, not '%s'",
		       dl_text_quote(&scope->arena, text));
}

static int find_base(struct dl_scope *scope, const struct dl_changelog *log, const struct dl_tag **base)
{
	const char *previous = log->groups[0].previous;
	size_t i;

	*base = NULL;
	for (i = 0; previous && i < log->tags.count && !*base; i++)
		if (strcmp(log->tags.items[i].name, previous) == 0)
			*base = &log->tags.items[i];
	if (!previous || *base)
		return 0;
	return dl_fail(scope, DL_USAGE, "'%s' is no release: the version behind it is unknown",
		       dl_text_quote(&scope->arena, previous));
}

static enum dl_semver_bump wanted_bump(struct dl_scope *scope, const struct dl_changelog *log,
				       const struct dl_tag *base)
{
	static const struct dl_semver first = {.numbers = {{"1", 1}}, .count = 1};
	enum dl_semver_bump bump;
	struct dl_changes changes;
	struct dl_scope reading;

	dl_scope_open(&reading, scope);
	dl_changes_read(&reading, log, &log->groups[0], &changes);
	bump = dl_changes_bump(&changes);
	dl_scope_close(&reading);
	/* Before 1.0.0 anything may change. */
	if (bump == DL_BUMP_MAJOR && base && dl_semver_compare_core(&base->version, &first) < 0)
		bump = DL_BUMP_MINOR;
	return bump;
}

/* The highest pre-release since BASE, whose numbers may be ahead of what the changes ask for; NULL: none. */
static const struct dl_tag *find_announced(const struct dl_changelog *log, const struct dl_semver *version)
{
	size_t i;

	for (i = 0; i < log->tags.count; i++)
		if (log->tags.items[i].version.pre.len &&
		    dl_history_find(&log->history, log->tags.items[i].sha) &&
		    dl_semver_compare_core(&log->tags.items[i].version, version) > 0)
			return &log->tags.items[i];
	return NULL;
}

/* "rc.2" behind "rc.1", "rc11" behind "rc9" and "rc10"; "rc.1" where CORE has no pre-release of that name. */
static const char *number_pre(struct dl_scope *scope, const struct dl_changelog *log,
			      const struct dl_semver *core, const char *word)
{
	struct dl_semver_part number, last = {"", 0};
	const struct dl_semver *version;
	const char *dot = ".";
	size_t i;

	for (i = 0; i < log->tags.count; i++) {
		version = &log->tags.items[i].version;
		if (dl_semver_compare_core(version, core) != 0 ||
		    !dl_semver_pre_number(version, word, &number) ||
		    dl_text_compare_digits(number.text, number.len, last.text, last.len) < 0)
			continue;
		last = number;
		dot = strchr("._", version->pre.text[strlen(word)]) ? "." : "";
	}
	return dl_arena_format(&scope->arena, "%s%s%s", word, dot, dl_semver_raise(scope, last));
}

/* The tag of VERSION: what stands before the version, and between its numbers, is as in BASE. */
static const char *spell(struct dl_scope *scope, const struct dl_changelog *log, const struct dl_tag *base,
			 const char *version)
{
	const char *prefix = log->prefix;
	bool v = base ? base->name[strlen(prefix)] == 'v' : !*prefix;
	char *tag = dl_arena_format(&scope->arena, "%s%s%s", prefix, v ? "v" : "", version), *at;

	if (base && base->version.numbers[0].text[base->version.numbers[0].len] == '_')
		for (at = tag + strlen(prefix); *at && *at != '-'; at++)
			if (*at == '.')
				*at = '_';
	return tag;
}

int dl_next_version(struct dl_scope *scope, const struct dl_changelog *log, const struct dl_next_query *query,
		    struct dl_next *next)
{
	static const struct dl_semver zero = {.numbers = {{"0", 1}}, .count = 1};
	enum dl_semver_bump bump = DL_BUMP_NONE;
	const struct dl_tag *base, *announced;
	struct dl_semver version;

	*next = (struct dl_next){.tag = NULL};
	if (query->pre && !dl_semver_is_pre(query->pre))
		return dl_fail(scope, DL_USAGE, "'%s' cannot be the name of a pre-release",
			       dl_text_quote(&scope->arena, query->pre));
	if ((query->bump && parse_bump(scope, query->bump, &bump)) || find_base(scope, log, &base))
		return -1;
	if (!query->bump)
		bump = base || !log->groups[0].count ? wanted_bump(scope, log, base) : DL_BUMP_MINOR;
	if (bump == DL_BUMP_NONE)
		return 0;
	next->version = dl_semver_next(scope, base ? &base->version : &zero, bump);
	DL_BUG_IF(!dl_semver_parse(next->version, &version));
	if ((announced = find_announced(log, &version))) {
		next->version = dl_semver_next(scope, &announced->version, DL_BUMP_NONE);
		DL_BUG_IF(!dl_semver_parse(next->version, &version));
	}
	if (query->pre)
		next->version = dl_arena_format(&scope->arena, "%s-%s", next->version,
						number_pre(scope, log, &version, query->pre));
	DL_BUG_IF(!dl_semver_parse(next->version, &version));
	next->tag = spell(scope, log, base, next->version);
	if (!dl_tags_find(&log->tags, &version))
		return 0;
	dl_fail(scope, DL_REFUSED, "%s exists already, on another line of history", next->tag);
	return dl_fail_hint(scope, "--bump asks for a higher one");
}
