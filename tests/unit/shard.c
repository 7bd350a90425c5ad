/* The shares are even, and another machine moves only what falls to it. */
#include "lib/sync/shard.h"

#include "tests/unit/check.h"

enum { REPOSITORIES = 100000, PARTS = 16 };

int main(void)
{
	int count[PARTS] = {0}, moved = 0, astray = 0, least = REPOSITORIES, most = 0, i;
	int64_t before, after;
	char project[32];

	for (i = 0; i < REPOSITORIES; i++) {
		snprintf(project, sizeof project, "org/repo-%d", i);
		before = dl_shard_of("git.example.com", project, PARTS);
		after = dl_shard_of("git.example.com", project, PARTS + 1);
		check_count.passed += before >= 0 && before < PARTS ? 1 : 0;
		count[before]++;
		moved += before != after;
		astray += before != after && after != PARTS;
	}
	for (i = 0; i < PARTS; i++) {
		least = count[i] < least ? count[i] : least;
		most = count[i] > most ? count[i] : most;
	}
	check_true("shares", "even within 5 %",
		   most < REPOSITORIES / PARTS * 1.05 && least > REPOSITORIES / PARTS * 0.95);
	check_int("another part", "takes from all, and nothing moves elsewhere", astray, 0);
	check_true("another part", "gets its share",
		   moved > REPOSITORIES / 17 * 0.95 && moved < REPOSITORIES / 17 * 1.05);
	check_int("one part", "has all", dl_shard_of("a", "b", 1), 0);
	check_true("the same repository", "falls to the same part",
		   dl_shard_of("a", "b/c", 1000) == dl_shard_of("a", "b/c", 1000) &&
			   dl_shard_of("a", "b/c", 1000) != dl_shard_of("a", "b/d", 1000));
	return check_end("shard");
}
