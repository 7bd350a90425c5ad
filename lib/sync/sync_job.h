/* sync_job: one repository that is brought into step with its server.
 *
 * In three steps, so that the one in the middle can be taken for thousands at once: dl_sync_job_look sees
 * what is here, somebody asks the server for its refs, dl_sync_job_judge compares; what is left is
 * dl_sync_job_work, which runs git. None of them loses anything: a branch only moves forward, and what is in
 * the way of that is a reason to leave the repository as it is. */
#ifndef DL_SYNC_JOB_H
#define DL_SYNC_JOB_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/pool.h"
#include "lib/base/scope.h"
#include "lib/git/lsrefs.h"
#include "lib/sync/clone.h"

struct dl_repos_entry;
struct dl_sync_git;
struct dl_sync_login;

/* What comes next. */
enum dl_sync_step {
	DL_SYNC_DONE,  /* nothing: .action says what became of it */
	DL_SYNC_ASK,   /* the server is to be asked for its refs */
	DL_SYNC_WORK,  /* git has something to do */
};

struct dl_sync_job {
	struct dl_pool_item item;
	struct dl_scope scope;              /* of all that is known; its failure is why it failed */
	const struct dl_repos_entry *entry;
	const char *root;                   /* the folder of all */
	const struct dl_sync_git *git;
	const struct dl_sync_login *login;  /* NULL: git looks for one */
	bool force;                         /* a mirror follows whatever has been rewritten or deleted */
	bool dry_run;                       /* nothing but questions */
	bool lfs;                           /* the user's git knows large files */
	int64_t started_ms;

	/* What is known so far. */
	struct dl_clone clone;
	const char *branch;  /* the full name of the ref that is wanted; NULL: all, or the default one */
	const char *track;   /* of the ref that says where it was on the server; NULL: .branch does */
	bool fixed;          /* .branch is a tag */
	bool answered;       /* the server has been asked */
	const char *remote;  /* where it is on the server */
	bool changed;        /* something has come */
	const char *moved;   /* where the server said it is now; NULL: where it was */

	/* What became of it. */
	int action;          /* enum dl_sync_action; DL_SYNC_NULL: it is not over, or a dry run */
	const char *reason, *old_sha, *new_sha;
	int64_t commits, received_bytes;
};

/* dl_sync_job_look(job): what is here, and what comes next. Up to .started_ms of JOB is set; its scope is
 * open. */
enum dl_sync_step dl_sync_job_look(struct dl_sync_job *job);

/* dl_sync_job_prefix(job): the beginning of the names of the refs that the server is to be asked for; NULL:
 * all. */
const char *dl_sync_job_prefix(const struct dl_sync_job *job);

/* dl_sync_job_judge(job, refs): compares with what the server has answered; REFS need not live longer. */
enum dl_sync_step dl_sync_job_judge(struct dl_sync_job *job, const struct dl_lsrefs *refs);

/* dl_sync_job_work(job): clones, or asks the server if nobody has, fetches and moves the branch forward. */
void dl_sync_job_work(struct dl_sync_job *job);

/* dl_sync_job_fail(job): it is over, as the failure of its scope says. */
enum dl_sync_step dl_sync_job_fail(struct dl_sync_job *job);

/* dl_sync_job_end(job): frees what is known. */
void dl_sync_job_end(struct dl_sync_job *job);

/* dl_sync_job_sweep(folder): half clones that runs have left there which were killed are gone. */
void dl_sync_job_sweep(const char *folder);

#endif
