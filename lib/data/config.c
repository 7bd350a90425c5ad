/* YAML is pulled from libyaml event by event, so depth, aliases and tags are refused before anything is
 * built, and a file is never larger in memory than on disk by more than a constant factor: an alias, where
 * there may be any, shares what is below its anchor. Who walks through the tree comes there each time, so
 * what counts is the tree with every alias written out. The tree is the one that JSON gets, and the numbers
 * in it are spelled as JSON spells them. */
#include "lib/data/config.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <yaml.h>

#include "lib/base/buf.h"
#include "lib/base/file.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"

#define BAD_TAG "a tag that is none of the core schema, or does not fit"

enum { DEPTH_MAX = 64, ANCHORS_MAX = 1000, EXPANDED_MAX = 4 << 20 };

/* Where something stands in a file. */
struct place {
	size_t line; /* from 1, like the column */
	size_t column;
};

/* A node and its place; nodes of YAML are allocated as these. */
struct item {
	struct dl_json node;
	struct place place;
};

/* A node with a name that aliases know it by. */
struct anchor {
	struct anchor *next; /* the one before it: the last of a name counts */
	const char *name;
	const struct dl_json *node;
	size_t size; /* with what is below it */
	int levels;
};

enum manner { STRICT, ALIASED, LENIENT }; /* as dl_config_parse, dl_config_aliased, dl_config_outline */

struct reader {
	struct dl_scope *scope;
	const char *name;
	const char *text; /* NULL: it is read from a file as it goes */
	enum manner manner;
	struct anchor *anchors;
	size_t anchor_count;
	size_t size; /* so far, with aliases written out: of nodes and the bytes of keys and texts */
	int deepest; /* level so far, in the same way */
	yaml_parser_t parser;
	yaml_event_t event; /* the current one */
};

/* Says what is wrong where in the file NAME. */
static int refuse(struct dl_scope *scope, const char *name, struct place place, const char *why)
{
	return dl_fail(scope, DL_CONFIG, "%s:%zu:%zu: %s", dl_text_quote(&scope->arena, name), place.line,
		       place.column, dl_text_quote(&scope->arena, why));
}

static struct place place_of_offset(const char *text, size_t offset)
{
	struct place place = {1, 1};
	size_t i;

	for (i = 0; i < offset; i++) {
		place.column++;
		if (text[i] == '\n')
			place = (struct place){place.line + 1, 1};
	}
	return place;
}

static struct place place_of_mark(yaml_mark_t mark)
{
	return (struct place){mark.line + 1, mark.column + 1};
}

/* Duplicate keys */

struct member {
	const struct dl_json *node;
	size_t index;
};

static int compare_members(const void *left, const void *right)
{
	const struct member *a = left, *b = right;
	int order = strcmp(a->node->key, b->node->key);

	return order ? order : (a->index > b->index) - (a->index < b->index);
}

/* The first member of OBJECT whose key an earlier one has, or NULL. */
static const struct dl_json *find_duplicate(struct dl_scope *scope, const struct dl_json *object)
{
	const struct member *first = NULL;
	const struct dl_json *node;
	struct member *members;
	size_t count = 0, i;

	for (node = object->child; node; node = node->next)
		count++;
	members = dl_arena_array(&scope->arena, count, sizeof *members);
	for (node = object->child, i = 0; node; node = node->next, i++)
		members[i] = (struct member){node, i};
	qsort(members, count, sizeof *members, compare_members);
	for (i = 1; i < count; i++)
		if (strcmp(members[i - 1].node->key, members[i].node->key) == 0 &&
		    (!first || members[i].index < first->index))
			first = &members[i];
	return first ? first->node : NULL;
}

/* Scalars: https://yaml.org/spec/1.2.2/#103-core-schema */

static bool is_word(const char *text, const char *lower, const char *title, const char *upper)
{
	return strcmp(text, lower) == 0 || strcmp(text, title) == 0 || strcmp(text, upper) == 0;
}

static bool is_null(const char *text)
{
	return !*text || strcmp(text, "~") == 0 || is_word(text, "null", "Null", "NULL");
}

static const char *skip_digits(const char *text)
{
	while (isdigit((unsigned char)*text))
		text++;
	return text;
}

/* Whether TEXT is a number in base 16 or 8. */
static bool is_based(const char *text)
{
	const char *digits = dl_text_starts(text, "0x") ? "0123456789abcdefABCDEF" : "01234567";

	return (dl_text_starts(text, "0x") || dl_text_starts(text, "0o")) && text[2] &&
	       !text[2 + strspn(text + 2, digits)];
}

/* Sets errno to ERANGE when it is over 64 bits. */
static uintmax_t based_value(const char *text)
{
	errno = 0;
	return strtoumax(text + 2, NULL, text[1] == 'x' ? 16 : 8);
}

/* The JSON spelling of the number TEXT, which may have a '+', leading zeros, and no digit before or after its
 * point; NULL: it is no number. */
static const char *spell_number(struct dl_arena *arena, const char *text)
{
	const char *whole = text + (*text == '+' || *text == '-'), *point = skip_digits(whole);
	const char *fraction = point + (*point == '.'), *exponent = skip_digits(fraction), *end = exponent;

	if (is_based(text))
		return dl_arena_format(arena, "%" PRIuMAX, based_value(text));
	if (point == whole && exponent == fraction)
		return NULL;
	if (*exponent == 'e' || *exponent == 'E') {
		end = exponent + 1 + (exponent[1] == '+' || exponent[1] == '-');
		if (!isdigit((unsigned char)*end))
			return NULL;
		end = skip_digits(end);
	}
	if (*end)
		return NULL;
	while (*whole == '0' && point - whole > 1)
		whole++;
	return dl_arena_format(arena, "%s%s%.*s%s%.*s%s", *text == '-' ? "-" : "", point == whole ? "0" : "",
			       (int)(point - whole), whole, exponent > fraction ? "." : "",
			       (int)(exponent - fraction), fraction, exponent);
}

/* Why a number of YAML cannot be one here; NULL: it can, or TEXT is no number. */
static const char *find_excess(const char *text)
{
	const char *word = text + (*text == '+' || *text == '-');

	if (is_word(word, ".inf", ".Inf", ".INF") || is_word(text, ".nan", ".NaN", ".NAN"))
		return "a number that JSON does not have";
	if (is_based(text) && (based_value(text), errno))
		return "a number over 64 bits";
	return NULL;
}

static void set_scalar(struct dl_json *node, enum dl_json_type type, const char *text)
{
	node->type = type;
	node->text = text;
}

/* Gives NODE the type and text that the core schema sees in a plain scalar. */
static void resolve(struct dl_scope *scope, struct dl_json *node, const char *text)
{
	const char *number;

	if (is_null(text))
		set_scalar(node, DL_JSON_NULL, "null");
	else if (is_word(text, "true", "True", "TRUE"))
		set_scalar(node, DL_JSON_TRUE, "true");
	else if (is_word(text, "false", "False", "FALSE"))
		set_scalar(node, DL_JSON_FALSE, "false");
	else if ((number = spell_number(&scope->arena, text)))
		set_scalar(node, DL_JSON_NUMBER, number);
	else
		set_scalar(node, DL_JSON_STRING, text);
}

/* YAML */

static int refuse_event(const struct reader *reader, const char *why)
{
	return refuse(reader->scope, reader->name, place_of_mark(reader->event.start_mark), why);
}

static int refuse_syntax(const struct reader *reader)
{
	const yaml_parser_t *parser = &reader->parser;
	const char *why = parser->problem ? parser->problem : "malformed";

	if (parser->error == YAML_MEMORY_ERROR)
		return dl_fail(reader->scope, DL_SYSTEM, "out of memory");
	if (parser->error == YAML_READER_ERROR)
		return refuse(reader->scope, reader->name,
			      reader->text ? place_of_offset(reader->text, parser->problem_offset)
					   : place_of_mark(parser->mark),
			      why);
	return refuse(reader->scope, reader->name, place_of_mark(parser->problem_mark), why);
}

/* Makes the next event the current one. */
static int next(struct reader *reader)
{
	yaml_event_delete(&reader->event);
	return yaml_parser_parse(&reader->parser, &reader->event) ? 0 : refuse_syntax(reader);
}

/* Whether TAG is none, the "!" that stands for none, or the core tag NAME. */
static bool is_tag(const yaml_char_t *tag, const char *name)
{
	static const char core[] = "tag:yaml.org,2002:";
	const char *text = (const char *)tag;

	return !text || strcmp(text, "!") == 0 ||
	       (dl_text_starts(text, core) && strcmp(text + strlen(core), name) == 0);
}

/* The text of the current scalar; NULL: it holds U+0000. */
static const char *scalar_text(const struct reader *reader)
{
	const char *value = (const char *)reader->event.data.scalar.value;
	size_t len = reader->event.data.scalar.length;

	if (memchr(value, '\0', len)) {
		refuse_event(reader, "the character U+0000");
		return NULL;
	}
	return dl_arena_copy(&reader->scope->arena, value, len);
}

/* A tag must say what the scalar is anyway: this reads data, and converts none. */
static bool tag_fits(const yaml_char_t *tag, const struct dl_json *node)
{
	switch (node->type) {
	case DL_JSON_NULL:
		return is_tag(tag, "null");
	case DL_JSON_TRUE:
	case DL_JSON_FALSE:
		return is_tag(tag, "bool");
	case DL_JSON_NUMBER:
		return is_tag(tag, "float") || (is_tag(tag, "int") && !strpbrk(node->text, ".eE"));
	case DL_JSON_STRING:
	case DL_JSON_ARRAY:
	case DL_JSON_OBJECT:
		break;
	}
	return is_tag(tag, "str");
}

static int read_scalar(struct reader *reader, struct dl_json *node)
{
	const yaml_char_t *tag = reader->event.data.scalar.tag;
	bool plain = reader->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	const char *text = scalar_text(reader), *excess;

	if (!text)
		return -1;
	if (tag ? is_tag(tag, "str") : !plain) {
		set_scalar(node, DL_JSON_STRING, text);
		return 0;
	}
	excess = find_excess(text);
	if (excess && reader->manner != LENIENT)
		return refuse_event(reader, excess);
	if (excess)
		set_scalar(node, DL_JSON_STRING, text);
	else
		resolve(reader->scope, node, text);
	return reader->manner == LENIENT || tag_fits(tag, node) ? 0 : refuse_event(reader, BAD_TAG);
}

static struct item *read_node(struct reader *reader, int depth);

/* The member or element that the current event begins. */
static struct item *read_member(struct reader *reader, bool keyed, int depth)
{
	struct place place = place_of_mark(reader->event.start_mark);
	const char *key = NULL;
	struct item *item;

	if (keyed && reader->event.type != YAML_SCALAR_EVENT) {
		refuse_event(reader,
			     reader->event.type == YAML_ALIAS_EVENT ? "an alias" : "a key that is no scalar");
		return NULL;
	}
	if (keyed && reader->manner != LENIENT && !is_tag(reader->event.data.scalar.tag, "str")) {
		refuse_event(reader, BAD_TAG);
		return NULL;
	}
	if (keyed) {
		reader->size += reader->event.data.scalar.length;
		key = scalar_text(reader);
		if (!key || next(reader) < 0)
			return NULL;
	}
	item = read_node(reader, depth);
	if (!item)
		return NULL;
	item->place = place;
	item->node.key = key;
	return item;
}

static int read_container(struct reader *reader, struct dl_json *node, int depth)
{
	bool keyed = reader->event.type == YAML_MAPPING_START_EVENT;
	yaml_event_type_t end = keyed ? YAML_MAPPING_END_EVENT : YAML_SEQUENCE_END_EVENT;
	const struct dl_json **tail = &node->child, *duplicate = NULL;
	struct item *member;

	if (depth > DEPTH_MAX)
		return refuse_event(reader, "more than 64 levels");
	if (depth > reader->deepest)
		reader->deepest = depth;
	if (reader->manner != LENIENT &&
	    (keyed ? !is_tag(reader->event.data.mapping_start.tag, "map")
		   : !is_tag(reader->event.data.sequence_start.tag, "seq")))
		return refuse_event(reader, BAD_TAG);
	node->type = keyed ? DL_JSON_OBJECT : DL_JSON_ARRAY;
	while (next(reader) == 0) {
		if (reader->event.type == end) {
			if (keyed && reader->manner != LENIENT)
				duplicate = find_duplicate(reader->scope, node);
			return duplicate ? refuse(reader->scope, reader->name,
						  ((const struct item *)duplicate)->place,
						  "a key that was there before")
					 : 0;
		}
		member = read_member(reader, keyed, depth + 1);
		if (!member)
			return -1;
		*tail = &member->node;
		tail = &member->node.next;
	}
	return -1;
}

/* What the current event calls the node that it begins; NULL: nothing. */
static const char *anchor_name(const struct reader *reader)
{
	const yaml_event_t *event = &reader->event;
	const yaml_char_t *name = NULL;

	if (event->type == YAML_SCALAR_EVENT)
		name = event->data.scalar.anchor;
	else if (event->type == YAML_MAPPING_START_EVENT)
		name = event->data.mapping_start.anchor;
	else if (event->type == YAML_SEQUENCE_START_EVENT)
		name = event->data.sequence_start.anchor;
	return dl_arena_string(&reader->scope->arena, (const char *)name);
}

static int read_alias(struct reader *reader, struct dl_json *node, int depth)
{
	const char *name = (const char *)reader->event.data.alias.anchor;
	const struct anchor *anchor = reader->anchors;

	if (reader->manner == STRICT)
		return refuse_event(reader, "an alias");
	while (anchor && strcmp(anchor->name, name) != 0)
		anchor = anchor->next;
	if (!anchor)
		return refuse_event(reader, "an alias of nothing that is before it");
	if (depth + anchor->levels - 1 > DEPTH_MAX)
		return refuse_event(reader, "more than 64 levels");
	if (depth + anchor->levels - 1 > reader->deepest)
		reader->deepest = depth + anchor->levels - 1;
	reader->size += anchor->size;
	node->type = anchor->node->type;
	node->text = anchor->node->text;
	node->child = anchor->node->child;
	return 0;
}

static int read_value(struct reader *reader, struct dl_json *node, int depth)
{
	if (reader->event.type == YAML_ALIAS_EVENT)
		return read_alias(reader, node, depth);
	reader->size++;
	if (reader->event.type != YAML_SCALAR_EVENT)
		return read_container(reader, node, depth);
	reader->size += reader->event.data.scalar.length;
	return read_scalar(reader, node);
}

/* The same for the node NAME, which aliases may stand for from now on. */
static int read_anchor(struct reader *reader, const char *name, struct dl_json *node, int depth)
{
	struct anchor *anchor = dl_arena_alloc(&reader->scope->arena, sizeof *anchor);
	size_t size = reader->size;
	int deepest = reader->deepest;

	if (reader->anchor_count++ == ANCHORS_MAX)
		return refuse_event(reader, "more than 1000 anchors");
	reader->deepest = depth - 1;
	if (read_value(reader, node, depth) < 0)
		return -1;
	*anchor = (struct anchor){.next = reader->anchors,
				  .name = name,
				  .node = node,
				  .size = reader->size - size,
				  .levels = reader->deepest - depth + 1};
	reader->anchors = anchor;
	if (deepest > reader->deepest)
		reader->deepest = deepest;
	return 0;
}

/* The node that the current event begins; its last event is current then. */
static struct item *read_node(struct reader *reader, int depth)
{
	struct item *item = dl_arena_alloc(&reader->scope->arena, sizeof *item);
	const char *name = reader->manner == STRICT ? NULL : anchor_name(reader);
	int result;

	result = name ? read_anchor(reader, name, &item->node, depth)
		      : read_value(reader, &item->node, depth);
	if (result == 0 && reader->manner != STRICT && reader->size > EXPANDED_MAX)
		result = refuse_event(reader, "more than 4 MiB with its aliases written out");
	return result < 0 ? NULL : item;
}

static const struct dl_json *empty_mapping(struct dl_scope *scope)
{
	struct dl_json *node = dl_arena_alloc(&scope->arena, sizeof *node);

	node->type = DL_JSON_OBJECT;
	return node;
}

/* A stream has one document, or none. */
static const struct dl_json *read_stream(struct reader *reader)
{
	struct item *root;

	if (next(reader) < 0 || next(reader) < 0)
		return NULL;
	if (reader->event.type == YAML_STREAM_END_EVENT)
		return empty_mapping(reader->scope);
	if (next(reader) < 0)
		return NULL;
	root = read_node(reader, 1);
	if (!root || next(reader) < 0 || next(reader) < 0)
		return NULL;
	if (reader->event.type != YAML_STREAM_END_EVENT) {
		refuse_event(reader, "a second document");
		return NULL;
	}
	return root->node.type == DL_JSON_NULL ? empty_mapping(reader->scope) : &root->node;
}

static const struct dl_json *parse_yaml(struct dl_scope *scope, const char *name, const char *text,
					size_t len, enum manner manner)
{
	struct reader reader = {.scope = scope, .name = name, .text = text, .manner = manner};
	const struct dl_json *root;

	if (!yaml_parser_initialize(&reader.parser)) {
		dl_fail(scope, DL_SYSTEM, "out of memory");
		return NULL;
	}
	yaml_parser_set_encoding(&reader.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&reader.parser, (const unsigned char *)text, len);
	root = read_stream(&reader);
	yaml_event_delete(&reader.event);
	yaml_parser_delete(&reader.parser);
	return root;
}

const struct dl_json *dl_config_parse(struct dl_scope *scope, const char *name, const char *text, size_t len)
{
	return parse_yaml(scope, name, text, len, STRICT);
}

const struct dl_json *dl_config_aliased(struct dl_scope *scope, const char *name, const char *text,
					size_t len)
{
	return parse_yaml(scope, name, text, len, ALIASED);
}

const struct dl_json *dl_config_outline(struct dl_scope *scope, const char *name, const char *text,
					size_t len)
{
	return parse_yaml(scope, name, text, len, LENIENT);
}

/* JSON */

/* Where TEXT, a sound document, begins its level DEPTH_MAX + 1; NULL: it has none. */
static const char *find_deep(const char *text)
{
	bool quoted = false;
	int depth = 0;

	for (; *text; text++) {
		if (*text == '"')
			quoted = !quoted;
		else if (quoted && *text == '\\')
			text++;
		else if (!quoted && strchr("[{", *text) && ++depth > DEPTH_MAX)
			return text;
		else if (!quoted && strchr("]}", *text))
			depth--;
	}
	return NULL;
}

/* The first object, in the order of their ends, whose keys are not all different: the second of two; NULL:
 * there is none. */
static const struct dl_json *find_any_duplicate(struct dl_scope *scope, const struct dl_json *node)
{
	const struct dl_json *child, *found = NULL;

	for (child = node->child; child && !found; child = child->next)
		found = find_any_duplicate(scope, child);
	return found || node->type != DL_JSON_OBJECT ? found : find_duplicate(scope, node);
}

/* How far a JSON text has been gone through: keys come in the order in which they stand. */
struct cursor {
	const char *copy; /* whose strings are decoded in place */
	const char *text; /* the same as it was */
	size_t offset;
	size_t line;
};

/* Parsing decodes strings in place, in a copy; so a key's offset in that is its place in TEXT.
 * CURSOR (NULL) begins there. */
static const struct dl_json *parse_json(struct dl_scope *scope, const char *name, const char *text,
					size_t len, struct cursor *cursor)
{
	struct dl_json_fault fault = dl_json_scan(text, len);
	char *copy = dl_arena_copy(&scope->arena, text, len);
	const struct dl_json *root, *duplicate;
	const char *deep;

	if (strspn(text, " \t\r\n") == len)
		return empty_mapping(scope);
	if (fault.why) {
		refuse(scope, name, (struct place){(size_t)fault.line, (size_t)fault.column}, fault.why);
		return NULL;
	}
	deep = find_deep(text);
	if (deep) {
		refuse(scope, name, place_of_offset(text, (size_t)(deep - text)), "more than 64 levels");
		return NULL;
	}
	root = dl_json_parse(scope, copy, len);
	if (cursor)
		*cursor = (struct cursor){.copy = copy, .text = text, .line = 1};
	duplicate = root ? find_any_duplicate(scope, root) : NULL;
	if (!duplicate)
		return root;
	refuse(scope, name, place_of_offset(text, (size_t)(duplicate->key - copy) - 1),
	       "a key that was there before");
	return NULL;
}

/* Files */

const struct dl_json *dl_config_read(struct dl_scope *scope, const char *path)
{
	const struct dl_json *root = NULL;
	struct dl_scope attempt;
	char *text;
	size_t len;

	dl_scope_open(&attempt, NULL);
	text = dl_file_read(&attempt, path, DL_CAP_CONFIG, &len);
	if (text)
		root = dl_text_ends(path, ".json") ? parse_json(scope, path, text, len, NULL)
						   : dl_config_parse(scope, path, text, len);
	else if (attempt.error.class != DL_MISSING)
		dl_fail(scope, DL_CONFIG, "%s", attempt.error.message);
	dl_scope_close(&attempt);
	return root;
}

/* Piece by piece */

/* Shows what the current event begins; the last event of that is current then. */
static int show_yaml(struct reader *reader, struct dl_config_visitor *visitor, const char *key, bool element)
{
	struct dl_scope *outer = reader->scope, piece;
	struct item *item;

	dl_scope_open(&piece, outer);
	reader->scope = &piece;
	item = read_member(reader, false, element ? 3 : 2);
	if (item && visitor->take(visitor, &piece, key, &item->node, element) < 0)
		DL_BUG_IF(piece.error.class == DL_OK);
	reader->scope = outer;
	return dl_scope_close(&piece);
}

/* The value of the member KEY, which the current event begins. */
static int show_member(struct reader *reader, struct dl_config_visitor *visitor, const char *key)
{
	if (reader->event.type != YAML_SEQUENCE_START_EVENT)
		return show_yaml(reader, visitor, key, false);
	if (!is_tag(reader->event.data.sequence_start.tag, "seq"))
		return refuse_event(reader, BAD_TAG);
	while (next(reader) == 0) {
		if (reader->event.type == YAML_SEQUENCE_END_EVENT)
			return 0;
		if (show_yaml(reader, visitor, key, true))
			return -1;
	}
	return -1;
}

/* The keys of the root so far. */
struct keys {
	struct keys *next;
	const char *key;
};

static bool is_known(const struct keys *keys, const char *key)
{
	while (keys && strcmp(keys->key, key) != 0)
		keys = keys->next;
	return keys != NULL;
}

/* The members of the mapping that the current event begins. */
static int show_mapping(struct reader *reader, struct dl_config_visitor *visitor)
{
	struct keys *keys = NULL, *known;
	const char *key;

	if (reader->event.type != YAML_MAPPING_START_EVENT)
		return refuse_event(reader, "no mapping");
	if (!is_tag(reader->event.data.mapping_start.tag, "map"))
		return refuse_event(reader, BAD_TAG);
	while (next(reader) == 0) {
		if (reader->event.type == YAML_MAPPING_END_EVENT)
			return 0;
		if (reader->event.type != YAML_SCALAR_EVENT ||
		    !is_tag(reader->event.data.scalar.tag, "str"))
			return refuse_event(reader, "a key that is no scalar");
		key = scalar_text(reader);
		if (!key)
			return -1;
		if (is_known(keys, key))
			return refuse_event(reader, "a key that was there before");
		known = dl_arena_alloc(&reader->scope->arena, sizeof *known);
		*known = (struct keys){keys, key};
		keys = known;
		if (next(reader) < 0 || show_member(reader, visitor, key))
			return -1;
	}
	return -1;
}

static int show_stream(struct reader *reader, struct dl_config_visitor *visitor)
{
	if (next(reader) < 0 || next(reader) < 0)
		return -1;
	if (reader->event.type == YAML_STREAM_END_EVENT)
		return 0;
	if (next(reader) < 0 || show_mapping(reader, visitor) || next(reader) < 0 || next(reader) < 0)
		return -1;
	return reader->event.type == YAML_STREAM_END_EVENT ? 0 : refuse_event(reader, "a second document");
}

static int each_yaml(struct dl_scope *scope, const char *path, FILE *file, struct dl_config_visitor *visitor)
{
	struct reader reader = {.scope = scope, .name = path};
	int result;

	if (!yaml_parser_initialize(&reader.parser))
		return dl_fail(scope, DL_SYSTEM, "out of memory");
	yaml_parser_set_encoding(&reader.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_file(&reader.parser, file);
	result = show_stream(&reader, visitor);
	yaml_event_delete(&reader.event);
	yaml_parser_delete(&reader.parser);
	return result;
}

/* A copy of NODE and what is below it, with lines: those of keys, and of what has none, of the first key in
 * it. */
static struct item *place_json(struct dl_scope *scope, struct cursor *cursor, const struct dl_json *node)
{
	struct item *item = dl_arena_alloc(&scope->arena, sizeof *item), *child;
	const struct dl_json **tail = &item->node.child, *each;

	item->node = *node;
	item->node.next = NULL;
	for (; node->key && cursor->offset < (size_t)(node->key - cursor->copy); cursor->offset++)
		cursor->line += cursor->text[cursor->offset] == '\n';
	item->place.line = cursor->line;
	*tail = NULL;
	for (each = node->child; each; each = each->next) {
		child = place_json(scope, cursor, each);
		if (each == node->child && !node->key)
			item->place = child->place;
		*tail = &child->node;
		tail = &child->node.next;
	}
	return item;
}

static int show_json(struct dl_scope *scope, struct cursor *cursor, struct dl_config_visitor *visitor,
		     const char *key, const struct dl_json *node)
{
	struct dl_scope piece;

	dl_scope_open(&piece, scope);
	if (visitor->take(visitor, &piece, key, &place_json(&piece, cursor, node)->node, !node->key) < 0)
		DL_BUG_IF(piece.error.class == DL_OK);
	return dl_scope_close(&piece);
}

static int each_json(struct dl_scope *scope, const char *path, struct dl_config_visitor *visitor)
{
	const struct dl_json *root, *member, *element;
	struct cursor cursor = {.line = 1};
	size_t len;
	char *text = dl_file_read(scope, path, DL_CAP_BODY, &len);

	if (!text) {
		scope->error.class = DL_CONFIG;
		return -1;
	}
	root = parse_json(scope, path, text, len, &cursor);
	if (!root)
		return -1;
	if (root->type != DL_JSON_OBJECT)
		return refuse(scope, path, (struct place){1, 1}, "no mapping");
	DL_BUG_IF(!cursor.text);
	for (member = root->child; member; member = member->next) {
		element = member->type == DL_JSON_ARRAY ? member->child : member;
		for (; element; element = element == member ? NULL : element->next)
			if (show_json(scope, &cursor, visitor, member->key, element))
				return -1;
	}
	return 0;
}

int dl_config_each(struct dl_scope *scope, const char *path, struct dl_config_visitor *visitor)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK), result = -1;
	const char *name = dl_text_quote(&scope->arena, path);
	struct dl_scope attempt;
	struct stat st;
	FILE *file;

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	file = fd < 0 ? NULL : fdopen(fd, "r");
	if (!file || fstat(fd, &st) < 0)
		return dl_fail(scope, DL_CONFIG, "cannot read %s: %s", name, strerror(errno));
	dl_scope_open(&attempt, scope);
	if (!S_ISREG(st.st_mode))
		dl_fail(&attempt, DL_CONFIG, "%s is no regular file", name);
	else
		result = dl_text_ends(path, ".json") ? each_json(&attempt, path, visitor)
						     : each_yaml(&attempt, path, file, visitor);
	fclose(file);
	return dl_scope_close(&attempt) || result ? -1 : 1;
}

size_t dl_config_line(const struct dl_json *node)
{
	const struct item *item = (const struct item *)(const void *)node;

	return item->place.line;
}

const char *dl_config_version(void)
{
	return yaml_get_version_string();
}
