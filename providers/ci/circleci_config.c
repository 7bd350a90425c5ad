#include "providers/ci/circleci_config.h"

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

static const char folder[] = ".circleci";
static const char path[] = ".circleci/config.yml";

int dl_circleci_config_exists(struct dl_scope *scope, const struct dl_target *target, const char *sha)
{
	struct dl_repo_entries entries = {0};
	struct dl_scope attempt;
	int answer = -1;
	size_t i;

	(void)scope;
	dl_scope_open(&attempt, NULL);
	if (target->repo && !sha)
		sha = dl_repo_resolve(&attempt, target->repo, "HEAD");
	if (target->repo && sha && dl_repo_entries(&attempt, target->repo, sha, folder, &entries) == 0) {
		/* A project with a slug of its own may have its configuration anywhere. */
		answer = dl_text_starts(target->project, "circleci/") ? -1 : 0;
		for (i = 0; i < entries.count; i++)
			if (strcmp(entries.items[i].name, "config.yml") == 0)
				answer = 1;
	}
	dl_scope_close(&attempt);
	return answer;
}

/* The configuration at SHA. NULL: SCOPE has failed. */
static const struct dl_json *read_config(struct dl_scope *scope, const struct dl_target *target,
					 const char *sha)
{
	size_t len = 0;
	const char *text = dl_repo_file(scope, target->repo, sha, path, DL_CAP_CONFIG, &len);

	return text ? dl_config_outline(scope, path, text, len) : NULL;
}

static const char *joined(struct dl_scope *scope, const struct dl_json *list)
{
	const struct dl_json *node;
	struct dl_buf out;

	dl_buf_init(&out, &scope->arena, DL_CAP_HEAD);
	for (node = list ? list->child : NULL; node; node = node->next) {
		if (!dl_json_string(node) || strchr(dl_json_string(node), ','))
			return NULL;
		dl_buf_printf(&out, "%s%s", out.len ? "," : "", dl_json_string(node));
	}
	return out.len && !out.overflow ? out.data : NULL;
}

/* A value as -f takes it. */
static const char *text_of(struct dl_scope *scope, const struct dl_json *node)
{
	struct dl_buf out;

	if (!node || node->type == DL_JSON_NULL || dl_json_string(node))
		return dl_json_string(node);
	dl_buf_init(&out, &scope->arena, DL_CAP_HEAD);
	dl_json_write(&out, node);
	return out.overflow ? NULL : out.data;
}

/* The pipeline parameters that ROOT declares, put into SINK. */
static int put_parameters(struct dl_scope *scope, const struct dl_json *root, struct dl_sink *sink)
{
	const struct dl_json *list = dl_json_get(root, "parameters"), *node;
	struct dl_input_line *input;
	int result = DL_MORE;

	for (node = list ? list->child : NULL; node && node->key && result == DL_MORE; node = node->next) {
		input = dl_schema_new(scope, &dl_record_input);
		input->name = node->key;
		input->kind = dl_json_text(node, "type");
		input->value = text_of(scope, dl_json_get(node, "default"));
		input->required = !dl_json_get(node, "default");
		input->choices = dl_text_same(input->kind, "boolean")
					 ? "true,false"
					 : joined(scope, dl_json_get(node, "enum"));
		input->text = dl_json_text(node, "description");
		result = dl_sink_put(sink, scope, &dl_record_input, input);
	}
	return result;
}

static int put_workflow(struct dl_scope *scope, const struct dl_target *target, const struct dl_json *node,
			struct dl_sink *sink)
{
	struct dl_workflow *workflow = dl_schema_new(scope, &dl_record_workflow);

	workflow->head = dl_provider_head(&scope->arena, target, "workflow", node->key);
	workflow->id = workflow->name = node->key;
	workflow->path = path;
	workflow->triggers = dl_json_get(node, "triggers[].schedule") ? "schedule" : "push";
	return dl_sink_put(sink, scope, &dl_record_workflow, workflow);
}

int dl_circleci_config_workflows(struct dl_scope *scope, const struct dl_target *target, struct dl_sink *sink)
{
	const struct dl_json *root, *list, *node;
	const char *sha = target->repo ? dl_repo_resolve(scope, target->repo, "HEAD") : NULL;
	int result = DL_MORE;

	if (!target->repo) {
		dl_fail(scope, DL_UNSUPPORTED, "%s does not say which workflows a project has", target->host);
		return dl_fail_hint(scope, "inside its repository %s does: -C DIR", path);
	}
	root = sha ? read_config(scope, target, sha) : NULL;
	if (!root)
		return -1;
	list = dl_json_get(root, "workflows");
	for (node = list ? list->child : NULL; node && node->key && result == DL_MORE; node = node->next)
		/* Old files say here which version they are. */
		if (strcmp(node->key, "version") != 0)
			result = put_workflow(scope, target, node, sink);
	return result;
}

/* The configuration of the commit that TRIGGER is about, in SCOPE; NULL (no failure): it is not at hand. */
static const struct dl_json *config_of(struct dl_scope *scope, const struct dl_target *target,
				       const struct dl_trigger *trigger)
{
	const char *branch = trigger->branch ? trigger->branch : "HEAD", *sha = trigger->sha;
	const struct dl_json *root = NULL;

	if (target->repo && !sha && trigger->branch)
		sha = dl_repo_tip(scope, target->repo, branch);
	if (target->repo && !sha)
		sha = dl_repo_resolve(scope, target->repo, branch);
	if (target->repo && sha)
		root = read_config(scope, target, sha);
	dl_fail_take(scope, &scope->arena);
	return root;
}

int dl_circleci_config_inputs(struct dl_scope *scope, const struct dl_target *target,
			      const struct dl_trigger *trigger, struct dl_sink *sink)
{
	const struct dl_json *root = config_of(scope, target, trigger);

	return root ? put_parameters(scope, root, sink) : -1;
}

/* The type that the parameter NAME is declared with in ROOT; NULL: that is not known. */
static const char *type_of(const struct dl_json *root, const char *name)
{
	const struct dl_json *list = dl_json_get(root, "parameters"), *node;

	for (node = list ? list->child : NULL; node; node = node->next)
		if (dl_text_same(node->key, name))
			return dl_json_text(node, "type");
	return NULL;
}

/* A number as JSON spells it. */
static bool is_plain_number(const char *text)
{
	size_t zeros = strspn(text[0] == '-' ? text + 1 : text, "0");

	return dl_text_int(text) != DL_INT_NONE && (zeros == 0 || strlen(text) == 1);
}

void dl_circleci_config_arguments(struct dl_scope *scope, const struct dl_target *target,
				  const struct dl_trigger *trigger, struct dl_buf *body)
{
	const struct dl_json *root = config_of(scope, target, trigger);
	const char *name, *value, *type;
	bool bare;
	size_t i;

	for (i = 0; i < trigger->input_count; i++) {
		name = trigger->inputs[i].name;
		value = trigger->inputs[i].value;
		type = type_of(root, name);
		bare = ((!type || strcmp(type, "boolean") == 0) && dl_text_in(value, "true,false")) ||
		       ((!type || strcmp(type, "integer") == 0) && is_plain_number(value));
		dl_buf_putc(body, i ? ',' : '{');
		dl_json_quote(body, name, strlen(name));
		dl_buf_putc(body, ':');
		if (bare)
			dl_buf_puts(body, value);
		else
			dl_json_quote(body, value, strlen(value));
	}
	dl_buf_puts(body, i ? "}" : "{}");
}
