/* hooks_remind: that a hook which was installed is not run any more, which nobody would notice. */
#ifndef DL_HOOKS_REMIND_H
#define DL_HOOKS_REMIND_H

struct dl_tool;

/* dl_hooks_remind(tool): tells, once a day, why git does not run the hook that dl-hooks has put into a folder
 * of the repository that TOOL was started in. Usually that is a look at one file. A program that is told to
 * be quiet, or is for cron, leaves it to the next one. */
void dl_hooks_remind(struct dl_tool *tool);

#endif
