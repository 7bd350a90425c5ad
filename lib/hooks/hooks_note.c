#include "lib/hooks/hooks_note.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/file.h"
#include "lib/base/scope.h"

static const char made[] = "made\n";

const char *dl_hooks_note_path(struct dl_scope *scope, const char *common_dir)
{
	return dl_arena_format(&scope->arena, "%s/devloop/hooks", common_dir);
}

/* The folder is the first line; the second says that it was made. */
struct dl_hooks_note dl_hooks_note_read(struct dl_scope *scope, const char *common_dir)
{
	struct dl_hooks_note note = {0};
	struct dl_scope attempt;
	const char *text, *end;

	dl_scope_open(&attempt, NULL);
	text = dl_file_read(&attempt, dl_hooks_note_path(&attempt, common_dir), DL_CAP_CONFIG, NULL);
	end = text && *text == '/' ? strchr(text, '\n') : NULL;
	if (end) {
		note.folder = dl_arena_copy(&scope->arena, text, (size_t)(end - text));
		note.made = strcmp(end + 1, made) == 0;
	}
	dl_scope_close(&attempt);
	return note;
}

int dl_hooks_note_write(struct dl_scope *scope, const char *common_dir, const struct dl_hooks_note *note)
{
	const char *path = dl_hooks_note_path(scope, common_dir), *text;

	if (!note)
		return unlink(path) == 0 || errno == ENOENT ? 0
							    : dl_fail_errno(scope, "cannot remove %s", path);
	text = dl_arena_format(&scope->arena, "%s\n%s", note->folder, note->made ? made : "");
	if (dl_file_mkdir(scope, dl_arena_format(&scope->arena, "%s/devloop", common_dir), 0700))
		return -1;
	return dl_file_write(scope, path, 0600, text, strlen(text));
}
