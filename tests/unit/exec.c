/* A plugin as a registry and as a forge, which publishes into a folder; and the replies of a CI plugin, each
 * a file that it prints. */
#include "providers/exec.h"

#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/base/writer.h"
#include "lib/data/record.h"
#include "lib/data/sink.h"
#include "lib/git/repo.h"
#include "lib/provider/query.h"
#include "tests/unit/scratch.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define HASH "4355a46b19d348dc2f57c046f8ef63d4538ebb936000f3c9ee954a27460dd865" /* of "1\n" */

enum { MANY = 50000, FLAT_KB = 8 << 10 };

/* A folder of files, each published under its name by steps that can be taken again and again. */
static const char store[] =
	"#!/bin/sh\n"
	"IFS= read -r request\n"
	"text() { printf '%s\\n' \"$request\" | sed -n \"s/.*\\\"$1\\\":\\\"\\([^\\\"]*\\)\\\".*/\\1/p\"; }\n"
	"cd \"${0%/*}\"; file=$(text file) type=package\n"
	"case $1 in release*) type=asset ;; esac\n"
	"show() {\n"
	"	[ -e \"$2/$file\" ] || return 0\n"
	"	set -- \"$1\" $(sha256sum <\"$2/$file\") $(wc -c <\"$2/$file\")\n"
	"	case $type in\n"
	"	package) echo "
	"'{\"type\":\"package\",\"name\":\"p\",\"version\":\"1\",\"action\":'$1',\"file\":\"'$file"
	"'\",\"sha256\":\"'$2'\",\"size_bytes\":'$4'}' ;;\n"
	"	asset) echo '{\"type\":\"asset\",\"id\":\"7\",\"action\":'$1',\"name\":\"'$file"
	"'\",\"digest\":\"sha256:'$2'\",\"size_bytes\":'$4'}' ;;\n"
	"	esac\n"
	"}\n"
	"case $1 in\n"
	"caps) echo "
	"'{\"v\":1,\"kinds\":\"registry,forge\",\"ops\":\"versions,latest,url,check,begin,stat,put,"
	"finish,abort,verify,repo,repos,file,tree,releases,release,release-begin,release-stat,release-put,"
	"release-finish,release-abort,release-remove\",\"title\":\"A folder\",\"doc\":\"the manual\"}' ;;\n"
	"versions) echo '{\"type\":\"package\",\"name\":\"'$(text package)'\",\"version\":\"2\"}'\n"
	"	echo '{\"type\":\"package\",\"name\":\"'$(text "
	"package)'\",\"version\":\"1\",\"yanked\":true}' ;;\n"
	"latest) echo '{\"type\":\"package\",\"name\":\"'$(text package)'\",\"version\":\"2\"}' ;;\n"
	"url) echo '{\"url\":\"https://example.com/'$(text package)/$(text version)'\"}' ;;\n"
	"check) echo '{\"type\":\"check\",\"name\":\"token\",\"status\":\"skip\"}' ;;\n"
	"begin | release-begin) mkdir -p draft && echo '{\"id\":\"draft\"}' ;;\n"
	"stat) show null \"$(text id)\" ;;\n"
	"release-stat) for file in $(ls \"$(text id)\"); do show null \"$(text id)\"; done ;;\n"
	"release-remove) [ \"$(text asset)\" = 7 ] && rm public/a ;;\n"
	"put | release-put) [ ! -e full ] || exit 8\n"
	"	cp \"$(text path)\" \"$(text id)/$file\" && show '\"uploaded\"' \"$(text id)\" ;;\n"
	"finish) mv draft public ;;\n"
	"release-finish) mv draft public && echo '{\"type\":\"release\",\"tag\":\"'$(text "
	"tag)'\",\"draft\":false,"
	"\"assets\":[{\"id\":\"7\",\"name\":\"a\"}]}' ;;\n"
	"verify) show null public ;;\n"
	"abort | release-abort) rm -rf draft ;;\n"
	"repo) echo '{\"type\":\"repo\",\"name\":\"r\",\"owner\":\"o\"}' ;;\n"
	"repos) echo '{\"type\":\"repo\",\"name\":\"one\",\"owner\":\"'$(text owner)'\"}'\n"
	"	echo '{\"type\":\"repo\",\"project\":\"group/sub/two\"}' ;;\n"
	"file) printf 'a\\0b' ;;\n"
	"tree) echo '{\"type\":\"entry\",\"path\":\"'$(text "
	"path)'/x\",\"kind\":\"file\",\"mode\":\"100644\"}' ;;\n"
	"releases) echo '{\"type\":\"release\",\"tag\":\"v2\",\"draft\":true}'\n"
	"	echo '{\"type\":\"release\",\"tag\":\"pkg@1/x\"}' ;;\n"
	"release) tag=$(text tag); echo '{\"type\":\"release\",\"tag\":\"'${tag:-v1}'\"}' ;;\n"
	"esac\n";

/* Prints the file "reply" beside it, for every operation. */
static const char player[] =
	"#!/bin/sh\n"
	"case $1 in\n"
	"caps) echo "
	"'{\"v\":1,\"kinds\":\"ci\",\"ops\":\"runs,run,jobs,job,logs,checks,configured,tip,workflows,"
	"inputs,expected,trigger,rerun,cancel,artifacts,artifact,download\"}' ;;\n"
	"*) cat >\"${0%/*}/request\"; cat \"${0%/*}/reply\"; exit $(cat \"${0%/*}/code\") ;;\n"
	"esac\n";

static const char *read_file(const char *name)
{
	const char *text = dl_file_read(&scope, at(name), 1 << 20, NULL);

	return text ? text : "";
}

/* What the plugin NAME is asked about. */
static struct dl_target target_of(const char *name)
{
	const struct dl_provider *provider = dl_plugin_find(&scope, name);
	const char *message;

	if (!provider) {
		failure(&message);
		printf("no plugin %s: %s\n", name, message);
		abort();
	}
	return (struct dl_target){.provider = provider, .project = "o/r", .own_host = true};
}

/* Registries and forges */

static const struct dl_upload upload = {
	.name = "a", .path = folder, .size_bytes = 2, .sha256 = HASH, .content_type = "text/plain"};

static struct dl_upload file_to_put(void)
{
	struct dl_upload file = upload;

	put_file("ours", "1\n", 0600);
	file.path = at("ours");
	return file;
}

static void test_registry_questions(void)
{
	struct dl_target target = target_of("store");
	const struct dl_registry *registry = target.provider->registry;
	const struct dl_package *package;
	struct dl_sink_list list;

	check_text("registry", "title", target.provider->title, "A folder");
	check_true("registry", "it is no CI system", !target.provider->ci && target.provider->forge);
	dl_sink_list(&list, &scope, 0);
	check_int("registry", "versions", registry->versions(&scope, &target, "p", &list.sink), 0);
	check_int("registry", "versions", (int64_t)list.count, 2);
	package = dl_sink_item(&list, 1);
	check_text("registry", "ref", package->ref, "store:o/r/package/p%401");
	check_int("registry", "yanked", package->yanked, 1);
	dl_sink_list(&list, &scope, 0);
	check_int("registry", "latest", registry->latest(&scope, &target, "p", &list.sink), 0);
	package = dl_sink_item(&list, 0);
	check_text("registry", "latest", package->version, "2");
	check_text("registry", "url", registry->url(&scope, &target, "p", "1"), "https://example.com/p/1");
	dl_sink_list(&list, &scope, 0);
	check_int("registry", "check", registry->check(&scope, &target, "p", &list.sink), 0);
	check_int("registry", "check", ((const struct dl_check *)dl_sink_item(&list, 0))->status,
		  DL_CHECK_SKIP);
}

/* The steps, one of which fails the first time: taken again they end as if it had not. */
static void test_registry_steps(void)
{
	struct dl_edition edition = {.package = "p", .version = "1"};
	struct dl_target target = target_of("store");
	const struct dl_registry *registry = target.provider->registry;
	struct dl_upload file = file_to_put();
	struct dl_sink_list list;

	dl_sink_list(&list, &scope, 0);
	check_int("steps", "begin", registry->begin(&scope, &target, &edition), 0);
	check_text("steps", "begin", edition.id, "draft");
	check_int("steps", "absent", registry->stat(&scope, &target, &edition, &file), DL_PRESENCE_ABSENT);
	put_file("full", "", 0600);
	check_failure("failure", "put", registry->put(&scope, &target, &edition, &file, &list.sink),
		      DL_NETWORK, "store: 'put' ended with exit code 8");
	unlink(at("full"));
	check_int("steps", "begin again", registry->begin(&scope, &target, &edition), 0);
	check_int("steps", "put", registry->put(&scope, &target, &edition, &file, &list.sink), 0);
	check_int("steps", "put", ((const struct dl_package *)dl_sink_item(&list, 0))->action,
		  DL_ACTION_UPLOADED);
	check_int("steps", "same", registry->stat(&scope, &target, &edition, &file), DL_PRESENCE_SAME);
	file.size_bytes = 3;
	check_int("steps", "size", registry->stat(&scope, &target, &edition, &file), DL_PRESENCE_DIFFERENT);
	file.size_bytes = 2;
	file.sha256 = "00";
	check_int("steps", "hash", registry->stat(&scope, &target, &edition, &file), DL_PRESENCE_DIFFERENT);
	file.sha256 = HASH;
	check_int("steps", "unseen", registry->verify(&scope, &target, &edition, &file), DL_PRESENCE_ABSENT);
	check_int("steps", "finish", registry->finish(&scope, &target, &edition), 0);
	check_int("steps", "seen", registry->verify(&scope, &target, &edition, &file), DL_PRESENCE_SAME);
	check_int("steps", "abort", registry->abort(&scope, &target, &edition), 0);
}

static void test_dry_run(void)
{
	struct dl_edition edition = {.package = "p", .version = "1"};
	struct dl_target target = target_of("store");
	const struct dl_registry *registry = target.provider->registry;
	struct dl_upload file = file_to_put();
	struct dl_sink_list list;

	target.dry_run = true;
	dl_sink_list(&list, &scope, 0);
	check_int("dry run", "begin", registry->begin(&scope, &target, &edition), 1);
	check_int("dry run", "put", registry->put(&scope, &target, &edition, &file, &list.sink), 1);
	check_int("dry run", "finish", registry->finish(&scope, &target, &edition), 1);
	check_true("dry run", "nothing was made", access(at("draft"), F_OK) != 0);
	check_text("dry run", "questions are asked", registry->url(&scope, &target, "p", "1"),
		   "https://example.com/p/1");
}

struct kept {
	struct dl_writer writer;
	struct dl_buf bytes;
	int result;
};

static int keep_bytes(struct dl_writer *writer, struct dl_scope *of, const char *data, size_t len)
{
	struct kept *kept = (struct kept *)writer;

	(void)of;
	dl_buf_add(&kept->bytes, data, len);
	return kept->result;
}

static void test_forge_questions(void)
{
	struct dl_target target = target_of("store");
	const struct dl_forge *forge = target.provider->forge;
	struct kept kept = {.writer.write = keep_bytes};
	struct dl_sink_list list;

	dl_buf_init(&kept.bytes, &scope.arena, 1 << 20);
	check_int("forge", "file", forge->file(&scope, &target, NULL, "x", &kept.writer), 0);
	check_true("forge", "its bytes", kept.bytes.len == 3 && memcmp(kept.bytes.data, "a\0b", 3) == 0);
	dl_sink_list(&list, &scope, 0);
	check_int("forge", "repo", forge->repo(&scope, &target, &list.sink), 0);
	check_text("forge", "ref", ((const struct dl_repo_line *)dl_sink_item(&list, 0))->ref,
		   "store:o/r/repo");
	dl_sink_list(&list, &scope, 0);
	check_int("forge", "repos", forge->repos(&scope, &target, "ada", &list.sink), 0);
	check_text("forge", "by owner", ((const struct dl_repo_line *)dl_sink_item(&list, 0))->ref,
		   "store:ada/one/repo");
	check_text("forge", "by project", ((const struct dl_repo_line *)dl_sink_item(&list, 1))->ref,
		   "store:group/sub/two/repo");
	dl_sink_list(&list, &scope, 0);
	check_int("forge", "tree", forge->tree(&scope, &target, "main", "src", true, &list.sink), 0);
	check_text("forge", "path", ((const struct dl_entry *)dl_sink_item(&list, 0))->path, "src/x");
	check_text("forge", "no ref", ((const struct dl_entry *)dl_sink_item(&list, 0))->ref, NULL);
	dl_sink_list(&list, &scope, 0);
	check_int("forge", "releases", forge->releases(&scope, &target, &list.sink), 0);
	check_text("forge", "tag in ref", ((const struct dl_release *)dl_sink_item(&list, 1))->ref,
		   "store:o/r/release/pkg%401%2Fx");
	dl_sink_list(&list, &scope, 0);
	check_int("forge", "latest", forge->release(&scope, &target, NULL, &list.sink), 0);
	check_text("forge", "latest", ((const struct dl_release *)dl_sink_item(&list, 0))->tag, "v1");
	check_int("forge", "release", forge->release(&scope, &target, "v9", &list.sink), 0);
}

static void test_forge_steps(void)
{
	struct dl_edition edition = {.version = "v1", .body = "notes\n\"all\"", .latest = true};
	struct dl_target target = target_of("store");
	const struct dl_forge *forge = target.provider->forge;
	struct dl_upload file = file_to_put();
	const struct dl_release *release;
	const struct dl_asset *asset;
	struct dl_sink_list list;

	dl_sink_list(&list, &scope, 0);
	check_int("release", "begin", forge->begin(&scope, &target, &edition), 0);
	check_int("release", "stat", forge->stat(&scope, &target, &edition, &list.sink), 0);
	check_int("release", "absent", (int64_t)list.count, 0);
	check_int("release", "put", forge->put(&scope, &target, &edition, &file, &list.sink), 0);
	asset = dl_sink_item(&list, 0);
	check_text("release", "asset", asset->ref, "store:o/r/asset/7");
	check_text("release", "digest", asset->digest, "sha256:" HASH);
	dl_sink_list(&list, &scope, 0);
	check_int("release", "stat", forge->stat(&scope, &target, &edition, &list.sink), 0);
	check_int("release", "there", (int64_t)list.count, 1);
	asset = dl_sink_item(&list, 0);
	check_text("release", "the same", asset->digest, "sha256:" HASH);
	dl_sink_list(&list, &scope, 0);
	check_int("release", "finish", forge->finish(&scope, &target, &edition, &list.sink), 0);
	release = dl_sink_item(&list, 0);
	check_text("release", "tag", release->tag, "v1");
	check_int("release", "assets", (int64_t)release->assets.count, 1);
	asset = release->assets.items;
	check_text("release", "asset's ref", asset->ref, "store:o/r/asset/7");
	check_text("release", "asset's provider", asset->provider, "store");
	check_int("release", "remove", forge->remove(&scope, &target, &edition, asset), 0);
	check_int("release", "abort", forge->abort(&scope, &target, &edition), 0);
}

/* CI: what a reply may be */

static void set_reply(const char *text, const char *code)
{
	put_file("reply", text, 0600);
	put_file("code", code, 0600);
}

static int runs_of(const struct dl_target *target, struct dl_sink *sink)
{
	const struct dl_run_query all = {.since = DL_TIME_NONE};

	return target->provider->ci->runs(&scope, target, &all, sink);
}

#define RUN(members) "{\"type\":\"run\",\"id\":\"1\",\"status\":\"queued\"" members "}\n"
#define DONE(members) \
	"{\"type\":\"run\",\"id\":\"1\",\"status\":\"completed\",\"conclusion\":\"success\"" members "}\n"

static const struct hostile {
	const char *name, *reply, *part;
} hostile[] = {
	{"not JSON", "hello\n", "play: line 1: malformed JSON"},
	{"an array", "[]\n", "play: line 1: it is no JSON object"},
	{"two on a line", RUN("") "{} {}\n", "play: line 2: malformed JSON"},
	{"a control byte", "{\"type\":\"run\",\"id\":\"\x1b\"}\n", "malformed JSON"},
	{"cut short", "{\"type\":\"run\",\"id\":\"1\"", "malformed JSON"},
	{"no type", "{\"id\":\"1\"}\n", "play: line 1: its type is '(none)' and not 'run'"},
	{"another type", "{\"type\":\"job\",\"id\":\"1\"}\n", "its type is 'job' and not 'run'"},
	{"an unknown type", "{\"type\":\"\\u001b\",\"id\":\"1\"}\n", "its type is '\\x1b' and not 'run'"},
	{"no id", "{\"type\":\"run\",\"status\":\"queued\"}\n", "a run without an id"},
	{"an empty id", RUN(",\"x\":1") "{\"type\":\"run\",\"id\":\"\",\"status\":\"queued\"}\n",
	 "play: line 2: a run without an id"},
	{"no status", "{\"type\":\"run\",\"id\":\"1\"}\n", "a run without a status"},
	{"an unknown status", "{\"type\":\"run\",\"id\":\"1\",\"status\":\"done\"}\n",
	 "status: there is no word 'done'"},
	{"an unknown conclusion",
	 "{\"type\":\"run\",\"id\":\"1\",\"status\":\"completed\",\"conclusion\":\"great\"}\n",
	 "conclusion: there is no word 'great'"},
	{"an end without a conclusion", "{\"type\":\"run\",\"id\":\"1\",\"status\":\"completed\"}\n",
	 "status and conclusion do not go together"},
	{"a conclusion without an end", RUN(",\"conclusion\":\"success\""),
	 "status and conclusion do not go together"},
	{"a short hash", RUN(",\"sha\":\"abc123\""), "sha: 'abc123' is no full hash"},
	{"a wrong type of member", RUN(",\"branch\":{}"), "branch: expected a string"},
	{"a wrong time", RUN(",\"created_at\":\"yesterday\""), "created_at: expected a time"},
	{"a negative duration", DONE(",\"duration_s\":-1"), "duration_s: it is negative"},
	{"metadata that is no object", RUN(",\"metadata\":[1]"), "metadata: expected an object"},
	{"a member twice", RUN(",\"id\":\"2\""), "id: it is there twice"},
	{"another provider", RUN(",\"provider\":\"github\""), "provider: it is 'github' and not 'play'"},
	{"another host", RUN(",\"host\":\"evil.example\""), "host: it is 'evil.example' and not '(none)'"},
	{"a ref of another provider", RUN(",\"ref\":\"github:o/r/run/1\""),
	 "ref: it is 'github:o/r/run/1' and not 'play:o/r/run/1'"},
	{"a ref of another run", RUN(",\"ref\":\"play:o/r/run/2\""),
	 "ref: it is 'play:o/r/run/2' and not 'play:o/r/run/1'"},
	{"a project out of bounds", RUN(",\"project\":\"../x\""), "segment"},
	{"lines after an error", "{\"type\":\"error\",\"message\":\"m\"}\n" RUN(""),
	 "play: line 2: something comes after the error"},
	{"an error without a failure", "{\"type\":\"error\",\"message\":\"m\"}\n",
	 "play: 'runs' ended with exit code 0 and an error: m"},
};

static void test_hostile(void)
{
	struct dl_target target = target_of("play");
	struct dl_sink_list list;
	size_t i;

	dl_sink_list(&list, &scope, 0);
	for (i = 0; i < COUNT(hostile); i++) {
		set_reply(hostile[i].reply, "0");
		check_failure("failure", hostile[i].name, runs_of(&target, &list.sink), DL_DATA,
			      hostile[i].part);
	}
	set_reply("{\"type\":\"job\",\"id\":\"1\",\"status\":\"queued\",\"steps\":[{\"status\":\"done\"}]}\n",
		  "0");
	check_failure("failure", "a word in a list",
		      target.provider->ci->jobs(&scope, &target, "1", 0, &list.sink), DL_DATA,
		      "play: line 1: steps: status: there is no word 'done'");
	set_reply("{\"type\":\"job\",\"id\":\"1\",\"status\":\"queued\",\"steps\":[{},{}],\"steps\":[{}]}\n",
		  "0");
	check_failure("failure", "a list twice",
		      target.provider->ci->jobs(&scope, &target, "1", 0, &list.sink), DL_DATA,
		      "steps: it is there twice");
}

/* What a plugin need not say. */
static void test_completed(void)
{
	struct dl_target target = target_of("play");
	struct dl_sink_list list;
	const struct dl_run *run;

	target.host = "ci.example.com";
	target.own_host = false;
	dl_sink_list(&list, &scope, 0);
	set_reply("\n  \n" RUN(",\"unknown\":[1],\"needs_action\":null,\"number\":7") "\r\n"
		  DONE(",\"ref\":null,\"project\":\"other/one\",\"url\":null"), "0");
	check_int("completed", "runs", runs_of(&target, &list.sink), 0);
	check_int("completed", "count", (int64_t)list.count, 2);
	run = dl_sink_item(&list, 0);
	check_text("completed", "ref", run->ref, "play@ci.example.com:o/r/run/1");
	check_text("completed", "provider", run->provider, "play");
	check_text("completed", "host", run->host, "ci.example.com");
	check_text("completed", "project", run->project, "o/r");
	check_int("completed", "needs_action", run->needs_action, 0);
	check_int("completed", "number", run->number, 7);
	run = dl_sink_item(&list, 1);
	check_text("completed", "another project", run->ref, "play@ci.example.com:other/one/run/1");
}

static void test_one(void)
{
	struct dl_target target = target_of("play");
	const struct dl_ci *ci = target.provider->ci;
	struct dl_sink_list list;

	dl_sink_list(&list, &scope, 0);
	set_reply(RUN(""), "0");
	check_int("one", "run", ci->run(&scope, &target, "1", &list.sink), 0);
	check_failure("failure", "another one", ci->run(&scope, &target, "2", &list.sink), DL_DATA,
		      "play: line 1: run '2' was asked for, and not '1'");
	set_reply(RUN("") RUN(""), "0");
	check_failure("failure", "two", ci->run(&scope, &target, "1", &list.sink), DL_DATA,
		      "one run was asked for, and here is another");
	set_reply("", "0");
	check_failure("failure", "none", ci->run(&scope, &target, "1", &list.sink), DL_DATA,
		      "play: 'run' printed no run");
	check_failure("failure", "no tip", ci->tip(&scope, &target, "main") ? 0 : -1, DL_DATA,
		      "play: 'tip' printed no sha");
	set_reply("{\"sha\":\"abc\"}\n", "0");
	check_failure("failure", "a short tip", ci->tip(&scope, &target, "main") ? 0 : -1, DL_DATA,
		      "play: 'abc' is no full hash");
	set_reply("{\"sha\":\"1111111111111111111111111111111111111111\"}\n", "0");
	check_text("one", "tip", ci->tip(&scope, &target, "main"),
		   "1111111111111111111111111111111111111111");
}

/* The exit codes that are answers. */
static void test_answers(void)
{
	struct dl_target target = target_of("play");
	const struct dl_ci *ci = target.provider->ci;
	struct dl_trigger trigger = {.workflow = "build"};
	struct dl_sink_list list;
	struct dl_names names;

	dl_sink_list(&list, &scope, 0);
	set_reply("", "0");
	check_int("answers", "configured", ci->configured(&scope, &target, NULL), 1);
	set_reply("", "1");
	check_int("answers", "not configured", ci->configured(&scope, &target, NULL), 0);
	check_failure("failure", "no", runs_of(&target, &list.sink), DL_DATA,
		      "play: 'runs' ended with exit code 1, which is no answer to it");
	set_reply("", "3");
	check_int("answers", "configured, perhaps", ci->configured(&scope, &target, NULL), -1);
	set_reply("", "5");
	check_int("answers", "unknown", ci->configured(&scope, &target, NULL), -1);
	check_int("answers", "no definition", ci->inputs(&scope, &target, &trigger, &list.sink), -1);
	check_int("answers", "is no failure", scope.error.class, DL_OK);
	check_int("answers", "nothing expected", ci->expected(&scope, &target, "s", NULL, &names), -1);
	set_reply("{\"type\":\"workflow\",\"id\":\"build\"}\n", "3");
	check_int("answers", "expected, and more", ci->expected(&scope, &target, "s", NULL, &names), 0);
	set_reply("{\"type\":\"workflow\",\"id\":\"build\"}\n{\"type\":\"workflow\",\"id\":\"test\"}\n", "0");
	check_int("answers", "expected", ci->expected(&scope, &target, "s", NULL, &names), 1);
	check_int("answers", "workflows", (int64_t)names.count, 2);
	check_text("answers", "workflow", names.items[1], "test");
	set_reply("{\"type\":\"input\",\"name\":\"version\",\"required\":true}\n", "0");
	check_int("answers", "inputs", ci->inputs(&scope, &target, &trigger, &list.sink), 0);
}

static void test_bytes(void)
{
	struct dl_target target = target_of("play");
	const struct dl_ci *ci = target.provider->ci;
	struct kept kept = {.writer.write = keep_bytes};
	struct dl_artifact artifact = {.id = "7"};
	struct dl_log_cursor cursor = {.offset = 4};
	int64_t offset = 2;

	dl_buf_init(&kept.bytes, &scope.arena, 1 << 20);
	set_reply("not\x1b JSON", "3");
	check_int("bytes", "log", ci->log(&scope, &target, "1", &cursor, &kept.writer), 0);
	check_text("bytes", "as they come", kept.bytes.data, "not\x1b JSON");
	check_int("bytes", "offset", cursor.offset, 13);
	check_true("bytes", "there will be more", cursor.more);
	check_true("bytes", "asked from where it ended", strstr(read_file("request"), "\"offset\":4}"));
	set_reply("", "0");
	check_int("bytes", "the end", ci->log(&scope, &target, "1", &cursor, &kept.writer), 0);
	check_true("bytes", "there is no more", !cursor.more);
	set_reply("part", "5");
	check_failure("failure", "gone", ci->log(&scope, &target, "1", &cursor, &kept.writer), DL_MISSING,
		      "play: 'logs' ended with exit code 5");
	kept.result = DL_ENOUGH;
	check_int("bytes", "enough", ci->log(&scope, &target, "1", &cursor, &kept.writer), DL_ENOUGH);
	kept.result = 0;
	dl_buf_reset(&kept.bytes);
	set_reply("PK", "0");
	check_int("bytes", "download", ci->download(&scope, &target, &artifact, &offset, &kept.writer), 0);
	check_text("bytes", "download", kept.bytes.data, "PK");
	check_true("bytes", "from where it was", strstr(read_file("request"), "{\"id\":\"7\",\"offset\":2}"));
}

/* A request is one line of JSON, whatever is in it. */
static void test_request(void)
{
	const struct dl_input inputs[] = {{"a\"b", "x\ny"}, {"c", "\xff"}};
	struct dl_trigger trigger = {
		.workflow = "build", .branch = "a\\b", .inputs = inputs, .input_count = COUNT(inputs)};
	struct dl_run_query query = {.branch = "main", .states = "failure", .since = 0, .limit = 3};
	struct dl_target target = target_of("play");
	const struct dl_ci *ci = target.provider->ci;
	struct dl_sink_list list;

	dl_sink_list(&list, &scope, 0);
	set_reply(RUN(""), "0");
	target.auth.header = "s3cret";
	check_int("request", "trigger", ci->trigger(&scope, &target, &trigger, &list.sink), 0);
	check_text(
		"request", "trigger", read_file("request"),
		"{\"op\":\"trigger\",\"v\":1,\"target\":{\"provider\":\"play\",\"host\":null,"
		"\"project\":\"o/r\",\"dir\":null},\"query\":{\"workflow\":\"build\",\"branch\":\"a\\\\b\","
		"\"sha\":null,\"inputs\":{\"a\\\"b\":\"x\\ny\",\"c\":\"\xef\xbf\xbd\"}},"
		"\"token\":\"s3cret\"}\n");
	target.auth.header = NULL;
	check_int("request", "runs", ci->runs(&scope, &target, &query, &list.sink), 0);
	check_text(
		"request", "runs", read_file("request"),
		"{\"op\":\"runs\",\"v\":1,\"target\":{\"provider\":\"play\",\"host\":null,\"project\":\"o/"
		"r\","
		"\"dir\":null},\"query\":{\"branch\":\"main\",\"sha\":null,\"workflow\":null,\"event\":null,"
		"\"actor\":null,\"states\":\"failure\",\"since\":\"1970-01-01T00:00:00Z\",\"limit\":3},"
		"\"token\":null}\n");
}

/* The words of a failure: never with the token. */
static void test_errors(void)
{
	struct dl_target target = target_of("play");
	struct dl_sink_list list;

	dl_sink_list(&list, &scope, 0);
	target.auth.header = "s3cret";
	set_reply("{\"type\":\"error\",\"message\":\"s3cret\\u001b[0m is wrong\",\"hint\":\"not s3cret\","
		  "\"retry_after_s\":9,\"status\":429}", "7");
	check_int("errors", "limited", runs_of(&target, &list.sink), -1);
	check_int("errors", "class", scope.error.class, DL_LIMITED);
	check_text("errors", "message", scope.error.message, "play: ***\\x1b[0m is wrong");
	check_text("errors", "hint", scope.error.hint, "not ***");
	check_int("errors", "retry_after_s", scope.error.retry_after_s, 9);
	check_int("errors", "status", scope.error.status, 429);
	dl_fail_take(&scope, &scope.arena);
	set_reply("{\"type\":\"run\",\"id", "8");
	check_failure("failure", "cut short by a failure", runs_of(&target, &list.sink), DL_NETWORK,
		      "play: 'runs' ended with exit code 8");
	set_reply("", "42");
	check_failure("failure", "a code of no class", runs_of(&target, &list.sink), DL_DATA,
		      "play: 'runs' ended with exit code 42");
}

static int count_record(struct dl_sink *sink, struct dl_scope *of, const struct dl_schema *schema,
			const void *record)
{
	(void)sink;
	(void)of;
	(void)schema;
	(void)record;
	return DL_MORE;
}

static long max_rss_kb(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_maxrss;
}

/* However many records come, memory does not grow with them. */
static void test_flat(void)
{
	struct dl_target target = target_of("play");
	struct dl_sink sink = {.put = count_record};
	struct dl_buf text;
	long before;
	int i;

	dl_buf_init(&text, &scope.arena, 64 << 20);
	for (i = 0; i < MANY; i++)
		dl_buf_puts(&text, RUN(",\"name\":\"a name of some length for a run of a workflow\""));
	set_reply(text.data, "0");
	before = max_rss_kb();
	check_int("flat", "runs", runs_of(&target, &sink), 0);
#ifndef __SANITIZE_ADDRESS__
	check_true("flat", "memory", max_rss_kb() - before < FLAT_KB);
#else
	(void)before;
#endif
}

int main(void)
{
	static void (*const tests[])(void) = {
		test_registry_questions, test_registry_steps, test_dry_run,  test_forge_questions,
		test_forge_steps,	 test_hostile,	      test_completed, test_one,
		test_answers,		 test_bytes,	      test_request,   test_errors,
		test_flat,
	};
	const char *message;
	size_t i;

	if (!mkdtemp(folder) || setenv("DL_PROVIDER_PATH", folder, 1))
		abort();
	for (i = 0; i < COUNT(tests); i++) {
		dl_scope_open(&scope, NULL);
		put_file("dl-provider-store", store, 0700);
		put_file("dl-provider-play", player, 0700);
		tests[i]();
		check_int("main", "nothing else failed", failure(&message), DL_OK);
		if (dl_file_remove_tree(&scope, folder) || mkdir(folder, 0700))
			abort();
		dl_scope_close(&scope);
	}
	rmdir(folder);
	return check_end("exec");
}
