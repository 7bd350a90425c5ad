/* Inputs are declared in a document of their own before the definition proper. Only that header is parsed:
 * the rest is YAML with references and merges, which only GitLab can put together. */
#include "providers/ci/gitlab_config.h"

#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/data/config.h"
#include "lib/data/json.h"
#include "lib/data/record.h"
#include "lib/data/sink.h"
#include "lib/git/repo.h"
#include "lib/provider/provider.h"
#include "lib/provider/rest.h"
#include "providers/ci/gitlab_api.h"

/* ------------------------------------------------------------------ finding it */

int dl_gitlab_config_here(const struct dl_target *target, const char *sha)
{
	struct dl_repo_entries entries;
	struct dl_scope attempt;
	int found = -1;
	size_t i;

	dl_scope_open(&attempt, NULL);
	if (target->repo && sha && dl_repo_entries(&attempt, target->repo, sha, "", &entries) == 0) {
		found = 0;
		for (i = 0; i < entries.count; i++)
			found |= strcmp(entries.items[i].name, DL_GITLAB_DEFINITION) == 0;
	}
	dl_scope_close(&attempt);
	return found;
}

/* Reads PATH at REF into CONFIG. What is not there may be the file, or the commit. */
static void read_file(struct dl_scope *scope, const struct dl_target *target, const char *path,
		      const char *ref, struct dl_gitlab_config *config)
{
	const struct dl_var vars[] = {
		{"project", target->project}, {"file", path}, {"ref", ref}, {NULL, NULL}};
	struct dl_scope attempt;
	struct dl_res res;

	dl_scope_open(&attempt, NULL);
	config->found = -1;
	if (dl_rest_send(&attempt, target, &dl_gitlab_api_file, vars, NULL, &res) == 0) {
		config->found = 1;
		config->path = path;
		config->text = dl_arena_copy(&scope->arena, res.body, res.len);
		config->len = res.len;
	} else if (attempt.error.status == 404 && strstr(attempt.error.message, "File Not Found")) {
		config->found = 0;
	}
	dl_scope_close(&attempt);
}

static const struct dl_json *ask_project(struct dl_scope *scope, const struct dl_target *target)
{
	const struct dl_var vars[] = {{"project", target->project}, {NULL, NULL}};
	const struct dl_json *project = dl_rest_get(scope, target, &dl_gitlab_api_project, vars);

	if (!project)
		dl_fail_take(scope, &scope->arena);
	return project;
}

struct dl_gitlab_config dl_gitlab_config_find(struct dl_scope *scope, const struct dl_target *target,
					      const char *ref)
{
	struct dl_gitlab_config config = {0};
	const char *path;

	read_file(scope, target, DL_GITLAB_DEFINITION, ref, &config);
	if (config.found != 0)
		return config;
	config.project = ask_project(scope, target);
	path = dl_json_text(config.project, "ci_config_path");
	if (dl_json_bool(dl_json_get(config.project, "auto_devops_enabled")) == 1 ||
	    (path && (strchr(path, '@') || strstr(path, "://"))))
		config.found = 1;
	else if (path && *path && strcmp(path, DL_GITLAB_DEFINITION) != 0)
		read_file(scope, target, path, ref, &config);
	return config;
}

/* ------------------------------------------------------------------ what it declares */

static bool is_separator(const char *line, size_t len)
{
	return len >= 3 && memcmp(line, "---", 3) == 0 && (len == 3 || strchr(" \t\r", line[3]));
}

static bool is_empty(const char *line, size_t len)
{
	size_t blank = strspn(line, " \t\r");

	return blank >= len || line[blank] == '#';
}

/* The first of several documents in TEXT: how long it is, from *BEGIN on; 0: there is only one. */
static size_t header_length(const char *text, size_t *begin)
{
	bool has_content = false;
	const char *line = text, *end;
	size_t len;

	*begin = 0;
	for (; *line; line = *end ? end + 1 : end) {
		end = strchrnul(line, '\n');
		len = (size_t)(end - line);
		if (is_separator(line, len) && has_content)
			return (size_t)(line - text) - *begin;
		if (is_separator(line, len))
			*begin = (size_t)((*end ? end + 1 : end) - text);
		else if (!is_empty(line, len))
			has_content = true;
	}
	return 0;
}

/* `spec` of the definition, if it declares inputs; NULL: it does not, or it cannot be read. */
static const struct dl_json *spec_of(struct dl_scope *scope, const struct dl_gitlab_config *config)
{
	const struct dl_json *header;
	size_t begin, len;

	len = config->text ? header_length(config->text, &begin) : 0;
	header = len ? dl_config_parse(scope, DL_GITLAB_DEFINITION, config->text + begin, len) : NULL;
	if (len && !header)
		dl_fail_take(scope, &scope->arena);
	header = dl_json_get(header, "spec");
	return dl_json_get(header, "inputs|include") ? header : NULL;
}

/* The text of any value but null. */
static const char *value_of(struct dl_scope *scope, const struct dl_json *node)
{
	struct dl_buf text;

	if (!node || node->type == DL_JSON_NULL)
		return NULL;
	if (dl_json_string(node))
		return dl_json_string(node);
	dl_buf_init(&text, &scope->arena, DL_CAP_LINE);
	dl_json_write(&text, node);
	return text.data;
}

/* Choices that have a comma in them cannot stand in a list with commas. */
static const char *choices_of(struct dl_scope *scope, const struct dl_json *input, const char *kind)
{
	const struct dl_json *options = dl_json_get(input, "options"), *option;
	struct dl_buf choices;
	const char *value;

	if (!options)
		return strcmp(kind, "boolean") == 0 ? "true,false" : NULL;
	dl_buf_init(&choices, &scope->arena, DL_CAP_LINE);
	for (option = options->child; option; option = option->next) {
		value = value_of(scope, option);
		if (!value || strchr(value, ','))
			return NULL;
		dl_buf_printf(&choices, "%s%s", choices.len ? "," : "", value);
	}
	return choices.len ? choices.data : NULL;
}

static int put_input(struct dl_scope *scope, const struct dl_json *node, struct dl_sink *sink)
{
	struct dl_input_line *input = dl_schema_new(scope, &dl_record_input);
	const char *kind = dl_json_text(node, "type");

	input->name = node->key;
	input->kind = kind ? kind : "string";
	input->value = value_of(scope, dl_json_get(node, "default"));
	/* Rules may have defaults of their own. */
	input->required = !dl_json_get(node, "default") && !dl_json_get(node, "rules");
	input->choices = dl_json_get(node, "rules") ? NULL : choices_of(scope, node, input->kind);
	input->text = dl_json_text(node, "description");
	return dl_sink_put(sink, scope, &dl_record_input, input);
}

int dl_gitlab_config_inputs(struct dl_scope *scope, const struct dl_gitlab_config *config,
			    struct dl_sink *sink)
{
	const struct dl_json *spec = spec_of(scope, config), *inputs = dl_json_get(spec, "inputs"), *node;
	int result = DL_MORE;

	if (!inputs || inputs->type != DL_JSON_OBJECT || dl_json_get(spec, "include"))
		return -1;
	for (node = inputs->child; node && result == DL_MORE; node = node->next)
		result = put_input(scope, node, sink);
	return result;
}

/* ------------------------------------------------------------------ asking for a pipeline */

static const struct dl_json *find_input(const struct dl_json *inputs, const char *name)
{
	const struct dl_json *node = inputs ? inputs->child : NULL;

	while (node && strcmp(node->key, name) != 0)
		node = node->next;
	return node;
}

/* VALUE as the JSON that an input declared as NODE takes: a number, a boolean and a list are no strings. */
static void write_value(struct dl_scope *scope, const struct dl_json *node, const char *value,
			struct dl_buf *out)
{
	const char *kind = dl_json_text(node, "type");
	struct dl_scope attempt;
	const struct dl_json *parsed = NULL;

	dl_scope_open(&attempt, NULL);
	if (dl_text_in(kind, "number,boolean,array"))
		parsed = dl_json_parse(&attempt, dl_arena_string(&scope->arena, value), strlen(value));
	if (parsed)
		dl_json_write(out, parsed);
	else
		dl_json_quote(out, value, strlen(value));
	dl_scope_close(&attempt);
}

static void write_inputs(struct dl_scope *scope, const struct dl_json *inputs,
			 const struct dl_trigger *trigger, struct dl_buf *out)
{
	const struct dl_input *input = trigger->inputs;

	dl_buf_puts(out, ",\"inputs\":{");
	for (; input < trigger->inputs + trigger->input_count; input++) {
		dl_buf_puts(out, input == trigger->inputs ? "" : ",");
		dl_json_quote(out, input->name, strlen(input->name));
		dl_buf_putc(out, ':');
		write_value(scope, find_input(inputs, input->name), input->value, out);
	}
	dl_buf_putc(out, '}');
}

static void write_variables(const struct dl_trigger *trigger, struct dl_buf *out)
{
	const struct dl_input *input = trigger->inputs;

	dl_buf_puts(out, ",\"variables\":[");
	for (; input < trigger->inputs + trigger->input_count; input++) {
		dl_buf_puts(out, input == trigger->inputs ? "{\"key\":" : ",{\"key\":");
		dl_json_quote(out, input->name, strlen(input->name));
		dl_buf_puts(out, ",\"value\":");
		dl_json_quote(out, input->value, strlen(input->value));
		dl_buf_putc(out, '}');
	}
	dl_buf_putc(out, ']');
}

const char *dl_gitlab_config_request(struct dl_scope *scope, const struct dl_gitlab_config *config,
				     const char *ref, const struct dl_trigger *trigger)
{
	const struct dl_json *spec = trigger->input_count ? spec_of(scope, config) : NULL;
	struct dl_buf out;

	dl_buf_init(&out, &scope->arena, DL_CAP_BODY);
	dl_buf_puts(&out, "{\"ref\":");
	dl_json_quote(&out, ref, strlen(ref));
	if (spec)
		write_inputs(scope, dl_json_get(spec, "inputs"), trigger, &out);
	else if (trigger->input_count)
		write_variables(trigger, &out);
	dl_buf_putc(&out, '}');
	return dl_buf_check(scope, &out, "the request") ? NULL : out.data;
}
