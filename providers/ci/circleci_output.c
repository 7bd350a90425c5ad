/* Only where an element begins and ends is found here, by counting brackets outside of strings; each is then
 * parsed as strictly as any other JSON. */
#include "providers/ci/circleci_output.h"

#include <string.h>

#include "lib/base/scope.h"
#include "lib/base/writer.h"
#include "lib/data/json.h"

static int refuse(struct dl_scope *scope)
{
	return dl_fail(scope, DL_DATA, "the output of a step is no list of messages");
}

/* Passes on the text of the element that has just ended. */
static int end_message(struct dl_scope *scope, struct dl_circleci_output *output)
{
	const struct dl_json *root;
	const char *text;
	struct dl_scope one;
	int result = 0;

	if (dl_buf_check(scope, &output->message, "a message in the output of a step"))
		return -1;
	dl_scope_open(&one, scope);
	root = dl_json_parse(&one, output->message.data, output->message.len);
	text = dl_json_text(root, "message");
	if (text)
		result = output->next->write(output->next, &one, text, strlen(text));
	dl_buf_reset(&output->message);
	return dl_scope_close(&one) ? -1 : result;
}

/* Takes one byte. As a writer does. */
static int take(struct dl_scope *scope, struct dl_circleci_output *output, char byte)
{
	bool opens = !output->quoted && (byte == '[' || byte == '{');
	bool closes = !output->quoted && (byte == ']' || byte == '}');

	if (output->depth > 1 || (output->depth == 1 && opens))
		dl_buf_putc(&output->message, byte);
	else if (output->depth == 0 ? byte != '[' && !strchr(" \t\r\n", byte)
				    : !closes && !strchr(" \t\r\n,", byte))
		return refuse(scope);
	if (output->quoted && !output->escaped && byte == '"')
		output->quoted = false;
	else if (!output->quoted && byte == '"')
		output->quoted = true;
	output->escaped = output->quoted && !output->escaped && byte == '\\';
	output->depth += opens - closes;
	return closes && output->depth == 1 ? end_message(scope, output) : 0;
}

static int write_output(struct dl_writer *writer, struct dl_scope *scope, const char *data, size_t len)
{
	struct dl_circleci_output *output = (struct dl_circleci_output *)writer;
	int result = 0;

	for (; len && result == 0; data++, len--)
		result = take(scope, output, *data);
	return result;
}

void dl_circleci_output_open(struct dl_circleci_output *output, struct dl_scope *scope,
			     struct dl_writer *next)
{
	*output = (struct dl_circleci_output){.writer.write = write_output, .next = next};
	dl_buf_init(&output->message, &scope->arena, DL_CAP_BODY);
}

int dl_circleci_output_close(struct dl_scope *scope, const struct dl_circleci_output *output)
{
	return output->depth ? refuse(scope) : 0;
}
