/* Files are read by several threads: a digest is made of every byte, which on a fast machine takes longer
 * than reading it. */
#include "lib/release/assets.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "lib/base/buf.h"
#include "lib/base/digest.h"
#include "lib/base/mime.h"
#include "lib/base/pool.h"
#include "lib/base/text.h"
#include "lib/data/opt.h"
#include "lib/data/sink.h"
#include "lib/release/publish.h"

enum { READERS = 4 };

static const char checksums_name[] = "SHA256SUMS";

static const char *quote(struct dl_scope *scope, const char *text)
{
	return dl_text_quote(&scope->arena, text);
}

/* ------------------------------------------------------------------ names */

static bool vouches(const char *name)
{
	static const char *const ends[] = {".asc", ".sig", ".sigstore", ".sha256", ".sha512", ".md5",
					   "SHA256SUMS", "SHA512SUMS", "checksums.txt"};
	size_t i;

	for (i = 0; i < sizeof ends / sizeof *ends; i++)
		if (dl_text_ends(name, ends[i]))
			return true;
	return false;
}

/* NAME as a forge may spell it that rewrites names: letters, digits, '-' and '_' stay, all else are single
 * dots, and none at the ends. */
static const char *rewrite(struct dl_scope *scope, const char *name)
{
	struct dl_buf text;

	dl_buf_init(&text, &scope->arena, DL_CAP_LINE);
	dl_buf_puts(&text, "");
	for (; *name; name++)
		if (strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", *name))
			dl_buf_putc(&text, *name);
		else if (text.len && text.data[text.len - 1] != '.')
			dl_buf_putc(&text, '.');
	if (text.len && text.data[text.len - 1] == '.')
		text.data[text.len - 1] = '\0';
	return text.data;
}

/* What a message calls UPLOAD. */
static const char *called(struct dl_scope *scope, const struct dl_upload *upload)
{
	return quote(scope, upload->path ? upload->path : upload->name);
}

/* Two files of one name cannot both be there, be it in the forge's spelling. */
static int check_names(struct dl_scope *scope, const struct dl_assets *assets)
{
	const struct dl_upload *one, *other;
	size_t i, k;

	for (i = 0; i < assets->count; i++)
		for (k = 0; k < i; k++) {
			one = &assets->files[k].upload;
			other = &assets->files[i].upload;
			if (strcmp(rewrite(scope, one->name), rewrite(scope, other->name)) == 0)
				return dl_fail(scope, DL_USAGE, "%s and %s would have one name there",
					       called(scope, one), called(scope, other));
		}
	return 0;
}

/* ------------------------------------------------------------------ files here */

static void open_one(void *arg, size_t index)
{
	struct dl_assets_file *file = &((struct dl_assets_file *)arg)[index];

	DL_BUG_IF(dl_publish_open(&file->scope, file->upload.path, 0, &file->upload) &&
		  file->scope.error.class == DL_OK);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct dl_assets_file *)a)->upload.name,
		      ((const struct dl_assets_file *)b)->upload.name);
}

/* Adds the file of checksums, as sha256sum writes it, behind the others. */
static int add_checksums(struct dl_scope *scope, struct dl_assets *assets)
{
	struct dl_upload *upload = &assets->files[assets->count].upload;
	struct dl_buf text;
	struct stat st;
	size_t i;

	dl_buf_init(&text, &scope->arena, DL_CAP_BODY);
	for (i = 0; i < assets->count; i++)
		dl_buf_printf(&text, "%s  %s\n", assets->files[i].upload.sha256,
			      assets->files[i].upload.name);
	assets->checksums = tmpfile();
	if (dl_buf_check(scope, &text, checksums_name))
		return -1;
	if (!assets->checksums || fwrite(text.data, 1, text.len, assets->checksums) < text.len ||
	    fflush(assets->checksums) || fstat(fileno(assets->checksums), &st) < 0)
		return dl_fail_errno(scope, "cannot write %s", checksums_name);
	*upload = (struct dl_upload){
		.name = checksums_name,
		.fd = fileno(assets->checksums),
		.size_bytes = (int64_t)text.len,
		.modified = st.st_mtim,
		.sha256 = dl_digest_hex(scope, DL_SHA256, text.data, text.len),
	};
	assets->count++;
	return upload->sha256 ? 0 : -1;
}

/* Opens all of them, and fails as the first of those that fail. */
static int open_all(struct dl_scope *scope, const struct dl_opt_list *paths, struct dl_assets *assets)
{
	struct dl_assets_file *file;
	size_t i;

	assets->files = dl_arena_array(&scope->arena, paths->count + 1, sizeof *assets->files);
	assets->count = paths->count;
	for (i = 0; i < assets->count; i++) {
		file = &assets->files[i];
		dl_scope_open(&file->scope, NULL);
		file->upload.path = paths->items[i];
		file->upload.fd = -1;
	}
	dl_pool_map(assets->count, READERS, open_one, assets->files);
	for (i = 0; i < assets->count; i++) {
		file = &assets->files[i];
		if (file->scope.error.class != DL_OK) {
			scope->error = dl_fail_take(&file->scope, &scope->arena);
			return -1;
		}
	}
	return 0;
}

int dl_assets_open(struct dl_scope *scope, const struct dl_opt_list *paths, bool checksums,
		   struct dl_body_meter *meter, struct dl_assets *assets)
{
	struct dl_upload *upload;
	size_t i;

	if (open_all(scope, paths, assets))
		return -1;
	if (assets->count)
		qsort(assets->files, assets->count, sizeof *assets->files, by_name);
	if (checksums && assets->count && add_checksums(scope, assets))
		return -1;
	for (i = 0; i < assets->count; i++) {
		upload = &assets->files[i].upload;
		upload->content_type = dl_mime_type(upload->name);
		upload->meter = meter;
		if (strcmp(rewrite(scope, upload->name), upload->name) != 0 &&
		    strpbrk(upload->name, " ~()[]"))
			upload->label = upload->name;
		assets->files[i].last = vouches(upload->name);
	}
	return check_names(scope, assets);
}

void dl_assets_close(struct dl_assets *assets)
{
	size_t i;

	for (i = 0; i < assets->count; i++) {
		if (assets->files[i].upload.path)
			dl_publish_close(&assets->files[i].upload);
		dl_scope_close(&assets->files[i].scope);
	}
	if (assets->checksums)
		fclose(assets->checksums);
}

/* ------------------------------------------------------------------ what is there */

static bool is_named(struct dl_scope *scope, const struct dl_asset *asset, const struct dl_upload *upload)
{
	return strcmp(asset->name, upload->name) == 0 ||
	       (asset->label && strcmp(asset->label, upload->name) == 0) ||
	       strcmp(asset->name, rewrite(scope, upload->name)) == 0;
}

const struct dl_asset *dl_assets_find(struct dl_scope *scope, const struct dl_sink_list *list,
				      const struct dl_upload *upload)
{
	const struct dl_asset *asset;
	size_t i;

	for (i = 0; i < list->count; i++) {
		asset = dl_sink_item(list, i);
		if (is_named(scope, asset, upload))
			return asset;
	}
	return NULL;
}

enum dl_presence dl_assets_compare(const struct dl_asset *asset, const struct dl_upload *upload)
{
	if (!asset || (asset->state && strcmp(asset->state, "uploaded") != 0))
		return DL_PRESENCE_ABSENT;
	if (asset->size_bytes != DL_INT_NONE && asset->size_bytes != upload->size_bytes)
		return DL_PRESENCE_DIFFERENT;
	if (!dl_text_starts(asset->digest, "sha256:"))
		return DL_PRESENCE_UNKNOWN;
	return strcasecmp(asset->digest + strlen("sha256:"), upload->sha256) == 0 ? DL_PRESENCE_SAME
										  : DL_PRESENCE_DIFFERENT;
}
