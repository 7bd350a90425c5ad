#include "lib/push/arrival.h"

#include "lib/data/record.h"
#include "lib/push/aftermath.h"
#include "tests/unit/check.h"

static void test_judge(void)
{
	static const struct {
		const char *what;
		bool followed, moved, known;
		int status;
		enum dl_arrival_word word;
	} rows[] = {
		{"moved, exit 0", true, true, true, 0, DL_ARRIVAL_YES},
		{"moved, exit 1: another ref was refused", true, true, true, 1, DL_ARRIVAL_YES},
		{"moved, killed", true, true, true, 137, DL_ARRIVAL_YES},
		{"moved, unknown", true, true, false, 0, DL_ARRIVAL_YES},
		{"not moved, exit 0", true, false, true, 0, DL_ARRIVAL_NO},
		{"not moved, exit 1", true, false, true, 1, DL_ARRIVAL_NO},
		{"not moved, exit 128", true, false, true, 128, DL_ARRIVAL_NO},
		{"not moved, interrupted", true, false, true, 130, DL_ARRIVAL_AGAIN},
		{"not moved, a broken pipe", true, false, true, 141, DL_ARRIVAL_AGAIN},
		{"not moved, unknown", true, false, false, 0, DL_ARRIVAL_AGAIN},
		{"not followed, exit 0", false, false, true, 0, DL_ARRIVAL_YES},
		{"not followed, exit 1", false, false, true, 1, DL_ARRIVAL_ASK},
		{"not followed, killed", false, false, true, 137, DL_ARRIVAL_AGAIN},
		{"not followed, unknown", false, false, false, 0, DL_ARRIVAL_ASK},
		{"stood there before, killed", false, true, true, 137, DL_ARRIVAL_AGAIN},
		{"stood there before, unknown", false, true, false, 0, DL_ARRIVAL_ASK},
	};
	size_t i;

	for (i = 0; i < sizeof rows / sizeof *rows; i++)
		check_int("judge", rows[i].what, dl_arrival_judge(&(struct dl_arrival_facts){
			.followed = rows[i].followed, .moved = rows[i].moved,
			.end = {.known = rows[i].known, .status = rows[i].status}}), rows[i].word);
}

/* From what counts least to what counts most. */
static void test_word(void)
{
	static const int order[] = {
		DL_VERDICT_NONE, DL_VERDICT_SKIPPED, DL_VERDICT_SUCCESS, DL_VERDICT_NULL,
		DL_VERDICT_UNREGISTERED, DL_VERDICT_PENDING, DL_VERDICT_SUPERSEDED, DL_VERDICT_STALE,
		DL_VERDICT_CANCELLED, DL_VERDICT_ACTION_REQUIRED, DL_VERDICT_FAILURE,
	};
	int i, j, count = sizeof order / sizeof *order;

	for (i = 0; i < count; i++)
		for (j = 0; j <= i; j++) {
			check_int("word", "more", dl_aftermath_word(order[i], order[j]), order[i]);
			check_int("word", "less", dl_aftermath_word(order[j], order[i]), order[i]);
		}
	check_int("word", "all are there", count, DL_VERDICT_SKIPPED + 1);
}

int main(void)
{
	test_judge();
	test_word();
	return check_end("arrival");
}
