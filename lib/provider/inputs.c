#include "lib/provider/inputs.h"

#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/data/json.h"
#include "lib/data/record.h"
#include "lib/data/sink.h"

static const struct dl_input *find_given(const struct dl_input *inputs, size_t count, const char *name)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (strcmp(inputs[i].name, name) == 0)
			return &inputs[i];
	return NULL;
}

int dl_inputs_read(struct dl_scope *scope, const struct dl_opt_list *list, struct dl_trigger *trigger)
{
	struct dl_input *inputs = dl_arena_array(&scope->arena, list->count, sizeof *inputs);
	const char *equals, *name;
	size_t i;

	for (i = 0; i < list->count; i++) {
		equals = strchr(list->items[i], '=');
		if (!equals || equals == list->items[i])
			return dl_fail(scope, DL_USAGE, "-f: '%s' is not NAME=VALUE",
				       dl_text_quote(&scope->arena, list->items[i]));
		name = dl_arena_copy(&scope->arena, list->items[i], (size_t)(equals - list->items[i]));
		if (find_given(inputs, i, name))
			return dl_fail(scope, DL_USAGE, "input %s is given twice",
				       dl_text_quote(&scope->arena, name));
		inputs[i] = (struct dl_input){.name = name, .value = equals + 1};
	}
	trigger->inputs = inputs;
	trigger->input_count = list->count;
	return 0;
}

static const struct dl_input_line *find_taken(const struct dl_sink_list *taken, const char *name)
{
	const struct dl_input_line *input;
	size_t i;

	for (i = 0; i < taken->count; i++) {
		input = dl_sink_item(taken, i);
		if (strcmp(input->name, name) == 0)
			return input;
	}
	return NULL;
}

static void complain(struct dl_scope *scope, struct dl_buf *out, const char *what, const char *name)
{
	dl_buf_printf(out, "%s%s", out->len ? "; " : "", what);
	dl_buf_printf(out, " '%s'", dl_text_quote(&scope->arena, name));
}

/* What is wrong with the inputs that are given. */
static void judge_given(struct dl_scope *scope, const struct dl_sink_list *taken,
			const struct dl_trigger *trigger, struct dl_buf *out)
{
	const struct dl_input_line *input;
	const char *name, *value;
	size_t i;

	for (i = 0; i < trigger->input_count; i++) {
		name = trigger->inputs[i].name;
		value = trigger->inputs[i].value;
		input = find_taken(taken, name);
		if (!input) {
			complain(scope, out, "it takes no input", name);
		} else if (input->choices && !dl_text_in(value, input->choices)) {
			complain(scope, out, "input", name);
			dl_buf_printf(out, " cannot be '%s'", dl_text_quote(&scope->arena, value));
		}
	}
}

/* What is missing. */
static void judge_taken(struct dl_scope *scope, const struct dl_sink_list *taken,
			const struct dl_trigger *trigger, struct dl_buf *out)
{
	const struct dl_input_line *input;
	size_t i;

	for (i = 0; i < taken->count; i++) {
		input = dl_sink_item(taken, i);
		if (input->required == 1 && !input->value &&
		    !find_given(trigger->inputs, trigger->input_count, input->name))
			complain(scope, out, "it needs input", input->name);
	}
}

/* "version (required), env (dev, prod), dry_run (true,false)": all that the workflow takes. */
static const char *describe(struct dl_scope *scope, const struct dl_sink_list *taken)
{
	const struct dl_input_line *input;
	struct dl_buf out;
	size_t i;

	dl_buf_init(&out, &scope->arena, DL_CAP_HEAD);
	for (i = 0; i < taken->count; i++) {
		input = dl_sink_item(taken, i);
		dl_buf_printf(&out, "%s%s", i ? ", " : "", dl_text_quote(&scope->arena, input->name));
		if (input->choices)
			dl_buf_printf(&out, " (%s)", dl_text_quote(&scope->arena, input->choices));
		else if (input->required == 1 && !input->value)
			dl_buf_puts(&out, " (required)");
	}
	return out.data;
}

int dl_inputs_check(struct dl_scope *scope, const struct dl_target *target, const struct dl_trigger *trigger)
{
	struct dl_sink_list taken;
	struct dl_buf wrong;

	if (!target->provider->ci->inputs)
		return 0;
	dl_sink_list(&taken, scope, 0);
	if (target->provider->ci->inputs(scope, target, trigger, &taken.sink) < 0)
		return scope->error.class == DL_OK ? 0 : -1;
	dl_buf_init(&wrong, &scope->arena, DL_CAP_HEAD);
	judge_given(scope, &taken, trigger, &wrong);
	judge_taken(scope, &taken, trigger, &wrong);
	if (!wrong.len)
		return 0;
	dl_fail(scope, DL_USAGE, "%s: %s", dl_text_quote(&scope->arena, trigger->workflow), wrong.data);
	return taken.count ? dl_fail_hint(scope, "it takes %s", describe(scope, &taken))
			   : dl_fail_hint(scope, "it takes no inputs");
}

void dl_inputs_encode(struct dl_buf *buf, const struct dl_trigger *trigger)
{
	const struct dl_input *input = trigger->inputs;
	size_t i;

	dl_buf_putc(buf, '{');
	for (i = 0; i < trigger->input_count; i++, input++) {
		dl_buf_puts(buf, i ? "," : "");
		dl_json_quote(buf, input->name, strlen(input->name));
		dl_buf_putc(buf, ':');
		dl_json_quote(buf, input->value, strlen(input->value));
	}
	dl_buf_putc(buf, '}');
}
