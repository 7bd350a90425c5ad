/* Nothing here is written for one program. Its tables say which options there are, and the word for an option's value or for an operand
 * (`arg`, `operands`) says what can stand there: the table of kinds below. So a new option is completed as soon as it has its row.
 *
 * A script never runs the program: completion asks no server and reads no configuration. What is known only where it is used, names of
 * branches and of workflows, is looked up by a few lines of POSIX sh, the same for every shell, that read refs and folders and execute nothing of
 * the tree. Such a name may be anything, `$(reboot)` too: it is never expanded, and it is inserted quoted. */
#include "lib/complete.h"

#include <string.h>

#include "lib/buf.h"
#include "lib/provider.h"
#include "lib/record.h"
#include "lib/scope.h"
#include "lib/text.h"
#include "lib/tool.h"

/* ------------------------------------------------------------------ what a value can be */

struct word {
	const char *text;
	const char *doc; /* NULL: it speaks for itself */
};

struct words {
	struct dl_arena *arena;
	struct word *items;
	size_t count;
};

/* Adds TEXT unless it is there. */
static void add_word(struct words *words, const char *text, const char *doc)
{
	size_t i, size = sizeof *words->items;

	for (i = 0; i < words->count; i++)
		if (strcmp(words->items[i].text, text) == 0)
			return;
	/* Doubled whenever the count is a power of two. */
	if ((words->count & (words->count - 1)) == 0)
		words->items = dl_arena_grow(words->arena, words->items, words->count * size, (words->count ? words->count * 2 : 1) * size);
	words->items[words->count++] = (struct word){text, doc};
}

static void add_providers(struct words *words, const struct dl_program *program)
{
	const struct dl_provider *const *provider;
	const char *const *alias;

	(void)program;
	for (provider = dl_provider_table; *provider; provider++) {
		add_word(words, (*provider)->name, (*provider)->title);
		for (alias = (*provider)->aliases; alias && *alias; alias++)
			add_word(words, *alias, (*provider)->title);
	}
}

static void add_states(struct words *words, const struct dl_program *program)
{
	int i;

	(void)program;
	for (i = 1; dl_state_status_words[i]; i++)
		add_word(words, dl_state_status_words[i], NULL);
	for (i = 1; dl_state_conclusion_words[i]; i++)
		add_word(words, dl_state_conclusion_words[i], NULL);
}

/* A program without a schema may print any record. */
static void add_fields(struct words *words, const struct dl_program *program)
{
	const struct dl_schema *const one[] = {program->schema, NULL}, *const *schema;
	const struct dl_field *field;

	add_word(words, "type", "what kind of record it is");
	for (schema = program->schema ? one : dl_record_all; *schema; schema++)
		for (field = (*schema)->fields; field->name; field++)
			add_word(words, field->name, field->doc);
}

/* Where workflows lie: the folders by which a tree shows a provider. */
static void add_folders(struct words *words, const struct dl_program *program)
{
	const struct dl_provider *const *provider;
	const char *const *path;

	(void)program;
	for (provider = dl_provider_table; *provider; provider++)
		for (path = (*provider)->tree; path && *path; path++)
			if (dl_text_ends(*path, "/"))
				add_word(words, *path, NULL);
}

struct kind {
	const char *arg; /* the word for it in the tables; NULL ends this one */
	bool list;       /* several may be given, separated by commas */

	/* The words it can be. NULL, and no lookup: it is a folder. */
	void (*words)(struct words *words, const struct dl_program *program);

	/* Or what prints them, one on each line: POSIX sh without a single quote. $1 is the folder to look from, as it was typed; what
	 * .words adds are its further arguments. NULL: none. */
	const char *lookup;
};

#define LOOK_FROM "case $1 in \"~/\"*) from=$HOME/${1#??} ;; *) from=$1 ;; esac; shift; "
#define REFS "git -C \"$from\" for-each-ref refs/heads refs/remotes refs/tags "

static const struct kind kinds[] = {
	{"DIR", false, NULL, NULL},
	{"PROVIDER", true, add_providers, NULL},
	{"STATE", true, add_states, NULL},
	{"FIELD", true, add_fields, NULL},
	{"BRANCH", false, NULL, LOOK_FROM REFS "--format=\"%(refname)\" | sed -E \"s,^refs/(heads|tags|remotes/[^/]+)/,,; /^HEAD$/d\""},
	{"COMMIT", false, NULL, LOOK_FROM REFS "--format=\"%(refname:lstrip=2)\" && echo HEAD"},
	{"WORKFLOW", false, add_folders,
	 LOOK_FROM "top=$(git -C \"$from\" rev-parse --show-toplevel) && for folder; do for file in \"$top/$folder\"[!-]*; do "
		   "[ ! -f \"$file\" ] || printf \"%s\\n\" \"${file##*/}\"; done; done"},
	{.arg = NULL},
};

static bool is_folder(const struct kind *kind)
{
	return !kind->words && !kind->lookup;
}

static const struct kind *find_kind(const char *arg)
{
	const struct kind *kind;

	for (kind = kinds; arg && kind->arg; kind++)
		if (strcmp(kind->arg, arg) == 0)
			return kind;
	return NULL;
}

/* ------------------------------------------------------------------ a script in the making */

struct operand {
	const char *arg;
	bool many;
};

struct script {
	struct dl_buf text;
	struct dl_arena *arena;
	const struct dl_program *program;
	const char *name;               /* the program's, as a part of names of functions */
	const struct shell *shell;
	const struct dl_opt **options;  /* that --help tells of; ends with NULL */
	struct operand *operands;       /* ends with .arg NULL */
};

struct shell {
	const char *name;
	const char *quote, *backslash; /* how these are written inside single quotes */
	void (*write)(struct script *script);
};

static void collect_options(struct script *script)
{
	const struct dl_opt *const tables[] = {script->program->options, dl_tool_common}, *opt;
	size_t count, i;

	for (;;) {
		for (i = count = 0; i < 2; i++)
			for (opt = tables[i]; opt && opt->name; opt++)
				if (!opt->help)
					continue;
				else if (script->options)
					script->options[count++] = opt;
				else
					count++;
		if (script->options)
			return;
		script->options = dl_arena_array(script->arena, count + 1, sizeof *script->options);
	}
}
