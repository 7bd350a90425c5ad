#include "lib/ci/verdict.h"

#include "lib/base/scope.h"
#include "lib/data/opt.h"
#include "lib/data/sink.h"
#include "lib/data/state.h"
#include "tests/unit/check.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* A run in a few letters: WORKFLOW, number, attempt, state. */
struct row {
	const char *workflow;
	int number, attempt;
	int status, conclusion;
	bool needs_action;
};

enum { RUNS = 4 };

#define Q .status = DL_QUEUED
#define P .status = DL_IN_PROGRESS
#define C(word) .status = DL_COMPLETED, .conclusion = word

static const struct {
	const char *name;
	struct row runs[RUNS];
	const char *require;
	int verdict, total, passed, failed, pending;
} cases[] = {
	{"no runs", {{0}}, NULL, DL_VERDICT_UNREGISTERED, 0, 0, 0, 0},
	{"one success", {{"a", 1, 1, C(DL_SUCCESS)}}, NULL, DL_VERDICT_SUCCESS, 1, 1, 0, 0},
	{"neutral counts as success",
	 {{"a", 1, 1, C(DL_NEUTRAL)}, {"b", 1, 1, C(DL_SKIPPED)}},
	 NULL,
	 DL_VERDICT_SUCCESS,
	 2,
	 2,
	 0,
	 0},
	{"all skipped",
	 {{"a", 1, 1, C(DL_SKIPPED)}, {"b", 1, 1, C(DL_SKIPPED)}},
	 NULL,
	 DL_VERDICT_SKIPPED,
	 2,
	 2,
	 0,
	 0},
	{"failure beats everything",
	 {{"a", 1, 1, C(DL_SUCCESS)},
	  {"b", 1, 1, C(DL_FAILURE)},
	  {"c", 1, 1, Q},
	  {"d", 1, 1, C(DL_CANCELLED)}},
	 NULL,
	 DL_VERDICT_FAILURE,
	 4,
	 1,
	 2,
	 1},
	{"timed out is a failure", {{"a", 1, 1, C(DL_TIMED_OUT)}}, NULL, DL_VERDICT_FAILURE, 1, 0, 1, 0},
	{"a human beats cancelled",
	 {{"a", 1, 1, C(DL_CANCELLED)}, {"b", 1, 1, P, .needs_action = true}},
	 NULL,
	 DL_VERDICT_ACTION_REQUIRED,
	 2,
	 0,
	 1,
	 1},
	{"approval of a fork",
	 {{"a", 1, 1, C(DL_ACTION_REQUIRED), .needs_action = true}},
	 NULL,
	 DL_VERDICT_ACTION_REQUIRED,
	 1,
	 0,
	 1,
	 0},
	{"cancelled beats pending",
	 {{"a", 1, 1, C(DL_CANCELLED)}, {"b", 1, 1, P}},
	 NULL,
	 DL_VERDICT_CANCELLED,
	 2,
	 0,
	 1,
	 1},
	{"pending beats success",
	 {{"a", 1, 1, C(DL_SUCCESS)}, {"b", 1, 1, P}},
	 NULL,
	 DL_VERDICT_PENDING,
	 2,
	 1,
	 0,
	 1},
	{"pending beats stale",
	 {{"a", 1, 1, C(DL_STALE)}, {"b", 1, 1, Q}},
	 NULL,
	 DL_VERDICT_PENDING,
	 2,
	 0,
	 1,
	 1},
	{"stale beats success",
	 {{"a", 1, 1, C(DL_STALE)}, {"b", 1, 1, C(DL_SUCCESS)}},
	 NULL,
	 DL_VERDICT_STALE,
	 2,
	 1,
	 1,
	 0},
	{"the newest run of a workflow",
	 {{"a", 1, 1, C(DL_FAILURE)}, {"a", 2, 1, C(DL_SUCCESS)}},
	 NULL,
	 DL_VERDICT_SUCCESS,
	 1,
	 1,
	 0,
	 0},
	{"the newest attempt of a run",
	 {{"a", 1, 2, C(DL_SUCCESS)}, {"a", 1, 1, C(DL_FAILURE)}},
	 NULL,
	 DL_VERDICT_SUCCESS,
	 1,
	 1,
	 0,
	 0},
	{"a newer run that goes on",
	 {{"a", 1, 1, C(DL_SUCCESS)}, {"a", 2, 1, P}},
	 NULL,
	 DL_VERDICT_PENDING,
	 1,
	 0,
	 0,
	 1},
	{"two that are equally new count once",
	 {{"a", 1, 1, C(DL_FAILURE)}, {"a", 1, 1, C(DL_FAILURE)}},
	 NULL,
	 DL_VERDICT_FAILURE,
	 1,
	 0,
	 1,
	 0},
	{"required and green", {{"a", 1, 1, C(DL_SUCCESS)}}, "a", DL_VERDICT_SUCCESS, 1, 1, 0, 0},
	{"required and absent", {{"a", 1, 1, C(DL_SUCCESS)}}, "b", DL_VERDICT_UNREGISTERED, 1, 1, 0, 0},
	{"required and skipped",
	 {{"a", 1, 1, C(DL_SUCCESS)}, {"b", 1, 1, C(DL_SKIPPED)}},
	 "b",
	 DL_VERDICT_FAILURE,
	 2,
	 2,
	 0,
	 0},
	{"required and neutral", {{"b", 1, 1, C(DL_NEUTRAL)}}, "b", DL_VERDICT_FAILURE, 1, 1, 0, 0},
	{"required and going on", {{"b", 1, 1, P}}, "b", DL_VERDICT_PENDING, 1, 0, 0, 1},
	{"required and absent among failures",
	 {{"a", 1, 1, C(DL_FAILURE)}},
	 "b",
	 DL_VERDICT_FAILURE,
	 1,
	 0,
	 1,
	 0},
	{"required and absent while others go on", {{"a", 1, 1, P}}, "b", DL_VERDICT_PENDING, 1, 0, 0, 1},
	{"required, and only an old run succeeded",
	 {{"b", 1, 1, C(DL_SUCCESS)}, {"b", 2, 1, C(DL_SKIPPED)}},
	 "b",
	 DL_VERDICT_FAILURE,
	 1,
	 1,
	 0,
	 0},
};

static void judge(size_t number)
{
	struct dl_demand demand = {.require = {.items = (const char *[]){cases[number].require},
					       .count = cases[number].require != NULL}};
	struct dl_verdict *verdict;
	struct dl_sink_list runs;
	struct dl_scope scope;
	struct dl_run *run;
	size_t i;

	dl_scope_open(&scope, NULL);
	dl_sink_list(&runs, &scope, 0);
	for (i = 0; i < RUNS && cases[number].runs[i].workflow; i++) {
		run = dl_schema_new(&scope, &dl_record_run);
		run->workflow = cases[number].runs[i].workflow;
		run->number = cases[number].runs[i].number;
		run->attempt = cases[number].runs[i].attempt;
		run->status = cases[number].runs[i].status;
		run->conclusion = cases[number].runs[i].conclusion;
		run->needs_action = cases[number].runs[i].needs_action;
		check_int("put", cases[number].name, dl_sink_put(&runs.sink, &scope, &dl_record_run, run),
			  DL_MORE);
	}
	verdict = dl_schema_new(&scope, &dl_record_verdict);
	dl_verdict_judge(&scope, &runs, &demand, verdict);
	check_text("verdict", cases[number].name, dl_record_verdict_words[verdict->verdict],
		   dl_record_verdict_words[cases[number].verdict]);
	check_int("total", cases[number].name, verdict->total, cases[number].total);
	check_int("passed", cases[number].name, verdict->passed, cases[number].passed);
	check_int("failed", cases[number].name, verdict->failed, cases[number].failed);
	check_int("pending", cases[number].name, verdict->pending, cases[number].pending);
	dl_scope_close(&scope);
}

/* Whatever words a provider says: what its table has not is never an end, and never a success. */
static void test_unknown_words(void)
{
	static const struct dl_state table[] = {
		{"completed", "success", DL_COMPLETED, DL_SUCCESS, false},
		{"queued", NULL, DL_QUEUED, DL_CONCLUSION_NULL, false},
		{NULL, NULL, DL_STATUS_NULL, DL_CONCLUSION_NULL, false},
	};
	static const char *const words[][2] = {{"completed", "SUCCESS"},
					       {"completed", "successful"},
					       {"completed", NULL},
					       {"success", NULL},
					       {"", ""},
					       {NULL, NULL},
					       {"completed", ""},
					       {NULL, "success"}};
	struct dl_state_result state;
	size_t i;

	for (i = 0; i < COUNT(words); i++) {
		state = dl_state_find(table, words[i][0], words[i][1]);
		check_int("unknown word", words[i][1] ? words[i][1] : "(none)", state.status, DL_IN_PROGRESS);
		check_int("unknown word", words[i][1] ? words[i][1] : "(none)", state.conclusion,
			  DL_CONCLUSION_NULL);
	}
	check_int("known word", "success", dl_state_find(table, "completed", "success").conclusion,
		  DL_SUCCESS);
	check_int("known word", "queued", dl_state_find(table, "queued", NULL).status, DL_QUEUED);
}

static void test_exit_codes(void)
{
	static const enum dl_class classes[] = {
		[DL_VERDICT_FAILURE] = DL_NO,	   [DL_VERDICT_ACTION_REQUIRED] = DL_NO,
		[DL_VERDICT_CANCELLED] = DL_NO,	   [DL_VERDICT_SUPERSEDED] = DL_NO,
		[DL_VERDICT_PENDING] = DL_PENDING, [DL_VERDICT_UNREGISTERED] = DL_PENDING,
		[DL_VERDICT_STALE] = DL_NO,	   [DL_VERDICT_NONE] = DL_MISSING,
		[DL_VERDICT_SUCCESS] = DL_OK,	   [DL_VERDICT_SKIPPED] = DL_OK,
	};
	int i;

	for (i = DL_VERDICT_FAILURE; i <= DL_VERDICT_SKIPPED; i++)
		check_int("exit code", dl_record_verdict_words[i], dl_verdict_class(i), classes[i]);
}

int main(void)
{
	size_t i;

	for (i = 0; i < COUNT(cases); i++)
		judge(i);
	test_unknown_words();
	test_exit_codes();
	return check_end("verdict");
}
