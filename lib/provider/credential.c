#include "lib/provider/credential.h"

#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/proc.h"
#include "lib/base/scope.h"
#include "lib/base/text.h"
#include "lib/base/url.h"
#include "lib/provider/host.h"
#include "lib/provider/provider.h"

enum { ASK_TIMEOUT_MS = 5000 };

bool dl_credential_fits(const char *token)
{
	while ((unsigned char)*token > ' ' && (unsigned char)*token < 0x7f)
		token++;
	return !*token;
}

static int check_token(struct dl_scope *scope, const char *token, const char *from)
{
	return dl_credential_fits(token) ? 0
					 : dl_fail(scope, DL_CONFIG,
						   "%s: the token has a space or a control character", from);
}

static const char *line_value(struct dl_arena *arena, const char *text, const char *key)
{
	const char *line, *end;
	size_t len = strlen(key);

	for (line = text; *line; line = *end ? end + 1 : end) {
		end = strchrnul(line, '\n');
		if (strncmp(line, key, len) == 0 && line[len] == '=' && end > line + len + 1)
			return dl_arena_copy(arena, line + len + 1, (size_t)(end - line) - len - 1);
	}
	return NULL;
}

bool dl_credential_fill(struct dl_scope *scope, const char *scheme, const char *host, const char *dir,
			struct dl_login *login)
{
	static const char *const argv[] = {"git", "-c", "credential.interactive=false",
					   "-c", "safe.bareRepository=explicit",
					   "credential", "fill", NULL};
	static const char *const environment[] = {"GIT_TERMINAL_PROMPT=0", "GIT_ASKPASS=true", "SSH_ASKPASS",
						  "GCM_INTERACTIVE=never", NULL};
	struct dl_arena *arena = &scope->arena;
	const char *path = strchrnul(host, '/');
	const char *input = dl_arena_format(arena, "protocol=%s\nhost=%.*s\n%s%s%s\n", scheme,
					    (int)(path - host), host, *path ? "path=" : "",
					    *path ? path + 1 : "", *path ? "\n" : "");
	struct dl_proc proc = {.argv = argv,
			       .env = environment,
			       .dir = dir,
			       .input = input,
			       .input_len = strlen(input),
			       .timeout_ms = ASK_TIMEOUT_MS,
			       .quiet = true};
	struct dl_proc_result result;
	struct dl_scope attempt;

	*login = (struct dl_login){NULL, NULL};
	dl_scope_open(&attempt, NULL);
	if (!strpbrk(host, "\r\n") && dl_proc_run(&attempt, &proc, &result) == 0 && result.status == 0) {
		login->user = line_value(arena, result.output, "username");
		login->password = line_value(arena, result.output, "password");
		if (login->password && check_token(&attempt, login->password, "git credential"))
			login->password = NULL;
	}
	dl_scope_close(&attempt);
	return login->password != NULL;
}

/* The same as the header that PROVIDER wants. */
static const char *ask_git(struct dl_scope *scope, const struct dl_provider *provider,
			   const struct dl_url *base, const char *host, const char *dir)
{
	struct dl_login login;

	return dl_credential_fill(scope, base->scheme, host, dir, &login)
		       ? provider->authorize(&scope->arena, login.user, login.password)
		       : NULL;
}

/* What the provider's own command prints for the host. For one that is not BOUND that must be what the user
 * has stored. */
static const char *ask_command(struct dl_scope *scope, const struct dl_provider *provider, const char *host,
			       bool bound)
{
	const char *argv[8] = {0}, *header = NULL, *token;
	struct dl_proc proc = {.argv = argv,
			       .env = bound ? NULL : provider->token_command_env,
			       .timeout_ms = ASK_TIMEOUT_MS,
			       .quiet = true};
	struct dl_proc_result result;
	struct dl_scope attempt;
	size_t count;

	if (!provider->token_command || host[0] == '-')
		return NULL;
	for (count = 0; provider->token_command[count]; count++)
		argv[count] = provider->token_command[count];
	argv[count] = host;
	dl_scope_open(&attempt, NULL);
	if (dl_proc_run(&attempt, &proc, &result) == 0 && result.status == 0 && result.len) {
		token = dl_arena_copy(&attempt.arena, result.output, strcspn(result.output, "\r\n"));
		if (*token && check_token(&attempt, token, argv[0]) == 0)
			header = provider->authorize(&scope->arena, NULL, token);
	}
	dl_scope_close(&attempt);
	return header;
}

static int take_variable(struct dl_scope *scope, const struct dl_provider *provider,
			 struct dl_variable token, struct dl_credential *credential)
{
	if (check_token(scope, token.value, token.name))
		return -1;
	credential->auth.header = provider->authorize(
		&scope->arena, dl_host_env(provider->user_env).value, token.value);
	credential->from = credential->auth.header ? token.name : NULL;
	return 0;
}

int dl_credential_env(struct dl_scope *scope, const struct dl_provider *provider,
		      struct dl_credential *credential)
{
	struct dl_variable token = dl_host_env(provider->token_env);

	memset(credential, 0, sizeof *credential);
	return token.name ? take_variable(scope, provider, token, credential) : 0;
}

const char *dl_credential_basic(struct dl_arena *arena, const char *user, const char *password)
{
	struct dl_buf pair, line;

	dl_buf_init(&pair, arena, DL_CAP_HEAD);
	dl_buf_init(&line, arena, DL_CAP_HEAD);
	dl_buf_printf(&pair, "%s:%s", user, password);
	dl_buf_puts(&line, "Authorization: Basic ");
	dl_text_base64(&line, pair.data, pair.len);
	return line.overflow || pair.overflow ? NULL : line.data;
}

const char *dl_credential_header(struct dl_arena *arena, const char *user, const char *token)
{
	return user ? dl_credential_basic(arena, user, token)
		    : dl_arena_format(arena, "Authorization: Bearer %s", token);
}

bool dl_credential_at_hand(const struct dl_provider *provider)
{
	return dl_host_env(provider->token_env).name != NULL;
}

int dl_credential_find(struct dl_scope *scope, const struct dl_provider *provider, const char *base,
		       const char *host, bool bound, const char *dir, struct dl_credential *credential)
{
	struct dl_variable token = bound ? dl_host_token(scope, provider, host)
					 : (struct dl_variable){NULL, NULL};
	struct dl_stored stored = {NULL, NULL};
	struct dl_url url;

	memset(credential, 0, sizeof *credential);
	if (dl_url_parse(scope, base, &url)) {
		scope->error.class = DL_CONFIG;
		return -1;
	}
	if (!dl_text_starts(url.scheme, "http"))
		return dl_fail(scope, DL_CONFIG, "%s is not reached by http",
			       dl_text_quote(&scope->arena, host));
	if (url.user)
		return dl_fail(scope, DL_CONFIG, "the URL of %s has a user in it, which would show in traces",
			       host);
	credential->auth.origin = dl_url_origin(&scope->arena, &url);
	if (token.name)
		return take_variable(scope, provider, token, credential);
	if (provider->user_header)
		stored = provider->user_header(scope, base);
	if (!stored.header && scope->error.class == DL_OK && provider->project_header)
		stored = provider->project_header(scope, dir, base);
	credential->auth.header = stored.header;
	credential->from = stored.from;
	if (stored.header || scope->error.class != DL_OK)
		return scope->error.class == DL_OK ? 0 : -1;
	credential->auth.header = ask_git(scope, provider, &url, host, dir);
	credential->from = credential->auth.header ? "git credential fill" : NULL;
	if (!credential->auth.header) {
		credential->auth.header = ask_command(scope, provider, host, bound);
		credential->from = credential->auth.header ? provider->token_command[0] : NULL;
	}
	return 0;
}
