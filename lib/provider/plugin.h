/* plugin: providers that are programs of the user's.
 *
 * The plugin NAME is an executable dl-provider-NAME. It is run once for each question, which it reads as one
 * line of JSON; it answers with lines, too, and with its exit code: dl-provider(7). It is looked for in the
 * folders of DL_PROVIDER_PATH, in the user's devloop/providers below XDG_DATA_HOME, in
 * libexec/devloop/providers beside the bin that the running program stands in, and on PATH; never in a folder
 * that is not named by an absolute path, which could be one of a repository.
 *
 * What a plugin prints is as hostile as what a server sends: it may pass on what one has sent. Its
 * environment has no variable that holds a provider's token. */
#ifndef DL_PLUGIN_H
#define DL_PLUGIN_H

#include "lib/base/fail.h"
#include "lib/git/repo.h"

struct dl_writer;
struct dl_json;
struct dl_provider;
struct dl_scope;

enum { DL_PLUGIN_VERSION = 1 }; /* of the protocol */

/* dl_plugin_find(scope, name): the plugin NAME as a provider, in SCOPE: dl_provider_plugin with the name, the
 * operations and the public host that the program itself tells when it is asked for its caps, and
 * DL_TOKEN_NAME (in capitals) as the variable with its token. NULL: there is none, or SCOPE has failed:
 * DL_DATA, DL_NETWORK (it took too long), DL_CONFIG (it speaks another version of the protocol), DL_SYSTEM.
 */
const struct dl_provider *dl_plugin_find(struct dl_scope *scope, const char *name);

/* dl_plugin_names(scope): the names of all plugins that can be found and have no built-in provider's name,
 * sorted. None of them is run. */
struct dl_names dl_plugin_names(struct dl_scope *scope);

/* Who takes a reply line by line. The first member of every kind. */
struct dl_plugin_reader {
	/* Takes one line, which lives as long as SCOPE. Returns as a writer does. */
	int (*take)(struct dl_plugin_reader *reader, struct dl_scope *scope, const struct dl_json *node);
	long number; /* of that line, from 1 */
};

/* A question. */
struct dl_plugin_call {
	const struct dl_provider *provider; /* whose .program is asked */
	const char *operation;              /* a word of dl_provider_ops */
	const char *request;                /* JSON, on one line without its end */
	const char *secret; /* what of REQUEST is replaced by *** in messages and traces; NULL: nothing */
	int timeout_ms;     /* 0: none */
	const char
		*trace; /* what begins the lines on stderr that tell about the call; NULL: there are none */

	/* One of the two gets the reply. */
	struct dl_plugin_reader *reader;
	struct dl_writer *writer; /* as it comes, and the time begins again with each piece */

	enum dl_class answer; /* out: DL_OK; DL_NO or DL_PENDING, which say something of their own to some
				 operations */
};

/* dl_plugin_run(scope, call): asks. 0 with .answer; DL_ENOUGH when the reader or writer had enough, which
 * ends the program; -1: failed as that one did, or with the class that is the program's exit code and the
 * words of its error line, else of its standard error. DL_DATA: an exit code that is no class; a line that is
 * no JSON object or over DL_CAP_LINE; lines after an error line; more than 64 MiB of lines. DL_NETWORK: it
 * took too long. DL_SYSTEM: it cannot be run. */
DL_MUST_CHECK int dl_plugin_run(struct dl_scope *scope, struct dl_plugin_call *call);

#endif
