/* provider: what a provider is: facts for finding it, and small tables of functions. providers/table.c lists
 * them; the library knows none by name. */
#ifndef DL_PROVIDER_H
#define DL_PROVIDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "lib/base/digest.h"
#include "lib/base/fail.h"
#include "lib/data/ref.h"
#include "lib/data/scheme.h"
#include "lib/net/http.h"
#include "lib/provider/log.h"

struct dl_artifact;
struct dl_asset;
struct dl_body_meter;
struct dl_job;
struct dl_json;
struct dl_names;
struct dl_record_head;
struct dl_repo;
struct dl_run;
struct dl_scope;
struct dl_sink;
struct dl_target;

/* Which runs are wanted. What is NULL does not matter. */
struct dl_run_query {
	const char *branch;   /* or tag, its short name */
	const char *sha;      /* full */
	const char *workflow; /* its name, its file's name, or its id */
	const char *event;
	const char *actor;
	const char *states;   /* words of both vocabularies, separated by commas */
	int64_t since;        /* created then or later; DL_TIME_NONE: whenever */
	long limit;           /* at most so many; 0: all */
};

/* An input of a workflow to be started. */
struct dl_input {
	const char *name, *value;
};

struct dl_trigger {
	const char *workflow;
	const char *branch; /* or tag; NULL: the current one, or the project's default */
	const char *sha;    /* for providers that run a commit; NULL: the branch's */
	const struct dl_input *inputs;
	size_t input_count;
};

/* How far a log has been read. All zero is its beginning. */
struct dl_log_cursor {
	int64_t offset; /* where the next part begins, in the provider's counting */
	int status; /* in: of the job, seen just before (enum dl_status), so that nobody asks; 0: unknown */
	bool more;      /* out: the job may still write */
};

/* The slots of a CI system. NULL means that it has no such operation. Each is called with TARGET resolved and
 * returns 0 when it is done, -1 with SCOPE failed, 1 when a dry run or the sink stopped it. Records go to
 * SINK; nothing is printed. */
struct dl_ci {
	/* How its logs are written, and whether one can be read while its job goes on. */
	struct dl_log_format log_format;
	bool log_grows;

	/* Whether a run has a log of its own, with more in it than its jobs have; .log takes the run's id. */
	bool log_whole;

	/* Whether a page of .runs costs one request, however many runs are on it. */
	bool lists_at_once;

	/* Runs, newest first, that QUERY asks for, at most its limit, in the fewest requests. Finding none is
	 * success. A branch means runs of this project, not of a fork's branch of that name. */
	int (*runs)(struct dl_scope *scope, const struct dl_target *target, const struct dl_run_query *query,
		    struct dl_sink *sink);

	/* The one run ID, as it is now. DL_MISSING. */
	int (*run)(struct dl_scope *scope, const struct dl_target *target, const char *id,
		   struct dl_sink *sink);

	/* The jobs of run ID, of its attempt ATTEMPT (0: the newest), with their steps, in the provider's
	 * order. */
	int (*jobs)(struct dl_scope *scope, const struct dl_target *target, const char *id, int64_t attempt,
		    struct dl_sink *sink);

	/* The one job ID, as it is now. DL_MISSING. May be NULL where .jobs is. */
	int (*job)(struct dl_scope *scope, const struct dl_target *target, const char *id,
		   struct dl_sink *sink);

	/* The log of job ID (of run ID where .jobs is NULL) from CURSOR on, as far as there is one, byte for
	 * byte; moves CURSOR. A log that does not exist yet is empty with .more; one that is gone is
	 * DL_MISSING. */
	int (*log)(struct dl_scope *scope, const struct dl_target *target, const char *id,
		   struct dl_log_cursor *cursor, struct dl_writer *writer);

	/* Everything that counts for commit SHA, as dl_run records: its runs, and checks and statuses that
	 * others attached to it. NULL: its runs are all. A 404 for the commit itself is DL_MISSING. */
	int (*commit)(struct dl_scope *scope, const struct dl_target *target, const char *sha,
		      struct dl_sink *sink);

	/* Whether CI is configured for commit SHA (NULL: of the project): 1, 0, or -1 without a failure when
	 * that is unknown. */
	int (*configured)(struct dl_scope *scope, const struct dl_target *target, const char *sha);

	/* The full hash that BRANCH (NULL: the default one) stands at on the server; NULL: failed, DL_MISSING
	 * when there is none. */
	const char *(*tip)(struct dl_scope *scope, const struct dl_target *target, const char *branch);

	/* The workflows that the project defines. */
	int (*workflows)(struct dl_scope *scope, const struct dl_target *target, struct dl_sink *sink);

	/* The inputs of TRIGGER's workflow, by its definition at TRIGGER's commit or branch, as dl_input_line
	 * records. -1 without a failure when the definition cannot be read: the provider will judge them. */
	int (*inputs)(struct dl_scope *scope, const struct dl_target *target,
		      const struct dl_trigger *trigger, struct dl_sink *sink);

	/* The workflows (as dl_run.workflow) that a push of commit SHA to BRANCH (NULL: unknown) starts for
	 * certain, by the files of that very commit in the target's repository: into NAMES, in SCOPE. 1 when
	 * these are all; 0 when there may be more (a filter on paths, say); -1 without a failure when nothing
	 * can be said offline. */
	int (*expected)(struct dl_scope *scope, const struct dl_target *target, const char *sha,
			const char *branch, struct dl_names *names);

	/* Starts a workflow; the run it started goes to SINK, as soon as it is known. */
	int (*trigger)(struct dl_scope *scope, const struct dl_target *target,
		       const struct dl_trigger *trigger, struct dl_sink *sink);

	/* Runs ID again, all of it or only what failed; the run goes to SINK with its new attempt.
	 * DL_REFUSED. */
	int (*rerun)(struct dl_scope *scope, const struct dl_target *target, const char *id, bool failed,
		     struct dl_sink *sink);

	/* Asks run ID to stop, with FORCE without giving it a chance to clean up; the run goes to SINK.
	 * DL_REFUSED when it is over. */
	int (*cancel)(struct dl_scope *scope, const struct dl_target *target, const char *id, bool force,
		      struct dl_sink *sink);

	/* The artifacts that run ID has left, as dl_artifact records; of several of one name (attempts) only
	 * the newest. None is success. */
	int (*artifacts)(struct dl_scope *scope, const struct dl_target *target, const char *id,
			 struct dl_sink *sink);

	/* The one artifact ID. DL_MISSING. */
	int (*artifact)(struct dl_scope *scope, const struct dl_target *target, const char *id,
			struct dl_sink *sink);

	/* The bytes of ARTIFACT from *OFFSET on, to WRITER. A server that can only begin at the beginning
	 * sets *OFFSET to 0 before the first byte. DL_MISSING when it has expired. */
	int (*download)(struct dl_scope *scope, const struct dl_target *target,
			const struct dl_artifact *artifact, int64_t *offset, struct dl_writer *writer);
};

/* A version of a package that is being published, or a release of a project that is being made. */
struct dl_edition {
	const char *package; /* as the registry spells it; NULL of a release */
	const char *version; /* of a release its tag */
	const char *id;      /* of what .begin has found or made, in the server's counting; NULL: nothing. Of
				a release also before, when .releases has told it */
	const char *tag;     /* of a package: a name that leads to its newest version; NULL: nobody says */
	const char *dir;     /* the project around it tells how it is published; NULL: here */
	const char *server;  /* the URL of the registry that the package itself wants; NULL: it says none */
	struct dl_auth auth; /* that .begin was given for this edition alone; .header is NULL: the target's */

	/* Of a package: all files of it that are published now, by their names, when .begin is called. */
	const struct dl_upload *const *files;
	size_t file_count;

	/* Of a release. */
	const char *sha;     /* the commit that a new tag gets; NULL: the tag is there */
	const char *name;    /* for people */
	const char *body;    /* the notes, Markdown */
	bool prerelease;
	bool latest;         /* it becomes the latest one */
	bool draft;          /* it stays one */
	bool published;      /* all see it already */
	bool fresh;          /* set by .begin: it has just made it, and so it has no assets */
	bool lacking;        /* set by .begin: all see it, but not all that was put for it: .finish is due */
};

/* A file on its way. */
struct dl_upload {
	const char *name;         /* what it is called there */
	const char *path;         /* where it is here */
	int fd;                   /* of it, open for reading; its position does not matter */
	int64_t size_bytes;
	struct timespec modified; /* when somebody wrote to it last */
	const char *sha256;       /* of its bytes, hexadecimal */
	const char *digests[DL_DIGEST_NONE]; /* the same by other ways, those that .digests has */
	const void *detail;       /* what .inspect has read in it, for .put of the same provider; NULL */
	const char *content_type; /* NULL: unknown */
	const char *label;        /* for people; NULL */
	struct dl_body_meter *meter; /* is told of what is sent of it; NULL */
};

/* How a file there compares with ours. Decided by size and hash, never by the words of a refusal. */
enum dl_presence {
	DL_PRESENCE_UNKNOWN, /* there is one of that name, and its hash cannot be learned */
	DL_PRESENCE_ABSENT,
	DL_PRESENCE_SAME,
	DL_PRESENCE_DIFFERENT,
};

/* The slots of a package registry, under the same rules. Several threads call .stat, .put and .verify at the
 * same time. A package is published in steps that converge, so that the same steps taken again complete what
 * a failure has left: .begin; for each file .stat and, where it is absent, .put; .finish; for each file
 * .verify. What is there stays there: nothing is kept here. */
struct dl_registry {
	enum dl_scheme scheme;     /* how its versions are written, and compared */
	unsigned int digests; /* what it is told of a file besides its SHA-256: a bit, 1 << kind, for each */
	int width;                 /* files that may be put at the same time; 0: one */
	const char *const *files;  /* how names of files end that are published here; NULL: any may be */
	const char *const *tree;   /* what shows in a working tree that packages are made for it; NULL */
	bool tags;                 /* names (.tag of an edition) can lead to versions */

	/* The base URL of the server that has EDITION's package, where that is not TARGET's: what files of
	 * the user and of the project, and the package itself, say. It binds nothing. NULL (the slot, or the
	 * answer): it is TARGET's. A failure is SCOPE's. */
	const char *(*server)(struct dl_scope *scope, const struct dl_target *target,
			      const struct dl_edition *edition);

	/* What the files of the working tree at ROOT, which ends in '/', say of where its packages go: an
	 * object as the member "config" of .devloop/agents.json, and trusted no more than that. NULL (the
	 * slot, or the answer): nothing. A failure is SCOPE's. */
	const struct dl_json *(*tree_config)(struct dl_scope *scope, const char *root);

	/* Reads in UPLOAD, whose .fd, .size_bytes and digests are known, what it is: its .name there, if that
	 * is another one than here, and .detail; what of EDITION is still NULL it fills in. DL_DATA: it is
	 * damaged, or says of itself what cannot be; DL_USAGE: it is of another package or version than
	 * EDITION. NULL: files do not say what they are. No request is made. */
	int (*inspect)(struct dl_scope *scope, const struct dl_target *target, struct dl_upload *upload,
		       struct dl_edition *edition);

	/* The versions of PACKAGE, newest first by the registry's order of versions, as dl_package records
	 * without .file. DL_MISSING: there is no such package. */
	int (*versions)(struct dl_scope *scope, const struct dl_target *target, const char *package,
			struct dl_sink *sink);

	/* The one version of PACKAGE that is installed when none is named. DL_MISSING. NULL: the newest one
	 * that is neither a pre-release nor yanked. */
	int (*latest)(struct dl_scope *scope, const struct dl_target *target, const char *package,
		      struct dl_sink *sink);

	/* The page for people of VERSION (NULL: of all) of PACKAGE. NULL: failed. No request is made. */
	const char *(*url)(struct dl_scope *scope, const struct dl_target *target, const char *package,
			   const char *version);

	/* Whether PACKAGE could be published with the credential at hand, as dl_check records, without
	 * changing anything. What cannot be known is DL_CHECK_SKIP. */
	int (*check)(struct dl_scope *scope, const struct dl_target *target, const char *package,
		     struct dl_sink *sink);

	/* Finds or creates what files of EDITION are put into; sets its .id. NULL: nothing is to be done
	 * first. */
	int (*begin)(struct dl_scope *scope, const struct dl_target *target, struct dl_edition *edition);

	/* How UPLOAD compares with what EDITION has of that name: an enum dl_presence, or -1: failed. Asked
	 * right before .put, and after one that failed. */
	int (*stat)(struct dl_scope *scope, const struct dl_target *target, const struct dl_edition *edition,
		    const struct dl_upload *upload);

	/* Puts UPLOAD, which .stat has found absent, into EDITION. Where the server tells of it what is not
	 * known before, a dl_package record goes to SINK. DL_REFUSED: also when it is there by now. Any other
	 * failure may have left it there. */
	int (*put)(struct dl_scope *scope, const struct dl_target *target, const struct dl_edition *edition,
		   const struct dl_upload *upload, struct dl_sink *sink);

	/* Makes what was put visible to all. Called again after a failure that may pass, unless .verify finds
	 * that it is; and where an earlier run has put all files into what .begin has found, and .verify does
	 * not find them. NULL: it is already. */
	int (*finish)(struct dl_scope *scope, const struct dl_target *target,
		      const struct dl_edition *edition);

	/* Takes back what nobody has seen yet. NULL: nothing can be taken back. */
	int (*abort)(struct dl_scope *scope, const struct dl_target *target,
		     const struct dl_edition *edition);

	/* As .stat, but what those see who install the package: indexes lag behind. NULL: as .stat. */
	int (*verify)(struct dl_scope *scope, const struct dl_target *target,
		      const struct dl_edition *edition, const struct dl_upload *upload);
};

/* The slots of a git forge, under the same rules. */
struct dl_forge {
	/* The project itself, as a dl_repo_line record. DL_MISSING. */
	int (*repo)(struct dl_scope *scope, const struct dl_target *target, struct dl_sink *sink);

	/* The repositories of OWNER, a user or an organisation. DL_MISSING: there is no such owner. */
	int (*repos)(struct dl_scope *scope, const struct dl_target *target, const char *owner,
		     struct dl_sink *sink);

	/* The bytes of the file PATH at REVISION (NULL: the default branch), to WRITER. DL_MISSING. */
	int (*file)(struct dl_scope *scope, const struct dl_target *target, const char *revision,
		    const char *path, struct dl_writer *writer);

	/* What stands in the folder PATH ("": the top) at REVISION, with DEEP also below it, as dl_entry
	 * records sorted by path. DL_MISSING. */
	int (*tree)(struct dl_scope *scope, const struct dl_target *target, const char *revision,
		    const char *path, bool deep, struct dl_sink *sink);

	/* The releases, newest first, drafts where the credential may see them. The id of an asset's ref is
	 * TAG/NAME. */
	int (*releases)(struct dl_scope *scope, const struct dl_target *target, struct dl_sink *sink);

	/* The release of TAG; NULL: the latest one. DL_MISSING. */
	int (*release)(struct dl_scope *scope, const struct dl_target *target, const char *tag,
		       struct dl_sink *sink);

	/* The bytes of ASSET from *OFFSET on, to WRITER, as the slot of that name of struct dl_ci. */
	int (*download)(struct dl_scope *scope, const struct dl_target *target, const struct dl_asset *asset,
			int64_t *offset, struct dl_writer *writer);

	/* The full hash of the commit that REVISION, a branch, a tag or a commit, names there; "refs/tags/v1"
	 * is the tag and nothing else. NULL: failed, DL_MISSING when there is none. */
	const char *(*commit)(struct dl_scope *scope, const struct dl_target *target, const char *revision);

	/* A release is made in steps that converge, as a package is: .begin; the assets that .stat does not
	 * list are .put, several at once; .finish. Until then nobody sees it, where there are drafts. */
	bool drafts;     /* a release may wait unseen; without, .finish makes it out of what was put */
	bool has_latest; /* which one is the latest is told by who makes it */
	int width;       /* requests, and so assets, that may be sent at the same time; 0: one */
	int per_minute, per_hour; /* so many may be put; 0: any number */

	/* Where there are drafts and .releases: makes one, unless .id says that there is one, or a release.
	 * Without: finds the release of EDITION, or the draft, or makes that, where there are some. Sets .id,
	 * and .published when all see it already. */
	int (*begin)(struct dl_scope *scope, const struct dl_target *target, struct dl_edition *edition);

	/* The assets of EDITION, as dl_asset records; one whose .state is not "uploaded" has never come
	 * whole.
	 */
	int (*stat)(struct dl_scope *scope, const struct dl_target *target, const struct dl_edition *edition,
		    struct dl_sink *sink);

	/* Puts UPLOAD, of whose name there is none; the dl_asset record of it goes to SINK. DL_REFUSED: it is
	 * there by now. Any other failure may have left it there. */
	int (*put)(struct dl_scope *scope, const struct dl_target *target, const struct dl_edition *edition,
		   const struct dl_upload *upload, struct dl_sink *sink);

	/* Removes ASSET, which .stat has listed, from EDITION. NULL: nothing can be removed. */
	int (*remove)(struct dl_scope *scope, const struct dl_target *target,
		      const struct dl_edition *edition, const struct dl_asset *asset);

	/* Makes EDITION what its members say, and visible unless .draft; members that are NULL stay as they
	 * are. The dl_release record goes to SINK. */
	int (*finish)(struct dl_scope *scope, const struct dl_target *target,
		      const struct dl_edition *edition, struct dl_sink *sink);

	/* Takes back a draft. NULL: nothing can be taken back. */
	int (*abort)(struct dl_scope *scope, const struct dl_target *target,
		     const struct dl_edition *edition);
};

/* What a provider may be; a program speaks to one of these sides of it. */
enum dl_provider_kind { DL_PROVIDER_CI, DL_PROVIDER_REGISTRY, DL_PROVIDER_FORGE };

struct dl_res;

/* How a REST service is spoken to; see lib/provider/rest.h. */
struct dl_dialect {
	const char *const *headers; /* sent with every request */
	const char *message;        /* the path of the words in an answer that says no (lib/data/json.h) */

	/* The path of an array there that says more: of texts, or of objects with .message or with .resource,
	 * .field and .code, which are added to the words. NULL: there is none. */
	const char *reasons;

	/* Says more about RES, whose status is 400 or more, than the common table does: fails SCOPE and
	 * returns -1, or returns 0 and leaves it to the table. MESSAGE are the server's words, quoted, or
	 * NULL. */
	int (*explain)(struct dl_scope *scope, const struct dl_target *target, const struct dl_res *res,
		       const char *message);
};

/* What a server answers to `GET PATH` without a credential. */
struct dl_sign {
	const char *path;   /* from the root of the server; NULL ends the table */
	const char *header; /* it has this header; NULL: no matter */
	const char *text;   /* and these words are in its body or its headers, in any case; NULL: no matter */
};

/* What a kind of token looks like. */
struct dl_token_kind {
	const char *prefix; /* of the token, or of the header line that carries it; NULL ends the table */
	const char *name;   /* for people */
};

/* Which scopes operations need. */
struct dl_scope_need {
	const char *operations; /* words of dl_provider_ops, separated by commas; NULL ends the table */
	const char *scopes;     /* one of these is enough, separated by commas */
};

/* Where a server says who is asking and what it is itself: all that dl-doctor knows of a provider. Paths are
 * added to the target's base and asked by GET; those of JSON are as lib/data/json.h has them. What is NULL is
 * not told. */
struct dl_vitals {
	const char *self;           /* about the user whose credential it is; 401 for one that is not
				     * accepted; NULL: nothing tells what a credential is worth */
	const char *login;          /* in its JSON: the user's name */
	const char *token;          /* about the credential */
	const char *token_scopes;   /* in its JSON: an array */
	const char *token_expiry;   /* in its JSON: a date or time */
	const char *scopes_header;  /* of the answer of .self, with scopes separated by commas */
	const char *expiry_header;  /* the same, with the credential's end */
	const char *server;         /* about the server; without a credential it is asked, too; NULL: .base */
	const char *version;        /* in its JSON: the server's version */
	const char *version_header; /* of any answer, with the same */
	const struct dl_token_kind *kinds;
	const struct dl_scope_need *needs;
	const char *help;           /* the page where people make a token */
};

/* A credential that the user has stored. */
struct dl_stored {
	const char *header; /* the line that carries it; NULL: there is none */
	const char *from;   /* where it was found, for people */
};

struct dl_provider {
	const char *name;
	const char *title;
	const char *const *aliases;   /* other words for -p; NULL-terminated */

	/* Finding it. */
	const char *host;             /* its public host; NULL: it has none */
	const char *host_suffix;      /* hosts that end so are its own, too (".ghe.com"); NULL */
	const char *const *hosts;     /* well-known hosts of this kind that are others': no token of the
					 environment     is for them; NULL */
	const char *ssh_host;         /* another name of .host in ssh remotes; NULL */
	bool remote;                  /* its projects are the repositories that git remotes name */
	const char *const
		*tree; /* what shows it in a working tree; a final '/' means a folder that is not empty */
	const char *const *token_env; /* variables with a token for .host, the first set one counts */
	const char *job_token; /* the one of .token_env that a CI job has: only for the host that .url_env or
				  .host_env names; NULL */
	const char *const *user_env;  /* variables with the user's name that goes with it */
	const char *const *url_env;   /* variables with a base URL, which also bind the token to its host */
	const char *const *host_env;  /* variables with a host, or the URL of its root, to the same effect */
	const char *const *project_env; /* variables with the project */
	const char *const *token_command; /* a program that prints the user's token for the host added as its
					     last argument */
	const char *const *token_command_env; /* variables whose tokens it would print for any host: it sees
						 them for those that the user has named. NULL */
	const char *timeout_env;      /* a variable with the seconds a request may take; NULL */
	const char *run_env;          /* the variable that tells processes of its jobs the run's id; NULL */
	const char *run_project_env;  /* the one with that run's project; NULL: no other has the same ids */
	const char *program; /* of a plugin: the path of what is run; NULL: built-in */
	const char *doc;     /* where people read more about it; NULL */
	bool serverless; /* works in the repository, without host, project and credential; called without
			    other threads */

	/* The base URL of the API at HOST (its public host or another), without a final '/', and back from a
	 * base URL to the host that refs and records name. */
	const char *(*base)(struct dl_scope *scope, const char *host);
	const char *(*host_of)(struct dl_scope *scope, const char *base);

	/* The project that a web page of the provider is about: PATH of its URL at HOST, without slashes at
	 * its ends and ".git", which is what others have as their project. NULL: PATH is the project. */
	const char *(*project_of)(struct dl_scope *scope, const char *host, const char *path);

	/* The server that such a page is on, as .host_of names it, where that is more than HOST: the
	 * beginning of PATH is its own. NULL (the slot, or the answer): it is HOST. */
	const char *(*host_of_page)(struct dl_scope *scope, const char *host, const char *path);

	/* The project that builds the repository at PATH of the git server HOST, which is not this provider's
	 * own. NULL (the slot, or the answer): none is known. */
	const char *(*project_of_remote)(struct dl_scope *scope, const char *host, const char *path);

	/* How an unknown server shows that it is of this kind; NULL: not at all. */
	const struct dl_sign *signs;

	/* The base URL that the user's own files (~/.pypirc, ~/.npmrc) name, which binds to its host what
	 * they say of it. NULL (the slot, or the answer): none. A failure is SCOPE's. */
	const char *(*user_base)(struct dl_scope *scope);

	/* The credential that those files have for the server at BASE. The slot may be NULL. A failure is
	 * SCOPE's. */
	struct dl_stored (*user_header)(struct dl_scope *scope, const char *base);

	/* The host that NAME, of a package as a user may write it, begins with. NULL (the slot, or the
	 * answer): it has none. */
	const char *(*host_of_package)(struct dl_scope *scope, const char *name);

	/* The base URL that files of the project around DIR (NULL: here) name, which anybody may have
	 * written: it binds nothing. NULL (the slot, or the answer): none. A failure is SCOPE's. */
	const char *(*project_base)(struct dl_scope *scope, const char *dir);

	/* The credential that stands in the project's files themselves for the server at BASE; nothing of the
	 * environment is put into it. The slot may be NULL. A failure is SCOPE's. */
	struct dl_stored (*project_header)(struct dl_scope *scope, const char *dir, const char *base);

	/* The header line that carries a credential. USER may be NULL. */
	const char *(*authorize)(struct dl_arena *arena, const char *user, const char *token);

	/* The user's name that git needs beside TOKEN over http. NULL (the slot, or the answer): any will
	 * do. */
	const char *(*git_user)(const char *token);

	const struct dl_dialect *dialect;
	const struct dl_vitals *vitals; /* NULL: nothing is known */

	/* What it is: NULL where it is no such thing. */
	const struct dl_ci *ci;
	const struct dl_registry *registry;
	const struct dl_forge *forge;
};

/* providers/table.c: all built-in providers, in the order in which they are detected; ends with NULL. */
extern const struct dl_provider *const dl_provider_table[];

/* providers/registries.c: what providers are as registries. The programs that name it (see struct dl_program)
 * have those in the table above; the others are linked without them, and without the libraries for archives
 * and HTML that they need. */
extern const void *const dl_registries[];

/* providers/table.c: what every plugin (lib/provider/plugin.h) is made from: all operations, and no name. */
extern const struct dl_provider *const dl_provider_plugin;

/* Who is asked. Lives in the scope it was found in; nothing in it changes. */
struct dl_target {
	const struct dl_provider *provider;
	const char *host;     /* as records name it; NULL for a serverless provider */
	bool own_host;        /* it is the provider's public host: refs leave it out */
	const char *base;     /* of the API, without a final '/' */
	bool bound;           /* the user's word or the public host: a token in the environment is for it */
	const char *project;
	struct dl_auth auth;
	const char *auth_from; /* where the credential was found, for people; NULL: there is none */
	const char *why;       /* what decided for this provider, for people */
	bool asked;            /* the user named the provider: not a file of the repository, not its looks */
	const struct dl_json *config; /* what the committed configuration says to this provider; NULL */
	struct dl_http *http;
	struct dl_age *age; /* of the answers that came for this target; NULL: nobody wants to know */
	struct dl_repo
		*repo; /* the project's, where we stand in it; NULL: elsewhere, or nobody needed to look */
	bool dry_run;
};

/* dl_provider_find(name): the provider of that name or alias; NULL: none. */
const struct dl_provider *dl_provider_find(const char *name);

/* dl_provider_names(arena, kind): the names of all of that kind, separated by ", ". */
const char *dl_provider_names(struct dl_arena *arena, enum dl_provider_kind kind);

/* dl_provider_is(provider, kind): whether PROVIDER is of that kind. */
bool dl_provider_is(const struct dl_provider *provider, enum dl_provider_kind kind);

/* dl_provider_kinds(arena, provider): what it is, of ci, registry and forge, separated by commas. */
const char *dl_provider_kinds(struct dl_arena *arena, const struct dl_provider *provider);

/* dl_provider_ops(arena, provider): the operations that it has, words separated by commas. */
const char *dl_provider_ops(struct dl_arena *arena, const struct dl_provider *provider);

/* dl_provider_limit(arena, provider, kinds, ops): a copy of PROVIDER that is only what KINDS says and has
 * only the operations in OPS, words of the two above; others say nothing. */
struct dl_provider *dl_provider_limit(struct dl_arena *arena, const struct dl_provider *provider,
				      const char *kinds, const char *ops);

/* dl_provider_lacks(scope, target, operation): fails with DL_UNSUPPORTED, naming the providers that have
 * OPERATION (a word of dl_provider_ops). Returns -1. */
int dl_provider_lacks(struct dl_scope *scope, const struct dl_target *target, const char *operation);

/* dl_provider_ref(arena, target, kind, id): the ref of a thing of TARGET. */
const char *dl_provider_ref(struct dl_arena *arena, const struct dl_target *target, const char *kind,
			    const char *id);

/* dl_provider_head(arena, target, kind, id): what the record of such a thing of TARGET begins with; KIND
 * NULL: it has no ref (yet). */
struct dl_record_head dl_provider_head(struct dl_arena *arena, const struct dl_target *target,
				       const char *kind, const char *id);

/* dl_provider_own_run(target): the id of the run of TARGET's project that this process is a part of, by its
 * environment; borrowed. NULL: of none. */
const char *dl_provider_own_run(const struct dl_target *target);

/* dl_provider_check(scope, target, name, status, message, hint, sink): puts the check NAME of TARGET, with
 * STATUS, an enum dl_check_word, into SINK; HINT may be NULL. As dl_sink_put. */
DL_MUST_CHECK int dl_provider_check(struct dl_scope *scope, const struct dl_target *target, const char *name,
				    int status, const char *message, const char *hint,
				    struct dl_sink *sink);

/* dl_provider_run(scope, target, id), dl_provider_job(scope, target, id): the run or job ID as it is now, by
 * the slot of that name, which must be there. NULL: failed. */
const struct dl_run *dl_provider_run(struct dl_scope *scope, const struct dl_target *target, const char *id);
const struct dl_job *dl_provider_job(struct dl_scope *scope, const struct dl_target *target, const char *id);

#endif
