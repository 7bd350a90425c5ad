/* probe: what an unknown server says of itself, when nothing else tells who to ask. */
#ifndef DL_PROBE_H
#define DL_PROBE_H

struct dl_http;
struct dl_provider;
struct dl_scope;

/* dl_probe_host(scope, http, scheme, host): the built-in provider whose signs HOST shows, asked by SCHEME
 * ("https", "http") without any credential, a few requests at once, each for at most 3 s; NULL (no failure):
 * none, or it cannot be reached. Unless HTTP is traceless, the answer is remembered below dl_folder_cache for
 * a month, that there is none for an hour. DL_PROBE=0 asks nobody. */
const struct dl_provider *dl_probe_host(struct dl_scope *scope, struct dl_http *http, const char *scheme,
					const char *host);

#endif
