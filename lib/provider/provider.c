#include "lib/provider/provider.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/data/record.h"
#include "lib/data/sink.h"

/* The words for the slots of a provider. */
struct operation {
	const char *word;
	size_t offset;
};

#define CI(word, slot) {word, offsetof(struct dl_ci, slot)}
#define REGISTRY(word, slot) {word, offsetof(struct dl_registry, slot)}
#define FORGE(word, slot) {word, offsetof(struct dl_forge, slot)}

static const struct operation ci_operations[] = {
	CI("runs", runs),
	CI("run", run),
	CI("jobs", jobs),
	CI("job", job),
	CI("logs", log),
	CI("checks", commit),
	CI("configured", configured),
	CI("tip", tip),
	CI("workflows", workflows),
	CI("inputs", inputs),
	CI("expected", expected),
	CI("trigger", trigger),
	CI("rerun", rerun),
	CI("cancel", cancel),
	CI("artifacts", artifacts),
	CI("artifact", artifact),
	CI("download", download),
	{NULL, 0},
};

static const struct operation registry_operations[] = {
	REGISTRY("versions", versions),
	REGISTRY("latest", latest),
	REGISTRY("url", url),
	REGISTRY("check", check),
	REGISTRY("begin", begin),
	REGISTRY("stat", stat),
	REGISTRY("put", put),
	REGISTRY("finish", finish),
	REGISTRY("abort", abort),
	REGISTRY("verify", verify),
	{NULL, 0},
};

static const struct operation forge_operations[] = {
	FORGE("repo", repo),
	FORGE("repos", repos),
	FORGE("file", file),
	FORGE("tree", tree),
	FORGE("releases", releases),
	FORGE("release", release),
	FORGE("release-download", download),
	FORGE("commit", commit),
	FORGE("release-begin", begin),
	FORGE("release-stat", stat),
	FORGE("release-put", put),
	FORGE("release-finish", finish),
	FORGE("release-abort", abort),
	FORGE("release-remove", remove),
	{NULL, 0},
};

/* What a provider may be. */
static const struct kind {
	const char *word;
	size_t offset; /* of the pointer to its slots in struct dl_provider */
	size_t size;   /* of its slots */
	const struct operation *operations;
} kinds[] = {
	[DL_PROVIDER_CI] = {"ci", offsetof(struct dl_provider, ci), sizeof(struct dl_ci), ci_operations},
	[DL_PROVIDER_REGISTRY] = {"registry", offsetof(struct dl_provider, registry),
				  sizeof(struct dl_registry), registry_operations},
	[DL_PROVIDER_FORGE] = {"forge", offsetof(struct dl_provider, forge), sizeof(struct dl_forge),
			       forge_operations},
};

enum { KINDS = sizeof kinds / sizeof *kinds };

/* The slots of PROVIDER as KIND; NULL: it is none. */
static const void *slots_of(const struct dl_provider *provider, const struct kind *kind)
{
	const void *slots;

	memcpy(&slots, (const char *)provider + kind->offset, sizeof slots);
	return slots;
}

static bool has(const void *slots, const struct operation *operation)
{
	void (*slot)(void);

	memcpy(&slot, (const char *)slots + operation->offset, sizeof slot);
	return slot != NULL;
}

static bool is_called(const struct dl_provider *provider, const char *name)
{
	const char *const *alias;

	for (alias = provider->aliases; alias && *alias; alias++)
		if (strcmp(*alias, name) == 0)
			return true;
	return strcmp(provider->name, name) == 0;
}

const struct dl_provider *dl_provider_find(const char *name)
{
	const struct dl_provider *const *provider;

	for (provider = dl_provider_table; name && *provider; provider++)
		if (is_called(*provider, name))
			return *provider;
	return NULL;
}

bool dl_provider_is(const struct dl_provider *provider, enum dl_provider_kind kind)
{
	return slots_of(provider, &kinds[kind]) != NULL;
}

const char *dl_provider_names(struct dl_arena *arena, enum dl_provider_kind kind)
{
	const struct dl_provider *const *provider;
	struct dl_buf names;

	dl_buf_init(&names, arena, DL_CAP_LINE);
	for (provider = dl_provider_table; *provider; provider++)
		if (dl_provider_is(*provider, kind))
			dl_buf_printf(&names, "%s%s", names.len ? ", " : "", (*provider)->name);
	return names.data;
}

static void add_word(struct dl_buf *words, const char *word)
{
	dl_buf_printf(words, "%s%s", words->len ? "," : "", word);
}

const char *dl_provider_kinds(struct dl_arena *arena, const struct dl_provider *provider)
{
	struct dl_buf words;
	size_t i;

	dl_buf_init(&words, arena, DL_CAP_LINE);
	for (i = 0; i < KINDS; i++)
		if (slots_of(provider, &kinds[i]))
			add_word(&words, kinds[i].word);
	return words.data;
}

const char *dl_provider_ops(struct dl_arena *arena, const struct dl_provider *provider)
{
	const struct operation *operation;
	struct dl_buf words;
	const void *slots;
	size_t i;

	dl_buf_init(&words, arena, DL_CAP_LINE);
	for (i = 0; i < KINDS; i++) {
		slots = slots_of(provider, &kinds[i]);
		for (operation = kinds[i].operations; slots && operation->word; operation++)
			if (has(slots, operation))
				add_word(&words, operation->word);
	}
	return words.data;
}

struct dl_provider *dl_provider_limit(struct dl_arena *arena, const struct dl_provider *provider,
				      const char *wanted, const char *ops)
{
	struct dl_provider *limited = dl_arena_alloc(arena, sizeof *limited);
	const struct operation *operation;
	void (*none)(void) = NULL;
	char *slots;
	size_t i;

	*limited = *provider;
	for (i = 0; i < KINDS; i++) {
		slots = NULL;
		if (dl_text_in(kinds[i].word, wanted) && slots_of(provider, &kinds[i])) {
			slots = dl_arena_alloc(arena, kinds[i].size);
			memcpy(slots, slots_of(provider, &kinds[i]), kinds[i].size);
		}
		for (operation = kinds[i].operations; slots && operation->word; operation++)
			if (!dl_text_in(operation->word, ops))
				memcpy(slots + operation->offset, &none, sizeof none);
		memcpy((char *)limited + kinds[i].offset, &slots, sizeof slots);
	}
	return limited;
}

int dl_provider_lacks(struct dl_scope *scope, const struct dl_target *target, const char *operation)
{
	const struct dl_provider *const *provider;
	struct dl_buf who;

	dl_buf_init(&who, &scope->arena, DL_CAP_LINE);
	for (provider = dl_provider_table; *provider; provider++)
		if (dl_text_in(operation, dl_provider_ops(&scope->arena, *provider)))
			dl_buf_printf(&who, "%s%s", who.len ? ", " : "", (*provider)->name);
	dl_fail(scope, DL_UNSUPPORTED, "%s has no operation '%s'", target->provider->name, operation);
	return dl_fail_hint(scope, "these have: %s", who.len ? who.data : "none");
}

const char *dl_provider_ref(struct dl_arena *arena, const struct dl_target *target, const char *kind,
			    const char *id)
{
	struct dl_ref ref = {
		.provider = target->provider->name, .project = target->project, .kind = kind, .id = id};

	if (!target->own_host)
		ref.host = target->host;
	return dl_ref_format(arena, &ref);
}

struct dl_record_head dl_provider_head(struct dl_arena *arena, const struct dl_target *target,
				       const char *kind, const char *id)
{
	return (struct dl_record_head){
		.ref = kind ? dl_provider_ref(arena, target, kind, id) : NULL,
		.provider = target->provider->name,
		.host = target->host,
		.project = target->project,
	};
}

const char *dl_provider_own_run(const struct dl_target *target)
{
	const struct dl_provider *provider = target->provider;
	const char *id = provider->run_env ? getenv(provider->run_env) : NULL;

	return provider->run_project_env && !dl_text_same(getenv(provider->run_project_env), target->project)
		       ? NULL
		       : id;
}

int dl_provider_check(struct dl_scope *scope, const struct dl_target *target, const char *name,
		      int status, const char *message, const char *hint, struct dl_sink *sink)
{
	struct dl_check *check = dl_schema_new(scope, &dl_record_check);

	check->head = dl_provider_head(&scope->arena, target, "check", name);
	check->name = name;
	check->status = status;
	check->message = message;
	check->hint = hint;
	return dl_sink_put(sink, scope, &dl_record_check, check);
}

const struct dl_run *dl_provider_run(struct dl_scope *scope, const struct dl_target *target, const char *id)
{
	struct dl_sink_list list;

	dl_sink_list(&list, scope, 1);
	return target->provider->ci->run(scope, target, id, &list.sink) < 0 ? NULL : dl_sink_item(&list, 0);
}

const struct dl_job *dl_provider_job(struct dl_scope *scope, const struct dl_target *target, const char *id)
{
	struct dl_sink_list list;

	dl_sink_list(&list, scope, 1);
	return target->provider->ci->job(scope, target, id, &list.sink) < 0 ? NULL : dl_sink_item(&list, 0);
}
