#include "lib/base/wait.h"

#include "lib/base/fail.h"
#include "lib/base/text.h"
#include "tests/unit/check.h"

static const struct dl_error none = {.class = DL_OK};
static const struct dl_error network = {.class = DL_NETWORK};
static const struct dl_error missing = {.class = DL_MISSING};
static const struct dl_error limited = {.class = DL_LIMITED, .retry_after_s = 90};
static const struct dl_error untold = {.class = DL_LIMITED};

int main(void)
{
	struct dl_wait wait;
	int i;

	dl_wait_begin(&wait, false);
	check_true("pause", "the first look is followed by another", dl_wait_next(&wait, &none));
	check_true("pause", "begins with 2 s", wait.pause_ms >= 2000 && wait.pause_ms <= 2250);
	for (i = 0; i < 20; i++)
		check_true("pause", "goes on", dl_wait_next(&wait, &none));
	check_true("pause", "grows to 30 s", wait.pause_ms >= 30000 && wait.pause_ms <= 33750);
	check_true("pause", "a quota is waited for", dl_wait_next(&wait, &limited));
	check_int("pause", "as long as the server says", wait.pause_ms, 90000);
	check_true("pause", "so is one without a word", dl_wait_next(&wait, &untold));
	check_int("pause", "for a minute", wait.pause_ms, 60000);
	check_true("failures", "a success forgets them", dl_wait_next(&wait, &none));
	for (i = 1; i <= 5; i++)
		check_true("failures", "five in a row are borne with", dl_wait_next(&wait, &network));
	check_true("failures", "the sixth is the end", !dl_wait_next(&wait, &network));
	dl_wait_begin(&wait, true);
	check_true("failures", "one that does not pass is the end", !dl_wait_next(&wait, &missing));
	check_int("pause", "near, it stays short", wait.pause_ms, 200);
	dl_wait_spare(&wait, 3);
	check_int("quota", "near, it does not matter", wait.pause_ms, 200);
	dl_wait_begin(&wait, false);
	wait.pause_ms = 2000;
	dl_wait_spare(&wait, DL_INT_NONE);
	check_int("quota", "unknown", wait.pause_ms, 2000);
	dl_wait_spare(&wait, 500);
	check_int("quota", "enough", wait.pause_ms, 2000);
	dl_wait_spare(&wait, 499);
	check_int("quota", "little", wait.pause_ms, 15000);
	dl_wait_spare(&wait, 99);
	check_int("quota", "next to nothing", wait.pause_ms, 60000);
	wait.pause_ms = 90000;
	dl_wait_spare(&wait, 0);
	check_int("quota", "never a shorter pause", wait.pause_ms, 90000);
	return check_end("wait");
}
