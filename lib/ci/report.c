/* There is no script: a page that runs nothing cannot be made to run what stands in a branch's name, is read
 * by every screen reader, and works when it is printed. Ten thousand runs are ten thousand links; what is not
 * in view is not laid out (content-visibility). */
#include "lib/ci/report.h"

#include <inttypes.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/data/html.h"
#include "lib/data/record.h"
#include "lib/data/state.h"
#include "lib/program/out.h"

enum {
	PIECE = 64 << 10, /* is printed at once */
	POINTS = 200,     /* of a line of durations */
	LINE_WIDTH = 600,
	LINE_HEIGHT = 60,
};

/* A page on its way out. */
struct page {
	struct dl_scope *scope;
	struct dl_out *out;
	struct dl_buf buf;
	int result;
};

static int put(struct dl_sink *sink, struct dl_scope *scope, const struct dl_schema *schema,
	       const void *record)
{
	struct dl_report *report = (struct dl_report *)sink;
	size_t i;

	report->count++;
	if (schema == &dl_record_run) {
		dl_trend_add(&report->trends, record);
		return DL_MORE;
	}
	for (i = 0; dl_record_all[i] != schema; i++)
		;
	return dl_sink_put(&report->lists[i].sink, scope, schema, record);
}

void dl_report_open(struct dl_report *report, struct dl_scope *scope)
{
	size_t i;

	memset(report, 0, sizeof *report);
	report->sink.put = put;
	report->trends = (struct dl_trends){.scope = scope, .whole = true};
	for (i = 0; dl_record_all[i]; i++) {
		DL_BUG_IF(i == DL_REPORT_KINDS);
		dl_sink_list(&report->lists[i], scope, 0);
	}
}

/* Prints what has come together, once that is worth it. */
static void drain(struct page *page, size_t least)
{
	if (page->buf.len <= least)
		return;
	if (page->result == DL_MORE && dl_buf_check(page->scope, &page->buf, "the page"))
		page->result = -1;
	if (page->result == DL_MORE)
		page->result = dl_out_text(page->scope, page->out, page->buf.data, page->buf.len);
	dl_buf_reset(&page->buf);
}

/* ------------------------------------------------------------------ states */

/* How a state looks: a class, and a sign, since colours alone say nothing to many. */
struct look {
	const char *words, *class, *sign;
};

static const struct look *look_of(const char *word)
{
	static const struct look looks[] = {
		{"success,pass,cloned,updated,uploaded,created", "good", "✓"},
		{"failure,timed_out,fail,failed,conflict", "bad", "✗"},
		{"action_required,warn,superseded,stale", "warn", "!"},
		{"in_progress,queued,pending,unregistered", "busy", "…"},
		{"cancelled", "idle", "⊘"},
		{NULL, "idle", "–"},
	};
	const struct look *look = looks;

	while (look->words && !dl_text_in(word, look->words))
		look++;
	return look;
}

/* ------------------------------------------------------------------ runs */

static void add_fact(struct dl_buf *buf, const char *name, const char *value)
{
	dl_buf_printf(buf, "<div><dt>%s</dt><dd>%s</dd></div>", name, value);
}

static void add_facts(struct page *page, const struct dl_trend_line *line)
{
	struct dl_arena *arena = &page->scope->arena;
	int64_t judged = line->succeeded + line->failed;

	dl_buf_puts(&page->buf, "<dl class=\"facts\">");
	add_fact(&page->buf, "runs", dl_arena_format(arena, "%" PRId64, line->total));
	if (judged)
		add_fact(&page->buf, "success",
			 dl_arena_format(arena, "%.1f %%", 100.0 * (double)line->succeeded / (double)judged));
	add_fact(&page->buf, "flaky",
		 dl_arena_format(arena, "%" PRId64 " of %" PRId64 " commits", line->flaky, line->commits));
	if (line->p50_s != DL_INT_NONE) {
		add_fact(&page->buf, "half take", dl_time_span(arena, line->p50_s));
		add_fact(&page->buf, "nine of ten take", dl_time_span(arena, line->p90_s));
	}
	dl_buf_puts(&page->buf, "</dl>\n");
}

/* The durations of the newest runs as a line, the newest at the right. */
static void add_durations(struct page *page, const struct dl_trend *trend)
{
	size_t first = trend->count > POINTS ? trend->count - POINTS : 0, count = 0, i;
	int64_t longest = 0;

	for (i = first; i < trend->count; i++) {
		count += trend->runs[i].duration_s >= 0;
		if (trend->runs[i].duration_s > longest)
			longest = trend->runs[i].duration_s;
	}
	if (count < 2 || !longest)
		return;
	dl_buf_printf(&page->buf,
		      "<svg viewBox=\"0 0 %d %d\" preserveAspectRatio=\"none\" role=\"img\" "
		      "aria-label=\"How long the last %zu runs took; the longest: %s\"><polyline points=\"",
		      LINE_WIDTH, LINE_HEIGHT, count, dl_time_span(&page->scope->arena, longest));
	for (i = 0; first < trend->count; first++)
		if (trend->runs[first].duration_s >= 0)
			dl_buf_printf(&page->buf, "%.1f,%.1f ",
				      (double)LINE_WIDTH * (double)i++ / (double)(count - 1),
				      LINE_HEIGHT - (LINE_HEIGHT - 2.0) *
							    (double)trend->runs[first].duration_s /
							    (double)longest);
	dl_buf_puts(&page->buf, "\"/></svg>\n");
}

/* What is known of RUN, in words. */
static const char *describe(struct dl_scope *scope, const struct dl_run *run, const char *state)
{
	struct dl_buf text;

	dl_buf_init(&text, &scope->arena, DL_CAP_LINE);
	dl_buf_puts(&text, state);
	if (run->number != DL_INT_NONE)
		dl_buf_printf(&text, ", number %" PRId64, run->number);
	if (run->attempt != DL_INT_NONE && run->attempt > 1)
		dl_buf_printf(&text, ", attempt %" PRId64, run->attempt);
	if (run->branch)
		dl_buf_printf(&text, ", %s", run->branch);
	if (run->sha)
		dl_buf_printf(&text, ", %.10s", run->sha);
	if (run->created_at != DL_TIME_NONE)
		dl_buf_printf(&text, ", %s", dl_time_format(&scope->arena, run->created_at));
	if (run->duration_s >= 0)
		dl_buf_printf(&text, ", %s", dl_time_span(&scope->arena, run->duration_s));
	if (run->actor)
		dl_buf_printf(&text, ", %s", run->actor);
	return text.data;
}

static void add_run(struct page *page, const struct dl_run *run)
{
	const char *state = run->conclusion ? dl_state_conclusion_words[run->conclusion]
			    : run->needs_action == 1 ? "action_required"
			    : run->status	     ? dl_state_status_words[run->status]
						     : "unknown";
	const struct look *look = look_of(state);
	struct dl_scope scratch;
	const char *element;

	dl_scope_open(&scratch, NULL);
	dl_buf_puts(&page->buf, "<li>");
	element = dl_html_link(&page->buf, run->url, look->class, describe(&scratch, run, state));
	dl_buf_printf(&page->buf, "%s</%s>\n", look->sign, element);
	dl_scope_close(&scratch);
	drain(page, PIECE);
}

static void add_workflow(struct page *page, struct dl_trend *trend)
{
	const struct dl_trend_line *line = dl_trend_line(page->scope, trend);
	size_t i;

	dl_buf_puts(&page->buf, "<section class=\"flow\"><h3>");
	dl_html_text(&page->buf, trend->workflow ? trend->workflow : "(no workflow)");
	dl_buf_puts(&page->buf, " <span class=\"dim\">");
	dl_html_text(&page->buf, trend->project && *trend->project ? trend->project : trend->provider);
	dl_buf_puts(&page->buf, "</span></h3>\n");
	add_facts(page, line);
	add_durations(page, trend);
	dl_buf_puts(&page->buf, "<ol class=\"grid\" aria-label=\"Runs, the newest last\">\n");
	for (i = 0; i < trend->count && page->result == DL_MORE; i++)
		add_run(page, trend->runs[i].run);
	dl_buf_puts(&page->buf, "</ol></section>\n");
}

static void add_runs(struct page *page, const struct dl_trends *trends)
{
	struct dl_trend *trend;

	if (!trends->trends)
		return;
	dl_buf_puts(&page->buf, "<section id=\"run\"><h2>Runs</h2>\n<p class=\"dim\">✓ success, ✗ failure, "
				"… under way, ! a human must act, ⊘ cancelled, – another end; the newest "
				"last</p>\n");
	for (trend = trends->trends; trend && page->result == DL_MORE; trend = trend->next)
		add_workflow(page, trend);
	dl_buf_puts(&page->buf, "</section>\n");
}

/* ------------------------------------------------------------------ releases and changes */

static void add_release(struct page *page, const struct dl_release *release)
{
	const struct dl_asset *assets = release->assets.items;
	const char *element;
	size_t i;

	dl_buf_puts(&page->buf, "<article><h3>");
	element = dl_html_link(&page->buf, release->url, NULL, NULL);
	dl_html_text(&page->buf, release->tag ? release->tag : release->name ? release->name : "(no tag)");
	dl_buf_printf(&page->buf, "</%s></h3>\n<p class=\"dim\">", element);
	dl_html_text(&page->buf, release->name);
	dl_buf_printf(&page->buf, "%s%s%s", release->draft == 1 ? " draft" : "",
		      release->prerelease == 1 ? " prerelease" : "", release->latest == 1 ? " latest" : "");
	dl_buf_puts(&page->buf, " ");
	dl_html_text(&page->buf,
		     dl_time_format(&page->scope->arena, release->published_at != DL_TIME_NONE
								 ? release->published_at
								 : release->created_at));
	dl_buf_puts(&page->buf, "</p>\n");
	if (release->body && *release->body) {
		dl_buf_puts(&page->buf, "<pre>");
		dl_html_text(&page->buf, release->body);
		dl_buf_puts(&page->buf, "</pre>\n");
	}
	dl_buf_puts(&page->buf, release->assets.count ? "<ul>" : "");
	for (i = 0; i < release->assets.count; i++) {
		dl_buf_puts(&page->buf, "<li>");
		element = dl_html_link(&page->buf, assets[i].url, NULL, NULL);
		dl_html_text(&page->buf, assets[i].name);
		dl_buf_printf(&page->buf, "</%s>\n", element);
	}
	dl_buf_puts(&page->buf, release->assets.count ? "</ul></article>\n" : "</article>\n");
	drain(page, PIECE);
}

static void add_releases(struct page *page, const struct dl_sink_list *list)
{
	size_t i;

	for (i = 0; i < list->count && page->result == DL_MORE; i++)
		add_release(page, dl_sink_item(list, i));
}

/* Another heading, where a tag or a section begins. */
static void add_heading(struct page *page, const struct dl_change *change, const struct dl_change *before)
{
	if (before && dl_text_same(before->tag, change->tag) &&
	    dl_text_same(before->section, change->section))
		return;
	dl_buf_puts(&page->buf, before ? "</ul>\n<h3>" : "<h3>");
	dl_html_text(&page->buf, change->tag ? change->tag : "Unreleased");
	if (change->section)
		dl_buf_puts(&page->buf, ": ");
	dl_html_text(&page->buf, change->section);
	dl_buf_puts(&page->buf, "</h3>\n<ul>\n");
}

static void add_change(struct page *page, const struct dl_change *change)
{
	const char *element;

	dl_buf_puts(&page->buf, "<li>");
	if (change->breaking == 1)
		dl_buf_puts(&page->buf, "<strong>breaking</strong> ");
	if (change->scope) {
		dl_buf_puts(&page->buf, "<b>");
		dl_html_text(&page->buf, change->scope);
		dl_buf_puts(&page->buf, ":</b> ");
	}
	dl_html_text(&page->buf, change->subject);
	dl_buf_puts(&page->buf, " <span class=\"dim\">");
	element = dl_html_link(&page->buf, change->url, NULL, NULL);
	dl_html_text(&page->buf,
		     dl_arena_format(&page->scope->arena, "%.10s", change->sha ? change->sha : ""));
	dl_buf_printf(&page->buf, "</%s> ", element);
	dl_html_text(&page->buf, change->author);
	dl_buf_puts(&page->buf, "</span></li>\n");
	drain(page, PIECE);
}

static void add_changes(struct page *page, const struct dl_sink_list *list)
{
	const struct dl_change *change, *before = NULL;
	size_t i;

	for (i = 0; i < list->count && page->result == DL_MORE; i++, before = change) {
		change = dl_sink_item(list, i);
		add_heading(page, change, before);
		add_change(page, change);
	}
	dl_buf_puts(&page->buf, "</ul>\n");
}

/* ------------------------------------------------------------------ tables */

/* A page is looked at later: how long ago something was then would be wrong, so it has the time instead. */
static struct dl_column lasting(const struct dl_column *column)
{
	struct dl_column other = *column;

	if (column->show == DL_SHOW_AGE) {
		other.title = "TIME";
		other.show = DL_SHOW_TEXT;
	}
	return other;
}

static void add_cells(struct page *page, const struct dl_schema *schema, const void *record)
{
	const struct dl_field *url = dl_schema_field(schema, "url");
	const struct dl_column *column;
	struct dl_scope scratch;
	struct dl_buf link;
	const char *text, *element;

	dl_scope_open(&scratch, NULL);
	dl_buf_init(&link, &scratch.arena, DL_CAP_LINE);
	if (url && url->type == DL_TYPE_TEXT)
		dl_schema_value(url, record, &link);
	dl_buf_puts(&page->buf, "<tr>");
	for (column = schema->columns; column && column->title; column++) {
		const struct dl_column shown = lasting(column);

		text = dl_out_cell(&scratch, schema, &shown, record);
		if (column->show == DL_SHOW_STATE)
			dl_buf_printf(&page->buf, "<td class=\"%s\">%s ", look_of(text)->class,
				      look_of(text)->sign);
		else
			dl_buf_puts(&page->buf, "<td>");
		element = column->show == DL_SHOW_REF && link.len
				  ? dl_html_link(&page->buf, link.data, NULL, NULL)
				  : NULL;
		dl_html_text(&page->buf, text);
		dl_buf_printf(&page->buf, element ? "</%s></td>" : "</td>", element);
	}
	dl_buf_puts(&page->buf, "</tr>\n");
	dl_scope_close(&scratch);
	drain(page, PIECE);
}

static void add_table(struct page *page, const struct dl_schema *schema, const struct dl_sink_list *list)
{
	const struct dl_column *column;
	size_t i;

	dl_buf_printf(&page->buf,
		      "<div class=\"wide\" role=\"region\" aria-label=\"%s\" tabindex=\"0\"><table>"
		      "<caption>%s</caption>\n<thead><tr>",
		      schema->type, schema->doc);
	for (column = schema->columns; column && column->title; column++)
		dl_buf_printf(&page->buf, "<th scope=\"col\">%s</th>", lasting(column).title);
	dl_buf_puts(&page->buf, "</tr></thead>\n<tbody>\n");
	for (i = 0; i < list->count && page->result == DL_MORE; i++)
		add_cells(page, schema, dl_sink_item(list, i));
	dl_buf_puts(&page->buf, "</tbody></table></div>\n");
}

/* ------------------------------------------------------------------ the page */

static const char *heading_of(const struct dl_schema *schema)
{
	return schema == &dl_record_release  ? "Releases"
	       : schema == &dl_record_change ? "Changes"
	       : schema == &dl_record_sync   ? "Repositories kept in step"
					     : schema->type;
}

static void add_contents(struct page *page, const struct dl_report *report)
{
	size_t i;

	dl_buf_printf(&page->buf, "<p class=\"dim\">%zu records, %s</p>\n<nav aria-label=\"Contents\"><ul>",
		      report->count, dl_time_format(&page->scope->arena, dl_time_now()));
	if (report->trends.trends)
		dl_buf_puts(&page->buf, "<li><a href=\"#run\">Runs</a></li>");
	for (i = 0; dl_record_all[i]; i++)
		if (report->lists[i].count)
			dl_buf_printf(&page->buf, "<li><a href=\"#%s\">%s</a></li>", dl_record_all[i]->type,
				      heading_of(dl_record_all[i]));
	dl_buf_puts(&page->buf, "</ul></nav>\n<main id=\"main\">\n");
}

static void add_section(struct page *page, const struct dl_schema *schema, const struct dl_sink_list *list)
{
	dl_buf_printf(&page->buf, "<section id=\"%s\"><h2>%s</h2>\n", schema->type, heading_of(schema));
	if (schema == &dl_record_release)
		add_releases(page, list);
	else if (schema == &dl_record_change)
		add_changes(page, list);
	else
		add_table(page, schema, list);
	dl_buf_puts(&page->buf, "</section>\n");
}

int dl_report_print(struct dl_scope *scope, struct dl_report *report, struct dl_out *out)
{
	struct page page = {.scope = scope, .out = out};
	size_t i;

	dl_buf_init(&page.buf, &scope->arena, DL_CAP_BODY);
	dl_html_begin(&page.buf, "DevLoop report");
	add_contents(&page, report);
	add_runs(&page, &report->trends);
	for (i = 0; dl_record_all[i]; i++)
		if (report->lists[i].count)
			add_section(&page, dl_record_all[i], &report->lists[i]);
	dl_buf_puts(&page.buf, "</main>\n");
	dl_html_end(&page.buf);
	drain(&page, 0);
	return page.result;
}
