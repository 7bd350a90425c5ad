/* A workflow is a job, and its name the job's with all folders: `folder/job`. Below a folder, which is the
 * project then, the job's own name will do; below a project with branches it is the job of the branch. */
#include "providers/ci/jenkins_job.h"

#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/data/json.h"
#include "lib/data/record.h"
#include "lib/data/sink.h"
#include "lib/git/repo.h"
#include "lib/provider/rest.h"
#include "providers/ci/jenkins_build.h"

#define DEFINITION                                                                                        \
	"buildable,jobs[name],property[parameterDefinitions[name,type,description,choices,"               \
	"defaultParameterValue[value]]]"

/* Organisations have repositories, which have branches: jobs are not deeper. */
#define ITEM "name,fullName,displayName,url,buildable"
#define TREE ITEM ",jobs[" ITEM ",jobs[" ITEM ",jobs[" ITEM "]]]"

static const struct dl_map workflow_map[] = {
	{"id", "fullName|name", DL_AS_IS},
	{"name", "displayName|name", DL_AS_IS},
	{"url", "url", DL_AS_IS},
	{NULL, NULL, DL_AS_IS},
};

static const struct dl_map input_map[] = {
	{"name", "name", DL_AS_IS},
	{"text", "description", DL_AS_IS},
	{NULL, NULL, DL_AS_IS},
};

static int finish_workflow(struct dl_scope *scope, const struct dl_target *target, const struct dl_json *node,
			   void *record)
{
	struct dl_workflow *workflow = record;

	if (!workflow->id)
		return dl_fail(scope, DL_DATA, "%s: a job without a name", target->host);
	workflow->head = dl_provider_head(&scope->arena, target, "workflow", workflow->id);
	workflow->state = dl_json_bool(dl_json_get(node, "buildable")) == 0 ? "disabled" : "active";
	return 0;
}

static const struct dl_route get_job = {
	.path = "/job/{+job}/api/json{?tree}",
	.schema = &dl_record_workflow, .map = workflow_map, .finish = finish_workflow,
};

static const struct dl_json *read_job(struct dl_scope *scope, const struct dl_target *target,
				      const char *tree)
{
	const struct dl_var vars[] = {
		{"job", dl_jenkins_build_job(scope, target)}, {"tree", tree}, {NULL, NULL}};

	return dl_rest_get(scope, target, &get_job, vars);
}

/* ------------------------------------------------------------------ finding a job */

/* NAME as a job, where PROJECT may be that job, or a folder that it is in. */
static const char *job_name(struct dl_scope *scope, const char *project, const char *name)
{
	const char *slash = strrchr(project, '/');
	size_t len = strlen(project);

	if (!name || strcmp(name, slash ? slash + 1 : project) == 0)
		return project;
	if (strncmp(name, project, len) == 0 && (name[len] == '/' || !name[len]))
		return name;
	return dl_arena_format(&scope->arena, "%s/%s", project, name);
}

/* The job among those in ROOT that is for BRANCH, as the target JOB. */
static const struct dl_json *find_branch(struct dl_scope *scope, const struct dl_json *root,
					 const char *branch, struct dl_target *job)
{
	const struct dl_json *list = dl_json_get(root, "jobs"), *node;
	const char *project = dl_text_quote(&scope->arena, job->project);

	if (!branch) {
		dl_fail(scope, DL_USAGE, "'%s' has a job for each branch: which one?", project);
		dl_fail_hint(scope, "name it with -b");
		return NULL;
	}
	for (node = list->child; node; node = node->next)
		if (dl_text_same(dl_jenkins_build_branch(scope, node), branch)) {
			job->project = dl_arena_format(&scope->arena, "%s/%s", job->project,
						       dl_json_text(node, "name"));
			return read_job(scope, job, DEFINITION);
		}
	dl_fail(scope, DL_MISSING, "'%s' has no job for the branch '%s'", project,
		dl_text_quote(&scope->arena, branch));
	dl_fail_hint(scope, "the server makes one when it looks at the repository and finds a Jenkinsfile");
	return NULL;
}

const struct dl_json *dl_jenkins_job_find(struct dl_scope *scope, const struct dl_target *target,
					  const struct dl_trigger *trigger, struct dl_target *job)
{
	const char *branch = trigger->branch;
	const struct dl_json *root;

	*job = *target;
	job->project = job_name(scope, target->project, trigger->workflow);
	root = read_job(scope, job, DEFINITION);
	if (!root)
		return NULL;
	if (dl_jenkins_build_branched(root)) {
		if (!branch && target->repo)
			branch = dl_repo_branch(scope, target->repo);
		return find_branch(scope, root, branch, job);
	}
	if (!branch)
		return root;
	dl_fail(scope, DL_USAGE, "'%s' builds the branch that it is configured for",
		dl_text_quote(&scope->arena, job->project));
	dl_fail_hint(scope, "leave out -b; or one of the job's inputs chooses the branch");
	return NULL;
}

/* ------------------------------------------------------------------ slots */

/* A Jenkinsfile in the commit says so offline. Without one, a job may still build it: that it is there and
 * not disabled is known, but not of a project with branches what file it looks for in them. */
int dl_jenkins_job_configured(struct dl_scope *scope, const struct dl_target *target, const char *sha)
{
	const struct dl_json *root, *buildable;
	struct dl_scope attempt;
	int answer = -1;

	(void)scope;
	dl_scope_open(&attempt, NULL);
	if (sha && target->repo &&
	    dl_repo_file(&attempt, target->repo, sha, "Jenkinsfile", DL_CAP_CONFIG, NULL)) {
		answer = 1;
	} else {
		dl_fail_take(&attempt, &attempt.arena);
		root = read_job(&attempt, target, "buildable");
		buildable = dl_json_get(root, "buildable");
		if (attempt.error.status == 404)
			answer = 0;
		else if (buildable)
			answer = dl_json_bool(buildable);
	}
	dl_scope_close(&attempt);
	return answer;
}

/* The jobs in NODE, which may be one itself. The depth is that of TREE. */
static int put_jobs(struct dl_scope *scope, const struct dl_target *target, const struct dl_json *node,
		    int depth, struct dl_sink *sink)
{
	const struct dl_json *list = dl_json_get(node, "jobs"), *job;
	const struct dl_workflow *workflow;
	int result = DL_MORE;

	if (!list || !depth) {
		workflow = dl_rest_record(scope, target, &get_job, node);
		return workflow ? dl_sink_put(sink, scope, &dl_record_workflow, workflow) : -1;
	}
	for (job = list->child; job && result == DL_MORE; job = job->next)
		result = put_jobs(scope, target, job, depth - 1, sink);
	return result;
}

int dl_jenkins_job_list(struct dl_scope *scope, const struct dl_target *target, struct dl_sink *sink)
{
	const struct dl_json *root = read_job(scope, target, TREE);

	return root ? put_jobs(scope, target, root, 3, sink) : -1;
}

/* "StringParameterDefinition" is a string. */
static const char *kind_of(struct dl_scope *scope, const char *type)
{
	static const char tail[] = "ParameterDefinition";
	char *kind;

	if (!dl_text_ends(type, tail) || !type[sizeof tail - 1])
		return type;
	kind = dl_arena_copy(&scope->arena, type, strlen(type) - strlen(tail));
	if (*kind >= 'A' && *kind <= 'Z')
		*kind = (char)(*kind + ('a' - 'A'));
	return kind;
}

/* The elements of LIST, separated by commas; NULL: there are none, or one has a comma in it. */
static const char *join_choices(struct dl_scope *scope, const struct dl_json *list)
{
	const struct dl_json *node;
	const char *choice;
	struct dl_buf out;

	dl_buf_init(&out, &scope->arena, DL_CAP_LINE);
	for (node = list ? list->child : NULL; node; node = node->next) {
		choice = dl_json_string(node);
		if (!choice || !*choice || strchr(choice, ','))
			return NULL;
		dl_buf_printf(&out, "%s%s", out.len ? "," : "", choice);
	}
	return out.len ? out.data : NULL;
}

/* Everything has a value when it is not given, a secret one also, which is not told. */
static int put_input(struct dl_scope *scope, const struct dl_json *node, struct dl_sink *sink)
{
	const struct dl_json *value = dl_json_get(node, "defaultParameterValue.value");
	struct dl_input_line *input = dl_schema_new(scope, &dl_record_input);

	if (dl_schema_map(scope, &dl_record_input, input_map, node, input) || !input->name)
		return scope->error.class == DL_OK ? 0 : -1;
	input->kind = kind_of(scope, dl_json_text(node, "type"));
	input->required = 0;
	input->value = value && value->type != DL_JSON_NULL ? value->text : NULL;
	input->choices = dl_text_same(input->kind, "boolean")
				 ? "true,false"
				 : join_choices(scope, dl_json_get(node, "choices"));
	return dl_sink_put(sink, scope, &dl_record_input, input);
}

int dl_jenkins_job_inputs(struct dl_scope *scope, const struct dl_target *target,
			  const struct dl_trigger *trigger, struct dl_sink *sink)
{
	const struct dl_json *root, *node;
	struct dl_target job;
	int result = DL_MORE;

	root = dl_jenkins_job_find(scope, target, trigger, &job);
	if (!root)
		return -1;
	node = dl_json_get(root, "property[].parameterDefinitions");
	for (node = node ? node->child : NULL; node && result == DL_MORE; node = node->next)
		result = put_input(scope, node, sink);
	return result;
}
