/* Whatever a configuration file says: either there are problems, or every path stays below its folder, every
 * URL names a server, nothing looks like an option, and no two repositories share a folder or a name. */
#include "lib/sync/repos.h"

#include <unistd.h>

#include "tests/fuzz/fuzz.h"

static void check_entry(const struct dl_repos_entry *entry)
{
	HOLDS(*entry->path && *entry->path != '/' && *entry->path != '-');
	HOLDS(!strstr(entry->path, "..") ||
	      (!dl_text_starts(entry->path, "../") && !strstr(entry->path, "/../") &&
	       !dl_text_ends(entry->path, "/..") && strcmp(entry->path, "..") != 0));
	HOLDS(!strcasestr(entry->path, ".git/") ||
	      strcasecmp(strcasestr(entry->path, ".git/") - 1, "/.git/") != 0);
	HOLDS(*entry->url != '-' && !strstr(entry->url, "::") && !strpbrk(entry->url, "\n\r"));
	HOLDS(dl_text_starts(entry->url, "https://") || dl_text_starts(entry->url, "ssh://") ||
	      !strstr(entry->url, "://"));
	HOLDS(*entry->name && *entry->name != '-');
	HOLDS(!entry->ref || (*entry->ref != '-' && !strstr(entry->ref, "..")));
	HOLDS(!entry->how.filter || *entry->how.filter != '-');
	HOLDS(!strchr(entry->project, '\n') && *entry->project != '-');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct dl_opt_list none = {.count = 0};
	char path[] = "/tmp/dl-fuzz-XXXXXX";
	int fd = mkstemp(path);
	struct dl_scope scope;
	struct dl_repos repos;
	size_t i;

	HOLDS(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	close(fd);
	dl_scope_open(&scope, NULL);
	dl_repos_open(&repos, &scope, "git.example.com", &none);
	if (dl_repos_read(&repos, path) < 0)
		HOLDS(fuzz_failed(&scope, DL_CONFIG));
	else if (dl_repos_finish(&repos, "/nonexistent") < 0)
		HOLDS(fuzz_failed(&scope, DL_CONFIG) && repos.problem_count > 0);
	else
		for (i = 0; i < repos.count; i++)
			check_entry(repos.entries[i]);
	for (i = 0; i < repos.problem_count && i < 100; i++)
		HOLDS(fuzz_clean(repos.problems[i], strlen(repos.problems[i])));
	dl_scope_close(&scope);
	unlink(path);
	return 0;
}
