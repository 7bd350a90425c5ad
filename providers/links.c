/* The pages of the forges, as their servers spell them. A provider for CI has a row here when its servers
 * have the project's issues, too. */
#include "lib/git/links.h"

#include <stddef.h>

const struct dl_links_style dl_links_table[] = {
	{
		.name = "github",
		.aliases = (const char *const[]){"github-actions", NULL},
		.host = "github.com",
		.ssh_host = "ssh.github.com",
		.host_suffix = ".ghe.com",
		.host_env = (const char *const[]){"GITHUB_API_URL", NULL},
		.commit = "/commit/%s",
		.issue = "/issues/%s",
		.pr = "/pull/%s",
		.release = "/releases/tag/%s",
		.compare = "/compare/%s...%s",
	},
	{
		.name = "gitlab",
		.aliases = (const char *const[]){"gitlab-ci", NULL},
		.host = "gitlab.com",
		.ssh_host = "altssh.gitlab.com",
		.hosts = (const char *const[]){"salsa.debian.org", "gitlab.freedesktop.org",
					       "gitlab.gnome.org", NULL},
		.host_env = (const char *const[]){"CI_API_V4_URL", "GITLAB_HOST", NULL},
		.commit = "/-/commit/%s",
		.issue = "/-/issues/%s",
		.pr = "/-/merge_requests/%s",
		.release = "/-/releases/%s",
		.compare = "/-/compare/%s...%s",
	},
	{
		.name = "gitea",
		.aliases = (const char *const[]){"forgejo", NULL},
		.hosts = (const char *const[]){"codeberg.org", "gitea.com", "code.forgejo.org", NULL},
		.host_env = (const char *const[]){"GITEA_URL", "FORGEJO_URL", NULL},
		.commit = "/commit/%s",
		.issue = "/issues/%s",
		.pr = "/pulls/%s",
		.release = "/releases/tag/%s",
		.compare = "/compare/%s...%s",
	},
	{.name = NULL},
};
