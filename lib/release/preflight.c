/* Each check is a function that prints what it has found. That one could not be made is no failure of the
 * program: a question without an answer that matters is a check that has failed, or, where nobody is to be
 * asked at all, one that is skipped. */
#include "lib/release/preflight.h"

#include <stdarg.h>
#include <stdio.h>

#include "lib/data/schema.h"
#include "lib/data/sink.h"
#include "lib/git/repo.h"
#include "lib/program/tool.h"
#include "lib/provider/provider.h"
#include "lib/release/preflight_git.h"
#include "lib/release/preflight_server.h"
#include "lib/release/preflight_version.h"

static int (*const checks[])(struct dl_preflight *flight) = {
	dl_preflight_git_tree,
	dl_preflight_git_branch,
	dl_preflight_git_upstream,
	dl_preflight_version_form,
	dl_preflight_version_order,
	dl_preflight_version_files,
	dl_preflight_version_changelog,
	dl_preflight_git_tag,
	dl_preflight_server_release,
	dl_preflight_server_forge,
	dl_preflight_server_ci,
	dl_preflight_server_registry,
};

__attribute__((format(printf, 6, 0)))
static int put(struct dl_preflight *flight, enum dl_check_word status, const char *name, const char *hint,
	       const char *command, const char *format, va_list args)
{
	struct dl_check *check = dl_schema_new(flight->scope, &dl_record_check);
	char message[1024];
	int at = 0;

	if (flight->among)
		at = snprintf(message, sizeof message, "%s: ", flight->target->provider->name);
	vsnprintf(message + at, sizeof message - (size_t)at, format, args);
	if (flight->target)
		check->head = dl_provider_head(&flight->scope->arena, flight->target, NULL, NULL);
	flight->failed = flight->failed || status == DL_CHECK_FAIL;
	check->name = name;
	check->status = (int)status;
	check->message = message;
	check->hint = hint;
	check->command = command;
	return dl_sink_put(&flight->tool->out.sink, flight->scope, &dl_record_check, check) < 0 ? -1 : 0;
}

int dl_preflight_put(struct dl_preflight *flight, enum dl_check_word status, const char *name,
		     const char *hint, const char *format, ...)
{
	va_list args;
	int result;

	va_start(args, format);
	result = put(flight, status, name, hint, NULL, format, args);
	va_end(args);
	return result;
}

int dl_preflight_command(struct dl_preflight *flight, enum dl_check_word status, const char *name,
			 const char *command, const char *format, ...)
{
	va_list args;
	int result;

	va_start(args, format);
	result = put(flight, status, name, NULL, command, format, args);
	va_end(args);
	return result;
}

int dl_preflight_run(struct dl_scope *scope, struct dl_tool *tool, const struct dl_preflight_wish *wish,
		     bool *ready)
{
	struct dl_preflight flight = {
		.wish = wish, .tool = tool, .scope = scope, .dir = tool->common.dir,
		.repo = dl_repo_open(scope, tool->common.dir),
	};
	int result = -1;
	size_t i;

	if (flight.repo && dl_preflight_git_look(&flight) == 0 &&
	    dl_project_read(scope, flight.repo, flight.head, &flight.project) == 0) {
		dl_preflight_version_name(&flight);
		for (i = 0, result = 0; i < sizeof checks / sizeof *checks && result == 0; i++)
			result = checks[i](&flight);
	}
	dl_repo_close(flight.repo);
	*ready = !flight.failed;
	return result;
}
