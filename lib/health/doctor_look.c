#include "lib/health/doctor_look.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/folder.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/url.h"
#include "lib/data/agents.h"
#include "lib/data/config.h"
#include "lib/data/sink.h"
#include "lib/git/git.h"
#include "lib/git/repo.h"
#include "lib/health/doctor.h"
#include "lib/health/doctor_server.h"
#include "lib/hooks/hooks.h"
#include "lib/hooks/hooks_doctor.h"
#include "lib/hooks/hooks_list.h"
#include "lib/net/http.h"
#include "lib/provider/plugin.h"
#include "lib/provider/target.h"

/* ------------------------------------------------------------------ telling */

static void put(struct dl_doctor *doctor, enum dl_check_word status, const char *name, const char *message)
{
	dl_doctor_put(doctor, dl_doctor_tell(doctor, status, name, message));
}

/* The failure of the scope, as a check, after which it has not failed any more. */
static void put_failure(struct dl_doctor *doctor, enum dl_check_word status, const char *name)
{
	const struct dl_error error = dl_fail_take(doctor->scope, &doctor->scope->arena);
	struct dl_check *check = dl_doctor_tell(doctor, status, name, error.message);

	check->hint = error.hint;
	dl_doctor_put(doctor, check);
}

/* ------------------------------------------------------------------ programs and libraries */

static void look_at_git(struct dl_doctor *doctor)
{
	const char *const argv[] = {"--version", NULL};
	struct dl_proc_result result;

	if (dl_git_run(doctor->scope, NULL, argv, &result))
		put_failure(doctor, DL_CHECK_FAIL, "git");
	else
		put(doctor, DL_CHECK_PASS, "git",
		    dl_arena_copy(&doctor->scope->arena, result.output, strcspn(result.output, "\n")));
}

static void look_at_libraries(struct dl_doctor *doctor)
{
	put(doctor, DL_CHECK_PASS, "libraries",
	    dl_arena_format(&doctor->scope->arena, "%s libgit2/%s libyaml/%s", dl_http_version(),
			    dl_repo_version(&doctor->scope->arena), dl_config_version()));
}

/* ------------------------------------------------------------------ configuration */

/* Adds those of NAMES that are set; what they hold may be a secret. */
static void add_set(struct dl_buf *list, const char *const *names)
{
	const char *value;

	for (; names && *names; names++) {
		value = getenv(*names);
		if (value && *value && !dl_text_in(*names, list->data))
			dl_buf_printf(list, "%s%s", list->len ? "," : "", *names);
	}
}

static void look_at_environment(struct dl_doctor *doctor)
{
	static const char *const general[] = {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy",
					      "ALL_PROXY", "no_proxy", "NO_PROXY", "CURL_CA_BUNDLE",
					      "SSL_CERT_FILE", "SSL_CERT_DIR", NULL};
	const struct dl_provider *const *row;
	struct dl_buf list;
	char **variable;

	dl_buf_init(&list, &doctor->scope->arena, DL_CAP_LINE);
	dl_buf_puts(&list, "");
	for (row = dl_provider_table; *row; row++) {
		const char *const timeout[] = {(*row)->timeout_env, NULL};

		add_set(&list, (*row)->token_env);
		add_set(&list, (*row)->user_env);
		add_set(&list, (*row)->url_env);
		add_set(&list, (*row)->host_env);
		add_set(&list, (*row)->project_env);
		add_set(&list, timeout);
	}
	for (variable = environ; *variable; variable++)
		if (dl_text_starts(*variable, "DL_"))
			dl_buf_printf(&list, "%s%.*s", list.len ? "," : "", (int)strcspn(*variable, "="),
				      *variable);
	add_set(&list, general);
	put(doctor, list.len ? DL_CHECK_PASS : DL_CHECK_SKIP, "environment",
	    list.len ? dl_arena_format(&doctor->scope->arena, "set: %s",
				       dl_text_quote(&doctor->scope->arena, list.data))
		     : "no variable is set");
}

static void look_at_git_config(struct dl_doctor *doctor)
{
	struct dl_arena *arena = &doctor->scope->arena;
	const struct dl_git_entry *entry;
	struct dl_git_config config;
	const char *value;
	size_t i;

	if (dl_git_config(doctor->scope, NULL, &config)) {
		put_failure(doctor, DL_CHECK_FAIL, "git config");
		return;
	}
	for (i = 0; i < config.count; i++) {
		entry = &config.entries[i];
		if (!dl_text_starts(entry->key, "devloop."))
			continue;
		value = strstr(entry->value, "://") ? dl_url_redact(arena, entry->value)
						    : dl_text_quote(arena, entry->value);
		put(doctor, DL_CHECK_PASS, "git config",
		    dl_arena_format(arena, "%s is %s, in %s (%s)", dl_text_quote(arena, entry->key), value,
				    dl_text_quote(arena, entry->origin), entry->scope));
	}
}

static void look_at_agents(struct dl_doctor *doctor, const char *root)
{
	const struct dl_json *node = root ? dl_agents_read(doctor->scope, root) : NULL;

	if (doctor->scope->error.class != DL_OK)
		put_failure(doctor, DL_CHECK_FAIL, ".devloop/agents");
	else if (node)
		put(doctor, DL_CHECK_PASS, ".devloop/agents", "the committed configuration can be read");
	else
		put(doctor, DL_CHECK_SKIP, ".devloop/agents", "there is none here");
}

/* ------------------------------------------------------------------ who is asked */

/* What each step of the search has seen, and which has decided. */
static const char *write_trail(struct dl_arena *arena, const struct dl_finder *finder)
{
	struct dl_buf text;
	size_t i;

	dl_buf_init(&text, arena, DL_CAP_LINE);
	for (i = 0; i < finder->trail_count; i++)
		if (finder->trail[i].seen)
			dl_buf_printf(&text, "%s%s: %s%s", text.len ? "; " : "", finder->trail[i].name,
				      finder->trail[i].seen, finder->trail[i].decided ? " (decides)" : "");
	return text.len ? text.data : NULL;
}

/* There is nobody to ask. A project needs no registry, say; but what is configured must be found. */
static void put_nobody(struct dl_doctor *doctor)
{
	const struct dl_finder *finder = doctor->finder;
	const struct dl_error error = dl_fail_take(doctor->scope, &doctor->scope->arena);
	bool named = finder->provider || finder->project;
	struct dl_check *check;

	if (dl_text_same(error.message, doctor->complaint))
		return;
	doctor->complaint = error.message;
	check = dl_doctor_tell(doctor, DL_CHECK_FAIL, "provider", error.message);
	check->hint = error.hint;
	if ((finder->nowhere && finder->kind != DL_PROVIDER_CI) ||
	    (error.class == DL_UNSUPPORTED && named))
		check->status = DL_CHECK_SKIP;
	else if (finder->nowhere)
		check->command = dl_arena_format(&doctor->scope->arena, "git config %s PROVIDER",
						 dl_target_key(finder->kind));
	dl_doctor_put(doctor, check);
}

/* Whether the server of TARGET has been asked already with that credential, and may not be asked again. */
static bool is_visited(struct dl_doctor *doctor, const struct dl_target *target)
{
	const struct dl_doctor_visit *visit;
	struct dl_doctor_visit *added;

	for (visit = doctor->visits; visit; visit = visit->next)
		if (visit->target->provider == target->provider &&
		    dl_text_same(visit->target->base, target->base))
			return true;
	added = dl_arena_alloc(&doctor->scope->arena, sizeof *added);
	*added = (struct dl_doctor_visit){doctor->visits, target};
	doctor->visits = added;
	return false;
}

/* TARGET is asked; DETAIL says more of why. */
static void look_at_target(struct dl_doctor *doctor, const struct dl_target *target, const char *detail)
{
	struct dl_arena *arena = &doctor->scope->arena;
	struct dl_check *check;

	doctor->target = target;
	check = dl_doctor_tell(doctor, DL_CHECK_PASS, "provider",
			       dl_arena_format(arena, "%s: %s%s%s, by %s",
					       dl_target_what(doctor->finder->kind), target->provider->title,
					       target->host ? " at " : "", target->host ? target->host : "",
					       target->why));
	check->detail = detail;
	dl_doctor_put(doctor, check);
	if (!is_visited(doctor, target)) {
		put(doctor, DL_CHECK_PASS, "operations",
		    dl_arena_format(arena, "it can: %s", dl_provider_ops(arena, target->provider)));
		dl_doctor_server_look(doctor);
	}
	doctor->target = NULL;
}

/* All who may be asked as KIND: the first one, and those who are asked when it is unavailable. */
static void look_at_kind(struct dl_doctor *doctor, enum dl_provider_kind kind)
{
	struct dl_finder *finder = doctor->finder;
	struct dl_arena *arena = &doctor->scope->arena;
	const struct dl_target *target;
	const char *detail, *chain;

	finder->kind = kind;
	target = dl_target_here(finder);
	detail = write_trail(arena, finder);
	do {
		if (target)
			look_at_target(doctor, target, detail);
		else
			put_nobody(doctor);
		chain = finder->chain;
		detail = dl_arena_format(arena, "asked when %s is unavailable", finder->chosen);
		target = chain ? dl_target_next(finder) : NULL;
	} while (chain && finder->chain != chain);
	if (doctor->scope->error.class != DL_OK)
		put_nobody(doctor); /* a plugin in the middle of the chain does not work */
}

static void look_at_providers(struct dl_doctor *doctor)
{
	static const enum dl_provider_kind kinds[] = {DL_PROVIDER_CI, DL_PROVIDER_FORGE,
						      DL_PROVIDER_REGISTRY};
	size_t i;

	doctor->finder->trailing = true;
	for (i = 0; i < sizeof kinds / sizeof *kinds; i++)
		look_at_kind(doctor, kinds[i]);
}

/* ------------------------------------------------------------------ hooks */

/* That no hook is installed is a choice; what is installed must work. */
static void look_at_hooks(struct dl_doctor *doctor)
{
	struct dl_sink_list list;
	struct dl_hooks hooks;
	struct dl_check *check;
	int result;

	dl_sink_list(&list, doctor->scope, 0);
	if (dl_hooks_open(doctor->scope, NULL, &hooks) ||
	    dl_hooks_list(doctor->scope, &hooks, "pre-push", &list.sink) < 0) {
		put_failure(doctor, DL_CHECK_SKIP, "hooks");
		return;
	}
	if (!list.count) {
		check = dl_doctor_tell(doctor, DL_CHECK_SKIP, "hooks", "no hook pre-push is installed");
		check->command = "dl-hooks install";
		dl_doctor_put(doctor, check);
		return;
	}
	result = dl_hooks_doctor(doctor->scope, &hooks, false, doctor->sink);
	if (result < 0)
		put_failure(doctor, DL_CHECK_FAIL, "hooks");
}

/* ------------------------------------------------------------------ plugins and folders */

static void look_at_plugins(struct dl_doctor *doctor)
{
	const struct dl_names names = dl_plugin_names(doctor->scope);
	struct dl_arena *arena = &doctor->scope->arena;
	const struct dl_provider *plugin;
	size_t i;

	for (i = 0; i < names.count; i++) {
		plugin = dl_plugin_find(doctor->scope, names.items[i]);
		if (plugin)
			put(doctor, DL_CHECK_PASS, "plugin",
			    dl_arena_format(arena, "%s: %s can: %s", plugin->name,
					    dl_text_quote(arena, plugin->program),
					    dl_provider_ops(arena, plugin)));
		else if (doctor->scope->error.class != DL_OK)
			put_failure(doctor, DL_CHECK_WARN, "plugin");
	}
	if (!names.count)
		put(doctor, DL_CHECK_SKIP, "plugin", "there are none");
}

/* What of PATH exists, up to the root. */
static const char *existing_part(struct dl_arena *arena, const char *path)
{
	char *part = dl_arena_string(arena, path), *slash;

	while (access(part, F_OK) < 0 && (slash = strrchr(part, '/')) && slash != part)
		*slash = '\0';
	return access(part, F_OK) == 0 ? part : "/";
}

/* A folder is made when it is first needed: until then what counts is where it would be made. */
static void look_at_folder(struct dl_doctor *doctor, const char *name, const char *path)
{
	struct dl_arena *arena = &doctor->scope->arena;
	const char *part = path ? existing_part(arena, path) : NULL, *shown;
	struct dl_check *check;

	if (!path) {
		put(doctor, DL_CHECK_WARN, name, "neither HOME nor its XDG variable is an absolute path");
		return;
	}
	shown = dl_text_quote(arena, path);
	if (access(dl_arena_format(arena, "%s/.", part), W_OK | X_OK) == 0) {
		put(doctor, DL_CHECK_PASS, name,
		    dl_arena_format(arena, strcmp(part, path) == 0 ? "%s" : "%s can be made", shown));
		return;
	}
	check = dl_doctor_tell(doctor, DL_CHECK_WARN, name,
			       dl_arena_format(arena, "%s is no folder that can be written to",
					       dl_text_quote(arena, part)));
	check->command = dl_arena_format(arena, "chmod u+rwx %s", dl_text_shell(arena, part));
	check->detail = "the programs go on without it, and know less";
	dl_doctor_put(doctor, check);
}

int dl_doctor_look(struct dl_doctor *doctor)
{
	const char *root;

	look_at_git(doctor);
	look_at_libraries(doctor);
	look_at_environment(doctor);
	look_at_git_config(doctor);
	look_at_providers(doctor);
	root = doctor->finder->repo ? dl_repo_root(doctor->finder->repo) : NULL;
	look_at_agents(doctor, root);
	look_at_hooks(doctor);
	look_at_plugins(doctor);
	look_at_folder(doctor, "cache", dl_folder_cache(doctor->scope));
	look_at_folder(doctor, "state", dl_folder_state(doctor->scope));
	return doctor->result;
}
