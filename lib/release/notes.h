/* notes: the text of a release: what somebody wrote, or what the history says. */
#ifndef DL_NOTES_H
#define DL_NOTES_H

struct dl_scope;

/* dl_notes_read(scope, path, dir, tag): the content of the file PATH, "-": of standard input. Lines of type
 * `change`, as dl-changelog prints them, are rendered as Markdown, in the layout of the repository in DIR
 * (NULL: here), for the release TAG. NULL: DL_MISSING, there is no such file or nothing came in; DL_DATA: a
 * line among them is another; DL_SYSTEM. */
const char *dl_notes_read(struct dl_scope *scope, const char *path, const char *dir, const char *tag);

/* dl_notes_changelog(scope, dir, from, to, tag): the changes between the revisions FROM (NULL: the release
 * before) and TO, which becomes TAG, as Markdown without a heading of the release. NULL: failed as
 * dl_changelog_open. */
const char *dl_notes_changelog(struct dl_scope *scope, const char *dir, const char *from, const char *to,
			       const char *tag);

#endif
