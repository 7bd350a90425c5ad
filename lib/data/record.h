/* record: the structs that providers fill and programs print, one schema each. dl-lines(5) documents every
 * member; the words there come from the `doc` column of the tables in record.c. */
#ifndef DL_RECORD_H
#define DL_RECORD_H

#include <stdint.h>

#include "lib/base/fail.h"
#include "lib/data/schema.h"
#include "lib/data/state.h"

struct dl_arena;

/* What every record begins with: what it is, and who answered. */
struct dl_record_head {
	const char *ref, *provider, *host, *project;
};

/* Members that records have in common can be set one by one and all at once: `run->host`, `run->head`. */
#define DL_RECORD_HEAD                                                                                      \
	union {                                                                                             \
		struct dl_record_head head;                                                                 \
		struct {                                                                                    \
			const char *ref, *provider, *host, *project;                                        \
		};                                                                                          \
	}
#define DL_RECORD_STATE                                                                                     \
	union {                                                                                             \
		struct dl_state_result state;                                                               \
		struct {                                                                                    \
			int status;     /* enum dl_status */                                                \
			int conclusion; /* enum dl_conclusion */                                            \
			const char *raw_status;                                                             \
			int needs_action;                                                                   \
		};                                                                                          \
	}

/* One run of a workflow (a pipeline, a build). */
struct dl_run {
	DL_RECORD_HEAD;
	const char *id;
	int64_t number, attempt;
	const char *name, *workflow, *branch, *sha, *event, *actor;
	DL_RECORD_STATE;
	int64_t created_at, started_at, updated_at, completed_at, duration_s;
	const char *url, *metadata;
	bool of_fork; /* not printed: its branch is that of another repository, whatever the name */
};

struct dl_step {
	int64_t number;
	const char *name;
	int status, conclusion;
	int64_t duration_s;
};

struct dl_job {
	DL_RECORD_HEAD;
	const char *id, *run_id, *name;
	DL_RECORD_STATE;
	const char *runner;
	int64_t started_at, completed_at, duration_s;
	const char *url;
	struct dl_list steps; /* of struct dl_step */
	const char *metadata;
	bool silent; /* not printed: it has no log, now or later (it only starts other runs) */
};

/* An input that a workflow takes when it is started by hand. */
struct dl_input_line {
	const char *name, *kind;
	int required;
	const char *value;   /* when it is not given */
	const char *choices; /* separated by commas */
	const char *text;
};

struct dl_workflow {
	DL_RECORD_HEAD;
	const char *id, *name, *path, *state, *triggers, *url;
	struct dl_list inputs; /* of struct dl_input_line */
};

/* Files that a run has left. */
struct dl_artifact {
	DL_RECORD_HEAD;
	const char *id, *run_id, *name;
	int64_t size_bytes;
	const char *digest; /* "sha256:..." or "md5:..." */
	int expired;
	int64_t created_at, expires_at;
	const char *url, *path;
	bool zipped; /* not printed: it comes as a zip file that holds the artifact's files */
};

/* One thing that was looked at, and how it is. */
enum dl_check_word { DL_CHECK_NULL, DL_CHECK_PASS, DL_CHECK_WARN, DL_CHECK_FAIL, DL_CHECK_SKIP };

struct dl_check {
	DL_RECORD_HEAD;
	const char *name;
	int status; /* enum dl_check_word */
	const char *message, *hint, *command, *detail;
};

/* What became of a thing that was to be published. */
enum dl_action {
	DL_ACTION_NULL,
	DL_ACTION_PLANNED,
	DL_ACTION_CREATED,
	DL_ACTION_UPDATED,
	DL_ACTION_UPLOADED,
	DL_ACTION_SKIPPED,  /* it was there, the same */
	DL_ACTION_CONFLICT, /* it was there, another one */
	DL_ACTION_FAILED,
};

/* A version of a package, or one file of it. */
struct dl_package {
	DL_RECORD_HEAD;
	const char *name, *version, *file;
	int64_t size_bytes;
	const char *sha256;
	int action; /* enum dl_action */
	int yanked;
	int64_t released_at;
	const char *url, *path, *error;
};

/* A file of a release. */
struct dl_asset {
	DL_RECORD_HEAD;
	const char *id, *name, *label;
	int64_t size_bytes;
	const char *content_type, *digest, *state, *url, *path;
	int action; /* enum dl_action */
	const char *error;
};

struct dl_release {
	DL_RECORD_HEAD;
	const char *id, *tag, *name, *sha;
	int draft, prerelease, latest;
	int64_t created_at, published_at;
	const char *url;
	struct dl_list assets; /* of struct dl_asset */
	const char *body;
	int action; /* enum dl_action */
};

/* A line "Token: value" at the end of a commit message. */
struct dl_footer {
	const char *token, *value;
};

struct dl_person {
	const char *name, *email;
};

/* One commit, as a changelog tells it. */
struct dl_change {
	DL_RECORD_HEAD;
	const char *sha, *kind, *scope;
	int breaking;
	const char *breaking_text, *subject, *body;
	struct dl_list footers; /* of struct dl_footer */
	const char *author, *email;
	struct dl_list co_authors; /* of struct dl_person */
	int64_t date;
	const char *refs, *pr, *tag, *section, *url;
	size_t place; /* not printed: of the section among all */
};

/* A repository on a forge. */
struct dl_repo_line {
	DL_RECORD_HEAD;
	const char *id, *name, *owner, *default_branch;
	int private, archived, fork;
	const char *topics, *description;
	int64_t size_bytes, pushed_at;
	const char *clone_url, *ssh_url, *url, *path, *tier;
};

/* What became of one repository that is kept in step. */
enum dl_sync_action {
	DL_SYNC_NULL,
	DL_SYNC_CLONED,
	DL_SYNC_UPDATED,
	DL_SYNC_UNCHANGED,
	DL_SYNC_SKIPPED, /* left as it is, since something would be lost */
	DL_SYNC_FAILED,
};

extern const char *const dl_record_sync_words[];

struct dl_sync_line {
	DL_RECORD_HEAD;
	const char *name, *path, *tier;
	int action; /* enum dl_sync_action */
	const char *reason, *old_sha, *new_sha;
	int64_t commits;
	const char *duration_s; /* with milliseconds */
	int64_t received_bytes;
	const char *error;
};

/* What became of all of them. */
struct dl_summary {
	DL_RECORD_HEAD;
	const char *action;
	int64_t total, succeeded, failed, skipped;
	const char *duration_s; /* with milliseconds */
};

/* What stands in a tree. */
struct dl_entry {
	DL_RECORD_HEAD;
	const char *path, *kind, *mode;
	int64_t size_bytes;
	const char *sha;
};

/* The answer of dl-status. */
enum dl_verdict_word {
	DL_VERDICT_NULL,
	DL_VERDICT_FAILURE,
	DL_VERDICT_ACTION_REQUIRED,
	DL_VERDICT_CANCELLED,
	DL_VERDICT_SUPERSEDED,
	DL_VERDICT_PENDING,
	DL_VERDICT_UNREGISTERED,
	DL_VERDICT_STALE,
	DL_VERDICT_NONE,
	DL_VERDICT_SUCCESS,
	DL_VERDICT_SKIPPED,
};

extern const char *const dl_record_verdict_words[];

struct dl_verdict {
	DL_RECORD_HEAD;
	const char *branch, *sha;
	int verdict; /* enum dl_verdict_word */
	int status, conclusion;
	int64_t total, passed, failed, pending;
	const char *name, *url;
	int64_t age_s;
	int from_cache;
	const char *metadata;
};

/* One line of a log, for `dl-logs -j`. */
struct dl_log_line {
	DL_RECORD_HEAD;
	const char *job;
	int64_t number, time;
	const char *text;
};

/* What dl-providers lists. */
struct dl_provider_line {
	DL_RECORD_HEAD;
	const char *name, *kind, *title, *source, *ops;
	int detected;
	const char *why;
};

/* What has become of a hook of git. */
enum dl_hook_state {
	DL_HOOK_NULL,
	DL_HOOK_RUNS,
	DL_HOOK_CALLED,    /* by another hook, or by a program of DevLoop */
	DL_HOOK_OFF,       /* the configuration says that it does not run */
	DL_HOOK_IGNORED,   /* git takes no notice of it */
	DL_HOOK_BROKEN,    /* git tries to run it, and cannot */
	DL_HOOK_DISPLACED, /* it was one; something else stands in its place */
};

/* What dl-hooks did with it. */
enum dl_hook_action {
	DL_HOOK_UNTOUCHED, /* null: nothing was to be done */
	DL_HOOK_INSTALLED,
	DL_HOOK_UPDATED,
	DL_HOOK_UNCHANGED, /* it is as it should be */
	DL_HOOK_REMOVED,
	DL_HOOK_RESTORED,  /* the user's, that was there before */
	DL_HOOK_LEFT,      /* it is not for dl-hooks to change it */
};

extern const char *const dl_record_hook_actions[];

/* A hook of git, or what was one. */
struct dl_hook_line {
	const char *ref, *provider, *host, *project, *event;
	int64_t order;
	const char *name;
	int state;  /* enum dl_hook_state */
	int action; /* enum dl_hook_action */
	const char *scope, *path, *command, *message;
};

/* A thing that was changed. */
struct dl_changed {
	const char *name, *how;
	int64_t status;
};

/* One line of the event log. */
struct dl_event {
	DL_RECORD_HEAD;
	int64_t time;
	const char *program, *operation, *class;
	const char *duration_s; /* with milliseconds */
	int64_t requests, not_modified, from_disk, sent_bytes, received_bytes, retries;
	const char *waited_s;   /* with milliseconds */
	int64_t rate_remaining;
	int mutated;
	struct dl_list changed; /* of struct dl_changed */
	const char *detail;
};

/* What many events come to. */
struct dl_stats_line {
	DL_RECORD_HEAD;
	const char *day, *operation;
	int64_t count, failed;
	const char *classes;
	const char *p50_s, *p90_s, *p99_s;
	int64_t requests, quota_used, rate_remaining;
	const char *hit_ratio;
	int64_t sent_bytes, received_bytes, retries;
	const char *waited_s, *hook_waited_s;
	int64_t stopped, mutated;
};

/* What the runs of a workflow come to. */
struct dl_trend_line {
	DL_RECORD_HEAD;
	const char *workflow;
	int64_t total, succeeded, failed;
	const char *success_ratio;
	int64_t commits, flaky;
	int64_t p50_s, p90_s;
	const char *durations;
};

/* A failure as a line. */
struct dl_error_line {
	DL_RECORD_HEAD;
	const char *class;
	int64_t exit;
	const char *message, *hint;
	int64_t retry_after_s, status;
};

extern const struct dl_schema dl_record_run;
extern const struct dl_schema dl_record_step;
extern const struct dl_schema dl_record_job;
extern const struct dl_schema dl_record_workflow;
extern const struct dl_schema dl_record_input;
extern const struct dl_schema dl_record_artifact;
extern const struct dl_schema dl_record_check;
extern const struct dl_schema dl_record_package;
extern const struct dl_schema dl_record_release;
extern const struct dl_schema dl_record_asset;
extern const struct dl_schema dl_record_change;
extern const struct dl_schema dl_record_repo;
extern const struct dl_schema dl_record_repo_here; /* its table is for people who keep clones */
extern const struct dl_schema dl_record_entry;
extern const struct dl_schema dl_record_sync;
extern const struct dl_schema dl_record_summary;
extern const struct dl_schema dl_record_verdict;
extern const struct dl_schema dl_record_log;
extern const struct dl_schema dl_record_provider;
extern const struct dl_schema dl_record_hook;
extern const struct dl_schema dl_record_event;
extern const struct dl_schema dl_record_stats;
extern const struct dl_schema dl_record_trend;
extern const struct dl_schema dl_record_error;

/* Every schema that may stand on a line; ends with NULL. */
extern const struct dl_schema *const dl_record_all[];

/* dl_record_job_of(scope, run): RUN, which has no jobs of its own, as a job that does all of it, under the
 * run's name for its workflow; the ref is the run's. */
struct dl_job *dl_record_job_of(struct dl_scope *scope, const struct dl_run *run);

/* dl_record_find(type): the schema of the records of TYPE; NULL: unknown. */
const struct dl_schema *dl_record_find(const char *type);

/* dl_record_failure(arena, error): ERROR as the member `error` of a record has it: an error line without its
 * first five members. */
const char *dl_record_failure(struct dl_arena *arena, const struct dl_error *error);

/* dl_record_reason(scope, verdict): the member `reason` of its metadata: why, where its words do not say it
 * all; NULL: there is none. */
const char *dl_record_reason(struct dl_scope *scope, const struct dl_verdict *verdict);

#endif
