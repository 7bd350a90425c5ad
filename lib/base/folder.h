/* folder: where this user's files of DevLoop are kept. */
#ifndef DL_FOLDER_H
#define DL_FOLDER_H

struct dl_scope;

/* dl_folder_cache(scope), dl_folder_data(scope), dl_folder_state(scope): this user's folder "devloop" under
 * XDG_CACHE_HOME, XDG_DATA_HOME and XDG_STATE_HOME or their defaults, without a final '/'; NULL (no failure)
 * when neither the variable nor HOME is an absolute path. None of them is created. */
const char *dl_folder_cache(struct dl_scope *scope);
const char *dl_folder_data(struct dl_scope *scope);
const char *dl_folder_state(struct dl_scope *scope);

#endif
