#include "providers/registry/python.h"

#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/url.h"
#include "lib/data/anchors.h"
#include "lib/data/dist.h"
#include "lib/data/json.h"
#include "lib/net/body.h"
#include "lib/provider/provider.h"
#include "lib/provider/rest.h"
#include "providers/registry/simple.h"

#define ACCEPT                                                                                              \
	"application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.01"

static const struct dl_route route_project = {.path = "/{package}/", .accept = ACCEPT};
static const struct dl_route route_now = {
	.path = "/{package}/",
	.accept = ACCEPT,
	.headers = (const char *const[]){"Cache-Control: no-cache", NULL},
	.once = true,
};
static const struct dl_route route_upload = {.method = "POST", .path = ""};

/* ------------------------------------------------------------------ reading */

/* A page of links as the JSON of an index. */
static const struct dl_json *convert(struct dl_scope *scope, const struct dl_res *res)
{
	enum { HREF, YANKED };
	static const char *const attributes[] = {"href", "data-yanked", NULL};
	struct dl_anchors links;
	struct dl_buf json;
	const char *hash;
	size_t i;

	if (dl_anchors_read(scope, res->body, res->len, attributes, &links))
		return NULL;
	dl_buf_init(&json, &scope->arena, DL_CAP_BODY);
	dl_buf_puts(&json, "{\"files\":[");
	for (i = 0; i < links.count; i++) {
		dl_buf_puts(&json, i ? ",{\"filename\":" : "{\"filename\":");
		dl_json_quote(&json, links.items[i].text, strlen(links.items[i].text));
		hash = links.items[i].values[HREF] ? strstr(links.items[i].values[HREF], "#sha256=") : NULL;
		if (hash) {
			dl_buf_puts(&json, ",\"hashes\":{\"sha256\":");
			dl_json_quote(&json, hash + 8, strspn(hash + 8, "0123456789abcdef"));
			dl_buf_putc(&json, '}');
		}
		dl_buf_printf(&json, ",\"yanked\":%s}", links.items[i].values[YANKED] ? "true" : "false");
	}
	dl_buf_puts(&json, "]}");
	if (dl_buf_check(scope, &json, "the index"))
		return NULL;
	return dl_json_parse(scope, json.data, json.len);
}

const struct dl_json *dl_python_index(struct dl_scope *scope, const struct dl_target *index,
				      const char *package, bool now)
{
	struct dl_var vars[] = {{"package", dl_dist_normal(&scope->arena, package)}, {NULL, NULL}};
	const char *name = dl_text_quote(&scope->arena, package), *type;
	const struct dl_json *root;
	struct dl_res res;

	if (dl_rest_send(scope, index, now ? &route_now : &route_project, vars, NULL, &res)) {
		if (scope->error.class == DL_MISSING)
			dl_fail_prefix(scope, "no package '%s'", name);
		return NULL;
	}
	if (res.away) {
		dl_fail(scope, DL_MISSING, "%s has no package '%s', and sends who asks to another server",
			index->host, name);
		return NULL;
	}
	type = dl_http_header(&scope->arena, &res, "content-type");
	root = type && strstr(type, "json") ? dl_json_parse(scope, res.body, res.len) : convert(scope, &res);
	if (!root)
		dl_fail_prefix(scope, "%s", index->host);
	return root;
}

int dl_python_stat(struct dl_scope *scope, const struct dl_target *index, const struct dl_edition *edition,
		   const struct dl_upload *upload)
{
	const struct dl_json *root = dl_python_index(scope, index, edition->package, true);

	if (root)
		return (int)dl_simple_compare(root, upload);
	if (scope->error.class != DL_MISSING)
		return -1;
	dl_fail_take(scope, &scope->arena);
	return DL_PRESENCE_ABSENT;
}

/* ------------------------------------------------------------------ writing */

/* The fields that are about the file and the request itself. */
static size_t add_own_fields(struct dl_body_field *fields, const struct dl_dist *dist,
			     const struct dl_upload *upload)
{
	const struct dl_body_field own[] = {
		{.name = ":action", .value = "file_upload"},
		{.name = "protocol_version", .value = "1"},
		{.name = "filetype", .value = dist->filetype},
		{.name = "pyversion", .value = dist->pyversion},
		{.name = "md5_digest", .value = upload->digests[DL_MD5]},
		{.name = "sha256_digest", .value = upload->digests[DL_SHA256]},
		{.name = "blake2_256_digest", .value = upload->digests[DL_BLAKE2B_256]},
	};

	memcpy(fields, own, sizeof own);
	return sizeof own / sizeof *own;
}

int dl_python_put(struct dl_scope *scope, const struct dl_target *uploads, const struct dl_upload *upload)
{
	enum { OWN = 16 };
	const struct dl_dist *dist = upload->detail;
	struct dl_body_field *fields = dl_arena_array(&scope->arena, dist->count + OWN, sizeof *fields);
	struct dl_body_piece file = {.fd = upload->fd, .len = upload->size_bytes};
	struct dl_body body = {&file, 1, upload->meter};
	size_t count = add_own_fields(fields, dist, upload), i;
	static const struct dl_var none[] = {{NULL, NULL}};
	struct dl_res res;

	for (i = 0; i < dist->count; i++)
		fields[count++] = (struct dl_body_field){.name = dist->fields[i].name,
							 .value = dist->fields[i].value};
	fields[count] = (struct dl_body_field){.name = "content",
					       .body = &body,
					       .filename = upload->name,
					       .type = "application/octet-stream"};
	return dl_rest_form(scope, uploads, &route_upload, none, fields, &res);
}
