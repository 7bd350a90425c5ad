/* dl-prompt: the last verdict on this branch, from disk, for a shell's prompt. */
#include <string.h>

#include "lib/base/scope.h"
#include "lib/base/time.h"
#include "lib/ci/last.h"
#include "lib/ci/prompt.h"
#include "lib/ci/refresh.h"
#include "lib/data/event.h"
#include "lib/data/record.h"
#include "lib/git/checkout.h"
#include "lib/program/out.h"
#include "lib/program/program.h"

enum { STALE_S = 15 * 60 };

static const struct dl_opt options[] = {
	{0, "shell", DL_OPT_TEXT, offsetof(struct dl_prompt, shell), "SHELL",
	 "in colour, after a space, for the prompt of SHELL: bash, zsh or fish"},
	{0, "ascii", DL_OPT_FLAG, offsetof(struct dl_prompt, ascii), NULL,
	 "nothing but ASCII, as in a locale without UTF-8"},
	{0, "symbols", DL_OPT_TEXT, offsetof(struct dl_prompt, symbols), "SYMBOLS",
	 "four, separated by commas: for green, red, under way, and a human must act"},
	{.name = NULL},
};

static const struct dl_program program = {
	.name = "dl-prompt",
	.summary = "print the last CI verdict on this branch, from disk, for a prompt",
	.operands = "",
	.options = options,
	.schema = &dl_record_verdict,
	.takes = DL_TAKES_NOTHING,
	.example = "PROMPT='%~$(dl-prompt --shell zsh --max-age 5m)%# '",
	.text = true,
	.common = "directory,field,max-age",
};

static int print(struct dl_scope *scope, const struct dl_common *common, const struct dl_prompt *prompt,
		 const struct dl_last *last)
{
	const char *text = dl_prompt_text(scope, prompt, last, dl_time_now());
	struct dl_out out;
	int result;

	dl_out_open(&out, scope, stdout, DL_OUT_FIELDS, common->fields);
	if (common->fields && last->verdict)
		result = dl_sink_put(&out.sink, scope, &dl_record_verdict, last->verdict);
	else if (!common->fields && *text)
		result = dl_out_text(scope, &out, dl_arena_format(&scope->arena, "%s\n", text),
				     strlen(text) + 1);
	else
		result = DL_MORE;
	if (result == DL_MORE)
		result = dl_out_flush(scope, &out);
	dl_out_close(&out);
	return result;
}

/* A clock may have been set back since. */
static bool is_old(const struct dl_last *last, int64_t max_age_s)
{
	int64_t age_s = dl_time_now() - last->time;

	return age_s > max_age_s || age_s < 0;
}

/* Prints what is known, then has it asked again when that is too old. What nobody has ever asked about is not
 * asked about here either: coming into a folder is no consent. */
static int show(struct dl_scope *scope, const struct dl_common *common, const struct dl_prompt *prompt)
{
	int64_t began_ms = dl_time_clock_ms();
	struct dl_checkout checkout;
	struct dl_last last;
	int result;

	if (prompt->shell && common->fields)
		return dl_fail(scope, DL_USAGE, "--shell and -F exclude each other");
	if (dl_prompt_check(scope, prompt))
		return -1;
	if (!dl_checkout_find(scope, common->dir, &checkout) || (!checkout.branch && !checkout.commit))
		return 0;
	last = dl_last_find(scope, checkout.common_dir, checkout.branch, checkout.commit);
	result = print(scope, common, prompt, &last);
	if (result >= 0 && common->max_age_s && last.asked &&
	    (!last.verdict || is_old(&last, common->max_age_s)))
		dl_refresh_start(scope, &checkout, common->dir, common->max_age_s);
	dl_event_end(scope, dl_event_new(scope, program.name, "prompt", DL_OK), began_ms, DL_OK);
	return result;
}

int main(int argc, char **argv)
{
	struct dl_prompt prompt = {.stale_s = STALE_S};
	struct dl_opt_list operands;
	struct dl_common common;
	struct dl_scope scope;

	if (dl_program_begin(&scope, &program, argc, argv, &common, &prompt, &operands) == 0) {
		if (common.max_age_s)
			prompt.stale_s = common.max_age_s;
		DL_BUG_IF(show(&scope, &common, &prompt) < 0 && scope.error.class == DL_OK);
	}
	return dl_program_end(&scope, &program, DL_OK);
}
