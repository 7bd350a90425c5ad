/* npmrc: what npm's configuration says, level by level: the environment (npm_config_KEY), the project's
 * .npmrc, the user's (~/.npmrc), and that of the installation.
 *
 * Who wrote it decides what it is good for. The user's own words, which are all but the project's, may have
 * variables of the environment in them. The project's are whoever's: they may name a server, and a credential
 * that stands in them whole, but none of the environment's.
 * https://docs.npmjs.com/cli/configuring-npm/npmrc */
#ifndef DL_NPMRC_H
#define DL_NPMRC_H

#include "lib/base/fail.h"
#include "lib/data/ini.h"

struct dl_arena;
struct dl_scope;

struct dl_npmrc {
	struct dl_ini project, user, global;
	const char *project_path; /* for people */
};

/* dl_npmrc_read(scope, dir, npmrc): the files for who stands in DIR (NULL: here); what is not there says
 * nothing. DL_CONFIG: one is malformed. */
DL_MUST_CHECK int dl_npmrc_read(struct dl_scope *scope, const char *dir, struct dl_npmrc *npmrc);

/* dl_npmrc_value(scope, npmrc, key): the kind of function that says what KEY is. NULL: nobody has said it, or
 * a variable is not set; or SCOPE has failed. */
typedef const char *dl_npmrc_value(struct dl_scope *scope, const struct dl_npmrc *npmrc, const char *key);

/* dl_npmrc_users(scope, npmrc, key): the user says, and dl_npmrc_get(scope, npmrc, key): in this project: the
 * environment, the project, then the user. DL_CONFIG: the project's file wants a variable of the
 * environment. */
dl_npmrc_value dl_npmrc_users, dl_npmrc_get;

/* dl_npmrc_registry(scope, npmrc, key, found): the URL that KEY ("registry", "@SCOPE:registry") has by FOUND,
 * one of the two above, without a final '/'. NULL: none, or DL_CONFIG: it is no http URL. */
const char *dl_npmrc_registry(struct dl_scope *scope, const struct dl_npmrc *npmrc, const char *key,
			      dl_npmrc_value *found);

/* dl_npmrc_header(arena, user, token): as dl_credential_header; NULL for what actions/setup-node writes in
 * the place of a token where there is none. */
const char *dl_npmrc_header(struct dl_arena *arena, const char *user, const char *token);

/* dl_npmrc_users_header(scope, npmrc, base), dl_npmrc_project_header(scope, npmrc, base): the header line
 * that the user's credential, or the one in the project's file, for the registry at BASE makes: that of the
 * longest beginning of BASE which has one. NULL: there is none, or DL_CONFIG: it could not stand in a header.
 */
const char *dl_npmrc_users_header(struct dl_scope *scope, const struct dl_npmrc *npmrc, const char *base);
const char *dl_npmrc_project_header(struct dl_scope *scope, const struct dl_npmrc *npmrc, const char *base);

#endif
