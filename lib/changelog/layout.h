/* layout: the text of a changelog: Markdown, or what a template makes of it. */
#ifndef DL_LAYOUT_H
#define DL_LAYOUT_H

#include "lib/base/fail.h"
#include "lib/changelog/template.h"

struct dl_buf;
struct dl_changelog;
struct dl_changelog_group;
struct dl_changes;
struct dl_scope;

/* One template for each part of a group: its heading, the heading of a section, a change, and what ends it.
 */
struct dl_layout {
	struct dl_template release, section, change, end;
};

/* dl_layout_read(scope, log, name, layout): the layout NAME: one of agents.changelog.config.templates of
 * .devloop/agents.json, "keep" or "plain", or, when there is a brace in it, itself the template of a change;
 * NULL: as the headings of LOG are. DL_USAGE: there is none of that name, or it is malformed; DL_CONFIG. */
DL_MUST_CHECK int dl_layout_read(struct dl_scope *scope, const struct dl_changelog *log, const char *name,
				 struct dl_layout *layout);

/* dl_layout_head(scope, layout, log, group, buf): appends the heading of GROUP to BUF. */
void dl_layout_head(struct dl_scope *scope, const struct dl_layout *layout, const struct dl_changelog *log,
		    const struct dl_changelog_group *group, struct dl_buf *buf);

/* dl_layout_body(scope, layout, log, group, changes, buf): appends all that stands below it: those CHANGES
 * that are told, by section. */
void dl_layout_body(struct dl_scope *scope, const struct dl_layout *layout, const struct dl_changelog *log,
		    const struct dl_changelog_group *group, const struct dl_changes *changes,
		    struct dl_buf *buf);

#endif
