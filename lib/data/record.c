#include "lib/data/record.h"

#include <stddef.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/scope.h"
#include "lib/data/json.h"
#include "lib/data/push.h"

#define ROW(record, member, type_, doc_) \
	{.name = #member, .type = type_, .offset = offsetof(struct record, member), .doc = doc_}
#define TEXT(record, member, doc_) ROW(record, member, DL_TYPE_TEXT, doc_)
#define NUMBER(record, member, doc_) ROW(record, member, DL_TYPE_NUMBER, doc_)
#define TIME(record, member, doc_) ROW(record, member, DL_TYPE_TIME, doc_)
#define FLAG(record, member, doc_) ROW(record, member, DL_TYPE_FLAG, doc_)
#define JSON(record, member, doc_) ROW(record, member, DL_TYPE_JSON, doc_)
#define WORD(record, member, words_, doc_) \
	{.name = #member, .type = DL_TYPE_WORD, .offset = offsetof(struct record, member), .doc = doc_, \
	 .words = words_}
#define LIST(record, member, sub_, doc_) \
	{.name = #member, .type = DL_TYPE_LIST, .offset = offsetof(struct record, member), .doc = doc_, \
	 .sub = sub_}
#define END {.name = NULL}

/* What every record begins with. */
#define HEAD(record)                                                                                        \
	TEXT(record, ref, "the handle of this thing, an argument for every other program"),                 \
	TEXT(record, provider, "who answered"),                                                             \
	TEXT(record, host, "the provider's host"),                                                          \
	TEXT(record, project, "the project there, as the provider spells it")

#define STATE(record)                                                                                       \
	WORD(record, status, dl_state_status_words, "queued, in_progress or completed"),                    \
	WORD(record, conclusion, dl_state_conclusion_words,                                                 \
	     "null unless completed: success, failure, timed_out, cancelled, neutral, skipped, stale or "   \
	     "action_required")

const char *const dl_record_verdict_words[] = {
	NULL, "failure", "action_required", "cancelled", "superseded", "pending",
	"unregistered", "stale", "none", "success", "skipped", NULL,
};

static const struct dl_field run_fields[] = {
	HEAD(dl_run),
	TEXT(dl_run, id, "the provider's id"),
	NUMBER(dl_run, number, "the count of this workflow's runs, as people quote it"),
	NUMBER(dl_run, attempt, "1, and one more each time the run is run again"),
	TEXT(dl_run, name, "the workflow's name for people"),
	TEXT(dl_run, workflow, "the workflow, pipeline or job it is a run of, as dl-trigger takes it"),
	TEXT(dl_run, branch, "the branch or tag it ran for"),
	TEXT(dl_run, sha, "the commit it ran for, always the full hash"),
	TEXT(dl_run, event, "what started it: push, pull_request, schedule, ..."),
	TEXT(dl_run, actor, "who started it"),
	STATE(dl_run),
	TEXT(dl_run, raw_status, "the provider's own word that decided the two"),
	FLAG(dl_run, needs_action, "true when nothing goes on until a human acts"),
	TIME(dl_run, created_at, "when it was asked for"),
	TIME(dl_run, started_at, "when this attempt began"),
	TIME(dl_run, updated_at, "when anything about it last changed"),
	TIME(dl_run, completed_at, "when it was over"),
	NUMBER(dl_run, duration_s, "seconds from start to end"),
	TEXT(dl_run, url, "its page for people"),
	JSON(dl_run, metadata, "what only this provider knows, an object"),
	END,
};

static const struct dl_column run_columns[] = {
	{"STATE", "conclusion|status", DL_SHOW_STATE, 15},
	{"WORKFLOW", "workflow", DL_SHOW_TEXT, 24},
	{"NAME", "name", DL_SHOW_TEXT, 0},
	{"BRANCH", "branch", DL_SHOW_TEXT, 24},
	{"EVENT", "event", DL_SHOW_TEXT, 17},
	{"TIME", "duration_s", DL_SHOW_SPAN, 8},
	{"AGE", "created_at", DL_SHOW_AGE, 8},
	{"REF", "ref", DL_SHOW_REF, 60},
	{NULL, NULL, 0, 0},
};

static const struct dl_field step_fields[] = {
	NUMBER(dl_step, number, "its place in the job, from 1"),
	TEXT(dl_step, name, "what the step is called"),
	STATE(dl_step),
	NUMBER(dl_step, duration_s, "seconds from start to end"),
	END,
};

static const struct dl_field job_fields[] = {
	HEAD(dl_job),
	TEXT(dl_job, id, "the provider's id"),
	TEXT(dl_job, run_id, "the id of the run it belongs to"),
	TEXT(dl_job, name, "what the job is called"),
	STATE(dl_job),
	TEXT(dl_job, raw_status, "the provider's own word that decided the two"),
	FLAG(dl_job, needs_action, "true when nothing goes on until a human acts"),
	TEXT(dl_job, runner, "the machine it ran on"),
	TIME(dl_job, started_at, "when it began"),
	TIME(dl_job, completed_at, "when it was over"),
	NUMBER(dl_job, duration_s, "seconds from start to end"),
	TEXT(dl_job, url, "its page for people"),
	LIST(dl_job, steps, &dl_record_step,
	     "its steps in order, objects of number, name, status, conclusion, duration_s"),
	JSON(dl_job, metadata, "what only this provider knows, an object"),
	END,
};

static const struct dl_column job_columns[] = {
	{"STATE", "conclusion|status", DL_SHOW_STATE, 15},
	{"JOB", "name", DL_SHOW_TEXT, 0},
	{"RUNNER", "runner", DL_SHOW_TEXT, 24},
	{"TIME", "duration_s", DL_SHOW_SPAN, 8},
	{"STARTED", "started_at", DL_SHOW_AGE, 8},
	{"REF", "ref", DL_SHOW_REF, 60},
	{NULL, NULL, 0, 0},
};

static const struct dl_field input_fields[] = {
	TEXT(dl_input_line, name, "what -f calls it"),
	TEXT(dl_input_line, kind, "string, boolean, number, choice, ... in the provider's word"),
	FLAG(dl_input_line, required, "true when it must be given"),
	TEXT(dl_input_line, value, "what it is when it is not given"),
	TEXT(dl_input_line, choices, "what it may be, words separated by commas; null: anything"),
	TEXT(dl_input_line, text, "what it is for"),
	END,
};

static const struct dl_field workflow_fields[] = {
	HEAD(dl_workflow),
	TEXT(dl_workflow, id, "the provider's id"),
	TEXT(dl_workflow, name, "what the workflow is called"),
	TEXT(dl_workflow, path, "the file that defines it"),
	TEXT(dl_workflow, state, "active, disabled, ... in the provider's word"),
	TEXT(dl_workflow, triggers, "what starts it, words separated by commas"),
	TEXT(dl_workflow, url, "its page for people"),
	LIST(dl_workflow, inputs, &dl_record_input,
	     "what it takes when it is started by hand, objects of name, kind, required, value, choices, "
	     "text; with --inputs"),
	END,
};

static const struct dl_column workflow_columns[] = {
	{"STATE", "state", DL_SHOW_TEXT, 20},
	{"NAME", "name", DL_SHOW_TEXT, 0},
	{"TRIGGERS", "triggers", DL_SHOW_TEXT, 24},
	{"INPUTS", "inputs", DL_SHOW_NAMES, 40},
	{"PATH", "path", DL_SHOW_TEXT, 40},
	{"REF", "ref", DL_SHOW_REF, 60},
	{NULL, NULL, 0, 0},
};

static const struct dl_field artifact_fields[] = {
	HEAD(dl_artifact),
	TEXT(dl_artifact, id, "the provider's id"),
	TEXT(dl_artifact, run_id, "the id of the run that left it"),
	TEXT(dl_artifact, name, "what it is called"),
	NUMBER(dl_artifact, size_bytes, "how large it is"),
	TEXT(dl_artifact, digest, "of its bytes: the algorithm, a colon, hexadecimal digits"),
	FLAG(dl_artifact, expired, "true when it cannot be downloaded any more"),
	TIME(dl_artifact, created_at, "when it was uploaded"),
	TIME(dl_artifact, expires_at, "when it will be gone"),
	TEXT(dl_artifact, url, "its page for people"),
	TEXT(dl_artifact, path, "the folder or file it has been downloaded to"),
	END,
};

static const struct dl_column artifact_columns[] = {
	{"NAME", "name", DL_SHOW_TEXT, 0},
	{"SIZE", "size_bytes", DL_SHOW_SIZE, 8},
	{"AGE", "created_at", DL_SHOW_AGE, 8},
	{"EXPIRED", "expired", DL_SHOW_TEXT, 7},
	{"PATH", "path", DL_SHOW_TEXT, 40},
	{"REF", "ref", DL_SHOW_REF, 60},
	{NULL, NULL, 0, 0},
};

static const char *const check_words[] = {
	[DL_CHECK_PASS] = "pass", [DL_CHECK_WARN] = "warn", [DL_CHECK_FAIL] = "fail",
	[DL_CHECK_SKIP] = "skip", [DL_CHECK_SKIP + 1] = NULL,
};

static const struct dl_field check_fields[] = {
	HEAD(dl_check),
	TEXT(dl_check, name, "what was looked at"),
	WORD(dl_check, status, check_words, "pass, warn, fail or skip"),
	TEXT(dl_check, message, "what was seen"),
	TEXT(dl_check, hint, "what to do about it"),
	TEXT(dl_check, command,
	     "the command that does it, for a shell; words in capitals stand for what only you know"),
	TEXT(dl_check, detail, "more of what was seen"),
	END,
};

static const struct dl_column check_columns[] = {
	{"STATE", "status", DL_SHOW_STATE, 6},
	{"CHECK", "name", DL_SHOW_TEXT, 32},
	{"MESSAGE", "message", DL_SHOW_TEXT, 0},
	{"MORE", "command|hint|detail", DL_SHOW_TEXT, 60},
	{NULL, NULL, 0, 0},
};

static const char *const action_words[] = {
	NULL, "planned", "created", "updated", "uploaded", "skipped", "conflict", "failed", NULL,
};

static const struct dl_field package_fields[] = {
	HEAD(dl_package),
	TEXT(dl_package, name, "what the package is called"),
	TEXT(dl_package, version, "its version"),
	TEXT(dl_package, file, "one file of that version; null: the version as a whole"),
	NUMBER(dl_package, size_bytes, "how large the file is"),
	TEXT(dl_package, sha256, "of the file's bytes, hexadecimal digits"),
	WORD(dl_package, action, action_words,
	     "what became of it: planned, created, updated, uploaded, skipped (the same is there), conflict "
	     "(another one is there) or failed"),
	FLAG(dl_package, yanked, "true when its authors took it back"),
	TIME(dl_package, released_at, "when it was uploaded"),
	TEXT(dl_package, url, "its page for people"),
	TEXT(dl_package, path, "where the file is here"),
	JSON(dl_package, error, "why it failed, an object"),
	END,
};

static const struct dl_column package_columns[] = {
	{"ACTION", "action", DL_SHOW_STATE, 9},
	{"NAME", "name", DL_SHOW_TEXT, 32},
	{"VERSION", "version", DL_SHOW_TEXT, 20},
	{"FILE", "file", DL_SHOW_TEXT, 0},
	{"SIZE", "size_bytes", DL_SHOW_SIZE, 8},
	{"AGE", "released_at", DL_SHOW_AGE, 8},
	{"YANKED", "yanked", DL_SHOW_TEXT, 6},
	{NULL, NULL, 0, 0},
};

static const struct dl_field asset_fields[] = {
	HEAD(dl_asset),
	TEXT(dl_asset, id, "the provider's id"),
	TEXT(dl_asset, name, "what the file is called"),
	TEXT(dl_asset, label, "what people are shown in its place"),
	NUMBER(dl_asset, size_bytes, "how large it is"),
	TEXT(dl_asset, content_type, "its media type"),
	TEXT(dl_asset, digest, "of its bytes: the algorithm, a colon, hexadecimal digits"),
	TEXT(dl_asset, state, "uploaded, or how far it is, in the provider's word"),
	TEXT(dl_asset, url, "where it is downloaded from"),
	TEXT(dl_asset, path, "the file here that it has been downloaded to, or comes from"),
	WORD(dl_asset, action, action_words,
	     "what became of it: planned, created, updated, uploaded, skipped (the same is there), conflict "
	     "(another one is there) or failed"),
	JSON(dl_asset, error, "why it failed, an object"),
	END,
};

static const struct dl_column asset_columns[] = {
	{"ACTION", "action", DL_SHOW_STATE, 9},
	{"NAME", "name", DL_SHOW_TEXT, 0},
	{"SIZE", "size_bytes", DL_SHOW_SIZE, 8},
	{"TYPE", "content_type", DL_SHOW_TEXT, 24},
	{"REF", "ref", DL_SHOW_REF, 60},
	{NULL, NULL, 0, 0},
};

static const struct dl_field release_fields[] = {
	HEAD(dl_release),
	TEXT(dl_release, id, "the provider's id"),
	TEXT(dl_release, tag, "the tag it was made from"),
	TEXT(dl_release, name, "what it is called"),
	TEXT(dl_release, sha, "the commit of the tag, always the full hash"),
	FLAG(dl_release, draft, "true when nobody else sees it yet"),
	FLAG(dl_release, prerelease, "true when it is not meant for everybody"),
	FLAG(dl_release, latest, "true for the one that people are shown first"),
	TIME(dl_release, created_at, "when it was made"),
	TIME(dl_release, published_at, "when it was shown to all"),
	TEXT(dl_release, url, "its page for people"),
	LIST(dl_release, assets, &dl_record_asset, "its files, objects with the members of asset"),
	TEXT(dl_release, body, "its notes, Markdown"),
	WORD(dl_release, action, action_words,
	     "what became of it: planned, created, updated, uploaded, skipped, conflict or failed"),
	END,
};

static const struct dl_column release_columns[] = {
	{"TAG", "tag", DL_SHOW_TEXT, 24},
	{"NAME", "name", DL_SHOW_TEXT, 0},
	{"DRAFT", "draft", DL_SHOW_TEXT, 5},
	{"PRE", "prerelease", DL_SHOW_TEXT, 5},
	{"LATEST", "latest", DL_SHOW_TEXT, 6},
	{"AGE", "published_at|created_at", DL_SHOW_AGE, 8},
	{"REF", "ref", DL_SHOW_REF, 60},
	{NULL, NULL, 0, 0},
};

static const struct dl_field footer_fields[] = {
	TEXT(dl_footer, token, "what stands before the colon"),
	TEXT(dl_footer, value, "what stands behind it"),
	END,
};

static const struct dl_field person_fields[] = {
	TEXT(dl_person, name, "what somebody is called"),
	TEXT(dl_person, email, "the address"),
	END,
};

static const struct dl_schema footer = {
	.type = "footer", .size = sizeof(struct dl_footer), .fields = footer_fields,
};

static const struct dl_schema person = {
	.type = "person", .size = sizeof(struct dl_person), .fields = person_fields,
};

static const struct dl_field change_fields[] = {
	HEAD(dl_change),
	TEXT(dl_change, sha, "the commit, always the full hash"),
	TEXT(dl_change, kind, "its type, a word of those that count: feat, fix, ...; null: it has none"),
	TEXT(dl_change, scope, "the part that it is about, from the parentheses behind the type"),
	FLAG(dl_change, breaking, "true when it breaks something for its users"),
	TEXT(dl_change, breaking_text, "what its footer BREAKING CHANGE says"),
	TEXT(dl_change, subject, "the first line of its message, without type, scope and pull request"),
	TEXT(dl_change, body, "what stands between first line and footers"),
	LIST(dl_change, footers, &footer, "its footers in order, objects of token and value"),
	TEXT(dl_change, author, "who wrote it"),
	TEXT(dl_change, email, "the author's address"),
	LIST(dl_change, co_authors, &person, "who else did, objects of name and email"),
	TIME(dl_change, date, "when it was committed"),
	TEXT(dl_change, refs, "the issues that it mentions, separated by commas"),
	TEXT(dl_change, pr, "the number of the pull request that it came by"),
	TEXT(dl_change, tag, "the release that it first came with; null: none so far"),
	TEXT(dl_change, section,
	     "the heading it stands under in the changelog; null: it is not told: a merge, a change that was "
	     "reverted, the second of two that are alike, a type without a heading"),
	TEXT(dl_change, url, "its page for people"),
	END,
};

static const struct dl_column change_columns[] = {
	{"SHA", "sha", DL_SHOW_SHA, 10},
	{"TAG", "tag", DL_SHOW_TEXT, 20},
	{"KIND", "kind", DL_SHOW_TEXT, 10},
	{"SCOPE", "scope", DL_SHOW_TEXT, 16},
	{"SUBJECT", "subject", DL_SHOW_TEXT, 0},
	{"AUTHOR", "author", DL_SHOW_TEXT, 24},
	{"SECTION", "section", DL_SHOW_TEXT, 20},
	{NULL, NULL, 0, 0},
};

static const struct dl_field repo_fields[] = {
	HEAD(dl_repo_line),
	TEXT(dl_repo_line, id, "the provider's id"),
	TEXT(dl_repo_line, name, "its name, without its owner"),
	TEXT(dl_repo_line, owner, "the user, organisation or group it belongs to"),
	TEXT(dl_repo_line, default_branch, "the branch that a clone begins with"),
	FLAG(dl_repo_line, private, "true when not everybody may read it"),
	FLAG(dl_repo_line, archived, "true when nobody may change it any more"),
	FLAG(dl_repo_line, fork, "true when it was made from another one"),
	TEXT(dl_repo_line, topics, "what it is about, words separated by commas"),
	TEXT(dl_repo_line, description, "what it is about, for people"),
	NUMBER(dl_repo_line, size_bytes, "how large it is on the server"),
	TIME(dl_repo_line, pushed_at, "when it was last pushed to"),
	TEXT(dl_repo_line, clone_url, "where it is cloned from by https"),
	TEXT(dl_repo_line, ssh_url, "where it is cloned from by ssh"),
	TEXT(dl_repo_line, url, "its page for people"),
	TEXT(dl_repo_line, path, "the folder of its clone here"),
	TEXT(dl_repo_line, tier, "how urgent it is to keep the clone fresh"),
	END,
};

static const struct dl_column repo_columns[] = {
	{"NAME", "project", DL_SHOW_TEXT, 48},
	{"BRANCH", "default_branch", DL_SHOW_TEXT, 20},
	{"PUSHED", "pushed_at", DL_SHOW_AGE, 8},
	{"SIZE", "size_bytes", DL_SHOW_SIZE, 8},
	{"DESCRIPTION", "description", DL_SHOW_TEXT, 0},
	{NULL, NULL, 0, 0},
};

static const struct dl_column repo_here_columns[] = {
	{"NAME", "name", DL_SHOW_TEXT, 40},
	{"TIER", "tier", DL_SHOW_TEXT, 16},
	{"REF", "default_branch", DL_SHOW_TEXT, 20},
	{"PATH", "path", DL_SHOW_TEXT, 48},
	{"URL", "clone_url|ssh_url", DL_SHOW_TEXT, 0},
	{NULL, NULL, 0, 0},
};

const char *const dl_record_sync_words[] = {
	NULL, "cloned", "updated", "unchanged", "skipped", "failed", NULL,
};

static const struct dl_field sync_fields[] = {
	HEAD(dl_sync_line),
	TEXT(dl_sync_line, name, "what the configuration calls it"),
	TEXT(dl_sync_line, path, "the folder of its clone, below the folder of all"),
	TEXT(dl_sync_line, tier, "the list of the configuration that it stands in"),
	WORD(dl_sync_line, action, dl_record_sync_words,
	     "what became of it: cloned, updated, unchanged, skipped (left as it is, since something "
	     "would be lost) or failed"),
	TEXT(dl_sync_line, reason,
	     "one word for why it was skipped, for the class of its failure, or for what else is to be known "
	     "of it"),
	TEXT(dl_sync_line, old_sha, "the commit that its branch was at before"),
	TEXT(dl_sync_line, new_sha, "the commit that its branch is at now"),
	NUMBER(dl_sync_line, commits, "how many commits have come"),
	JSON(dl_sync_line, duration_s, "seconds spent on it, with a fraction"),
	NUMBER(dl_sync_line, received_bytes, "about how many bytes of objects came over the network"),
	JSON(dl_sync_line, error, "why it was skipped or failed, an object"),
	END,
};

static const struct dl_column sync_columns[] = {
	{"ACTION", "action", DL_SHOW_STATE, 9},
	{"NAME", "name", DL_SHOW_TEXT, 40},
	{"PATH", "path", DL_SHOW_TEXT, 48},
	{"SHA", "new_sha", DL_SHOW_SHA, 10},
	{"COMMITS", "commits", DL_SHOW_TEXT, 7},
	{"SECONDS", "duration_s", DL_SHOW_TEXT, 8},
	{"REASON", "reason", DL_SHOW_TEXT, 0},
	{NULL, NULL, 0, 0},
};

static const struct dl_field summary_fields[] = {
	HEAD(dl_summary),
	TEXT(dl_summary, action, "what was done: sync_all, clone_all or pull_all"),
	NUMBER(dl_summary, total, "how many things were worked on"),
	NUMBER(dl_summary, succeeded, "how many of them are as they should be now"),
	NUMBER(dl_summary, failed, "how many failed"),
	NUMBER(dl_summary, skipped, "how many were left as they are"),
	JSON(dl_summary, duration_s, "seconds it took, with a fraction"),
	END,
};

static const struct dl_column summary_columns[] = {
	{"ACTION", "action", DL_SHOW_TEXT, 12},
	{"TOTAL", "total", DL_SHOW_TEXT, 8},
	{"OK", "succeeded", DL_SHOW_TEXT, 8},
	{"FAILED", "failed", DL_SHOW_TEXT, 8},
	{"SKIPPED", "skipped", DL_SHOW_TEXT, 8},
	{"SECONDS", "duration_s", DL_SHOW_TEXT, 8},
	{NULL, NULL, 0, 0},
};

static const struct dl_field entry_fields[] = {
	HEAD(dl_entry),
	TEXT(dl_entry, path, "where it stands, from the top of the tree"),
	TEXT(dl_entry, kind, "file, folder, link or module"),
	TEXT(dl_entry, mode, "its mode in git: 100644, 100755, 040000, ..."),
	NUMBER(dl_entry, size_bytes, "how large the file is"),
	TEXT(dl_entry, sha, "its object in git, the full hash"),
	END,
};

static const struct dl_column entry_columns[] = {
	{"MODE", "mode", DL_SHOW_TEXT, 6},
	{"KIND", "kind", DL_SHOW_TEXT, 6},
	{"SIZE", "size_bytes", DL_SHOW_SIZE, 8},
	{"SHA", "sha", DL_SHOW_SHA, 10},
	{"PATH", "path", DL_SHOW_TEXT, 0},
	{NULL, NULL, 0, 0},
};

static const struct dl_field verdict_fields[] = {
	HEAD(dl_verdict),
	TEXT(dl_verdict, branch, "the branch that was asked about"),
	TEXT(dl_verdict, sha, "the commit that was judged, always the full hash"),
	WORD(dl_verdict, verdict, dl_record_verdict_words,
	     "failure, action_required, cancelled, superseded, pending, unregistered, stale, none, "
	     "success or skipped"),
	STATE(dl_verdict),
	NUMBER(dl_verdict, total, "how many runs, checks and statuses count"),
	NUMBER(dl_verdict, passed, "how many of them are success, neutral or skipped"),
	NUMBER(dl_verdict, failed, "how many are over and did not pass"),
	NUMBER(dl_verdict, pending, "how many are not over"),
	TEXT(dl_verdict, name, "the one that decides the verdict"),
	TEXT(dl_verdict, url, "its page for people"),
	NUMBER(dl_verdict, age_s, "seconds since the provider was asked"),
	FLAG(dl_verdict, from_cache, "true when the answer comes from disk"),
	JSON(dl_verdict, metadata, "why, where the words above do not say it all, an object"),
	END,
};

static const struct dl_column verdict_columns[] = {
	{"VERDICT", "verdict", DL_SHOW_STATE, 15},
	{"PROJECT", "project", DL_SHOW_TEXT, 40},
	{"BRANCH", "branch", DL_SHOW_TEXT, 24},
	{"SHA", "sha", DL_SHOW_SHA, 10},
	{"OK", "passed", DL_SHOW_TEXT, 4},
	{"BAD", "failed", DL_SHOW_TEXT, 4},
	{"WAIT", "pending", DL_SHOW_TEXT, 4},
	{"DECIDED BY", "name", DL_SHOW_TEXT, 0},
	{"REF", "ref", DL_SHOW_REF, 60},
	{NULL, NULL, 0, 0},
};

static const struct dl_field log_fields[] = {
	HEAD(dl_log_line),
	TEXT(dl_log_line, job, "the job that wrote the line"),
	NUMBER(dl_log_line, number, "the line's number in the job's log, from 1"),
	TIME(dl_log_line, time, "when it was written, where the log says so"),
	TEXT(dl_log_line, text, "the line, without time stamp and terminal escapes"),
	END,
};

static const struct dl_column log_columns[] = {
	{"JOB", "job", DL_SHOW_TEXT, 24},
	{"LINE", "number", DL_SHOW_TEXT, 6},
	{"TEXT", "text", DL_SHOW_TEXT, 0},
	{NULL, NULL, 0, 0},
};

static const struct dl_field provider_fields[] = {
	HEAD(dl_provider_line),
	TEXT(dl_provider_line, name, "the word for -p"),
	TEXT(dl_provider_line, kind, "ci, registry or forge"),
	TEXT(dl_provider_line, title, "its name for people"),
	TEXT(dl_provider_line, source, "built-in, or the path of the plugin"),
	TEXT(dl_provider_line, ops, "what it can do, words separated by commas"),
	FLAG(dl_provider_line, detected, "true for the one that is asked here"),
	TEXT(dl_provider_line, why, "what was seen that decided it"),
	END,
};

static const struct dl_column provider_columns[] = {
	{"HERE", "detected", DL_SHOW_TEXT, 5},
	{"NAME", "name", DL_SHOW_TEXT, 16},
	{"KIND", "kind", DL_SHOW_TEXT, 8},
	{"TITLE", "title", DL_SHOW_TEXT, 20},
	{"OPERATIONS", "ops", DL_SHOW_TEXT, 60},
	{"WHY", "why", DL_SHOW_TEXT, 0},
	{NULL, NULL, 0, 0},
};

static const char *const hook_state_words[] = {
	NULL, "runs", "called", "off", "ignored", "broken", "displaced", NULL,
};

const char *const dl_record_hook_actions[] = {
	NULL, "installed", "updated", "unchanged", "removed", "restored", "left", NULL,
};

static const struct dl_field hook_fields[] = {
	HEAD(dl_hook_line),
	TEXT(dl_hook_line, event, "what git runs it for: pre-push, post-push"),
	NUMBER(dl_hook_line, order, "1 is started first; null: it is not started"),
	TEXT(dl_hook_line, name, "its name in git's configuration, or who wrote the file; null: unknown"),
	WORD(dl_hook_line, state, hook_state_words, "runs, called, off, ignored, broken or displaced"),
	WORD(dl_hook_line, action, dl_record_hook_actions,
	     "what was done: installed, updated, unchanged, removed, restored or left; null: nothing"),
	TEXT(dl_hook_line, scope,
	     "file, or system, global, local, worktree or command: of git's configuration"),
	TEXT(dl_hook_line, path, "the file of the hook, or of the configuration"),
	TEXT(dl_hook_line, command, "what git has a shell run, of a hook in the configuration"),
	TEXT(dl_hook_line, message, "what there is to say about it"),
	END,
};

static const struct dl_column hook_columns[] = {
	{"EVENT", "event", DL_SHOW_TEXT, 10},
	{"ORDER", "order", DL_SHOW_TEXT, 5},
	{"STATE", "action|state", DL_SHOW_STATE, 10},
	{"NAME", "name", DL_SHOW_TEXT, 16},
	{"SCOPE", "scope", DL_SHOW_TEXT, 8},
	{"PATH", "path", DL_SHOW_TEXT, 60},
	{"MESSAGE", "message", DL_SHOW_TEXT, 0},
	{NULL, NULL, 0, 0},
};

static const struct dl_field changed_fields[] = {
	TEXT(dl_changed, name, "the URL of a request, the ref of a run or branch, the path on disk"),
	TEXT(dl_changed, how, "the method of the request, or what was done"),
	NUMBER(dl_changed, status, "of the HTTP answer; null: there was none"),
	END,
};

static const struct dl_schema changed_schema = {
	.type = "changed", .size = sizeof(struct dl_changed), .fields = changed_fields,
};

static const struct dl_field event_fields[] = {
	HEAD(dl_event),
	TIME(dl_event, time, "when the program ended"),
	TEXT(dl_event, program, "which program"),
	TEXT(dl_event, operation, "what it was asked to do"),
	TEXT(dl_event, class, "how it ended, a word of the table of exit codes"),
	JSON(dl_event, duration_s, "seconds it took, with a fraction"),
	NUMBER(dl_event, requests, "HTTP requests sent"),
	NUMBER(dl_event, not_modified, "how many were answered 304"),
	NUMBER(dl_event, from_disk, "answers that were on disk, so that nothing was sent"),
	NUMBER(dl_event, sent_bytes, "bytes of request bodies"),
	NUMBER(dl_event, received_bytes, "bytes of answers"),
	NUMBER(dl_event, retries, "requests that were sent again"),
	JSON(dl_event, waited_s, "seconds spent waiting for a server to be ready again"),
	NUMBER(dl_event, rate_remaining, "requests left in the provider's quota, where it says"),
	FLAG(dl_event, mutated, "true when something was changed, on a server or here"),
	LIST(dl_event, changed, &changed_schema, "what was changed, or may have been: see below"),
	TEXT(dl_event, detail, "the error's message"),
	END,
};

static const struct dl_column event_columns[] = {
	{"AGE", "time", DL_SHOW_AGE, 8},
	{"PROGRAM", "program", DL_SHOW_TEXT, 16},
	{"CLASS", "class", DL_SHOW_TEXT, 12},
	{"SECONDS", "duration_s", DL_SHOW_TEXT, 8},
	{"REQUESTS", "requests", DL_SHOW_TEXT, 8},
	{"PROJECT", "project", DL_SHOW_TEXT, 40},
	{"DETAIL", "detail", DL_SHOW_TEXT, 0},
	{NULL, NULL, 0, 0},
};

static const struct dl_field stats_fields[] = {
	HEAD(dl_stats_line),
	TEXT(dl_stats_line, day, "the day, by UTC; null: all of them"),
	TEXT(dl_stats_line, operation, "what was asked for; null: all of it"),
	NUMBER(dl_stats_line, count, "how often"),
	NUMBER(dl_stats_line, failed, "how often that failed: not ok, no, pending or missing"),
	JSON(dl_stats_line, classes, "how often it ended with which class: an object of numbers"),
	JSON(dl_stats_line, p50_s, "seconds that half of them took at most, give or take 2 %"),
	JSON(dl_stats_line, p90_s, "seconds that nine of ten took at most"),
	JSON(dl_stats_line, p99_s, "seconds that ninety-nine of a hundred took at most"),
	NUMBER(dl_stats_line, requests, "HTTP requests sent"),
	NUMBER(dl_stats_line, quota_used, "those that count against a quota: not answered 304"),
	NUMBER(dl_stats_line, rate_remaining, "the least that was left of the provider's quota"),
	JSON(dl_stats_line, hit_ratio, "the share of answers that came from the cache, or were answered 304"),
	NUMBER(dl_stats_line, sent_bytes, "bytes of request bodies"),
	NUMBER(dl_stats_line, received_bytes, "bytes of answers"),
	NUMBER(dl_stats_line, retries, "requests that were sent again"),
	JSON(dl_stats_line, waited_s, "seconds spent waiting for a server to be ready again"),
	JSON(dl_stats_line, hook_waited_s, "seconds that dl-gate has held pushes up"),
	NUMBER(dl_stats_line, stopped, "pushes that dl-gate has stopped"),
	NUMBER(dl_stats_line, mutated, "operations that have changed something"),
	END,
};

static const struct dl_column stats_columns[] = {
	{"DAY", "day", DL_SHOW_REF, 0},
	{"PROVIDER", "provider", DL_SHOW_TEXT, 16},
	{"OPERATION", "operation", DL_SHOW_TEXT, 16},
	{"COUNT", "count", DL_SHOW_REF, 0},
	{"FAILED", "failed", DL_SHOW_REF, 0},
	{"P50", "p50_s", DL_SHOW_REF, 0},
	{"P90", "p90_s", DL_SHOW_REF, 0},
	{"P99", "p99_s", DL_SHOW_REF, 0},
	{"REQUESTS", "requests", DL_SHOW_REF, 0},
	{"HITS", "hit_ratio", DL_SHOW_REF, 0},
	{"LEFT", "rate_remaining", DL_SHOW_REF, 0},
	{"HELD", "hook_waited_s", DL_SHOW_REF, 0},
	{"STOPPED", "stopped", DL_SHOW_REF, 0},
	{"CHANGED", "mutated", DL_SHOW_REF, 0},
	{NULL, NULL, 0, 0},
};

static const struct dl_field trend_fields[] = {
	HEAD(dl_trend_line),
	TEXT(dl_trend_line, workflow, "whose runs they are"),
	NUMBER(dl_trend_line, total, "how many there are"),
	NUMBER(dl_trend_line, succeeded, "how many have succeeded"),
	NUMBER(dl_trend_line, failed, "how many have failed, or took too long"),
	JSON(dl_trend_line, success_ratio, "the share of the former among both"),
	NUMBER(dl_trend_line, commits, "how many commits they are of"),
	NUMBER(dl_trend_line, flaky, "for how many of these the same run has both failed and succeeded"),
	NUMBER(dl_trend_line, p50_s, "seconds that half of them took at most"),
	NUMBER(dl_trend_line, p90_s, "seconds that nine of ten took at most"),
	TEXT(dl_trend_line, durations, "how long the newest took, the newest last, as a line of bars"),
	END,
};

static const struct dl_column trend_columns[] = {
	{"WORKFLOW", "workflow", DL_SHOW_TEXT, 30},
	{"PROJECT", "project", DL_SHOW_TEXT, 40},
	{"RUNS", "total", DL_SHOW_REF, 0},
	{"SUCCESS", "success_ratio", DL_SHOW_REF, 0},
	{"FLAKY", "flaky", DL_SHOW_REF, 0},
	{"P50", "p50_s", DL_SHOW_SPAN, 0},
	{"P90", "p90_s", DL_SHOW_SPAN, 0},
	{"DURATIONS", "durations", DL_SHOW_REF, 0},
	{NULL, NULL, 0, 0},
};

static const struct dl_field error_fields[] = {
	HEAD(dl_error_line),
	TEXT(dl_error_line, class, "a word of the table of exit codes"),
	NUMBER(dl_error_line, exit, "its exit code"),
	TEXT(dl_error_line, message, "what went wrong"),
	TEXT(dl_error_line, hint, "what to do about it"),
	NUMBER(dl_error_line, retry_after_s, "seconds until it is worth trying again"),
	NUMBER(dl_error_line, status, "of the HTTP answer that said no"),
	END,
};

static const struct dl_column error_columns[] = {
	{"CLASS", "class", DL_SHOW_STATE, 12},
	{"MESSAGE", "message", DL_SHOW_TEXT, 0},
	{"REF", "ref", DL_SHOW_REF, 60},
	{NULL, NULL, 0, 0},
};

#define SCHEMA(name, type_, record, doc_)                                                                   \
	const struct dl_schema dl_record_##name = {                                                         \
		.type = type_, .size = sizeof(struct record), .fields = name##_fields,                      \
		.columns = name##_columns, .doc = doc_}

SCHEMA(run, "run", dl_run, "one run of a workflow");
SCHEMA(job, "job", dl_job, "one job of a run");
SCHEMA(workflow, "workflow", dl_workflow, "something that can be run");
SCHEMA(artifact, "artifact", dl_artifact, "files that a run has left");
SCHEMA(check, "check", dl_check, "one thing that was looked at, and how it is");
SCHEMA(package, "package", dl_package, "a version of a package, or one file of it");
SCHEMA(release, "release", dl_release, "a release of a project");
SCHEMA(asset, "asset", dl_asset, "a file of a release");
SCHEMA(change, "change", dl_change, "one commit, as a changelog tells it");
SCHEMA(repo, "repo", dl_repo_line, "a repository on a forge");
SCHEMA(entry, "entry", dl_entry, "a file or folder in a tree");
SCHEMA(verdict, "verdict", dl_verdict, "the answer for one commit");
SCHEMA(log, "log", dl_log_line, "one line of a log");
SCHEMA(sync, "sync", dl_sync_line, "what became of one repository that is kept in step");
SCHEMA(summary, "summary", dl_summary, "what became of all that was worked on");
SCHEMA(provider, "provider", dl_provider_line, "one provider and what it can do");
SCHEMA(hook, "hook", dl_hook_line, "a hook of git, and what has become of it");
SCHEMA(event, "event", dl_event, "what a program did, in the event log");
SCHEMA(stats, "stats", dl_stats_line, "what many events come to");
SCHEMA(trend, "trend", dl_trend_line, "what the runs of a workflow come to");
SCHEMA(error, "error", dl_error_line, "a failure");

const struct dl_schema dl_record_step = {
	.type = "step", .size = sizeof(struct dl_step), .fields = step_fields,
};

const struct dl_schema dl_record_repo_here = {
	.type = "repo", .size = sizeof(struct dl_repo_line), .fields = repo_fields,
	.columns = repo_here_columns,
};

const struct dl_schema dl_record_input = {
	.type = "input", .size = sizeof(struct dl_input_line), .fields = input_fields,
};

const struct dl_schema *const dl_record_all[] = {
	&dl_record_run,	    &dl_record_job,	&dl_record_workflow, &dl_record_artifact, &dl_record_verdict,
	&dl_record_check,   &dl_record_log,	&dl_record_package,  &dl_record_release,  &dl_record_asset,
	&dl_record_change,  &dl_record_repo,	&dl_record_entry,    &dl_record_sync,	  &dl_record_summary,
	&dl_record_provider, &dl_record_hook,	&dl_push_schema,     &dl_record_event,	  &dl_record_stats,
	&dl_record_trend,
	&dl_record_error,    NULL,
};

const struct dl_schema *dl_record_find(const char *type)
{
	const struct dl_schema *const *schema;

	for (schema = dl_record_all; type && *schema; schema++)
		if (strcmp((*schema)->type, type) == 0)
			return *schema;
	return NULL;
}

struct dl_job *dl_record_job_of(struct dl_scope *scope, const struct dl_run *run)
{
	struct dl_job *job = dl_schema_new(scope, &dl_record_job);

	job->head = run->head;
	job->id = job->run_id = run->id;
	job->name = run->workflow;
	job->state = run->state;
	job->started_at = run->started_at;
	job->completed_at = run->completed_at;
	job->duration_s = run->duration_s;
	job->url = run->url;
	return job;
}

static void add_text(struct dl_buf *buf, const char *key, const char *text)
{
	dl_buf_printf(buf, ",\"%s\":", key);
	if (text)
		dl_json_quote(buf, text, strlen(text));
	else
		dl_buf_puts(buf, "null");
}

static void add_number(struct dl_buf *buf, const char *key, long number)
{
	if (number)
		dl_buf_printf(buf, ",\"%s\":%ld", key, number);
	else
		dl_buf_printf(buf, ",\"%s\":null", key);
}

const char *dl_record_failure(struct dl_arena *arena, const struct dl_error *error)
{
	struct dl_buf buf;

	dl_buf_init(&buf, arena, DL_CAP_LINE);
	dl_buf_printf(&buf, "{\"class\":\"%s\",\"exit\":%d", dl_fail_word(error->class), (int)error->class);
	add_text(&buf, "message", error->message);
	add_text(&buf, "hint", error->hint);
	add_number(&buf, "retry_after_s", error->class == DL_LIMITED ? error->retry_after_s : 0);
	add_number(&buf, "status", error->status);
	dl_buf_putc(&buf, '}');
	return buf.overflow ? NULL : buf.data;
}

const char *dl_record_reason(struct dl_scope *scope, const struct dl_verdict *verdict)
{
	char *metadata = dl_arena_string(&scope->arena, verdict->metadata ? verdict->metadata : "{}");

	return dl_json_text(dl_json_parse(scope, metadata, strlen(metadata)), "reason");
}
