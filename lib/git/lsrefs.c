#include "lib/git/lsrefs.h"

#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"

enum { HEAD_LEN = 4, MOST_PACKET = 65520 };

/* ------------------------------------------------------------------ asking */

static void add_packet(struct dl_buf *buf, const char *before, const char *text)
{
	dl_buf_printf(buf, "%04zx%s%s\n", HEAD_LEN + strlen(before) + strlen(text) + 1, before, text);
}

void dl_lsrefs_ask(struct dl_buf *buf, const char *prefix, bool sha256)
{
	add_packet(buf, "command=", "ls-refs");
	if (sha256)
		add_packet(buf, "object-format=", "sha256");
	dl_buf_puts(buf, "0001");
	if (prefix)
		add_packet(buf, "ref-prefix ", prefix);
	dl_buf_puts(buf, "0000");
}

/* ------------------------------------------------------------------ reading */

/* A list that grows; doubled whenever the count is a power of two. */
static struct dl_lsrefs_ref *add_ref(struct dl_scope *scope, struct dl_lsrefs *refs)
{
	struct dl_lsrefs_ref *items = refs->items;
	size_t count = refs->count++, size = sizeof *items;

	if ((count & (count - 1)) == 0)
		items = dl_arena_grow(&scope->arena, items, count * size, (count ? count * 2 : 1) * size);
	refs->items = items;
	return &items[count];
}

static int refuse(struct dl_scope *scope)
{
	return dl_fail(scope, DL_DATA, "the answer is none of a git server");
}

/* A word of WORDS, which ends with a space or NUL and is cut there; moves WORDS behind it. */
struct words {
	char *rest;
};

static const char *take_word(struct words *words)
{
	char *word = words->rest, *end = strchrnul(word, ' ');

	words->rest = *end ? end + 1 : end;
	*end = '\0';
	return word;
}

/* One line: "SHA NAME [symref-target:TARGET] [peeled:SHA]", or "unborn HEAD ...". */
static int read_line(struct dl_scope *scope, char *line, struct dl_lsrefs *refs)
{
	struct words words = {line};
	struct dl_lsrefs_ref ref = {.sha = take_word(&words)};
	const char *word;

	ref.name = take_word(&words);
	if (strcmp(ref.sha, "unborn") == 0)
		ref.sha = NULL;
	else if (!dl_text_is_sha(ref.sha))
		return refuse(scope);
	if (strcmp(ref.name, "HEAD") != 0 && !dl_text_starts(ref.name, "refs/"))
		return refuse(scope);
	while (*words.rest) {
		word = take_word(&words);
		if (dl_text_starts(word, "symref-target:"))
			ref.target = strchr(word, ':') + 1;
		else if (dl_text_starts(word, "peeled:") && dl_text_is_sha(word + strlen("peeled:")))
			ref.peeled = word + strlen("peeled:");
	}
	*add_ref(scope, refs) = ref;
	return 0;
}

/* The length that the four digits at TEXT spell; -1: they are none. */
static long packet_length(const char *text)
{
	static const char digits[] = "0123456789abcdef";
	long length = 0;
	const char *digit;
	int i;

	for (i = 0; i < HEAD_LEN; i++) {
		digit = text[i] ? strchr(digits, text[i]) : NULL;
		if (!digit)
			return -1;
		length = length * 16 + (digit - digits);
	}
	return length;
}

static int read_packet(struct dl_scope *scope, const char *data, size_t len, struct dl_lsrefs *refs)
{
	char *line = dl_arena_copy(&scope->arena, data, len);

	if (strlen(line) != len)
		return refuse(scope);
	if (len && line[len - 1] == '\n')
		line[len - 1] = '\0';
	if (dl_text_starts(line, "ERR "))
		return dl_fail(scope, DL_REFUSED, "the server says: %s",
			       dl_text_quote(&scope->arena, line + strlen("ERR ")));
	return read_line(scope, line, refs);
}

int dl_lsrefs_read(struct dl_scope *scope, const char *data, size_t len, struct dl_lsrefs *refs)
{
	long length;

	*refs = (struct dl_lsrefs){0};
	if (!len)
		return 0;
	while (len >= HEAD_LEN) {
		length = packet_length(data);
		if (length == 0)
			return len == HEAD_LEN ? 1 : refuse(scope);
		if (length <= HEAD_LEN || length > MOST_PACKET || (size_t)length > len)
			return refuse(scope);
		if (read_packet(scope, data + HEAD_LEN, (size_t)length - HEAD_LEN, refs))
			return -1;
		data += length;
		len -= (size_t)length;
	}
	return refuse(scope);
}

/* "ref: TARGET<tab>NAME" comes before "SHA<tab>NAME", and "SHA<tab>NAME^{}" behind it. */
static int read_text_line(struct dl_scope *scope, char *line, struct dl_lsrefs *refs)
{
	struct dl_lsrefs_ref *last = refs->count ? &refs->items[refs->count - 1] : NULL;
	char *tab = strchr(line, '\t'), *name = tab ? tab + 1 : line;

	if (!tab)
		return refuse(scope);
	*tab = '\0';
	if (dl_text_starts(line, "ref: ")) {
		*add_ref(scope, refs) = (struct dl_lsrefs_ref){.name = name,
							       .target = line + strlen("ref: ")};
		return 0;
	}
	if (!dl_text_is_sha(line))
		return refuse(scope);
	if (last && strcmp(last->name, name) == 0)
		last->sha = line;
	else if (last && dl_text_ends(name, "^{}") && strncmp(last->name, name, strlen(name) - 3) == 0)
		last->peeled = line;
	else
		*add_ref(scope, refs) = (struct dl_lsrefs_ref){.name = name, .sha = line};
	return 0;
}

int dl_lsrefs_read_text(struct dl_scope *scope, const char *text, struct dl_lsrefs *refs)
{
	char *line = dl_arena_string(&scope->arena, text), *end;

	*refs = (struct dl_lsrefs){0};
	for (; *line; line = end) {
		end = strchrnul(line, '\n');
		if (*end)
			*end++ = '\0';
		if (*line && read_text_line(scope, line, refs))
			return -1;
	}
	return 1;
}

const struct dl_lsrefs_ref *dl_lsrefs_find(const struct dl_lsrefs *refs, const char *name)
{
	size_t i;

	for (i = 0; i < refs->count; i++)
		if (strcmp(refs->items[i].name, name) == 0)
			return &refs->items[i];
	return NULL;
}
