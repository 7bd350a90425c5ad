/* The formats: https://git-scm.com/docs/git-fetch (refspec), https://git-scm.com/docs/git-pack-refs */
#include "lib/push/tracking.h"

#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/git/git.h"

enum { LOOSE_CAP = 4096, PACKED_CAP = 64 << 20 };

/* ------------------------------------------------------------------ which one */

/* Whether the LEN bytes of PATTERN, with one '*' at most, match all of REF; what that stands for begins at
 * *STAR, if there is one, and has *STAR_LEN bytes. */
static bool matches(const char *pattern, size_t len, const char *ref, size_t *star, size_t *star_len)
{
	const char *asterisk = memchr(pattern, '*', len);
	size_t before = asterisk ? (size_t)(asterisk - pattern) : len, after = len - before,
	       ref_len = strlen(ref);

	*star = before;
	*star_len = 0;
	if (!asterisk)
		return ref_len == len && memcmp(ref, pattern, len) == 0;
	after--;
	if (ref_len < before + after || memcmp(ref, pattern, before) != 0 ||
	    memcmp(ref + ref_len - after, asterisk + 1, after) != 0)
		return false;
	*star_len = ref_len - before - after;
	return true;
}

/* Where SPEC leads from REF; NULL: nowhere. */
static const char *follow(struct dl_scope *scope, const char *spec, const char *ref)
{
	size_t len, star, star_len;
	const char *to, *asterisk;

	spec += *spec == '+';
	len = strcspn(spec, ":");
	if (!spec[len] || !matches(spec, len, ref, &star, &star_len))
		return NULL;
	to = spec + len + 1;
	asterisk = strchr(to, '*');
	if (!asterisk)
		return *to ? dl_arena_string(&scope->arena, to) : NULL;
	return dl_arena_format(&scope->arena, "%.*s%.*s%s", (int)(asterisk - to), to, (int)star_len,
			       ref + star, asterisk + 1);
}

const char *dl_tracking_find(struct dl_scope *scope, const struct dl_git_config *config, const char *remote,
			     const char *ref)
{
	const char *key = dl_arena_format(&scope->arena, "remote.%s.fetch", remote), *found = NULL, *spec;
	size_t i, star, star_len;

	for (i = 0; i < config->count; i++) {
		if (strcmp(config->entries[i].key, key) != 0)
			continue;
		spec = config->entries[i].value;
		/* What is left out is left out, wherever that is said. */
		if (*spec == '^' && matches(spec + 1, strlen(spec + 1), ref, &star, &star_len))
			return NULL;
		if (!found)
			found = follow(scope, spec, ref);
	}
	return found;
}

/* ------------------------------------------------------------------ where it stands */

/* The hash that TEXT begins with; NULL: none. */
static const char *hash_in(struct dl_scope *scope, const char *text)
{
	const char *hash = dl_arena_copy(&scope->arena, text, strspn(text, "0123456789abcdef"));

	return dl_text_is_sha(hash) ? hash : NULL;
}

/* In packed-refs a line is an object, a space and a ref. */
static const char *find_packed(struct dl_scope *scope, const char *common_dir, const char *ref)
{
	const char *path = dl_arena_format(&scope->arena, "%s/packed-refs", common_dir);
	const char *wanted = dl_arena_format(&scope->arena, " %s\n", ref), *text, *end;

	text = dl_file_read(scope, path, PACKED_CAP, NULL);
	end = text ? strstr(text, wanted) : NULL;
	if (!end)
		return NULL;
	while (end > text && end[-1] != '\n')
		end--;
	return hash_in(scope, end);
}

static const char *ask_git(struct dl_scope *scope, const char *common_dir, const char *ref)
{
	const char *const argv[] = {"rev-parse", "-q", "--verify", ref, NULL};
	struct dl_proc_result result;

	return dl_git_run(scope, common_dir, argv, &result) == 0 ? hash_in(scope, result.output) : NULL;
}

static const char *find(struct dl_scope *scope, const char *common_dir, const char *ref)
{
	const char *path = dl_arena_format(&scope->arena, "%s/%s", common_dir, ref), *text;

	if (!dl_text_starts(ref, "refs/") || strstr(ref, ".."))
		return NULL;
	if (access(dl_arena_format(&scope->arena, "%s/reftable", common_dir), F_OK) == 0)
		return ask_git(scope, common_dir, ref);
	text = dl_file_read(scope, path, LOOSE_CAP, NULL);
	if (dl_text_starts(text, "ref: "))
		return ask_git(scope, common_dir, ref);
	dl_fail_take(scope, &scope->arena);
	return text ? hash_in(scope, text) : find_packed(scope, common_dir, ref);
}

const char *dl_tracking_read(struct dl_scope *scope, const char *common_dir, const char *ref)
{
	struct dl_scope attempt;
	const char *found;

	dl_scope_open(&attempt, NULL);
	found = dl_arena_string(&scope->arena, find(&attempt, common_dir, ref));
	dl_scope_close(&attempt);
	return found;
}
