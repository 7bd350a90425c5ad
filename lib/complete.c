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

enum { MOST_OPTIONS = 80, MOST_OPERANDS = 8 };

struct shell;

struct script {
	struct dl_buf text;
	struct dl_arena *arena;
	const struct shell *shell;
	const struct dl_program *program;
	const char *name; /* the program's, as names of functions have it */
	const struct dl_opt *options[MOST_OPTIONS + 1]; /* that --help tells of; ends with NULL */
	struct {
		const char *arg; /* NULL ends the list */
		bool many;
	} operands[MOST_OPERANDS + 1];
};

struct shell {
	const char *name;
	const char *quote, *backslash; /* how these are written inside single quotes */
	void (*write)(struct script *script);
};

static void collect_options(struct script *script)
{
	const struct dl_opt *const tables[] = {script->program->options, dl_tool_common}, *opt;
	size_t i, count = 0;

	for (i = 0; i < 2; i++)
		for (opt = tables[i]; opt && opt->name; opt++) {
			DL_BUG_IF(count == MOST_OPTIONS);
			if (opt->help)
				script->options[count++] = opt;
		}
}

/* The words in capitals: `[REF...|-]` has REF, as often as one likes. */
static void collect_operands(struct script *script)
{
	static const char capitals[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ_";
	const char *word = strpbrk(script->program->operands, capitals);
	size_t len, count = 0;

	for (; word; word = strpbrk(word + len, capitals)) {
		DL_BUG_IF(count == MOST_OPERANDS);
		len = strspn(word, capitals);
		script->operands[count].arg = dl_arena_copy(script->arena, word, len);
		script->operands[count++].many = strncmp(word + len, "...", 3) == 0;
	}
}

static bool is_used(const struct script *script, const struct kind *kind)
{
	size_t i;

	for (i = 0; script->options[i]; i++)
		if (dl_text_same(script->options[i]->arg, kind->arg))
			return true;
	for (i = 0; script->operands[i].arg; i++)
		if (strcmp(script->operands[i].arg, kind->arg) == 0)
			return true;
	return false;
}

static struct words words_of(const struct script *script, const struct kind *kind)
{
	struct words words = {.arena = script->arena};

	if (kind->words)
		kind->words(&words, script->program);
	return words;
}

/* Appends LINES, where PROGRAM stands for the program and FUNCTION for what the names of its functions begin with. */
static void put_lines(struct script *script, const char *lines)
{
	size_t len;

	for (; *lines; lines += len) {
		if (dl_text_starts(lines, "PROGRAM")) {
			dl_buf_puts(&script->text, script->program->name);
			len = strlen("PROGRAM");
		} else if (dl_text_starts(lines, "FUNCTION")) {
			dl_buf_puts(&script->text, script->name);
			len = strlen("FUNCTION");
		} else {
			len = 1 + strcspn(lines + 1, "PF");
			dl_buf_add(&script->text, lines, len);
		}
	}
}

/* Appends TEXT as one word of the shell that means TEXT. */
static void put_word(struct script *script, const char *text)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./-";

	if (*text && !text[strspn(text, plain)]) {
		dl_buf_puts(&script->text, text);
		return;
	}
	dl_buf_putc(&script->text, '\'');
	for (; *text; text++)
		if (*text == '\'')
			dl_buf_puts(&script->text, script->shell->quote);
		else if (*text == '\\')
			dl_buf_puts(&script->text, script->shell->backslash);
		else
			dl_buf_putc(&script->text, *text);
	dl_buf_putc(&script->text, '\'');
}

/* Appends a command that prints the words of KIND, one on each line. FOLDER is what the shell has the folder to look from in. */
static void put_command(struct script *script, const struct kind *kind, const char *folder)
{
	struct words words = words_of(script, kind);
	size_t i;

	if (kind->lookup) {
		dl_buf_puts(&script->text, "sh -c ");
		put_word(script, kind->lookup);
		dl_buf_printf(&script->text, " sh %s", folder);
	} else {
		dl_buf_puts(&script->text, "printf '%s\\n'");
	}
	for (i = 0; i < words.count; i++) {
		dl_buf_putc(&script->text, ' ');
		put_word(script, words.items[i].text);
	}
	if (kind->lookup)
		dl_buf_puts(&script->text, " 2>/dev/null");
}

/* ------------------------------------------------------------------ bash */

/* Bash hands over words, taken apart at `=`, `:` and `@` as well, and wants whole words back. `compgen -W` would do it in fewer
 * lines; but it expands what it is given. */
static const char bash_lines[] =
	"\n"
	"FUNCTION() {\n"
	"\tlocal word last= takes= due= kind= option= head= value= ended= from=. i\n"
	"\n"
	"\tfor word in \"${COMP_WORDS[@]:1:COMP_CWORD}\"; do\n"
	"\t\tif [[ $due && $word == = ]]; then # of --name=value\n"
	"\t\t\tkind=$due value=\n"
	"\t\telif [[ $due ]]; then\n"
	"\t\t\tkind=$due value=$word due=\n"
	"\t\telse\n"
	"\t\t\thead= value=$word option=\n"
	"\t\t\tcase $ended$word in\n"
	"\t\t\t--) kind=OPTION ended=/ ;;\n"
	"\t\t\t--*=*)\n"
	"\t\t\t\toption=${word%%=*} head=${word%%=*}= value=${word#*=}\n"
	"\t\t\t\tFUNCTION_takes \"$option\"\n"
	"\t\t\t\tkind=$takes ;;\n"
	"\t\t\t--*)\n"
	"\t\t\t\toption=$word kind=OPTION\n"
	"\t\t\t\tFUNCTION_takes \"$option\"\n"
	"\t\t\t\tdue=$takes ;;\n"
	"\t\t\t-*)\n"
	"\t\t\t\tkind=OPTION takes=\n"
	"\t\t\t\tfor ((i = 1; i < ${#word} && !${#takes}; i++)); do\n"
	"\t\t\t\t\toption=-${word:i:1}\n"
	"\t\t\t\t\tFUNCTION_takes \"$option\"\n"
	"\t\t\t\tdone\n"
	"\t\t\t\tif [[ $takes && ${word:i} ]]; then\n"
	"\t\t\t\t\tkind=$takes head=${word:0:i} value=${word:i}\n"
	"\t\t\t\telse\n"
	"\t\t\t\t\tdue=$takes\n"
	"\t\t\t\tfi ;;\n"
	"\t\t\t*) if [[ $last == [=:@] ]]; then kind=; else kind=OPERAND; fi ;;\n"
	"\t\t\tesac\n"
	"\t\tfi\n"
	"\t\tlast=$word\n"
	"\t\t[[ $option != -C && $option != --directory ]] || from=$value\n"
	"\tdone\n"
	"\n"
	"\tCOMPREPLY=()\n"
	"\tcase $kind in\n"
	"\tLISTS)\n"
	"\t\thead+=${value%\"${value##*,}\"}\n"
	"\t\tvalue=${value##*,} ;;\n"
	"\tDIR) compopt -o filenames 2>/dev/null ;;\n"
	"\tesac\n"
	"\twhile IFS= read -r word; do\n"
	"\t\t[[ $kind == DIR ]] || printf -v word %q \"$word\"\n"
	"\t\t[[ $kind != DIR && $word != \"$value\"* ]] || COMPREPLY+=(\"$head$word\")\n"
	"\tdone < <(FUNCTION_words \"$kind\" \"$value\" \"$from\")\n"
	"}\n"
	"\n"
	"complete -F FUNCTION PROGRAM\n";

static void put_bash_options(struct script *script)
{
	const struct dl_opt *const *opt;

	put_lines(script, "# Completion of PROGRAM for bash: what `PROGRAM --completion bash` prints.\n\n"
			  "# Says in $takes what the value of option $1 is; nothing when it takes none.\n"
			  "FUNCTION_takes() {\n\tcase $1 in\n");
	for (opt = script->options; *opt; opt++) {
		if (!(*opt)->arg)
			continue;
		dl_buf_putc(&script->text, '\t');
		if ((*opt)->letter)
			dl_buf_printf(&script->text, "-%c | ", (*opt)->letter);
		dl_buf_printf(&script->text, "--%s) takes=", (*opt)->name);
		put_word(script, (*opt)->arg);
		dl_buf_puts(&script->text, " ;;\n");
	}
	dl_buf_puts(&script->text, "\t*) takes= ;;\n\tesac\n}\n");
}
