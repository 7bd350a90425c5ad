/* A credential reaches git through a helper that is the whole of one shell line: it prints what it finds at
 * descriptor 3. Git asks it for the one server that it is configured for and for no other, so what a
 * submodule or a redirect names does not see it; and it stands in no argument, variable or file. */
#include "lib/sync/sync_git.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/proc.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/git/git.h"

enum { MOST_ARGUMENTS = 48, MOST_OUTPUT = 64 << 20, ERRORS_KEPT = 16 << 10, LONGEST_BASE = 40 };

#define HELPER "!f() { test \"$1\" != get || cat /dev/fd/3; }; f"
#define SSH_OPTIONS \
	" -o BatchMode=yes -o ConnectTimeout=10 -o ServerAliveInterval=15 -o ServerAliveCountMax=3"

/* ------------------------------------------------------------------ the user's configuration */

int dl_sync_git_settings(struct dl_scope *scope, struct dl_sync_settings *settings)
{
	static const char *const argv[] = {
		"config", "-z", "--get-regexp",
		"^(url\\..*\\.insteadof|core\\.sshcommand|ssh\\.variant|http\\..*|filter\\.lfs\\.smudge)$",
		NULL};
	struct dl_sync_setting *items;
	struct dl_proc_result result;
	const char *text, *end, *newline;
	size_t count = 0;

	*settings = (struct dl_sync_settings){0};
	/* Outside of every repository: what one of them says is not meant for the others. */
	if (dl_git_run(scope, "/", argv, &result))
		return -1;
	end = result.output + result.len;
	for (text = result.output; text < end; text += strlen(text) + 1)
		count++;
	items = dl_arena_array(&scope->arena, count, sizeof *items);
	for (text = result.output; text < end; text += strlen(text) + 1) {
		newline = strchrnul(text, '\n');
		items[settings->count++] = (struct dl_sync_setting){
			dl_arena_copy(&scope->arena, text, (size_t)(newline - text)),
			*newline ? newline + 1 : "true"};
	}
	settings->items = items;
	return 0;
}

const char *dl_sync_git_setting(const struct dl_sync_settings *settings, const char *key)
{
	size_t i;

	for (i = settings->count; i > 0; i--)
		if (strcmp(settings->items[i - 1].key, key) == 0)
			return settings->items[i - 1].value;
	return NULL;
}

const char *dl_sync_git_rewrite(struct dl_scope *scope, const struct dl_sync_settings *settings,
				const char *url)
{
	const struct dl_sync_setting *item, *best = NULL;
	size_t i, base;

	for (i = 0; i < settings->count; i++) {
		item = &settings->items[i];
		if (dl_text_starts(item->key, "url.") && dl_text_starts(url, item->value) &&
		    (!best || strlen(item->value) > strlen(best->value)))
			best = item;
	}
	if (!best)
		return url;
	base = strlen(best->key) - strlen("url.") - strlen(".insteadof");
	return dl_arena_format(&scope->arena, "%.*s%s", (int)base, best->key + strlen("url."),
			       url + strlen(best->value));
}

/* ------------------------------------------------------------------ a run */

/* The folder for the sockets of shared connections, whose names must be short: this user's alone, and the
 * same for all runs. NULL: there is none that can be trusted. */
static const char *find_sockets(struct dl_scope *scope)
{
	const char *base = getenv("XDG_RUNTIME_DIR");
	const char *folder = base && *base == '/' && strlen(base) < LONGEST_BASE
				     ? dl_arena_format(&scope->arena, "%s/dl-sync", base)
				     : dl_arena_format(&scope->arena, "/tmp/dl-sync-%u", (unsigned)getuid());
	struct stat st;

	(void)mkdir(folder, S_IRWXU);
	if (lstat(folder, &st) < 0 || !S_ISDIR(st.st_mode) || st.st_uid != getuid() ||
	    (st.st_mode & (S_IRWXG | S_IRWXO)) || strpbrk(folder, " \t'\"\\$`%&;|<>()*?[#~"))
		return NULL;
	return folder;
}

/* The user's ssh, which shares connections when it is OpenSSH's. */
static const char *ssh_command(struct dl_scope *scope, const struct dl_sync_settings *settings)
{
	const char *own = getenv("GIT_SSH_COMMAND"), *variant = dl_sync_git_setting(settings, "ssh.variant");
	const char *sockets;

	if (!own)
		own = dl_sync_git_setting(settings, "core.sshcommand");
	if ((!own && getenv("GIT_SSH")) || getenv("GIT_SSH_VARIANT") ||
	    (variant && strcmp(variant, "ssh") != 0))
		return NULL;
	sockets = find_sockets(scope);
	if (!sockets)
		return dl_arena_format(&scope->arena, "%s" SSH_OPTIONS, own ? own : "ssh");
	return dl_arena_format(&scope->arena,
			       "%s" SSH_OPTIONS
			       " -o ControlMaster=auto -o ControlPersist=5 -o ControlPath=%s/%%C",
			       own ? own : "ssh", sockets);
}

void dl_sync_git_open(struct dl_scope *scope, struct dl_sync_git *git,
		      const struct dl_sync_settings *settings, const struct dl_opt_list *allowed)
{
	const char *byte;
	struct dl_buf buf;
	size_t i;

	dl_buf_init(&buf, &scope->arena, DL_CAP_HEAD);
	dl_buf_puts(&buf, "https:ssh");
	for (i = 0; i < allowed->count; i++) {
		dl_buf_putc(&buf, ':');
		for (byte = allowed->items[i]; *byte; byte++)
			dl_buf_putc(&buf, *byte == ',' ? ':' : *byte);
	}
	*git = (struct dl_sync_git){
		.settings = settings, .ssh = ssh_command(scope, settings), .schemes = buf.data,
	};
}

/* ------------------------------------------------------------------ one call */

struct arguments {
	const char *items[MOST_ARGUMENTS];
	size_t count;
};

static void add(struct arguments *arguments, const char *item)
{
	DL_BUG_IF(arguments->count == MOST_ARGUMENTS);
	arguments->items[arguments->count++] = item;
}

static void set(struct dl_scope *scope, struct arguments *arguments, const char *key, const char *value)
{
	add(arguments, "-c");
	add(arguments, dl_arena_format(&scope->arena, "%s=%s", key, value));
}

static void add_options(struct dl_scope *scope, const struct dl_sync_git *git,
			const struct dl_sync_login *login, struct arguments *arguments)
{
	const char *helper;

	add(arguments, "git");
	set(scope, arguments, "credential.interactive", "false");
	set(scope, arguments, "advice.detachedHead", "false");
	set(scope, arguments, "http.lowSpeedLimit", "1");
	set(scope, arguments, "http.lowSpeedTime", dl_arena_format(&scope->arena, "%d", git->silence_s));
	if (!git->hooks)
		set(scope, arguments, "core.hooksPath", "/dev/null");
	if (!login)
		return;
	/* An empty helper makes git forget those of the user: the environment's token comes first. */
	helper = dl_arena_format(&scope->arena, "credential.%s.helper", login->origin);
	set(scope, arguments, helper, "");
	set(scope, arguments, helper, HELPER);
}

/* What says which repository is meant, and what could ask somebody. */
static const char *const common_environment[] = {
	"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR",
	"GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_NAMESPACE", "GIT_QUARANTINE_PATH", "GIT_PREFIX",
	"GIT_TERMINAL_PROMPT=0", "GIT_ASKPASS=false", "SSH_ASKPASS", "SSH_ASKPASS_REQUIRE=never",
	"GCM_INTERACTIVE=never", "GIT_EDITOR=true", "GIT_PAGER=cat", "GIT_PROGRESS_DELAY=0", "LC_ALL=C",
};

enum { COMMON = sizeof common_environment / sizeof *common_environment };

static const char *const *make_environment(struct dl_scope *scope, const struct dl_sync_git *git,
					   const struct dl_sync_call *call)
{
	const char *const *further = call->environment;
	const char **environment = dl_arena_array(&scope->arena, COMMON + 16, sizeof *environment);
	size_t count = COMMON;

	memcpy(environment, common_environment, sizeof common_environment);
	environment[count++] = dl_arena_format(&scope->arena, "GIT_ALLOW_PROTOCOL=%s", git->schemes);
	if (git->ssh)
		environment[count++] = dl_arena_format(&scope->arena, "GIT_SSH_COMMAND=%s", git->ssh);
	/* Telling how far it is would end it when nobody reads that any more. */
	if (call->steady)
		environment[count++] = "GIT_PROGRESS_DELAY=1000000";
	for (; further && *further; further++)
		environment[count++] = *further;
	return environment;
}

static int time_left_ms(const struct dl_sync_git *git)
{
	int64_t left;

	if (!git->deadline_ms)
		return 0;
	left = git->deadline_ms - dl_time_clock_ms();
	return left < 1 ? 1 : left > INT32_MAX ? INT32_MAX : (int)left;
}

/* "Receiving objects: 100% (3/3), 1.20 MiB | 2.00 MiB/s, done." */
static int64_t received(const char *errors)
{
	static const struct {
		const char *word;
		double bytes;
	} units[] = {{" bytes", 1}, {" KiB", 1 << 10}, {" MiB", 1 << 20}, {" GiB", 1 << 30}};
	const char *at = errors, *last = NULL;
	char *unit;
	double number;
	size_t i;

	while ((at = strstr(at, "ing objects: 100% ("))) {
		at = strchrnul(at, ')');
		if (dl_text_starts(at, "), ") && isdigit((unsigned char)at[3]))
			last = at + 3;
	}
	if (!last)
		return DL_INT_NONE;
	number = strtod(last, &unit);
	for (i = 0; i < sizeof units / sizeof *units; i++)
		if (dl_text_starts(unit, units[i].word))
			return (int64_t)(number * units[i].bytes);
	return DL_INT_NONE;
}

int dl_sync_git_run(struct dl_scope *scope, const struct dl_sync_git *git, const struct dl_sync_login *login,
		    const struct dl_sync_call *call, struct dl_sync_done *done)
{
	struct arguments arguments = {.count = 0};
	struct dl_proc_result result;
	struct dl_proc proc = {
		.argv = arguments.items, .dir = call->dir, .cap = MOST_OUTPUT, .errors_cap = ERRORS_KEPT,
		.timeout_ms = call->steady ? 0 : time_left_ms(git), .steady = call->steady,
		.input = call->input, .input_len = call->input_len,
	};
	const char *const *word;

	*done = (struct dl_sync_done){.output = "", .errors = "", .received_bytes = DL_INT_NONE};
	add_options(scope, git, login, &arguments);
	for (word = call->argv; *word; word++)
		add(&arguments, *word);
	add(&arguments, NULL);
	proc.env = make_environment(scope, git, call);
	if (login)
		proc.secret = dl_arena_format(&scope->arena, "username=%s\npassword=%s\n", login->user,
					      login->password);
	if (dl_proc_run(scope, &proc, &result))
		return -1;
	*done = (struct dl_sync_done){result.output, result.len, result.errors, received(result.errors)};
	return result.status == 0 ? 0 : dl_sync_git_explain(scope, result.errors);
}

/* ------------------------------------------------------------------ what git has said */

/* The first row counts of which the words stand in what it said. */
static const struct row {
	const char *words;
	enum dl_class class;
	const char *message; /* NULL: git's own */
	const char *hint;
} rows[] = {
	{"No space left on device", DL_SYSTEM, "the disk is full", NULL},
	{"Disk quota exceeded", DL_SYSTEM, "the quota of the disk is used up", NULL},
	{"Read-only file system", DL_SYSTEM, "the file system is read-only", NULL},
	{".lock': File exists", DL_SYSTEM, NULL, "if no git runs there, remove it"},
	{"Host key verification failed", DL_AUTH, "the server's ssh key is not known",
	 "connect with ssh once, and compare the key"},
	{"Authentication failed", DL_AUTH, "the server does not accept the credential",
	 "check the token, and the rights that it has"},
	{"could not read Username", DL_AUTH, "the server wants a credential, and none was found",
	 "set the token's variable, or store it with git credential"},
	{"unable to get password from user", DL_AUTH, "the server wants a credential, and none was found",
	 "set the token's variable, or store it with git credential"},
	{"could not read Password", DL_AUTH, "the server wants a credential, and none was found",
	 "set the token's variable, or store it with git credential"},
	{"Permission denied (", DL_AUTH, "the server does not accept the ssh key", "try: ssh -T HOST"},
	{"returned error: 403", DL_AUTH, "the server forbids it",
	 "check the token, and the rights that it has"},
	{"returned error: 429", DL_LIMITED, "the server wants fewer requests",
	 "try later, or with --per-host 2"},
	{"returned error: 404", DL_MISSING, "there is no such repository, or it may not be seen", NULL},
	{"fatal: repository '", DL_MISSING, "there is no such repository, or it may not be seen", NULL},
	{"not found", DL_MISSING, NULL, NULL},
	{"does not appear to be a git repository", DL_MISSING, "there is no such repository", NULL},
	{"Repository not found", DL_MISSING, "there is no such repository, or it may not be seen", NULL},
	{"couldn't find remote ref", DL_MISSING, NULL, NULL},
	{"not allowed", DL_REFUSED, NULL, "--allow SCHEME allows it"},
	{"dubious ownership", DL_CONFIG, "another user owns it, and so git refuses it", NULL},
	{"Could not resolve", DL_NETWORK, NULL, NULL},
	{"Connection refused", DL_NETWORK, NULL, NULL},
	{"Failed to connect", DL_NETWORK, NULL, NULL},
	{"timed out", DL_NETWORK, NULL, NULL},
	{"too slow", DL_NETWORK, "the server has said nothing for too long", NULL},
	{"returned error: 5", DL_NETWORK, NULL, NULL},
	{"early EOF", DL_NETWORK, "the connection broke", NULL},
	{"unexpected disconnect", DL_NETWORK, "the connection broke", NULL},
	{"RPC failed", DL_NETWORK, "the connection broke", NULL},
	{"hung up unexpectedly", DL_NETWORK, "the connection broke", NULL},
	{"Connection reset", DL_NETWORK, "the connection broke", NULL},
	{"unable to access", DL_NETWORK, NULL, NULL},
	{"Permission denied", DL_SYSTEM, NULL, NULL},
};

static bool is_complaint(const char *line)
{
	return dl_text_starts(line, "fatal: ") || dl_text_starts(line, "error: ") ||
	       dl_text_starts(line, "ssh: ") || dl_text_starts(line, "ERROR: ");
}

/* What git says is wrong: the first line of a complaint. */
static const char *complaint(struct dl_scope *scope, const char *errors)
{
	const char *line, *end, *last = "";

	for (line = errors; *line; line = *end ? end + 1 : end) {
		end = line + strcspn(line, "\r\n");
		if (end == line)
			continue;
		last = dl_arena_copy(&scope->arena, line, (size_t)(end - line));
		if (is_complaint(last))
			return strchr(last, ' ') + 1;
	}
	return last;
}

/* The user information of URLs in TEXT, which git itself leaves out in most places, is taken out. */
static const char *without_logins(struct dl_scope *scope, const char *text)
{
	char *clean = dl_arena_string(&scope->arena, text), *at = clean, *end;

	while ((at = strstr(at, "://"))) {
		at += strlen("://");
		end = at + strcspn(at, "/ '\"@");
		if (*end == '@')
			memmove(at, end + 1, strlen(end + 1) + 1);
	}
	return clean;
}

int dl_sync_git_explain(struct dl_scope *scope, const char *errors)
{
	const char *said = dl_text_quote(&scope->arena, without_logins(scope, complaint(scope, errors)));
	const struct row *row;
	size_t i;

	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		row = &rows[i];
		if (!strstr(errors, row->words))
			continue;
		dl_fail(scope, row->class, "%s", row->message ? row->message : said);
		return row->hint ? dl_fail_hint(scope, "%s", row->hint) : -1;
	}
	return dl_fail(scope, DL_REFUSED, "git: %s", *said ? said : "failed without a word");
}
