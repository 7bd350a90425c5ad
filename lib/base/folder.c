#include "lib/base/folder.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/scope.h"

static const char *own_folder(struct dl_scope *scope, const char *variable, const char *below_home)
{
	const char *base = getenv(variable), *home = getenv("HOME");
	size_t len;

	if (!base || *base != '/') {
		if (!home || *home != '/')
			return NULL;
		base = dl_arena_format(&scope->arena, "%s/%s", home, below_home);
	}
	len = strlen(base);
	while (len && base[len - 1] == '/')
		len--;
	return dl_arena_format(&scope->arena, "%.*s/devloop", (int)len, base);
}

const char *dl_folder_cache(struct dl_scope *scope)
{
	return own_folder(scope, "XDG_CACHE_HOME", ".cache");
}

const char *dl_folder_data(struct dl_scope *scope)
{
	return own_folder(scope, "XDG_DATA_HOME", ".local/share");
}

const char *dl_folder_state(struct dl_scope *scope)
{
	return own_folder(scope, "XDG_STATE_HOME", ".local/state");
}
