/* message: what a commit message says, by Conventional Commits 1.0.0 (https://www.conventionalcommits.org)
 * and by what git and the forges write into messages: trailers, reverts, numbers of pull requests. */
#ifndef DL_MESSAGE_H
#define DL_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/data/record.h"

struct dl_scope;

/* A commit that is reverted: its name, or how that begins, in lower case. */
struct dl_reverted {
	const char *sha;
	const char *onto; /* the merge SHA is undone up to this commit; NULL: SHA is no merge */
};

struct dl_message {
	const char *header;  /* the first line */
	const char *kind;    /* "feat", in lower case; NULL: the header has no type */
	const char *scope;   /* NULL: none */
	bool breaking;       /* by '!' or by a footer */
	const char *subject; /* the header without type, scope and .pr */
	const char *whole;   /* the header without .pr: the subject where the type is none that counts */
	const char *body;    /* between header and footers; NULL: none */
	const char *breaking_text; /* of the footer; NULL: none */
	struct dl_footer *footers;
	size_t footer_count;
	struct dl_person *co_authors;
	size_t co_author_count;
	const char *refs;    /* issues it mentions, "#12,PROJ-7", each once; NULL: none */
	const char *pr;      /* the number of the pull request that it came by; NULL: unknown */
	struct dl_reverted *reverts;
	size_t revert_count;
	const char *reverted_pr; /* the number of the pull request that it reverts; NULL: none */
};

/* dl_message_parse(scope, text, merge, message): takes the message TEXT apart. Any text is one; what is blank
 * at its ends is skipped, and so are carriage returns before newlines. With MERGE it is that of a merge:
 * where a forge wrote it, the title of the pull request stands for the header. The result is in SCOPE. */
void dl_message_parse(struct dl_scope *scope, const char *text, bool merge, struct dl_message *message);

/* dl_message_has_co_author(text): whether a line of the message TEXT may name a co-author, said at once. */
bool dl_message_has_co_author(const char *text);

/* dl_message_person(scope, text): the name and address in "NAME <EMAIL> ...", in SCOPE; one that is absent is
 * NULL. */
struct dl_person dl_message_person(struct dl_scope *scope, const char *text);

/* dl_message_merged(scope, text): the number of the pull request whose merge TEXT is the message of, in
 * SCOPE; NULL: it names none. */
const char *dl_message_merged(struct dl_scope *scope, const char *text);

#endif
