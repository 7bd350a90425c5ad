/* exec: what the slots of a plugin have in common: a question is put together, asked (lib/provider/plugin.h),
 * and each record of the reply is completed and checked, so that nothing a plugin prints is less than what a
 * built-in provider would have made. */
#ifndef DL_EXEC_H
#define DL_EXEC_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/fail.h"
#include "lib/provider/plugin.h"
#include "lib/provider/provider.h"

struct dl_writer;
struct dl_schema;
struct dl_sink;

/* A question. */
struct dl_exec {
	const struct dl_target *target;
	const char *operation;   /* a word of dl_provider_ops */
	bool acts;               /* it changes something: a dry run only tells what would be run */
	bool no, pending;        /* the exit codes 1 and 3 are answers to it, and no failures */
	struct dl_buf query;     /* the members of the request's query so far */
	enum dl_class answer;    /* out: DL_OK, or one that .no or .pending allows */
};

/* dl_exec_begin(scope, exec, target, operation): EXEC asks TARGET's plugin for OPERATION; its query, in
 * SCOPE, is empty. */
void dl_exec_begin(struct dl_scope *scope, struct dl_exec *exec, const struct dl_target *target,
		   const char *operation);

/* dl_exec_text(exec, name, value), dl_exec_number(exec, name, value), dl_exec_flag(exec, name, value): add a
 * member to the query; a NULL and DL_INT_NONE are null. */
void dl_exec_text(struct dl_exec *exec, const char *name, const char *value);
void dl_exec_number(struct dl_exec *exec, const char *name, int64_t value);
void dl_exec_flag(struct dl_exec *exec, const char *name, bool value);

/* dl_exec_list(scope, exec, schema, sink): the reply is any number of records of SCHEMA. Here and below 0: it
 * is there; 1: the sink had enough, or a dry run stopped it; -1: failed as dl_plugin_run does, and with
 * DL_DATA for what is no such record. */
DL_MUST_CHECK int dl_exec_list(struct dl_scope *scope, struct dl_exec *exec, const struct dl_schema *schema,
			       struct dl_sink *sink);

/* dl_exec_one(scope, exec, schema, id, sink): the reply is one record of SCHEMA, whose id is ID (NULL: any).
 */
DL_MUST_CHECK int dl_exec_one(struct dl_scope *scope, struct dl_exec *exec, const struct dl_schema *schema,
			      const char *id, struct dl_sink *sink);

/* dl_exec_none(scope, exec): the reply is the exit code. */
DL_MUST_CHECK int dl_exec_none(struct dl_scope *scope, struct dl_exec *exec);

/* dl_exec_value(scope, exec, name): the reply is one object that is no record; its member NAME, a text. NULL:
 * failed, or a dry run stopped it. */
const char *dl_exec_value(struct dl_scope *scope, struct dl_exec *exec, const char *name);

/* dl_exec_bytes(scope, exec, writer): the reply is bytes. */
DL_MUST_CHECK int dl_exec_bytes(struct dl_scope *scope, struct dl_exec *exec, struct dl_writer *writer);

/* dl_exec_edition(exec, edition): adds the members of EDITION to the query. */
void dl_exec_edition(struct dl_exec *exec, const struct dl_edition *edition);

/* dl_exec_open(scope, target, operation, edition), dl_exec_put(scope, target, operation, edition, upload,
 * schema, sink), dl_exec_end(scope, target, operation, edition): the steps of a registry and of a forge, as
 * OPERATION: the slots `begin` and `put` of lib/provider/provider.h, with a record of SCHEMA, and an end
 * without one. */
DL_MUST_CHECK int dl_exec_open(struct dl_scope *scope, const struct dl_target *target, const char *operation,
			       struct dl_edition *edition);
DL_MUST_CHECK int dl_exec_put(struct dl_scope *scope, const struct dl_target *target, const char *operation,
			      const struct dl_edition *edition, const struct dl_upload *upload,
			      const struct dl_schema *schema, struct dl_sink *sink);
DL_MUST_CHECK int dl_exec_end(struct dl_scope *scope, const struct dl_target *target, const char *operation,
			      const struct dl_edition *edition);

/* dl_exec_compare(scope, target, operation, edition, upload, schema): the slots `stat` and `verify`: the
 * reply is the records of SCHEMA, packages or assets, that are there under the name of UPLOAD. An enum
 * dl_presence, or -1: failed. */
DL_MUST_CHECK int dl_exec_compare(struct dl_scope *scope, const struct dl_target *target,
				  const char *operation, const struct dl_edition *edition,
				  const struct dl_upload *upload, const struct dl_schema *schema);

extern const struct dl_ci dl_exec_ci;             /* providers/ci/exec.c */
extern const struct dl_registry dl_exec_registry; /* providers/registry/exec.c */
extern const struct dl_forge dl_exec_forge;       /* providers/forge/exec.c */

#endif
