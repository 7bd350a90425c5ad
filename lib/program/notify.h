/* notify: what a service tells the system that has started it. */
#ifndef DL_NOTIFY_H
#define DL_NOTIFY_H

/* dl_notify_send(text): tells systemd TEXT, lines such as "READY=1"; see sd_notify(3). Nothing happens where
 * nobody listens. */
void dl_notify_send(const char *text);

#endif
