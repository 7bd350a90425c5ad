#include "lib/base/folder.h"

#include <stdlib.h>

#include "lib/base/scope.h"
#include "tests/unit/check.h"

int main(void)
{
	struct dl_scope scope;

	dl_scope_open(&scope, NULL);
	setenv("HOME", "/home/u", 1);
	setenv("XDG_CACHE_HOME", "/x/cache//", 1);
	setenv("XDG_STATE_HOME", "/", 1);
	unsetenv("XDG_DATA_HOME");
	check_text("folders", "cache", dl_folder_cache(&scope), "/x/cache/devloop");
	check_text("folders", "state", dl_folder_state(&scope), "/devloop");
	check_text("folders", "data by default", dl_folder_data(&scope), "/home/u/.local/share/devloop");
	setenv("XDG_CACHE_HOME", "relative", 1);
	unsetenv("XDG_STATE_HOME");
	check_text("folders", "cache by default", dl_folder_cache(&scope), "/home/u/.cache/devloop");
	check_text("folders", "state by default", dl_folder_state(&scope), "/home/u/.local/state/devloop");
	setenv("HOME", "relative", 1);
	check_text("folders", "a relative HOME", dl_folder_cache(&scope), NULL);
	unsetenv("HOME");
	check_text("folders", "no HOME", dl_folder_state(&scope), NULL);
	check_int("folders", "no failure", scope.error.class, DL_OK);
	dl_scope_close(&scope);
	return check_end("folder");
}
