#include "lib/provider/rest.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/writer.h"
#include "lib/data/sink.h"

enum { HEADER_LINES = 16, MOST_PAGES = 10000 };

/* What an answer that says no means, unless the dialect knows better. */
struct refusal {
	int from, to;
	enum dl_class class;
	const char *message;
};

static const struct refusal refusals[] = {
	{401, 401, DL_AUTH, "does not accept the credential"},
	{403, 403, DL_AUTH, "forbids that"},
	{404, 404, DL_MISSING, "has no such thing"},
	{407, 407, DL_AUTH, "is behind a proxy that wants a credential"},
	{408, 408, DL_NETWORK, "gave up waiting"},
	{410, 410, DL_MISSING, "does not have that any more"},
	{429, 429, DL_LIMITED, "limits requests"},
	{400, 499, DL_REFUSED, "refuses that"},
	{500, 599, DL_NETWORK, "is broken at the moment"},
};

static int hint_credential(struct dl_scope *scope, const struct dl_target *target)
{
	const char *const *users = target->provider->user_env, *const *tokens = target->provider->token_env;
	const char *token = tokens && *tokens ? tokens[0] : "its token variable", *variables = token;

	if (target->auth_from)
		return dl_fail_hint(scope, "the credential came from %s", target->auth_from);
	if (users && *users)
		variables = dl_arena_format(&scope->arena, "%s and %s", users[0], token);
	return dl_fail_hint(
		scope, "there is no credential for %s: set %s, or store one with `git credential approve`",
		target->host, variables);
}

static bool is_page(struct dl_scope *scope, const struct dl_res *res)
{
	return dl_text_starts(dl_http_header(&scope->arena, res, "content-type"), "text/html");
}

static int tell_login(struct dl_scope *scope, const struct dl_target *target)
{
	dl_fail(scope, DL_AUTH, "%s answered with a web page where data was due: a login is in front of it",
		target->host);
	return hint_credential(scope, target);
}

/* The title of a web page, about as much as a person would read of it; NULL: it is none, or has none. */
static const char *page_title(struct dl_scope *scope, const struct dl_res *res)
{
	const char *title = is_page(scope, res) ? strcasestr(res->body, "<title>") : NULL, *end;

	if (!title)
		return NULL;
	title += strlen("<title>");
	title += strspn(title, " \t\r\n");
	for (end = title + strcspn(title, "<"); end > title && strchr(" \t\r\n", end[-1]); end--)
		;
	title = dl_arena_copy(&scope->arena, title, (size_t)(end - title));
	return *title ? dl_text_quote(&scope->arena, title) : NULL;
}

static int explain_limit(struct dl_scope *scope, const struct dl_target *target, const struct dl_res *res)
{
	dl_fail(scope, DL_LIMITED, "%s limits requests", target->host);
	scope->error.retry_after_s = res->retry_after_s;
	if (res->retry_after_s)
		dl_fail_hint(scope, "try again in %ld s%s", res->retry_after_s,
			     target->auth_from ? "" : "; with a credential the limit is higher");
	else
		dl_fail_hint(scope, "try again in a minute");
	return -1;
}

/* MESSAGE, and what REASONS add to it, each quoted; NULL: there are no words at all. */
static const char *with_reasons(struct dl_scope *scope, const char *message, const struct dl_json *reasons)
{
	const struct dl_json *item = reasons && reasons->type == DL_JSON_ARRAY ? reasons->child : NULL;
	struct dl_buf words;
	const char *code, *said;

	dl_buf_init(&words, &scope->arena, DL_CAP_ERROR);
	if (message)
		dl_buf_puts(&words, dl_text_quote(&scope->arena, message));
	for (; item; item = item->next) {
		code = dl_json_text(item, "code");
		said = item->type == DL_JSON_STRING ? dl_json_string(item) : dl_json_text(item, "message");
		if (!said && code)
			said = dl_arena_format(&scope->arena, "%s %s %s", dl_json_text(item, "resource|code"),
					       dl_json_text(item, "field|code"), code);
		if (said)
			dl_buf_printf(&words, "%s%s", words.len ? ": " : "",
				      dl_text_quote(&scope->arena, said));
	}
	return words.len ? words.data : NULL;
}

/* Fails SCOPE for an answer that says no. */
static int explain(struct dl_scope *scope, const struct dl_target *target, struct dl_res *res)
{
	const struct dl_dialect *dialect = target->provider->dialect;
	const struct dl_json *root = NULL;
	const char *message = NULL;
	const struct refusal *row;
	struct dl_scope scratch;

	dl_scope_open(&scratch, NULL);
	if (res->len && res->body[0] == '{')
		root = dl_json_parse(&scratch, res->body, res->len);
	if (root && dialect->message)
		message = with_reasons(scope, dl_json_text(root, dialect->message),
				       dialect->reasons ? dl_json_get(root, dialect->reasons) : NULL);
	if (!message)
		message = page_title(scope, res);
	if (res->away && (res->status == 401 || res->status == 403))
		dl_fail(scope, DL_NETWORK, "%s redirects to another host, which refuses: HTTP status %d",
			target->host, res->status);
	else if (dialect->explain)
		dialect->explain(scope, target, res, message);
	if (scope->error.class == DL_OK && res->retry_after_s >= 0 && res->status < 500)
		explain_limit(scope, target, res);
	for (row = refusals;
	     scope->error.class == DL_OK && row < refusals + sizeof refusals / sizeof *refusals; row++)
		if (res->status >= row->from && res->status <= row->to)
			dl_fail(scope, row->class, "%s %s: %s", target->host, row->message,
				message ? message
					: dl_arena_format(&scope->arena, "HTTP status %d", res->status));
	if (scope->error.class == DL_OK)
		dl_fail(scope, DL_DATA, "%s answered with HTTP status %d", target->host, res->status);
	if (scope->error.class == DL_AUTH)
		hint_credential(scope, target);
	if (res->retry_after_s > 0)
		scope->error.retry_after_s = res->retry_after_s;
	scope->error.status = res->status;
	dl_scope_close(&scratch);
	return -1;
}

/* TEMPLATE with the values of its variables as they are; NULL when one of them is absent. */
static const char *fill_line(struct dl_scope *scope, const char *template, const struct dl_var *vars)
{
	const struct dl_var *var;
	struct dl_buf line;
	size_t len;

	dl_buf_init(&line, &scope->arena, DL_CAP_HEAD);
	for (;; template += len + 1) {
		len = strcspn(template, "{");
		dl_buf_add(&line, template, len);
		template += len;
		if (!*template)
			return line.overflow || strpbrk(line.data, "\r\n") ? NULL : line.data;
		len = strcspn(++template, "}");
		for (var = vars; var->name; var++)
			if (strlen(var->name) == len && memcmp(var->name, template, len) == 0)
				break;
		DL_BUG_IF(!var->name || !template[len]);
		if (!var->value)
			return NULL;
		dl_buf_puts(&line, var->value);
	}
}

/* What is sent with a request, if anything. */
struct parcel {
	const char *text;
	const struct dl_body *upload;
	const struct dl_body_field *form;
};

/* The media type of PARCEL; NULL: it has none, or the one of a form, which lib/net/http.c knows. */
static const char *content_type(struct dl_scope *scope, const struct dl_route *route,
				const struct dl_var *vars, const struct parcel *parcel)
{
	const char *type = route->content ? fill_line(scope, route->content, vars) : NULL;

	if (parcel->upload)
		return type ? type : "application/octet-stream";
	if (parcel->text)
		return type ? type : "application/json";
	return NULL;
}

/* The header lines of a request: the dialect's, with the route's media type in place of its own, and the
 * route's. */
static const char *const *request_headers(struct dl_scope *scope, const struct dl_target *target,
					  const struct dl_route *route, const struct dl_var *vars,
					  const struct parcel *parcel)
{
	const char *type = content_type(scope, route, vars, parcel);
	const char **lines = dl_arena_array(&scope->arena, HEADER_LINES, sizeof *lines);
	const char *const *line;
	size_t count = 0;

	for (line = target->provider->dialect->headers; line && *line; line++)
		if (!route->accept || !dl_text_starts(*line, "Accept:"))
			lines[count++] = *line;
	if (route->accept)
		lines[count++] = dl_arena_format(&scope->arena, "Accept: %s", route->accept);
	if (type)
		lines[count++] = dl_arena_format(&scope->arena, "Content-Type: %s", type);
	for (line = route->headers; line && *line; line++)
		if ((lines[count] = fill_line(scope, *line, vars)))
			count++;
	DL_BUG_IF(count >= HEADER_LINES);
	return lines;
}

static int send_to(struct dl_scope *scope, const struct dl_target *target, const struct dl_route *route,
		   const char *url, const struct dl_var *vars, const struct parcel *parcel,
		   struct dl_writer *writer, struct dl_res *res)
{
	struct dl_req req = {
		.method = route->method,
		.url = url,
		.headers = request_headers(scope, target, route, vars, parcel),
		.auth = target->auth,
		.body = parcel->text,
		.body_len = parcel->text ? strlen(parcel->text) : 0,
		.upload = parcel->upload,
		.form = parcel->form,
		.cap = route->cap,
		.writer = writer,
		.once = route->once,
		.age = target->age,
		.reads = route->reads,
	};
	int result = dl_http_send(scope, target->http, &req, res);

	return result == 0 && res->status >= 400 ? explain(scope, target, res) : result;
}

static const char *route_url(struct dl_scope *scope, const struct dl_target *target,
			     const struct dl_route *route, const struct dl_var *vars)
{
	const char *path = dl_url_expand(scope, route->path, vars);

	return path ? dl_arena_format(&scope->arena, "%s%s", target->base, path) : NULL;
}

/* send_to the URL of ROUTE. */
static int send_on(struct dl_scope *scope, const struct dl_target *target, const struct dl_route *route,
		   const struct dl_var *vars, const struct parcel *parcel, struct dl_writer *writer,
		   struct dl_res *res)
{
	const char *url = route_url(scope, target, route, vars);

	return url ? send_to(scope, target, route, url, vars, parcel, writer, res) : -1;
}

int dl_rest_send(struct dl_scope *scope, const struct dl_target *target, const struct dl_route *route,
		 const struct dl_var *vars, const char *body, struct dl_res *res)
{
	return send_on(scope, target, route, vars, &(struct parcel){.text = body}, NULL, res);
}

int dl_rest_upload(struct dl_scope *scope, const struct dl_target *target, const struct dl_route *route,
		   const struct dl_var *vars, const struct dl_body *body, struct dl_res *res)
{
	return send_on(scope, target, route, vars, &(struct parcel){.upload = body}, NULL, res);
}

int dl_rest_form(struct dl_scope *scope, const struct dl_target *target, const struct dl_route *route,
		 const struct dl_var *vars, const struct dl_body_field *form, struct dl_res *res)
{
	return send_on(scope, target, route, vars, &(struct parcel){.form = form}, NULL, res);
}

/* Stands before a writer, and lets no web page through. */
struct page_guard {
	struct dl_writer writer;
	struct dl_writer *next;
	const struct dl_target *target;
	const struct dl_res *res;
	bool passed; /* it is no page */
	int answer;  /* what .next said last */
};

static int write_unless_page(struct dl_writer *writer, struct dl_scope *scope, const char *data,
			     size_t len)
{
	struct page_guard *guard = (struct page_guard *)writer;

	/* What another host serves is a file, whatever is in it; the login would be at the API. */
	if (!guard->passed && !guard->res->away && is_page(scope, guard->res))
		return tell_login(scope, guard->target);
	guard->passed = true;
	guard->answer = guard->next->write(guard->next, scope, data, len);
	return guard->answer;
}

int dl_rest_stream(struct dl_scope *scope, const struct dl_target *target, const struct dl_route *route,
		   const struct dl_var *vars, struct dl_writer *writer, struct dl_res *res)
{
	struct page_guard guard = {
		.writer.write = write_unless_page, .next = writer, .target = target, .res = res,
		.passed = route->page,
	};
	int result = send_on(scope, target, route, vars, &(struct parcel){.text = NULL}, &guard.writer, res);

	return result == 0 && guard.answer == DL_ENOUGH ? 1 : result;
}

int dl_rest_link(struct dl_scope *scope, const struct dl_target *target, const char *url,
		 struct dl_target *link)
{
	struct dl_url there;

	*link = *target;
	if (dl_url_parse(scope, url, &there))
		return dl_fail_prefix(scope, "%s", target->host);
	link->base = url;
	link->host = dl_url_authority(&scope->arena, &there);
	if (strcmp(there.scheme, "https") == 0 ||
	    (strcmp(there.scheme, "http") == 0 &&
	     (dl_url_loopback(there.host) ||
	      dl_text_same(dl_url_origin(&scope->arena, &there), target->auth.origin))))
		return 0;
	return dl_fail(scope, DL_DATA, "%s names a link that would be followed without encryption",
		       target->host);
}

/* The JSON in an answer. NULL: DL_AUTH when it is a web page (a login in front of the API), DL_DATA when it
 * is malformed. */
static const struct dl_json *parse_answer(struct dl_scope *scope, const struct dl_target *target,
					  struct dl_res *res)
{
	const struct dl_json *root;

	if (is_page(scope, res) || (res->len && res->body[0] == '<')) {
		tell_login(scope, target);
		return NULL;
	}
	root = dl_json_parse(scope, res->body, res->len);
	if (!root)
		dl_fail_prefix(scope, "%s", target->host);
	return root;
}

const struct dl_json *dl_rest_get(struct dl_scope *scope, const struct dl_target *target,
				  const struct dl_route *route, const struct dl_var *vars)
{
	struct dl_res res;

	return dl_rest_send(scope, target, route, vars, NULL, &res) == 0 ? parse_answer(scope, target, &res)
									 : NULL;
}

static int fill_record(struct dl_scope *scope, const struct dl_target *target, const struct dl_route *route,
		       const struct dl_json *node, void *record)
{
	if (dl_schema_map(scope, route->schema, route->map, node, record))
		return dl_fail_prefix(scope, "%s", target->host);
	return route->finish ? route->finish(scope, target, node, record) : 0;
}

void *dl_rest_record(struct dl_scope *scope, const struct dl_target *target, const struct dl_route *route,
		     const struct dl_json *node)
{
	void *record = dl_schema_new(scope, route->schema);

	return fill_record(scope, target, route, node, record) ? NULL : record;
}

void *dl_rest_records(struct dl_scope *scope, const struct dl_target *target, const struct dl_route *route,
		      const struct dl_json *list, size_t *count)
{
	const struct dl_json *first = list ? list->child : NULL, *node;
	size_t size = route->schema->size;
	char *records, *record;

	*count = 0;
	for (node = first; node; node = node->next)
		++*count;
	records = record = dl_arena_array(&scope->arena, *count, size);
	for (node = first; node; node = node->next, record += size) {
		memcpy(record, dl_schema_new(scope, route->schema), size);
		if (fill_record(scope, target, route, node, record))
			return NULL;
	}
	return records;
}

int dl_rest_one(struct dl_scope *scope, const struct dl_target *target, const struct dl_route *route,
		const struct dl_var *vars, struct dl_sink *sink)
{
	const struct dl_json *root = dl_rest_get(scope, target, route, vars);
	void *record = root ? dl_rest_record(scope, target, route, root) : NULL;

	return record ? dl_sink_put(sink, scope, route->schema, record) : -1;
}

/* Puts the records of one page into SINK, in the route's order. */
static int put_page(struct dl_scope *page, const struct dl_target *target, const struct dl_route *route,
		    const struct dl_json *root, struct dl_sink *sink)
{
	const struct dl_json *list = dl_json_get(root, route->items);
	size_t size = route->schema->size, count, i;
	int result = DL_MORE;
	char *records;

	if (!list || (list->type != DL_JSON_ARRAY && list->type != DL_JSON_NULL))
		return dl_fail(page, DL_DATA, "%s: expected a list%s%s", target->host,
			       *route->items ? " in " : "", route->items);
	records = dl_rest_records(page, target, route, list, &count);
	if (!records)
		return -1;
	if (route->order)
		qsort(records, count, size, route->order);
	for (i = 0; i < count && result == DL_MORE; i++)
		result = dl_sink_put(sink, page, route->schema, records + i * size);
	return result;
}

/* VARS, and the variable of ROUTE that TOKEN is sent back in, if it has one. */
static const struct dl_var *with_token(struct dl_scope *scope, const struct dl_route *route,
				       const struct dl_var *vars, const char *token)
{
	return route->next_var ? dl_url_add(&scope->arena, vars, route->next_var, token) : vars;
}

/* The URL of the page that the token in ROOT stands for; "" when there is none; NULL: failed. */
static const char *page_of_token(struct dl_scope *scope, const struct dl_target *target,
				 const struct dl_route *route, const struct dl_var *vars,
				 const struct dl_json *root)
{
	const char *token = dl_json_text(root, route->next);

	return token && *token ? route_url(scope, target, route, with_token(scope, route, vars, token)) : "";
}

/* The URL of the page after RES, in SCOPE; "" when there is none; NULL: failed. */
static const char *next_page(struct dl_scope *scope, const struct dl_target *target, const struct dl_res *res)
{
	const char *link = dl_http_header(&scope->arena, res, "link");
	const char *next = link ? dl_url_next(&scope->arena, link) : NULL;
	struct dl_url here, there;

	if (!next)
		return "";
	next = dl_url_join(scope, res->url, next);
	if (!next || dl_url_parse(scope, next, &there) || dl_url_parse(scope, res->url, &here))
		return NULL;
	if (!dl_text_same(dl_url_origin(&scope->arena, &here), dl_url_origin(&scope->arena, &there))) {
		dl_fail(scope, DL_DATA, "%s says that the next page is on another host", target->host);
		return NULL;
	}
	return next;
}

/* How far a list has been read. */
struct place {
	int pages;
	int64_t items;
};

/* The URL of the page after PLACE by its number; "" when there is none; NULL: failed. */
static const char *page_of_number(struct dl_scope *scope, const struct dl_target *target,
				  const struct dl_route *route, const struct dl_var *vars,
				  const struct dl_res *res, const struct dl_json *root, struct place *place)
{
	const char *header = dl_http_header(&scope->arena, res, "x-total-count"), *number;
	int64_t total = header ? dl_text_int(header) : dl_json_int(dl_json_get(root, route->total));
	const struct dl_json *list = dl_json_get(root, route->items), *node;

	for (node = list->child; node; node = node->next)
		place->items++;
	if (!list->child || place->items >= total)
		return "";
	number = dl_arena_format(&scope->arena, "%d", place->pages + 2);
	return route_url(scope, target, route, with_token(scope, route, vars, number));
}

/* The URL of the page after PLACE, which RES and ROOT are the answer of; "" when there is none; NULL: failed.
 */
static const char *page_after(struct dl_scope *scope, const struct dl_target *target,
			      const struct dl_route *route, const struct dl_var *vars,
			      const struct dl_res *res, const struct dl_json *root, struct place *place)
{
	if (route->next)
		return page_of_token(scope, target, route, vars, root);
	if (route->total && !dl_http_header(&scope->arena, res, "link"))
		return page_of_number(scope, target, route, vars, res, root, place);
	return next_page(scope, target, res);
}

int dl_rest_list(struct dl_scope *scope, const struct dl_target *target, const struct dl_route *route,
		 const struct dl_var *vars, struct dl_sink *sink)
{
	const char *url = route_url(scope, target, route, with_token(scope, route, vars, NULL)), *next;
	const struct dl_json *root;
	struct place place = {0};
	struct dl_scope page;
	struct dl_res res;
	int result = url ? DL_MORE : -1;

	for (; result == DL_MORE && *url; place.pages++) {
		if (place.pages == MOST_PAGES)
			return dl_fail(scope, DL_DATA, "%s: the list has no end: %d pages", target->host,
				       place.pages);
		dl_scope_open(&page, scope);
		result = send_to(&page, target, route, url, vars, &(struct parcel){.text = NULL}, NULL, &res);
		root = result == 0 ? parse_answer(&page, target, &res) : NULL;
		result = root ? put_page(&page, target, route, root, sink) : -1;
		if (result == DL_MORE) {
			next = page_after(&page, target, route, vars, &res, root, &place);
			url = dl_arena_string(&scope->arena, next);
			result = next ? DL_MORE : -1;
		}
		if (dl_scope_close(&page))
			result = -1;
	}
	return result;
}
