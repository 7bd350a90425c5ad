#include "providers/registry/simple.h"

#include <inttypes.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/base/url.h"
#include "lib/data/dist.h"
#include "lib/data/html.h"
#include "lib/data/json.h"
#include "lib/data/record.h"
#include "lib/data/scheme.h"
#include "lib/data/sink.h"
#include "providers/registry/versions.h"

/* ------------------------------------------------------------------ files */

int dl_simple_inspect(struct dl_scope *scope, struct dl_upload *upload, struct dl_edition *edition)
{
	struct dl_dist *dist;

	/* Many a .tar.gz is something else, and then it is named. */
	if (!dl_dist_is(upload->name) ||
	    (edition->package && edition->version && !dl_text_ends(upload->name, ".whl")))
		return 0;
	dist = dl_arena_alloc(&scope->arena, sizeof *dist);
	if (dl_dist_read(scope, upload->fd, upload->name, dist))
		return -1;
	if ((edition->package && strcmp(dl_dist_normal(&scope->arena, edition->package),
					dl_dist_normal(&scope->arena, dist->name)) != 0) ||
	    (edition->version &&
	     dl_scheme_compare(DL_SCHEME_PEP440, edition->version, dist->version) != 0))
		return dl_fail(scope, DL_USAGE, "it is %s %s", dl_text_quote(&scope->arena, dist->name),
			       dl_text_quote(&scope->arena, dist->version));
	edition->package = dist->name;
	edition->version = dist->version;
	upload->detail = dist;
	return 0;
}

/* ------------------------------------------------------------------ reading an index */

/* The first file of INDEX that is called NAME. */
static const struct dl_json *find_file(const struct dl_json *index, const char *name)
{
	const struct dl_json *files = dl_json_get(index, "files"), *file = files ? files->child : NULL;

	while (file && !dl_text_same(dl_json_text(file, "filename"), name))
		file = file->next;
	return file;
}

enum dl_presence dl_simple_compare(const struct dl_json *index, const struct dl_upload *upload)
{
	const struct dl_json *file = find_file(index, upload->name);
	const char *hash = dl_json_text(file, "hashes.sha256");

	if (!file)
		return DL_PRESENCE_ABSENT;
	if (!hash)
		return DL_PRESENCE_UNKNOWN;
	return strcmp(hash, upload->sha256) == 0 ? DL_PRESENCE_SAME : DL_PRESENCE_DIFFERENT;
}

/* True where it is, also where a reason is given. */
static bool is_yanked(const struct dl_json *file)
{
	const struct dl_json *yanked = dl_json_get(file, "yanked");

	return yanked && (yanked->type == DL_JSON_TRUE || yanked->type == DL_JSON_STRING);
}

/* The version that FILE is of, by the index, else by its name. */
static const char *file_version(struct dl_scope *scope, const struct dl_json *file, const char *package)
{
	const char *version = dl_json_text(file, "_version"), *name = dl_json_text(file, "filename");

	return version || !name ? version : dl_dist_version(&scope->arena, name, package);
}

static int64_t upload_time(const struct dl_json *file)
{
	const char *time = dl_json_text(file, "upload-time");

	return time ? dl_time_parse(time) : DL_TIME_NONE;
}

int dl_simple_versions(struct dl_scope *scope, const struct dl_target *target, const char *package,
		       const struct dl_json *index, struct dl_sink *sink)
{
	const struct dl_json *files = dl_json_get(index, "files"), *file;
	struct dl_sink_list list;
	struct dl_package *record;
	const char *version;

	if (!files || files->type != DL_JSON_ARRAY)
		return dl_fail(scope, DL_DATA, "the index of %s has no list of files",
			       dl_text_quote(&scope->arena, package));
	dl_sink_list(&list, scope, 0);
	for (file = files->child; file; file = file->next) {
		version = file_version(scope, file, package);
		record = version ? dl_versions_new(scope, target, package, version) : NULL;
		if (!record)
			continue;
		record->yanked = is_yanked(file);
		record->released_at = upload_time(file);
		if (dl_sink_put(&list.sink, scope, &dl_record_package, record) < 0)
			return -1;
	}
	return dl_versions_put(scope, target, &list, sink);
}

/* ------------------------------------------------------------------ writing an index */

static void add_member(struct dl_buf *json, const char *name, const char *value)
{
	dl_buf_printf(json, ",\"%s\":", name);
	dl_json_quote(json, value, strlen(value));
}

static const char *requires_python(const struct dl_upload *upload)
{
	const struct dl_dist *dist = upload->detail;
	size_t i;

	for (i = 0; dist && i < dist->count; i++)
		if (strcmp(dist->fields[i].name, "requires_python") == 0)
			return dist->fields[i].value;
	return NULL;
}

static void add_file(struct dl_scope *scope, const struct dl_edition *edition, const struct dl_upload *upload,
		     struct dl_buf *json)
{
	struct dl_buf url;

	dl_buf_init(&url, &scope->arena, DL_CAP_LINE);
	dl_url_encode(&url, upload->name, NULL);
	dl_buf_puts(json, "{\"filename\":");
	dl_json_quote(json, upload->name, strlen(upload->name));
	add_member(json, "url", url.data);
	dl_buf_printf(json, ",\"hashes\":{\"sha256\":\"%s\"},\"size\":%" PRId64, upload->sha256,
		      upload->size_bytes);
	add_member(json, "upload-time", dl_time_format(&scope->arena, dl_time_now()));
	if (requires_python(upload))
		add_member(json, "requires-python", requires_python(upload));
	add_member(json, "_version", edition->version);
	dl_buf_putc(json, '}');
}

void dl_simple_add(struct dl_scope *scope, const struct dl_json *index, const struct dl_edition *edition,
		   const struct dl_upload *upload, struct dl_buf *json)
{
	const struct dl_json *files = dl_json_get(index, "files"), *file;

	dl_buf_puts(json, "{\"meta\":{\"api-version\":\"1.1\"}");
	add_member(json, "name", dl_dist_normal(&scope->arena, edition->package));
	dl_buf_puts(json, ",\"files\":[");
	for (file = files ? files->child : NULL; file; file = file->next)
		if (!dl_text_same(dl_json_text(file, "filename"), upload->name)) {
			dl_json_write(json, file);
			dl_buf_putc(json, ',');
		}
	add_file(scope, edition, upload, json);
	dl_buf_puts(json, "]}\n");
}

void dl_simple_html(const struct dl_json *index, struct dl_buf *html)
{
	const struct dl_json *file = dl_json_get(index, "files")->child;
	const char *python;

	dl_buf_puts(html, "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"><title>");
	dl_html_text(html, dl_json_text(index, "name"));
	dl_buf_puts(html, "</title></head><body>\n");
	for (; file; file = file->next) {
		python = dl_json_text(file, "requires-python");
		dl_buf_puts(html, "<a href=\"");
		dl_html_text(html, dl_json_text(file, "url"));
		dl_buf_printf(html, "#sha256=%s\"", dl_json_text(file, "hashes.sha256"));
		if (python) {
			dl_buf_puts(html, " data-requires-python=\"");
			dl_html_text(html, python);
			dl_buf_putc(html, '"');
		}
		dl_buf_putc(html, '>');
		dl_html_text(html, dl_json_text(file, "filename"));
		dl_buf_puts(html, "</a><br>\n");
	}
	dl_buf_puts(html, "</body></html>\n");
}
