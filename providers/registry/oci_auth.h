/* oci_auth: speaking to a registry of OCI artifacts as somebody who may do something in a repository.
 *
 * One that takes passwords is sent the user's with every request.
 * One that takes tokens says whom they are got from (its realm), in exchange for the user's credential, or
 * for nothing; they are for one repository and a few minutes, so one that is refused is got anew.
 *
 * The realm is the registry's word, and may be another host: it is sent the credential that the user has for
 * this registry, as by docker and all others, but by https alone, or by http to this machine when the
 * registry is spoken to by http itself. What is asked for is never the registry's word: it is this
 * repository, and what is to be done in it.
 *
 * https://distribution.github.io/distribution/spec/auth/token/ */
#ifndef DL_OCI_AUTH_H
#define DL_OCI_AUTH_H

#include "lib/provider/provider.h"

struct dl_body;
struct dl_res;
struct dl_route;
struct dl_scope;
struct dl_var;

#define DL_OCI_PULL "pull"
#define DL_OCI_PUSH "pull,push"

struct dl_oci {
	const struct dl_target *target; /* the registry, with the user's credential */
	struct dl_target as;            /* the same with the one that counts in .repository */
	const char *repository;
	const char *actions;            /* DL_OCI_PULL or DL_OCI_PUSH */
};

struct dl_oci_ask {
	const struct dl_route *route;
	const char *at;             /* a URL that the registry has named; NULL: its own */
	const struct dl_var *vars;
	const char *text;           /* what is sent; NULL */
	const struct dl_body *body; /* the same; NULL */
};

/* dl_oci_auth_open(scope, target, repository, actions, oci): OCI may do ACTIONS in REPOSITORY of the registry
 * TARGET, as far as the registry says so beforehand. DL_AUTH: it does not; DL_DATA: it names no realm that
 * may be asked; else as dl_rest_send. */
DL_MUST_CHECK int dl_oci_auth_open(struct dl_scope *scope, const struct dl_target *target,
				   const char *repository, const char *actions, struct dl_oci *oci);

/* dl_oci_auth_send(scope, oci, ask, res): as dl_rest_send and dl_rest_upload, with a new token where the
 * registry refuses the one that OCI has. */
DL_MUST_CHECK int dl_oci_auth_send(struct dl_scope *scope, struct dl_oci *oci, const struct dl_oci_ask *ask,
				   struct dl_res *res);

#endif
