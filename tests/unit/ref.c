#include "lib/data/ref.h"

#include "lib/base/scope.h"
#include "tests/unit/check.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* Every row is parsed, compared, and written back. */
static void test_round_trip(void)
{
	static const struct {
		const char *text, *provider, *host, *project, *kind, *id;
	} rows[] = {
		{"github:owner/repo/run/123", "github", NULL, "owner/repo", "run", "123"},
		{"gitlab@git.example.com:group/sub/project/run/17", "gitlab", "git.example.com",
		 "group/sub/project", "run", "17"},
		{"local:/run/4", "local", NULL, "", "run", "4"},
		{"github:owner/repo/repo", "github", NULL, "owner/repo", "repo", NULL},
		{"github:run/job/repo", "github", NULL, "run/job", "repo", NULL},
		{"github@127.0.0.1:8080:o/r/job/1", "github", "127.0.0.1:8080", "o/r", "job", "1"},
		{"jenkins@ci.example.com/jenkins:a/job/run/7", "jenkins", "ci.example.com/jenkins", "a/job",
		 "run", "7"},
		{"jenkins@h:a/feature%252Fx/run/7", "jenkins", "h", "a/feature%2Fx", "run", "7"},
		{"github:o/r/release/pkg%401%2Fx", "github", NULL, "o/r", "release", "pkg@1/x"},
		{"github:o/r/workflow/%72epo", "github", NULL, "o/r", "workflow", "repo"},
		{"github:o/r/workflow/run", "github", NULL, "o/r", "workflow", "run"},
		{"github:o/a%3Ab%40c/run/1", "github", NULL, "o/a:b@c", "run", "1"},
		{"github:o/%C3%A9t%C3%A9%20x/branch/f%2Fx", "github", NULL, "o/\xC3\xA9t\xC3\xA9 x", "branch",
		 "f/x"},
		{"github:o/r/branch/%2E%2E%2Fx", "github", NULL, "o/r", "branch", "../x"},
	};
	struct dl_scope scope;
	struct dl_ref ref;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		dl_scope_open(&scope, NULL);
		check_int("parse", rows[i].text, dl_ref_parse(&scope, rows[i].text, &ref), 0);
		check_text("provider", rows[i].text, ref.provider, rows[i].provider);
		check_text("host", rows[i].text, ref.host, rows[i].host);
		check_text("project", rows[i].text, ref.project, rows[i].project);
		check_text("kind", rows[i].text, ref.kind, rows[i].kind);
		check_text("id", rows[i].text, ref.id, rows[i].id);
		if (!strstr(rows[i].text, "%2E"))
			check_text("format", rows[i].text, dl_ref_format(&scope.arena, &ref), rows[i].text);
		dl_scope_close(&scope);
	}
}

static void test_malformed(void)
{
	static const char *const rows[] = {
		"",
		":",
		"github",
		"github:",
		"github:o/r",
		"github:o/r/nothing/1",
		"github:o/r/run/",
		"github:o/r/run",
		":o/r/run/1",
		"-x:o/r/run/1",
		"git hub:o/r/run/1",
		"github:o/r/run/1\n",
		"github:o/../r/run/1",
		"github:./r/run/1",
		"github:o//r/run/1",
		"github:o/%2E%2E/run/1",
		"github:o/a%2Fb/run/1",
		"github:o/r/run/%zz",
		"github:o/r/run/%00",
		"github:o/%/run/1",
		"github@:o/r/run/1",
		"github:/o/r/run/1",
		"../x:o/r/run/1",
	};
	struct dl_scope scope;
	struct dl_ref ref;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		dl_scope_open(&scope, NULL);
		check_int("malformed", rows[i], dl_ref_parse(&scope, rows[i], &ref), -1);
		check_int("class", rows[i], scope.error.class, DL_USAGE);
		dl_scope_close(&scope);
	}
}

int main(void)
{
	test_round_trip();
	test_malformed();
	return check_end("ref");
}
