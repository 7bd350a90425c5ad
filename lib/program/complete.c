/* Nothing here is written for one program. Its tables say which options there are, and the word for an
 * option's value or for an operand (`arg`, `operands`) says what can stand there: see the table of kinds. So
 * an option is completed as soon as it has its row.
 *
 * A script never runs the program: completion asks no server and reads no configuration. What is known only
 * where it is used, names of branches and of workflows, is looked up by a few lines of POSIX sh, the same for
 * every shell, that read refs and folders and execute nothing of the tree, from the folder that -C names.
 * Such a name may be anything, `$(reboot)` too: it is never expanded, and it is inserted quoted. */
#include "lib/program/complete.h"

#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/data/record.h"
#include "lib/program/options.h"
#include "lib/provider/provider.h"

/* ------------------------------------------------------------------ what a value can be */

struct word {
	const char *text;
	const char *doc; /* NULL: it speaks for itself */
};

struct words {
	struct dl_arena *arena;
	const struct dl_program *program;
	const struct dl_provider *const *providers;
	struct word *items;
	size_t count;
};

/* Adds TEXT unless it is there. */
static void add_word(struct words *words, const char *text, const char *doc)
{
	size_t i, count = words->count, size = sizeof *words->items;

	for (i = 0; i < count; i++)
		if (strcmp(words->items[i].text, text) == 0)
			return;
	/* Doubled whenever the count is a power of two. */
	if ((count & (count - 1)) == 0)
		words->items = dl_arena_grow(words->arena, words->items, count * size,
					     (count ? count * 2 : 1) * size);
	words->items[words->count++] = (struct word){text, doc};
}

static void add_providers(struct words *words)
{
	const struct dl_provider *const *provider;
	const char *const *alias;

	for (provider = words->providers; provider && *provider; provider++) {
		add_word(words, (*provider)->name, (*provider)->title);
		for (alias = (*provider)->aliases; alias && *alias; alias++)
			add_word(words, *alias, (*provider)->title);
	}
}

static void add_shells(struct words *words)
{
	add_word(words, "bash", NULL);
	add_word(words, "zsh", NULL);
	add_word(words, "fish", NULL);
}

static void add_actions(struct words *words)
{
	add_word(words, "install", "have git run dl-gate before a push");
	add_word(words, "uninstall", "take that away again");
	add_word(words, "status", "list the hooks");
	add_word(words, "doctor", "try them, and tell who is in the way");
}

static void add_hooks(struct words *words)
{
	add_word(words, "pre-push", "asks CI before a push");
	add_word(words, "post-push", "tells of CI after a push, and can be edited");
}

static void add_states(struct words *words)
{
	int i;

	for (i = 1; dl_state_status_words[i]; i++)
		add_word(words, dl_state_status_words[i], NULL);
	for (i = 1; dl_state_conclusion_words[i]; i++)
		add_word(words, dl_state_conclusion_words[i], NULL);
}

/* A program without a schema may print any record. */
static void add_fields(struct words *words)
{
	const struct dl_schema *const one[] = {words->program->schema, NULL}, *const *schema;
	const struct dl_field *field;

	add_word(words, "type", "what kind of record it is");
	for (schema = words->program->schema ? one : dl_record_all; *schema; schema++)
		for (field = (*schema)->fields; field->name; field++)
			add_word(words, field->name, field->doc);
}

/* Where workflows lie: the folders by which a tree shows a provider. */
static void add_folders(struct words *words)
{
	const struct dl_provider *const *provider;
	const char *const *path;

	for (provider = words->providers; provider && *provider; provider++)
		for (path = (*provider)->tree; path && *path; path++)
			if (dl_text_ends(*path, "/"))
				add_word(words, *path, NULL);
}

struct kind {
	const char *arg; /* the word for it in the tables; NULL ends this one */
	bool list;       /* several may be given, separated by commas */

	/* The words it can be. NULL, and no lookup: it is a folder. */
	void (*words)(struct words *words);

	/* Or what prints them, one on each line: POSIX sh without a single quote. $1 is the folder to look
	 * from, as it was typed; what .words adds are its further arguments. NULL: none. */
	const char *lookup;
};

#define LOOK_FROM "case $1 in \"~/\"*) from=$HOME/${1#??} ;; *) from=$1 ;; esac; shift; "
#define REFS "git -C \"$from\" for-each-ref refs/heads refs/remotes refs/tags "
#define STRIP "sed -E \"s,^refs/(heads|tags|remotes/[^/]+)/,,; /^HEAD$/d\""

static const struct kind kinds[] = {
	{"DIR", false, NULL, NULL},
	{"PROVIDER", true, add_providers, NULL},
	{"STATE", true, add_states, NULL},
	{"FIELD", true, add_fields, NULL},
	{"SHELL", false, add_shells, NULL},
	{"ACTION", false, add_actions, NULL},
	{"HOOK", false, add_hooks, NULL},
	{"BRANCH", false, NULL, LOOK_FROM REFS "--format=\"%(refname)\" | " STRIP},
	{"COMMIT", false, NULL, LOOK_FROM REFS "--format=\"%(refname:lstrip=2)\" && echo HEAD"},
	{"WORKFLOW", false, add_folders,
	 LOOK_FROM "top=$(git -C \"$from\" rev-parse --show-toplevel) && "
		   "for folder; do for file in \"$top/$folder\"[!-]*; do "
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
	const struct dl_opt *common;
	const struct dl_provider *const *providers; /* NULL: it asks none */
	const char *name; /* the program's, as names of functions have it */
	const struct dl_opt *options[MOST_OPTIONS + 1]; /* that --help tells of; ends with NULL */
	struct {
		const char *arg; /* NULL ends the list */
		bool many;
	} operands[MOST_OPERANDS + 1];
};

struct shell {
	const char *name;
	const char *backslash; /* how it is written inside single quotes */
	void (*write)(struct script *script);
};

static void collect_options(struct script *script)
{
	const struct dl_opt *const tables[] = {script->program->options, script->common}, *opt;
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
	struct words words = {
		.arena = script->arena, .program = script->program, .providers = script->providers,
	};

	if (kind->words)
		kind->words(&words);
	return words;
}

/* Appends LINES, where PROGRAM stands for the program and FUNCTION for what names of functions begin with. */
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
			dl_buf_puts(&script->text, "'\\''");
		else if (*text == '\\')
			dl_buf_puts(&script->text, script->shell->backslash);
		else
			dl_buf_putc(&script->text, *text);
	dl_buf_putc(&script->text, '\'');
}

/* Appends a command that prints the words of KIND, one on each line, and with DOCS what they mean behind a
 * tab. FOLDER is what the shell has the folder to look from in. */
static void put_command(struct script *script, const struct kind *kind, bool docs, const char *folder)
{
	struct words words = words_of(script, kind);
	size_t i;

	docs = docs && words.count && words.items[0].doc;
	if (kind->lookup) {
		dl_buf_puts(&script->text, "sh -c ");
		put_word(script, kind->lookup);
		dl_buf_printf(&script->text, " sh %s", folder);
	} else {
		dl_buf_puts(&script->text, docs ? "printf '%s\\t%s\\n'" : "printf '%s\\n'");
	}
	for (i = 0; i < words.count; i++) {
		dl_buf_putc(&script->text, ' ');
		put_word(script, words.items[i].text);
		dl_buf_puts(&script->text, docs ? " " : "");
		if (docs)
			put_word(script, words.items[i].doc);
	}
	if (kind->lookup)
		dl_buf_puts(&script->text, " 2>/dev/null");
}

/* ------------------------------------------------------------------ bash */

/* Bash hands over words, taken apart at `=`, `:` and `@` as well, and puts what it is given for the last of
 * them. `compgen -W` would save a loop; but it expands its words. */
static const char bash_function[] =
	"FUNCTION() {\n"
	"\tlocal word last= takes= due= kind= option= head= value= ended= from=. i\n"
	"\n"
	"\tfor word in \"${COMP_WORDS[@]:1:COMP_CWORD}\"; do\n"
	"\t\tif [[ $due && $word == = ]]; then\n"
	"\t\t\tkind=$due value= # --name = value\n"
	"\t\telif [[ $due ]]; then\n"
	"\t\t\tkind=$due value=$word due=\n"
	"\t\telse\n"
	"\t\t\toption= head= value=$word\n"
	"\t\t\tcase $ended$word in\n"
	"\t\t\t--) kind=OPTION ended=/ ;;\n"
	"\t\t\t--*=*)\n"
	"\t\t\t\toption=${word%%=*} head=${word%%=*}= value=${word#*=}\n"
	"\t\t\t\tFUNCTION_takes \"$option\"\n"
	"\t\t\t\tkind=$takes\n"
	"\t\t\t\t;;\n"
	"\t\t\t--*)\n"
	"\t\t\t\toption=$word kind=OPTION\n"
	"\t\t\t\tFUNCTION_takes \"$option\"\n"
	"\t\t\t\tdue=$takes\n"
	"\t\t\t\t;;\n"
	"\t\t\t-*)\n"
	"\t\t\t\tkind=OPTION takes=\n"
	"\t\t\t\tfor ((i = 1; i < ${#word}; i++)); do\n"
	"\t\t\t\t\toption=-${word:i:1}\n"
	"\t\t\t\t\tFUNCTION_takes \"$option\"\n"
	"\t\t\t\t\t[[ ! $takes ]] || break\n"
	"\t\t\t\tdone\n"
	"\t\t\t\tif [[ $takes && ${word:i+1} ]]; then\n"
	"\t\t\t\t\tkind=$takes head=${word:0:i+1} value=${word:i+1}\n"
	"\t\t\t\telse\n"
	"\t\t\t\t\tdue=$takes\n"
	"\t\t\t\tfi\n"
	"\t\t\t\t;;\n"
	"\t\t\t*)\n"
	"\t\t\t\tcase $last in\n"
	"\t\t\t\t[=:@]) kind= ;;\n"
	"\t\t\t\t*[\\<\\>]) kind=FILE ;;\n"
	"\t\t\t\t*) kind=OPERAND ;;\n"
	"\t\t\t\tesac\n"
	"\t\t\t\t;;\n"
	"\t\t\tesac\n"
	"\t\tfi\n"
	"\t\tlast=$word\n"
	"\t\t[[ $option != -C && $option != --directory ]] || from=$value\n"
	"\tdone\n"
	"\n"
	"\tcase $kind in\n"
	"\t*,) kind=${kind%,} head+=${value%\"${value##*,}\"} value=${value##*,} ;;\n"
	"\tDIR) compopt -o filenames 2>/dev/null ;;\n"
	"\tFILE) compopt -o default 2>/dev/null ;; # of a redirection\n"
	"\tesac\n"
	"\tCOMPREPLY=()\n"
	"\twhile IFS= read -r word; do\n"
	"\t\t[[ $kind == DIR ]] || printf -v word %q \"$word\"\n"
	"\t\t[[ $kind != DIR && $word != \"$value\"* ]] || COMPREPLY+=(\"$head$word\")\n"
	"\tdone < <(FUNCTION_words \"$kind\" \"$value\" \"$from\")\n"
	"}\n"
	"\n"
	"complete -F FUNCTION PROGRAM\n";

/* FUNCTION_takes: which options take a value. */
static void put_bash_takes(struct script *script)
{
	const struct dl_opt *const *opt;
	const struct kind *kind;

	put_lines(script, "# Says in $takes what the value of option $1 is, with a comma when it is a list.\n"
			  "FUNCTION_takes() {\n\tcase $1 in\n");
	for (opt = script->options; *opt; opt++) {
		if (!(*opt)->arg)
			continue;
		kind = find_kind((*opt)->arg);
		dl_buf_putc(&script->text, '\t');
		if ((*opt)->letter)
			dl_buf_printf(&script->text, "-%c | ", (*opt)->letter);
		dl_buf_printf(&script->text, "--%s) takes=", (*opt)->name);
		put_word(script, (*opt)->arg);
		dl_buf_printf(&script->text, "%s ;;\n", kind && kind->list ? "," : "");
	}
	put_lines(script, "\t*) takes= ;;\n\tesac\n}\n\n");
}

/* FUNCTION_words: what can stand for them. */
static void put_bash_words(struct script *script)
{
	const struct dl_opt *const *opt;
	const struct kind *kind;
	size_t i;

	put_lines(script, "# Prints what can stand for $1, one on each line: folders that begin with $2,\n"
			  "# names found from folder $3.\n"
			  "FUNCTION_words() {\n\tcase $1 in\n\tOPTION) printf '%s\\n'");
	for (opt = script->options; *opt; opt++) {
		if ((*opt)->letter)
			dl_buf_printf(&script->text, " -%c", (*opt)->letter);
		dl_buf_printf(&script->text, " --%s", (*opt)->name);
	}
	dl_buf_puts(&script->text, " ;;\n");
	for (i = 0; script->operands[i].arg; i++)
		if (find_kind(script->operands[i].arg))
			dl_buf_printf(&script->text, "\tOPERAND) %s_words %s \"$2\" \"$3\" ;;\n",
				      script->name, script->operands[i].arg);
	for (kind = kinds; kind->arg; kind++) {
		if (!is_used(script, kind))
			continue;
		dl_buf_printf(&script->text, "\t%s) ", kind->arg);
		if (is_folder(kind))
			dl_buf_puts(&script->text, "compgen -d -- \"$2\"");
		else
			put_command(script, kind, false, "\"$3\"");
		dl_buf_puts(&script->text, " ;;\n");
	}
	put_lines(script, "\tesac\n}\n\n");
}

static void write_bash(struct script *script)
{
	put_lines(script, "# Completion of PROGRAM for bash: what `PROGRAM --completion bash` prints.\n\n");
	put_bash_takes(script);
	put_bash_words(script);
	put_lines(script, bash_function);
}

/* ------------------------------------------------------------------ zsh */

/* Appends TEXT to a specification for _arguments or _values, where each of these may end a part or begin one.
 * */
static void add_part(struct dl_buf *spec, const char *text)
{
	for (; *text; text++) {
		if (strchr("[]:\\", *text))
			dl_buf_putc(spec, '\\');
		dl_buf_putc(spec, *text);
	}
}

static void put_spec(struct script *script, const struct dl_buf *spec)
{
	dl_buf_puts(&script->text, "\t\t");
	put_word(script, spec->data);
	dl_buf_putc(&script->text, '\n');
}

/* Adds `:WHAT:ACTION`, for what is called ARG. The action is MESSAGE when nothing more is known about it. */
static void add_action(const struct script *script, struct dl_buf *spec, const char *arg, const char *message)
{
	const struct kind *kind = find_kind(arg);

	dl_buf_putc(spec, ':');
	add_part(spec, arg);
	if (!kind)
		dl_buf_printf(spec, ":%s", message);
	else if (is_folder(kind))
		dl_buf_puts(spec, ":_files -/");
	else
		dl_buf_printf(spec, ":%s_%s", script->name, kind->arg);
}

/* One spelling of OPT: its letter, `-x+`, whose value may be joined; or its name, `--name=`. */
static void put_zsh_spelling(struct script *script, const struct dl_opt *opt, bool letter)
{
	struct dl_buf spec;

	dl_buf_init(&spec, script->arena, DL_CAP_LINE);
	if (opt->type == DL_OPT_LIST)
		dl_buf_putc(&spec, '*');
	else if (opt->letter)
		dl_buf_printf(&spec, "(-%c --%s)", opt->letter, opt->name);
	if (letter)
		dl_buf_printf(&spec, "-%c%s[", opt->letter, opt->arg ? "+" : "");
	else
		dl_buf_printf(&spec, "--%s%s[", opt->name, opt->arg ? "=" : "");
	add_part(&spec, opt->help);
	dl_buf_putc(&spec, ']');
	if (opt->arg)
		add_action(script, &spec, opt->arg, " ");
	put_spec(script, &spec);
}

static void put_zsh_operands(struct script *script)
{
	const char *message;
	struct dl_buf spec;
	size_t i;

	for (i = 0; script->operands[i].arg; i++) {
		dl_buf_init(&spec, script->arena, DL_CAP_LINE);
		dl_buf_puts(&spec, script->operands[i].many ? "*" : "");
		/* A mere message would take the place of options. */
		message = dl_arena_format(script->arena, "_guard \"^-*\" %s", script->operands[i].arg);
		add_action(script, &spec, script->operands[i].arg, message);
		put_spec(script, &spec);
	}
}

/* FUNCTION_KIND: adds what it can be. */
static void put_zsh_kind(struct script *script, const struct kind *kind)
{
	struct words words = words_of(script, kind);
	struct dl_buf spec;
	size_t i;

	dl_buf_printf(&script->text, "%s_%s() {\n", script->name, kind->arg);
	if (kind->lookup) {
		put_lines(script, "\tlocal from=${(Q)${opt_args[-C]:-${opt_args[--directory]:-.}}}\n"
				  "\tlocal -a found=(${(f)\"$(");
		put_command(script, kind, false, "\"$from\"");
		put_lines(script, ")\"})\n\tcompadd \"$@\" -a found\n}\n\n");
		return;
	}
	put_lines(script, "\tlocal -a specs=(\n");
	for (i = 0; i < words.count; i++) {
		dl_buf_init(&spec, script->arena, DL_CAP_LINE);
		add_part(&spec, words.items[i].text);
		if (words.items[i].doc) {
			dl_buf_putc(&spec, '[');
			add_part(&spec, words.items[i].doc);
			dl_buf_putc(&spec, ']');
		}
		put_spec(script, &spec);
	}
	dl_buf_printf(&script->text, "\t)\n\t_values%s %s $specs\n}\n\n", kind->list ? " -s ," : "",
		      kind->arg);
}

static void write_zsh(struct script *script)
{
	const struct dl_opt *const *opt;
	const struct kind *kind;

	put_lines(script, "#compdef PROGRAM\n"
			  "# Completion of PROGRAM for zsh: what `PROGRAM --completion zsh` prints.\n\n");
	for (kind = kinds; kind->arg; kind++)
		if (!is_folder(kind) && is_used(script, kind))
			put_zsh_kind(script, kind);
	put_lines(script, "_PROGRAM() {\n\tlocal -a specs=(\n");
	for (opt = script->options; *opt; opt++) {
		if ((*opt)->letter)
			put_zsh_spelling(script, *opt, true);
		put_zsh_spelling(script, *opt, false);
	}
	put_zsh_operands(script);
	/* In a folder of $fpath this file is the function; read as a script, it makes it known. */
	put_lines(script, "\t)\n\t_arguments -s -S : $specs\n}\n\n"
			  "if [[ $funcstack[1] == _PROGRAM ]]; then\n\t_PROGRAM \"$@\"\n"
			  "else\n\tcompdef _PROGRAM PROGRAM\nfi\n");
}

/* ------------------------------------------------------------------ fish */

static const char fish_list[] =
	"# The same behind what stands there already of a list separated by commas, the value of -$argv[2].\n"
	"function _FUNCTION_list\n"
	"    set -l list '^(--[^=]*=|-[^-]*?'$argv[2]')?((?:.*,)?).*$'\n"
	"    set -l head (commandline -ct | string replace -r $list '$2')\n"
	"    for word in (_FUNCTION_words $argv[1])\n"
	"        printf '%s\\n' $head$word\n"
	"    end\n"
	"end\n\n";

/* _FUNCTION_from: the folder to look from. A word is being typed, which may be the value that the last option
 * needs. */
static void put_fish_from(struct script *script)
{
	const struct dl_opt *const *opt;

	put_lines(script, "# Prints the folder that the command line names.\n"
			  "function _FUNCTION_from\n    argparse");
	for (opt = script->options; *opt; opt++) {
		dl_buf_putc(&script->text, ' ');
		if ((*opt)->letter)
			dl_buf_printf(&script->text, "%c/", (*opt)->letter);
		dl_buf_printf(&script->text, "%s%s", (*opt)->name, (*opt)->arg ? "=" : "");
	}
	put_lines(script, " \\\n        -- (commandline -opc)[2..] '' 2>/dev/null\n"
			  "    if set -q _flag_C\n"
			  "        printf '%s\\n' $_flag_C\n"
			  "    else\n"
			  "        echo .\n"
			  "    end\n"
			  "end\n\n");
}

/* _FUNCTION_words: what can stand for what the tables call so. */
static void put_fish_words(struct script *script)
{
	const struct kind *kind;

	put_lines(script, "# Prints what can stand for $argv[1], one on each line, some with their meaning.\n"
			  "function _FUNCTION_words\n    switch $argv[1]\n");
	for (kind = kinds; kind->arg; kind++) {
		if (is_folder(kind) || !is_used(script, kind))
			continue;
		dl_buf_printf(&script->text, "        case %s\n            ", kind->arg);
		put_command(script, kind, true, dl_arena_format(script->arena, "(_%s_from)", script->name));
		dl_buf_putc(&script->text, '\n');
	}
	put_lines(script, "    end\nend\n\n");
}

static void put_fish_option(struct script *script, const struct dl_opt *opt)
{
	const struct kind *kind = find_kind(opt->arg);

	put_lines(script, "complete -c PROGRAM");
	if (opt->letter)
		dl_buf_printf(&script->text, " -s %c", opt->letter);
	dl_buf_printf(&script->text, " -l %s%s", opt->name, opt->arg ? " -x" : "");
	if (kind && is_folder(kind))
		dl_buf_puts(&script->text, " -a '(__fish_complete_directories)'");
	else if (kind && kind->list)
		dl_buf_printf(&script->text, " -a '(_%s_list %s %c)'", script->name, kind->arg,
			      opt->letter ? opt->letter : '-');
	else if (kind)
		dl_buf_printf(&script->text, " -a '(_%s_words %s)'", script->name, kind->arg);
	dl_buf_puts(&script->text, " -d ");
	put_word(script, opt->help);
	dl_buf_putc(&script->text, '\n');
}

static void write_fish(struct script *script)
{
	const struct dl_opt *const *opt;
	size_t i;

	put_lines(script, "# Completion of PROGRAM for fish: what `PROGRAM --completion fish` prints.\n\n");
	put_fish_from(script);
	put_fish_words(script);
	put_lines(script, fish_list);
	put_lines(script, "complete -c PROGRAM -f\n");
	for (i = 0; script->operands[i].arg; i++)
		if (find_kind(script->operands[i].arg))
			dl_buf_printf(&script->text, "complete -c %s -a '(_%s_words %s)'\n",
				      script->program->name, script->name, script->operands[i].arg);
	for (opt = script->options; *opt; opt++)
		put_fish_option(script, *opt);
}

/* ------------------------------------------------------------------ all of them */

static const struct shell shells[] = {
	{"bash", "\\", write_bash},
	{"zsh", "\\", write_zsh},
	{"fish", "\\\\", write_fish},
	{.name = NULL},
};

/* A name for functions: dl-runs becomes _dl_runs. */
static const char *function_name(struct dl_arena *arena, const char *program)
{
	char *name = dl_arena_format(arena, "_%s", program), *dash;

	while ((dash = strchr(name, '-')))
		*dash = '_';
	return name;
}

const char *dl_complete_script(struct dl_scope *scope, const struct dl_program *program,
			       const struct dl_provider *const *providers, const char *shell)
{
	struct script script = {
		.arena = &scope->arena,
		.program = program,
		.common = dl_options_common(scope, program),
		.providers = providers,
	};

	for (script.shell = shells; script.shell->name; script.shell++)
		if (strcmp(script.shell->name, shell) == 0)
			break;
	if (!script.shell->name) {
		dl_fail(scope, DL_USAGE, "--completion: '%s' is not a known shell",
			dl_text_quote(&scope->arena, shell));
		dl_fail_hint(scope, "these are known: bash, zsh, fish");
		return NULL;
	}
	script.name = function_name(script.arena, program->name);
	dl_buf_init(&script.text, &scope->arena, DL_CAP_LINE);
	collect_options(&script);
	collect_operands(&script);
	script.shell->write(&script);
	return dl_buf_check(scope, &script.text, "the script") ? NULL : script.text.data;
}
