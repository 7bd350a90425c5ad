#include "lib/git/remote.h"

#include <string.h>

#include "lib/base/proc.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/url.h"

enum { SSH_TIMEOUT_MS = 5000 };

static size_t without_slashes(const char *path, size_t len)
{
	while (len && path[len - 1] == '/')
		len--;
	return len;
}

const char *dl_remote_project(struct dl_arena *arena, const char *path)
{
	size_t len;

	path += strspn(path, "/");
	len = without_slashes(path, strlen(path));
	if (len > 4 && strncmp(path + len - 4, ".git", 4) == 0)
		len = without_slashes(path, len - 4);
	return dl_arena_copy(arena, path, len);
}

/* `[user@]host:path`, where the part before the first ':' has no '/'. */
static int scp_remote(struct dl_scope *scope, const char *url, struct dl_remote *remote)
{
	const char *colon = strchr(url, ':'), *slash = strchr(url, '/'), *at, *host = url;
	char *copy, *byte;

	if (!colon || (slash && slash < colon) || colon[1] == '\0' || colon[1] == ':')
		return dl_fail(scope, DL_CONFIG, "the remote '%s' is not on a server",
			       dl_text_quote(&scope->arena, url));
	at = memrchr(url, '@', (size_t)(colon - url));
	if (at)
		host = at + 1;
	copy = dl_arena_copy(&scope->arena, host, (size_t)(colon - host));
	for (byte = copy; *byte; byte++)
		*byte = *byte >= 'A' && *byte <= 'Z' ? (char)(*byte + ('a' - 'A')) : *byte;
	remote->scheme = "ssh";
	remote->host = copy;
	remote->path = dl_remote_project(&scope->arena, colon + 1);
	remote->ssh = true;
	return dl_text_is_name(copy) ? 0
				     : dl_fail(scope, DL_CONFIG, "the remote '%s' has no host",
					       dl_text_quote(&scope->arena, url));
}

int dl_remote_parse(struct dl_scope *scope, const char *url, struct dl_remote *remote)
{
	struct dl_url parsed;

	memset(remote, 0, sizeof *remote);
	if (!strstr(url, "://"))
		return scp_remote(scope, url, remote);
	if (dl_url_parse(scope, url, &parsed)) {
		scope->error.class = DL_CONFIG;
		return dl_fail_prefix(scope, "the remote");
	}
	remote->scheme = parsed.scheme;
	remote->ssh = strcmp(parsed.scheme, "ssh") == 0;
	remote->host = remote->ssh || strcmp(parsed.scheme, "git") == 0
			       ? parsed.host
			       : dl_url_authority(&scope->arena, &parsed);
	remote->path = dl_url_decode(&scope->arena, parsed.path, strlen(parsed.path));
	if (!remote->path)
		return dl_fail(scope, DL_CONFIG, "the remote '%s' is escaped wrongly",
			       dl_url_redact(&scope->arena, url));
	remote->path = dl_remote_project(&scope->arena, remote->path);
	return 0;
}

const char *dl_remote_ssh_host(struct dl_scope *scope, const char *host)
{
	const char *const argv[] = {"ssh", "-G", "--", host, NULL};
	struct dl_proc proc = {.argv = argv, .timeout_ms = SSH_TIMEOUT_MS, .quiet = true};
	struct dl_proc_result result;
	const char *line, *end, *found = host;
	struct dl_scope attempt;

	if (strchr(host, '.') || dl_url_loopback(host))
		return host;
	dl_scope_open(&attempt, NULL);
	if (dl_proc_run(&attempt, &proc, &result) == 0 && result.status == 0)
		for (line = result.output; *line; line = *end ? end + 1 : end) {
			end = strchrnul(line, '\n');
			if (dl_text_starts(line, "hostname "))
				found = dl_arena_copy(&scope->arena, line + 9, (size_t)(end - line - 9));
		}
	dl_scope_close(&attempt);
	return found;
}
