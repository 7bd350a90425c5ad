#include "lib/data/push.h"

#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/data/record.h"

enum { CHUNK = 64 << 10, SSH_S = 50 };

/* Servers that are known to bear a silent connection for longer than SSH_S. */
static const struct {
	const char *host;
	int64_t silence_s;
} patient[] = {
	{"github.com", 120},
	{"ssh.github.com", 120},
};

static const char *const outcome_words[] = {
	NULL, "pushed", "pushed_late", "up_to_date", "deleted", "rejected", "dropped",
	"unknown", NULL,
};

#define ROW(member, type_, words_, doc_) \
	{.name = #member, .type = type_, .offset = offsetof(struct dl_push, member), .doc = doc_, \
	 .words = words_}
#define TEXT(member, doc_) ROW(member, DL_TYPE_TEXT, NULL, doc_)

static const struct dl_field fields[] = {
	TEXT(ref, "the handle of this thing, an argument for every other program"),
	TEXT(provider, "who answered"),
	TEXT(host, "the provider's host"),
	TEXT(project, "the project there, as the provider spells it"),
	TEXT(remote, "the name of the remote, or its URL"),
	TEXT(url, "where it is pushed to"),
	TEXT(local_ref, "what is pushed, as the user wrote it"),
	TEXT(local_sha, "its object"),
	TEXT(remote_ref, "where it goes"),
	TEXT(remote_sha, "the object there before"),
	TEXT(tracking, "the ref here that follows it"),
	TEXT(before, "the object of that before"),
	ROW(outcome, DL_TYPE_WORD, outcome_words,
	    "what became of it: pushed, pushed_late (the server took it after git was gone), up_to_date, "
	    "deleted, rejected, dropped (the server closed the connection while CI was waited for) or "
	    "unknown"),
	TEXT(how, "how that is known, or git's words about it"),
	ROW(verdict, DL_TYPE_WORD, dl_record_verdict_words,
	    "what its runs amount to, a word as the record verdict has it"),
	{.name = NULL},
};

static const struct dl_column columns[] = {
	{"OUTCOME", "outcome", DL_SHOW_STATE, 0},
	{"VERDICT", "verdict", DL_SHOW_STATE, 0},
	{"FROM", "local_ref", DL_SHOW_TEXT, 30},
	{"TO", "remote_ref", DL_SHOW_TEXT, 40},
	{"HOW", "how", DL_SHOW_TEXT, 30},
	{"REF", "ref", DL_SHOW_REF, 0},
	{.title = NULL},
};

const struct dl_schema dl_push_schema = {
	.type = "push",
	.size = sizeof(struct dl_push),
	.fields = fields,
	.columns = columns,
	.doc = "one ref of a push",
};

/* ------------------------------------------------------------------ what git tells the hook */

bool dl_push_is_zero(const char *sha)
{
	return dl_text_is_sha(sha) && !sha[strspn(sha, "0")];
}

/* Cuts the last word off TEXT, and gives it; NULL: there is only one. */
static const char *last_word(char *text)
{
	char *space = strrchr(text, ' ');

	if (space)
		*space = '\0';
	return space ? space + 1 : NULL;
}

int dl_push_parse(struct dl_scope *scope, const char *line, struct dl_push *push)
{
	char *rest = dl_arena_string(&scope->arena, line);
	const char *remote_sha = last_word(rest), *remote_ref = last_word(rest), *local_sha = last_word(rest);

	if (!local_sha || !*rest || !dl_text_is_sha(local_sha) || !dl_text_is_sha(remote_sha) ||
	    !dl_text_starts(remote_ref, "refs/"))
		return dl_fail(scope, DL_DATA, "'%s' is no line for a pre-push hook",
			       dl_text_quote(&scope->arena, line));
	push->local_ref = rest;
	push->local_sha = local_sha;
	push->remote_ref = remote_ref;
	push->remote_sha = remote_sha;
	return 0;
}

/* Adds what there is at FD to TEXT, and what has no room there to *CUT. 1: there may be more; 0: that was
 * all; -1: failed. */
static int read_some(struct dl_scope *scope, int fd, int patience_ms, struct dl_buf *text, bool *cut)
{
	struct pollfd ready = {.fd = fd, .events = POLLIN};
	char chunk[CHUNK];
	ssize_t count;
	size_t kept;

	if (poll(&ready, 1, patience_ms) == 0)
		return 0;
	count = read(fd, chunk, sizeof chunk);
	if (count < 0 && errno != EINTR && errno != EAGAIN)
		return dl_fail_errno(scope, "standard input");
	if (count <= 0)
		return count < 0;
	kept = text->cap - text->len < (size_t)count ? text->cap - text->len : (size_t)count;
	dl_buf_add(text, chunk, kept);
	*cut |= kept < (size_t)count;
	return 1;
}

/* The LINEs of TEXT, of which the last is whole or, where it was cut off, dropped. */
static int parse_lines(struct dl_scope *scope, const char *text, struct dl_push_list *list)
{
	const char *line, *end;
	size_t room = 0;

	for (line = text; *line; line++)
		room += *line == '\n';
	list->items = dl_arena_array(&scope->arena, room + 1, sizeof *list->items);
	for (line = text; *line; line = *end ? end + 1 : end) {
		end = strchrnul(line, '\n');
		if (end == line || (!*end && list->cut))
			continue;
		if (dl_push_parse(scope, dl_arena_copy(&scope->arena, line, (size_t)(end - line)),
				  &list->items[list->count++]))
			return dl_fail_prefix(scope, "line %zu", list->count);
	}
	return 0;
}

int dl_push_read(struct dl_scope *scope, int fd, int patience_ms, struct dl_push_list *list)
{
	struct dl_buf text;
	int more = 1;

	*list = (struct dl_push_list){0};
	dl_buf_init(&text, &scope->arena, DL_PUSH_INPUT_CAP);
	while (more > 0)
		more = read_some(scope, fd, patience_ms, &text, &list->cut);
	return more < 0 ? -1 : parse_lines(scope, text.len ? text.data : "", list);
}

bool dl_push_is_gated(const struct dl_push *push)
{
	return dl_push_is_armed(push) && dl_text_starts(push->remote_ref, "refs/heads/");
}

bool dl_push_is_armed(const struct dl_push *push)
{
	return !dl_push_is_zero(push->local_sha);
}

const char *dl_push_name(const struct dl_push *push)
{
	const char *ref = push->remote_ref;

	if (dl_text_starts(ref, "refs/heads/"))
		return ref + strlen("refs/heads/");
	return dl_text_starts(ref, "refs/tags/") ? ref + strlen("refs/tags/") : ref;
}

/* ------------------------------------------------------------------ what git reports afterwards */

static enum dl_push_outcome outcome_of(char flag)
{
	switch (flag) {
	case ' ':
	case '+':
	case '*':
		return DL_PUSH_PUSHED;
	case '-':
		return DL_PUSH_DELETED;
	case '=':
		return DL_PUSH_UP_TO_DATE;
	case '!':
		return DL_PUSH_REJECTED;
	default:
		return DL_PUSH_NULL;
	}
}

int dl_push_porcelain(struct dl_scope *scope, const char *line, struct dl_push *push)
{
	enum dl_push_outcome outcome = outcome_of(*line);
	const char *refs = line + 2, *tab, *colon;

	if (!outcome || line[1] != '\t' || !(tab = strchr(refs, '\t')))
		return 0;
	/* No name of a ref has a colon; what stands before it may be a revision that has. */
	colon = memrchr(refs, ':', (size_t)(tab - refs));
	if (!colon)
		return 0;
	push->outcome = outcome;
	push->local_ref = dl_arena_copy(&scope->arena, refs, (size_t)(colon - refs));
	push->remote_ref = dl_arena_copy(&scope->arena, colon + 1, (size_t)(tab - colon - 1));
	push->how = dl_arena_string(&scope->arena, tab + 1);
	return 1;
}

/* ------------------------------------------------------------------ where it goes */

const char *dl_push_url(struct dl_arena *arena, const char *url)
{
	const char *host = strstr(url, "://"), *at;
	size_t len;

	if (!host)
		return url;
	host += strlen("://");
	/* A password that was not escaped may have anything but a '/'. */
	len = strcspn(host, "/?#");
	at = memrchr(host, '@', len);
	return at ? dl_arena_format(arena, "%.*s%s", (int)(host - url), url, at + 1) : url;
}

enum dl_push_transport dl_push_transport(const char *url)
{
	const char *colon = strchr(url, ':'), *slash = strchr(url, '/');

	if (!colon || (slash && slash < colon) || dl_text_starts(url, "file://"))
		return DL_PUSH_FOLDER;
	if (dl_text_starts(url, "https://") || dl_text_starts(url, "http://"))
		return DL_PUSH_HTTP;
	if (dl_text_starts(url, "ssh://") || dl_text_starts(url, "git+ssh://") ||
	    dl_text_starts(url, "ssh+git://"))
		return DL_PUSH_SSH;
	/* host:path, and helper::address */
	return strncmp(colon, "://", 3) == 0 || colon[1] == ':' ? DL_PUSH_OTHER : DL_PUSH_SSH;
}

/* How long the ssh server in URL bears a silent connection. */
static int64_t ssh_patience(const char *url)
{
	const char *host = strstr(url, "://"), *at;
	size_t len, i;

	host = host ? host + strlen("://") : url;
	at = memrchr(host, '@', strcspn(host, "/"));
	host = at ? at + 1 : host;
	len = strcspn(host, ":/");
	for (i = 0; i < sizeof patient / sizeof *patient; i++)
		if (strlen(patient[i].host) == len && strncasecmp(host, patient[i].host, len) == 0)
			return patient[i].silence_s;
	return SSH_S;
}

int64_t dl_push_patience(const char *url, int64_t wait_s)
{
	int64_t most = wait_s;

	switch (dl_push_transport(url)) {
	case DL_PUSH_FOLDER:
	case DL_PUSH_HTTP:
		break;
	case DL_PUSH_SSH:
		most = ssh_patience(url);
		break;
	case DL_PUSH_OTHER:
		most = SSH_S;
		break;
	}
	return wait_s < most ? wait_s : most;
}
