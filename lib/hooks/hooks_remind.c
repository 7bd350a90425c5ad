/* When the note of the installation (lib/hooks/hooks_note.h) was changed last is when it was looked at
 * last. */
#include "lib/hooks/hooks_remind.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "lib/base/scope.h"
#include "lib/base/time.h"
#include "lib/git/checkout.h"
#include "lib/hooks/hooks.h"
#include "lib/hooks/hooks_note.h"
#include "lib/hooks/hooks_view.h"
#include "lib/program/tool.h"

enum { DAY_S = 24 * 60 * 60 };

/* Whether it is time to look again; then it will not be for a day. */
static bool is_due(struct dl_scope *scope, const char *common_dir)
{
	const char *path = dl_hooks_note_path(scope, common_dir);
	struct stat st;

	if (stat(path, &st) < 0 || dl_time_now() - st.st_mtime < DAY_S)
		return false;
	return utimensat(AT_FDCWD, path, NULL, 0) == 0;
}

void dl_hooks_remind(struct dl_tool *tool)
{
	const char *dir = tool->common.dir;
	struct dl_checkout checkout;
	struct dl_hooks_view view;
	struct dl_hooks hooks;
	struct dl_scope scope;

	if (tool->common.quiet || tool->discreet)
		return;
	dl_scope_open(&scope, NULL);
	if (dl_checkout_find(&scope, dir, &checkout) && is_due(&scope, checkout.common_dir) &&
	    dl_hooks_open(&scope, dir, &hooks) == 0 && dl_hooks_view_open(&scope, &hooks, &view) == 0 &&
	    !view.configured && !view.file && !view.script)
		dl_tool_note(tool, "pushes are not looked at any more: %s; see dl-hooks doctor",
			     dl_hooks_view_explain(&scope, &hooks, &view).message);
	dl_scope_close(&scope);
}
