#include "lib/provider/probe.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "lib/base/buf.h"
#include "lib/base/file.h"
#include "lib/base/folder.h"
#include "lib/base/pool.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/url.h"
#include "lib/net/http.h"
#include "lib/provider/provider.h"

enum { MOST_PATHS = 8, TIMEOUT_S = 3, KNOWN_S = 30 * 86400, UNKNOWN_S = 3600, MOST_BYTES = 64 };

/* One path that is asked for, and what came. */
struct look {
	struct dl_scope scope;
	struct dl_http *http;
	const char *url, *path;
	struct dl_res res;
	bool answered;
};

static void ask(void *arg, size_t index)
{
	struct look *look = (struct look *)arg + index;
	struct dl_req req = {.url = look->url, .stay = true, .once = true, .timeout_s = TIMEOUT_S};

	look->answered = dl_http_send(&look->scope, look->http, &req, &look->res) == 0;
}

/* The distinct paths of all signs; how many. */
static size_t list_paths(struct look *looks)
{
	const struct dl_provider *const *row;
	const struct dl_sign *sign;
	size_t count = 0, i;

	for (row = dl_provider_table; *row; row++)
		for (sign = (*row)->signs; sign && sign->path; sign++) {
			for (i = 0; i < count && strcmp(looks[i].path, sign->path) != 0; i++)
				;
			DL_BUG_IF(i == MOST_PATHS);
			looks[i].path = sign->path;
			count += i == count;
		}
	return count;
}

static bool shows(struct look *look, const struct dl_sign *sign)
{
	if (!look->answered || strcmp(look->path, sign->path) != 0)
		return false;
	if (sign->header && !dl_http_header(&look->scope.arena, &look->res, sign->header))
		return false;
	return !sign->text || strcasestr(look->res.body, sign->text) ||
	       (look->res.head && strcasestr(look->res.head, sign->text));
}

static const struct dl_provider *recognise(struct look *looks, size_t count)
{
	const struct dl_provider *const *row;
	const struct dl_sign *sign;
	size_t i;

	for (row = dl_provider_table; *row; row++)
		for (sign = (*row)->signs; sign && sign->path; sign++)
			for (i = 0; i < count; i++)
				if (shows(&looks[i], sign))
					return *row;
	return NULL;
}

/* Where the answer for HOST is remembered; NULL: nowhere. */
static const char *memory_path(struct dl_scope *scope, const char *host)
{
	const char *dir = dl_folder_cache(scope);
	struct dl_buf path;

	if (!dir)
		return NULL;
	dl_buf_init(&path, &scope->arena, DL_CAP_HEAD);
	dl_buf_printf(&path, "%s/hosts/", dir);
	dl_url_encode(&path, host, NULL);
	return path.overflow ? NULL : path.data;
}

/* Whether the answer is remembered; then it is in *PROVIDER. */
static bool recall(struct dl_scope *scope, const char *path, const struct dl_provider **provider)
{
	struct dl_scope attempt;
	struct stat st;
	char *name;
	bool known = false;

	dl_scope_open(&attempt, scope);
	if (path && stat(path, &st) == 0 && (name = dl_file_read(&attempt, path, MOST_BYTES, NULL))) {
		name[strcspn(name, "\n")] = '\0';
		*provider = dl_provider_find(name);
		known = time(NULL) - st.st_mtime < (*provider ? KNOWN_S : UNKNOWN_S);
	}
	dl_fail_take(&attempt, &attempt.arena);
	dl_scope_close(&attempt);
	return known;
}

/* That it cannot be written matters to nobody. */
static void remember(struct dl_scope *scope, const char *path, const struct dl_provider *provider)
{
	const char *name = provider ? provider->name : "none";
	struct dl_scope attempt;

	dl_scope_open(&attempt, scope);
	if (path &&
	    dl_file_mkdirs(&attempt, dl_arena_copy(&attempt.arena, path, (size_t)(strrchr(path, '/') - path)),
			   0700) == 0 &&
	    dl_file_write(&attempt, path, 0600, name, strlen(name)) < 0)
		dl_fail_take(&attempt, &attempt.arena);
	dl_fail_take(&attempt, &attempt.arena);
	dl_scope_close(&attempt);
}

const struct dl_provider *dl_probe_host(struct dl_scope *scope, struct dl_http *http, const char *scheme,
					const char *host)
{
	const char *off = getenv("DL_PROBE"), *path = memory_path(scope, host);
	struct look looks[MOST_PATHS] = {0};
	const struct dl_provider *found = NULL;
	bool answered = false;
	size_t count, i;

	if ((off && strcmp(off, "0") == 0) || recall(scope, path, &found))
		return found;
	count = list_paths(looks);
	for (i = 0; i < count; i++) {
		dl_scope_open(&looks[i].scope, NULL);
		looks[i].http = http;
		looks[i].url = dl_arena_format(&scope->arena, "%s://%s%s", scheme, host, looks[i].path);
	}
	dl_pool_map(count, count, ask, looks);
	found = recognise(looks, count);
	for (i = 0; i < count; i++) {
		answered |= looks[i].answered;
		dl_scope_close(&looks[i].scope);
	}
	if (answered && !dl_http_options(http)->traceless)
		remember(scope, path, found);
	return found;
}
