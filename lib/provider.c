#include "lib/provider.h"

#include <stddef.h>
#include <string.h>

#include "lib/buf.h"
#include "lib/scope.h"
#include "lib/text.h"

/* The words for the slots of struct dl_ci. */
struct operation {
	const char *word;
	size_t offset;
};

static const struct operation operations[] = {
	{"runs", offsetof(struct dl_ci, runs)},
	{"run", offsetof(struct dl_ci, run)},
	{"jobs", offsetof(struct dl_ci, jobs)},
	{"logs", offsetof(struct dl_ci, log)},
	{"checks", offsetof(struct dl_ci, commit)},
	{"workflows", offsetof(struct dl_ci, workflows)},
	{"trigger", offsetof(struct dl_ci, trigger)},
	{"rerun", offsetof(struct dl_ci, rerun)},
	{"cancel", offsetof(struct dl_ci, cancel)},
	{"tip", offsetof(struct dl_ci, tip)},
};

enum { OPERATIONS = sizeof operations / sizeof *operations };

static bool has(const struct dl_ci *ci, const struct operation *operation)
{
	void (*slot)(void);

	memcpy(&slot, (const char *)ci + operation->offset, sizeof slot);
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

const char *dl_provider_names(struct dl_arena *arena)
{
	const struct dl_provider *const *provider;
	struct dl_buf names;

	dl_buf_init(&names, arena, DL_CAP_LINE);
	for (provider = dl_provider_table; *provider; provider++)
		dl_buf_printf(&names, "%s%s", names.len ? ", " : "", (*provider)->name);
	return names.data;
}

const char *dl_provider_ops(struct dl_arena *arena, const struct dl_ci *ci)
{
	struct dl_buf words;
	size_t i;

	dl_buf_init(&words, arena, DL_CAP_LINE);
	for (i = 0; ci && i < OPERATIONS; i++)
		if (has(ci, &operations[i]))
			dl_buf_printf(&words, "%s%s", words.len ? "," : "", operations[i].word);
	return words.data;
}

int dl_provider_lacks(struct dl_scope *scope, const struct dl_target *target, const char *operation)
{
	const struct dl_provider *const *provider;
	struct dl_buf who;

	dl_buf_init(&who, &scope->arena, DL_CAP_LINE);
	for (provider = dl_provider_table; *provider; provider++)
		if (dl_text_in(operation, dl_provider_ops(&scope->arena, (*provider)->ci)))
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
