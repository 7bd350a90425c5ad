#include "lib/release/preflight_server.h"

#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/base/wait.h"
#include "lib/data/sink.h"
#include "lib/program/tool.h"
#include "lib/provider/provider.h"
#include "lib/provider/rest.h"
#include "lib/release/preflight.h"
#include "lib/release/preflight_version.h"

/* Who is asked as KIND, by FINDER; NULL: nobody, or *ERROR says why that cannot be told. */
static const struct dl_target *find(struct dl_preflight *flight, struct dl_finder *finder,
				    enum dl_provider_kind kind, struct dl_error *error)
{
	const struct dl_target *target;

	*finder = (struct dl_finder){
		.scope = flight->scope,
		.http = flight->tool->http,
		.dir = flight->dir,
		.kind = kind,
		.package = flight->wish->package,
	};
	if (kind == DL_PROVIDER_CI) {
		finder->project = flight->tool->common.project;
		finder->provider = flight->tool->common.provider;
	}
	target = dl_target_here(finder);
	*error = dl_fail_take(flight->scope, &flight->scope->arena);
	return target;
}

/* There is no target: a check that is skipped where nobody is known, or all that is known is something else,
 * as the server of the remote; else one that has failed. */
static int put_nobody(struct dl_preflight *flight, const char *name, const char *what, bool nowhere,
		      const struct dl_error *error)
{
	if (nowhere || error->class == DL_UNSUPPORTED)
		return dl_preflight_put(flight, DL_CHECK_SKIP, name, NULL, "no %s is known here", what);
	return dl_preflight_put(flight, DL_CHECK_FAIL, name, error->hint, "it is not known who to ask: %s",
				error->message);
}

/* ------------------------------------------------------------------ the forge */

static int check_release(struct dl_preflight *flight, const struct dl_target *target)
{
	const char *tag = dl_text_quote(&flight->scope->arena, flight->tag);
	const struct dl_release *release;
	struct dl_sink_list list;
	struct dl_error error;

	if (!target->provider->forge || !target->provider->forge->release)
		return dl_preflight_put(flight, DL_CHECK_SKIP, "release", NULL, "%s has no releases",
					target->provider->title);
	dl_sink_list(&list, flight->scope, 1);
	if (target->provider->forge->release(flight->scope, target, flight->tag, &list.sink) < 0) {
		error = dl_fail_take(flight->scope, &flight->scope->arena);
		if (error.class == DL_MISSING)
			return dl_preflight_put(flight, DL_CHECK_PASS, "release", NULL,
						"%s has no release %s", target->provider->title, tag);
		return dl_preflight_put(flight, DL_CHECK_FAIL, "release", error.hint, "it cannot be told: %s",
					error.message);
	}
	release = list.count ? dl_sink_item(&list, 0) : NULL;
	if (release && release->draft != 1)
		return dl_preflight_put(flight, DL_CHECK_FAIL, "release", NULL,
					"%s is released already", tag);
	return dl_preflight_put(flight, DL_CHECK_PASS, "release", NULL,
				release ? "there is a draft of %s" : "%s is not released", tag);
}

/* Makes CHECK of the forge, or says under NAME why there is nobody to ask. */
static int with_forge(struct dl_preflight *flight, const char *name,
		      int (*check)(struct dl_preflight *flight, const struct dl_target *target))
{
	struct dl_finder finder;
	struct dl_error error;
	const struct dl_target *target = find(flight, &finder, DL_PROVIDER_FORGE, &error);
	int result;

	flight->target = target;
	result = target ? check(flight, target) : put_nobody(flight, name, "forge", finder.nowhere, &error);
	flight->target = NULL;
	dl_target_close(&finder);
	return result;
}

int dl_preflight_server_release(struct dl_preflight *flight)
{
	return with_forge(flight, "release", check_release);
}

/* What it may do is only seen when it does it; what can be asked is whose it is. */
static int check_login(struct dl_preflight *flight, const struct dl_target *target)
{
	const struct dl_vitals *vitals = target->provider->vitals;
	const struct dl_route self = {.path = vitals ? vitals->self : NULL, .once = true};
	static const struct dl_var none[] = {{NULL, NULL}};
	const char *from = target->auth_from ? dl_text_quote(&flight->scope->arena, target->auth_from) : "";
	struct dl_error error;

	if (target->provider->serverless)
		return dl_preflight_put(flight, DL_CHECK_SKIP, "forge", NULL, "%s needs no credential",
					target->provider->title);
	if (!target->auth.header)
		return dl_preflight_put(flight, DL_CHECK_WARN, "forge", "dl-doctor says where it is sought",
					"there is no credential for %s, which a release needs", target->host);
	if (!self.path)
		return dl_preflight_put(flight, DL_CHECK_SKIP, "forge", NULL,
					"that from %s cannot be verified", from);
	if (dl_rest_get(flight->scope, target, &self, none))
		return dl_preflight_put(flight, DL_CHECK_PASS, "forge", NULL,
					"%s takes the credential from %s", target->host, from);
	error = dl_fail_take(flight->scope, &flight->scope->arena);
	if (error.status == 403 || error.status == 404) /* the token of a job is nobody's */
		return dl_preflight_put(flight, DL_CHECK_SKIP, "forge", NULL,
					"that from %s cannot be verified", from);
	return dl_preflight_put(flight, DL_CHECK_FAIL, "forge", error.hint, "%s", error.message);
}

int dl_preflight_server_forge(struct dl_preflight *flight)
{
	return with_forge(flight, "forge", check_login);
}

/* ------------------------------------------------------------------ CI */

/* With FIRST the verdict is that of the provider who is asked first. */
static int put_verdict(struct dl_preflight *flight, const struct dl_verdict *verdict, bool first)
{
	struct dl_arena *arena = &flight->scope->arena;
	const char *word = dl_record_verdict_words[verdict->verdict];
	const char *name = verdict->name ? dl_text_quote(arena, verdict->name) : NULL;
	const char *reason = dl_record_reason(flight->scope, verdict);
	const char *logs = verdict->ref ? dl_arena_format(arena, "dl-logs --failed %s",
							  dl_text_shell(arena, verdict->ref))
					: NULL;
	enum dl_class class = dl_verdict_class(verdict->verdict);

	if (class == DL_OK)
		return dl_preflight_put(flight, DL_CHECK_PASS, "ci", NULL, "%s of this commit", word);
	if (!first && !verdict->total && !verdict->name)
		return dl_preflight_put(flight, DL_CHECK_SKIP, "ci", NULL, "it has nothing for this commit");
	if (class == DL_MISSING && reason)
		return dl_preflight_put(flight, DL_CHECK_FAIL, "ci", NULL, "%s", reason);
	if (class == DL_MISSING)
		return dl_preflight_put(flight, DL_CHECK_SKIP, "ci", NULL, "there is no CI for this commit%s",
					dl_provider_own_run(flight->target) ? " but this very run" : "");
	if (class == DL_PENDING)
		return dl_preflight_put(flight, DL_CHECK_FAIL, "ci", "dl-preflight -w waits for it",
					"%s of this commit%s%s", word, name ? ": " : "", name ? name : "");
	return dl_preflight_command(flight, DL_CHECK_FAIL, "ci", logs, "%s of this commit%s%s", word,
				    name ? ": " : "", name ? name : "");
}

/* Asks until CI is done, if that is wanted. NULL: failed. */
static struct dl_verdict *ask(struct dl_preflight *flight, const struct dl_target *target)
{
	struct dl_demand demand = dl_verdict_demand(flight->scope, target, &flight->wish->demand);
	struct dl_verdict *verdict;
	struct dl_wait wait;
	bool again;

	demand.own = dl_provider_own_run(target);
	dl_wait_begin(&wait, target->provider->serverless);
	for (;;) {
		verdict = dl_verdict_ask(flight->scope, target, flight->head, flight->current, &demand);
		again = dl_wait_next(&wait, &flight->scope->error) && flight->wish->wait;
		if (verdict)
			again = again && dl_verdict_class(verdict->verdict) == DL_PENDING;
		if (!again || dl_tool_expired(flight->tool, wait.pause_ms))
			break;
		if (verdict)
			dl_tool_progress(flight->tool, "%s",
					 dl_verdict_progress(flight->scope, verdict, dl_wait_seconds(&wait)));
		dl_fail_take(flight->scope, &flight->scope->arena);
		dl_time_sleep_ms(wait.pause_ms);
	}
	dl_tool_progress(flight->tool, NULL);
	return verdict;
}

static int check_ci(struct dl_preflight *flight, const struct dl_target *target, bool first)
{
	struct dl_verdict *verdict;
	struct dl_error error;
	int result;

	flight->target = target;
	verdict = ask(flight, target);
	if (verdict) {
		result = put_verdict(flight, verdict, first);
	} else {
		error = dl_fail_take(flight->scope, &flight->scope->arena);
		result = dl_preflight_put(flight, DL_CHECK_FAIL, "ci", error.hint, "it cannot be told: %s",
					  error.message);
	}
	flight->target = NULL;
	return result;
}

int dl_preflight_server_ci(struct dl_preflight *flight)
{
	struct dl_finder finder;
	struct dl_error error;
	const struct dl_target *target = find(flight, &finder, DL_PROVIDER_CI, &error);
	const char *chain;
	bool first = true;
	int result;

	do {
		flight->among = target && (!first || finder.chain);
		result = target ? check_ci(flight, target, first)
				: put_nobody(flight, "ci", "CI", finder.nowhere, &error);
		first = flight->among = false;
		chain = finder.chain;
		target = chain ? dl_target_next(&finder) : NULL;
		error = dl_fail_take(flight->scope, &flight->scope->arena);
	} while (result == 0 && chain && finder.chain != chain);
	if (result == 0 && error.class != DL_OK) /* a plugin in the middle of the chain does not work */
		result = put_nobody(flight, "ci", "CI", false, &error);
	dl_target_close(&finder);
	return result;
}

/* ------------------------------------------------------------------ the registry */

/* Takes the checks of a registry, which have names of their own. */
struct verifier {
	struct dl_sink sink;
	struct dl_preflight *flight;
};

static int put_check(struct dl_sink *sink, struct dl_scope *scope, const struct dl_schema *schema,
		     const void *record)
{
	struct verifier *verifier = (struct verifier *)sink;
	const struct dl_check *check = record;

	verifier->flight->failed = verifier->flight->failed || check->status == DL_CHECK_FAIL;
	return dl_sink_put(&verifier->flight->tool->out.sink, scope, schema, record);
}

static int check_credential(struct dl_preflight *flight, const struct dl_target *target, const char *package)
{
	struct verifier verifier = {.sink.put = put_check, .flight = flight};
	const struct dl_registry *registry = target->provider->registry;
	struct dl_error error;

	if (!registry->check)
		return dl_preflight_put(flight, DL_CHECK_SKIP, "credentials", NULL,
					"those of %s cannot be verified", target->provider->title);
	if (registry->check(flight->scope, target, package, &verifier.sink) >= 0)
		return 0;
	error = dl_fail_take(flight->scope, &flight->scope->arena);
	if (error.class == DL_UNSUPPORTED)
		return dl_preflight_put(flight, DL_CHECK_SKIP, "credentials", NULL,
					"those of %s cannot be verified", target->provider->title);
	return dl_preflight_put(flight, DL_CHECK_FAIL, "credentials", error.hint, "%s", error.message);
}

static int check_versions(struct dl_preflight *flight, const struct dl_target *target, const char *package)
{
	const struct dl_registry *registry = target->provider->registry;
	const struct dl_package *version;
	struct dl_sink_list list;
	struct dl_error error;
	size_t i;

	dl_sink_list(&list, flight->scope, 0);
	if (!registry->versions)
		return 0;
	if (registry->versions(flight->scope, target, package, &list.sink) < 0) {
		error = dl_fail_take(flight->scope, &flight->scope->arena);
		if (error.class != DL_MISSING)
			return dl_preflight_put(flight, DL_CHECK_FAIL, "registry", error.hint,
						"it cannot be told: %s", error.message);
	}
	for (i = 0; i < list.count; i++) {
		version = dl_sink_item(&list, i);
		if (dl_preflight_version_same(flight->version, version->version))
			return dl_preflight_put(flight, DL_CHECK_FAIL, "registry", NULL,
						"%s has %s already", target->provider->title,
						dl_text_quote(&flight->scope->arena, version->version));
	}
	return dl_preflight_put(flight, DL_CHECK_PASS, "registry", NULL, "%s does not have it",
				target->provider->title);
}

/* Both checks, at the server that has PACKAGE. */
static int check_package(struct dl_preflight *flight, struct dl_finder *finder,
			 const struct dl_target *target, const char *package)
{
	const struct dl_edition edition = {.package = package, .dir = finder->dir};
	struct dl_error error;

	target = dl_target_of_package(flight->scope, finder, target, &edition);
	if (target)
		return check_versions(flight, target, package) ? -1
							       : check_credential(flight, target, package);
	error = dl_fail_take(flight->scope, &flight->scope->arena);
	return dl_preflight_put(flight, DL_CHECK_FAIL, "registry", error.hint, "%s", error.message);
}

int dl_preflight_server_registry(struct dl_preflight *flight)
{
	const char *package = flight->wish->package ? flight->wish->package
						    : dl_project_name(&flight->project);
	struct dl_finder finder;
	struct dl_error error;
	const struct dl_target *target = find(flight, &finder, DL_PROVIDER_REGISTRY, &error);
	int result;

	if (!target)
		result = put_nobody(flight, "registry", "registry", finder.nowhere, &error);
	else if (!package || !target->provider->registry)
		result = dl_preflight_put(flight, DL_CHECK_SKIP, "registry", "--package names it",
					  "no file says what the package is called");
	else
		result = check_package(flight, &finder, target, package);
	dl_target_close(&finder);
	return result;
}
