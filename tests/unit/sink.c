#include "lib/data/sink.h"

#include "lib/base/scope.h"
#include "lib/data/record.h"
#include "tests/unit/check.h"

/* Counts what comes, and answers ANSWER from the LAST one on. */
struct counter {
	struct dl_sink sink;
	int count, last, answer;
	const char *id; /* of the newest */
};

static int count(struct dl_sink *sink, struct dl_scope *scope, const struct dl_schema *schema,
		 const void *record)
{
	struct counter *counter = (struct counter *)sink;

	check_true("count", "a run", schema == &dl_record_run);
	counter->id = ((const struct dl_run *)record)->id;
	if (++counter->count < counter->last)
		return DL_MORE;
	return counter->answer < 0 ? dl_fail(scope, DL_SYSTEM, "full") : counter->answer;
}

/* LIST gets a run for each letter of IDS. What it answered last. */
static int fill(struct dl_scope *scope, struct dl_sink_list *list, const char *ids)
{
	struct dl_run *run = dl_schema_new(scope, &dl_record_run);
	int result = DL_MORE;
	char id[2] = "";

	run->id = id;
	for (; *ids; ids++) {
		id[0] = *ids;
		result = dl_sink_put(&list->sink, scope, &dl_record_run, run);
	}
	return result;
}

static void test_list(struct dl_scope *scope)
{
	struct dl_sink_list list;

	dl_sink_list(&list, scope, 0);
	check_int("list", "has never enough", fill(scope, &list, "abcdefghijklmnopqrst"), DL_MORE);
	check_int("list", "all", (int64_t)list.count, 20);
	check_text("list", "the first is a copy", ((const struct dl_run *)dl_sink_item(&list, 0))->id, "a");
	check_text("list", "the last", ((const struct dl_run *)dl_sink_item(&list, 19))->id, "t");
	dl_sink_list(&list, scope, 2);
	check_int("list", "more", fill(scope, &list, "a"), DL_MORE);
	check_int("list", "enough", fill(scope, &list, "b"), DL_ENOUGH);
}

static void test_first(struct dl_scope *scope)
{
	struct dl_sink_first first;
	struct dl_sink_list from;
	struct counter counter = {.sink.put = count, .last = 9};

	dl_sink_list(&from, scope, 0);
	fill(scope, &from, "abc");
	dl_sink_first(&first, &counter.sink, 2);
	check_int("first", "enough", dl_sink_replay(scope, &from, &first.sink), DL_ENOUGH);
	check_int("first", "no more", counter.count, 2);
	dl_sink_first(&first, &counter.sink, 0);
	check_int("first", "no limit", dl_sink_replay(scope, &from, &first.sink), DL_MORE);
	check_int("first", "all", counter.count, 5);
}

static void test_replay(struct dl_scope *scope)
{
	static const struct {
		const char *name;
		int last, answer, count;
		const char *id;
	} rows[] = {
		{"all", 9, DL_MORE, 3, "c"},
		{"enough at once", 1, DL_ENOUGH, 1, "a"},
		{"enough", 2, DL_ENOUGH, 2, "b"},
		{"a failure", 2, -1, 2, "b"},
	};
	struct dl_sink_list list, none;
	struct dl_scope attempt;
	struct counter counter;
	size_t i;

	dl_sink_list(&list, scope, 0);
	fill(scope, &list, "abc");
	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		counter = (struct counter){
			.sink.put = count, .last = rows[i].last, .answer = rows[i].answer};
		dl_scope_open(&attempt, NULL);
		check_int("replay", rows[i].name, dl_sink_replay(&attempt, &list, &counter.sink),
			  rows[i].answer);
		check_int("replay, count", rows[i].name, counter.count, rows[i].count);
		check_text("replay, last", rows[i].name, counter.id, rows[i].id);
		dl_scope_close(&attempt);
	}
	dl_sink_list(&none, scope, 0);
	check_int("replay", "none", dl_sink_replay(scope, &none, &counter.sink), DL_MORE);
}

int main(void)
{
	struct dl_scope scope;

	dl_scope_open(&scope, NULL);
	test_list(&scope);
	test_first(&scope);
	test_replay(&scope);
	dl_scope_close(&scope);
	return check_end("sink");
}
