/* The questions do not hang on each other, so that on a server they take as long as one of them. Which is why
 * the commit that a new tag would get is asked about also where the tag turns out to be there. */
#include "lib/release/release_look.h"

#include <string.h>

#include "lib/base/pool.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/data/record.h"
#include "lib/data/semver.h"
#include "lib/data/sink.h"
#include "lib/git/repo.h"
#include "lib/program/tool.h"

static const char *quote(struct dl_scope *scope, const char *text)
{
	return dl_text_quote(&scope->arena, text);
}

/* ------------------------------------------------------------------ the releases */

struct survey {
	struct dl_sink sink;
	struct dl_scope *keep;
	const char *tag;
	struct dl_release_look *look;
};

static bool is_higher(const struct dl_release *release, const struct dl_release *than)
{
	struct dl_semver version, other;

	return dl_semver_in_tag(release->tag, &version) && !version.pre.len &&
	       (!than || (dl_semver_in_tag(than->tag, &other) && dl_semver_compare(&version, &other) > 0));
}

/* The list begins with the newest. */
static int weigh(struct dl_sink *sink, struct dl_scope *scope, const struct dl_schema *schema,
		 const void *record)
{
	struct survey *survey = (struct survey *)sink;
	struct dl_release_look *look = survey->look;
	const struct dl_release *release = record;
	bool draft = release->draft == 1, ours = dl_text_same(release->tag, survey->tag);

	(void)scope;
	if (release->latest == 1)
		look->latest = dl_schema_copy(survey->keep, schema, release);
	if (ours && (!draft || !look->release || look->release->draft == 1))
		look->release = dl_schema_copy(survey->keep, schema, release);
	if (!ours && !draft && release->prerelease != 1 && is_higher(release, look->highest))
		look->highest = dl_schema_copy(survey->keep, schema, release);
	return DL_MORE;
}

int dl_release_look_again(struct dl_scope *scope, const struct dl_call *call, const char *tag,
			  struct dl_release_look *look)
{
	struct survey survey = {.sink.put = weigh, .keep = scope, .tag = tag, .look = look};

	look->release = look->latest = look->highest = NULL;
	return call->target->provider->forge->releases(scope, call->target, &survey.sink) < 0 ? -1 : 0;
}

/* ------------------------------------------------------------------ all questions */

/* One of them: about a revision, or, without one, about the releases. */
struct question {
	struct dl_scope scope;
	const struct dl_call *call;
	bool asked;
	const char *revision;
	const char *tag;
	const char *sha; /* of the revision; NULL: failed, or, without a failure, it is not there */
	struct dl_release_look look;
};

enum { TAG, COMMIT, RELEASES, QUESTIONS };

static void ask(void *arg, size_t index)
{
	struct question *question = &((struct question *)arg)[index];
	const struct dl_target *target = question->call->target;
	struct dl_scope *scope = &question->scope;

	if (!question->asked)
		return;
	if (question->revision)
		question->sha = target->provider->forge->commit(scope, target, question->revision);
	else
		DL_BUG_IF(dl_release_look_again(scope, question->call, question->tag, &question->look) &&
			  scope->error.class == DL_OK);
	if (question->revision && scope->error.class == DL_MISSING)
		dl_fail_take(scope, &scope->arena);
}

/* The full hash of REVISION here; NULL: there is none, which is no failure. */
static const char *find_here(struct dl_scope *scope, const struct dl_call *call, const char *revision)
{
	const char *sha = dl_target_sha(scope, &call->tool->finder, revision);

	if (!sha)
		dl_fail_take(scope, &scope->arena);
	return sha;
}

static void prepare(struct dl_scope *scope, const struct dl_call *call, const char *tag, const char *commit,
		    struct question *questions)
{
	const struct dl_forge *forge = call->target->provider->forge;
	int i;

	questions[TAG].revision = dl_arena_format(&scope->arena, "refs/tags/%s", tag);
	questions[TAG].asked = true;
	questions[COMMIT].revision = commit;
	questions[COMMIT].asked = commit != NULL;
	questions[RELEASES].asked = forge->releases && (forge->drafts || forge->has_latest);
	for (i = 0; i < QUESTIONS; i++) {
		questions[i].call = call;
		questions[i].tag = tag;
		dl_scope_open(&questions[i].scope, NULL);
	}
}

/* Whether QUESTION was answered; its failure becomes that of SCOPE. */
static bool answered(struct dl_scope *scope, struct question *question)
{
	if (question->scope.error.class == DL_OK)
		return true;
	scope->error = dl_fail_take(&question->scope, &scope->arena);
	return false;
}

/* The commit of the tag, from the answers. */
static int decide_commit(struct dl_scope *scope, const struct dl_call *call, const char *target,
			 struct question *questions, struct dl_release_look *look)
{
	const char *tag = questions[TAG].tag, *commit = questions[COMMIT].revision;
	bool far = !call->target->provider->serverless;

	if (!answered(scope, &questions[TAG]))
		return -1;
	look->sha = dl_arena_string(&scope->arena, questions[TAG].sha);
	if (look->sha && target && strcmp(look->sha, commit) != 0)
		return dl_fail(scope, DL_REFUSED, "the tag '%s' is at %s there", quote(scope, tag),
			       look->sha);
	if (look->sha)
		return 0;
	if (far && call->target->repo && find_here(scope, call, questions[TAG].revision)) {
		dl_fail(scope, DL_REFUSED, "the tag '%s' is only here", quote(scope, tag));
		return dl_fail_hint(scope, "git push origin %s", dl_text_word(&scope->arena, tag));
	}
	if (!commit) /* says why HEAD is none */
		return dl_target_sha(scope, &call->tool->finder, "HEAD") ? 0 : -1;
	if (!answered(scope, &questions[COMMIT]))
		return -1;
	look->sha = dl_arena_string(&scope->arena, questions[COMMIT].sha);
	if (look->sha)
		return 0;
	dl_fail(scope, DL_REFUSED, "%s does not have the commit %s", call->target->host, commit);
	return dl_fail_hint(scope, "push it first");
}

static const struct dl_release *keep(struct dl_scope *scope, const struct dl_release *release)
{
	return release ? dl_schema_copy(scope, &dl_record_release, release) : NULL;
}

int dl_release_look_around(struct dl_scope *scope, const struct dl_call *call, const char *tag,
			   const char *target, struct dl_release_look *look)
{
	const struct dl_forge *forge = call->target->provider->forge;
	struct question questions[QUESTIONS] = {{.asked = false}};
	const struct dl_release_look *found = &questions[RELEASES].look;
	const char *commit;
	int result, i;

	if (!forge->commit)
		return dl_provider_lacks(scope, call->target, "commit");
	commit = target ? dl_target_sha(scope, &call->tool->finder, target) : find_here(scope, call, "HEAD");
	if (target && !commit)
		return -1;
	prepare(scope, call, tag, commit, questions);
	dl_pool_map(QUESTIONS, forge->width ? (size_t)forge->width : 1, ask, questions);
	*look = (struct dl_release_look){
		.release = keep(scope, found->release),
		.latest = keep(scope, found->latest),
		.highest = keep(scope, found->highest),
	};
	result = decide_commit(scope, call, target, questions, look) ||
				 !answered(scope, &questions[RELEASES])
			 ? -1
			 : 0;
	for (i = 0; i < QUESTIONS; i++)
		dl_scope_close(&questions[i].scope);
	return result;
}
