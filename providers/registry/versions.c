#include "providers/registry/versions.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/scope.h"
#include "lib/base/time.h"
#include "lib/data/record.h"
#include "lib/data/scheme.h"
#include "lib/data/sink.h"
#include "lib/provider/provider.h"

struct dl_package *dl_versions_new(struct dl_scope *scope, const struct dl_target *target,
				   const char *package, const char *version)
{
	struct dl_package *record = dl_schema_new(scope, &dl_record_package);

	record->head = dl_provider_head(&scope->arena, target, "package",
					dl_arena_format(&scope->arena, "%s@%s", package, version));
	record->name = package;
	record->version = version;
	record->url = target->provider->registry->url(scope, target, package, version);
	return record->url ? record : NULL;
}

static int compare(enum dl_scheme scheme, const void *a, const void *b)
{
	return dl_scheme_compare(scheme, ((const struct dl_package *)b)->version,
				 ((const struct dl_package *)a)->version);
}

/* "1.2" and "v1.2.0" are of the same age, and two: packages are called so, or so. */
static int newer_semver(const void *a, const void *b)
{
	int result = compare(DL_SCHEME_SEMVER, a, b);

	if (result)
		return result;
	return strcmp(((const struct dl_package *)b)->version, ((const struct dl_package *)a)->version);
}

static int newer_pep440(const void *a, const void *b)
{
	return compare(DL_SCHEME_PEP440, a, b);
}

/* Takes into VERSION what OTHER says of the same one. */
static void merge(struct dl_package *version, const struct dl_package *other)
{
	if (other->yanked < version->yanked)
		version->yanked = other->yanked;
	if (other->released_at != DL_TIME_NONE &&
	    (version->released_at == DL_TIME_NONE || other->released_at < version->released_at))
		version->released_at = other->released_at;
}

int dl_versions_put(struct dl_scope *scope, const struct dl_target *target, struct dl_sink_list *list,
		    struct dl_sink *sink)
{
	int (*newer)(const void *a, const void *b) =
		target->provider->registry->scheme == DL_SCHEME_PEP440 ? newer_pep440 : newer_semver;
	int result = DL_MORE;
	size_t i, j;

	if (list->count)
		qsort(list->items, list->count, sizeof(struct dl_package), newer);
	for (i = 0; i < list->count && result == DL_MORE; i = j) {
		struct dl_package version = *(const struct dl_package *)dl_sink_item(list, i);

		for (j = i + 1; j < list->count && newer(&version, dl_sink_item(list, j)) == 0; j++)
			merge(&version, dl_sink_item(list, j));
		result = dl_sink_put(sink, scope, &dl_record_package, &version);
	}
	return result;
}
