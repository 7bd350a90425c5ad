/* dl-push-watch: looks after a push that git is making: dl-gate starts it, and nobody waits for it. */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/scope.h"
#include "lib/base/time.h"
#include "lib/data/agents.h"
#include "lib/data/event.h"
#include "lib/data/push.h"
#include "lib/data/record.h"
#include "lib/git/git.h"
#include "lib/program/program.h"
#include "lib/push/aftermath.h"
#include "lib/push/ancestor.h"
#include "lib/push/arm.h"
#include "lib/push/arrival.h"

enum { CAP_S = 2 * 60 * 60 };

struct options {
	long pid, started, fd;
	int64_t waited_s;
	bool check;
};

static const struct dl_opt options[] = {
	{0, "pid", DL_OPT_COUNT, offsetof(struct options, pid), "PID",
	 "the process of git push; 0: it cannot be waited for"},
	{0, "started", DL_OPT_COUNT, offsetof(struct options, started), "TICKS",
	 "when that started, as the system counts"},
	{0, "fd", DL_OPT_COUNT, offsetof(struct options, fd), "FD", "a descriptor that tells of its end"},
	{0, "waited", DL_OPT_DURATION, offsetof(struct options, waited_s), "TIME",
	 "how long the push was held up before"},
	{0, "check", DL_OPT_FLAG, offsetof(struct options, check), NULL,
	 "watch nothing; exit with 1 where the repository switches ci-monitor off"},
	{.name = NULL},
};

static const struct dl_program program = {
	.name = "dl-push-watch",
	.summary = "look after a push in the background: what dl-gate starts",
	.operands = "[RECORD]",
	.options = options,
	.takes = DL_TAKES_NOTHING,
	.example = "dl-push-watch .git/devloop/push/RECORD",
	.text = true,
	.common = "directory,timeout",
};

/* Whether the repository in DIR (NULL: here) forbids it. A file that cannot be read forbids nothing. */
static bool is_forbidden(struct dl_scope *scope, const char *dir)
{
	const char *root = dir ? dl_arena_format(&scope->arena, "%s/", dir) : "";
	int enabled = dl_agents_enabled(scope, root, "ci-monitor");

	dl_fail_take(scope, &scope->arena);
	return enabled == 0;
}

static int look_after(struct dl_scope *scope, const struct options *given, struct dl_aftermath *aftermath,
		      int64_t since, int64_t timeout_s)
{
	const struct dl_ancestor git = {
		.pid = (pid_t)given->pid, .started = given->started, .end = (int)given->fd};
	struct dl_arrival arrival = {
		.pushes = aftermath->pushes, .count = aftermath->count, .since = since,
		.waited_s = given->waited_s, .dir = dl_aftermath_place(scope, aftermath),
	};
	struct dl_git_config config;
	struct dl_ask_whom whom;

	if (!arrival.dir)
		return dl_fail(scope, DL_CONFIG, "no git repository here");
	if (dl_git_config(scope, arrival.dir, &config))
		return -1;
	dl_arrival_wait(scope, &arrival, &git, CAP_S * 1000);
	arrival.dir = dl_aftermath_place(scope, aftermath);
	if (!arrival.dir)
		return dl_fail(scope, DL_CONFIG, "the repository is gone");
	if (!dl_ask_whom(scope, &config, aftermath->pushes->remote, aftermath->pushes->url, &whom)) {
		whom.dir = arrival.dir;
		arrival.whom = &whom;
	}
	dl_arrival_find(scope, &arrival);
	aftermath->deadline_ms = dl_time_clock_ms() + (timeout_s ? timeout_s : CAP_S) * 1000;
	dl_aftermath_watch(scope, aftermath, &config);
	dl_aftermath_report(scope, aftermath);
	return 0;
}

static int watch(struct dl_scope *scope, const struct dl_common *common, const struct options *given,
		 const char *record)
{
	const char *slash = strrchr(record, '/');
	struct dl_aftermath aftermath = {
		.program = program.name, .dir = common->dir, .claim = slash ? slash + 1 : record};
	struct dl_push_list list;
	struct stat st;
	int held, result = 0;

	aftermath.common_dir = dl_arm_common_dir(scope, record);
	if (!aftermath.common_dir || dl_arm_read(scope, record, &list))
		return -1;
	held = dl_arm_hold(record);
	dl_arm_sweep(scope, aftermath.common_dir, (int64_t)2 * CAP_S);
	aftermath.pushes = list.items;
	aftermath.count = list.count;
	if (stat(record, &st) == 0 && list.count)
		result = look_after(scope, given, &aftermath, st.st_mtime, common->timeout_s);
	unlink(record);
	if (held >= 0)
		close(held);
	return result;
}

/* Nobody reads what it prints. */
static void write_failure(struct dl_scope *scope)
{
	struct dl_event *event = dl_event_new(scope, program.name, "push", scope->error.class);

	event->detail = scope->error.message;
	dl_event_write(event);
}

int main(int argc, char **argv)
{
	struct options given = {0};
	struct dl_opt_list operands;
	struct dl_common common;
	struct dl_scope scope;
	bool forbidden = false;

	if (dl_program_begin(&scope, &program, argc, argv, &common, &given, &operands) == 0) {
		if (given.check)
			forbidden = is_forbidden(&scope, common.dir);
		else if (operands.count != 1)
			dl_fail(&scope, DL_USAGE, "the record of one push is due");
		else if (watch(&scope, &common, &given, operands.items[0]))
			write_failure(&scope);
	}
	return dl_program_end(&scope, &program, forbidden ? DL_NO : DL_OK);
}
