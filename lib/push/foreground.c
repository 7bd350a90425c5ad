#include "lib/push/foreground.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/data/push.h"
#include "lib/data/record.h"
#include "lib/git/git.h"
#include "lib/program/out.h"
#include "lib/push/aftermath.h"
#include "lib/push/porcelain.h"

enum { SHORT_SHA = 10 };

__attribute__((format(printf, 2, 3))) static void say(const struct dl_foreground *foreground,
						      const char *format, ...)
{
	va_list args;

	if (foreground->quiet)
		return;
	fprintf(stderr, "%s: ", foreground->program);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

void dl_foreground_tell(struct dl_scope *scope, const struct dl_foreground *foreground,
			const struct dl_porcelain *porcelain)
{
	struct dl_arena *arena = &scope->arena;
	const struct dl_push *push;
	size_t i;

	for (i = 0; i < porcelain->count; i++) {
		push = &porcelain->pushes[i];
		say(foreground, "%s -> %s at %s: %s", dl_text_quote(arena, push->local_ref),
		    dl_text_quote(arena, push->remote_ref), dl_text_quote(arena, push->remote),
		    dl_text_quote(arena, push->how));
	}
}

/* The first that CI is not done with, in place of the line before. */
static void tell_progress(const struct dl_aftermath *aftermath)
{
	const struct dl_aftermath_ref *ref = aftermath->refs, *end = ref + aftermath->count;
	const struct dl_verdict *verdict;

	if (!dl_out_rewrites(stderr))
		return;
	fputs("\r\033[K", stderr);
	while (ref < end && !ref->open)
		ref++;
	verdict = ref < end ? ref->verdict : NULL;
	if (verdict)
		fprintf(stderr, "%s: CI of %.*s: %" PRId64 " of %" PRId64 " done, %" PRId64 "s",
			aftermath->program, SHORT_SHA, ref->commit, verdict->passed + verdict->failed,
			verdict->total, (dl_time_clock_ms() - aftermath->begun_ms) / 1000);
	fflush(stderr);
}

/* COUNT refs, all to one URL. */
static enum dl_class look_after(struct dl_scope *scope, const struct dl_foreground *foreground,
				struct dl_aftermath *aftermath, const struct dl_git_config *config)
{
	size_t i;

	if (foreground->timeout_s)
		aftermath->deadline_ms = dl_time_clock_ms() + foreground->timeout_s * 1000;
	dl_aftermath_watch(scope, aftermath, config);
	for (i = 0; i < aftermath->count; i++)
		if (aftermath->refs[i].said)
			say(foreground, "%s: %s",
			    dl_text_quote(&scope->arena, dl_push_name(&aftermath->pushes[i])),
			    dl_text_quote(&scope->arena, aftermath->refs[i].said));
	dl_aftermath_report(scope, aftermath);
	return dl_aftermath_class(aftermath);
}

int dl_foreground_watch(struct dl_scope *scope, struct dl_foreground *foreground,
			const struct dl_porcelain *porcelain)
{
	struct dl_aftermath aftermath = {
		.program = foreground->program, .foreground = true, .hookless = foreground->hookless,
		.tell = foreground->quiet ? NULL : tell_progress, .pushes = porcelain->pushes,
		.dir = dl_git_top(scope, NULL), .common_dir = dl_git_common_dir(scope, NULL),
	};
	struct dl_push *end = porcelain->pushes + porcelain->count;
	const char *const *name;
	struct dl_git_config config;
	enum dl_class class;

	if (!aftermath.dir || !aftermath.common_dir || dl_git_config(scope, NULL, &config))
		return -1;
	for (name = dl_git_forget(scope); *name; name++)
		if (unsetenv(*name))
			return dl_fail_errno(scope, "the environment cannot be changed");
	for (; aftermath.pushes < end; aftermath.pushes += aftermath.count) {
		for (aftermath.count = 1; aftermath.pushes + aftermath.count < end &&
					  strcmp(aftermath.pushes->url,
						 aftermath.pushes[aftermath.count].url) == 0;)
			aftermath.count++;
		class = look_after(scope, foreground, &aftermath, &config);
		foreground->answer = aftermath.pushes == porcelain->pushes
					     ? class
					     : dl_aftermath_worse(foreground->answer, class);
	}
	return 0;
}
