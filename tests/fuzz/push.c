/* What a line for the hook pre-push says is what stood in it, whatever the name of the ref has in it; and so
 * is what `git push --porcelain` reports. */
#include "lib/data/push.h"

#include "tests/fuzz/fuzz.h"

static void check_line(struct dl_scope *scope, const char *line)
{
	struct dl_push push = {0};
	const char *again;

	if (dl_push_parse(scope, line, &push)) {
		HOLDS(fuzz_failed(scope, DL_DATA));
		dl_fail_take(scope, &scope->arena);
		return;
	}
	again = dl_arena_format(&scope->arena, "%s %s %s %s", push.local_ref, push.local_sha, push.remote_ref,
				push.remote_sha);
	HOLDS(strcmp(again, line) == 0);
	HOLDS(*push.local_ref && dl_text_is_sha(push.local_sha) && dl_text_is_sha(push.remote_sha));
	HOLDS(!strchr(push.remote_ref, ' '));
	HOLDS(!dl_push_is_gated(&push) || dl_push_is_armed(&push));
}

static void check_report(struct dl_scope *scope, const char *line)
{
	struct dl_push push = {0};

	if (!dl_push_porcelain(scope, line, &push))
		return;
	HOLDS(strcmp(dl_arena_format(&scope->arena, "%c\t%s:%s\t%s", *line, push.local_ref, push.remote_ref,
				     push.how),
		     line) == 0);
	HOLDS(push.outcome && !strchr(push.remote_ref, ':'));
}

static void check_url(struct dl_scope *scope, const char *url)
{
	const char *plain = dl_push_url(&scope->arena, url), *host = strstr(plain, "://");

	HOLDS(!host || !memchr(host + 3, '@', strcspn(host + 3, "/?#")));
	HOLDS(dl_push_transport(url) <= DL_PUSH_OTHER);
	HOLDS(dl_push_patience(url, 600) >= 50 && dl_push_patience(url, 600) <= 600);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_rest rest = {(const char *)data, size};
	struct dl_scope scope;
	const char *line;

	dl_scope_open(&scope, NULL);
	while (rest.len) {
		line = fuzz_take(&scope.arena, &rest, '\n');
		check_line(&scope, line);
		check_report(&scope, line);
		check_url(&scope, line);
	}
	dl_scope_close(&scope);
	return 0;
}
