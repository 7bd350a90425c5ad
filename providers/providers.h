/* providers: the built-in providers, for providers/table.c. Each stands in the file of its name. */
#ifndef DL_PROVIDERS_H
#define DL_PROVIDERS_H

#include "lib/provider/provider.h"

extern const struct dl_provider dl_exec;    /* providers/exec.c: what plugins are made from */
extern const struct dl_provider dl_github;  /* providers/ci/github.c */
extern const struct dl_provider dl_gitlab;  /* providers/ci/gitlab.c */
extern const struct dl_provider dl_gitea;   /* providers/ci/gitea.c */
extern const struct dl_provider dl_jenkins; /* providers/ci/jenkins.c */
extern const struct dl_provider dl_circleci; /* providers/ci/circleci.c */
extern const struct dl_provider dl_artifactory; /* providers/registry/artifactory.c */
extern const struct dl_provider dl_oci;     /* providers/registry/oci.c */
extern const struct dl_provider dl_npm;     /* providers/registry/npm.c */
extern const struct dl_provider dl_pypi;    /* providers/registry/pypi.c */
extern const struct dl_provider dl_local;   /* providers/ci/local.c */

/* The side of one that is a package registry, too. */
extern const struct dl_registry dl_gitlab_registry; /* providers/registry/gitlab.c */

/* The sides of those that are git forges, too. */
extern const struct dl_forge dl_github_forge; /* providers/forge/github.c */
extern const struct dl_forge dl_gitlab_forge; /* providers/forge/gitlab.c */
extern const struct dl_forge dl_gitea_forge;  /* providers/forge/gitea.c */
extern const struct dl_forge dl_local_forge;  /* providers/forge/local.c */

#endif
