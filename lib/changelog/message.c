/* A header is taken apart by the letter. Footers are not: by the letter of Conventional Commits 1.0.0 any
 * line "Note: ..." of a body would begin them. So they are what git takes for trailers, the last paragraph
 * when all of its lines are such (and those before it whose tokens have a hyphen, as forges add them when
 * they squash); and all that follows a line "BREAKING CHANGE: ..." that begins a paragraph. */
#include "lib/changelog/message.h"

#include <string.h>
#include <strings.h>

#include "lib/base/buf.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"

enum { LONGEST_TOKEN = 64, LEAST_SHA = 7, LONGEST_SHA = 64, LONGEST_REF = 80, MOST_FOOTERS = 256 };

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_word(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_token(char c)
{
	return is_word(c) || c == '-';
}

/* ------------------------------------------------------------------ lines */

/* A copy without the carriage returns before newlines and without what is blank at either end. */
static char *tidy(struct dl_scope *scope, const char *text)
{
	size_t len, i, kept = 0;
	char *copy;

	text += strspn(text, " \t\r\n");
	len = strlen(text);
	while (len && strchr(" \t\r\n", text[len - 1]))
		len--;
	copy = dl_arena_copy(&scope->arena, text, len);
	if (!memchr(copy, '\r', len))
		return copy;
	for (i = 0; i < len; i++) {
		while (copy[i] == '\n' && kept && copy[kept - 1] == '\r')
			kept--;
		copy[kept++] = copy[i];
	}
	copy[kept] = '\0';
	return copy;
}

static const char *next_line(const char *line)
{
	const char *end = strchrnul(line, '\n');

	return *end ? end + 1 : end;
}

static bool is_blank(const char *line)
{
	while (*line == ' ' || *line == '\t')
		line++;
	return *line == '\n' || !*line;
}

/* The LEN bytes of TEXT without blanks at their ends; NULL: nothing is left. */
static const char *copy_trimmed(struct dl_scope *scope, const char *text, size_t len)
{
	while (len && strchr(" \t\n", *text)) {
		text++;
		len--;
	}
	while (len && strchr(" \t\n", text[len - 1]))
		len--;
	return len ? dl_arena_copy(&scope->arena, text, len) : NULL;
}

/* ------------------------------------------------------------------ the header */

/* Takes " (#123)" or " (!123)" off the end of HEADER: the number of a pull request, of several the last. */
static const char *take_pr(struct dl_scope *scope, char *header)
{
	size_t len = strlen(header), at;
	const char *pr = NULL;

	while (len > 4 && header[len - 1] == ')') {
		for (at = len - 1; at > 0 && is_digit(header[at - 1]); at--)
			;
		if (at < 4 || at == len - 1 || (header[at - 1] != '#' && header[at - 1] != '!') ||
		    header[at - 2] != '(' || header[at - 3] != ' ')
			break;
		if (!pr)
			pr = dl_arena_copy(&scope->arena, header + at, len - 1 - at);
		for (len = at - 3; len && strchr(" \t\r", header[len - 1]);)
			len--;
		header[len] = '\0';
	}
	return pr;
}

static const char *lower(struct dl_scope *scope, const char *text, size_t len)
{
	char *copy = dl_arena_copy(&scope->arena, text, len), *byte;

	for (byte = copy; *byte; byte++)
		if (*byte >= 'A' && *byte <= 'Z')
			*byte += 'a' - 'A';
	return copy;
}

/* `type(scope)!: subject`. */
static void parse_header(struct dl_scope *scope, const char *header, struct dl_message *message)
{
	const char *end = header, *open = NULL, *close = NULL;
	bool breaking;

	while (is_token(*end) || *end == '_')
		end++;
	if (end == header || *header == '-')
		return;
	message->subject = header;
	if (*end == '(') {
		open = end + 1;
		close = open + strcspn(open, "()\n");
		if (*close != ')' || close == open)
			return;
	}
	breaking = *(close ? close + 1 : end) == '!';
	header = (close ? close + 1 : end) + breaking;
	if (*header != ':' || (header[1] != ' ' && header[1] != '\t') ||
	    !header[1 + strspn(header + 1, " \t")])
		return;
	message->kind = lower(scope, message->subject, (size_t)(end - message->subject));
	message->scope = open ? copy_trimmed(scope, open, (size_t)(close - open)) : NULL;
	message->breaking = breaking;
	message->subject = header + 1 + strspn(header + 1, " \t");
}

/* ------------------------------------------------------------------ footers */

static bool is_breaking(const char *line)
{
	return *line == 'B' &&
	       (dl_text_starts(line, "BREAKING CHANGE") || dl_text_starts(line, "BREAKING-CHANGE")) &&
	       (dl_text_starts(line + strlen("BREAKING CHANGE"), ": ") ||
		dl_text_starts(line + strlen("BREAKING CHANGE"), ":\n") ||
		dl_text_starts(line + strlen("BREAKING CHANGE"), " #"));
}

/* The length of the token that begins a footer; 0: LINE is none. */
static size_t span_token(const char *line)
{
	size_t len = is_breaking(line) ? strlen("BREAKING CHANGE") : 0;

	if (len)
		return len;
	while (is_token(line[len]))
		len++;
	if (!len || len > LONGEST_TOKEN || *line == '-')
		return 0;
	if (line[len] == ':')
		return line[len + 1] == ' ' || line[len + 1] == '\t' ? len : 0;
	return line[len] == ' ' && line[len + 1] == '#' && is_word(line[len + 2]) ? len : 0;
}

/* Whether every line of the paragraph at LINE is a footer or goes on with one; with HYPHENS, of a kind that
 * prose does not have. */
static bool is_footers(const char *line, bool hyphens)
{
	bool goes_on = false;
	size_t len;

	for (; *line && !is_blank(line); line = next_line(line)) {
		if (goes_on && (*line == ' ' || *line == '\t'))
			continue;
		len = span_token(line);
		if (!len || (hyphens && !memchr(line, '-', len)))
			return false;
		goes_on = true;
	}
	return true;
}

static const char *next_paragraph(const char *line)
{
	while (*line && !is_blank(line))
		line = next_line(line);
	while (*line && is_blank(line))
		line = next_line(line);
	return line;
}

/* Where a footer of the paragraph at LINE says that something breaks; NULL: none does. */
static const char *find_breaking(const char *line)
{
	for (; *line && !is_blank(line); line = next_line(line))
		if (is_breaking(line))
			return line;
	return NULL;
}

/* Where the footers of a message begin, whose text behind the header is BODY; its end: there are none. */
static const char *find_footers(const char *body)
{
	const char *paragraph = is_blank(body) ? next_paragraph(body) : body, *next, *found = NULL, *breaking;
	bool breaks = strstr(body, "BREAKING") != NULL;

	for (; *paragraph; paragraph = next) {
		next = next_paragraph(paragraph);
		breaking = breaks ? find_breaking(paragraph) : NULL;
		if (is_footers(paragraph, *next != '\0'))
			found = found ? found : paragraph;
		else
			found = NULL;
		if (breaking)
			return found ? found : breaking;
	}
	return found ? found : paragraph;
}

/* A footer's value goes on until the next one begins. */
static const char *end_of_value(const char *line)
{
	for (line = next_line(line); *line && !span_token(line); line = next_line(line))
		;
	return line;
}

static const char co_author[] = "Co-authored-by";

bool dl_message_has_co_author(const char *text)
{
	for (; *text; text = next_line(text))
		if ((*text | 0x20) == 'c' && strncasecmp(text, co_author, strlen(co_author)) == 0)
			return true;
	return false;
}

struct dl_person dl_message_person(struct dl_scope *scope, const char *text)
{
	const char *open = strchrnul(text, '<'), *close = *open ? strchrnul(open, '>') : open;

	return (struct dl_person){
		.name = copy_trimmed(scope, text, (size_t)(open - text)),
		.email = *open ? copy_trimmed(scope, open + 1, (size_t)(close - open - 1)) : NULL,
	};
}

static void add_footer(struct dl_scope *scope, struct dl_message *message, const char *line, const char *end)
{
	size_t len = span_token(line);
	const char *value = line + len + (line[len] == ':');
	struct dl_footer footer = {dl_arena_copy(&scope->arena, line, len),
				   copy_trimmed(scope, value, (size_t)(end - value))};

	if (!footer.value)
		return;
	message->footers[message->footer_count++] = footer;
	if (is_breaking(line)) {
		message->breaking = true;
		if (!message->breaking_text)
			message->breaking_text = footer.value;
	} else if (strcasecmp(footer.token, co_author) == 0) {
		message->co_authors[message->co_author_count++] = dl_message_person(scope, footer.value);
	}
}

static void parse_footers(struct dl_scope *scope, const char *text, struct dl_message *message)
{
	const char *line, *end;
	size_t count = 0;

	for (line = text; *line; line = next_line(line))
		count += span_token(line) > 0;
	message->footers = dl_arena_array(&scope->arena, count, sizeof *message->footers);
	message->co_authors = dl_arena_array(&scope->arena, count, sizeof *message->co_authors);
	for (line = text; *line; line = end) {
		end = end_of_value(line);
		add_footer(scope, message, line, end);
	}
}

/* ------------------------------------------------------------------ references */

/* What has been found so far, each once. */
struct refs {
	struct dl_scope *scope;
	struct dl_buf text;
	const char *pr; /* is none */
};

static void add_ref(struct refs *refs, const char *text, size_t len)
{
	const char *ref = dl_arena_copy(&refs->scope->arena, text, len);

	if ((*ref == '#' && dl_text_same(ref + 1, refs->pr)) || dl_text_in(ref, refs->text.data))
		return;
	if (refs->text.len)
		dl_buf_putc(&refs->text, ',');
	dl_buf_puts(&refs->text, ref);
}

static size_t count_digits(const char *text)
{
	size_t len = 0;

	while (is_digit(text[len]))
		len++;
	return len;
}

/* The length of "#12", "owner/repo#12" or "GH-12" at TEXT; 0: it is none. */
static size_t span_issue(const char *text)
{
	size_t len = 0, digits;

	if (dl_text_starts(text, "GH-"))
		len = strlen("GH-");
	else
		while (is_word(text[len]) || (len && strchr("-_./", text[len]) && text[len]))
			len++;
	if (len && text[len] != '#' && !dl_text_starts(text, "GH-"))
		return 0;
	if (len && text[len] == '#' && !memchr(text, '/', len))
		return 0;
	len += text[len] == '#';
	digits = len ? count_digits(text + len) : 0;
	return digits && digits < 20 && !is_word(text[len + digits]) ? len + digits : 0;
}

/* The length of a key as trackers have them, "PROJ-7"; 0: TEXT is none. */
static size_t span_key(const char *text)
{
	size_t len = 0, digits;

	while ((text[len] >= 'A' && text[len] <= 'Z') || (len && is_digit(text[len])))
		len++;
	if (len < 2 || text[len] != '-')
		return 0;
	digits = count_digits(text + len + 1);
	len += 1 + digits;
	return digits && len < LONGEST_REF && !is_word(text[len]) ? len : 0;
}

/* Adds the issues that TEXT mentions; with KEYS, also those of other trackers. */
static void scan_text(struct refs *refs, const char *text, bool keys)
{
	const char *at = text;
	bool begins;
	size_t len;

	if (!keys && !strchr(text, '#') && !strstr(text, "GH-"))
		return;
	while (*at) {
		/* "a#1" and "&#1;" are something else. */
		begins = at == text || !(is_word(at[-1]) || at[-1] == '&');
		len = begins ? span_issue(at) : 0;
		if (begins && !len && keys)
			len = span_key(at);
		if (len && len < LONGEST_REF)
			add_ref(refs, at, len);
		if (!len)
			len = 1;
		/* To the next place where a word begins. */
		for (at += len; is_word(at[-1]) && (is_word(*at) || *at == '-' || *at == '_' || *at == '/');
		     at++)
			;
	}
}

/* The length of a word that says that issues follow; 0: TEXT does not begin with one. */
static size_t span_keyword(const char *text)
{
	static const char *const words[] = {"closes", "closed", "close", "fixes", "fixed", "fix", "resolves",
					    "resolved", "resolve", "references", "refs", "ref", "see", NULL};
	const char *const *word;
	size_t len;

	/* Asked of every word of every body. */
	for (word = words; *word; word++) {
		if ((*text | 0x20) != **word)
			continue;
		len = strlen(*word);
		if (strncasecmp(text, *word, len) == 0 && !is_word(text[len]))
			return len;
	}
	return 0;
}

/* A number in prose is an issue only behind a word that says so: "Fixes #1, #2 and #3". */
static void scan_body(struct refs *refs, const char *body)
{
	const char *at = body;
	size_t len;

	while (*at) {
		len = span_keyword(at);
		if (len) {
			at += len + strspn(at + len, ": ");
			while ((len = span_issue(at))) {
				add_ref(refs, at, len);
				at += len;
				at += strspn(at, ", ");
				if (dl_text_starts(at, "and "))
					at += strlen("and ");
			}
		}
		while (is_word(*at))
			at++;
		while (*at && !is_word(*at))
			at++;
	}
}

static bool is_about_issues(const char *token)
{
	return span_keyword(token) == strlen(token) || strncasecmp(token, "issue", 5) == 0;
}

static void collect_refs(struct dl_scope *scope, struct dl_message *message)
{
	struct refs refs = {.scope = scope, .pr = message->pr};
	size_t i;

	dl_buf_init(&refs.text, &scope->arena, DL_CAP_LINE);
	scan_text(&refs, message->whole, false);
	if (message->body && strchr(message->body, '#'))
		scan_body(&refs, message->body);
	for (i = 0; i < message->footer_count; i++)
		if (is_about_issues(message->footers[i].token))
			scan_text(&refs, message->footers[i].value, true);
	message->refs = refs.text.len ? refs.text.data : NULL;
}

/* ------------------------------------------------------------------ reverts and merges */

/* The length of an object name at TEXT, perhaps a short one; 0: it is none. */
static size_t span_sha(const char *text)
{
	size_t len = strspn(text, "0123456789abcdefABCDEF");

	return len >= LEAST_SHA && len <= LONGEST_SHA && !is_word(text[len]) ? len : 0;
}

static void add_reverted(struct dl_scope *scope, struct dl_message *message, const char *text, size_t len)
{
	size_t count = message->revert_count, size = sizeof *message->reverts;

	/* Doubled whenever the count is a power of two. */
	if ((count & (count - 1)) == 0)
		message->reverts = dl_arena_grow(&scope->arena, message->reverts, count * size,
						 (count ? count * 2 : 1) * size);
	message->reverts[message->revert_count++] = (struct dl_reverted){.sha = lower(scope, text, len)};
}

/* Adds the object names at TEXT, between commas and "and"; returns what follows them. */
static const char *add_reverted_list(struct dl_scope *scope, struct dl_message *message, const char *text)
{
	size_t len;

	while ((len = span_sha(text))) {
		add_reverted(scope, message, text, len);
		text += len;
		text += strspn(text, ", \n");
		if (dl_text_starts(text, "and "))
			text += strlen("and ");
	}
	return text;
}

/* What follows PHRASE at TEXT, where a blank is any white space; NULL: TEXT does not begin so. */
static const char *skip_phrase(const char *text, const char *phrase)
{
	for (; *phrase; phrase++) {
		if (*phrase == ' ') {
			if (!strspn(text, " \n"))
				return NULL;
			text += strspn(text, " \n");
		} else if (*text++ != *phrase) {
			return NULL;
		}
	}
	return text;
}

/* The number in "Reverts owner/repo#1" or "This reverts merge request !1", as forges write them; NULL: BODY
 * has no such line. */
static const char *find_reverted_pr(struct dl_scope *scope, const char *body)
{
	static const char *const openings[] = {"Reverts ", "This reverts merge request ", NULL};
	const char *const *opening;
	const char *number;
	size_t digits;

	for (; *body; body = next_line(body))
		for (opening = openings; *opening; opening++) {
			if (!dl_text_starts(body, *opening))
				continue;
			number = body + strlen(*opening);
			number += strcspn(number, "#! \n");
			digits = *number == '#' || *number == '!' ? count_digits(number + 1) : 0;
			if (digits)
				return dl_arena_copy(&scope->arena, number + 1, digits);
		}
	return NULL;
}

/* What git writes: "This reverts commit SHA." and of a merge "This reverts commit SHA, reversing changes made
 * to SHA."; the footers that Conventional Commits recommends; and what forges write. */
static void collect_reverts(struct dl_scope *scope, struct dl_message *message)
{
	static const char opening[] = "This reverts commit";
	const char *at = message->body ? message->body : "", *onto;
	size_t i;

	while ((at = strstr(at, opening))) {
		at += strlen(opening);
		at += *at == 's';
		at = add_reverted_list(scope, message, at + strspn(at, " \n"));
		onto = skip_phrase(at, "reversing changes made to ");
		if (onto && message->revert_count && span_sha(onto))
			message->reverts[message->revert_count - 1].onto =
				lower(scope, onto, span_sha(onto));
	}
	for (i = 0; i < message->footer_count; i++)
		if (dl_text_same(message->kind, "revert") &&
		    strncasecmp(message->footers[i].token, "ref", 3) == 0)
			add_reverted_list(scope, message, message->footers[i].value);
	if (message->body &&
	    (dl_text_starts(message->header, "Revert \"") || dl_text_same(message->kind, "revert")))
		message->reverted_pr = find_reverted_pr(scope, message->body);
}

/* The number behind WORDS in TEXT; NULL: there is none. */
static const char *number_after(struct dl_scope *scope, const char *text, const char *words)
{
	const char *at = strstr(text, words);
	size_t digits = at ? count_digits(at + strlen(words)) : 0;

	return digits ? dl_arena_copy(&scope->arena, at + strlen(words), digits) : NULL;
}

/* What a merge of a pull request is about: its title, which GitHub and GitLab put into the body and Gitea
 * into the header. Returns the text whose first line that is; NULL: the message does not say. */
static char *find_title(struct dl_scope *scope, const char *header, const char *body)
{
	const char *open = strstr(header, "request '"), *close;

	if (open && (close = strstr(open, "' (#")))
		return dl_arena_format(&scope->arena, "%.*s\n%s", (int)(close - open - strlen("request '")),
				       open + strlen("request '"), body);
	body += strspn(body, "\n");
	if (!*body || dl_text_starts(body, "See merge request") || dl_text_starts(body, "* "))
		return NULL;
	return dl_arena_string(&scope->arena, body);
}

/* The number that a forge writes into a merge: "Merge pull request #1 from a/b", "Merge pull request 'title'
 * (#1)", "Merged in a (pull request #1)", "See merge request a/b!1". */
static const char *find_merged(struct dl_scope *scope, const char *header, const char *body)
{
	const char *request = strstr(body, "See merge request "),
		   *pr = number_after(scope, header, "request #");

	if (!pr && strstr(header, "request '"))
		pr = number_after(scope, header, "' (#");
	return !pr && request ? number_after(scope, request, "!") : pr;
}

/* ------------------------------------------------------------------ all of it */

/* Takes apart TEXT, of which lines become strings where they stand. */
static void parse_text(struct dl_scope *scope, char *text, struct dl_message *message)
{
	char *rest = text + strcspn(text, "\n"), *footers, *end;

	if (*rest)
		*rest++ = '\0';
	for (end = text + strlen(text); end > text && strchr(" \t\r", end[-1]);)
		*--end = '\0';
	footers = rest + (find_footers(rest) - rest);
	message->header = message->whole = message->subject = text;
	if (dl_text_ends(text, ")")) {
		message->header = dl_arena_string(&scope->arena, text);
		message->pr = take_pr(scope, text);
	}
	parse_header(scope, text, message);
	if (!message->kind)
		message->subject = text;
	parse_footers(scope, footers, message);
	rest += strspn(rest, " \t\n");
	for (end = footers; end > rest && strchr(" \t\n", end[-1]); end--)
		;
	if (end > rest) {
		*end = '\0';
		message->body = rest;
	}
}

void dl_message_parse(struct dl_scope *scope, const char *text, bool merge, struct dl_message *message)
{
	char *tidied = tidy(scope, text), *title = NULL;
	const char *pr = NULL, *header, *rest;

	*message = (struct dl_message){.header = NULL};
	if (merge) {
		header = dl_arena_copy(&scope->arena, tidied, strcspn(tidied, "\n"));
		rest = next_line(tidied);
		pr = find_merged(scope, header, rest);
		title = pr ? find_title(scope, header, rest) : NULL;
	}
	parse_text(scope, title ? title : tidied, message);
	if (!message->pr)
		message->pr = pr;
	collect_refs(scope, message);
	collect_reverts(scope, message);
}

const char *dl_message_merged(struct dl_scope *scope, const char *text)
{
	const char *header = dl_arena_copy(&scope->arena, text, strcspn(text, "\n"));

	return find_merged(scope, header, next_line(text));
}
