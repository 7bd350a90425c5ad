/* The embedded package registry: no server, no account. A package has a folder, called as indexes call it
 *(PEP 503), in the folder of all:
 *
 *	FILE            what was published
 *	index.json      what there is, as a simple index tells it (PEP 691); "_version" is added
 *	index.html      the same for `pip install --index-url file://FOLDER`
 *	.lock           held by who writes the two
 *
 * A file is published when the indexes name it. All are written beside and renamed, so that nobody sees a
 *half. */
#include "providers/registry/local.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/file.h"
#include "lib/base/path.h"
#include "lib/base/place.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/base/url.h"
#include "lib/data/dist.h"
#include "lib/data/json.h"
#include "lib/data/record.h"
#include "lib/data/scheme.h"
#include "lib/data/sink.h"
#include "lib/git/repo.h"
#include "lib/net/body.h"
#include "providers/registry/simple.h"

enum { CHUNK = 256 << 10, FOLDER_MODE = 0777, FILE_MODE = 0644 };

static const char *quote(struct dl_scope *scope, const char *text)
{
	return dl_text_quote(&scope->arena, text);
}

/* ------------------------------------------------------------------ folders */

/* The folder of all packages. */
static const char *registry_folder(struct dl_scope *scope, const struct dl_target *target)
{
	const char *named = getenv("DL_LOCAL_REGISTRY");

	if (named && *named)
		return named;
	return dl_arena_format(&scope->arena, "%sdevloop/packages", dl_repo_common_dir(target->repo));
}

/* The folder of PACKAGE; NULL: DL_USAGE, it is no name of one. */
static const char *package_folder(struct dl_scope *scope, const struct dl_target *target, const char *package)
{
	const char *name = dl_dist_normal(&scope->arena, package);

	if (*name != '.' && !strchr(name, '/') && dl_path_check(scope, name) == 0)
		return dl_arena_format(&scope->arena, "%s/%s", registry_folder(scope, target), name);
	dl_fail_take(scope, &scope->arena);
	dl_fail(scope, DL_USAGE, "'%s' is no name of a package", quote(scope, package));
	return NULL;
}

static const char *index_path(struct dl_scope *scope, const char *folder, const char *kind)
{
	return dl_arena_format(&scope->arena, "%s/index.%s", folder, kind);
}

/* The index of the package in FOLDER; NULL: failed, DL_MISSING where there is none. */
static const struct dl_json *read_index(struct dl_scope *scope, const char *folder)
{
	const char *path = index_path(scope, folder, "json");
	size_t len;
	char *text = dl_file_read(scope, path, DL_CAP_BODY, &len);
	const struct dl_json *root = text ? dl_json_parse(scope, text, len) : NULL;

	if (text && !root)
		dl_fail_prefix(scope, "%s", quote(scope, path));
	return root;
}

/* ------------------------------------------------------------------ what is there */

static int versions(struct dl_scope *scope, const struct dl_target *target, const char *package,
		    struct dl_sink *sink)
{
	const char *folder = package_folder(scope, target, package);
	const struct dl_json *index = folder ? read_index(scope, folder) : NULL;

	if (index)
		return dl_simple_versions(scope, target, package, index, sink);
	if (scope->error.class != DL_MISSING)
		return -1;
	dl_fail_take(scope, &scope->arena);
	return dl_fail(scope, DL_MISSING, "no package '%s' has been published in %s", quote(scope, package),
		       quote(scope, registry_folder(scope, target)));
}

static const char *url(struct dl_scope *scope, const struct dl_target *target, const char *package,
		       const char *version)
{
	const char *folder = package_folder(scope, target, package);
	char here[PATH_MAX] = "";
	struct dl_buf text;

	(void)version;
	if (!folder)
		return NULL;
	if (*folder != '/' && !getcwd(here, sizeof here)) {
		dl_fail_errno(scope, "cannot tell where we are");
		return NULL;
	}
	dl_buf_init(&text, &scope->arena, DL_CAP_LINE);
	dl_buf_puts(&text, "file://");
	dl_url_encode(&text, here, "/");
	if (*here)
		dl_buf_putc(&text, '/');
	dl_url_encode(&text, folder, "/");
	dl_buf_puts(&text, "/index.html");
	return text.data;
}

static int check(struct dl_scope *scope, const struct dl_target *target, const char *package,
		 struct dl_sink *sink)
{
	const char *folder = registry_folder(scope, target), *above = folder, *words;
	bool writable;

	if (!package_folder(scope, target, package))
		return -1;
	/* What is not there yet is made in what is. */
	while (access(above, F_OK) < 0 && strchr(above + 1, '/'))
		above = dl_arena_copy(&scope->arena, above, (size_t)(strrchr(above, '/') - above));
	writable = access(above, W_OK) == 0;
	words = dl_arena_format(&scope->arena, "%s %s", folder,
				writable ? "can be written" : "cannot be written");
	return dl_provider_check(scope, target, "registry", writable ? DL_CHECK_PASS : DL_CHECK_FAIL, words,
				 NULL, sink);
}

/* ------------------------------------------------------------------ publishing */

static int inspect(struct dl_scope *scope, const struct dl_target *target, struct dl_upload *upload,
		   struct dl_edition *edition)
{
	(void)target;
	if (dl_text_starts(upload->name, ".") || dl_text_starts(upload->name, "index."))
		return dl_fail(scope, DL_REFUSED, "the registry has files of its own called so");
	return dl_simple_inspect(scope, upload, edition);
}

static int stat_file(struct dl_scope *scope, const struct dl_target *target, const struct dl_edition *edition,
		     const struct dl_upload *upload)
{
	const char *folder = package_folder(scope, target, edition->package);
	const struct dl_json *index = folder ? read_index(scope, folder) : NULL;

	if (index)
		return dl_simple_compare(index, upload);
	if (scope->error.class != DL_MISSING)
		return -1;
	dl_fail_take(scope, &scope->arena);
	return DL_PRESENCE_ABSENT;
}

static int copy_bytes(struct dl_scope *scope, const struct dl_upload *upload, int to)
{
	struct dl_body_piece piece = {.fd = upload->fd, .len = upload->size_bytes};
	struct dl_body body = {&piece, 1, upload->meter};
	char *chunk = dl_arena_alloc(&scope->arena, CHUNK);
	int64_t at = 0;
	ssize_t count;

	while ((count = dl_body_read(scope, &body, at, chunk, CHUNK)) > 0) {
		if (dl_file_put(to, chunk, (size_t)count) < 0)
			return dl_fail_errno(scope, "cannot write it");
		at += count;
		if (body.meter)
			body.meter->move(body.meter, count);
	}
	return count < 0 ? -1 : 0;
}

/* The file gets its place in FOLDER, unless the same is there already. */
static int store(struct dl_scope *scope, const char *folder, const struct dl_upload *upload)
{
	const char *part = dl_arena_format(&scope->arena, ".%.16s.%d.part", upload->sha256, (int)getpid());
	struct dl_place place;
	int to, result = -1;

	if (dl_path_check(scope, upload->name) || dl_place_open(scope, folder, upload->name, &place))
		return -1;
	unlinkat(place.parent, part, 0);
	to = openat(place.parent, part, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, FILE_MODE);
	if (to < 0) {
		dl_fail_errno(scope, "cannot create a file in %s", quote(scope, folder));
	} else {
		result = copy_bytes(scope, upload, to);
		close(to);
		if (result == 0)
			result = dl_place_settle(scope, &place, part, false);
		if (result < 0)
			unlinkat(place.parent, part, 0);
	}
	dl_place_close(&place);
	return result < 0 ? -1 : 0;
}

/* Writes the indexes of FOLDER anew, with UPLOAD among its files. */
static int enter(struct dl_scope *scope, const char *folder, const struct dl_edition *edition,
		 const struct dl_upload *upload)
{
	const struct dl_json *index = read_index(scope, folder);
	struct dl_buf json, html;

	if (!index && scope->error.class != DL_MISSING)
		return -1;
	if (!index)
		dl_fail_take(scope, &scope->arena);
	dl_buf_init(&json, &scope->arena, DL_CAP_BODY);
	dl_buf_init(&html, &scope->arena, DL_CAP_BODY);
	dl_simple_add(scope, index, edition, upload, &json);
	if (dl_buf_check(scope, &json, "the index"))
		return -1;
	index = dl_json_parse(scope, dl_arena_copy(&scope->arena, json.data, json.len), json.len);
	if (!index)
		return -1;
	dl_simple_html(index, &html);
	if (dl_buf_check(scope, &html, "the index") ||
	    dl_file_write(scope, index_path(scope, folder, "html"), FILE_MODE, html.data, html.len))
		return -1;
	return dl_file_write(scope, index_path(scope, folder, "json"), FILE_MODE, json.data, json.len);
}

static int put(struct dl_scope *scope, const struct dl_target *target, const struct dl_edition *edition,
	       const struct dl_upload *upload, struct dl_sink *sink)
{
	const char *folder = package_folder(scope, target, edition->package);
	int lock, result = -1;

	(void)sink;
	if (!folder || dl_file_mkdirs(scope, folder, FOLDER_MODE) || store(scope, folder, upload))
		return -1;
	lock = open(dl_arena_format(&scope->arena, "%s/.lock", folder),
		    O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, FILE_MODE);
	if (lock < 0 || flock(lock, LOCK_EX) < 0)
		dl_fail_errno(scope, "cannot lock %s", quote(scope, folder));
	else
		result = enter(scope, folder, edition, upload);
	if (lock >= 0)
		close(lock);
	return result;
}

const struct dl_registry dl_local_registry = {
	.scheme = DL_SCHEME_PEP440,
	.versions = versions,
	.url = url,
	.check = check,
	.inspect = inspect,
	.stat = stat_file,
	.put = put,
};
